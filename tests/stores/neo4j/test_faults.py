"""What may go wrong with a Neo4j: the right error with the URL and the way out, and nothing lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import neo4j
import pytest

from graphtracker import (
    AccessDenied,
    GraphTracker,
    InvalidInput,
    SchemaMismatch,
    StoreError,
    StoreUnavailable,
)
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.recording import recorder
from graphtracker.stores.neo4j import connection
from graphtracker.stores.snapshot import Snapshot
from tests.support.neo4j_server import Server, running
from tests.support.servers import driver, emptied, rows, server
from tests.support.tools import environment, run
from tests.support.waiting import wait_for

PASSWORD = "correct-horse"  # noqa: S105  # of a server that lives as long as a test

CALLS: dict[str, Callable[[GraphTracker], object]] = {
    "a write": lambda tracker: tracker.add_metadata("run", lr=1),
    "a read": lambda tracker: tracker.run_ids(),
    "health": lambda tracker: tracker.health(),
}


def refused(url: str, call: Callable[[GraphTracker], object], kind: type[StoreError]) -> str:
    """What the error of a call says; it names the URL, and never a password."""
    with GraphTracker(url) as tracker:
        with pytest.raises(kind) as caught:
            call(tracker)
        assert type(caught.value) is kind
        message = str(caught.value)
        assert tracker.url in message
    assert "secret" not in message
    assert PASSWORD not in message
    assert len(message.splitlines()) == 1
    return message


# -- no Neo4j there ----------------------------------------------------------------------------------------------------


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def http_port() -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield web.server_address[1]
        web.shutdown()


@pytest.mark.parametrize("place", ["closed_port", "silent_port", "http_port"])
@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_what_does_not_answer_as_neo4j_is_unavailable(place: str, scheme: str, request: pytest.FixtureRequest) -> None:
    url = f"{scheme}://ada:secret@127.0.0.1:{request.getfixturevalue(place)}?connection_timeout=1"
    assert "is it running" in refused(url, CALLS["a write"], StoreUnavailable)


def test_a_server_that_says_nothing_is_unavailable_within_ten_seconds(silent_port: int) -> None:
    """The one time that is asserted, because it is promised; the longest wait there is."""
    began = time.monotonic()
    refused(f"neo4j://ada:secret@127.0.0.1:{silent_port}", CALLS["a write"], StoreUnavailable)
    assert time.monotonic() - began < 10


def test_a_host_that_is_not_there_is_unavailable() -> None:
    refused("neo4j://ada:secret@no-such-host.invalid?connection_timeout=1", CALLS["a read"], StoreUnavailable)


@pytest.mark.parametrize("arguments", [["runs"], ["add-metadata", "run"], ["doctor"], ["lineage", "run"], ["export"]])
def test_the_command_line_says_so_in_one_line(arguments: list[str], closed_port: int, tmp_path: Path) -> None:
    url = f"neo4j://ada:secret@127.0.0.1:{closed_port}"
    done = run(tmp_path, "graphtracker", "--store", url, *arguments, code=3)
    assert arguments == ["doctor"] or done.stderr.count("\n") == 1
    told = done.stdout + done.stderr
    assert "does not answer" in told
    assert "secret" not in told
    assert "Traceback" not in told


def test_doctor_finds_a_good_server_well_and_counts_what_it_holds(tmp_path: Path) -> None:
    url = emptied()
    with GraphTracker(url) as tracker:
        tracker.record(
            "train", metadata={"lr": 1}, sources=[TrackerSource("data", "rows"), TrackerSource("base", None)]
        )
    rows(driver("5"), "CREATE (:Person {name: 'ada'})")
    done = run(tmp_path, "graphtracker", "--store", url, "doctor")
    for line in ("store: Neo4j at", "Neo4j version: 5.", "constraints: present", "sources: 2", "nodes of others: 1"):
        assert line in done.stdout
    assert "BAD" not in done.stdout


@pytest.mark.parametrize(
    "url",
    ["neo4j://", "bolt://:7687", "neo4j://h:port", "neo4j://h:99999", "bolt://h?policy=x", "bolt://h?timeout=soon"],
)
def test_a_url_that_names_no_server_is_invalid_input(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        GraphTracker(url)
    assert url in str(caught.value)


# -- credentials, databases, rights ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """A server with authentication, whose password was never changed: it has expired."""
    server("5")  # skips where there is no server to be had
    with running("5", {"dbms.security.auth_enabled": "true", "dbms.security.auth_max_failed_attempts": "0"}) as started:
        yield started


@pytest.fixture(scope="module")
def own_password(guarded: Server) -> None:
    with neo4j.GraphDatabase.driver(guarded.url, auth=("neo4j", "neo4j")) as bare:
        bare.execute_query(f"ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO '{PASSWORD}'", database_="system")


@pytest.fixture
def unlocked(guarded: Server, own_password: None) -> Server:
    """The same with a password of its own and nothing in it; a test may kill it and start it again."""
    with neo4j.GraphDatabase.driver(guarded.url, auth=("neo4j", PASSWORD)) as bare:
        rows(bare, "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS")
    return guarded


def with_user(server: Server, user: str, password: str, rest: str = "") -> str:
    return f"bolt://{user}:{password}@127.0.0.1:{server.bolt_port}{rest}"


def test_an_expired_password_is_access_denied(guarded: Server) -> None:
    assert "expired" in refused(with_user(guarded, "neo4j", "neo4j"), CALLS["a read"], AccessDenied)


def test_the_right_password_is_taken_from_wherever_it_stands(
    unlocked: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    monkeypatch.setenv("NEO4J_USERNAME", "neo4j")
    monkeypatch.setenv("NEO4J_URI", unlocked.url)
    for variable, value in (("NEO4J_PASSWORD", PASSWORD), ("NEO4J_PASSWORD_FILE", str(tmp_path / "password"))):
        with monkeypatch.context() as patch:
            patch.setenv(variable, value)
            for url in (unlocked.url, "neo4j", f"{unlocked.url}/neo4j", f"{unlocked.url}?database=neo4j"):
                with GraphTracker(url) as tracker:
                    tracker.add_metadata("run", seen=True)
                    assert tracker.run_ids(seen=True) == ["run"]
    with GraphTracker(with_user(unlocked, "neo4j", PASSWORD)) as tracker:
        assert tracker.run_ids() == ["run"]
        assert PASSWORD not in repr(tracker) + tracker.url + str(tracker.health())


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_password_or_user_is_access_denied(call: str, unlocked: Server) -> None:
    for url in (
        with_user(unlocked, "neo4j", "secret"),
        with_user(unlocked, "ada", "secret"),
        unlocked.url,
    ):
        assert refused(url, CALLS[call], AccessDenied)


def test_no_password_is_in_the_log(
    unlocked: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_announced", set())
    caplog.set_level("DEBUG")
    with GraphTracker(with_user(unlocked, "neo4j", PASSWORD)) as tracker:
        tracker.add_metadata("run", lr=1)
    refused(with_user(unlocked, "neo4j", "secret"), CALLS["a write"], AccessDenied)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("graphtracker")]
    assert ours
    assert not [line for line in ours if PASSWORD in line or "secret" in line]


def test_an_unknown_database_is_named(unlocked: Server) -> None:
    url = with_user(unlocked, "neo4j", PASSWORD, "?database=lineage")
    assert "'lineage'" in refused(url, CALLS["a write"], StoreUnavailable)
    assert "'lineage'" in refused(url, CALLS["a read"], StoreUnavailable)


# -- a server that is killed -------------------------------------------------------------------------------------------


def test_a_server_that_is_killed_loses_nothing_that_was_acknowledged(unlocked: Server) -> None:
    acknowledged: list[str] = []
    failed = threading.Event()
    ready = threading.Event()

    def record(tracker: GraphTracker) -> None:
        try:
            for number in range(100_000):
                run_id = f"run-{number}"
                tracker.record(run_id, metadata={"n": number}, sources=[TrackerSource("data", "rows")])
                acknowledged.append(run_id)
                if number == 100:
                    ready.set()
        except StoreUnavailable:
            failed.set()

    with GraphTracker(with_user(unlocked, "neo4j", PASSWORD, "?connection_timeout=2")) as tracker:
        thread = threading.Thread(target=record, args=(tracker,))
        thread.start()
        assert ready.wait(60)
        unlocked.kill()
        thread.join(60)
        assert failed.is_set()
        unlocked.start()
        found = set(tracker.run_ids())
        assert set(acknowledged) <= found
        tracker.add_metadata("after", lr=1)
        assert tracker.metadata("after") == {"lr": 1}
        assert all(tracker.sources(run_id) for run_id in found - {"after"}), "a record is there whole or not at all"


# -- a server that is frozen -------------------------------------------------------------------------------------------


@pytest.fixture
def frozen(unlocked: Server) -> Iterator[Callable[[], None]]:
    """Freezes the server until the test is over."""
    try:
        yield lambda: unlocked.send(signal.SIGSTOP)
    finally:
        unlocked.send(signal.SIGCONT)


def assert_soon_unavailable(call: Callable[[], object]) -> None:
    """A time that is asserted because it is promised."""
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="does not answer"):
        call()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("quiet", [0, 1000], ids=["is looked at first", "is used as it is"])
@pytest.mark.parametrize("call", CALLS)
def test_a_server_that_froze_between_two_calls_is_unavailable_within_ten_seconds(
    call: str, quiet: float, unlocked: Server, frozen: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "QUIET", quiet)  # as if the calls were so far apart that the connection …
    with GraphTracker(with_user(unlocked, "neo4j", PASSWORD, "?connection_timeout=2")) as tracker:
        tracker.add_metadata("before", n=1)
        frozen()
        assert_soon_unavailable(lambda: CALLS[call](tracker))
        unlocked.send(signal.SIGCONT)
        assert tracker.metadata("before") == {"n": 1}


def test_a_server_that_freezes_in_the_middle_of_a_write_is_unavailable_within_ten_seconds(
    unlocked: Server, frozen: Callable[[], None]
) -> None:
    """With the patience that there is by default."""
    with (
        GraphTracker(with_user(unlocked, "neo4j", PASSWORD)) as tracker,
        neo4j.GraphDatabase.driver(unlocked.url, auth=("neo4j", PASSWORD)) as bare,
        ThreadPoolExecutor(1) as pool,
    ):
        tracker.record("run", metadata={"n": 1})
        with bare.session(database="neo4j") as session, session.begin_transaction() as other:
            other.run("MATCH (r:Run {run_id: 'run'}) SET r.held = true").consume()
            written = pool.submit(tracker.record, "run", metadata={"n": 2}, sources=[TrackerSource("data", None)])
            blocked = "SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked' RETURN count(*)"
            wait_for(lambda: rows(bare, blocked) == [[1]])
            frozen()
            assert_soon_unavailable(written.result)
            unlocked.send(signal.SIGCONT)
            other.rollback()
        tracker.record("run", metadata={"n": 2}, sources=[TrackerSource("data", None)])
        assert tracker.metadata("run") == {"n": 2}
        assert [source.source_run_id for source in tracker.sources("run")] == ["data"]


def test_a_server_that_freezes_in_the_middle_of_a_read_is_unavailable_within_ten_seconds(
    unlocked: Server, frozen: Callable[[], None]
) -> None:
    def read(snapshot: Snapshot) -> object:
        assert snapshot.newest_at(["/nowhere"]) == {}
        frozen()
        return snapshot.newest_at(["/nowhere"])

    with GraphTracker(with_user(unlocked, "neo4j", PASSWORD, "?connection_timeout=2")) as tracker:
        assert_soon_unavailable(lambda: tracker._recorder.read(read))
        unlocked.send(signal.SIGCONT)
        assert tracker.run_ids() == []


def test_a_server_that_is_frozen_while_it_is_sent_more_than_it_takes_is_unavailable_within_ten_seconds(
    unlocked: Server, frozen: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "QUIET", 1000)
    with GraphTracker(with_user(unlocked, "neo4j", PASSWORD, "?connection_timeout=2")) as tracker:
        tracker.add_metadata("before", n=1)
        frozen()
        assert_soon_unavailable(lambda: tracker.add_metadata("run", text="x" * 50_000_000))


# -- a server that may only be read ------------------------------------------------------------------------------------


def test_a_read_only_database_is_read_and_refuses_to_be_written(unlocked: Server) -> None:
    """The last of that server's tests: it starts anew, read-only."""
    url = with_user(unlocked, "neo4j", PASSWORD)
    with GraphTracker(url) as tracker:
        tracker.add_metadata("run", lr=1)
    unlocked.stop()
    unlocked.settings["server.databases.default_to_read_only"] = "true"
    unlocked.start()
    assert "read-only" in refused(url, CALLS["a write"], AccessDenied)
    with GraphTracker(url) as tracker:
        assert tracker.metadata("run") == {"lr": 1}


