"""What lineage means: every answer is that of networkx on the full graph; the rules by example."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtracker import (
    ArtifactNotFound,
    GraphTracker,
    IncompleteLineage,
    InvalidInput,
    Lineage,
    NotFound,
    RunNotFound,
)
from tests.support.oracle import Call, Logs, Model, Names, Node, Reports, differences, e_graph, source_key, tell
from tests.support.strategies import NAMES, RUN_IDS, examples, histories

NewUrl = Callable[[], str]
DIRECTIONS = ["both", "upstream", "downstream"]


def ask(tracker: GraphTracker, start: Node, **question: Any) -> Lineage:
    run_id, name = (start, None) if isinstance(start, str) else start
    return tracker.lineage(run_id, artifact_name=name, **question)


def wrong(tracker: GraphTracker, model: Model, start: Node, **question: Any) -> list[str]:
    """Where the answer differs from the oracle's, with the question."""
    found = differences(model.lineage(start, **question), ask(tracker, start, **question))
    return [f"lineage of {start!r} {question}: {line}" for line in found]


def questions(model: Model, start: Node) -> Iterator[dict[str, Any]]:
    """Every direction, depth and number of runs that can make a difference, and one more of each."""
    for direction in DIRECTIONS:
        distances = model.distances(start, direction)
        for depth in [None, *range(max(distances.values()) + 2)]:
            for max_runs in [None, *range(1, len(distances) + 2)]:
                yield {"direction": direction, "depth": depth, "max_runs": max_runs}


def whole_lineages(tracker: GraphTracker, model: Model) -> Iterator[str]:
    for start in model.nodes:
        for direction in DIRECTIONS:
            yield from wrong(tracker, model, start, direction=direction)


def every_cut(tracker: GraphTracker, model: Model, start: Node) -> Iterator[str]:
    for question in questions(model, start):
        yield from wrong(tracker, model, start, **question)


def everything(tracker: GraphTracker, model: Model) -> Iterator[str]:
    whole = tracker.graph()
    yield from differences(model.everything(), whole)
    asked = (whole.start, whole.direction, whole.depth, whole.max_runs)
    if asked != (None, "both", None, None):
        yield f"graph() says that it was asked {asked}"


def consumers(tracker: GraphTracker, model: Model) -> Iterator[str]:
    for key in ((run_id, name) for run_id in RUN_IDS for name in [None, *NAMES]):
        got, want = tracker.consumers(*key), model.consumers(*key)
        if got != want:
            yield f"consumers of {key} are {got}, must be {want}"


def test_every_answer_is_the_oracles(kind: str, new_url: NewUrl) -> None:
    """Of each graph: all whole lineages, every cut of a run's and of an artifact's, the consumers, and everything."""

    @examples(kind)
    @given(histories, st.data())
    def of(calls: list[Call], data: st.DataObject) -> None:
        model = Model.of(calls)
        starts: list[Node] = [data.draw(st.sampled_from(sorted(model.runs)), label="run")]
        if model.artifacts:
            starts.append(data.draw(st.sampled_from(sorted(model.artifacts)), label="artifact"))
        with GraphTracker(new_url()) as tracker:
            tell(tracker, calls)
            found = [*everything(tracker, model), *consumers(tracker, model), *whole_lineages(tracker, model)]
            found += [line for start in starts for line in every_cut(tracker, model, start)]
        assert not found

    of()


# -- what each answer is, whatever it holds ----------------------------------------------------------------------------

Question = dict[str, Any]


def an_answer_repeats_its_question(lineage: Lineage, start: Node, question: Question) -> None:
    assert lineage.start == start
    assert {"direction": lineage.direction, "depth": lineage.depth, "max_runs": lineage.max_runs} == question


def an_answer_is_sorted_by_id_and_holds_every_node_once(lineage: Lineage) -> None:
    assert list(lineage.runs) == sorted(lineage.runs)
    assert list(lineage.artifacts) == sorted(lineage.artifacts)
    keys = [(source.run_id, source.source_run_id, source.artifact_name or "") for source in lineage.sources]
    assert keys == sorted(set(keys))
    assert len(lineage) == len(lineage.runs) + len(lineage.artifacts)
    assert all(node in lineage for node in [*lineage.runs, *lineage.artifacts])


def an_answer_is_closed(lineage: Lineage) -> None:
    nodes = [key[0] for key in lineage.artifacts]
    nodes += [run_id for source in lineage.sources for run_id in (source.run_id, source.source_run_id)]
    assert set(nodes) <= set(lineage.runs)
    assert set(lineage.frontier) <= set(lineage.runs)


