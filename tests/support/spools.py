"""Spools and what stands in them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from graphtracker import GraphTracker, Lineage
from graphtracker.spool.folder import spools_in
from graphtracker.spool.reader import SpoolReader
from graphtracker.spool.spooled import Spooled
from graphtracker.spool.sync import Synced, sync
from tests.support.tools import environment


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl")) if folder.exists() else []


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def content(lineage: Lineage) -> list[Any]:
    """What a lineage holds, but for times, which two recordings do not share."""
    runs = [(run.run_id, run.external, repr(run.metadata)) for run in lineage.runs.values()]
    artifacts = [(*key, item.path, item.declared, repr(item.metadata)) for key, item in lineage.artifacts.items()]
    return [runs, artifacts, list(lineage.sources)]


def reader(path: Path) -> SpoolReader:
    """The spool at this path."""
    [found] = spools_in(str(path))
    assert isinstance(found, SpoolReader)
    return found


def synced(place: Path | None = None, **chosen: Any) -> list[Synced]:
    return list(sync(None if place is None else str(place), **chosen))


def leave(tracker: GraphTracker) -> None:
    """Ends the delivery without waiting for it: what could not be delivered stays in the spool."""
    store = tracker._recorder.store
    assert isinstance(store, Spooled)
    store.finish(0)


def left_behind(tmp_path: Path, folder: Path, calls: int = 3) -> Path:
    """The spool of a process that was killed."""
    program = (
        "import os, sys\nfrom graphtracker import GraphTracker\n"
        "tracker = GraphTracker(sys.argv[1], spool=sys.argv[2])\n"
        f"for number in range({calls}): tracker.add_metadata(f'run-{{number}}', number=number)\nos.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", program, "bolt://127.0.0.1:1", str(folder)]
    assert subprocess.run(command, env=environment(tmp_path)).returncode == -9
    return files(folder)[-1]


def recorded_for(path: Path, store: Path) -> Path:
    """The spool, as if it had been recorded for another store."""
    header, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(header.replace(b'"bolt://127.0.0.1:1/neo4j"', json.dumps(str(store)).encode()) + b"\n" + rest)
    return path
