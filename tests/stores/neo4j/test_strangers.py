"""Nodes and links that others made in the same Neo4j: left out of every answer alike, counted, an error of none."""

from __future__ import annotations

from collections.abc import Iterator
from operator import methodcaller
from typing import Any

import pytest

from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.question import JointQuestion
from graphtracker.model.values import Node
from tests.support.servers import driver, emptied, rows

GENERATIONS = ("5", "2026")


@pytest.fixture(params=GENERATIONS)
def generation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def tracker(generation: str) -> Iterator[GraphTracker]:
    """A small pipeline: a dataset, what was made of it, what was made of that; and a run beside it."""
    with GraphTracker(emptied(generation)) as opened:
        opened.record("prepare", artifacts=[TrackerArtifact("rows", "/rows", {"n": 1})], metadata={"n": 1})
        opened.record("train", sources=[TrackerSource("prepare", "rows"), TrackerSource("base", None)])
        opened.record("evaluate", sources=[TrackerSource("train", None)])
        opened.record("other")
        yield opened


def answers(tracker: GraphTracker) -> dict[str, Any]:
    """Everything that a tracker says of its store."""
    runs = ["prepare", "train", "evaluate", "other", "base", "5", "by-hand", "late"]
    known = set(tracker.graph().runs)
    with GraphTracker(":memory:") as copy:
        copy.copy_from(tracker)
        copied = copy.graph()
    return {
        "graph": tracker.graph().to_dict(),
        "copy": copied.to_dict(),
        "runs": tracker.runs(),
        "latest": tracker.runs(limit=3),
        "run_ids": tracker.run_ids(),
        "filtered": tracker.run_ids(n=1),
        "with source": tracker.run_ids(parent_run_id="prepare"),
        "metadata": [tracker.metadata(run_id) for run_id in runs],
        "artifacts": [tracker.artifacts(run_id) for run_id in runs],
        "sources": [tracker.sources(run_id) for run_id in runs],
        "consumers": [tracker.consumers(run_id) for run_id in runs],
        "of the artifact": tracker.consumers("prepare", "rows"),
        "found": tracker.find_artifacts("/rows"),
        "find_run": tracker.find_run("train"),
        "lineage": [tracker.lineage(run_id).to_dict() for run_id in sorted(known)],
        "bounded": [tracker.lineage(run_id, depth=1).to_dict() for run_id in sorted(known)],
        "few": [tracker.lineage(run_id, max_runs=2).to_dict() for run_id in sorted(known)],
        "deep": [tracker.lineage(run_id, depth=9).to_dict() for run_id in sorted(known)],
        "artifact": tracker.lineage("prepare", artifact_name="rows").to_dict(),
        "newest": tracker._recorder.read(lambda snapshot: snapshot.newest_at(["/rows"])),
        "joint": [tracker._recorder.read(methodcaller("lineages", question)) for question in JOINT],
    }


