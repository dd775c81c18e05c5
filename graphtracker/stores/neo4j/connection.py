"""A process's own driver for a Neo4j: made on use, shared by threads, never used after a fork."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from graphtracker.errors import GraphTrackerError, StoreError
from graphtracker.model.display import quoted
from graphtracker.stores.contract import Answered
from graphtracker.stores.neo4j import schema
from graphtracker.stores.neo4j.ask import Ask, asking
from graphtracker.stores.neo4j.failures import causes, meaning, worth_another_try
from graphtracker.stores.neo4j.url import Neo4jURL

_SHORTEST_PAUSE = 0.05  # seconds before a transaction that another one stood in the way of is tried again
_LONGEST_PAUSE = 1.0

# What the driver logs of a server that is away would otherwise go to stderr, beside the one error that says so.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

# Drivers of a parent process, which its forked children must neither use nor close: they share its sockets.
_inherited: list[neo4j.Driver] = []

_connections: weakref.WeakSet[Neo4jConnection] = weakref.WeakSet()


def _in_child() -> None:
    for connection in list(_connections):
        connection.let_go()


os.register_at_fork(after_in_child=_in_child)


class _Calls(threading.local):
    """The calls of one thread on one connection: whether it is inside one, and those that wait for the end of that.

    A signal handler, or a finalizer that the collector runs, may call in the middle of a call of its own thread. The
    driver cannot be entered twice by one thread (not all of its locks let that thread in again), and what the outer
    call has locked in the database stays so until it ends.
    """

    def __init__(self) -> None:
        self.inside = threading.Lock()  # taken by ``with`` alone, which no interrupt can leave half done
        self.waiting: deque[Callable[[], object]] = deque()

    def do_waiting(self) -> None:
        """Does what waits, also what comes meanwhile; raises the first error when all of it is done."""
        failure: Exception | None = None
        while self.waiting and not self.inside.locked():
            with self.inside:
                try:
                    self.waiting[0]()
                except Exception as error:  # noqa: BLE001  # of one call, which the others have no part in
                    failure = failure or error
                self.waiting.popleft()  # not where an interrupt came: a merge may be done again
        if failure is not None:
            raise failure


class Neo4jConnection:
    """The driver, the bookmarks that make this tracker see its own writes, and what is known of the schema."""

    def __init__(self, url: Neo4jURL) -> None:
        self.url = url
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._calls = _Calls()
        self._driver: neo4j.Driver | None = None
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager()
        self._schema: schema.Schema | None = None
        _connections.add(self)

    def __getstate__(self) -> dict[str, Any]:
        return {"url": self.url}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    def let_go(self) -> None:
        """Begins anew in a forked child, where other threads' locks stay held and the driver is the parent's."""
        if self._driver is not None:
            _inherited.append(self._driver)
        self._begin()

    def alone(self, call: Callable[[], object]) -> None:
        """Does what the call does, and after it what came in the middle of it.

        A call in the middle of another one of the same thread is left to that one.
        """
        calls = self._calls
        if calls.inside.locked():
            calls.waiting.append(call)
            return
        try:
            with calls.inside:
                call()
        finally:
            calls.do_waiting()

    def write(self, work: Callable[[Ask], object]) -> None:
        """Does ``work`` in a write transaction, after the schema where that is missing; an exception undoes it.

        For whoever is ``alone``.
        """
        self._use(work, neo4j.WRITE_ACCESS)

    def read(self, work: Callable[[Ask], Answered]) -> Answered:
        """Returns what ``work`` makes of the rows it asks for, in one read transaction."""
        calls = self._calls
        if not calls.inside.locked():
            try:
                with calls.inside:
                    return self._use(work, neo4j.READ_ACCESS)
            finally:
                calls.do_waiting()
        apart = Neo4jConnection(self.url)  # an answer cannot wait for the call in the middle of which it is asked for
        try:
            return apart.read(work)
        finally:
            apart.close()

    @property
    def has_schema(self) -> bool:
        """Whether the constraints were there when last looked at."""
        return self._schema is not None and self._schema.whole

    def close(self) -> None:
        """Ends the connections; a later call opens them again."""
        self.alone(self._disconnect)

    def _disconnect(self) -> None:
        with self._lock:
            driver, self._driver = self._driver, None
            if driver is not None:
                self._closing()

    def _use(self, work: Callable[[Ask], Answered], access: str) -> Answered:
        """Does the work in a transaction, again for as long as that is worth it."""
        began = time.monotonic()
        failed: float | None = None
        pause = _SHORTEST_PAUSE
        while True:
            try:
                return self._once(work, access)
            except StoreError as error:
                raise type(error)(f"{quoted(self.url.shown)}: {error}") from None
            except GraphTrackerError:  # of the work itself, such as a run that is not found
                raise
            except (Neo4jError, DriverError, OSError, ValueError) as error:
                now = time.monotonic()
                failed = failed or now
                if not worth_another_try(error, self.url, now - began, now - failed):
                    raise meaning(error, self.url, writing=access == neo4j.WRITE_ACCESS) from error
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311  # no cryptography
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _once(self, work: Callable[[Ask], Answered], access: str) -> Answered:
        session = self._opened().session(
            database=self.url.database, bookmark_manager=self._bookmarks, default_access_mode=access
        )
        try:
            self._look_at_schema(session, access)
            transaction = session.begin_transaction()
            answer = work(asking(transaction.run))
            transaction.commit()
            session.close()
        except BaseException as error:
            _end(session, interrupt := _interrupt(error))
            if interrupt is not None:
                raise interrupt from None  # in whatever else it came out of the driver
            raise
        return answer

    def _look_at_schema(self, session: neo4j.Session, access: str) -> None:
        """Makes what is missing of the schema, before the first write; finds what is there before the first read."""
        if access == neo4j.READ_ACCESS and self._schema is None:
            self._schema = schema.found(asking(session.run))
        elif access == neo4j.WRITE_ACCESS and not self.has_schema:
            self._schema = schema.made(asking(session.run))

    def _opened(self) -> neo4j.Driver:
        with self._lock:
            if self._driver is None:
                self._driver = self._made()
                self._closing = weakref.finalize(self, _close, self._driver, os.getpid())
            return self._driver

    def _made(self) -> neo4j.Driver:
        url = self.url
        return neo4j.GraphDatabase.driver(
            url.address,
            auth=None if url.username is None else (url.username, url.password or ""),
            user_agent=_user_agent(),
            telemetry_disabled=True,
            notifications_min_severity="OFF",
            connection_timeout=url.connection_timeout / 2,
            connection_acquisition_timeout=url.connection_timeout,  # which is also what a silent server is given
            max_connection_pool_size=1000,
        )


def _interrupt(error: BaseException) -> BaseException | None:
    """What interrupted the driver, such as a KeyboardInterrupt, where the error comes from that."""
    return next((cause for cause in causes(error) if not isinstance(cause, Exception)), None)


def _end(session: neo4j.Session, interrupt: BaseException | None) -> None:
    """Ends a session that failed, and with it its transaction."""
    if interrupt is None:
        with contextlib.suppress(Neo4jError, DriverError):  # the first failure is the one to tell
            session.close()
        return
    # Half an answer may have been read: that connection is never used again. The driver knows no other exception of
    # that kind than this one.
    session.__exit__(asyncio.CancelledError, None, None)  # type: ignore[no-untyped-call]


def _user_agent() -> str:
    try:
        return f"graphtracker/{version('graphtracker')}"
    except PackageNotFoundError:  # in a bundle that left the metadata behind, such as a zipapp
        return "graphtracker"


def _close(driver: neo4j.Driver, pid: int) -> None:
    if pid == os.getpid():
        driver.close()
    else:
        _inherited.append(driver)
