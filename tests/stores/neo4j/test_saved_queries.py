"""The saved queries for Neo4j Browser tell what the verbs of Python do, and stay linear where paths are many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Any

import neo4j
import networkx
import pytest

from graphtracker import GraphTracker, Lineage
from graphtracker.cli.demo_pipeline import record_demo
from graphtracker.cypher import statement
from graphtracker.model.values import Artifact, Node
from graphtracker.stores.neo4j.browser_files import PREFIX, queries
from tests.support.hostile import HOSTILE
from tests.support.neo4j_server import GENERATIONS
from tests.support.servers import driver, emptied

JOBS = "local_cwd://torchx/"
WHOLE = "derives from the whole run"
Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module", params=GENERATIONS)
def generation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def tracker(generation: str) -> Iterator[GraphTracker]:
    """The two weeks of the demo, and beside it: three runs of which two failed, a stale whole-run use, odd names."""
    with GraphTracker(emptied(generation)) as opened:
        record_demo(opened)
        for name, fails in (("bad-1", True), ("good", False), ("bad-2", True)):
            finish(opened, name, fails)
        opened.add_artifact(f"{WHOLE}, a", "words", "/words")
        opened.add_source(WHOLE, f"{WHOLE}, a")
        opened.add_artifact(f"{WHOLE}, b", "words", "/words")
        for name in HOSTILE.values():
            opened.record(
                name, metadata={name: 1}, artifacts={name: "/odd"}, sources=[("s3://odd", name), (name, name)]
            )
        yield opened


def finish(tracker: GraphTracker, name: str, fails: bool) -> None:
    try:
        with tracker.start_run(run_id=name) as run:
            run.add_source("weights", "base")
            if fails:
                run.add_source("s3://shards", "b")
                raise ArithmeticError
    except ArithmeticError:
        pass


@pytest.fixture
def ask(generation: str, tracker: GraphTracker) -> Ask:
    """The rows of a saved query, column → value."""
    return lambda question, /, **given: asked(generation, question, given)


def asked(generation: str, name: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    with driver(generation).session(database="neo4j") as session:
        result = session.run(statement(f"{PREFIX}{name}"), given)
        return [dict(zip(result.keys(), row, strict=True)) for row in result.values()]


def node(found: neo4j.graph.Node) -> Node:
    return found["run_id"] if "Run" in found.labels else (found["run_id"], found["name"])


def drawn(found: Iterable[dict[str, Any]]) -> tuple[set[Node], set[tuple[Node, Node]]]:
    """What Browser draws of rows: the nodes, and of the links those between them, turned to point with the data."""
    nodes: dict[str, Node] = {}
    links: list[neo4j.graph.Relationship] = []
    waiting: list[Any] = [list(row.values()) for row in found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, neo4j.graph.Node):
            nodes[value.element_id] = node(value)
        elif isinstance(value, neo4j.graph.Relationship):
            links.append(value)
        elif isinstance(value, list):
            waiting += value
    ends = [[end.element_id for end in reversed(link.nodes) if end is not None] for link in links]
    return set(nodes.values()), {(nodes[end], nodes[begin]) for end, begin in ends if {end, begin} <= nodes.keys()}


def linked(lineage: Lineage, start: Node) -> tuple[set[Node], set[tuple[Node, Node]]]:
    """What recorded links lead to: not the artifacts that only a whole-run source means."""
    graph = lineage.graph
    kept = networkx.ancestors(graph, start) | networkx.descendants(graph, start) | {start}
    return kept, set(graph.subgraph(kept).edges())


def some_runs(tracker: GraphTracker) -> list[str]:
    return [run.run_id for run in tracker.runs()][::5]


@pytest.mark.parametrize("direction", ["both", "upstream", "downstream"])
def test_a_lineage_is_that_of_the_tracker_with_the_start_first(direction: Any, ask: Ask, tracker: GraphTracker) -> None:
    name = "lineage_of_a_run" if direction == "both" else f"{direction}_of_a_run"
    for run_id in some_runs(tracker):
        found = ask(name, run_id=run_id)
        assert node(found[0]["start"]) == run_id
        assert not any(row["start"] for row in found[1:])
        assert [row["links"] for row in found] == sorted(row["links"] for row in found)
        assert drawn(found) == linked(tracker.lineage(run_id, direction=direction), run_id)


def test_what_was_made_from_an_artifact(ask: Ask, tracker: GraphTracker) -> None:
    for run_id, name in [*tracker.graph().artifacts][::7]:
        nodes, links = drawn(ask("downstream_of_an_artifact", run_id=run_id, name=name))
        graph = tracker.lineage(run_id, artifact_name=name, direction="downstream").graph
        kept = networkx.descendants(graph, (run_id, name)) | {(run_id, name)}
        assert (nodes, links) == (kept, set(graph.subgraph(kept).edges()))


def test_what_lies_between_two_runs(ask: Ask, tracker: GraphTracker) -> None:
    pairs = [
        (f"{JOBS}{one}", f"{JOBS}deploy-n6bf") for one in ("clean-p8s1", "ingest-k7pz", "train-p2qd", "deploy-n6bf")
    ]
    for one, other in pairs:
        found = ask("between_two_runs", run_id=one, other_run_id=other)
        assert node(found[0]["end"]) == other
        assert drawn(found) == linked(tracker.between(one, other), other)
        assert not ask("between_two_runs", run_id=other, other_run_id=one) or one == other


def test_the_nearest_common_ancestors_of_two_runs(ask: Ask, tracker: GraphTracker) -> None:
    whole = tracker.graph()
    for one, other in combinations(some_runs(tracker)[:10], 2):
        found = {node(row["node"]) for row in ask("common_ancestors_of_two_runs", run_id=one, other_run_id=other)}
        assert found == whole.common(one, other), (one, other)


def test_what_must_be_made_again(ask: Ask, tracker: GraphTracker) -> None:
    for run_id in some_runs(tracker):
        found = {row["run_id"]: row["ends"] for row in ask("impact_of_a_run", run_id=run_id)}
        assert found == {row.run_id: row.ends for row in tracker.impact(run_id).runs}


def test_what_is_out_of_date(ask: Ask, tracker: GraphTracker) -> None:
    found = ask("stale_uses")
    told = [(node(row["user"]), node(row["used"]), node(row["newest"])) for row in found]
    uses = tracker.stale().uses
    names = {use.source_run_id: use.artifact_name or "words" for use in uses}
    assert sorted(told) == sorted(
        (use.run_id, (use.source_run_id, names[use.source_run_id]), use.renewed_by) for use in uses
    )
    assert {use.artifact_name for use in uses} >= {None, "words"}
    assert [row["renewed_at"].to_native() for row in found] == sorted((use.renewed_at for use in uses), reverse=True)


def test_in_what_two_runs_differ(ask: Ask, tracker: GraphTracker) -> None:
    odd = {"a": 1, "same": 1.0, "nan": float("nan"), "none": None, "nested": {"a": 1}, "name": "mine", "kind": "1"}
    tracker.record("odd 1", metadata=odd)
    tracker.record("odd 2", metadata={**odd, "same": 1, "b": [1], "name": "yours", "nested": {"a": 2}, "kind": 1})
    for one, other in (("odd 1", "odd 2"), (f"{JOBS}train-x7mw", f"{JOBS}train-p2qd")):
        found = ask("difference_of_two_runs", run_id=one, other_run_id=other)
        mine, yours = tracker.run(one).metadata, tracker.run(other).metadata
        (pair,) = (pair for pair in tracker.diff(one, other).pairs if pair.run_id == one)
        assert {row["key"] for row in found} == {key.partition(".")[0] for key in pair.metadata}
        simple = [row for row in found if not str(row["value"]).startswith("json:")]
        assert all(
            (row["value"], row["other_value"]) == (mine.get(row["key"]), yours.get(row["key"])) for row in simple
        )


def test_what_failed_runs_share(ask: Ask, tracker: GraphTracker) -> None:
    found = ask("failed_runs")
    assert {node(row["node"]): row["shared_by"] for row in found} == {
        "weights": 2, ("weights", "base"): 2, "s3://shards": 2, ("s3://shards", "b"): 2
    }  # fmt: skip
    assert {node(run) for row in found for run in row["failed"]} == {"bad-1", "bad-2"}


def test_what_a_text_is_in(ask: Ask, tracker: GraphTracker) -> None:
    texts = ("train", "words", "s3://odd", *list(HOSTILE.values())[::4])
    for text in (text for text in texts if not set(text) & set("*?[")):  # which find takes as patterns
        found = {node(row["found"]) for row in ask("find", text=text)}
        told = tracker.find(text)
        assert found == {(each.run_id, each.name) if isinstance(each, Artifact) else each.run_id for each in told}, text


def test_the_newest_at_a_place(ask: Ask, tracker: GraphTracker) -> None:
    for place in ("/words", "s3://lab/slang/latest.parquet"):
        newest = tracker.find_artifacts(place)[0]
        found = ask("newest_at_a_place", place=place)
        assert {node(row["a"]) for row in found} == {(newest.run_id, newest.name)}
        assert {node(row["c"]) for row in found if row["c"]} == set(tracker.consumers(newest.run_id, newest.name)) - {
            WHOLE
        }


def test_runs_that_nobody_used(ask: Ask, tracker: GraphTracker) -> None:
    used = {source.source_run_id for source in tracker.graph().sources if source.run_id != source.source_run_id}
    newest = [run.run_id for run in tracker.runs() if run.run_id not in used][:100]
    assert [node(row["r"]) for row in ask("runs_nothing_was_made_from")] == newest


def test_no_query_counts_the_paths_of_a_ladder(generation: str, tracker: GraphTracker) -> None:
    """There are 2^1000 of them; the server ends what takes a minute."""
    emptied(generation)
    with GraphTracker(tracker.url) as ladder, ladder.batch():
        for step in range(1000):
            for side in "ab":
                sources = [(f"{each}{step - 1}", "out") for each in "ab"] if step else []
                ladder.record(f"{side}{step}", artifacts={"out": f"/{side}{step}"}, sources=sources)
    given = {"run_id": "a0", "other_run_id": "a999", "name": "out", "place": "/a5", "key": "x", "value": 1, "text": "a"}
    found = {
        name: len(asked(generation, name.removeprefix(PREFIX).removesuffix(".cypher"), given)) for name in queries()
    }
    assert found[f"{PREFIX}between_two_runs.cypher"] == 1000
    assert found[f"{PREFIX}downstream_of_a_run.cypher"] == 1000
    assert found[f"{PREFIX}impact_of_a_run.cypher"] == 2 * 999
    assert found[f"{PREFIX}common_ancestors_of_two_runs.cypher"] == 1