def its_graph_holds_the_recorded_links_with_the_data(lineage: Lineage) -> None:
    edges: set[tuple[Node, Node, str]] = {(key[0], key, "generated") for key in lineage.artifacts}
    for run_id, source_id, name in map(source_key, lineage.sources):
        edges.add((source_id, run_id, "derived") if name is None else ((source_id, name), run_id, "used"))
    assert isinstance(lineage.graph, nx.MultiDiGraph)
    assert set(lineage.graph.nodes) == {*lineage.runs, *lineage.artifacts}
    assert sorted(lineage.graph.edges(keys=True), key=repr) == sorted(edges, key=repr)


def the_nodes_of_its_graph_tell_what_the_answer_tells(lineage: Lineage) -> None:
    nodes = lineage.graph.nodes
    for run_id, run in lineage.runs.items():
        told = {"kind": "run", "name": run.name, "external": run.external}
        assert told.items() <= nodes[run_id].items(), run_id
        assert (nodes[run_id]["metadata"], nodes[run_id]["created_at"]) == (run.metadata, run.created_at), run_id
    for key, artifact in lineage.artifacts.items():
        told = {"kind": "artifact", "name": artifact.name, "declared": artifact.declared, "path": artifact.path}
        assert told.items() <= nodes[key].items(), key
        assert (nodes[key]["metadata"], nodes[key]["created_at"]) == (artifact.metadata, artifact.created_at), key


def ancestors_and_descendants_are_those_of_the_answers_own_links(lineage: Lineage) -> None:
    graph = e_graph(lineage.runs, lineage.artifacts, map(source_key, lineage.sources))
    nodes: list[Node] = [*lineage.runs, *lineage.artifacts]
    assert {node: set(lineage.ancestors(node)) for node in nodes} == {node: nx.ancestors(graph, node) for node in nodes}
    found = {node: set(lineage.descendants(node)) for node in nodes}
    assert found == {node: nx.descendants(graph, node) for node in nodes}
    assert lineage.ancestors() == lineage.ancestors(lineage.start)
    assert lineage.descendants() == lineage.descendants(lineage.start)


def an_answer_survives_json(lineage: Lineage) -> None:
    text = json.dumps(lineage.to_dict(), allow_nan=False)
    back = Lineage.from_dict(json.loads(text))
    assert back == lineage
    assert json.dumps(back.to_dict()) == text
    assert (back.start, back.complete, back.frontier) == (lineage.start, lineage.complete, lineage.frontier)


def strict_raises_the_cut_answer_and_gives_the_whole_one(
    tracker: GraphTracker, lineage: Lineage, start: Node, question: Question
) -> None:
    if lineage.complete:
        assert ask(tracker, start, **question, strict=True) == lineage
        return
    with pytest.raises(IncompleteLineage) as caught:
        ask(tracker, start, **question, strict=True)
    assert caught.value.lineage == lineage


_bounds = st.fixed_dictionaries(
    {
        "direction": st.sampled_from(DIRECTIONS),
        "depth": st.none() | st.integers(0, 4),
        "max_runs": st.none() | st.integers(1, 6),
    }
)


@st.composite
def _asked(draw: st.DrawFn) -> tuple[list[Call], list[tuple[Node, Question]]]:
    calls = draw(histories)
    question = st.tuples(st.sampled_from(Model.of(calls).nodes), _bounds)
    return calls, draw(st.lists(question, min_size=6, max_size=9))


def test_every_answer_keeps_the_promises_of_answers(kind: str, new_url: NewUrl) -> None:
    @examples(kind)
    @given(_asked())
    def of(asked: tuple[list[Call], list[tuple[Node, Question]]]) -> None:
        calls, questions = asked
        with GraphTracker(new_url()) as tracker:
            tell(tracker, calls)
            for start, question in questions:
                lineage = ask(tracker, start, **question)
                an_answer_repeats_its_question(lineage, start, question)
                an_answer_is_sorted_by_id_and_holds_every_node_once(lineage)
                an_answer_is_closed(lineage)
                its_graph_holds_the_recorded_links_with_the_data(lineage)
                the_nodes_of_its_graph_tell_what_the_answer_tells(lineage)
                ancestors_and_descendants_are_those_of_the_answers_own_links(lineage)
                an_answer_survives_json(lineage)
                strict_raises_the_cut_answer_and_gives_the_whole_one(tracker, lineage, start, question)
            whole = tracker.graph()
        assert Lineage.from_dict(json.loads(json.dumps(whole.to_dict(), allow_nan=False))) == whole

    of()


