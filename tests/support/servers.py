"""The servers that the tests of a session share, one a generation, started on first use."""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack
from functools import cache
from typing import Any

import neo4j
import pytest

from tests.support.needs import missing
from tests.support.neo4j_server import NoServer, running

_OWN = os.environ.get("GRAPHTRACKER_TEST_NEO4J_URI")  # read before any fixture hides it

_stack = ExitStack()
atexit.register(_stack.close)


@cache
def server(generation: str) -> str:
    """The URL of the server of this generation; the test is skipped where there is none, but fails in CI."""
    if _OWN and generation == "5":
        return _OWN
    try:
        return _stack.enter_context(running(generation)).url
    except NoServer as error:
        missing(str(error))


@cache
def driver(generation: str) -> neo4j.Driver:
    """A bare driver for that server, which held no node when the tests began."""
    bare = neo4j.GraphDatabase.driver(server(generation), telemetry_disabled=True, notifications_min_severity="OFF")
    _stack.enter_context(bare)
    if rows(bare, "MATCH (n) RETURN count(n)") != [[0]]:
        pytest.exit("GRAPHTRACKER_TEST_NEO4J_URI names a server that is not empty, and tests delete what they find", 2)
    return bare


def rows(bare: neo4j.Driver, query: str, **parameters: Any) -> list[list[Any]]:
    """The rows of a query, sent as it is."""
    with bare.session(database="neo4j") as session:
        return session.run(query, parameters).values()


def emptied(generation: str = "5") -> str:
    """The URL of the server of this generation, with no node left in it."""
    rows(driver(generation), "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS")
    return server(generation)
