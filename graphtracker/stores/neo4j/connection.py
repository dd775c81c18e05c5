"""A process's own driver for a Neo4j: made on use, shared by threads, never used after a fork."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import neo4j
from neo4j.exceptions import DriverError, Neo4jError, TransientError

from graphtracker.cypher import statement
from graphtracker.errors import GraphTrackerError, StoreError
from graphtracker.model.display import quoted
from graphtracker.stores.contract import Answered
from graphtracker.stores.neo4j import schema
from graphtracker.stores.neo4j.ask import Ask, asking
from graphtracker.stores.neo4j.failures import meaning
from graphtracker.stores.neo4j.url import Neo4jURL

_RETRIED = 4.0  # seconds for which the driver itself tries again, also with a server that is away
_PAUSE = 0.05  # seconds before a transaction that another one stood in the way of is tried again

# What the driver logs of a server that is away would otherwise go to stderr, beside the one error that says so.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

# Drivers of a parent process, which its forked children must neither use nor close: they share its sockets.
_inherited: list[neo4j.Driver] = []


class Neo4jConnection:
    """The driver, the bookmarks that make this tracker see its own writes, and what is known of the schema."""

    def __init__(self, url: Neo4jURL) -> None:
        self.url = url
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._driver: neo4j.Driver | None = None
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager()
        self._schema: schema.Schema | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"url": self.url}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    def write(self, name: str, parameters: dict[str, Any]) -> None:
        """Runs one statement in a transaction of its own; makes the schema first where it is missing."""

        def work(session: neo4j.Session) -> None:
            if self._schema is None or not self._schema.whole:
                self._schema = schema.made(asking(session.run))
            session.execute_write(lambda transaction: transaction.run(statement(name), parameters).consume())

        self._use(work, neo4j.WRITE_ACCESS)

    def read(self, work: Callable[[Ask], Answered]) -> Answered:
        """Returns what ``work`` makes of the rows it asks for, in one read transaction."""

        def in_session(session: neo4j.Session) -> Answered:
            if self._schema is None:
                self._schema = schema.found(asking(session.run))
            return session.execute_read(lambda transaction: work(asking(transaction.run)))

        return self._use(in_session, neo4j.READ_ACCESS)

    @property
    def has_schema(self) -> bool:
        """Whether the constraints were there when last looked at."""
        return self._schema is not None and self._schema.whole

    def close(self) -> None:
        """Ends the connections; a later call opens them again."""
        with self._lock:
            if self._driver is not None and self._pid == os.getpid():
                self._closing()
            self._driver = None

    def _use(self, work: Callable[[neo4j.Session], Answered], access: str) -> Answered:
        """Does the work in a session, again while other transactions stand in its way."""
        deadline = time.monotonic() + self.url.timeout
        while True:
            try:
                with self._opened().session(
                    database=self.url.database, bookmark_manager=self._bookmarks, default_access_mode=access
                ) as session:
                    return work(session)
            except TransientError as error:
                if time.monotonic() > deadline:
                    raise meaning(error, self.url) from error
                time.sleep(_PAUSE)
            except StoreError as error:
                raise type(error)(f"{quoted(self.url.shown)}: {error}") from None
            except GraphTrackerError:  # of the work itself, such as a run that is not found
                raise
            except (Neo4jError, DriverError, OSError, ValueError) as error:
                raise meaning(error, self.url) from error

    def _opened(self) -> neo4j.Driver:
        if self._pid != os.getpid():
            if self._driver is not None:
                _inherited.append(self._driver)
            self._begin()
        with self._lock:
            if self._driver is None:
                self._driver = self._made()
                self._closing = weakref.finalize(self, _close, self._driver, self._pid)
            return self._driver

    def _made(self) -> neo4j.Driver:
        url = self.url
        return neo4j.GraphDatabase.driver(
            url.address,
            auth=None if url.username is None else (url.username, url.password or ""),
            user_agent=f"graphtracker/{version('graphtracker')}",
            telemetry_disabled=True,
            notifications_min_severity="OFF",
            connection_timeout=url.connection_timeout / 2,
            connection_acquisition_timeout=url.connection_timeout,  # which is also what a silent server is given
            max_connection_pool_size=1000,
            max_transaction_retry_time=min(_RETRIED, url.connection_timeout / 2),
        )


def _close(driver: neo4j.Driver, pid: int) -> None:
    if pid == os.getpid():
        driver.close()
    else:
        _inherited.append(driver)