# -- the rules, by example ---------------------------------------------------------------------------------------------


def nodes(lineage: Lineage) -> set[Node]:
    return {*lineage.runs, *lineage.artifacts}


def links(lineage: Lineage) -> set[tuple[str, str, str | None]]:
    return {source_key(source) for source in lineage.sources}


def test_two_runs_that_share_a_dataset_are_not_in_each_others_lineage(tracker: GraphTracker) -> None:
    tell(tracker, [Names("left", "data", "rows"), Names("right", "data", "rows")])
    assert nodes(tracker.lineage("left")) == {"left", "data", ("data", "rows")}
    assert nodes(tracker.lineage("data")) == {"left", "right", "data", ("data", "rows")}


def test_a_whole_run_source_means_all_its_artifacts(tracker: GraphTracker) -> None:
    tell(
        tracker,
        [Logs("parent", "model", "/m", None), Logs("parent", "log", "/l", None), Names("child", "parent", None)],
    )
    assert nodes(tracker.lineage("child")) == {"child", "parent", ("parent", "model"), ("parent", "log")}
    assert tracker.consumers("parent", "log") == ["child"]


def test_who_names_an_artifact_has_said_which_ones_it_meant(tracker: GraphTracker) -> None:
    """As ``--parent_run_id`` with ``add_source(parent, "model")`` does."""
    tell(tracker, [Logs("parent", "model", "/m", None), Logs("parent", "log", "/l", None)])
    tell(tracker, [Names("child", "parent", None), Names("child", "parent", "model")])
    lineage = tracker.lineage("child")
    assert nodes(lineage) == {"child", "parent", ("parent", "model")}
    assert links(lineage) == {("child", "parent", None), ("child", "parent", "model")}
    assert "child" not in tracker.lineage("parent", artifact_name="log", direction="downstream")
    assert tracker.consumers("parent", "log") == []


def test_a_run_of_an_artifact_comes_with_it_but_not_with_its_other_artifacts(tracker: GraphTracker) -> None:
    tell(tracker, [Logs("prepare", "rows", "/r", None), Logs("prepare", "log", "/l", None)])
    tell(tracker, [Names("train", "prepare", "rows"), Names("prepare", "raw", None)])
    assert nodes(tracker.lineage("train")) == {"train", "prepare", ("prepare", "rows"), "raw"}


def test_of_an_artifact_downstream_its_own_run_is_there_without_what_it_came_from(tracker: GraphTracker) -> None:
    tell(tracker, [Names("train", "prepare", "rows"), Names("other", "prepare", "log"), Names("prepare", "raw", None)])
    lineage = tracker.lineage("prepare", artifact_name="rows", direction="downstream")
    assert nodes(lineage) == {("prepare", "rows"), "prepare", "train"}
    assert lineage.start == ("prepare", "rows")


def test_of_an_artifact_upstream_is_its_run_and_what_that_came_from(tracker: GraphTracker) -> None:
    tell(tracker, [Names("train", "prepare", "rows"), Names("other", "prepare", "log"), Names("prepare", "raw", None)])
    lineage = tracker.lineage("prepare", artifact_name="rows", direction="upstream")
    assert nodes(lineage) == {("prepare", "rows"), "prepare", "raw"}


def test_an_empty_artifact_name_asks_about_the_run(tracker: GraphTracker) -> None:
    tracker.add_source("train", "prepare", "rows")
    assert tracker.lineage("prepare", artifact_name="") == tracker.lineage("prepare")


def test_a_shortcut_from_a_descendant_to_an_ancestor_is_in_the_answer(tracker: GraphTracker) -> None:
    tell(tracker, [Names("train", "prepare", None), Names("report", "train", None), Names("report", "prepare", "rows")])
    assert ("report", "prepare", "rows") not in links(tracker.lineage("train", direction="downstream"))
    tell(tracker, [Names("train", "prepare", "rows")])
    assert ("report", "prepare", "rows") in links(tracker.lineage("train"))
    tell(tracker, [Names("report", "prepare", None)])
    assert ("report", "prepare", None) in links(tracker.lineage("train"))


