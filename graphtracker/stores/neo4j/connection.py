"""A process's own driver for a Neo4j: made on use, shared by threads, never used after a fork."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from graphtracker.errors import GraphTrackerError, StoreError
from graphtracker.model.display import quoted
from graphtracker.stores.contract import Answered
from graphtracker.stores.neo4j import schema
from graphtracker.stores.neo4j.apart import apart
from graphtracker.stores.neo4j.ask import Ask, asking
from graphtracker.stores.neo4j.bookmarks import bookmarks_of
from graphtracker.stores.neo4j.failures import is_behind, is_full, meaning, patience_left, worth_another_try
from graphtracker.stores.neo4j.pauses import Pauses
from graphtracker.stores.neo4j.url import Neo4jURL
from graphtracker.stores.neo4j.watch import watch
from graphtracker.stores.nesting import Nesting

# What the driver logs of a server that is away would otherwise go to stderr, beside the one error that says so.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

# Drivers of a parent process, which its forked children must neither use nor close: they share its sockets.
_inherited: list[neo4j.Driver] = []

QUIET = 1.0
"""Seconds after which a connection that nobody used is asked whether the server is still there: one that is frozen says
nothing, and the driver would wait for as long as the server once wished (two minutes) until it gives an answer up."""

_connections: weakref.WeakSet[Neo4jConnection] = weakref.WeakSet()


def _in_child() -> None:
    for connection in list(_connections):
        connection.let_go()


os.register_at_fork(after_in_child=_in_child)


class Try(NamedTuple):
    """How a transaction is tried: the access that it wants, that with which a member is chosen, and seconds that it
    waits for a connection."""

    access: str
    chosen_by: str
    patience: float


class Neo4jConnection:
    """The driver, the bookmarks that make this process see its own writes, and what is known of the schema."""

    def __init__(self, url: Neo4jURL) -> None:
        self.url = url
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._nesting = Nesting()  # the driver cannot be entered twice by one thread: not all its locks allow for it
        self._driver: neo4j.Driver | None = None
        self._bookmarks = bookmarks_of(self.url)
        self._watch = watch(self.url.patience / 2)
        self._schema: schema.Schema | None = None
        _connections.add(self)

    def __getstate__(self) -> dict[str, Any]:
        return {"url": self.url, "seen": sorted(self._bookmarks.get_bookmarks())}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.url = state["url"]
        self._begin()
        self._bookmarks.update_bookmarks((), state["seen"])

    def let_go(self) -> None:
        """Begins anew in a forked child, where other threads' locks stay held and the driver is the parent's."""
        if self._driver is not None:
            _inherited.append(self._driver)
        self._begin()

    def alone(self, call: Callable[[], object]) -> None:
        """Does the call; in the middle of another one of the same thread, when that is through."""
        apart(lambda: self._nesting.put_off(call) if self._nesting.in_call else self._nesting.do(call))

    def write(self, work: Callable[[Ask], object]) -> None:
        """Does ``work`` in a write transaction, after the schema where that is missing; an exception undoes it.

        For whoever is ``alone``.
        """
        self._use(work, neo4j.WRITE_ACCESS)

    def read(self, work: Callable[[Ask], Answered]) -> Answered:
        """Returns what ``work`` makes of the rows it asks for, in one read transaction."""
        return apart(lambda: self._read(work))

    def _read(self, work: Callable[[Ask], Answered]) -> Answered:
        if not self._nesting.in_call:
            return self._nesting.do(lambda: self._use(work, neo4j.READ_ACCESS))
        beside = Neo4jConnection(self.url)  # an answer cannot wait for the call in the middle of which it is asked for
        try:
            return beside._read(work)
        finally:
            beside.close()

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
        pauses = Pauses()
        this = Try(access, access, self.url.patience)
        while True:
            try:
                return self._once(work, this)
            except StoreError as error:
                raise type(error)(f"{quoted(self.url.shown)}: {error}") from None
            except GraphTrackerError:  # of the work itself, such as a run that is not found
                raise
            except (Neo4jError, DriverError, OSError, ValueError) as error:
                now = time.monotonic()
                failed = failed or now
                behind = is_behind(error)
                if not worth_another_try(error, self.url, now - began, now - failed):
                    if behind:  # it may never come up with them: a server that was restored from a backup does not
                        self._bookmarks.forget()
                    raise meaning(error, self.url, writing=access == neo4j.WRITE_ACCESS) from error
                chosen_by = neo4j.WRITE_ACCESS if behind else access  # the leader is never behind
                this = Try(access, chosen_by, patience_left(error, self.url, now - began))
                pause = pauses.next(full=is_full(error))
            time.sleep(pause)

    def _once(self, work: Callable[[Ask], Answered], this: Try) -> Answered:
        session = self._opened().session(
            database=self.url.database,
            bookmark_manager=self._bookmarks,
            default_access_mode=this.chosen_by,
            connection_acquisition_timeout=this.patience,  # which is also what a silent server is given
        )
        with self._watch.over(session), session:
            self._look_at_schema(session, this.access)
            with session.begin_transaction() as transaction:
                answer = work(asking(transaction.run))
                transaction.commit()
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
            liveness_check_timeout=QUIET,
            max_connection_pool_size=1000,
        )


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
