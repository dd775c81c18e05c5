"""A command that is told to stop ends at once, and leaves its files as they were."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.tools import environment

WAIT = 60


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_export_leaves_what_was_there(tmp_path: Path, how: signal.Signals, code: int) -> None:
    store, target = tmp_path / "lineage.db", tmp_path / "lineage.svg"
    with GraphTracker(store) as tracker, tracker.batch() as batch:
        for number in range(3000):  # which Graphviz draws for minutes
            batch.record(f"run-{number}", sources=[f"run-{number * number % 2999}", f"run-{number // 2}"])
    target.write_bytes(b"before")
    arguments = ["--store", str(store), "export", "--all", "--expand", "-o", str(target)]
    command = subprocess.Popen(
        [sys.executable, "-m", "graphtracker", *arguments], stderr=subprocess.DEVNULL, env=environment(tmp_path)
    )
    deadline = time.monotonic() + WAIT
    while not list(tmp_path.glob(".graphtracker-*")):
        assert command.poll() is None
        assert time.monotonic() < deadline
    command.send_signal(how)
    assert command.wait(WAIT) == code
    assert target.read_bytes() == b"before"
    assert list(tmp_path.glob(".graphtracker-*")) == []
