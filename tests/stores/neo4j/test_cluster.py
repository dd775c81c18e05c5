"""What holds on a cluster: each call goes to a member that can do it, all is there once, and seen by who wrote it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graphtracker import AccessDenied, GraphTracker, StoreError, StoreUnavailable
from graphtracker.api import TrackerArtifact, TrackerSource
from tests.support.cluster import NOT_A_LEADER, Cluster, Member, playing
from tests.support.forking import WAIT
from tests.support.servers import emptied
from tests.support.spools import files
from tests.support.tools import environment
from tests.support.waiting import wait_for

MOVING = [
    NOT_A_LEADER,
    "Neo.ClientError.Cluster.Routing",
    "Neo.ClientError.Routing.RoutingFailed",
    "Neo.TransientError.Cluster.ReplicationFailure",
    "Neo.TransientError.General.DatabaseUnavailable",
    "Neo.TransientError.Transaction.LeaderSwitch",
    "Neo.TransientError.Transaction.LeaseExpired",
]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Three members, the first of which leads, in front of an empty server."""
    with playing(emptied()) as started:
        yield started


@pytest.fixture
def tracker(cluster: Cluster) -> Iterator[GraphTracker]:
    with GraphTracker(cluster.url()) as opened:
        opened.add_metadata("first", n=0)
        cluster.begun.clear()
        yield opened


def once(action: Callable[[Member], object]) -> Callable[[Member], object]:
    """The action, the first time that it is called."""
    left = [action]
    return lambda member: left.pop()(member) if left else None


def record(tracker: GraphTracker, number: int) -> None:
    tracker.record(
        f"run-{number}",
        metadata={"n": number},
        artifacts=[TrackerArtifact("model", f"/{number}", {"n": number})],
        sources=[TrackerSource("data", "rows")],
    )


def check(tracker: GraphTracker, count: int) -> None:
    """These runs are there, each once, with all that was recorded of them."""
    runs = {f"run-{number}": number for number in range(count)}
    assert {run.run_id: run.metadata.get("n") for run in tracker.runs() if run.run_id != "first"} == runs
    assert sorted(tracker.consumers("data", "rows")) == sorted(runs)
    for run_id, number in runs.items():
        assert {name: item.path for name, item in tracker.artifacts(run_id).items()} == {"model": f"/{number}"}
        assert len(tracker.sources(run_id)) == 1
    health = tracker.health()
    assert (health["runs"], health["artifacts"], health["sources"]) == (count + 1, count, count)


# -- who is asked ------------------------------------------------------------------------------------------------------


def test_writes_go_to_the_leader_and_reads_to_the_followers(cluster: Cluster, tracker: GraphTracker) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: record(tracker, number), range(8)))
        list(pool.map(lambda number: tracker.lineage(f"run-{number}"), range(8)))
    check(tracker, 8)
    assert cluster.written_by() == {0}
    assert cluster.read_by() == {1, 2}


@pytest.mark.parametrize("member", [0, 1, 2])
def test_any_member_leads_to_the_whole_cluster(member: int, cluster: Cluster) -> None:
    with GraphTracker(cluster.url(member=member)) as tracker:
        record(tracker, 0)
        assert tracker.run_ids() == ["run-0"]
    assert cluster.written_by() == {0}
    assert 0 not in cluster.read_by()


def test_bolt_asks_the_member_that_it_names_and_no_other(cluster: Cluster) -> None:
    with GraphTracker(cluster.url("bolt")) as tracker:
        record(tracker, 0)
        assert tracker.run_ids() == ["run-0"]
    assert {each.member for each in cluster.begun} == {0}
    assert cluster.routed == 0


def test_bolt_to_a_follower_reads_and_refuses_to_write_with_the_way_out(cluster: Cluster) -> None:
    with GraphTracker(cluster.url("bolt", 1, "?connection_timeout=1")) as tracker:
        assert tracker.run_ids() == []
        with pytest.raises(StoreUnavailable, match="neo4j:// URL finds the leader"):
            record(tracker, 0)
    assert cluster.routed == 0


