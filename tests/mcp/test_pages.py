"""Who follows what each answer says has in the end all that the library holds, however little an answer may hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtracker import GraphTracker, Lineage, Run
from graphtracker.mcp import pages
from graphtracker.mcp.rows import node_shown
from graphtracker.mcp.texts import meant, shown, value_shown, written_out
from graphtracker.model.equality import MISSING
from tests.support.agent import Agent
from tests.support.collected import asking, collected, pieced_together
from tests.support.oracle import Call, tell
from tests.support.strategies import STORE_PER_EXAMPLE, histories
from tests.support.two_pipelines import FIRST, SECOND, record_two


@pytest.fixture
def little_is_read_at_a_time() -> Iterator[None]:
    """So that pages reach beyond what was read of the store, however small it is."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pages, "LOOK_AHEAD", 1)
        patched.setattr(pages, "_WIDER", 2)
        yield


def links(rows: Any) -> list[tuple[Any, ...]]:
    """(Run, source, name) of each link, which stands in the row of the later of its two ends."""
    found = [(row["run_id"], each["run_id"], each["artifact_name"]) for row in rows for each in row.get("sources", ())]
    found += [
        (each["run_id"], row["run_id"], each["artifact_name"]) for row in rows for each in row.get("consumers", ())
    ]
    return sorted(found, key=str)


def assert_same(told: dict[str, Any], lineage: Lineage) -> None:
    """Each run, artifact and source of the lineage is told, once."""
    rows = told["runs"]
    assert sorted(row["run_id"] for row in rows) == sorted(map(shown, lineage.runs))
    distances = [row["distance"] for row in rows]
    assert distances == sorted(distances), "the nearest come first"
    assert sorted((row["run_id"], each["name"]) for row in rows for each in row.get("artifacts", ())) == sorted(
        (shown(run_id), shown(name)) for run_id, name in lineage.artifacts
    )
    assert links(rows) == sorted(
        (
            (shown(each.run_id), shown(each.source_run_id), each.artifact_name and shown(each.artifact_name))
            for each in lineage.sources
        ),
        key=str,
    )


def nodes_of(tracker: GraphTracker) -> list[tuple[str, str | None]]:
    whole = tracker.graph()
    return [*((run_id, None) for run_id in whole.runs), *whole.artifacts]


def a_lineage(tracker: GraphTracker, most: int) -> None:
    ways = product(nodes_of(tracker), ("upstream", "downstream", "both"), (None, 1))
    for (run_id, name), direction, depth in ways:
        asked: dict[str, Any] = {"artifact_name": name, "direction": direction, "depth": depth}
        told = collected(asking(tracker), "lineage", run_id=run_id, **asked, max_nodes=most)
        assert_same(told, tracker.lineage(run_id, **asked))


def what_lies_between(tracker: GraphTracker, most: int) -> None:
    nodes = [run_id if name is None else (run_id, name) for run_id, name in nodes_of(tracker)]
    for source, target in permutations(nodes[:6], 2):
        asked = {"source": node_shown(source), "target": node_shown(target)}
        told = collected(asking(tracker), "between", **asked, max_nodes=most)
        assert_same(told, tracker.between(source, target))


def the_impact(tracker: GraphTracker, most: int) -> None:
    for run_id, name in nodes_of(tracker):
        told = collected(asking(tracker), "impact", run_id=run_id, artifact_name=name, max_nodes=most)
        found = tracker.impact(run_id, artifact_name=name)
        rows = [(row["run_id"], row["distance"], row["ends"]) for row in told["runs"]]
        all_rows = [(shown(row.run_id), row.distance, row.ends) for row in found.runs]
        assert sorted(rows) == sorted(all_rows)
        for row in told["runs"]:
            assert "turn" not in row or all_rows[row["turn"]][0] == row["run_id"]
        assert sorted(told["artifacts"]) == sorted(list(map(shown, node)) for node in found.artifacts)
        assert told["starts"] == [node_shown(start) for start in found.starts]


def assert_told(told: dict[str, Any], metadata: Mapping[str, object]) -> None:
    """Each value is told, of a long one the beginning."""
    assert list(told) == list(map(shown, metadata))
    for key, value in metadata.items():
        there = told[shown(key)]
        if isinstance(there, dict) and "beginning" in there:
            assert written_out(value)[1].startswith(there["beginning"])
        else:
            assert there == json.loads(json.dumps(value_shown(value, 1000)))


def one_run(tracker: GraphTracker, most: int) -> None:
    for run_id in tracker.graph().runs:
        told = collected(asking(tracker), "show", run_id=run_id, max_nodes=most)
        run = tracker.run(run_id)
        assert told["run"]["run_id"] == shown(run_id)
        assert_told(told["run"].get("metadata", {}), run.metadata)
        about = tracker.lineage(run_id, depth=1)
        assert [each["name"] for each in told["artifacts"]] == [
            shown(name) for owner, name in about.artifacts if owner == run_id
        ]
        for each in told["artifacts"]:
            assert_told(each.get("metadata", {}), about.artifacts[run_id, meant(each["name"])].metadata)
        for kind, mine in (("sources", "run_id"), ("consumers", "source_run_id")):
            other = "source_run_id" if mine == "run_id" else "run_id"
            assert sorted(((row["run_id"], row["artifact_name"]) for row in told[kind]), key=str) == sorted(
                (
                    (shown(getattr(each, other)), each.artifact_name and shown(each.artifact_name))
                    for each in about.sources
                    if getattr(each, mine) == run_id
                ),
                key=str,
            )