def test_depth_0_is_the_start_with_its_self_links_and_its_artifacts(tracker: GraphTracker) -> None:
    tell(tracker, [Logs("a", "model", "/m", None), Logs("a", "log", "/l", None), Names("a", "a", "log")])
    tell(tracker, [Names("a", "before", None), Names("after", "a", "model")])
    assert nodes(tracker.lineage("a", depth=0)) == {"a", ("a", "model"), ("a", "log")}
    assert nodes(tracker.lineage("a", depth=0, direction="upstream")) == {"a", ("a", "log")}
    assert links(tracker.lineage("a", depth=0, direction="upstream")) == {("a", "a", "log")}


def test_depth_counts_sources_and_not_the_artifacts_in_between(tracker: GraphTracker) -> None:
    tell(tracker, [Names("b", "a", "model"), Names("c", "b", None), Names("d", "c", "model")])
    assert set(tracker.lineage("d", depth=1).runs) == {"d", "c"}
    assert set(tracker.lineage("d", depth=2).runs) == {"d", "c", "b"}
    assert set(tracker.lineage("b", depth=1).runs) == {"a", "b", "c"}


def test_a_cut_answer_says_where_and_by_what_it_was_cut(tracker: GraphTracker) -> None:
    tell(tracker, [Names("b", "a", "model"), Names("c", "b", None), Names("d", "c", "model")])
    by_depth, by_runs = tracker.lineage("b", depth=1), tracker.lineage("c", max_runs=2)
    assert (by_depth.complete, by_depth.reasons) == (False, frozenset({"depth"}))
    assert by_depth.frontier == {"c": {"downstream"}}
    assert (by_runs.complete, by_runs.reasons) == (False, frozenset({"max_runs"}))
    assert by_runs.frontier == {"b": {"upstream"}, "c": {"downstream"}}


def test_a_bound_that_left_nothing_out_leaves_the_answer_complete(tracker: GraphTracker) -> None:
    tell(tracker, [Names("b", "a", None)])
    lineage = tracker.lineage("b", depth=1, max_runs=2, strict=True)
    assert (lineage.complete, lineage.reasons, lineage.frontier) == (True, frozenset(), {})


def test_max_runs_is_the_reason_only_where_it_left_out_a_run_within_depth(tracker: GraphTracker) -> None:
    tell(tracker, [Names("c", "b", None), Names("b", "a", None)])
    assert tracker.lineage("c", depth=1, max_runs=2).reasons == {"depth"}
    assert tracker.lineage("c", depth=2, max_runs=2).reasons == {"max_runs"}


def test_of_equally_near_runs_the_first_by_code_point_stay(tracker: GraphTracker) -> None:
    tell(tracker, [Names("start", "\U0001f600", None), Names("start", "\uff5e", None), Names("start", "z", None)])
    assert list(tracker.lineage("start", max_runs=2).runs) == ["start", "z"]
    assert list(tracker.lineage("start", max_runs=3).runs) == ["start", "z", "\uff5e"]


def test_distance_is_the_smaller_of_the_two_directions(tracker: GraphTracker) -> None:
    around = ["a", "b", "c", "d", "e"]
    tell(tracker, [Names(later, earlier, None) for earlier, later in zip(around, [*around[1:], "a"], strict=True)])
    assert set(tracker.lineage("a", depth=1).runs) == {"e", "a", "b"}
    assert set(tracker.lineage("a", depth=1, direction="upstream").runs) == {"e", "a"}
    assert tracker.lineage("a", depth=2).complete


def test_a_declared_artifact_of_a_kept_run_is_kept_without_the_run_that_declared_it(tracker: GraphTracker) -> None:
    tell(tracker, [Names("train", "prepare", "rows"), Reports("prepare", {})])
    assert nodes(tracker.lineage("prepare", depth=0)) == {"prepare", ("prepare", "rows")}


def test_an_external_has_a_lineage(tracker: GraphTracker) -> None:
    tracker.add_source("train", "s3://bucket/data")
    lineage = tracker.lineage("s3://bucket/data")
    assert set(lineage.runs) == {"s3://bucket/data", "train"}
    assert lineage.runs["s3://bucket/data"].external
    assert not lineage.runs["train"].external