# -- a leader that moves -----------------------------------------------------------------------------------------------


def move(cluster: Cluster, to: int | None) -> Callable[[Member], object]:
    return lambda member: setattr(cluster, "leader", to)


def test_a_write_finds_the_leader_that_has_moved_since(cluster: Cluster, tracker: GraphTracker) -> None:
    cluster.leader = 2
    record(tracker, 0)
    check(tracker, 1)
    assert cluster.begun[-1].member != 2
    assert cluster.routed == 2


def test_a_leader_that_moves_in_the_middle_of_a_write_loses_and_doubles_nothing(
    cluster: Cluster, tracker: GraphTracker
) -> None:
    for number in range(9):
        cluster.before_commit = once(move(cluster, number % 3))
        record(tracker, number)
    check(tracker, 9)


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_a_leader_that_dies_in_a_commit_loses_and_doubles_nothing(
    moment: str, cluster: Cluster, tracker: GraphTracker
) -> None:
    def fall(member: Member) -> None:
        cluster.leader = 1
        cluster.die(member.number)

    setattr(cluster, moment, once(fall))
    record(tracker, 0)
    check(tracker, 1)


def test_a_write_whose_answer_is_lost_is_written_again_and_stands_as_it_was_said(
    cluster: Cluster, tracker: GraphTracker
) -> None:
    for number in range(4):
        cluster.after_commit = once(lambda member: cluster.cut_off(member.number))
        tracker.add_metadata("run", n=number)
        assert tracker.metadata("run") == {"n": number}


def test_writers_in_many_threads_survive_leaders_that_come_and_go(cluster: Cluster, tracker: GraphTracker) -> None:
    moves = iter(range(1, 1000))

    def now_and_then(member: Member) -> None:
        number = next(moves)
        if number % 5 == 0:
            cluster.leader = number % 3

    cluster.before_commit = now_and_then
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: record(tracker, number), range(24)))
    check(tracker, 24)


def test_a_write_waits_for_a_leader_to_be_elected(cluster: Cluster, tracker: GraphTracker) -> None:
    cluster.leader = None
    asked = threading.Event()
    table = cluster.table

    def elected_when_asked_again() -> dict[str, object]:
        if asked.is_set():
            cluster.leader = 1
        asked.set()
        return table()

    cluster.table = elected_when_asked_again  # type: ignore[method-assign]
    record(tracker, 0)
    check(tracker, 1)


def test_without_a_leader_writes_fail_soon_and_reads_go_on(cluster: Cluster) -> None:
    with GraphTracker(cluster.url(options="?connection_timeout=1")) as tracker:
        record(tracker, 0)
        cluster.leader = None
        with pytest.raises(StoreUnavailable):
            record(tracker, 1)
        assert tracker.run_ids() == ["run-0"]


@pytest.mark.parametrize("code", MOVING)
def test_what_a_cluster_says_while_it_changes_is_tried_again_then_unavailable(code: str, cluster: Cluster) -> None:
    with GraphTracker(cluster.url(options="?connection_timeout=1")) as tracker:
        cluster.members[0].refuses = code
        with pytest.raises(StoreUnavailable) as caught:
            record(tracker, 0)
        assert type(caught.value) is StoreUnavailable
        assert len([each for each in cluster.begun if each.writes]) > 1
        cluster.members[0].refuses = None
        record(tracker, 0)
        assert tracker.run_ids() == ["run-0"]


# -- members that are away ---------------------------------------------------------------------------------------------


def test_a_follower_that_dies_is_left_out(cluster: Cluster, tracker: GraphTracker) -> None:
    for number in range(4):
        record(tracker, number)
        tracker.run_ids()
    cluster.die(1)
    check(tracker, 4)
    cluster.rise(1)
    cluster.die(2)
    record(tracker, 4)
    check(tracker, 5)


