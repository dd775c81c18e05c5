"""A call waits for as long as its server answers somebody, and no longer."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from types import SimpleNamespace
from typing import Any

import pytest

from graphtracker import GraphTracker, StoreUnavailable
from graphtracker.stores.neo4j import watch
from graphtracker.stores.neo4j.watch import Watch, is_silent
from graphtracker.stores.snapshot import Snapshot
from tests.support.cluster import Cluster, Member, playing
from tests.support.forking import WAIT, in_fork, needs_fork
from tests.support.servers import emptied
from tests.support.waiting import wait_for

SOON = "?connection_timeout=1"


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Three members, the first of which leads, in front of an empty server."""
    with playing(emptied()) as started:
        yield started


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What came of each asking whether a server is silent."""
    found: list[bool] = []

    def noted(connected: socket.socket, seconds: float) -> bool:
        found.append(is_silent(connected, seconds))
        return found[-1]

    monkeypatch.setattr(watch, "is_silent", noted)
    return found


def freeze(member: Member) -> None:
    member.silent = True


def assert_unavailable(call: Callable[[], object], pool: ThreadPoolExecutor) -> None:
    """Long before the driver would give it up."""
    with pytest.raises(StoreUnavailable, match="does not answer"):
        pool.submit(call).result(WAIT)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


# -- a server that says nothing any more -------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_server_that_freezes_in_a_commit_is_unavailable_and_then_written_to_again(
    scheme: str, moment: str, cluster: Cluster, pool: ThreadPoolExecutor
) -> None:
    with GraphTracker(cluster.url(scheme, options=SOON)) as tracker:
        tracker.add_metadata("run", n=1)
        setattr(cluster, moment, freeze)
        assert_unavailable(lambda: tracker.record("run", metadata={"n": 2}), pool)
        setattr(cluster, moment, lambda member: None)
        cluster.members[0].silent = False
        tracker.record("run", metadata={"n": 2})
        assert tracker.metadata("run") == {"n": 2}
        assert tracker.health()["metadata values"] == 1


def test_an_answer_comes_from_another_member_where_one_freezes_in_the_middle_of_it(cluster: Cluster) -> None:
    frozen: list[int] = []

    def read(snapshot: Snapshot) -> object:
        assert snapshot.newest_at(["/nowhere"]) == {}
        if not frozen:
            frozen.append(cluster.begun[-1].member)
            freeze(cluster.members[frozen[0]])
        return snapshot.newest_at(["/m"])

    with GraphTracker(cluster.url()) as tracker:  # a shorter timeout leaves a busy machine no time for the other one
        tracker.add_artifact("run", "model", "/m")
        assert tracker._recorder.read(read) != {}
    assert cluster.read_by() == {1, 2}
    assert frozen in ([1], [2])


def test_all_calls_that_wait_for_a_silent_server_end(
    cluster: Cluster, pool: ThreadPoolExecutor, asked: list[bool]
) -> None:
    with GraphTracker(cluster.url("bolt", options=SOON)) as tracker:
        tracker.add_metadata("run")
        cluster.before_commit = freeze
        calls = [pool.submit(tracker.add_metadata, f"run-{number}", n=1) for number in range(8)]
        for call in calls:
            with pytest.raises(StoreUnavailable):
                call.result(WAIT)
    assert len(asked) < 8


@needs_fork
def test_a_child_that_was_forked_in_the_middle_of_a_call_has_its_own_calls_ended(
    cluster: Cluster, pool: ThreadPoolExecutor
) -> None:
    with GraphTracker(cluster.url("bolt", options=SOON)) as tracker:
        tracker.add_metadata("run")
        waits, go_on = threading.Event(), threading.Event()
        cluster.before_commit = lambda member: waits.set() or go_on.wait(WAIT)  # type: ignore[func-returns-value]
        call = pool.submit(tracker.add_metadata, "parent", n=1)
        assert waits.wait(WAIT)
        cluster.before_commit = freeze

        def in_child() -> None:
            with pytest.raises(StoreUnavailable):
                tracker.add_metadata("child", n=1)

        in_fork(in_child)
        with pytest.raises(StoreUnavailable):
            call.result(WAIT)
        go_on.set()


# -- a server that only takes its time ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_call_that_takes_long_is_not_ended_while_its_server_answers_others(
    scheme: str, cluster: Cluster, asked: list[bool]
) -> None:
    with GraphTracker(cluster.url(scheme, options="?connection_timeout=0.5")) as tracker:
        tracker.add_metadata("run", n=1)
        cluster.before_commit = lambda member: wait_for(lambda: len(asked) > 3)
        tracker.add_metadata("run", n=2)
        cluster.before_commit = lambda member: None
        assert tracker.metadata("run") == {"n": 2}
    assert len(cluster.written_by()) == 1
    assert not any(asked)


def test_a_short_call_asks_nobody(cluster: Cluster, asked: list[bool]) -> None:
    with GraphTracker(cluster.url("bolt")) as tracker:
        tracker.add_metadata("run", n=1)
        assert tracker.metadata("run") == {"n": 1}
    assert asked == []


# -- what counts as silence --------------------------------------------------------------------------------------------


def context(side: int) -> ssl.SSLContext:
    """For connections that are encrypted, and need no certificate."""
    made = ssl.SSLContext(side)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers("AECDH:@SECLEVEL=0")
    return made


def encrypted(stream: socket.socket) -> socket.socket:
    return context(ssl.PROTOCOL_TLS_SERVER).wrap_socket(stream, server_side=True)


def decrypted(stream: socket.socket, tls: bool) -> socket.socket:
    return context(ssl.PROTOCOL_TLS_CLIENT).wrap_socket(stream) if tls else stream


Answering = Callable[[socket.socket], object]


@contextmanager
def connected_to(answer: Answering, *, tls: bool = False) -> Iterator[socket.socket]:
    """A connection to a server that treats all further ones like this."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=_serve, args=(listening, encrypted if tls else lambda stream: stream, answer))
        server.start()
        try:
            with socket.create_connection(listening.getsockname()) as plain, decrypted(plain, tls) as connected:
                yield connected
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            server.join(WAIT)