def what_is_stale(tracker: GraphTracker, most: int) -> None:
    for run_id in (None, *tracker.graph().runs):
        told = collected(asking(tracker), "stale", run_id=run_id, max_nodes=most)
        found = tracker.stale(run_id)
        assert told["stale"] == found.stale
        assert told["runs"] == list(map(shown, found.runs))
        assert [(each["run_id"], each["source_run_id"], each["place"]) for each in told["uses"]] == [
            (shown(use.run_id), shown(use.source_run_id), shown(use.place)) for use in found.uses
        ]


def a_difference(tracker: GraphTracker, most: int) -> None:
    for run_id, other in permutations(list(tracker.graph().runs)[:4], 2):
        told = collected(asking(tracker), "diff", run_id=run_id, other_run_id=other, max_nodes=most)
        found = tracker.diff(run_id, other)
        rows = {(row["run_id"], row["other_run_id"]): row for row in told["pairs"]}
        assert len(rows) == len(told["pairs"])
        assert list(rows) == [
            (shown(pair.run_id), shown(pair.other_run_id))
            for pair in sorted(found.changed, key=lambda pair: pair.follows)
        ]
        for pair in found.changed:
            row = rows[shown(pair.run_id), shown(pair.other_run_id)]
            assert {key: set(sides) for key, sides in row.get("metadata", {}).items()} == sides_of(pair.metadata)
            assert {name: set(changes) for name, changes in row.get("artifacts", {}).items()} == {
                shown(name): set(map(shown, changes)) for name, changes in pair.artifacts.items()
            }
            for kind in ("only", "other_only", "crossed"):
                assert len(row.get(kind, ())) == len(getattr(pair, kind))


def sides_of(changes: Any) -> dict[str, set[str]]:
    named = {key: zip(("value", "other"), both, strict=True) for key, both in changes.items()}
    return {shown(key): {side for side, value in both if value is not MISSING} for key, both in named.items()}


def a_contrast(tracker: GraphTracker, most: int) -> None:
    runs = list(tracker.graph().runs)
    bad, good = runs[::2], runs[1::2]
    told = collected(asking(tracker), "contrast", bad=bad, good=good, max_nodes=most)
    found = tracker.contrast(bad, good)
    assert {side: told[side] for side in ("bad", "good")} == {
        "bad": list(map(shown, found.bad)),
        "good": list(map(shown, found.good)),
    }
    assert [(row["bad"], row["good"], row["p"]) for row in told["explanations"]] == [
        (each.bad, each.good, each.p) for each in found.explanations
    ]
    for row, each in zip(told["explanations"], found.explanations, strict=True):
        assert row.get("nodes", []) == [node_shown(node) for node in each.nodes]
        assert [value["key"] for value in row.get("values", ())] == [shown(value.key) for value in each.values]
        assert row.get("paths", []) == [shown(path) for path in each.paths]


def what_is_found(tracker: GraphTracker, most: int) -> None:
    for text in ("a", "m", "/", "*"):
        told = collected(asking(tracker), "find", text=text, max_nodes=most)
        assert [(row["run_id"], row.get("artifact_name")) for row in told["found"]] == [
            (shown(found.run_id), None if isinstance(found, Run) else shown(found.name))
            for found in tracker.find(text, limit=10_000)
        ]
    listed = collected(asking(tracker), "find", max_nodes=most)
    assert [row["run_id"] for row in listed["found"]] == list(map(shown, tracker.run_ids()))


QUESTIONS: list[Callable[[GraphTracker, int], None]] = [
    a_lineage,
    what_lies_between,
    the_impact,
    one_run,
    what_is_stale,
    a_difference,
    a_contrast,
    what_is_found,
]


@pytest.mark.usefixtures("little_is_read_at_a_time")
@pytest.mark.parametrize("question", QUESTIONS)
@STORE_PER_EXAMPLE
@given(histories, st.sampled_from([1, 2, 3, 7, 50]))
def test_all_pages_together_hold_what_the_library_does(
    question: Callable[[GraphTracker, int], None], calls: list[Call], most: int
) -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        question(tracker, most)


# -- more than the largest budget --------------------------------------------------------------------------------------

MANY = 1_200
KEYS = 4_000


@pytest.fixture(scope="module")
def large() -> Iterator[GraphTracker]:
    with GraphTracker(":memory:") as tracker:
        record_two(tracker)
        with tracker.batch() as batch:
            keys = {f"key{number:05}": number for number in range(KEYS)}
            batch.record("hub", metadata=keys, artifacts={f"part{number:04}": f"/{number}" for number in range(MANY)})
            batch.add_artifact("hub", "whole", "/whole", dict.fromkeys(keys, "x"))
            batch.record("other", metadata=dict.fromkeys(keys, -1))
            for number in range(MANY):
                batch.add_source(f"consumer{number:04}", "hub", f"part{number:04}")
                batch.add_source("hub", f"source{number:04}")
        yield tracker


