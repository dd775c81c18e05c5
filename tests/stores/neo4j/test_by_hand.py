"""The graph as people query it by hand: which properties there are, of what type, what forgetting leaves of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import neo4j
import pytest

from graphtracker import GraphTracker, Run
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.cypher import statement
from graphtracker.model.events import (
    ArtifactLogged,
    ContextSet,
    Event,
    Forgotten,
    MetadataSet,
    SourceNamed,
    least_stamp,
)
from graphtracker.stores.neo4j.browser_files import queries
from tests.support.neo4j_server import GENERATIONS
from tests.support.servers import driver, emptied, rows

NOON = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)


def after(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


def stamp(hours: int) -> bytes:
    return least_stamp(int(after(hours).timestamp()) * 10**9)


@pytest.fixture(params=GENERATIONS)
def generation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def tracker(generation: str) -> Iterator[GraphTracker]:
    with GraphTracker(emptied(generation)) as opened:
        yield opened


def write(tracker: GraphTracker, *events: Event) -> None:
    tracker._recorder.store.write(events)


def properties(generation: str, **key: str) -> dict[str, Any]:
    """The properties of the node that has these, times as Python has them."""
    where = ", ".join(f"{name}: ${name}" for name in key)
    ((found,),) = rows(driver(generation), f"MATCH (n {{{where}}}) RETURN properties(n)", **key)
    return {
        name: value.to_native() if isinstance(value, neo4j.time.DateTime) else value for name, value in found.items()
    }


def labels(generation: str, **key: str) -> set[str]:
    where = ", ".join(f"{name}: ${name}" for name in key)
    ((found,),) = rows(driver(generation), f"MATCH (n {{{where}}}) RETURN labels(n)", **key)
    return set(found)


# -- context -----------------------------------------------------------------------------------------------------------

CONTEXT = {"user": "ada", "command": "json:x", "dirty": False, "started_at": after(1), "status": "running"}


def test_context_is_native_properties_of_their_own(tracker: GraphTracker, generation: str) -> None:
    write(tracker, ContextSet("run", CONTEXT, stamp(1)), MetadataSet("run", "context.user", "metadata", stamp(1)))
    found = properties(generation, run_id="run")
    assert (found["context.user"], found["context.dirty"], found["context.started_at"]) == ("ada", False, after(1))
    assert found["metadata.context.user"] == "metadata"
    assert tracker.run("run").metadata == {"context.user": "metadata"}
    assert list(tracker.run("run").context.items()) == list(CONTEXT.items())


def test_context_that_others_put_there_breaks_no_answer(tracker: GraphTracker, generation: str) -> None:
    write(tracker, ContextSet("run", {"user": "ada"}, stamp(1)))
    rows(
        driver(generation),
        "MATCH (r:Run) SET r.`context.status` = 5, r.`context.started_at` = 'today', r.`context.ended_at` = date(), "
        "r.`context.dirty` = 'json:{', r.`context.mine` = 1, r.`context.branch` = 'by hand'",
    )
    told: list[Run] = [
        tracker.run("run"),
        *tracker.runs(),
        tracker.lineage("run").runs["run"],
        tracker.graph().runs["run"],
    ]
    with GraphTracker(":memory:") as copy:
        copy.copy_from(tracker)
        told.append(copy.run("run"))
    assert all(run.context == {"user": "ada", "branch": "by hand"} and not run.metadata for run in told)


# -- times and places --------------------------------------------------------------------------------------------------


def record_twice(tracker: GraphTracker) -> None:
    """A run that was named, reported, and then recorded the same again."""
    tracker.add_source("consumer", "run", "model")
    for hours in (2, 1):
        model = TrackerArtifact("model", "/models/a.pt", {"n": hours})
        tracker.record("run", artifacts=[model], sources=[TrackerSource("raw", None)], at=after(hours))


def test_first_and_last_times_are_native_properties(tracker: GraphTracker, generation: str) -> None:
    record_twice(tracker)
    run, model = properties(generation, run_id="run", name="run"), properties(generation, run_id="run", name="model")
    assert (run["created_at"], run["reported_at"], run["updated_at"]) == (after(1), after(1), after(2))
    assert (model["created_at"], model["logged_at"], model["updated_at"]) == (after(1), after(1), after(2))
    assert (model["path"], model["place"]) == ("/models/a.pt", "/models/a.pt")
    ((named,),) = rows(driver(generation), "MATCH (:Run {run_id: 'run'})-[d:DERIVED_FROM]->() RETURN d.created_at")
    assert named.to_native() == after(1)


def test_a_link_made_by_hand_is_as_old_as_its_consumer(tracker: GraphTracker, generation: str) -> None:
    tracker.record("raw", at=after(0))
    tracker.record("run", at=after(2))
    rows(driver(generation), "MATCH (r:Run {run_id: 'run'}), (s:Run {run_id: 'raw'}) CREATE (r)-[:DERIVED_FROM]->(s)")
    (source,) = tracker.graph().sources
    assert source.created_at == after(2)
    for as_of, told in ((after(1), {"raw"}), (after(2), {"raw", "run"})):
        assert set(tracker.lineage("raw", as_of=as_of).runs) == told
        assert set(tracker.lineage("raw", depth=1, as_of=as_of).runs) == told


def test_places_that_are_too_long_for_an_index_are_kept_apart(tracker: GraphTracker, generation: str) -> None:
    longs = [f"/{'x' * 5000}/{end}" for end in "ab"]
    for number, path in enumerate(longs):
        tracker.add_artifact(f"run-{number}", "model", path)
    assert [[artifact.run_id for artifact in tracker.find_artifacts(path)] for path in longs] == [["run-0"], ["run-1"]]
    assert [tracker.graph().artifacts[f"run-{number}", "model"].place for number in range(2)] == longs
    found = properties(generation, run_id="run-0", name="model")
    assert (len(found["place"]), found["graphtracker.place"], found["path"]) == (4000, longs[0], longs[0])


# -- forgetting --------------------------------------------------------------------------------------------------------

KEPT = {"run_id": "run", "name": "run", "created_at": after(1), "graphtracker.forgotten_at": after(5)}


@pytest.fixture
def secret(tracker: GraphTracker) -> GraphTracker:
    record_twice(tracker)
    write(tracker, ContextSet("run", CONTEXT, stamp(1)), MetadataSet("run", "name", "Ada Lovelace", stamp(2)))
    return tracker


def test_of_forgotten_values_no_property_is_left(secret: GraphTracker, generation: str) -> None:
    write(secret, Forgotten("run", False, stamp(5)))
    times = {"reported_at": after(1), "updated_at": after(2)}
    assert properties(generation, run_id="run", name="run") == KEPT | times | {"graphtracker.forgotten": "values"}
    model = properties(generation, run_id="run", name="model")
    assert model.pop("graphtracker.clock")
    times = {"created_at": after(1), "logged_at": after(1), "updated_at": after(2)}
    assert model == {"run_id": "run", "name": "model", "graphtracker.forgotten": "values"} | times
    assert secret.health()["unrecognised nodes and links"] == 0


def test_of_a_forgotten_run_others_only_keep_what_they_named(secret: GraphTracker, generation: str) -> None:
    write(secret, Forgotten("run", True, stamp(5)))
    assert properties(generation, run_id="run", name="run") == KEPT | {"graphtracker.forgotten": "run"}
    assert labels(generation, run_id="run", name="run") == {"Run", "External"}
    assert labels(generation, run_id="run", name="model") == {"Artifact", "Declared"}
    assert set(properties(generation, run_id="run", name="model")) == {"run_id", "name", "created_at"}
    assert rows(driver(generation), "MATCH ()-[t:USED|DERIVED_FROM]->() RETURN startNode(t).run_id") == [["consumer"]]


LATE: list[Event] = [
    MetadataSet("run", "late", 1, stamp(9)),
    ContextSet("run", {"user": "late"}, stamp(9)),
    ArtifactLogged("run", "model", "/late", "/late", {"late": 1}, stamp(9)),
    SourceNamed("run", "late source", "late artifact", stamp(9)),
]


@pytest.mark.parametrize("links", [False, True])
def test_what_comes_late_leaves_nothing_of_it_in_the_database(
    links: bool, secret: GraphTracker, generation: str
) -> None:
    write(secret, Forgotten("run", links, stamp(5)))
    write(secret, *LATE)
    left = str(rows(driver(generation), "MATCH (n) RETURN properties(n)"))
    assert "Lovelace" not in left
    assert "'late'" not in left
    assert "/late" not in left
    assert ("late source" in secret.graph().runs) is not links


def test_a_run_that_nobody_ever_spoke_of_is_forgotten_before_it_comes(tracker: GraphTracker, generation: str) -> None:
    write(tracker, Forgotten("run", False, stamp(5)))
    assert set(properties(generation, run_id="run")) == set(KEPT) - {"created_at"} | {"graphtracker.forgotten"}
    assert (len(tracker.graph()), tracker.health()["forgotten runs"]) == (0, 1)
    assert tracker.health()["unrecognised nodes and links"] == 0
    write(tracker, *LATE)
    run = tracker.run("run")
    assert (run.forgotten, run.metadata, run.reported_at, run.created_at) == (True, {}, after(9), after(9))


def test_the_work_of_forgetting_is_that_of_what_is_forgotten(tracker: GraphTracker, generation: str) -> None:
    """Not of those that were made from it."""
    few, many = (hits_of_forgetting(tracker, generation, f"hub-{consumers}", consumers) for consumers in (20, 2000))
    assert many < 1.5 * few


def hits_of_forgetting(tracker: GraphTracker, generation: str, run_id: str, consumers: int) -> int:
    """What the server looks at to forget a run of which so many were made."""
    tracker.record(run_id, artifacts=[TrackerArtifact("model", "/m", None)], sources=[TrackerSource("raw", None)])
    with tracker.batch() as batch:
        for number in range(consumers):
            sources = [TrackerSource(run_id, "model"), TrackerSource(run_id, None)]
            batch.record(f"{run_id}-{number}", sources=sources)
    with driver(generation).session(database="neo4j") as session:
        forgotten = {"forgotten": [[run_id, run_id, "run", 1]]}
        profile = session.run(f"PROFILE {statement('forget')}", rows=forgotten).consume().profile
    return total_hits(profile)


def total_hits(profile: Any) -> int:
    return int(profile["dbHits"]) + sum(map(total_hits, profile.get("children", ())))


def test_saved_queries_show_nothing_that_is_forgotten(tracker: GraphTracker, generation: str) -> None:
    tracker.record("raw")
    tracker.record("run", artifacts=[TrackerArtifact("model", "/m", None)], sources=[TrackerSource("base", "weights")])
    tracker.record("other", sources=[TrackerSource("raw", None)])
    tracker.forget(["run"])
    given: dict[str, Any] = {"run_id": "run", "name": "model", "place": "/m", "key": "name", "value": "run"}
    given |= {"other_run_id": "raw", "text": "run"}
    for name in queries():
        found = rows(driver(generation), statement(name.removesuffix(".cypher")), **given)
        assert not {"run", "model", "base", "weights"} & set(names(found)), name


def names(value: Any) -> Iterator[str]:
    if isinstance(value, neo4j.graph.Node):
        yield value["name"]
    elif isinstance(value, list):
        for item in value:
            yield from names(item)