# -- many writers ------------------------------------------------------------------------------------------------------


def record_same(tracker: GraphTracker, backwards: bool) -> None:
    numbers = range(20)
    for number in reversed(numbers) if backwards else numbers:
        tracker.record(
            f"run-{number}",
            metadata={"n": number},
            artifacts=[TrackerArtifact("model", f"/{number}", {"n": number})],
            sources=[TrackerSource(f"run-{(number + 1) % 20}", "model"), TrackerSource("data", None)],
        )


def counted(generation: str) -> list[Any]:
    query = "MATCH (n) WITH count(n) AS nodes MATCH ()-[t]->() RETURN nodes, count(t)"
    return rows(driver(generation), query)[0]


def test_threads_that_record_the_same_in_opposite_orders_are_one_node_and_one_edge() -> None:
    with GraphTracker(emptied()) as tracker, ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: record_same(tracker, bool(number % 2)), range(16)))
        assert counted("5") == [41, 20 + 20 + 20]
        assert tracker.run_ids(n=7) == ["run-7"]


PROCESS = """
import sys
from graphtracker import GraphTracker
from tests.stores.neo4j.test_faults import record_same
with GraphTracker(sys.argv[1]) as tracker:
    record_same(tracker, sys.argv[2] == "1")
"""


def processes(program: str, arguments: list[list[str]], folder: Path) -> list[str]:
    """What each process wrote to stderr; all of them ended well."""
    surroundings = {**environment(folder), "PYTHONPATH": str(Path(__file__).parents[3])}
    started = [
        subprocess.Popen([sys.executable, "-c", program, *each], env=surroundings, stderr=subprocess.PIPE, text=True)
        for each in arguments
    ]
    told = [process.communicate(timeout=300)[1] for process in started]
    assert [process.returncode for process in started] == [0] * len(started), told
    return told