def _serve(listening: socket.socket, greet: Callable[[socket.socket], socket.socket], answer: Answering) -> None:
    with suppress(OSError), greet(listening.accept()[0]):
        while True:
            with listening.accept()[0] as stream, suppress(OSError):
                answer(stream)


def say_nothing(stream: socket.socket) -> None:
    while stream.recv(100):
        pass


def take_a_version(stream: socket.socket) -> None:
    stream.sendall(stream.recv(20)[4:8])


def behind_encryption(answer: Answering) -> Answering:
    def encrypting(stream: socket.socket) -> None:
        with encrypted(stream) as plain:
            answer(plain)

    return encrypting


ANSWERS: dict[str, Answering] = {
    "a version": take_a_version,
    "something else": lambda stream: stream.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "the end": lambda stream: stream.recv(1),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_whatever_a_server_says_it_is_not_silent(answer: str) -> None:
    with connected_to(ANSWERS[answer]) as connected:
        assert not is_silent(connected, WAIT)


def test_a_server_that_takes_connections_and_says_nothing_is_silent() -> None:
    with connected_to(say_nothing) as connected:
        assert is_silent(connected, 0.1)


def test_an_encrypted_connection_is_answered_as_another_one_is() -> None:
    with connected_to(behind_encryption(take_a_version), tls=True) as connected:
        assert not is_silent(connected, WAIT)


@pytest.mark.parametrize("answer", [say_nothing, behind_encryption(say_nothing)])
def test_a_frozen_server_is_silent_on_an_encrypted_connection_too(answer: Answering) -> None:
    """Itself, or behind something that encrypts for it."""
    with connected_to(answer, tls=True) as connected:
        assert is_silent(connected, 0.3)


def test_a_server_that_refuses_new_connections_is_not_silent() -> None:
    """It may be about to end, once what it has begun is done."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        connected = socket.create_connection(listening.getsockname())
    with connected:
        assert not is_silent(connected, WAIT)


@pytest.mark.parametrize(("code", "silent"), [(errno.EMFILE, False), (errno.EHOSTUNREACH, True)])
def test_a_machine_that_nobody_answers_for_is_silent_and_no_room_for_connections_is_not(
    code: int, silent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> socket.socket:
        raise OSError(code, os.strerror(code))

    with connected_to(say_nothing) as connected, monkeypatch.context() as patch:
        patch.setattr(socket, "socket", failing)
        assert is_silent(connected, 0.1) == silent


# -- the threads that look after calls ---------------------------------------------------------------------------------


def session(connected: socket.socket | None) -> Any:
    """One that waits at this socket."""
    return SimpleNamespace(_connection=connected and SimpleNamespace(socket=SimpleNamespace(_socket=connected)))


def test_one_thread_looks_after_all_calls_until_there_are_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Callable[[], None]] = []
    monkeypatch.setattr(watch, "begin", begun.append)
    monkeypatch.setattr(watch, "IDLE", 0.0)
    watching = Watch(0.0)
    for _ in range(3):
        with watching.over(session(None)), watching.over(session(None)):
            pass
    (look_on,) = begun
    look_on()
    assert len(begun) == 1
    with watching.over(session(None)):
        assert len(begun) == 2


def test_the_calls_that_wait_for_one_server_are_asked_about_once() -> None:
    watching = Watch(4.0)
    with connected_to(take_a_version) as here, connected_to(take_a_version) as there, ExitStack() as calls:
        for connected in (here, there, here, None):
            calls.enter_context(watching.over(session(connected)))
        due = watching._due(time.monotonic() + 4)
        assert {address: len(waiting) for address, waiting in due.items()} == {
            here.getpeername(): 2,
            there.getpeername(): 1,
        }


def test_a_call_that_is_over_keeps_its_connection() -> None:
    watching = Watch(0.1)
    with connected_to(say_nothing) as connected:
        with watching.over(session(connected)):
            (waiting,) = watching._due(time.monotonic() + 1).values()
        watching._ask(waiting)
        connected.settimeout(0)
        with pytest.raises(BlockingIOError):
            connected.recv(1)


def test_a_call_goes_on_unwatched_where_there_can_be_no_more_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(watch, "begin", full)
    watching = Watch(0.0)
    with watching.over(session(None)):
        assert not watching._looking.locked()


@pytest.mark.skipif(not hasattr(socket, "TCP_KEEPIDLE"), reason="this system calls it otherwise")
def test_the_system_looks_after_a_connection_that_has_waited() -> None:
    """Which finds out that this one alone is dead, as where a firewall has forgotten it."""
    watching = Watch(4.0)
    with connected_to(take_a_version) as connected, watching.over(session(connected)):
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # as the driver does
        (waiting,) = watching._due(time.monotonic() + 4).values()
        watching._ask(waiting)
        options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        assert [connected.getsockopt(socket.IPPROTO_TCP, option) for option in options] == [1, 1, 3]
