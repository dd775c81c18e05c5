"""A command that is told to stop ends at once, says so, and leaves its files as they were."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup

from graphtracker import GraphTracker
from graphtracker.spool import sync
from tests.support.command import command, output
from tests.support.small_pipeline import LARGE
from tests.support.tools import environment

WAIT = 60
both = pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@both
def test_what_is_stopped_says_so_once(
    how: signal.Signals, code: int, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GraphTracker, "lineage", lambda *_, **__: signal.raise_signal(how))
    assert command("lineage", LARGE, "--store", store) == (code, "", "graphtracker: stopped\n")


@both
def test_what_is_stopped_while_its_words_are_read_says_so_too(
    how: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TyperGroup, "parse_args", lambda *_: signal.raise_signal(how))
    assert command("runs") == (code, "", "graphtracker: stopped\n")


@both
def test_what_may_be_repeated_says_that_it_does_the_rest_and_does(
    how: signal.Signals, code: int, chain: str, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, target = str(tmp_path / "events.ndjson"), str(tmp_path / "target.db")
    output("export", "-o", events, "--store", store)
    copy_from = GraphTracker.copy_from

    def copy_from_until_told(self: GraphTracker, source: Any, **_: object) -> int:
        return copy_from(self, source, progress=lambda done: signal.raise_signal(how))

    said = "graphtracker: stopped; the same command does the rest\n"
    for arguments in (["copy", chain, target], ["import", "openlineage", events, "--store", target]):
        with monkeypatch.context() as patched:
            patched.setattr(GraphTracker, "copy_from", copy_from_until_told)
            assert command(*arguments) == (code, "", said)
        assert command(*arguments).code == 0
    with GraphTracker(target) as tracker, GraphTracker(chain) as one, GraphTracker(store) as other:
        assert tracker.graph().runs.keys() == one.graph().runs.keys() | other.graph().runs.keys()
    monkeypatch.setattr(sync, "sync", lambda *_, **__: signal.raise_signal(how))
    assert command("sync") == (code, "", said)


@both
def test_a_stopped_export_leaves_what_was_there(tmp_path: Path, how: signal.Signals, code: int) -> None:
    store, target = tmp_path / "lineage.db", tmp_path / "lineage.svg"
    with GraphTracker(store) as tracker, tracker.batch() as batch:
        for number in range(3000):  # which Graphviz draws for minutes
            batch.record(f"run-{number}", sources=[f"run-{number * number % 2999}", f"run-{number // 2}"])
    target.write_bytes(b"before")
    arguments = ["--store", str(store), "export", "--all", "--expand", "-o", str(target)]
    exporting = subprocess.Popen(
        [sys.executable, "-m", "graphtracker", *arguments], stderr=subprocess.PIPE, text=True, env=environment(tmp_path)
    )
    deadline = time.monotonic() + WAIT
    while not list(tmp_path.glob(".graphtracker-*")):
        assert exporting.poll() is None
        assert time.monotonic() < deadline
    exporting.send_signal(how)
    assert exporting.communicate(timeout=WAIT)[1] == "graphtracker: stopped\n"
    assert exporting.returncode == code
    assert target.read_bytes() == b"before"
    assert list(tmp_path.glob(".graphtracker-*")) == []