def test_processes_that_record_the_same_in_opposite_orders_are_one_node_and_one_edge(tmp_path: Path) -> None:
    url = emptied()
    processes(PROCESS, [[url, str(number % 2)] for number in range(8)], tmp_path)
    assert counted("5") == [41, 60]


FORKED = """
import os, pickle, sys
from graphtracker import GraphTracker
with GraphTracker(sys.argv[1]) as tracker:
    tracker.add_metadata("parent")
    child = os.fork()
    if child == 0:
        tracker.add_metadata("child")
        assert sorted(tracker.run_ids()) == ["child", "parent"]
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
    tracker.add_metadata("parent again")
    with pickle.loads(pickle.dumps(tracker)) as copy:
        copy.add_metadata("pickled")
    assert sorted(tracker.run_ids()) == ["child", "parent", "parent again", "pickled"]
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_parent_child_and_pickled_tracker_all_record(scheme: str, tmp_path: Path) -> None:
    url = emptied().replace("bolt://", f"{scheme}://")
    assert processes(FORKED, [[url]], tmp_path) == [""]


def test_a_process_sees_what_it_has_just_written() -> None:
    with GraphTracker(emptied()) as tracker:
        for number in range(50):
            tracker.add_metadata(f"run-{number}")
            assert len(tracker.run_ids()) == number + 1


# -- the schema --------------------------------------------------------------------------------------------------------


@pytest.fixture
def bare(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty server without any schema; what a test puts there is taken away again."""
    url = emptied()
    no_schema()
    yield url
    emptied()
    no_schema()


