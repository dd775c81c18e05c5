"""Copying a store into another: every event with its stamp, any number of times, cut off or not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import given
from torchx.tracker.backend.fsspec import FsspecTracker

from graphtracker import GraphTracker, InvalidInput, StoreError
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.events import Event
from tests.support.hostile import HOSTILE
from tests.support.servers import driver, rows
from tests.support.stores import STORES
from tests.support.strategies import event_sets, examples
from tests.support.tools import environment, run

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
PAIRS = sorted({*permutations(STORES, 2), ("sqlite", "sqlite")})


@pytest.fixture(params=PAIRS, ids="-".join)
def kinds(request: pytest.FixtureRequest) -> tuple[str, str]:
    one, other = request.param
    return one, other


@pytest.fixture
def new_pair(kinds: tuple[str, str], tmp_path: Path) -> Callable[[], tuple[str, str]]:
    """Gives the URLs of two new, empty stores at each call."""
    one, other = kinds
    return lambda: (STORES[one](tmp_path), STORES[other](tmp_path))


@pytest.fixture
def pair(new_pair: Callable[[], tuple[str, str]]) -> Iterator[tuple[GraphTracker, GraphTracker]]:
    with GraphTracker(new_pair()[0]) as source, GraphTracker(new_pair()[1]) as target:
        yield source, target


def state(tracker: GraphTracker) -> tuple[str, list[str]]:
    return json.dumps(tracker.graph().to_dict()), tracker.run_ids()


def test_a_copy_is_byte_equal_and_copying_again_changes_nothing(
    kinds: tuple[str, str], new_pair: Callable[[], tuple[str, str]]
) -> None:
    """On Neo4j each direction of copying is in two pairs, so that it is tried with as many stores as elsewhere."""

    @examples("neo4j" if "neo4j" in kinds else "sqlite")
    @given(event_sets())
    def of(events: list[Event]) -> None:
        one, other = new_pair()
        with GraphTracker(one) as source, GraphTracker(other) as target:
            source._recorder.store.write(events)
            told: list[int] = []
            copied = target.copy_from(source, progress=told.append)
            assert state(target) == state(source)
            assert target.copy_from(source) == copied
            assert state(target) == state(source)

    of()


def test_a_copy_keeps_the_stamps(pair: tuple[GraphTracker, GraphTracker]) -> None:
    source, target = pair
    for day in (1, 3):
        source.record("a", metadata={"lr": day, f"day {day}": day}, at=EPOCH + timedelta(days=day))
        source.record("a", artifacts=[TrackerArtifact("m", f"/{day}", {"d": day})], at=EPOCH + timedelta(days=day))
    target.copy_from(source)
    target.record("a", metadata={"lr": 2}, artifacts=[TrackerArtifact("m", "/2", None)], at=EPOCH + timedelta(days=2))
    assert target.metadata("a") == {"day 1": 1, "day 3": 3, "lr": 3}
    assert target.artifacts("a") == {"m": TrackerArtifact("m", "/3", {"d": 3})}


def test_a_copy_overwrites_nothing_newer_and_keeps_what_was_there(pair: tuple[GraphTracker, GraphTracker]) -> None:
    source, target = pair
    source.record("a", metadata={"lr": "old", "seed": 1}, at=EPOCH)
    target.record("a", metadata={"lr": "new"}, sources=[TrackerSource("data", "rows")], at=EPOCH + timedelta(days=1))
    target.copy_from(source)
    assert target.metadata("a") == {"lr": "new", "seed": 1}
    assert target.consumers("data", "rows") == ["a"]
    assert target.run("a").created_at == EPOCH


def test_hostile_text_is_copied_as_it_is(pair: tuple[GraphTracker, GraphTracker]) -> None:
    source, target = pair
    with source.batch() as batch:
        for text in HOSTILE.values():
            batch.add_artifact(text, text, text, {text: text})
            batch.add_metadata(text, **{text: [text]})
            batch.add_source("consumer", text, text)
            batch.add_source("consumer", text)
    target.copy_from(source)
    assert state(target) == state(source)


def test_more_than_a_transaction_is_copied_and_told_of(pair: tuple[GraphTracker, GraphTracker]) -> None:
    source, target = pair
    with source.batch() as batch:
        for number in range(6000):
            batch.add_source(f"run-{number:05}", f"run-{number // 2:05}", "out")
    told: list[int] = []
    copied = target.copy_from(source, progress=told.append)
    assert state(target) == state(source)
    assert told == sorted(told)
    assert 0 < told[0] < copied


def test_a_store_that_is_not_there_is_not_copied(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "target.db") as target, pytest.raises(StoreError, match=r"none\.db"):
        target.copy_from(tmp_path / "none.db")
    assert not list(tmp_path.iterdir())


KILLED = """
import os, signal, sys
from graphtracker import GraphTracker

