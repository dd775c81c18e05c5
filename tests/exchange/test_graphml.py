"""GraphML: what networkx reads of it is what the lineage says."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from graphtracker import GraphTracker, Lineage
from graphtracker.model.encoding import loads
from graphtracker.model.times import time_text
from tests.support.hostile import HOSTILE, obeyed, random_texts
from tests.support.lineages import of_texts
from tests.support.remembered import CONTEXT, GONE, OLD, PREPARE, TRAINED, record_remembered
from tests.support.six_jobs import START
from tests.support.tools import exported


def read_graphml(text: str) -> Any:
    """The graph that networkx reads, with attributes and names as they were recorded."""
    graph = nx.parse_graphml(text, force_multigraph=True)
    for _, attributes in [("", graph.graph), *graph.nodes(data=True)]:
        for name, value in list(attributes.items()):
            del attributes[name]
            attributes[unescaped(name)] = unescaped(value) if isinstance(value, str) else value
    return graph


def unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)


def value_of(value: object) -> object:
    """A metadata value, from an attribute."""
    return loads(value[5:]) if isinstance(value, str) and value.startswith("json:") else value


OWN = {
    *("label", "kind", "run_id", "name", "external", "forgotten", "declared", "path", "place", "left_out"),
    *("created_at", "reported_at", "logged_at", "updated_at"),
}


def metadata_of(attributes: dict[str, Any]) -> dict[str, object]:
    return {
        name.removeprefix("metadata."): value_of(value)
        for name, value in attributes.items()
        if name not in OWN and not name.startswith("context.")
    }


def time_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


def node_of(attributes: dict[str, Any]) -> Any:
    return attributes["run_id"] if attributes["kind"] == "run" else (attributes["run_id"], attributes["name"])


def assert_graphml_says(text: str, lineage: Lineage) -> None:
    graph = read_graphml(text)
    nodes = {name: node_of(attributes) for name, attributes in graph.nodes(data=True)}
    assert set(nodes.values()) == set(lineage.graph)
    for name, attributes in graph.nodes(data=True):
        recorded = lineage.graph.nodes[nodes[name]]
        assert metadata_of(attributes) == recorded["metadata"]
        same = ("external", "forgotten") if recorded["kind"] == "run" else ("declared", "path", "place")
        assert {key: attributes.get(key) for key in ("kind", "name", *same)} == {
            key: recorded[key] for key in ("kind", "name", *same)
        }
        value = lineage.runs[nodes[name]] if recorded["kind"] == "run" else lineage.artifacts[nodes[name]]
        for time in ("created_at", "reported_at", "logged_at", "updated_at"):
            assert (time_of(attributes[time]) if time in attributes else None) == getattr(value, time, None)
    edges = [
        (str(nodes[a]), str(nodes[b]), data["kind"], data.get("created_at") and time_of(data["created_at"]))
        for a, b, data in graph.edges(data=True)
    ]
    assert sorted(edges, key=str) == sorted(
        (
            (str(a), str(b), kind, data.get("created_at"))
            for a, b, kind, data in lineage.graph.edges(keys=True, data=True)
        ),
        key=str,
    )


def test_graphml_is_what_networkx_has(six_jobs: GraphTracker) -> None:
    assert_graphml_says(exported(six_jobs.graph(), "graphml"), six_jobs.graph())


@pytest.mark.parametrize("begin", ["prepare", ("prepare", "rows")])
def test_it_says_where_paths_begin(tracker: GraphTracker, begin: Any) -> None:
    tracker.add_source("train", "prepare", "rows")
    said = read_graphml(exported(tracker.between(begin, "train"), "graphml")).graph
    names = ("begin", "begin_artifact")
    assert tuple(said[name] for name in names if name in said) == ((begin,) if isinstance(begin, str) else begin)
    assert "begin" not in exported(tracker.lineage("train"), "graphml")


def test_nodes_have_the_labels_that_pictures_give_them(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        batch.record("a://x/train-1", metadata={"label": "theirs"})
        batch.add_source("a://x/train-1", "a://x/shared", "csv")
        batch.add_source("a://x/train-1", "b://x/shared")
    nodes = [data for _, data in read_graphml(exported(tracker.graph(), "graphml")).nodes(data=True)]
    assert [data["label"] for data in nodes] == ["a://x/shared", "train-1", "b://x/shared", "csv"]
    assert nodes[1]["metadata.label"] == "theirs"


def test_networkx_writes_what_it_has_read_in_formats_of_other_programs(six_jobs: GraphTracker, tmp_path: Path) -> None:
    six_jobs.graph().save(tmp_path / "x.graphml")
    graph = nx.read_graphml(tmp_path / "x.graphml")
    nx.write_gexf(graph, tmp_path / "x.gexf")
    nx.write_gml(graph, tmp_path / "x.gml")
    labels = {data["label"] for _, data in graph.nodes(data=True)}
    assert {data["label"] for _, data in nx.read_gexf(tmp_path / "x.gexf").nodes(data=True)} == labels
    assert len(nx.read_gml(tmp_path / "x.gml")) == len(graph)


def test_graphml_gives_numbers_as_numbers_and_other_values_exactly() -> None:
    same_kind: dict[str, list[object]] = {
        "int": [1, -(2**63), 2**63 - 1],
        "float": [0.1, float("inf"), -1e300],
        "both": [1, 2.5],
        "flag": [True, False],
        "text": ["1", "true", "json:1", ""],
    }
    mixed: list[object] = [
        1, True, None, 2**70, "json:x", b"\x00", [1, 2.5], {"a": None}, datetime(2024, 1, 1, tzinfo=timezone.utc),
    ]  # fmt: skip
    with GraphTracker(":memory:") as tracker:
        for key, values in same_kind.items():
            for number, value in enumerate(values):
                tracker.add_metadata(f"{key} {number}", **{key: value})
        for number, value in enumerate(mixed):
            tracker.record(f"mixed {number}", metadata={"mixed": value, "name": number, "metadata.name": value})
        tracker.add_metadata("large", both_large=2**53 + 1)
        tracker.add_metadata("small", both_large=0.5)
        lineage = tracker.graph()
    found = {
        attributes["run_id"]: attributes
        for _, attributes in read_graphml(exported(lineage, "graphml")).nodes(data=True)
    }
    for key, values in same_kind.items():
        assert [found[f"{key} {number}"][key] for number in range(len(values))] == [
            "json:" + json.dumps(value) if value == "json:1" else value for value in values
        ]
        assert {type(found[f"{key} {number}"][key]) for number in range(len(values))} == {
            float if key == "both" else type(values[0])
        }
    assert [value_of(found[f"mixed {number}"]["mixed"]) for number in range(len(mixed))] == mixed
    assert [found[f"mixed {number}"]["metadata.name"] for number in range(len(mixed))] == list(range(len(mixed)))
    assert value_of(found["large"]["both_large"]) == 2**53 + 1


def test_graphml_has_what_runs_are_remembered_by_in_types_of_its_own() -> None:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        tracker.record(TRAINED, metadata={"context.user": 7, "forgotten": "no", "place": 1, "context.new": "x"})
        whole = tracker.graph()
    text = exported(whole, "graphml")
    assert_graphml_says(text, whole)
    nodes = {node_of(attributes): attributes for _, attributes in read_graphml(text).nodes(data=True)}
    times = {name: str(time_text(value)) for name, value in CONTEXT.items() if isinstance(value, datetime)}
    found = {name: value for name, value in nodes[PREPARE].items() if name.startswith("context.")}
    assert found == {f"context.{name}": value for name, value in (CONTEXT | times).items()}
    assert (nodes[OLD]["forgotten"], nodes[GONE]["forgotten"], nodes[TRAINED]["forgotten"]) == (True, True, False)
    assert nodes[TRAINED]["context.user"] == "bob"
    assert nodes[TRAINED]["metadata.context.user"] == 7
    assert "secret" not in text
    assert "context." not in exported(of_texts(["plain"]), "graphml")


def test_graphml_says_of_when_it_is(six_jobs: GraphTracker) -> None:
    now = datetime.now(timezone.utc)
    assert time_of(read_graphml(exported(six_jobs.graph(as_of=now), "graphml")).graph["as_of"]) == now
    assert "as_of" not in read_graphml(exported(six_jobs.graph(), "graphml")).graph


def test_graphml_says_what_was_asked_and_what_was_left_out(six_jobs: GraphTracker) -> None:
    lineage = six_jobs.lineage(START, depth=1, direction="upstream")
    graph = read_graphml(exported(lineage, "graphml"))
    assert graph.graph["start"] == START
    assert (graph.graph["depth"], graph.graph["direction"]) == (1, "upstream")
    assert (graph.graph["complete"], graph.graph["reasons"]) == (False, "depth")
    left_out = {data["run_id"]: data["left_out"] for _, data in graph.nodes(data=True) if "left_out" in data}
    assert left_out == {run_id: " ".join(sorted(directions)) for run_id, directions in lineage.frontier.items()}
    artifact = read_graphml(exported(six_jobs.lineage("s3://datasets/reviews"), "graphml")).graph
    assert artifact["complete"] is True
    assert "start_artifact" not in artifact


@pytest.mark.parametrize("name", HOSTILE)
def test_graphml_reads_back_hostile_text(name: str) -> None:
    lineage = of_texts([HOSTILE[name], "other"])
    text = exported(lineage, "graphml")
    assert_graphml_says(text, lineage)
    assert not obeyed(text)


def test_graphml_reads_back_10000_random_texts() -> None:
    texts = random_texts(seed=6, count=10_000)
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number, text in enumerate(texts):
                batch.record(text, metadata={"text": text, f"key {number % 100}": text})
                batch.add_artifact(text, text, text)
        lineage = tracker.graph()
    written = exported(lineage, "graphml")
    assert_graphml_says(written, lineage)
    assert not obeyed(written)
