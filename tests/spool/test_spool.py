"""A spool keeps what a job recorded until the store has it: on disk when a call returns, in the store exactly once."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from graphtracker import GraphTracker, IncompleteLineage, InvalidInput, Lineage, StoreError, StoreUnavailable
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.events import Event
from graphtracker.model.question import Question
from graphtracker.spool.delivery import Delivery
from graphtracker.spool.lines import Header, from_line, header_line, read_header, to_line
from graphtracker.spool.spooled import Spooled
from graphtracker.spool.sync import Synced, sync
from graphtracker.spool.unsynced import UnsyncedSnapshot
from graphtracker.stores.contract import Answered
from graphtracker.stores.snapshot import Snapshot
from graphtracker.stores.sqlite.store import SQLiteStore
from tests.support.hostile import HOSTILE
from tests.support.oracle import Fact, tell
from tests.support.strategies import STORE_PER_EXAMPLE, event_sets, histories
from tests.support.tools import environment, run


@pytest.fixture(autouse=True)
def _own_temporary_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The folder that stands in for one that cannot be written to is this test's own."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Makes the SQLite store fail as one that is away does, until it is told otherwise."""
    write = SQLiteStore.write

    def fail(self: SQLiteStore, events: Any) -> None:
        if self.url != ":memory:":
            raise StoreUnavailable("the store is away")
        write(self, events)

    def set_away(gone: bool) -> None:
        monkeypatch.setattr(SQLiteStore, "write", fail if gone else write)

    set_away(True)
    return set_away


