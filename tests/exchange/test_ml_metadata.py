"""What ml-metadata keeps becomes runs, artifacts and sources; it writes the files of these tests itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker
from graphtracker.exchange.ml_metadata import events
from graphtracker.exchange.report import Report
from tests.support.command import command
from tests.support.hostile import HOSTILE
from tests.support.ml_metadata_files import artifact, execution, written
from tests.support.sqlite_files import content, sql

Import = Callable[..., GraphTracker]


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    """A tracker of what was read from a file that ml-metadata has written so."""

    def read(**said: Any) -> GraphTracker:
        path = tmp_path / "mlmd.db"
        written(path, **said)
        return tracker_of(path)

    return read


def tracker_of(path: Path, report: Report | None = None) -> GraphTracker:
    tracker = GraphTracker(":memory:")
    tracker.copy_from(events(str(path), report or Report()))
    return tracker


def state(tracker: GraphTracker) -> str:
    return json.dumps(tracker.graph().to_dict())


def sources(tracker: GraphTracker) -> set[tuple[str, str, str | None]]:
    return {(one.run_id, one.source_run_id, one.artifact_name) for one in tracker.graph().sources}


def runs(tracker: GraphTracker, *, external: bool = False) -> set[str]:
    return {run.run_id for run in tracker.graph().runs.values() if run.external is external}


PIPELINE: dict[str, Any] = {
    "executions": [
        execution("examples", "tfx.components.example_gen.Component", state="COMPLETE"),
        execution("trainer", "tfx.components.trainer.Component", state="COMPLETE"),
        execution("pusher", "tfx.components.pusher.Component", name="push", state="FAILED"),
    ],
    "artifacts": [artifact("raw", "File"), artifact("split", "Examples"), artifact("model")],
    "events": [
        ["examples", "raw", "INPUT", ["input", 0], 1000],
        ["examples", "split", "OUTPUT", ["examples", 0], 2000],
        ["trainer", "split", "INPUT", ["examples", 0], 3000],
        ["trainer", "model", "OUTPUT", ["model", 0], 4000],
        ["pusher", "model", "INPUT", ["model", 0], 5000],
    ],
    "contexts": [
        execution("pipeline", "pipeline", name="taxi"),
        execution("run", "pipeline_run", name="taxi.1", properties={"pipeline_root": ("STRING", "/tfx")}),
        execution("node", "node", name="taxi.Trainer"),
        execution("cache", "node", name="taxi.Cache"),
    ],
    "parents": [["run", "pipeline"]],
    "associations": [["run", "trainer"], ["node", "trainer"], ["cache", "trainer"]],
    "attributions": [["pipeline", "model"]],
}
EXAMPLES, TRAINER, PUSHER = (
    "tfx.components.example_gen.Component/1",
    "tfx.components.trainer.Component/2",
    "tfx.components.pusher.Component/push",
)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mlmd") / "pipeline.db"
    written(path, **PIPELINE)
    return path


# -- the mapping -------------------------------------------------------------------------------------------------------


def test_executions_are_runs_named_by_type_and_name_else_id(pipeline: Path) -> None:
    assert runs(tracker_of(pipeline)) == {EXAMPLES, TRAINER, PUSHER}


def test_events_are_sources_and_artifacts_named_by_the_key_of_their_path(pipeline: Path) -> None:
    tracker = tracker_of(pipeline)
    assert sources(tracker) == {
        (EXAMPLES, "/data/raw", None),
        (TRAINER, EXAMPLES, "examples"),
        (PUSHER, TRAINER, "model"),
    }
    assert {key: one.path for key, one in tracker.graph().artifacts.items()} == {
        (EXAMPLES, "examples"): "/data/split",
        (TRAINER, "model"): "/data/model",
    }
    assert set(tracker.lineage(PUSHER, direction="upstream").runs) == {PUSHER, TRAINER, EXAMPLES, "/data/raw"}


def test_an_artifact_that_nobody_put_out_is_an_external_run_called_by_its_place(imported: Import) -> None:
    tracker = imported(
        executions=[execution("train")],
        artifacts=[
            artifact("a", uri="file:///data//raw/"),
            artifact("b", "Data", uri="", name="b"),
            artifact("c", "Data", uri=""),
        ],
        events=[["train", key, "INPUT", [], 1] for key in "abc"],
    )
    assert runs(tracker, external=True) == {"/data/raw", "ml-metadata:/Data/b", "ml-metadata:/Data/3"}


def test_an_artifact_is_called_by_its_name_else_the_key_else_type_and_id(imported: Import) -> None:
    tracker = imported(
        executions=[execution("train")],
        artifacts=[artifact("a", name="best"), *(artifact(key) for key in "bcdef")],
        events=[
            ["train", "a", "OUTPUT", ["model", 0], 1],
            ["train", "b", "OUTPUT", ["models", 0], 1],
            ["train", "c", "OUTPUT", ["models", 1], 1],
            ["train", "d", "OUTPUT", ["models", 0], 1],
            ["train", "e", "OUTPUT", [3], 1],
            ["train", "f", "OUTPUT", ["eval", "best", 2], 1],
        ],
    )
    assert {name: one.path for (_, name), one in tracker.graph().artifacts.items()} == {
        "best": "/data/a",
        "models": "/data/b",
        "models/1": "/data/c",
        "models@4": "/data/d",
        "Model-5": "/data/e",
        "eval/best/2": "/data/f",
    }


def test_a_second_execution_of_a_name_gets_its_id_behind_it(imported: Import) -> None:
    tracker = imported(
        executions=[
            execution("a", "train", name="x"),
            execution("b", "train", name="x", version="2"),
            execution("c", "train"),
            execution("d", "train", name="3"),
        ]
    )
    assert runs(tracker) == {"train/x", "train/x@2", "train/3", "train/3@4"}
    assert tracker.metadata("train/x@2")["type_version"] == "2"


def test_what_is_called_like_another_with_its_id_is_told_apart(imported: Import) -> None:
    tracker = imported(
        executions=[
            execution("a", "train", name="x"),
            execution("b", "train", name="x", version="2"),
            execution("c", "train", name="x@2"),
            execution("d", "train", name="x@2@3"),
        ],
        artifacts=[artifact("e"), artifact("f"), artifact("g", name="model@2")],
        events=[["a", key, "OUTPUT", ["model"], 1] for key in "ef"] + [["a", "g", "OUTPUT", [], 1]],
    )
    assert runs(tracker) == {"train/x", "train/x@2", "train/x@2@3", "train/x@2@3@4"}
    assert {name for _, name in tracker.graph().artifacts} == {"model", "model@2", "model@2@3"}


@pytest.mark.parametrize("kind", ["INPUT", "DECLARED_INPUT", "INTERNAL_INPUT"])
@pytest.mark.parametrize("made", ["OUTPUT", "DECLARED_OUTPUT", "INTERNAL_OUTPUT"])
def test_every_event_but_a_pending_one_links(imported: Import, kind: str, made: str) -> None:
    tracker = imported(
        executions=[execution("a", "make"), execution("b", "use")],
        artifacts=[artifact("model")],
        events=[["a", "model", made, ["model"], 1], ["b", "model", kind, ["model"], 2]],
    )
    assert sources(tracker) == {("use/2", "make/1", "model")}


def test_a_pending_output_is_none_until_it_is_put_out(tmp_path: Path) -> None:
    report = Report()
    written(
        tmp_path / "mlmd.db",
        executions=[execution("a")],
        artifacts=[artifact("model"), artifact("lost")],
        events=[["a", "model", "PENDING_OUTPUT", ["model"], 1]],
    )
    tracker = tracker_of(tmp_path / "mlmd.db", report)
    assert not tracker.graph().artifacts
    assert report.sentence() == (
        "read 1 execution; not mapped: 1 pending output and 2 artifacts that no execution put out or used"
    )


def test_the_key_of_an_output_counts_before_that_of_its_declaration(imported: Import) -> None:
    tracker = imported(
        executions=[execution("a", "make")],
        artifacts=[artifact("model")],
        events=[["a", "model", "DECLARED_OUTPUT", ["declared"], 1], ["a", "model", "OUTPUT", ["model"], 2]],
    )
    assert set(tracker.graph().artifacts) == {("make/1", "model")}


def test_what_is_put_out_again_comes_from_who_put_it_out_before(imported: Import) -> None:
    """As by a cached execution, which passes on what another one has made."""
    tracker = imported(
        executions=[
            execution("a", state="COMPLETE"),
            execution("b"),
            execution("c", state="CACHED"),
            execution("d"),
            execution("e"),
        ],
        artifacts=[artifact("model")],
        events=[
            ["a", "model", "OUTPUT", ["model"], 1],
            ["b", "model", "INPUT", [], 2],
            ["c", "model", "OUTPUT", ["again"], 3],
            ["d", "model", "INPUT", [], 4],
            ["e", "model", "INPUT", [], 5],
            ["e", "model", "OUTPUT", ["model"], 6],
        ],
    )
    assert sources(tracker) == {
        ("train/2", "train/1", "model"),
        ("train/3", "train/1", "model"),
        ("train/4", "train/3", "again"),
        ("train/5", "train/3", "again"),
    }
    assert set(tracker.artifacts("train/3")) == {"again"}


def test_an_execution_is_no_source_of_itself(imported: Import) -> None:
    tracker = imported(
        executions=[execution("a")],
        artifacts=[artifact("model")],
        events=[["a", "model", "OUTPUT", ["model"], 1], ["a", "model", "INPUT", ["model"], 2]],
    )
    assert sources(tracker) == {("train/1", "/data/model", None)}


def test_properties_of_every_kind_are_metadata(imported: Import) -> None:
    struct = {"text": "a", "number": 1.5, "flag": True, "nothing": None, "list": [1, ["x", {}], {"deep": {"er": []}}]}
    values: dict[str, tuple[str, Any]] = {
        "int": ("INT", 2**63 - 1),
        "negative": ("INT", -1),
        "double": ("DOUBLE", 1e300),
        "text": ("STRING", "mlmd"),
        "empty": ("STRING", ""),
        "flag": ("BOOLEAN", False),
        "struct": ("STRUCT", struct),
        "empty struct": ("STRUCT", {}),
        "message": ("PROTO", {"a": "b"}),
    }
    tracker = imported(
        executions=[execution("a", properties=values, custom_properties=values, external_id="outside")],
        artifacts=[artifact("m", properties=values, state="LIVE", name="m")],
        events=[["a", "m", "OUTPUT", [], 1]],
    )
    plain = {key: value for key, (kind, value) in values.items() if kind != "PROTO"} | {
        "message": {
            "type_url": "type.googleapis.com/google.protobuf.Struct",
            "value": b"\n\x08\n\x01a\x12\x03\x1a\x01b",
        }
    }
    properties = {f"properties.{key}": value for key, value in plain.items()}
    custom = {f"custom_properties.{key}": value for key, value in plain.items()}
    assert tracker.metadata("train/1") == properties | custom | {"type": "train", "external_id": "outside"}
    found = tracker.artifacts("train/1")["m"].metadata
    assert found == properties | {"type": "Model", "state": "LIVE"}


def test_contexts_are_metadata_of_executions_and_artifacts_with_all_above_them(pipeline: Path) -> None:
    tracker = tracker_of(pipeline)
    assert {key: value for key, value in tracker.metadata(TRAINER).items() if key.startswith("contexts.")} == {
        "contexts.pipeline": "taxi",
        "contexts.pipeline_run": "taxi.1",
        "contexts.pipeline_run.properties.pipeline_root": "/tfx",
        "contexts.node": ["taxi.Trainer", "taxi.Cache"],
    }
    assert (tracker.artifacts(TRAINER)["model"].metadata or {})["contexts.pipeline"] == "taxi"


def test_properties_of_several_contexts_of_a_type_are_told_by_their_names(imported: Import) -> None:
    tracker = imported(
        executions=[execution("a")],
        contexts=[
            execution("one", "group", name="one", properties={"size": ("INT", 1)}),
            execution("two", "group", name="two", properties={"size": ("INT", 2)}, custom_properties={"x": ("INT", 3)}),
        ],
        associations=[["one", "a"], ["two", "a"]],
    )
    found = tracker.metadata("train/1")
    assert found["contexts.group.properties.size"] == {"one": 1, "two": 2}
    assert found["contexts.group.custom_properties.x"] == {"two": 3}


@pytest.mark.parametrize(
    ("its", "status"),
    [
        ("NEW", None),
        ("RUNNING", "running"),
        ("COMPLETE", "succeeded"),
        ("CACHED", "succeeded"),
        ("FAILED", "failed"),
        ("CANCELED", "failed: canceled"),
    ],
)
def test_a_state_is_the_status_and_says_whether_it_ended(imported: Import, its: str, status: str | None) -> None:
    (run,) = imported(executions=[execution("a", state=its)]).graph().runs.values()
    assert run.metadata["state"] == its
    assert run.context.get("status") == status
    assert "started_at" in run.context
    assert ("ended_at" in run.context) is (its not in ("NEW", "RUNNING"))


def test_times_are_those_of_ml_metadata(tmp_path: Path) -> None:
    path = tmp_path / "mlmd.db"
    written(
        path,
        executions=[execution("a", state="COMPLETE")],
        artifacts=[artifact("m"), artifact("raw")],
        events=[["a", "raw", "INPUT", [], 1_500], ["a", "m", "OUTPUT", ["m"], 3_000]],
    )
    sql(
        path,
        "UPDATE Execution SET create_time_since_epoch = 1000, last_update_time_since_epoch = 4000",
        "UPDATE Artifact SET last_update_time_since_epoch = 5000",
    )
    tracker = tracker_of(path)
    run, made = tracker.graph().runs["train/1"], tracker.graph().artifacts["train/1", "m"]
    (source,) = tracker.graph().sources
    assert (run.reported_at, run.context["started_at"], run.context["ended_at"]) == (_at(1), _at(1), _at(4))
    assert (made.logged_at, made.updated_at) == (_at(3), _at(5))
    assert source.created_at == _at(1.5)
    assert list(tracker.lineage("train/1", as_of=_at(3)).artifacts) == [("train/1", "m")]


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


# -- again, and cut off ------------------------------------------------------------------------------------------------


def test_a_second_import_changes_nothing_and_none_changes_the_file(pipeline: Path) -> None:
    before = content(pipeline.parent)
    tracker = tracker_of(pipeline)
    first = state(tracker)
    tracker.copy_from(events(str(pipeline), Report()))
    assert state(tracker) == first
    assert content(pipeline.parent) == before


def test_an_import_that_was_cut_off_goes_on(pipeline: Path) -> None:
    whole = state(tracker_of(pipeline))
    for number in range(3):
        tracker = GraphTracker(":memory:")
        reading = events(str(pipeline), Report())
        tracker.copy_from([next(reading) for _ in range(number)])
        reading.close()  # type: ignore[attr-defined]  # a generator, which lets go of the file
        tracker.copy_from(events(str(pipeline), Report()))
        assert state(tracker) == whole


def test_what_came_later_is_read_with_the_next_import(tmp_path: Path) -> None:
    path = tmp_path / "mlmd.db"
    written(path, executions=[execution("a", name="a")], artifacts=[artifact("m", name="m")])
    tracker = tracker_of(path)
    written(
        path,
        executions=[execution("b", name="b")],
        artifacts=[artifact("n", name="n")],
        events=[["b", "n", "OUTPUT", [], 2]],
    )
    tracker.copy_from(events(str(path), Report()))
    assert state(tracker) == state(tracker_of(path))
    assert runs(tracker) == {"train/a", "train/b"}


def test_nothing_newer_is_overwritten(pipeline: Path) -> None:
    tracker = tracker_of(pipeline)
    tracker.add_metadata(TRAINER, state="mine")
    tracker.copy_from(events(str(pipeline), Report()))
    assert tracker.metadata(TRAINER)["state"] == "mine"


# -- versions, texts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", range(4, 10))
def test_files_of_older_versions_are_read_for_what_they_hold(tmp_path: Path, schema: int) -> None:
    written(tmp_path / "mlmd.db", **PIPELINE, schema=schema)
    tracker = tracker_of(tmp_path / "mlmd.db")
    named = PUSHER if schema > 4 else "tfx.components.pusher.Component/3"  # no names yet
    assert runs(tracker) == {EXAMPLES, TRAINER, named}
    assert (named, TRAINER, "model") in sources(tracker)
    assert tracker.metadata(TRAINER)["contexts.pipeline_run.properties.pipeline_root"] == "/tfx"


def test_hostile_texts_are_data(tmp_path: Path) -> None:
    # With a type before them the longest ones are too long.
    texts = {key: text for key, text in HOSTILE.items() if len(text.encode()) < 3900}
    written(
        tmp_path / "mlmd.db",
        executions=[
            execution(
                key, "t", name=text, custom_properties={text: ("STRING", text), "struct": ("STRUCT", {text: text})}
            )
            for key, text in texts.items()
        ],
        artifacts=[artifact(key, "a", name=text, uri=text) for key, text in texts.items()],
        contexts=[execution(f"c {key}", "c", name=text) for key, text in texts.items()],
        events=[[key, key, "OUTPUT", [text], 1] for key, text in texts.items()],
        associations=[[f"c {key}", key] for key in texts],
    )
    report = Report()
    tracker = tracker_of(tmp_path / "mlmd.db", report)
    assert runs(tracker) == {f"t/{text}" for text in texts.values()}
    for text in texts.values():
        found = tracker.metadata(f"t/{text}")
        assert found[f"custom_properties.{text}"] == text
        assert found["custom_properties.struct"] == {text: text}
        assert found["contexts.c"] == text
        assert tracker.artifacts(f"t/{text}")[text].path == text
    assert not +report.unmapped


def test_what_cannot_be_stored_is_left_out_and_counted(tmp_path: Path) -> None:
    report = Report()
    written(
        tmp_path / "mlmd.db",
        executions=[execution("a", name="x" * 5000), execution("b", custom_properties={"k" * 5000: ("INT", 1)})],
        artifacts=[artifact("m", name="m" * 5000)],
        events=[["b", "m", "OUTPUT", [], 1]],
    )
    assert runs(tracker_of(tmp_path / "mlmd.db", report)) == {"train/2"}
    assert report.unmapped == {
        "executions whose name cannot be stored": 1,
        "values of metadata that cannot be stored": 1,
        "artifacts whose name or path cannot be stored": 1,
    }
    assert +report.read == {"executions": 1}


def test_the_command_says_what_was_read(pipeline: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "store.db")
    done = command("import", "ml-metadata", str(pipeline), "--store", store)
    assert done.code == 0
    assert done.err.splitlines()[-1] == f"graphtracker: {store}: read 3 executions, 2 artifacts and 3 inputs"
