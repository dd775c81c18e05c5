"""Writing to a Neo4j: linear merges, what is too large in parts, faults that pass, calls in the middle of calls."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import neo4j
import pytest
from neo4j.exceptions import Neo4jError, ServiceUnavailable

from graphtracker import GraphTracker, InvalidInput, StoreError, StoreUnavailable, TooLarge
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.cypher import statement
from graphtracker.model.events import Event, MetadataSet, stamp_time, stamps
from graphtracker.stores.fold import Fold
from graphtracker.stores.neo4j.connection import Neo4jConnection, Try
from graphtracker.stores.neo4j.failures import meaning, worth_another_try
from graphtracker.stores.neo4j.merge import middle_between_calls, rows_of
from graphtracker.stores.neo4j.store import Neo4jStore
from graphtracker.stores.neo4j.url import neo4j_url
from graphtracker.stores.urls import parse
from tests.support.neo4j_server import Server, running
from tests.support.servers import driver, emptied, rows, server
from tests.support.tools import environment, run

GENERATION = pytest.mark.parametrize("generation", ["5", "2026"])


def set_keys(run_id: str, keys: dict[str, object], stamped: list[bytes] | None = None) -> list[Event]:
    return [
        MetadataSet(run_id, key, value, stamp)
        for (key, value), stamp in zip(keys.items(), stamped or stamps(len(keys)), strict=True)
    ]


def store(url: str) -> Neo4jStore:
    return Neo4jStore(parse(url))


# -- the clock of a run ------------------------------------------------------------------------------------------------


@GENERATION
def test_each_key_keeps_its_greatest_stamp_whatever_came_with_it(generation: str) -> None:
    url = emptied(generation)
    early, late = stamps(3), stamps(3)
    opened = store(url)
    opened.write(set_keys("run", {"a": "late", "b": "early", "only early": 1}, [late[0], early[1], early[2]]))
    opened.write(set_keys("run", {"a": "early", "b": "late", "only late": 2}, [early[0], late[1], late[2]]))
    opened.write(set_keys("run", {"a": "early"}, [early[0]]))
    with GraphTracker(url) as tracker:
        assert tracker.metadata("run") == {"a": "late", "b": "late", "only early": 1, "only late": 2}
    opened.close()
    clock = rows(driver(generation), "MATCH (r:Run {run_id: 'run'}) RETURN r.`graphtracker.clock`")[0][0]
    assert sorted(clock) == sorted(
        f"{stamp.hex()} {key}"
        for stamp, key in [(late[0], "a"), (late[1], "b"), (early[2], "only early"), (late[2], "only late")]
    )


@GENERATION
def test_the_memory_of_a_merge_grows_as_its_keys_do(generation: str) -> None:
    emptied(generation)
    assert memory_of_merge(generation, 1600) < 6 * memory_of_merge(generation, 400)


def memory_of_merge(generation: str, keys: int) -> int:
    """Bytes that the server's operators took to merge so many keys that a run has already."""
    with driver(generation).session(database="neo4j") as session:
        for _ in range(2):
            merged = rows_of(Fold(set_keys("run", {f"loss/{step}": step for step in range(keys)})))
            profile = session.run(f"PROFILE {statement('write')}", rows=merged).consume().profile
    assert profile is not None
    return int(profile["args"]["GlobalMemory"])


@GENERATION
def test_a_server_plans_what_calls_of_any_size_send_once(generation: str) -> None:
    forget_plans = "CALL db.clearQueryCaches()"
    with GraphTracker(emptied(generation)) as tracker:
        tracker.add_metadata("run")
        rows(driver(generation), forget_plans)
        for count in (0, 1, 2, 11, 101):
            names = [str(number) for number in range(count)]
            tracker.record(
                f"run-{count}",
                metadata=dict.fromkeys(names, count),
                artifacts=[TrackerArtifact(name, "/", {"n": count}) for name in names],
                sources=[TrackerSource(name, whole) for name in names for whole in (None, "model")],
            )
    assert rows(driver(generation), forget_plans) == [["Query caches successfully cleared of 1 queries."]]