STARTS: tuple[Node, ...] = ("evaluate", ("prepare", "rows"), "5", "by-hand", "late", ("prepare", "mine"))
JOINT = [
    JointQuestion(STARTS, "upstream"),
    JointQuestion(STARTS, "downstream"),
    JointQuestion(STARTS, "upstream", depth=1),
    JointQuestion(STARTS, "downstream", max_runs=2),
]
BESIDE = {
    "a run without created_at": "CREATE (:Run {run_id: 'by-hand', name: 'by-hand'})",
    "a run whose id is a number": "CREATE (:Run {run_id: 5, created_at: datetime(), updated_at: datetime()})",
    "a run whose created_at is a text": "CREATE (:Run {run_id: 'by-hand', created_at: '2024-01-01'})",
    "a run whose created_at is a date": "CREATE (:Run {run_id: 'by-hand', created_at: date()})",
    "a run whose created_at has no zone": "CREATE (:Run {run_id: 'by-hand', created_at: localdatetime()})",
    "a run of the year 10000": "CREATE (:Run {run_id: 'late', created_at: datetime('+10000-01-01T00:00:00Z')})",
    "a run of the year 500": "CREATE (:Run {run_id: 'early', created_at: datetime('0500-01-01T00:00:00Z')})",
    "an artifact whose name is a number": (
        "MATCH (p:Run {run_id: 'prepare'}) "
        "CREATE (:Artifact {run_id: 'prepare', name: 7, path: '/rows', created_at: datetime()})-[:GENERATED_BY]->(p)"
    ),
    "an artifact without created_at": (
        "MATCH (p:Run {run_id: 'prepare'}) "
        "CREATE (:Artifact {run_id: 'prepare', name: 'mine', path: '/rows'})-[:GENERATED_BY]->(p)"
    ),
    "an artifact of a number": "CREATE (:Artifact {run_id: 5, name: 'rows', path: '/rows', created_at: datetime()})",
    "links to and from runs of others": (
        "MATCH (t:Run {run_id: 'train'}), (o:Run {run_id: 'other'}) "
        "CREATE (t)-[:DERIVED_FROM]->(n:Run {run_id: 'by-hand'})-[:DERIVED_FROM]->(o), "
        "(t)-[:DERIVED_FROM]->(:Run {run_id: 5, created_at: datetime()})-[:DERIVED_FROM]->(o)"
    ),
    "links to artifacts of others": (
        "MATCH (e:Run {run_id: 'evaluate'}), (t:Run {run_id: 'train'}) "
        "CREATE (e)-[:USED]->(:Artifact {run_id: 'train', name: 'mine'})-[:GENERATED_BY]->(t), "
        "(e)-[:USED]->(:Artifact {run_id: 'train', name: 7, created_at: datetime()})-[:GENERATED_BY]->(t), "
        "(e)-[:USED]->(:Artifact {run_id: 'train', created_at: datetime()})-[:GENERATED_BY]->(t)"
    ),
    "a consumer of others": (
        "MATCH (a:Artifact {name: 'rows'}), (p:Run {run_id: 'prepare'}) "
        "CREATE (:Run {run_id: 'by-hand'})-[:USED]->(a), (:Run {run_id: 6, created_at: datetime()})-[:USED]->(a), "
        "(:Run {run_id: 'hand-made'})-[:DERIVED_FROM]->(p)"
    ),
    "a link that stands twice": (
        "MATCH (t:Run {run_id: 'train'}), (b:Run {run_id: 'base'}), (a:Artifact {name: 'rows'}) "
        "CREATE (t)-[:DERIVED_FROM]->(b), (t)-[:USED]->(a)"
    ),
    "an artifact that says to be of two runs": (
        "MATCH (a:Artifact {name: 'rows'}), (o:Run {run_id: 'other'}) CREATE (a)-[:GENERATED_BY]->(o)"
    ),
}


@pytest.mark.parametrize("what", BESIDE)
def test_what_others_put_beside_ours_changes_no_answer(what: str, tracker: GraphTracker, generation: str) -> None:
    before, unrecognised = answers(tracker), tracker.health()["unrecognised nodes and links"]
    assert unrecognised == 0
    rows(driver(generation), BESIDE[what])
    after = answers(tracker)
    assert {name: after[name] for name in after if after[name] != before[name]} == {}
    twice = "twice" in what or "two runs" in what  # of nodes and links that are all ours
    assert (tracker.health()["unrecognised nodes and links"] != 0) is not twice