def test_a_self_loop_is_ordinary_input(tracker: GraphTracker) -> None:
    tell(tracker, [Logs("a", "model", "/m", None), Names("a", "a", None)])
    lineage = tracker.lineage("a", direction="upstream")
    assert nodes(lineage) == {"a", ("a", "model")}
    assert links(lineage) == {("a", "a", None)}
    assert lineage.ancestors() == {("a", "model")}


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_an_unknown_run_and_an_unknown_artifact_are_told_apart(tracker: GraphTracker) -> None:
    tracker.add_metadata("known")
    for name in [None, "model"]:
        with pytest.raises(RunNotFound, match="nobody"):
            tracker.lineage("nobody", artifact_name=name)
    with pytest.raises(ArtifactNotFound, match="model"):
        tracker.lineage("known", artifact_name="model")
    with pytest.raises(ArtifactNotFound):
        tracker.lineage("known", artifact_name="model", depth=0, max_runs=1, direction="upstream")


def test_in_an_empty_store_no_run_is_found_and_the_graph_is_empty(tracker: GraphTracker) -> None:
    with pytest.raises(RunNotFound):
        tracker.lineage("nobody")
    assert (len(tracker.graph()), tracker.graph().complete) == (0, True)


@pytest.mark.parametrize(
    "question",
    [
        {"direction": "sideways"},
        {"direction": ""},
        {"direction": None},
        {"depth": -1},
        {"depth": 1.0},
        {"depth": "1"},
        {"depth": True},
        {"max_runs": 0},
        {"max_runs": -1},
        {"max_runs": 2.5},
        {"max_runs": False},
    ],
    ids=str,
)
def test_a_question_that_means_nothing_is_refused(tracker: GraphTracker, question: dict[str, Any]) -> None:
    tracker.add_metadata("a")
    with pytest.raises(InvalidInput, match=next(iter(question))):
        tracker.lineage("a", **question)


def test_bounds_of_any_size_are_ordinary(tracker: GraphTracker) -> None:
    tracker.add_source("b", "a")
    assert tracker.lineage("b", depth=2**70, max_runs=2**70).complete


def test_a_node_that_is_not_in_the_answer_is_not_found(tracker: GraphTracker) -> None:
    tell(tracker, [Names("b", "a", None), Names("c", "b", None)])
    lineage = tracker.lineage("b", direction="upstream")
    nodes: list[Node] = ["c", ("a", "model"), "nobody"]
    for node in nodes:
        with pytest.raises(NotFound):
            lineage.ancestors(node)
        with pytest.raises(NotFound):
            lineage.descendants(node)
    with pytest.raises(NotFound):
        tracker.graph().ancestors()


def test_a_lineage_without_arguments_is_empty_and_complete() -> None:
    lineage = Lineage()
    assert (lineage.start, lineage.complete, len(lineage), list(lineage.sources)) == (None, True, 0, [])
    assert Lineage.from_dict(lineage.to_dict()) == lineage


# -- large input -------------------------------------------------------------------------------------------------------


def ladder(rungs: int) -> list[Call]:
    """2 to the power of ``rungs`` paths, through whole runs and through artifacts."""
    sides = [("left", "left"), ("left", "right"), ("right", "left"), ("right", "right")]
    return [
        Names(f"{upper} {rung + 1:03}", f"{lower} {rung:03}", "model" if lower == "left" else None)
        for rung in range(rungs)
        for upper, lower in sides
    ]


def test_a_ladder_of_2_to_the_200_paths_is_ordinary_input(tracker: GraphTracker) -> None:
    calls = ladder(200)
    model = Model.of(calls)
    tell(tracker, calls)
    starts: list[Node] = ["left 200", "right 000", "left 100", ("left 100", "model")]
    for start in starts:
        for bounds in [{}, {"depth": 50}, {"max_runs": 33}]:
            assert not wrong(tracker, model, start, **bounds)
    assert len(tracker.lineage("left 200").ancestors()) == 600


def test_a_chain_of_3000_runs_is_ordinary_input(tracker: GraphTracker) -> None:
    run_ids = [f"{number:04}" for number in range(3000)]
    tell(tracker, [Names(later, earlier, "model") for earlier, later in pairwise(run_ids)])
    last, middle = tracker.lineage(run_ids[-1], strict=True), tracker.lineage(run_ids[1500], depth=1000)
    assert list(last.runs) == run_ids
    assert len(last.ancestors()) == 2 * 2999
    assert list(middle.runs) == run_ids[500:2501]
    assert middle.frontier == {"0500": {"upstream"}, "2500": {"downstream"}}
    assert list(tracker.lineage(run_ids[1500], max_runs=4).runs) == ["1498", "1499", "1500", "1501"]
