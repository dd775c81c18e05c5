"""The store of a tracker that was given none, and the line that is logged about a store at its first write."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graphtracker import (
    GraphTracker,
    StoreError,
)
from tests.support.sqlite_files import WRITES, content, refusal

# -- the store of a tracker that was given none ------------------------------------------------------------------------


def test_the_environment_names_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHTRACKER_URL", f"sqlite:///{tmp_path}/chosen.db?timeout=5")
    with GraphTracker() as tracker:
        tracker.add_metadata("run")
    assert set(content(tmp_path)) == {"chosen.db"}
    with GraphTracker(tmp_path / "other.db") as tracker:
        assert tracker.run_ids() == [], "a URL that was given goes before"


@pytest.mark.skipif(sys.platform != "linux", reason="XDG_DATA_HOME is Linux's")
@pytest.mark.parametrize("url", [None, ""])
def test_else_it_is_a_file_in_the_users_data_folder(
    url: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if url is not None:
        monkeypatch.setenv("GRAPHTRACKER_URL", url)
    monkeypatch.setenv("NEO4J_URI", "neo4j://h")
    with GraphTracker() as tracker:
        assert tracker.run_ids() == []
        assert content(tmp_path) == {}, "reading makes no folder"
        tracker.add_metadata("run")
    files = {name for name, data in content(tmp_path).items() if data is not None}
    assert files == {"data/graphtracker/graphtracker.db"}


def test_a_default_store_whose_folder_cannot_be_made_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    error = refusal(GraphTracker(), WRITES["record"])
    assert type(error) is StoreError
    assert str(tmp_path / "file") in str(error)
    assert "GRAPHTRACKER_URL" in str(error)


# -- the line about the store at the first write -----------------------------------------------------------------------


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, str]]]:
    """What graphtracker has logged, as (level, message)."""
    caplog.set_level(logging.DEBUG, "graphtracker")
    return lambda: [(record.levelname, record.getMessage()) for record in caplog.records]


def test_the_first_write_of_a_process_says_where_it_goes(
    lines: Callable[[], list[tuple[str, str]]], tmp_path: Path
) -> None:
    path = tmp_path / "lineage.db"
    with GraphTracker(path) as tracker, GraphTracker(path) as second:
        tracker.run_ids()
        assert lines() == []
        tracker.add_metadata("run")
        assert lines() == [("INFO", f"graphtracker records to {path}")]
        tracker.add_metadata("run")
        second.add_metadata("run")
        assert len(lines()) == 1, "once"
    with GraphTracker(tmp_path / "other.db") as other:
        other.add_metadata("run")
    assert len(lines()) == 2, "once for each store"


def test_a_job_that_was_given_no_store_is_warned(
    lines: Callable[[], list[tuple[str, str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHX_JOB_ID", "local_cwd://torchx/train-abc")
    with GraphTracker() as tracker:
        tracker.add_metadata("run")
        tracker.add_metadata("run")
        ((level, message),) = lines()
    assert level == "WARNING"
    for part in (tracker.url, socket.gethostname(), "where it stays", "GRAPHTRACKER_URL"):
        assert part in message


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_a_job_that_was_given_a_store_is_not(
    how: str, lines: Callable[[], list[tuple[str, str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "lineage.db")
    monkeypatch.setenv("TORCHX_JOB_ID", "local_cwd://torchx/train-abc")
    if how == "environment":
        monkeypatch.setenv("GRAPHTRACKER_URL", path)
    with GraphTracker(path if how == "argument" else None) as tracker:
        tracker.add_metadata("run")
    assert lines() == [("INFO", f"graphtracker records to {path}")]