def stop(copied):
    os.kill(os.getpid(), signal.SIGKILL)

GraphTracker(sys.argv[2]).copy_from(sys.argv[1], progress=stop)
"""


@pytest.mark.parametrize("kind", STORES)
def test_a_copy_that_was_killed_half_way_is_finished_by_the_next(kind: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source.db", STORES[kind](tmp_path)
    with GraphTracker(source) as tracker, tracker.batch() as batch:
        for number in range(6000):
            batch.record(f"run-{number:05}", metadata={"n": number}, sources=[TrackerSource("data", "rows")])
    done = subprocess.run([sys.executable, "-c", KILLED, source, target], env=environment(tmp_path), check=False)
    assert done.returncode == -signal.SIGKILL
    with GraphTracker(target) as half:
        assert 0 < len(half.run_ids()) < 6000
    run(tmp_path, "graphtracker", "copy", source, target)
    with GraphTracker(source) as one, GraphTracker(target) as other:
        assert state(one) == state(other)


def test_the_command_copies_there_and_back(tmp_path: Path) -> None:
    run(tmp_path, "graphtracker", "demo")
    neo4j = STORES["neo4j"](tmp_path)
    there = run(tmp_path, "graphtracker", "copy", "graphtracker-demo.db", neo4j)
    back = run(tmp_path, "graphtracker", "--store", "back.db", "copy", neo4j)
    for done in (there, back):
        assert done.stdout == ""
        assert "events of" in done.stderr
    exports = [
        run(tmp_path, "graphtracker", "--store", store, "export", "--json").stdout
        for store in ("graphtracker-demo.db", neo4j, "back.db")
    ]
    assert len(set(exports)) == 1


@pytest.mark.parametrize("arguments", [["none.db", "target.db"], ["neo4j://127.0.0.1:1", "target.db"]])
def test_the_command_names_the_store_that_it_cannot_read(arguments: list[str], tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", "copy", *arguments, code=3)
    assert arguments[0] in done.stderr
    assert "--store" not in done.stderr, "which names the store to copy into"
    assert not (tmp_path / "target.db").exists()


def test_the_command_counts_in_plain_words(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "one.db") as tracker:
        tracker.add_metadata("run")
    done = run(tmp_path, "graphtracker", "copy", "one.db", "other.db")
    assert done.stderr == "graphtracker: other.db has the 1 event of one.db\n"


def test_others_properties_on_our_nodes_travel_along(tmp_path: Path) -> None:
    url = STORES["neo4j"](tmp_path)
    with GraphTracker(url) as source, GraphTracker(tmp_path / "copy.db") as target:
        source.add_metadata("a", lr=1)
        rows(driver("5"), "MATCH (r:Run {run_id: 'a'}) SET r.note = 'by hand', r.lr = 2")
        target.copy_from(source)
        found: Any = target.metadata("a")
    assert found == {"lr": 2, "note": "by hand"}


@pytest.mark.parametrize("kind", STORES)
def test_any_torchx_tracker_is_copied_and_again_changes_nothing(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    source = FsspecTracker(fsspec.filesystem("file"), str(folder))
    for number in range(3):
        source.add_metadata(f"run-{number}", number=number)
        source.add_artifact(f"run-{number}", "model", f"/{number}", {"loss": number})
        source.add_source(f"run-{number}", f"run-{number - 1}", "model")
    with GraphTracker(STORES[kind](tmp_path)) as target:
        told: list[int] = []
        copied = target.copy_from(source, progress=told.append)
        assert (copied, told) == (12, [12])
        before = state(target)
        assert target.copy_from(source) == copied
        assert state(target) == before
        assert target.metadata("run-2") == {"number": 2}
        assert {name for name in target.lineage("run-2").runs if "-" in name} == {"run--1", "run-0", "run-1", "run-2"}


@pytest.mark.parametrize("nothing", [7, b"store.db", object(), None], ids=["number", "bytes", "object", "None"])
def test_what_is_no_store_is_refused(nothing: Any, tmp_path: Path) -> None:
    with (
        GraphTracker(tmp_path / "target.db") as target,
        pytest.raises(InvalidInput, match=r"nothing can be copied from .*; give a store, a TorchX tracker or its"),
    ):
        target.copy_from(nothing)
    assert not list(tmp_path.iterdir())