def test_a_hub_is_told_in_full(large: GraphTracker) -> None:
    ask, most = asking(large), 1000
    assert_same(collected(ask, "lineage", run_id="hub", max_nodes=most), large.lineage("hub"))
    card = collected(ask, "show", run_id="hub", max_nodes=most)
    assert [len(card[kind]) for kind in ("sources", "artifacts", "consumers")] == [MANY, MANY + 1, MANY]
    assert len(card["run"]["metadata"]) == KEYS
    assert [len(each["metadata"]) for each in card["artifacts"] if "metadata" in each] == [KEYS]
    difference = collected(ask, "diff", run_id="hub", other_run_id="other", max_nodes=most)
    assert len(difference["pairs"][0]["metadata"]) == KEYS
    assert len(difference["pairs"][0]["only"]) == MANY


def test_two_artifacts_at_one_place_are_two_uses() -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("old", artifacts={"rows": "/rows", "same": "/rows"})
        tracker.add_source("reader", "old")
        tracker.record("new", artifacts={"rows": "/rows"})
        assert len(collected(asking(tracker), "stale", max_nodes=1)["uses"]) == len(tracker.stale().uses) == 2


def test_each_run_has_its_turn_where_all_is_read(large: GraphTracker) -> None:
    told = collected(asking(large), "impact", run_id="hub", max_nodes=1000)
    turns = {row["turn"]: row["run_id"] for row in told["runs"]}
    assert [turns[turn] for turn in range(MANY)] == [row.run_id for row in large.impact("hub").runs]


@pytest.mark.parametrize("most", [7, 1000])
@pytest.mark.parametrize(
    "value",
    ["x" * 50_000, "\u202e\x1b\\u001b" * 3000, [{"a\u200b": ["\x9b" * 500]}] * 20, "\U000e0041" * 2000],
    ids=len,
)
def test_a_long_value_is_told_in_pieces(value: Any, most: int) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("run", metadata={"it": value}, artifacts={"out": str(value)})
        tracker.add_artifact("run", "out", str(value), {"it": value})
        ask = asking(tracker)
        told = collected(ask, "show", run_id="run", max_nodes=most)
        (artifact,) = told["artifacts"]
        for beginning in (told["run"]["metadata"]["it"], artifact["metadata"]["it"]):
            text = pieced_together(ask, "show", run_id="run", value=beginning["value"], max_nodes=most)
            assert text == written_out(value)[1]
        path = pieced_together(ask, "show", run_id="run", value=artifact["path"]["value"], max_nodes=most)
        assert meant(path) == str(value)


def test_a_long_value_of_an_explanation_is_told_in_pieces() -> None:
    with GraphTracker(":memory:") as tracker:
        for run_id in "ab":
            tracker.record(run_id, metadata={"config": ["long"] * 500}, artifacts={"out": "/" + "p" * 900})
        ask = asking(tracker)
        explanation = collected(ask, "contrast", bad=["a", "b"])["explanations"][0]
        (beginning,) = (each["value"] for each in explanation["values"])
        text = pieced_together(ask, "contrast", bad=["a", "b"], value=beginning["value"], max_nodes=1)
        assert json.loads(text) == ["long"] * 500


# -- what is said of it ------------------------------------------------------------------------------------------------


def test_the_last_page_says_that_it_is(agent: Agent) -> None:
    told = agent.answer("lineage", run_id="r0100", max_nodes=400)
    assert told.text.startswith("NOT THE WHOLE ANSWER: ")
    call = told.data["more"][0]
    last = agent.answer(call["tool"], **{**call["arguments"], "max_nodes": 1000})
    assert last.text.startswith("LAST PAGE: ")
    assert "nothing comes after it" in last.head


@pytest.mark.parametrize("value", ["zzz", "", "0" * 16, "-1", "9" * 5000])
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("lineage", {"run_id": FIRST}), ("show", {"run_id": FIRST}), ("diff", {"run_id": FIRST, "other_run_id": SECOND}),
     ("stale", {}), ("find", {"text": "a"}), ("impact", {"run_id": FIRST}), ("contrast", {"bad": [FIRST, SECOND]}),
     ("between", {"source": FIRST, "target": FIRST}), ("show", {"run_id": FIRST, "value": ["metadata", "lr"]})],
    ids=str,
)  # fmt: skip
def test_an_after_that_no_answer_gave_is_an_error(agent: Agent, tool: str, arguments: Any, value: str) -> None:
    assert "after" in agent.refusal(tool, **arguments, after=value)


@pytest.mark.parametrize("value", [["metadata", "none"], ["metadata"], ["artifacts", "x", "path"], ["run"], "metadata"])
def test_a_value_that_is_not_there_is_an_error(agent: Agent, value: Any) -> None:
    assert "has no value" in agent.refusal("show", run_id=FIRST, value=value)
    refused = agent.refusal("contrast", bad=[FIRST, SECOND], value=value)
    assert "no explanation has the value" in refused