def no_schema() -> None:
    for (name,) in rows(driver("5"), "SHOW CONSTRAINTS YIELD name"):
        rows(driver("5"), f"DROP CONSTRAINT `{name}`")
    for (name,) in rows(driver("5"), "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"):
        rows(driver("5"), f"DROP INDEX `{name}`")


def contents() -> tuple[Any, ...]:
    """Everything that the server holds, constraints and indexes too."""
    return (
        sorted(map(str, rows(driver("5"), "MATCH (n) RETURN labels(n), properties(n)"))),
        sorted(map(str, rows(driver("5"), "MATCH (a)-[t]->(b) RETURN properties(a), type(t), properties(b)"))),
        sorted(map(str, rows(driver("5"), "SHOW INDEXES YIELD name"))),
    )


def test_reading_makes_no_schema(bare: str) -> None:
    before = contents()
    with GraphTracker(bare) as tracker:
        assert tracker.run_ids() == []
        assert tracker.health()["constraints"] != "present"
    assert contents() == before


MADE = "import sys\nfrom graphtracker import GraphTracker\nGraphTracker(sys.argv[1]).add_metadata(sys.argv[2], lr=1)"


def test_processes_that_open_an_empty_database_at_once_all_make_the_schema(bare: str, tmp_path: Path) -> None:
    processes(MADE, [[bare, str(number)] for number in range(4)], tmp_path)
    with GraphTracker(bare) as tracker:
        assert len(tracker.run_ids()) == 4
        assert tracker.health()["constraints"] == "present"


