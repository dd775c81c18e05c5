"""Bearers of a node are those runs asked about that are it or have it among their ancestors."""

from __future__ import annotations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from graphtracker import GraphTracker
from graphtracker.analysis.bearers import bearers
from graphtracker.analysis.links import links
from tests.support.oracle import Call, Model, tell
from tests.support.strategies import histories


@given(histories, st.data())
def test_they_are_those_of_networkx(calls: list[Call], data: st.DataObject) -> None:
    model = Model.of(calls)
    asked = data.draw(st.lists(st.sampled_from(sorted(model.runs)), unique=True))
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        steps = links(tracker.graph())
    above = {each: nx.ancestors(model.e, each) | {each} for each in asked}
    expected = {
        node: sum(1 << place for place, each in enumerate(asked) if node in above[each]) for node in model.nodes
    }
    assert bearers(model.nodes, steps, asked) == expected


def test_equal_sets_are_one_object() -> None:
    asked = [f"run-{number}" for number in range(1000)]
    found = bearers(["one", "two", *asked], {"one": asked, "two": asked}, asked)
    assert found["one"] is found["two"]