def test_addresses_of_members_that_are_gone_cost_no_answer(cluster: Cluster) -> None:
    with playing("bolt://127.0.0.1:1", 2) as gone:
        cluster.strangers = [member.address for member in gone.members]
    for _ in range(4):
        with GraphTracker(cluster.url()) as tracker:
            tracker.add_metadata("first", n=0)
            assert tracker.run_ids() == ["first"]


def test_a_member_that_says_nothing_costs_no_answer(cluster: Cluster) -> None:
    """Which of the two followers is asked first is chance."""
    cluster.members[1].silent = True
    for _ in range(4):
        with GraphTracker(cluster.url(options="?connection_timeout=2")) as tracker:
            assert tracker.run_ids() == []
    assert cluster.read_by() == {2}


def test_the_member_that_the_url_names_may_die_once_the_others_are_known(
    cluster: Cluster, tracker: GraphTracker
) -> None:
    cluster.leader = 1
    record(tracker, 0)
    cluster.die(0)
    record(tracker, 1)
    check(tracker, 2)


@pytest.mark.parametrize("call", [lambda tracker: record(tracker, 0), lambda tracker: tracker.run_ids()])
def test_a_cluster_that_is_away_is_unavailable_within_ten_seconds(
    call: Callable[[GraphTracker], object], cluster: Cluster, tracker: GraphTracker
) -> None:
    """A time that is asserted because it is promised."""
    tracker.run_ids()
    cluster.die(0, 1, 2)
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="is it running"):
        call(tracker)
    assert time.monotonic() - began < 10
    cluster.rise(0, 1, 2)
    assert tracker.run_ids() == ["first"]


def test_a_cluster_that_says_nothing_is_unavailable_within_ten_seconds(cluster: Cluster) -> None:
    for member in cluster.members:
        member.silent = True
    cluster.strangers = [member.address for member in cluster.members]
    began = time.monotonic()
    with GraphTracker(cluster.url()) as tracker, pytest.raises(StoreUnavailable):
        record(tracker, 0)
    assert time.monotonic() - began < 10


ROUTES: dict[str, type[StoreError]] = {
    "Neo.ClientError.Database.DatabaseNotFound": StoreUnavailable,
    "Neo.ClientError.Security.Unauthorized": AccessDenied,
    "Neo.ClientError.Security.Forbidden": AccessDenied,
    "Neo.TransientError.General.DatabaseUnavailable": StoreUnavailable,
    "Neo.ClientError.Procedure.ProcedureNotFound": StoreUnavailable,
}


@pytest.mark.parametrize("code", ROUTES)
def test_a_routing_table_that_is_refused_is_the_error_that_it_means(code: str, cluster: Cluster) -> None:
    cluster.no_routes = code
    with GraphTracker(cluster.url(options="?connection_timeout=1")) as tracker:
        for call in (lambda: record(tracker, 0), tracker.run_ids):
            with pytest.raises(StoreError) as caught:
                call()
            assert type(caught.value) is ROUTES[code]
        cluster.no_routes = None
        record(tracker, 0)
        assert tracker.run_ids() == ["run-0"]


# -- a follower that is behind -----------------------------------------------------------------------------------------


def in_a_thread(work: Callable[[], object]) -> object:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(WAIT)


READERS: dict[str, Callable[[GraphTracker], object]] = {
    "the tracker": lambda tracker: tracker.run_ids(),
    "another thread": lambda tracker: in_a_thread(tracker.run_ids),
    "another tracker": lambda tracker: GraphTracker(tracker.url).run_ids(),
    "a pickled tracker": lambda tracker: pickle.loads(pickle.dumps(tracker)).run_ids(),  # noqa: S301  # our own
    "the command's health": lambda tracker: tracker.health(),
}