SPOILT = {
    "the created_at of a run is a text": "MATCH (r:Run {run_id: 'other'}) SET r.created_at = '2024-01-01'",
    "the created_at of a run is far away": (
        "MATCH (r:Run {run_id: 'other'}) SET r.created_at = datetime('+10000-01-01T00:00:00Z')"
    ),
    "the id of a run is a number": "MATCH (r:Run {run_id: 'other'}) SET r.run_id = 5",
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_run_that_was_spoilt_by_hand_is_in_no_answer(what: str, tracker: GraphTracker, generation: str) -> None:
    rows(driver(generation), SPOILT[what])
    told = answers(tracker)
    assert "other" not in str(told)
    assert len(told["runs"]) == 3
    assert tracker.health()["runs"] == 3
    assert tracker.health()["unrecognised nodes and links"] == 1


ODD = {
    "the updated_at of a run is a text": "MATCH (r:Run {run_id: 'prepare'}) SET r.updated_at = 'today'",
    "a run has no updated_at": "MATCH (r:Run {run_id: 'prepare'}) REMOVE r.updated_at",
    "the clock of a run is a number": "MATCH (r:Run {run_id: 'prepare'}) SET r.`graphtracker.clock` = 5",
    "the clock of a run is text of others": "MATCH (r:Run {run_id: 'prepare'}) SET r.`graphtracker.clock` = ['', 'n']",
    "the clock of an artifact is a number": "MATCH (a:Artifact {name: 'rows'}) SET a.`graphtracker.clock` = 5",
    "an artifact has no clock": "MATCH (a:Artifact {name: 'rows'}) REMOVE a.`graphtracker.clock`, a.updated_at",
    "a link has no created_at": "MATCH ()-[t:USED|DERIVED_FROM]->() REMOVE t.created_at",
    "the created_at of a link is a text": "MATCH ()-[t:USED|DERIVED_FROM]->() SET t.created_at = 'today'",
}


@pytest.mark.parametrize("what", ODD)
def test_what_is_odd_about_one_of_ours_spoils_no_other_part(what: str, tracker: GraphTracker, generation: str) -> None:
    before = answers(tracker)
    rows(driver(generation), ODD[what])
    after = answers(tracker)
    for told in ("metadata", "artifacts", "sources", "consumers", "run_ids", "with source"):
        assert after[told] == before[told]
    assert after["graph"]["sources"] == before["graph"]["sources"]
    assert after["copy"]["sources"] == before["copy"]["sources"]
    assert tracker.health()["runs"] == 4
    tracker.record("prepare", metadata={"n": 2}, artifacts=[TrackerArtifact("rows", "/new", None)])
    assert tracker.metadata("prepare") == {"n": 2}
    assert tracker.artifacts("prepare")["rows"].path == "/new"


def test_a_text_that_only_looks_like_ours_is_read_as_it_is(tracker: GraphTracker, generation: str) -> None:
    rows(driver(generation), "MATCH (r:Run {run_id: 'prepare'}) SET r.note = 'json:{'")
    assert tracker.metadata("prepare")["note"] == "json:{"
    assert tracker.run_ids(note="json:{") == ["prepare"]
    assert tracker.graph().runs["prepare"].metadata["note"] == "json:{"


@pytest.mark.parametrize("path", ["5", "null", "['/a', '/b']"])
def test_an_artifact_whose_path_is_no_text_is_a_declared_one(path: str, tracker: GraphTracker, generation: str) -> None:
    rows(driver(generation), f"MATCH (a:Artifact {{name: 'rows'}}) SET a.path = {path}")
    assert tracker.artifacts("prepare") == {}
    assert tracker.graph().artifacts["prepare", "rows"].declared
    assert answers(tracker)["copy"]["runs"] == tracker.graph().to_dict()["runs"]
    assert tracker.health()["declared artifacts"] == 1


MADE = "CREATE (r:Run {run_id: 'by-hand', note: 'mine'}), (:Artifact {run_id: 'by-hand', name: 'model'})"


def test_a_run_made_by_hand_becomes_ours_when_something_is_recorded_into_it(
    tracker: GraphTracker, generation: str
) -> None:
    rows(driver(generation), MADE)
    tracker.record("by-hand", metadata={"n": 3}, artifacts=[TrackerArtifact("model", "/model", None)])
    assert tracker.metadata("by-hand") == {"n": 3, "note": "mine"}
    assert tracker.artifacts("by-hand")["model"].path == "/model"
    assert tracker.run("by-hand").name == "by-hand"
    assert tracker.health()["unrecognised nodes and links"] == 0


def test_what_was_made_by_hand_becomes_an_external_when_it_is_named_as_a_source(
    tracker: GraphTracker, generation: str
) -> None:
    rows(driver(generation), MADE)
    tracker.add_source("other", "by-hand", "model")
    assert tracker.run("by-hand").external
    assert tracker.lineage("other").artifacts["by-hand", "model"].declared
    assert "by-hand" not in tracker.run_ids()
    assert tracker.health()["unrecognised nodes and links"] == 0
