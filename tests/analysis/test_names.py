"""What the nodes of an answer are called."""

from __future__ import annotations

from graphtracker import GraphTracker
from graphtracker.analysis.names import Labels, Names, labelled
from graphtracker.model.values import Node


def test_nodes_are_named_in_the_order_of_ids_runs_before_artifacts() -> None:
    with GraphTracker(":memory:") as tracker:
        for run_id in ("b", "a", "\U0001f600", "\uffee"):
            tracker.add_artifact(run_id, "model", "/m")
        tracker.add_artifact("b", "log", "/l")
        tracker.add_metadata("aa")
        graph = tracker.graph()
    names = Names(graph)
    ordered: list[Node] = [*sorted(graph.runs), *sorted(graph.artifacts)]
    assert [names[node] for node in ordered] == [f"n{number}" for number in range(10)]
    assert list(names.runs()) == [(names[run_id], run_id) for run_id in sorted(graph.runs)]
    assert list(names.artifacts()) == [(names[key], names[key[0]], key) for key in sorted(graph.artifacts)]
    assert [names[node] for node in reversed(ordered)] == [f"n{number}" for number in reversed(range(10))]


def test_a_run_is_called_by_its_name_unless_several_have_it() -> None:
    with GraphTracker(":memory:") as tracker:
        for run_id in ("one/train", "two/train", "one/deploy", "train"):
            tracker.add_metadata(run_id)
        graph = tracker.graph()
    labels = Labels(graph)
    assert {run_id: labels[run] for run_id, run in graph.runs.items()} == {
        "one/deploy": "deploy", "one/train": "one/train", "train": "train", "two/train": "two/train",
    }  # fmt: skip


def test_of_ids_each_run_is_called_by_its_name_unless_another_has_it() -> None:
    ids = ["job://a/train", "job://b/train", "job://a/clean", "job://a/clean", "clean.csv"]
    assert labelled(ids) == {
        "job://a/train": "job://a/train",
        "job://b/train": "job://b/train",
        "job://a/clean": "clean",
        "clean.csv": "clean.csv",
    }
    assert labelled([]) == {}
