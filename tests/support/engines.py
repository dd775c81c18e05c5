"""The two Graphviz that draw: the one that pygraphviz carries, the system's."""

from __future__ import annotations

import sys

import pytest

from graphtracker.drawing.graphviz import pygraphviz
from tests.support.needs import missing


@pytest.fixture
def no_pygraphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process finds no pygraphviz."""
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def needs_pygraphviz() -> None:
    """Without pygraphviz the test is skipped, but fails in CI."""
    if pygraphviz.command("svg") is None:
        missing("pygraphviz is not installed; pip install 'graphtracker[draw]' to test pictures that it draws")


@pytest.fixture(params=["pygraphviz", "dot"])
def engine(request: pytest.FixtureRequest) -> str:
    """The Graphviz that draws; the test runs once for each, where it is there."""
    name = str(request.param)
    if name == "pygraphviz":
        request.getfixturevalue("needs_pygraphviz")
    else:
        request.getfixturevalue("no_pygraphviz")
        request.getfixturevalue("dot")
    return name
