"""The links of an answer, in the direction of the data."""

from __future__ import annotations

from graphtracker import GraphTracker, Lineage
from graphtracker.analysis.links import links, reached, turned


def of(tracker: GraphTracker) -> Lineage:
    return tracker.graph()


def test_a_whole_run_source_means_all_artifacts_unless_the_consumer_names_some() -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.add_artifact("prepare", "rows", "/rows")
        tracker.add_artifact("prepare", "log", "/log")
        tracker.add_source("all", "prepare")
        tracker.add_source("some", "prepare")
        tracker.add_source("some", "prepare", "rows")
        steps = {node: sorted(targets, key=str) for node, targets in links(of(tracker)).items()}
    assert steps == {
        "prepare": [("prepare", "log"), ("prepare", "rows"), "all", "some"],
        ("prepare", "rows"): ["all", "some"],
        ("prepare", "log"): ["all"],
    }


def test_turned_links_lead_back() -> None:
    assert turned({"a": ["b", "c"], "b": ["c"]}) == {"b": ["a"], "c": ["a", "b"]}


def test_what_is_reached_leaves_out_the_start_also_on_a_cycle() -> None:
    assert reached({"a": ["b"], "b": ["c", "a"], "c": ["c"]}, "a") == {"b", "c"}
    assert reached({}, "a") == frozenset()