CLASHES = {
    "a newer schema": (
        "CREATE CONSTRAINT graphtracker_v3_run_id FOR (r:Run) REQUIRE r.run_id IS UNIQUE",
        "a newer graph",
    ),
    "an older schema": (
        "CREATE CONSTRAINT graphtracker_v1_run_id FOR (r:Run) REQUIRE r.run_id IS UNIQUE",
        "name another database",
    ),
    "two nodes with one id": ("CREATE (:Run {run_id: 'x'}), (:Run {run_id: 'x'})", "someone else's"),
    "two artifacts with one key": (
        "CREATE (:Artifact {run_id: 'x', name: 'y'}), (:Artifact {run_id: 'x', name: 'y'})",
        "someone else's",
    ),
    "an index where ours belongs": ("CREATE INDEX theirs FOR (r:Run) ON (r.run_id)", "drop it"),
    "an index called like our constraint": (
        "CREATE INDEX graphtracker_v2_run_id FOR (r:Run) ON (r.run_id)",
        "drop it",
    ),
    "our name for something else": ("CREATE INDEX graphtracker_v2_run_id FOR (p:Person) ON (p.name)", "drop or rename"),
}


@pytest.mark.parametrize("clash", CLASHES)
def test_what_clashes_is_a_schema_mismatch_and_nothing_is_changed(clash: str, bare: str) -> None:
    query, advice = CLASHES[clash]
    rows(driver("5"), query)
    before = contents()
    assert advice in refused(bare, CALLS["a write"], SchemaMismatch)
    assert contents() == before


# -- graphs of others --------------------------------------------------------------------------------------------------

OTHERS = """
MATCH (a:Run {run_id: 'a'}), (b:Run {run_id: 'b'}), (c:Run {run_id: 'c'}), (m:Artifact {run_id: 'a', name: 'm'})
CREATE (a)<-[:DERIVED_FROM]-(:Experiment {name: 'x'})<-[:DERIVED_FROM]-(c),
       (a)<-[:DERIVED_FROM]-(:Run {title: 'no id'})<-[:DERIVED_FROM]-(c),
       (m)<-[:USED]-(:Run {title: 'no id either'})<-[:USED]-(c),
       (m)-[:GENERATED_BY]->(:Artifact {title: 'no key'})-[:GENERATED_BY]->(c),
       (a)-[:REVIEWED_BY]->(:Person {name: 'ada'})-[:LIKES]->(c),
       (c)-[:USED]->(a), (c)-[:REPLACES]->(b),
       (:External {run_id: 'e'}), (:Declared {run_id: 'a', name: 'd'}), (:Run), (:Artifact {run_id: 'a'})
"""


@pytest.mark.parametrize("generation", ["5", "2026"])
def test_what_others_put_between_is_not_returned_walked_through_or_changed(generation: str) -> None:
    with GraphTracker(emptied(generation)) as tracker:
        tracker.add_artifact("a", "m", "/m")
        tracker.add_source("b", "a", "m")
        tracker.add_metadata("c", lr=1)
        expected = {run_id: tracker.lineage(run_id) for run_id in "abc"}
        whole, runs = tracker.graph(), tracker.run_ids()
        rows(driver(generation), OTHERS)
        before = rows(driver(generation), "MATCH (n) WHERE NOT n.run_id IN ['a', 'b', 'c'] RETURN properties(n)")
        assert {run_id: tracker.lineage(run_id) for run_id in "abc"} == expected
        assert tracker.graph() == whole
        assert tracker.run_ids() == runs
        assert tracker.lineage("a", depth=5).runs.keys() == {"a", "b"}
        assert tracker.lineage("a", artifact_name="m").runs.keys() == {"a", "b"}
        assert tracker.consumers("a", "m") == tracker.consumers("a") == ["b"]
        assert len(tracker.runs()) == 3
        assert len(tracker.find_artifacts("/m")) == 1
        assert [source.source_run_id for source in tracker.sources("b")] == ["a"]
        health = tracker.health()
        assert (health["runs"], health["artifacts"]) == (3, 1)
        assert health["nodes of others"] == 4
        assert health["unrecognised nodes and links"] != 0
        tracker.record("b", metadata={"lr": 2})
        after = rows(driver(generation), "MATCH (n) WHERE NOT n.run_id IN ['a', 'b', 'c'] RETURN properties(n)")
        assert sorted(map(str, after)) == sorted(map(str, before))


