"""TorchX's own FsspecTracker comes in whole, by `copy_from` as by the name of its entry point."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import fsspec
import pytest
from torchx.tracker.api import TrackerSource
from torchx.tracker.backend.fsspec import FsspecTracker

from graphtracker import GraphTracker, InvalidInput, StoreError
from graphtracker.exchange import torchx
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
from graphtracker.model.events import Event, stamp_time
from graphtracker.torchx import TorchXTracker
from tests.support.hostile import HOSTILE, REFUSED
from tests.support.jobs import _job as _job  # a fixture
from tests.support.jobs import told

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

# TorchX names a folder after the id, which must be ASCII and short for that.
IDS = [text for text in HOSTILE.values() if text.isascii() and len(text) < 150]

# TorchX keeps the names of a source's artifacts as the lines of a file, without the space around them.
LINES = [text for text in HOSTILE.values() if [text] == text.strip().splitlines() and len(text.encode().split()) < 9]

VALUES: dict[str, object] = {
    "none": None,
    "truth": True,
    "zero": 0,
    "below zero": -7,
    "beyond 64 bits": 2**200,
    "float": 0.1,
    "negative zero": -0.0,
    "infinity": -math.inf,
    "no number": math.nan,
    "no text": "",
    "text": "a\0b\x1b[31m\n\u202e",
    "empty": [[], {}],
    "nested": {"optim": {"betas": [0.9, [0.99, {"eps": 1e-8}]]}, "$type": "int", "": None},
    "keys that JSON makes text": {2: "a", None: "b", True: "c"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an FsspecTracker."""
    made = tmp_path / "runs"
    made.mkdir()
    return made


@pytest.fixture
def source(folder: Path) -> FsspecTracker:
    return FsspecTracker(fsspec.filesystem("file"), str(folder))


@pytest.fixture
def target(tmp_path: Path) -> Iterator[GraphTracker]:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        yield tracker


@pytest.fixture
def config(tmp_path: Path, folder: Path) -> Path:
    """What the entry point of an FsspecTracker wants: the file of its configuration."""
    path = tmp_path / "a=b.conf"
    path.write_text(f"protocol=file\nroot_path={folder}\n", encoding="utf-8")
    return path


def state(tracker: GraphTracker) -> str:
    return json.dumps([tracker.graph().to_dict(), tracker.run_ids()])


def fill(source: FsspecTracker, runs: int = 3) -> None:
    """A chain of runs, each with an artifact that the next one takes."""
    for number in range(runs):
        source.add_metadata(f"run-{number}", number=number)
        source.add_artifact(f"run-{number}", "model", f"/models/{number}.pt", {"loss": 1 / (number + 1)})
        source.add_source(
            f"run-{number}", f"run-{number - 1}" if number else "s3://bucket/rows", "model" * bool(number)
        )


def assert_same(source: FsspecTracker, target: GraphTracker) -> None:
    """The target tells of every run what the source does."""
    assert {run.run_id for run in target.runs(limit=None) if not run.external} == set(source.run_ids())
    for run_id in source.run_ids():
        assert repr(sorted(target.metadata(run_id).items())) == repr(sorted(source.metadata(run_id).items()))
        logged = {name: (item.path, item.metadata or None) for name, item in source.artifacts(run_id).items()}
        assert {name: (item.path, item.metadata) for name, item in target.artifacts(run_id).items()} == logged
        named = {(item.source_run_id, item.artifact_name) for item in source.sources(run_id)}
        assert {(item.source_run_id, item.artifact_name) for item in target.sources(run_id)} == named


class WithPasswords:
    """A tracker that somebody gave passwords to remember."""

    def __init__(self) -> None:
        self.ids = ["s3://ada:one@host/rows", "s3://ada:two@host/rows"]

    def run_ids(self) -> list[str]:
        return self.ids

    def metadata(self, run_id: str) -> dict[str, object]:
        return {run_id.partition("@")[0].rpartition(":")[2]: run_id}

    def artifacts(self, run_id: str) -> dict[str, object]:
        return {}

    def sources(self, run_id: str) -> list[object]:
        return [TrackerSource(run_id, None)]


def test_a_password_in_an_id_is_asked_with_and_not_kept(target: GraphTracker) -> None:
    source = WithPasswords()
    target.copy_from(torchx.events(source, Report()))
    (run,) = target.runs()
    assert run.run_id == "s3://ada:***@host/rows"
    assert run.metadata == {"one": source.ids[0], "two": source.ids[1]}
    assert [item.source_run_id for item in target.sources(run.run_id)] == [run.run_id]


