"""Fixtures of these tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graphtracker import StoreUnavailable
from graphtracker.spool.spooled import Spooled
from graphtracker.stores.sqlite.store import SQLiteStore


@pytest.fixture(autouse=True)
def _own_temporary_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The folder that stands in for one that cannot be written to is this test's own."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))


@pytest.fixture(autouse=True)
def _own_files() -> Iterator[None]:
    """What is made belongs to this user alone, whoever runs the tests."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Makes the SQLite store fail as one that is away does, until it is told otherwise."""
    write = SQLiteStore.write

    def fail(self: SQLiteStore, events: Any, **how: Any) -> None:
        if self.url != ":memory:":
            raise StoreUnavailable("the store is away")
        write(self, events, **how)

    def set_away(gone: bool) -> None:
        monkeypatch.setattr(SQLiteStore, "write", fail if gone else write)

    set_away(True)
    return set_away


@pytest.fixture
def left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No delivery looks after the files that others left, as it otherwise may at any moment."""
    monkeypatch.setattr(Spooled, "_deliver_another", lambda self: False)