# -- more than the server can take at once -----------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["5", "2026"])
def small(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that gives a transaction little memory."""
    server(request.param)  # skips where there is no server to be had
    with running(request.param, {"db.memory.transaction.max": "40m"}) as started:
        yield started


@pytest.fixture
def small_url(small: Server) -> str:
    with neo4j.GraphDatabase.driver(small.url) as bare:
        rows(bare, "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10 ROWS")
    return small.url


def test_calls_that_do_not_fit_together_are_written_in_parts(small_url: str) -> None:
    calls = [set_keys(f"run-{number:03}", {"text": "x" * 400_000, "n": number}) for number in range(100)]
    opened = store(small_url)
    opened.write([event for call in calls for event in call])
    opened.close()
    with GraphTracker(small_url) as tracker:
        assert sorted(tracker.run_ids()) == [f"run-{number:03}" for number in range(100)]
        assert tracker.metadata("run-050") == {"text": "x" * 400_000, "n": 50}


def test_one_call_that_does_not_fit_is_refused_whole_and_says_memory(small_url: str) -> None:
    with GraphTracker(small_url) as tracker:
        with pytest.raises(TooLarge, match=r"memory.*db\.memory\.transaction\.max"):
            tracker.add_metadata("run", **{f"{number}": "x" * 400_000 for number in range(200)})
        assert tracker.run_ids() == []


def test_a_cut_lies_between_calls_near_the_middle() -> None:
    one, two, three = (set_keys(run_id, {"a": 1, "b": 2, "c": 3}) for run_id in ("r", "r", "s"))
    assert middle_between_calls([*one, *two, *three]) in (3, 6)
    assert middle_between_calls([*one[:1], *two, *three]) == 4
    assert middle_between_calls(one) is None
    assert middle_between_calls([]) is None


# -- the last call stands ----------------------------------------------------------------------------------------------


def ahead(seconds: int, number: int = 1) -> list[bytes]:
    now = stamp_time(stamps(1)[0])
    return stamps(number, now + seconds * 10**9)


@GENERATION
def test_what_is_to_stand_is_later_than_what_a_clock_ahead_has_written(generation: str) -> None:
    url = emptied(generation)
    opened = store(url)
    opened.write(set_keys("run", {"status": "running"}, ahead(90)))
    opened.write(set_keys("run", {"status": "late", "new": 1}))
    with GraphTracker(url) as tracker:
        assert tracker.metadata("run") == {"status": "running", "new": 1}
        opened.write(set_keys("run", {"status": "finished", "newer": 1}), said="now")
        assert tracker.metadata("run") == {"status": "finished", "new": 1, "newer": 1}
    opened.close()


def test_an_artifact_that_is_to_stand_replaces_a_later_one() -> None:
    url = emptied()
    with GraphTracker(url) as tracker:
        tracker.record(
            "run",
            artifacts=[TrackerArtifact("model", "/old", None)],
            at=datetime.fromtimestamp(stamp_time(ahead(90)[0]) / 1e9, tz=timezone.utc),
        )
        opened = store(url)
        with GraphTracker(":memory:") as memory:
            memory.add_artifact("run", "model", "/new")
            (events,) = memory._recorder.events()
        opened.write(events, said="now")
        opened.close()
        assert tracker.artifacts("run")["model"].path == "/new"


def test_a_call_that_is_stamped_anew_leaves_no_trace_of_its_first_stamp() -> None:
    """Not even the time at which the run would have reported first."""
    url = emptied()
    opened = store(url)
    later = ahead(90)
    opened.write(set_keys("run", {"status": "running"}, later))
    opened.write(set_keys("run", {"status": "finished"}), said="now")
    opened.close()
    with GraphTracker(url) as tracker:
        run = tracker.run("run")
    assert run.created_at.timestamp() == pytest.approx(stamp_time(later[0]) / 1e9)
    assert run.updated_at is not None
    assert run.updated_at > run.created_at


def test_the_same_stamp_again_is_not_beaten(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = store(emptied())
    events = set_keys("run", {"a": 1})
    opened.write(events, said="now")
    monkeypatch.setattr("graphtracker.stores.neo4j.store.stamped_later", lambda *_: pytest.fail("stamped anew"))
    opened.write(events, said="now")
    opened.close()


def test_a_stamp_that_somebody_wrote_by_hand_cannot_be_beaten_and_is_no_error() -> None:
    url = emptied()
    with GraphTracker(url) as tracker:
        tracker.add_metadata("run", a=1)
        rows(driver("5"), "MATCH (r:Run) SET r.`graphtracker.clock` = ['" + "z" * 40 + " a']")
        opened = store(url)
        opened.write(set_keys("run", {"a": 2, "b": 2}), said="now")
        opened.close()
        assert tracker.metadata("run") == {"a": 1, "b": 2}


# -- faults ------------------------------------------------------------------------------------------------------------

URL = neo4j_url(parse("bolt://ada:secret@localhost"))


def fault(code: str, message: str = "it went wrong") -> Neo4jError:
    return Neo4jError._hydrate_neo4j(code=code, message=message)


PASSING = [
    "Neo.DatabaseError.General.UnknownError",
    "Neo.DatabaseError.Statement.ExecutionFailed",
    "Neo.DatabaseError.Transaction.TransactionCommitFailed",
    "Neo.TransientError.Transaction.DeadlockDetected",
    "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
]
LASTING = {
    "Neo.ClientError.Statement.SyntaxError": "it went wrong",
    "Neo.ClientError.Security.Unauthorized": "it went wrong",
    "Neo.DatabaseError.Schema.ConstraintCreationFailed": "it went wrong",
    "Neo.DatabaseError.General.StorageDamageDetected": "it went wrong",
    "Neo.DatabaseError.Statement.ExecutionFailed": "Property value is too large to index, please see",
    "Neo.TransientError.General.MemoryPoolOutOfMemoryError": "db.memory.transaction.max threshold reached",
    "Neo.ClientError.General.TransactionOutOfMemoryError": "more than db.memory.transaction.max allows",
}


@pytest.mark.parametrize("code", PASSING)
def test_a_fault_that_passes_is_tried_again_but_not_for_ever(code: str) -> None:
    assert worth_another_try(fault(code), URL, 1.0, 0.0)
    assert not worth_another_try(fault(code), URL, 61.0, 60.0)


@pytest.mark.parametrize("code", LASTING)
def test_a_fault_that_lasts_is_told_at_once(code: str) -> None:
    assert not worth_another_try(fault(code, LASTING[code]), URL, 0.0, 0.0)


MEANT = {
    "Neo.DatabaseError.General.UnknownError": (StoreUnavailable, "a fault of its own"),
    "Neo.TransientError.Transaction.DeadlockDetected": (StoreUnavailable, "too busy"),
    "Neo.TransientError.General.MemoryPoolOutOfMemoryError": (TooLarge, "memory"),
    "Neo.TransientError.General.OutOfMemoryError": (TooLarge, "memory"),
    "Neo.ClientError.General.TransactionOutOfMemoryError": (TooLarge, "memory"),
    "Neo.ClientError.Statement.TypeError": (InvalidInput, "it went wrong"),
    "Neo.ClientError.Schema.TokenNameError": (InvalidInput, "it went wrong"),
    "Neo.ClientError.Statement.SyntaxError": (StoreError, "refused a statement"),
}


@pytest.mark.parametrize("code", MEANT)
def test_what_a_code_means_to_whoever_writes(code: str) -> None:
    kind, words = MEANT[code]
    error = meaning(fault(code), URL, writing=True)
    assert type(error) is kind
    assert words in str(error)
    assert "Bolt address" not in str(error)


@pytest.mark.parametrize("code", MEANT)
def test_whoever_reads_has_written_nothing_too_large_or_invalid(code: str) -> None:
    assert type(meaning(fault(code), URL, writing=False)) in (StoreError, StoreUnavailable)


def test_too_many_open_files_are_called_so() -> None:
    try:
        try:
            raise OSError(errno.EMFILE, "Too many open files")
        except OSError as cause:
            raise ServiceUnavailable("Couldn't connect to localhost:7687") from cause
    except ServiceUnavailable as error:
        said = str(meaning(error, URL, writing=True))
    assert "too many open files" in said
    assert "running" not in said


FULL = """
import os, resource, socket, sys
from graphtracker import GraphTracker, StoreUnavailable
tracker = GraphTracker(sys.argv[1] + "?connection_timeout=1")
import neo4j, graphtracker.stores.neo4j.store, encodings.idna
held = []
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
try:
    while True:
        held.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    pass
try:
    tracker.add_metadata("run", lr=1)
except StoreUnavailable as error:
    print(error)
"""


def said_by(program: str, *arguments: str, folder: Path) -> str:
    """What a process printed; it ended well."""
    surroundings = {**environment(folder), "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=surroundings, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_process_with_too_many_open_files_says_that(tmp_path: Path) -> None:
    assert "too many open files" in said_by(FULL, emptied(), folder=tmp_path)


class Failing:
    """Stands before the driver of a connection: the first transactions fail so."""

    def __init__(self, connection: Neo4jConnection, failures: list[Exception]) -> None:
        self.tries = 0
        real = connection._once

        def once(work: Callable[..., Any], this: Try) -> Any:
            self.tries += 1
            if failures:
                raise failures.pop(0)
            return real(work, this)

        connection._once = once  # type: ignore[method-assign]


@pytest.mark.parametrize("code", PASSING)
def test_after_a_fault_that_passes_the_call_is_there(code: str) -> None:
    with GraphTracker(emptied()) as tracker:
        failing = Failing(tracker._recorder.store._connection, [fault(code), fault(code)])  # type: ignore[attr-defined]
        tracker.add_metadata("run", lr=1)
        assert failing.tries == 3
        assert tracker.metadata("run") == {"lr": 1}


@pytest.mark.parametrize(("key", "value"), [("a\0b", 1), ("", 1), ("key", [1, "mixed"]), ("key", {"a": 1})])
def test_a_value_that_the_server_refuses_is_invalid_input(
    key: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None comes so far today; one that a later version lets through must not stop a spool."""
    monkeypatch.setattr("graphtracker.stores.neo4j.merge.to_property", lambda value: value)
    opened = store(emptied())
    with pytest.raises(InvalidInput, match=r"refuses a value.*nothing of it was stored"):
        opened.write(set_keys("run", {key: value}))
    opened.close()


def test_a_text_that_the_server_cannot_index_is_invalid_input() -> None:
    opened = store(emptied())
    with pytest.raises(InvalidInput, match="too large to index"):
        opened.write(set_keys("x" * 9000, {"key": 1}))
    opened.close()


# -- calls in calls ----------------------------------------------------------------------------------------------------


def in_the_middle(tracker: GraphTracker, call: Callable[[], None]) -> None:
    """Makes the next statement of the tracker call something before it is sent, as a signal handler would."""
    connection = tracker._recorder.store._connection  # type: ignore[attr-defined]
    real = connection._opened

    def opened() -> neo4j.Driver:
        connection._opened = real
        call()
        return real()  # type: ignore[no-any-return]

    connection._opened = opened


def test_a_call_in_the_middle_of_another_is_there_when_that_has_ended() -> None:
    with GraphTracker(emptied()) as tracker:
        in_the_middle(tracker, lambda: tracker.add_metadata("inner", lr=1))
        tracker.add_metadata("outer", lr=2)
        assert [tracker.metadata(run_id) for run_id in ("inner", "outer")] == [{"lr": 1}, {"lr": 2}]


def test_a_call_in_the_middle_of_one_that_fails_is_there_all_the_same() -> None:
    def fails() -> None:
        tracker.add_metadata("inner", lr=1)
        raise KeyboardInterrupt

    with GraphTracker(emptied()) as tracker:
        in_the_middle(tracker, fails)
        with pytest.raises(KeyboardInterrupt):
            tracker.add_metadata("outer", lr=2)
        assert tracker.run_ids() == ["inner"]


def test_an_answer_in_the_middle_of_a_call_is_given_at_once() -> None:
    seen: list[list[str]] = []
    with GraphTracker(emptied()) as tracker:
        tracker.add_metadata("before", lr=1)
        in_the_middle(tracker, lambda: seen.append(tracker.run_ids()))
        tracker.add_metadata("outer", lr=2)
    assert seen == [["before"]]


def test_closing_in_the_middle_of_a_call_waits_for_its_end() -> None:
    with GraphTracker(emptied()) as tracker:
        tracker.add_metadata("before", lr=1)
        in_the_middle(tracker, tracker.close)
        tracker.add_metadata("outer", lr=2)
        assert len(tracker.run_ids()) == 2


def test_a_failure_of_an_inner_call_is_told_by_the_outer_one_and_stops_no_other() -> None:
    def inner() -> None:
        opened.write(set_keys("x" * 9000, {"key": 1}))
        opened.write(set_keys("inner", {"key": 1}))

    with GraphTracker(emptied()) as tracker:
        opened = tracker._recorder.store
        in_the_middle(tracker, inner)
        with pytest.raises(InvalidInput, match="too large to index"):
            tracker.add_metadata("outer", lr=2)
        assert sorted(tracker.run_ids()) == ["inner", "outer"]


INTERRUPTED = """
import os, random, signal, sys, threading, time
from graphtracker import GraphTracker

tracker = GraphTracker(sys.argv[1])
tracker.add_metadata("run", number=0)
armed, interrupts, returned = False, 0, set()


def interrupt(*_):
    global armed
    if armed:
        armed = False
        raise KeyboardInterrupt


signal.signal(signal.SIGALRM, interrupt)
number = 0
while interrupts < 200:
    try:
        armed = True
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 1e-2))
        while armed:
            number += 1
            tracker.add_metadata("run", **{f"key-{number}": number})
            returned.add(f"key-{number}")
            tracker.metadata("run")
    except KeyboardInterrupt:
        interrupts += 1
other = threading.Thread(target=tracker.add_metadata, args=("other",))
other.start()
other.join(30)
assert not other.is_alive(), "something is still held"
lost = returned - set(tracker.metadata("run"))
pool = tracker._recorder.store._connection._driver._pool
deadline = time.monotonic() + 30
while (used := sum(map(pool.in_use_connection_count, pool.connections))) and time.monotonic() < deadline:
    pass  # calls that nobody waits for any more come to their ends
print(interrupts, len(lost), used)
"""


def test_an_interrupt_ends_the_waiting_for_a_call_and_nothing_else(tmp_path: Path) -> None:
    done = run(tmp_path, sys.executable, "-c", INTERRUPTED, emptied())
    assert done.stdout == "200 0 0\n"


FORKED_IN_A_CALL = """
import os, sys, threading
from graphtracker import GraphTracker
tracker = GraphTracker(sys.argv[1])
tracker.add_metadata("before")
connection = tracker._recorder.store._connection
held, done = threading.Event(), threading.Event()

def hold():
    with connection._lock:
        held.set()
        done.wait()

threading.Thread(target=hold, daemon=True).start()
held.wait()
child = os.fork()
if child == 0:
    tracker.add_metadata("child")
    tracker.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
done.set()
print(sorted(tracker.run_ids()))
"""


def test_a_child_forked_while_another_thread_opens_the_connection_records(tmp_path: Path) -> None:
    assert said_by(FORKED_IN_A_CALL, emptied(), folder=tmp_path) == "['before', 'child']\n"


# -- a bundle without metadata -----------------------------------------------------------------------------------------

BUNDLED = """
import importlib.metadata, json, sys

def none(name):
    raise importlib.metadata.PackageNotFoundError(name)

importlib.metadata.version = none
import graphtracker
from graphtracker import GraphTracker
with GraphTracker(sys.argv[1]) as tracker:
    tracker.add_metadata("run", lr=1)
    print(json.dumps([graphtracker.__version__, tracker.run_ids()]))
"""


def test_a_bundle_without_metadata_records(tmp_path: Path) -> None:
    assert json.loads(said_by(BUNDLED, emptied(), folder=tmp_path)) == ["unknown", ["run"]]
