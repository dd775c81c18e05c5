"""Fixtures and settings that every test shares."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from graphtracker import GraphTracker
from tests.support.chromium import page as page  # a fixture
from tests.support.stores import STORES
from tests.support.tools import dot_program as dot_program  # a fixture
from tests.support.tools import is_theirs

settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the stores, jobs, runs or wishes of whoever starts it, nor leaves anything in their data folder."""
    for name in filter(is_theirs, list(os.environ)):
        monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture(params=sorted(STORES))
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Gives the URL of a new, empty store at each call; the test runs once for each kind of store."""
    make = STORES[request.param]
    return lambda: make(tmp_path)


@pytest.fixture
def tracker(new_url: Callable[[], str]) -> Iterator[GraphTracker]:
    """A tracker on a new, empty store."""
    with GraphTracker(new_url()) as opened:
        yield opened
