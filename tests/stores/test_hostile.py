"""Any text is data: what was recorded with it is read as it was written, and it acts nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from graphtracker import GraphTracker, Lineage
from graphtracker.api import TrackerArtifact, TrackerSource
from tests.support.hostile import HOSTILE, LONGEST, REFUSED, metadata_of, obeyed, random_texts, record
from tests.support.stores import STORES
from tests.support.tools import exported

TEXTS = list(HOSTILE.values())


@pytest.fixture(scope="module", params=sorted(STORES))
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphTracker]:
    """A tracker that was told every hostile text in every place; only to be asked.

    All of them in one store, so that each could also be taken for another.
    """
    with GraphTracker(STORES[request.param](tmp_path_factory.mktemp("hostile"))) as tracker:
        with tracker.batch() as batch:
            for text in TEXTS:
                record(batch, text)
        yield tracker


# -- the texts themselves ----------------------------------------------------------------------------------------------


def test_the_list_holds_what_may_be_written_and_the_other_what_may_not() -> None:
    assert all(0 < len(text.encode()) <= LONGEST and "\0" not in text for text in HOSTILE.values())
    assert len(set(HOSTILE.values())) == len(HOSTILE)
    assert not set(HOSTILE.values()) & set(REFUSED.values())


def test_the_generator_gives_the_same_texts_again_and_others_for_another_seed() -> None:
    assert random_texts(1, 300) == random_texts(1, 300) != random_texts(2, 300)
    assert len(set(random_texts(1, 300))) == 300


# -- the tracker's verbs -----------------------------------------------------------------------------------------------


def test_artifacts_and_metadata_are_read_as_written(told: GraphTracker) -> None:
    assert {text: told.artifacts(text) for text in TEXTS} == {
        text: {text: TrackerArtifact(text, text, {text: text})} for text in TEXTS
    }
    assert {text: told.metadata(text) for text in TEXTS} == {text: metadata_of(text) for text in TEXTS}
    found = {text: [item for item in told.find_artifacts(text) if item.run_id == text] for text in TEXTS}
    assert {text: [(item.name, item.path, item.metadata) for item in items] for text, items in found.items()} == {
        text: [(text, text, {text: text})] for text in TEXTS
    }


def test_sources_and_consumers_are_read_as_written(told: GraphTracker) -> None:
    assert told.sources("consumer") == [TrackerSource(text, text) for text in sorted(TEXTS)]
    assert {text: told.sources("consumer", text) for text in TEXTS} == {
        text: [TrackerSource(text, text)] for text in TEXTS
    }
    assert {text: told.sources(text) for text in TEXTS} == {text: [TrackerSource("producer", text)] for text in TEXTS}
    consumers = {text: (told.consumers(text), told.consumers(text, text)) for text in TEXTS}
    assert consumers == {text: (["consumer"], ["consumer"]) for text in TEXTS}


def test_runs_are_found_by_it(told: GraphTracker) -> None:
    assert sorted(told.run_ids()) == sorted([*TEXTS, "consumer"])
    own = {text: [text] for text in TEXTS}
    assert {text: [told.run(text).run_id] for text in TEXTS} == own
    assert {text: [told.find_run(text)] for text in TEXTS} == own
    assert {text: told.run_ids(key=text) for text in TEXTS} == own
    found = {text: told.runs(where={text: [text, {text: text}]}) for text in TEXTS}
    assert {text: [item.run_id for item in items] for text, items in found.items()} == own
    assert {text: told.run_ids(parent_run_id=text) for text in TEXTS} == {text: ["consumer"] for text in TEXTS}


# -- lineage and its exports -------------------------------------------------------------------------------------------


def lineages(tracker: GraphTracker) -> Iterator[Lineage]:
    yield tracker.graph()
    yield tracker.lineage("consumer")
    for text in TEXTS:
        yield tracker.lineage(text)
        yield tracker.lineage(text, artifact_name=text)
        yield tracker.lineage(text, depth=0)


def test_lineage_holds_it(told: GraphTracker) -> None:
    for text in TEXTS:
        whole = told.lineage(text)
        assert set(whole.runs) == {text, "consumer", "producer"}
        assert set(whole.artifacts) == {(text, text), ("producer", text)}
        assert whole.artifacts[text, text].path == text
        assert whole.artifacts[text, text].metadata == {text: text}
        assert whole.ancestors((text, text)) == {text, ("producer", text), "producer"}
        assert told.lineage(text, depth=0).frontier == {text: {"upstream", "downstream"}}
    all_of_them = told.lineage("consumer", artifact_name=None)
    assert all_of_them.ancestors() >= {*TEXTS, *((text, text) for text in TEXTS)}


def test_lineage_survives_its_dict_and_json(told: GraphTracker) -> None:
    for lineage in lineages(told):
        for written in (json.dumps(lineage.to_dict()), exported(lineage, "json")):
            assert json.loads(written) == lineage.to_dict()
            assert Lineage.from_dict(json.loads(written)) == lineage


def test_nothing_in_an_export_is_obeyed(told: GraphTracker) -> None:
    for lineage in lineages(told):
        assert not obeyed(exported(lineage, "json"))
        assert not obeyed(exported(lineage, "dot").replace("\n\t", "\n"))  # the graphviz library indents with tabs
        assert not obeyed(repr(lineage))
