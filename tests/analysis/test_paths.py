"""What lies between nodes is what networkx finds on the same graph, by the definitions taken literally."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtracker import ArtifactNotFound, GraphTracker, Lineage, NotFound, RunNotFound
from graphtracker.export import export
from graphtracker.formats import DATA, PICTURES
from graphtracker.model.question import Answer
from tests.support.oracle import (
    Call,
    Expected,
    Logs,
    Model,
    Names,
    Node,
    Reports,
    differences,
    e_graph,
    end_of,
    run_of,
    source_key,
    tell,
)
from tests.support.strategies import histories

FEW = settings(max_examples=40)


def key(node: Node) -> tuple[str, str]:
    return (node, "") if isinstance(node, str) else node


def nodes_between(model: Model, source: Node, target: Node) -> set[Any]:
    """What descends from the source, or is it, and is the target or above it; nothing where the target does not."""
    below = nx.descendants(model.e, source) | {source} if source in model.e else set()
    return below & (nx.ancestors(model.e, target) | {target}) if target in below else set()


def expected_between(model: Model, source: Node, target: Node) -> Expected:
    """The answer of a store that holds this, with the artifacts' own runs and the sources between what is left."""
    nodes = nodes_between(model, source, target)
    runs = set(map(run_of, nodes))
    sources = {each for each in model.sources if each[0] in runs and end_of(each) in nodes | runs}
    return Expected(runs, {node for node in nodes if isinstance(node, tuple)}, sources, set(), {})


@FEW
@given(histories)
def test_between_is_every_path(calls: list[Call]) -> None:
    model = Model.of(calls)
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        graph = tracker.graph()
        for source, target in list(product(model.nodes, model.nodes))[::3]:
            found = tracker.between(source, target)
            assert differences(expected_between(model, source, target), found) == [], (source, target)
            assert (found.start, found.direction) == (target, "upstream")
            assert Lineage.from_dict(json.loads(json.dumps(found.to_dict()))) == found
            assert graph.between(source, target) == found


@FEW
@given(histories, st.data())
def test_a_cut_between_says_so_beside_each_run_that_lacks_something(calls: list[Call], data: st.DataObject) -> None:
    model = Model.of(calls)
    target = data.draw(st.sampled_from(model.nodes))
    depth = data.draw(st.integers(0, 3))
    above = model.lineage(target, "upstream", depth)
    part = model.restricted(above.runs)
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        for source in model.nodes:
            whole, found = expected_between(model, source, target), tracker.between(source, target, depth=depth)
            expected = expected_between(part, source, target)
            assert (set(found.runs), set(found.artifacts)) == (expected.runs, expected.artifacts)
            assert {source_key(each) for each in found.sources} == expected.sources
            assert (set(found.reasons), found.depth) == (above.reasons, depth)
            assert bool(found.frontier) == bool(found.reasons and found.runs)
            assert set(found.frontier) <= set(found.runs)
            lacking = {consumer for consumer, named, _ in whole.sources if named not in expected.runs} & expected.runs
            lacking &= nodes_between(part, source, target)
            assert lacking <= {run_id for run_id, ways in found.frontier.items() if "upstream" in ways}
            assert Lineage.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@FEW
@given(histories, st.data())
def test_a_path_is_the_least_of_the_shortest(calls: list[Call], data: st.DataObject) -> None:
    model = Model.of(calls)
    start = data.draw(st.sampled_from(model.nodes))
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        run_id, name = (start, None) if isinstance(start, str) else start
        answers = [tracker.graph(), tracker.lineage(run_id, artifact_name=name)]
    for answer in answers:
        graph = e_graph(answer.runs, answer.artifacts, map(source_key, answer.sources))
        for source, target in list(product(graph, graph))[::2]:
            there = nx.has_path(graph, source, target)
            paths = nx.all_shortest_paths(graph, source, target) if there else [()]
            least = min((tuple(path) for path in paths), key=lambda path: [key(node) for node in path])
            assert answer.path(source, target) == least