def test_all_of_it_comes_in(source: FsspecTracker, target: GraphTracker) -> None:
    fill(source)
    target.copy_from(source)
    assert_same(source, target)
    assert set(target.lineage("run-2").runs) == {"run-0", "run-1", "run-2", "s3://bucket/rows"}


def test_the_entry_point_reads_the_same(
    source: FsspecTracker, target: GraphTracker, config: Path, tmp_path: Path
) -> None:
    fill(source)
    target.copy_from(source)
    for name in ("fsspec", "torchx.tracker.backend.fsspec:create"):
        with GraphTracker(tmp_path / f"{name}.db") as other:
            report = Report()
            other.copy_from(events_of("torchx", f"{name}={config}", report))
            assert state(other) == state(target)
            assert report.sentence() == "read 3 runs, 3 artifacts and 3 sources"


@pytest.mark.parametrize("run_id", IDS)
def test_a_hostile_id_is_an_id(run_id: str, source: FsspecTracker, target: GraphTracker) -> None:
    source.add_metadata(run_id, lr=0.1)
    source.add_source("consumer", run_id)
    target.copy_from(source)
    assert_same(source, target)


def test_hostile_names_keys_paths_and_texts_are_data(source: FsspecTracker, target: GraphTracker) -> None:
    for text in HOSTILE.values():
        if text not in ("run_id", "self"):  # arguments of its own
            source.add_metadata("run", **{text: [text, {text: text}]})
        source.add_artifact("run", text, text, {text: text})
    for number, line in enumerate(LINES):
        source.add_source("run", f"source-{number}", line)
    target.copy_from(source)
    assert len(LINES) > 60
    assert_same(source, target)


def test_every_value_that_it_can_hold_is_the_same(source: FsspecTracker, target: GraphTracker) -> None:
    source.add_metadata("run", **VALUES)
    for key, value in VALUES.items():
        source.add_artifact("run", key, "/path", {key: value})
    target.copy_from(source)
    assert repr(sorted(target.metadata("run").items())) == repr(sorted(source.metadata("run").items()))
    for name, artifact in source.artifacts("run").items():
        assert repr(target.artifacts("run")[name].metadata) == repr(artifact.metadata)


def test_what_no_store_takes_is_counted_and_the_rest_comes_in(source: FsspecTracker, target: GraphTracker) -> None:
    for text in REFUSED.values():
        source.add_metadata("run", **{text: 1})
        source.add_artifact("run", text, "/path", {text: 1})
    source.add_artifact("run", "fine", "/path", {"text": "\ud800", "kept": 1, **dict.fromkeys(REFUSED.values(), 1)})
    report = Report()
    target.copy_from(torchx.events(source, report))
    assert (target.metadata("run"), list(target.artifacts("run"))) == ({}, ["fine"])
    assert target.artifacts("run")["fine"].metadata == {"kept": 1}
    refused = len(REFUSED)
    assert report.read == {"runs": 1, "artifacts": 1}
    assert report.unmapped == {
        "values of metadata that cannot be stored": 2 * refused + 1,
        "artifacts whose name or path cannot be stored": refused,
    }


# -- again, and beside what is there -----------------------------------------------------------------------------------


def test_again_it_changes_nothing_and_then_what_is_new_comes_in(source: FsspecTracker, target: GraphTracker) -> None:
    fill(source)
    copied = target.copy_from(source)
    before = state(target)
    assert target.copy_from(source) == copied
    assert state(target) == before
    source.add_metadata("new", lr=0.1)
    target.copy_from(source)
    assert_same(source, target)


def test_it_overwrites_nothing_that_is_newer(source: FsspecTracker, target: GraphTracker) -> None:
    fill(source)
    target.add_metadata("run-1", number="ours")
    target.add_artifact("run-1", "model", "/ours", {"ours": True})
    target.record("run-1", metadata={"old": 1}, at=EPOCH.replace(year=1971))
    source.add_metadata("run-1", old=2)
    target.copy_from(source)
    assert target.metadata("run-1") == {"number": "ours", "old": 1}
    assert (target.artifacts("run-1")["model"].path, target.artifacts("run-1")["model"].metadata) == (
        "/ours",
        {"ours": True},
    )


def test_cut_off_and_continued_it_is_the_same(source: FsspecTracker, target: GraphTracker) -> None:
    fill(source, runs=6)
    batches = list(torchx.events(source, Report()))

    def cut() -> Iterator[list[Event]]:
        yield from batches[:3]
        raise KeyboardInterrupt

    with GraphTracker(":memory:") as whole:
        whole.copy_from(source)
        for batch in batches[:3]:
            target.copy_from([batch])
        with pytest.raises(KeyboardInterrupt):
            target.copy_from(cut())
        assert state(target) != state(whole)
        target.copy_from(source)
        assert state(target) == state(whole)


