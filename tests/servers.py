"""The servers that the tests of a session share, one a generation, started on first use."""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack
from functools import cache
from typing import Any

import neo4j
import pytest

from tests.neo4j_server import NoServer, running

OWN = os.environ.get("GRAPHTRACKER_TEST_NEO4J_URI")  # read before any fixture hides it
_CREDENTIALS = {name: os.environ[name] for name in ("NEO4J_USERNAME", "NEO4J_PASSWORD") if name in os.environ}

_stack = ExitStack()
atexit.register(_stack.close)


@cache
def driver(generation: str) -> neo4j.Driver:
    """A bare driver for the server of this generation; the test is skipped where there is none, but fails in CI."""
    try:
        url = OWN if OWN and generation == "5" else _stack.enter_context(running(generation)).url
    except NoServer as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    return _stack.enter_context(connected(url))


def connected(url: str) -> neo4j.Driver:
    """A bare driver, checked to reach a server that may be emptied."""
    auth = (_CREDENTIALS["NEO4J_USERNAME"], _CREDENTIALS["NEO4J_PASSWORD"]) if len(_CREDENTIALS) == 2 else None
    opened = neo4j.GraphDatabase.driver(url, auth=auth, telemetry_disabled=True, notifications_min_severity="OFF")
    _URLS[opened] = url
    if url == OWN and rows(opened, "MATCH (n) RETURN count(n)") != [[0]]:
        opened.close()
        pytest.exit("GRAPHTRACKER_TEST_NEO4J_URI names a server that is not empty; tests delete what they find", 2)
    return opened


_URLS: dict[neo4j.Driver, str] = {}


def rows(opened: neo4j.Driver, query: str, **parameters: Any) -> list[list[Any]]:
    """The rows of a query, sent as it is."""
    with opened.session(database="neo4j") as session:
        return session.run(query, parameters).values()  # type: ignore[arg-type]  # a test's own text


def emptied(generation: str = "5") -> str:
    """The URL of the server of this generation, with no node left in it."""
    opened = driver(generation)
    rows(opened, "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS")
    return _URLS[opened]
