"""Any text is data: verbs, exports and the command line give it back as it was written, and it acts nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker, InvalidInput, Lineage
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.display import printable
from tests.support.command import Done, command
from tests.support.hostile import HOSTILE, LONGEST, REFUSED, obeyed, random_texts
from tests.support.tools import exported, run

NewUrl = Callable[[], str]

every_text = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
every_refused_text = pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())


def record(tracker: GraphTracker, text: str) -> None:
    """The text in every place that takes one: run id, artifact name, path, metadata key and value, source."""
    with tracker.batch():
        tracker.add_artifact(text, text, text, {text: text})
        tracker.add_metadata(text, **{text: [text, {text: text}]})
        tracker.add_metadata(text, key=text)
        tracker.add_source("consumer", text, text)
        tracker.add_source(text, "producer", text)


def metadata_of(text: str) -> dict[str, object]:
    """The metadata of the run that ``record`` records."""
    return {text: [text, {text: text}], "key": text}


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE.keys())
def text(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def told(tracker: GraphTracker, text: str) -> GraphTracker:
    """A tracker that was told the hostile text in every place."""
    record(tracker, text)
    return tracker


# -- the texts themselves ----------------------------------------------------------------------------------------------


def test_the_list_holds_what_may_be_written_and_the_other_what_may_not() -> None:
    assert all(0 < len(text.encode()) <= LONGEST and "\0" not in text for text in HOSTILE.values())
    assert len(set(HOSTILE.values())) == len(HOSTILE)
    assert not set(HOSTILE.values()) & set(REFUSED.values())


def test_the_generator_gives_the_same_texts_again_and_others_for_another_seed() -> None:
    assert random_texts(1, 300) == random_texts(1, 300) != random_texts(2, 300)
    assert len(set(random_texts(1, 300))) == 300


# -- the tracker's verbs -----------------------------------------------------------------------------------------------


def test_artifacts_and_metadata_are_read_as_written(told: GraphTracker, text: str) -> None:
    assert told.artifacts(text) == {text: TrackerArtifact(text, text, {text: text})}
    assert told.metadata(text) == metadata_of(text)
    [found] = [item for item in told.find_artifacts(text) if item.run_id == text]
    assert (found.name, found.path, found.metadata) == (text, text, {text: text})


def test_sources_and_consumers_are_read_as_written(told: GraphTracker, text: str) -> None:
    assert told.sources("consumer") == told.sources("consumer", text) == [TrackerSource(text, text)]
    assert told.sources(text) == [TrackerSource("producer", text)]
    assert told.consumers(text) == told.consumers(text, text) == ["consumer"]


def test_runs_are_found_by_it(told: GraphTracker, text: str) -> None:
    assert told.run(text).run_id == told.find_run(text) == text
    assert set(told.run_ids()) == {text, "consumer"}
    assert told.run_ids(parent_run_id=text) == ["consumer"]
    assert told.run_ids(key=text) == [text]
    assert [item.run_id for item in told.runs(where={text: [text, {text: text}]})] == [text]


def test_one_record_call_takes_it_too(tracker: GraphTracker, text: str) -> None:
    tracker.record(
        text,
        metadata={text: text},
        artifacts=[TrackerArtifact(text, text, {text: text})],
        sources=[TrackerSource(text, text)],
    )
    assert tracker.metadata(text) == {text: text}
    assert tracker.artifacts(text) == {text: TrackerArtifact(text, text, {text: text})}
    assert tracker.sources(text) == [TrackerSource(text, text)]
    assert tracker.run_ids(**{text: text}) == [text]


# -- lineage and its exports -------------------------------------------------------------------------------------------


def lineages(tracker: GraphTracker, text: str) -> Iterator[Lineage]:
    yield tracker.graph()
    yield tracker.lineage(text)
    yield tracker.lineage(text, artifact_name=text)
    yield tracker.lineage(text, depth=0)


def test_lineage_holds_it(told: GraphTracker, text: str) -> None:
    whole = told.lineage(text)
    assert set(whole.runs) == {text, "consumer", "producer"}
    assert set(whole.artifacts) == {(text, text), ("producer", text)}
    assert whole.artifacts[text, text].path == text
    assert whole.artifacts[text, text].metadata == {text: text}
    assert whole.ancestors((text, text)) == {text, ("producer", text), "producer"}
    assert told.lineage(text, depth=0).frontier == {text: {"upstream", "downstream"}}
    assert told.lineage("consumer", artifact_name=None).ancestors() >= {text, (text, text)}


def test_lineage_survives_its_dict_and_json(told: GraphTracker, text: str) -> None:
    for lineage in lineages(told, text):
        for written in (json.dumps(lineage.to_dict()), exported(lineage, "json")):
            assert json.loads(written) == lineage.to_dict()
            assert Lineage.from_dict(json.loads(written)) == lineage


def test_nothing_in_an_export_is_obeyed(told: GraphTracker, text: str) -> None:
    for lineage in lineages(told, text):
        assert not obeyed(exported(lineage, "json"))
        assert not obeyed(exported(lineage, "dot").replace("\n\t", "\n"))  # the graphviz library indents with tabs
        assert not obeyed(repr(lineage))


def test_normalised_and_unnormalised_text_are_two_runs(tracker: GraphTracker) -> None:
    both = {HOSTILE["normalised"], HOSTILE["unnormalised"]}
    for run_id in both:
        tracker.add_source("consumer", run_id)
    assert set(tracker.lineage("consumer").runs) == both | {"consumer"}


def test_texts_that_differ_by_white_space_are_different_runs(tracker: GraphTracker) -> None:
    texts = ["a", " a", "a ", "a\t", "a\n", "A", "\u00a0a", "a\u200b"]
    for text in texts:
        tracker.add_metadata(text, me=text)
    assert {text: tracker.metadata(text)["me"] for text in texts} == {text: text for text in texts}


def test_a_thousand_random_texts_come_back(tracker: GraphTracker) -> None:
    texts = random_texts(4, 1000)
    with tracker.batch():
        for text in texts:
            record(tracker, text)
    whole = tracker.graph()
    assert set(whole.runs) == {*texts, "consumer", "producer"}
    assert {key: item.path for key, item in whole.artifacts.items() if key[0] != "producer"} == {
        (text, text): text for text in texts
    }
    assert {run_id: run.metadata for run_id, run in whole.runs.items() if run.metadata} == {
        text: metadata_of(text) for text in texts
    }
    assert tracker.sources("consumer") == [TrackerSource(text, text) for text in sorted(texts)]
    assert Lineage.from_dict(json.loads(exported(whole, "json"))) == whole
    assert not obeyed(exported(whole, "json"))


# -- what is refused ---------------------------------------------------------------------------------------------------


@every_refused_text
def test_what_cannot_be_an_identifier_is_refused_whole(tracker: GraphTracker, text: str) -> None:
    good = TrackerArtifact("good", "/good", None)
    calls: list[Callable[[], Any]] = [
        lambda: tracker.add_artifact(text, "name", "/path"),
        lambda: tracker.add_artifact("run", text, "/path"),
        lambda: tracker.add_artifact("run", "name", "/path", {"good": 1, text: 1}),
        lambda: tracker.add_metadata(text, key=1),
        lambda: tracker.add_metadata("run", **{"good": 1, text: 1}),
        lambda: tracker.add_source(text, "source"),
        lambda: tracker.add_source("run", text),
        lambda: tracker.record(text, metadata={"good": 1}),
        lambda: tracker.record("run", artifacts=[good, TrackerArtifact(text, "/path", None)]),
        lambda: tracker.record("run", metadata={"good": 1}, sources=[TrackerSource(text, None)]),
    ]
    if text:  # an empty artifact name of a source means the whole run
        calls.append(lambda: tracker.add_source("run", "source", text))
        calls.append(lambda: tracker.record("run", artifacts=[good], sources=[TrackerSource("source", text)]))
    for call in calls:
        with pytest.raises(InvalidInput) as caught:
            call()
        assert not obeyed(str(caught.value))
        assert len(str(caught.value)) < 1000
    assert len(tracker.graph()) == 0


@pytest.mark.parametrize("text", ["a\ud800", "\udcff"], ids=["high", "low"])
def test_lone_surrogates_are_refused_in_paths_and_values_too(tracker: GraphTracker, text: str) -> None:
    for call in (
        lambda: tracker.add_artifact("run", "name", text),
        lambda: tracker.add_artifact("run", "name", "/path", {"key": text}),
        lambda: tracker.add_metadata("run", good=1, key=text),
        lambda: tracker.add_metadata("run", key=[{"deep": text}]),
        lambda: tracker.add_metadata("run", key={text: 1}),
    ):
        with pytest.raises(InvalidInput):
            call()
    assert len(tracker.graph()) == 0


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, bytearray(b"a"), memoryview(b"a"), 1j, {1: 2}, lambda: 1, range, iter([])],
    ids=lambda value: type(value).__name__,
)
def test_values_of_other_types_are_refused_by_key_and_type(tracker: GraphTracker, value: object) -> None:
    for call in (
        lambda: tracker.add_metadata("run", good=1, bad=value),
        lambda: tracker.add_metadata("run", good=1, bad=[value]),
        lambda: tracker.add_artifact("run", "name", "/path", {"good": 1, "bad": value}),
    ):
        with pytest.raises(InvalidInput, match="'bad'") as caught:
            call()
        assert type(value).__name__ in str(caught.value) or isinstance(value, dict)
    assert len(tracker.graph()) == 0


@every_text
def test_paths_and_values_may_be_empty_long_or_hold_nul(tracker: GraphTracker, text: str) -> None:
    long = text * 50 + "\0"
    tracker.add_artifact("run", "long", long, {"value": long})
    tracker.add_artifact("run", "empty", "", {"value": ""})
    assert tracker.artifacts("run") == {
        "long": TrackerArtifact("long", long, {"value": long}),
        "empty": TrackerArtifact("empty", "", {"value": ""}),
    }


# -- the command line --------------------------------------------------------------------------------------------------


def well(done: Done) -> str:
    """What a command printed, after it went well and wrote nothing that acts."""
    assert (done.code, done.err) == (0, "")
    assert not obeyed(done.out.replace("\n\t", "\n"))  # DOT is indented with tabs
    return done.out


def harmless(done: Done, code: int) -> None:
    assert done.code == code, done
    assert not obeyed(done.out + done.err)
    assert "Traceback" not in done.err


@pytest.fixture
def store(new_url: NewUrl) -> str:
    return new_url()


@pytest.fixture
def recorded(store: str, text: str) -> str:
    """A store that was told the hostile text in every place."""
    with GraphTracker(store) as tracker:
        record(tracker, text)
    return store


def read_as_value(text: str) -> object:
    """What the command line takes a value for: JSON where it reads as JSON, else the text."""
    with suppress(ValueError):
        return json.loads(text)
    return text


def test_the_command_line_records_it(store: str, text: str) -> None:
    pairs = [] if "=" in text else [f"{text}={text}"]  # a key ends at the first "="
    options = [f"--metadata={pair}" for pair in pairs]
    assert well(command("add-artifact", "--store", store, *options, "--", text, text, text)) == ""
    assert well(command("add-metadata", "--store", store, "--", text, f"key={text}", *pairs)) == ""
    assert well(command("add-source", "--store", store, f"--artifact={text}", "--", "consumer", text)) == ""
    assert well(command("add-source", "--store", store, "--", text, "producer")) == ""
    value = read_as_value(text)
    named = {text: value} if pairs else {}
    with GraphTracker(store) as tracker:
        assert tracker.artifacts(text) == {text: TrackerArtifact(text, text, named or None)}
        assert tracker.metadata(text) == {"key": value, **named}
        assert tracker.sources("consumer") == [TrackerSource(text, text)]
        assert tracker.sources(text) == [TrackerSource("producer", None)]


def test_the_command_line_prints_it_as_json(recorded: str, text: str) -> None:
    with GraphTracker(recorded) as tracker:
        whole = tracker.lineage(text)
        graph = tracker.graph()
    listed = json.loads(well(command("runs", "--json", "--store", recorded)))
    assert {item["run_id"] for item in listed} == {text, "consumer"}
    card = json.loads(well(command("show", "--json", "--store", recorded, "--", text)))
    assert (card["run_id"], [item["path"] for item in card["artifacts"]]) == (text, [text])
    assert card["consumers"] == [{"run_id": "consumer", "source_run_id": text, "artifact_name": text}]
    printed = well(command("lineage", "--json", "--store", recorded, "--", text))
    assert Lineage.from_dict(json.loads(printed)) == whole
    assert well(command("export", "--format=json", "--store", recorded, "--", text)) == printed
    assert json.loads(well(command("export", "--format=json", "--store", recorded))) == graph.to_dict()


def test_the_command_line_prints_it_for_people_and_no_terminal_obeys(recorded: str, text: str) -> None:
    shown = printable(text)
    assert shown.strip() in well(command("runs", "--store", recorded))
    assert well(command("show", "--store", recorded, "--", text)).startswith(f"{shown}\n")
    tree = well(command("lineage", "--store", recorded, "--", text))
    assert len(tree.splitlines()) == 5  # the start, two headings, a source, a product
    assert "digraph" in well(command("export", "--dot", "--store", recorded, "--", text))
    assert "digraph" in well(command("export", "--store", recorded))


def test_the_command_line_asks_by_it(recorded: str, text: str) -> None:
    for question in (
        ["runs", f"--where=key={text}"],
        ["runs", f"--parent={text}"],
        ["lineage", f"--artifact={text}", "--", text],
        ["lineage", f"--path={text}"],
        ["export", f"--path={text}"],
        ["export", f"--artifact={text}", "--downstream", "--", text],
    ):
        assert well(command("--store", recorded, *question))


@every_text
def test_no_message_of_the_command_line_is_obeyed(text: str, store: str, tmp_path: Path) -> None:
    command("add-metadata", "--store", store, "a")
    harmless(command("show", "--store", store, "--", text), 1)
    harmless(command("lineage", "--store", store, f"--path={text}"), 1)
    harmless(command("lineage", "--store", store, f"--artifact={text}", "a"), 1)
    harmless(command("lineage", "--store", store, f"--depth={text}", "a"), 2)
    harmless(command("runs", "--store", store, "--", text), 2)
    harmless(command("runs", "--store", store, f"--x{text}"), 2)
    harmless(command("export", "--store", store, f"--format={text}"), 2)
    harmless(command("export", "--store", store, f"--output={text}/x.tar", "a"), 2)
    harmless(command("runs", "--store", f"redis://{text}"), 2)
    harmless(command("runs", "--store", f"{tmp_path}/none/x{text}"), 3)
    harmless(command("add-metadata", "--store", f"{tmp_path}/none/x{text}", "a"), 3)
    harmless(command("doctor", "--store", f"{tmp_path}/none/x{text}"), 3)


@pytest.mark.parametrize("text", [text for text in REFUSED.values() if "\0" not in text])  # no argument can hold a NUL
def test_the_command_line_refuses_what_the_library_refuses(text: str, store: str) -> None:
    harmless(command("add-metadata", "--store", store, "--", text, "a=1"), 2)
    harmless(command("add-metadata", "--store", store, "--", "a", f"{text}=1"), 2)
    harmless(command("add-artifact", "--store", store, "--", "a", text, "/path"), 2)
    harmless(command("add-source", "--store", store, "--", "a", text), 2)
    with GraphTracker(store) as tracker:
        assert len(tracker.graph()) == 0


def test_a_real_process_takes_hostile_ids_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "all.db") as tracker, tracker.batch():
        for text in HOSTILE.values():
            record(tracker, text)
    for arguments in (["runs"], ["lineage", "consumer"], ["show", "consumer"], ["export"]):
        done = run(tmp_path, "graphtracker", "--store", "all.db", *arguments)
        assert not obeyed(done.stdout.replace("\n\t", "\n"))
        assert done.stderr == ""
    refused = run(tmp_path, "graphtracker", "--store", "all.db", "show", "a\udcff", code=2)
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