def test_its_events_come_a_run_at_a_time_and_are_of_1970(source: FsspecTracker) -> None:
    fill(source)
    batches = list(torchx.events(source, Report()))
    assert sorted({event.run_id for event in batch}.pop() for batch in batches) == ["run-0", "run-1", "run-2"]
    assert {stamp_time(event.stamp) for batch in batches for event in batch} == {0}


# -- a tracker that cannot be read, or is none -------------------------------------------------------------------------


def test_a_broken_file_names_the_tracker_the_verb_and_the_run(
    source: FsspecTracker, target: GraphTracker, folder: Path
) -> None:
    fill(source, runs=1)
    (file,) = folder.glob("*/metadata/*")
    whole = file.read_text(encoding="utf-8")
    file.write_text("{", encoding="utf-8")
    said = (
        r"the tracker 'FsspecTracker' fails at metadata\(\) of run 'run-0': JSONDecodeError: '.*'; once that is mended"
    )
    with pytest.raises(StoreError, match=said):
        target.copy_from(source)
    file.write_text(whole, encoding="utf-8")
    target.copy_from(source)
    assert_same(source, target)


def test_a_folder_that_is_no_run_is_named_as_its_failure(
    source: FsspecTracker, target: GraphTracker, folder: Path
) -> None:
    (folder / "lost+found").mkdir()
    with pytest.raises(StoreError, match=r"the tracker 'FsspecTracker' fails at run_ids\(\): Error: "):
        target.copy_from(source)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nobody", r"no TorchX tracker is called 'nobody'; name an entry point \('fsspec', 'graphtracker'\)"),
        ("=x", "no TorchX tracker is called ''"),
        ("json:absent", "no TorchX tracker is called 'json:absent'"),
        ("math:pi", "no TorchX tracker is called 'math:pi'"),
        ("a\x1b[31m\ud800", r"no TorchX tracker is called 'a\\u001b\[31m\\ud800'"),
        ("fsspec", "'fsspec' makes no tracker: .*; it may want a configuration: ENTRYPOINT=CONFIG"),
        ("fsspec=/no/such/file", "'fsspec' makes no tracker: FileNotFoundError: .*/no/such/file'"),
        ("builtins:str=x", "'builtins:str' makes no tracker but 'str'; name what makes one"),
        ("graphtracker=mystery://host/db", "'graphtracker' makes no tracker: InvalidInput: .*mystery"),
    ],
)
def test_what_is_no_tracker_is_refused_by_name(name: str, said: str, target: GraphTracker) -> None:
    with pytest.raises(InvalidInput, match=said):
        target.copy_from(events_of("torchx", name, Report()))
    assert not target.exists()


# -- in a job, and of our own ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_job")
def test_a_job_may_copy_and_is_not_hurt_where_it_cannot(
    source: FsspecTracker, target: GraphTracker, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(source)
    with TorchXTracker(target.url) as own:
        assert own.copy_from(source) > 0
        assert_same(source, target)
        (folder / "no run").mkdir()
        assert own.copy_from(source) == 0
        assert own.copy_from(7) == 0  # what a job may do by mistake
    assert len(told(caplog)) == 2


def test_a_tracker_of_ours_is_copied_with_its_real_times(target: GraphTracker, tmp_path: Path) -> None:
    path, then = tmp_path / "other.db", datetime(2020, 1, 2, tzinfo=timezone.utc)
    with GraphTracker(path) as other:
        other.record("train", metadata={"lr": 0.1}, sources=["data"], at=then)
        report = Report()
        assert target.copy_from(events_of("torchx", f"graphtracker={path}", report)) == 4
        assert report.sentence() == "read 4 events"
        assert target.run("train").created_at == then
        assert state(target) == state(other)


def test_of_ours_there_must_be_a_store(target: GraphTracker, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no store at '.*none\.db' to copy from"):
        target.copy_from(events_of("torchx", f"graphtracker={tmp_path / 'none.db'}", Report()))


def test_a_store_that_is_copied_into_itself_is_as_it_was(target: GraphTracker) -> None:
    target.record("train", metadata={"lr": 0.1}, artifacts={"model": "/m"}, sources=["data"])
    before = state(target)
    target.copy_from(events_of("torchx", f"graphtracker={target.url}", Report()))
    target.copy_from(TorchXTracker(target.url))
    assert state(target) == before


def test_whole_copies_log_nothing(
    source: FsspecTracker, target: GraphTracker, caplog: pytest.LogCaptureFixture
) -> None:
    fill(source)
    with caplog.at_level(logging.WARNING):
        target.copy_from(source)
    assert told(caplog) == []