@FEW
@given(histories, st.data())
def test_the_nearest_in_common_have_no_other_below_them(calls: list[Call], data: st.DataObject) -> None:
    model = Model.of(calls)
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        graph = tracker.graph()
    above = {node: nx.ancestors(model.e, node) | {node} for node in model.nodes}
    for _ in range(5):
        nodes = data.draw(st.lists(st.sampled_from(model.nodes), min_size=1, max_size=4))
        shared = set.intersection(*(above[node] for node in nodes))
        nearest = {
            node
            for node in shared
            if not any(node in above[other] and other not in above[node] for other in shared - {node})
        }
        assert graph.common(*nodes) == nearest


# -- by example --------------------------------------------------------------------------------------------------------


@pytest.fixture
def diamond() -> Lineage:
    """Two ways from the data to the report, of which one has a shortcut."""
    with GraphTracker(":memory:") as tracker:
        tell(tracker, [Names("b", "data", "rows"), Names("a", "data", "rows"), Logs("a", "model", "/m", None)])
        tell(tracker, [Names("report", "b", "log"), Names("report", "a", "model"), Names("other", "a", None)])
        return tracker.graph()


def test_of_two_ways_as_short_the_path_is_the_first_by_id(diamond: Lineage) -> None:
    assert diamond.path("data", "report") == ("data", ("data", "rows"), "a", ("a", "model"), "report")
    assert diamond.path("report", "data") == ()
    assert diamond.path("a", "a") == ("a",)
    assert diamond.common("report", "other") == {("a", "model")}
    assert diamond.common("a", "b") == {("data", "rows")}
    assert diamond.common() == frozenset()
    with pytest.raises(NotFound):
        diamond.path("data")  # the whole store has no start
    with pytest.raises(NotFound):
        diamond.common("a", "nobody")


def test_the_start_of_a_lineage_is_what_paths_lead_to() -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, [Names("train", "clean", "rows"), Names("deploy", "train", "model"), Reports("aside", {})])
        lineage = tracker.lineage("deploy")
        assert lineage.path("clean") == lineage.path("clean", "deploy") != ()
        assert lineage.between("train") == tracker.between("train", "deploy")
        assert list(lineage.between(("train", "model")).runs) == ["deploy", "train"]
        assert len(tracker.between("aside", "deploy")) == len(tracker.between("deploy", "train")) == 0
        with pytest.raises(RunNotFound):
            tracker.between("nobody", "deploy")
        with pytest.raises(RunNotFound):
            tracker.between("clean", "nobody")
        with pytest.raises(ArtifactNotFound):
            tracker.between(("train", "nothing"), "deploy")


def test_between_a_node_and_itself_is_its_cycle() -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, [Names("b", "a", "x"), Names("a", "b", None), Names("c", "b", None), Names("a", "before", None)])
        assert list(tracker.between("a", "a").runs) == ["a", "b"]
        assert list(tracker.between("c", "c").runs) == ["c"]
        assert tracker.between("before", "before").sources == ()


def test_what_nothing_lies_between_can_be_written_in_every_format() -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, [Names("train", "clean", "rows")])
        nothing = tracker.between("train", "clean")
    for format in sorted({*DATA, *PICTURES}):
        assert b"".join(export(nothing, format)) or format == "openlineage"  # a line a run


def test_a_chain_and_a_ladder_are_walked_once() -> None:
    size = 20_000
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(1, size):
                batch.add_source(f"{number:06}", f"{number - 1:06}")
            for rung in range(1, 1_000):
                for one, other in product("ab", "ab"):
                    batch.add_source(f"{one}{rung:04}", f"{other}{rung - 1:04}")
        graph = tracker.graph()
    first, last = f"{0:06}", f"{size - 1:06}"
    assert len(graph.path(first, last)) == len(graph.between(first, last)) == size
    assert graph.common(first, last) == {first}
    assert graph.path("a0000", "b0999") == (*(f"a{rung:04}" for rung in range(999)), "b0999")
    assert graph.common("a0999", "b0999") == {"a0998", "b0998"}


def test_a_part_of_nothing_is_nothing() -> None:
    assert Lineage.from_answer(Answer()).common() == frozenset()