# -- what Neo4j would change -------------------------------------------------------------------------------------------


def test_what_people_query_by_hand_is_native() -> None:
    with GraphTracker(emptied()) as tracker:
        tracker.record("s3://lab/a", metadata={"lr": 0.001, "tags": ["x", "y"], "mixed": [1, 2.5], "run_id": "mine"})
        tracker.add_source("s3://lab/a", "s3://lab/data", "rows")
        tracker.add_artifact("s3://lab/a", "m", "/m" * 5000)
    found = rows(
        driver("5"),
        "MATCH (r:Run {run_id: 's3://lab/a'}) WHERE r.lr < 0.01 AND 'x' IN r.tags "
        "AND r.created_at > datetime() - duration('PT1H') "
        "RETURN r.name, r.mixed, r.`metadata.run_id`, labels(r), valueType(r.created_at)",
    )
    assert found == [["a", "json:[1,2.5]", "mine", ["Run"], "ZONED DATETIME NOT NULL"]]
    assert rows(
        driver("5"),
        "MATCH (:Run)-[u:USED]->(a:Artifact:Declared)-[:GENERATED_BY]->(r:Run:External) "
        "RETURN a.run_id, a.name, r.name, valueType(u.created_at)",
    ) == [["s3://lab/data", "rows", "data", "ZONED DATETIME NOT NULL"]]


def test_a_duration_is_native_and_one_of_months_is_its_text() -> None:
    with GraphTracker(emptied()) as tracker:
        tracker.record("short", metadata={"took": timedelta(minutes=5)})
        tracker.record("long", metadata={"took": timedelta(days=2, microseconds=1)})
        driver("5").execute_query(
            "MATCH (r:Run {run_id: 'short'}) SET r.left = duration('P1M'), r.fine = duration('PT0.000000001S')"
        )
        assert rows(driver("5"), "MATCH (r:Run) WHERE r.took.days = 2 RETURN r.run_id, valueType(r.took)") == [
            ["long", "DURATION NOT NULL"]
        ]
        assert tracker.metadata("short") == {"took": timedelta(minutes=5), "left": "P1M", "fine": "PT0.000000001S"}
        assert tracker.run_ids(took=timedelta(seconds=300)) == ["short"]


def test_a_path_longer_than_an_index_holds_is_found() -> None:
    paths = [start + "/é" * 5000 for start in ("a", "b")] + ["b" + "/é" * 5000 + "!"]
    with GraphTracker(emptied()) as tracker:
        for number, path in enumerate(paths):
            tracker.add_artifact("run", f"{number}", path)
        assert [[artifact.name for artifact in tracker.find_artifacts(path)] for path in paths] == [["0"], ["1"], ["2"]]
        tracker.add_artifact("run", "0", "short")
        assert tracker.artifacts("run")["0"].path == "short"
        assert tracker.find_artifacts(paths[0]) == []


INJECTIONS = [
    "'}) DETACH DELETE n //",
    "`}) MATCH (n) DETACH DELETE n //",
    "\\u0027}) DETACH DELETE n",
    "$run_id",
    "//",
    "*/",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_cypher_in_an_argument_is_text(text: str) -> None:
    with GraphTracker(emptied()) as tracker:
        tracker.add_metadata("kept", lr=1)
        tracker.add_metadata(text, **{text: text})
        tracker.add_artifact(text, text, text, {text: [text]})
        tracker.add_source("consumer", text, text)
        assert tracker.metadata(text) == {text: text}
        assert tracker.run_ids(**{text: text}) == [text]
        assert tracker.find_run(text) == text
        assert tracker.lineage(text, artifact_name=text, max_runs=2).runs.keys() == {text, "consumer"}
        assert tracker.find_artifacts(text)[0].metadata == {text: [text]}
        assert tracker.metadata("kept") == {"lr": 1}
