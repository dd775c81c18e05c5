"""Fixtures and settings that every test shares."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from graphtracker import GraphTracker
from graphtracker.model import events
from tests.support.chromium import page as page  # a fixture
from tests.support.engines import engine as engine  # a fixture
from tests.support.engines import needs_pygraphviz as needs_pygraphviz  # a fixture
from tests.support.engines import no_pygraphviz as no_pygraphviz  # a fixture
from tests.support.six_jobs import six_jobs as six_jobs  # a fixture
from tests.support.stores import STORES
from tests.support.tools import dot_program as dot_program  # a fixture
from tests.support.tools import is_theirs

settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "dev")


# The files that take longest, so that no worker begins one of them when the others are at their ends.
LONGEST = (
    "spool/test_spool_servers.py",
    "stores/neo4j/test_browser.py",
    "stores/neo4j/test_cypher.py",
    "stores/neo4j/test_faults.py",
    "stores/neo4j/test_cluster.py",
    "stores/test_lineage_oracle.py",
    "recording/test_recording.py",
    "benchmarks/test_benchmarks.py",
    "drawing/test_hostile_pictures.py",
    "recording/test_copy.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """Files are handed to the workers in the order below, not the one with the most tests first."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest come first, each with its tests as they stand in it."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the stores, jobs, runs or wishes of whoever starts it, nor leaves anything in their data folder."""
    for name in filter(is_theirs, list(os.environ)):
        monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("GRAPHTRACKER_CONTEXT", "off")  # of this process, which would tell its end to stores of tests


@pytest.fixture(autouse=True)
def _own_clock() -> Iterator[None]:
    """No test's clock is ahead because another one met a store that was."""
    yield
    events._writer.renew()


@pytest.fixture
def unmeasured() -> Iterator[None]:
    """No coverage: what measures it has locks of Python, which an interrupt, or a call inside a call, leaves held."""
    own, of_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    yield
    sys.settrace(own)
    threading.settrace(of_threads)


@pytest.fixture(params=sorted(STORES))
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of store; the test runs once for each."""
    return str(request.param)


@pytest.fixture
def new_url(kind: str, tmp_path: Path) -> Callable[[], str]:
    """Gives the URL of a new, empty store at each call; the test runs once for each kind of store."""
    return lambda: STORES[kind](tmp_path)


@pytest.fixture
def tracker(new_url: Callable[[], str]) -> Iterator[GraphTracker]:
    """A tracker on a new, empty store."""
    with GraphTracker(new_url()) as opened:
        yield opened