@pytest.mark.parametrize("reader", READERS)
def test_what_a_process_wrote_is_in_whatever_it_reads_next(
    reader: str, cluster: Cluster, tracker: GraphTracker
) -> None:
    """A follower that lacks it is waited for, and does not answer from what it has."""
    cluster.lag(1, 2)
    record(tracker, 0)
    cluster.waits_in_vain = True  # so that no reader waits for ever
    READERS[reader](tracker)
    assert cluster.outdated == []


def test_a_reader_waits_for_a_follower_to_catch_up(cluster: Cluster, tracker: GraphTracker) -> None:
    cluster.lag(1, 2)
    record(tracker, 0)
    with ThreadPoolExecutor(1) as pool:
        cluster.begun.clear()
        answer = pool.submit(tracker.run_ids)
        wait_for(lambda: bool(cluster.begun))
        assert not answer.done()
        cluster.catch_up()
        assert answer.result(WAIT) == ["run-0", "first"]
    assert cluster.read_by() <= {1, 2}


def test_a_reader_of_a_follower_that_stays_behind_asks_the_leader(cluster: Cluster, tracker: GraphTracker) -> None:
    cluster.lag(1, 2)
    cluster.waits_in_vain = True
    record(tracker, 0)
    assert tracker.run_ids() == ["run-0", "first"]
    assert cluster.begun[-1].member == cluster.leader


def test_a_cluster_that_never_has_what_was_written_is_said_once(cluster: Cluster) -> None:
    """Such as one that was restored from a backup."""
    with GraphTracker(cluster.url(options="?timeout=0.3")) as tracker:
        record(tracker, 0)
        cluster.lag(0, 1, 2)
        for member in cluster.members:
            member.applied = 0
        cluster.waits_in_vain = True
        with pytest.raises(StoreUnavailable, match="does not have yet what this process has written"):
            tracker.run_ids()
        assert tracker.run_ids() == ["run-0"]


CHILD = """
import os, sys
from graphtracker import GraphTracker
with GraphTracker(sys.argv[1]) as tracker:
    tracker.add_metadata("parent")
    child = os.fork()
    if child == 0:
        tracker.run_ids()
        os._exit(0)
    sys.exit(os.waitpid(child, 0)[1])
"""


def process(program: str, cluster: Cluster, folder: Path) -> None:
    """Runs it with the URL of the cluster."""
    surroundings = {**environment(folder), "PYTHONPATH": str(Path(__file__).parents[3])}
    subprocess.run([sys.executable, "-c", program, cluster.url()], env=surroundings, check=True, timeout=WAIT)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_sees_what_its_parent_wrote(cluster: Cluster, tmp_path: Path) -> None:
    cluster.lag(1, 2)
    cluster.waits_in_vain = True
    process(CHILD, cluster, tmp_path)
    assert cluster.outdated == []


def test_another_process_sees_it_once_the_member_that_it_asks_has_it(
    cluster: Cluster, tracker: GraphTracker, tmp_path: Path
) -> None:
    """Its answer is an earlier one, and never half of a call."""
    cluster.lag(1, 2)
    record(tracker, 0)
    process("import sys\nfrom graphtracker import GraphTracker\nGraphTracker(sys.argv[1]).run_ids()", cluster, tmp_path)
    assert len(cluster.outdated) > 0
    cluster.catch_up()
    check(tracker, 1)


# -- with a spool in front ---------------------------------------------------------------------------------------------


def test_a_spool_delivers_to_whoever_leads_and_is_empty_at_last(cluster: Cluster, tmp_path: Path) -> None:
    cluster.leader = None
    url = cluster.url(options="?connection_timeout=1")
    with GraphTracker(url, spool=tmp_path / "spool") as spooled:
        for number in range(5):
            record(spooled, number)
        cluster.leader = 2
        cluster.before_commit = once(move(cluster, 1))
    assert files(tmp_path / "spool") == []
    with GraphTracker(url) as tracker:
        tracker.add_metadata("first", n=0)
        check(tracker, 5)