@pytest.fixture
def left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No delivery looks after the files that others left, as it otherwise may at any moment."""
    monkeypatch.setattr(Spooled, "_deliver_another", lambda self: False)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl")) if folder.exists() else []


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def content(lineage: Lineage) -> list[Any]:
    """What a lineage holds, but for times, which two recordings do not share."""
    runs = [(run.run_id, run.external, repr(run.metadata)) for run in lineage.runs.values()]
    artifacts = [(*key, item.path, item.declared, repr(item.metadata)) for key, item in lineage.artifacts.items()]
    return [runs, artifacts, list(lineage.sources)]


def synced(place: Path | None = None, **chosen: Any) -> list[Synced]:
    return list(sync(None if place is None else str(place), **chosen))


def leave(tracker: GraphTracker) -> None:
    """Ends the delivery without waiting for it: what could not be delivered stays in the spool."""
    store = tracker._recorder.store
    assert isinstance(store, Spooled)
    store.finish(0)


# -- the file ----------------------------------------------------------------------------------------------------------


def test_a_call_is_a_line_on_the_disk_when_it_returns(tmp_path: Path, folder: Path, away: object) -> None:
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)
    assert files(folder) == []
    tracker.record(
        "train",
        metadata={"lr": 0.1},
        artifacts=[TrackerArtifact("model", "/m", {"size": 3})],
        sources=[TrackerSource("data", "rows"), TrackerSource("base", None)],
    )
    [path] = files(folder)
    header, call = lines(path)
    assert header["graphtracker.spool"] == 1
    assert header["store"] == str(tmp_path / "store.db")
    assert [{key: value for key, value in event.items() if key != "stamp"} for event in call] == [
        {"run": "train", "key": "lr", "value": 0.1},
        {"run": "train", "artifact": "model", "path": "/m", "metadata": {"size": 3}},
        {"run": "train", "source": "data", "artifact": "rows"},
        {"run": "train", "source": "base", "artifact": None},
    ]
    tracker.add_metadata("train")
    assert [set(event) for event in lines(path)[2]] == [{"run", "stamp"}]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@given(event_sets())
def test_a_line_is_read_back_as_its_events(events: list[Event]) -> None:
    line = to_line(events)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert repr(from_line(line)) == repr(events)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"x\n", b"{}\n", b"[1]\n", b'[{"run": "a"}]\n', b'[{"run": "a", "stamp": "00"}]\n', b"\xff\n", b"[" * 9999,
        b'[{"run": "", "stamp": "' + b"00" * 20 + b'"}]\n', b'[{"run": 1, "stamp": "' + b"00" * 20 + b'"}]\n',
        b'[{"run": "a", "key": "k", "value": {"$type": "x"}, "stamp": "' + b"00" * 20 + b'"}]\n',
    ],
)  # fmt: skip
def test_a_line_that_holds_no_events_is_refused(line: bytes) -> None:
    with pytest.raises(InvalidInput):
        from_line(line)


def test_a_header_is_as_long_whatever_was_lost() -> None:
    header = Header("neo4j://ada@host/neo4j", "host", 7, "2026-11-25T00:00:00+00:00")
    lost = replace(header, lost=10**9, reason="\x1b\"'é" * 500)
    assert len(header_line(header)) == len(header_line(lost))
    assert read_header(header_line(header)) == header
    assert read_header(header_line(lost)).lost == 10**9
    newer = json.dumps({"graphtracker.spool": 2}).encode()
    with pytest.raises(InvalidInput, match="newer graphtracker"):
        read_header(newer)


def test_a_password_is_never_in_a_spool(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", "hidden")
    for url in ("bolt://ada:secret@127.0.0.1:1/graph?connection_timeout=1", "neo4j"):
        monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
        with GraphTracker(url, spool=folder) as tracker:
            monkeypatch.setenv("GRAPHTRACKER_EXIT_TIMEOUT", "0")
            tracker.add_metadata("train")
    texts = [path.read_text() for path in files(folder)]
    assert len(texts) == 2
    assert not any("secret" in text or "hidden" in text for text in texts)
    assert {json.loads(text.splitlines()[0])["store"] for text in texts} == {
        "bolt://ada@127.0.0.1:1/graph",
        "bolt://127.0.0.1:1/neo4j",
    }


def test_hostile_text_goes_through(tmp_path: Path, folder: Path) -> None:
    with GraphTracker(tmp_path / "direct.db") as direct, GraphTracker(tmp_path / "store.db", spool=folder) as spooled:
        for tracker in (direct, spooled):
            for text in HOSTILE.values():
                tracker.add_source(text, text[::-1], text)
                tracker.add_artifact(text, text, text, {text: text})
    with GraphTracker(tmp_path / "direct.db") as direct, GraphTracker(tmp_path / "store.db") as spooled:
        assert content(direct.graph()) == content(spooled.graph())


# -- delivery ----------------------------------------------------------------------------------------------------------


def test_what_was_recorded_is_delivered_and_the_spool_is_gone(tmp_path: Path, folder: Path) -> None:
    with GraphTracker(tmp_path / "store.db", spool=folder) as tracker:
        for number in range(1000):
            tracker.add_source(f"run-{number}", "data", "rows")
        assert tracker.lineage("data").complete
        assert len(tracker.run_ids()) == 1000
    assert files(folder) == []
    with GraphTracker(tmp_path / "store.db") as tracker:
        assert len(tracker.run_ids()) == 1000


@STORE_PER_EXAMPLE
@given(histories)
def test_a_spooled_store_is_the_same_as_one_written_directly(tmp_path_factory: Any, calls: list[Fact]) -> None:
    folder = tmp_path_factory.mktemp("example")
    with GraphTracker(":memory:") as direct, GraphTracker(folder / "store.db", spool=folder / "spool") as spooled:
        tell(direct, calls)
        tell(spooled, calls)
        assert content(direct.graph()) == content(spooled.graph())


def test_a_store_that_is_away_is_tried_again_and_told_once(
    tmp_path: Path, folder: Path, away: Callable[[bool], None], caplog: pytest.LogCaptureFixture
) -> None:
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)
    for number in range(100):
        tracker.add_metadata("train", step=number)
    for _ in range(3):
        assert tracker.metadata("train") == {"step": 99}
    away(False)
    deadline = time.monotonic() + 60
    while not tracker.lineage("train").complete and time.monotonic() < deadline:
        pass
    tracker.close()
    told = [record for record in caplog.records if "cannot deliver" in record.message]
    assert len(told) == 1
    assert "the store is away" in told[0].message
    assert files(folder) == []


def test_what_could_not_be_delivered_stays_and_the_log_says_how_to(
    tmp_path: Path, folder: Path, away: Callable[[bool], None], caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("GRAPHTRACKER_EXIT_TIMEOUT", "0.1")
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)
    tracker.add_metadata("train", lr=0.1)
    tracker.close()
    [path] = files(folder)
    assert f"graphtracker sync {path}" in caplog.records[-1].message
    away(False)
    [done] = synced(folder)
    assert (done.events, done.removed, done.trouble) == (1, True, [])
    assert files(folder) == []
    assert GraphTracker(tmp_path / "store.db").metadata("train") == {"lr": 0.1}


def test_a_tracker_may_be_closed_while_other_threads_record(tmp_path: Path, folder: Path) -> None:
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)

    def record(mine: int) -> None:
        for number in range(500):
            tracker.add_metadata(f"run-{mine}", **{f"key-{number}": number})

    threads = [threading.Thread(target=record, args=(mine,)) for mine in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        tracker.close()
    tracker.close()
    assert files(folder) == []
    with GraphTracker(tmp_path / "store.db") as store:
        assert [len(store.metadata(f"run-{mine}")) for mine in range(4)] == [500] * 4


def test_an_interrupt_takes_half_a_call_away(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)
    tracker.add_metadata("train", before=1)
    write = os.write

    def interrupted(descriptor: int, data: bytes) -> int:
        write(descriptor, data)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tracker.add_metadata("train", during=2)
    monkeypatch.setattr(os, "write", write)
    tracker.add_metadata("train", after=3)
    tracker.close()
    assert GraphTracker(tmp_path / "store.db").metadata("train") == {"after": 3, "before": 1}
    assert files(folder) == []


def test_the_next_process_delivers_what_an_ended_one_left(tmp_path: Path, folder: Path) -> None:
    for name in ("store", "other"):
        path = left_behind(tmp_path, tmp_path / name, 1)
        folder.mkdir(exist_ok=True)
        recorded_for(path, tmp_path / f"{name}.db").rename(folder / path.name)
    with GraphTracker(tmp_path / "store.db", spool=folder) as tracker:
        tracker.add_metadata("second")
        deadline = time.monotonic() + 60
        while len(tracker.run_ids()) < 2 and time.monotonic() < deadline:
            pass
        assert sorted(tracker.run_ids()) == ["run-0", "second"]
    [left] = files(folder)
    assert lines(left)[0]["store"] == str(tmp_path / "other.db")


@pytest.mark.usefixtures("left_alone")
def test_an_event_that_the_store_refuses_holds_nothing_else_up(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = SQLiteStore.write

    def fail(self: SQLiteStore, events: list[Event]) -> None:
        if any(event[0] == "poison" for event in events):
            raise StoreError("this one is refused")
        write(self, events)

    monkeypatch.setattr(SQLiteStore, "write", fail)
    with GraphTracker(tmp_path / "store.db", spool=folder) as tracker:
        with tracker.batch():
            for run_id in ("a", "poison", "b"):
                tracker.add_metadata(run_id)
        assert sorted(tracker.run_ids()) == ["a", "b"]
    [path] = files(folder)
    [done] = synced(folder)
    assert done.removed
    assert "this one is refused" in done.trouble[0]
    assert done.aside == f"{path}.damaged"
    monkeypatch.undo()
    [again] = synced(Path(done.aside))
    assert again.events == 1
    assert sorted(GraphTracker(tmp_path / "store.db").run_ids()) == ["a", "b", "poison"]


# -- reads -------------------------------------------------------------------------------------------------------------


def test_reads_while_the_store_is_away_are_of_store_and_spool_together(
    tmp_path: Path, folder: Path, away: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    away(False)
    with GraphTracker(tmp_path / "store.db") as before:
        before.add_artifact("prepare", "rows", "/rows", {"size": 7})
        before.add_source("prepare", "s3://data")
        before.add_source("deploy", "train", "model")
        before.add_metadata("train", old=1, lr=0.1)
    away(True)
    monkeypatch.setattr(Delivery, "away", False)  # as one that is slow: it can be read
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)
    tracker.add_source("train", "prepare", "rows")
    tracker.add_metadata("train", lr=0.2)
    tracker.add_artifact("train", "model", "/model")
    lineage = tracker.lineage("s3://data")
    assert set(lineage.runs) == {"s3://data", "prepare", "train", "deploy"}
    assert (lineage.complete, set(lineage.reasons)) == (False, {"unsynced"})
    assert lineage.runs["train"].metadata == {"lr": 0.2, "old": 1}
    assert tracker.lineage("train", direction="upstream", depth=1).reasons == {"depth", "unsynced"}
    with pytest.raises(IncompleteLineage):
        tracker.lineage("train", strict=True)
    assert tracker.metadata("train") == {"lr": 0.2, "old": 1}
    assert tracker.run("prepare").metadata == {}
    assert [item.source_run_id for item in tracker.sources("prepare")] == ["s3://data"]
    assert set(tracker.artifacts("train")) == {"model"}
    assert tracker.consumers("prepare", "rows") == ["train"]
    assert tracker.consumers("train", "model") == ["deploy"]
    assert [item.run_id for item in tracker.find_artifacts("/model") + tracker.find_artifacts("/rows")] == [
        "train",
        "prepare",
    ]
    assert set(tracker.run_ids()) == {"prepare", "train", "deploy"}
    assert tracker.run_ids(lr=0.2) == ["train"]
    assert tracker.run_ids(lr=0.1) == []
    assert len(tracker.runs(limit=2)) == 2
    assert tracker.find_run("data") == "s3://data"
    graph = tracker.graph()
    assert (set(graph.runs), graph.complete) == ({"prepare", "train", "deploy", "s3://data"}, False)
    assert tracker.run("train").created_at == GraphTracker(tmp_path / "store.db").run("train").created_at


@STORE_PER_EXAMPLE
@given(histories, histories)
def test_the_two_together_answer_as_a_store_that_has_all(stored: list[Fact], waiting: list[Fact]) -> None:
    with GraphTracker(":memory:") as store, GraphTracker(":memory:") as ours, GraphTracker(":memory:") as whole:
        tell(store, stored)
        tell(ours, waiting)
        whole.copy_from(store)
        whole.copy_from(ours)
        for run_id in [*whole.graph().runs, "nobody"]:
            for question in (
                Question(run_id),
                Question(run_id, direction="upstream"),
                Question(run_id, depth=1),
                Question(run_id, direction="downstream", max_runs=2),
            ):
                assert_same_answer(store, ours, whole, question)
            for ask in short_reads(run_id):
                assert together(store, ours, ask) == whole._recorder.read(ask)
        assert together(store, ours, lambda view: view.run_ids({}, None)) == whole.run_ids()
        graph = Lineage.from_answer(together(store, ours, lambda view: view.graph()))
        assert content(graph) == content(whole.graph())


def assert_same_answer(store: GraphTracker, ours: GraphTracker, whole: GraphTracker, question: Question) -> None:
    """The store with what waits for it answers as the whole one does, and says that something waits."""
    found = together(store, ours, lambda view: view.lineage(question))
    expected = whole._recorder.read(lambda snapshot: snapshot.lineage(question))
    if expected is None:
        assert found is None
        return
    assert found is not None
    assert found.reasons == expected.reasons | {"unsynced"}
    assert content(Lineage.from_answer(found)) == content(Lineage.from_answer(expected))
    assert dict(found.frontier) == dict(expected.frontier)


def short_reads(run_id: str) -> list[Callable[[Snapshot], object]]:
    """The other questions about one run."""
    return [
        lambda view: view.consumers(run_id, None),
        lambda view: view.metadata(run_id),
        lambda view: view.sources(run_id),
        # An artifact that others named before it was logged may seem a little younger: its path is compared.
        lambda view: [item.path for item in view.artifacts(run_id)],
        lambda view: view.run(run_id),
    ]


def together(store: GraphTracker, ours: GraphTracker, work: Callable[[Snapshot], Answered]) -> Answered:
    """What ``work`` makes of a store together with the events of another, on their way to it."""
    waiting = list(ours._recorder.events())
    return store._recorder.read(lambda stored: work(UnsyncedSnapshot(stored, waiting)))


def test_reads_of_an_unreachable_store_are_of_the_spool_and_say_so(folder: Path) -> None:
    tracker = GraphTracker("bolt://127.0.0.1:1?connection_timeout=1", spool=folder)
    tracker.add_source("train", "data", "rows")
    lineage = tracker.lineage("train")
    assert (set(lineage.runs), set(lineage.reasons)) == ({"train", "data"}, {"unsynced"})
    assert tracker.run_ids() == ["train"]
    leave(tracker)


# -- damage, and places that cannot be written to ----------------------------------------------------------------------


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


def test_a_torn_last_line_is_passed_over(tmp_path: Path, folder: Path) -> None:
    path = left_behind(tmp_path, folder)
    with path.open("ab") as file:
        file.write(b'[{"run": "half"')
    [done] = synced(folder, to=str(tmp_path / "store.db"))
    assert (done.events, done.trouble, done.removed) == (3, [], True)
    assert sorted(GraphTracker(tmp_path / "store.db").run_ids()) == ["run-0", "run-1", "run-2"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_damaged_line_is_told_with_its_number_and_kept(tmp_path: Path, folder: Path, number: int) -> None:
    path = left_behind(tmp_path, folder)
    content = path.read_bytes().split(b"\n")
    content[number - 1] = b"\x00\xffgarbage" + content[number - 1][9:]
    path.write_bytes(b"\n".join(content))
    store = str(tmp_path / "store.db")
    done = run(tmp_path, "graphtracker", "--store", store, "sync", folder, code=1)
    assert f"line {number}" in done.stderr
    assert str(path) in done.stderr
    assert len(GraphTracker(store).run_ids()) == (3 if number == 1 else 2)
    assert not path.exists()
    assert content[number - 1] in Path(f"{path}.damaged").read_bytes()


def test_a_file_that_is_no_spool_is_told_and_left(tmp_path: Path, folder: Path) -> None:
    folder.mkdir()
    other = folder / "someone.jsonl"
    other.write_text('{"a": 1}\n')
    left_behind(tmp_path, folder)
    done = run(tmp_path, "graphtracker", "sync", folder, "--store", tmp_path / "store.db", code=3)
    assert "someone.jsonl" in done.stderr
    assert "is no spool" in done.stderr
    assert other.read_text() == '{"a": 1}\n'
    assert len(GraphTracker(tmp_path / "store.db").run_ids()) == 3


def test_a_folder_that_cannot_be_written_gives_way_to_the_temporary_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    tracker = GraphTracker(tmp_path / "store.db", spool=tmp_path / "file" / "spool")
    for number in range(10):
        tracker.add_metadata("train", step=number)
    [place] = (tmp_path / "tmp").iterdir()
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert len(files(place)) == 1
    tracker.close()
    assert files(place) == []
    told = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 1
    assert "takes its place" in told[0]
    assert GraphTracker(tmp_path / "store.db").metadata("train") == {"step": 9}


def test_without_any_folder_events_go_to_the_store_directly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    tracker = GraphTracker(tmp_path / "store.db", spool=tmp_path / "file" / "spool")
    for number in range(10):
        tracker.add_metadata("train", step=number)
        assert GraphTracker(tmp_path / "store.db").metadata("train") == {"step": number}
    told = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 2
    assert "directly" in told[1]


@pytest.mark.usefixtures("left_alone")
def test_a_full_disk_loses_no_other_call_and_is_told(
    tmp_path: Path, folder: Path, away: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "data" / "graphtracker" / "spool"
    tracker = GraphTracker(tmp_path / "store.db", spool=True)
    tracker.add_metadata("train", before=1)
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[: len(data) // 2]))
    with pytest.raises(StoreError):
        tracker.add_metadata("train", during=2)
    monkeypatch.setattr(os, "write", write)
    monkeypatch.setattr(time, "monotonic", lambda begun=time.monotonic: begun() + 100)
    tracker.add_metadata("train", after=3)
    assert tracker.metadata("train") == {"after": 3, "before": 1}
    leave(tracker)
    away(False)
    monkeypatch.undo()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    told = run(tmp_path, "graphtracker", "--store", tmp_path / "store.db", "doctor", code=3).stdout
    assert "its process lost 1 events: the store is away" in told
    found = [done for done in synced(folder) if done.trouble]
    assert "lost 1 events" in found[0].trouble[0]
    assert files(folder) == []
    assert GraphTracker(tmp_path / "store.db").metadata("train") == {"after": 3, "before": 1}
