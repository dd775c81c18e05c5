"""OpenLineage in: what its client writes is read as one history a run, whatever the order of its lines."""

from __future__ import annotations

import io
import json
import os
import random
import sys
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from graphtracker import GraphTracker, InvalidInput, Lineage, StoreError, TrackerArtifact
from graphtracker.exchange.history import History
from graphtracker.exchange.openlineage import index, reading
from graphtracker.exchange.openlineage.index import Index
from graphtracker.exchange.openlineage.lines import RunEvent
from graphtracker.exchange.openlineage.merged import Merged
from graphtracker.exchange.openlineage.overflow import Overflow
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
from tests.support.command import command
from tests.support.hostile import HOSTILE, REFUSED, random_texts
from tests.support.needs import missing
from tests.support.openlineage import NOON, PRODUCER, emitted, id_of, imported, run_uuid, said

try:
    from openlineage.client import event_v2
    from openlineage.client import facet_v2 as facets
except ImportError:
    missing("openlineage is not installed")

RAW, ROWS, MODEL = ("s3://bucket", "raw"), ("file", "/data/rows"), ("s3://bucket", "model")

PIPELINE = [
    said("prepare", "START", 0, [RAW]),
    said("prepare", "COMPLETE", 5, [RAW], [ROWS]),
    said("train", "START", 10, [ROWS]),
    said("train", "RUNNING", 12, [ROWS]),
    said("train", "FAIL", 15, [ROWS], [MODEL]),
]


def read(events: list[Any], folder: Path) -> Lineage:
    return imported(emitted(folder / f"{len(list(folder.iterdir()))}.ndjson", events))[0]


def sources(lineage: Lineage) -> set[tuple[str, str, str | None]]:
    return {(source.run_id, source.source_run_id, source.artifact_name) for source in lineage.sources}


def metadata_of(lineage: Lineage, job: str = "job") -> dict[str, Any]:
    """That of the run of a job, but for the tag that the client gives every run: its version."""
    found: dict[str, Any] = {**lineage.runs[id_of(job)].metadata}
    assert [tag["key"] for tag in found.pop("tags.tags")][-1] == "openlineage_client_version"
    return found


def at(minute: float) -> Any:
    return NOON + timedelta(minutes=minute)


# -- runs --------------------------------------------------------------------------------------------------------------


def test_the_events_of_a_run_are_one_history(tmp_path: Path) -> None:
    lineage, told = imported(emitted(tmp_path / "e.ndjson", PIPELINE))
    prepare, train = lineage.runs[id_of("prepare")], lineage.runs[id_of("train")]
    assert prepare.context == {"started_at": at(0), "ended_at": at(5), "status": "succeeded"}
    assert train.context == {"started_at": at(10), "ended_at": at(15), "status": "failed"}
    assert (train.created_at, train.reported_at, train.updated_at) == (at(10), at(10), at(15))
    rows = lineage.artifacts[id_of("prepare"), "/data/rows"]
    assert (rows.path, rows.place, rows.logged_at) == ("/data/rows", "/data/rows", at(5))
    assert sources(lineage) == {
        (id_of("prepare"), "s3://bucket/raw", None),
        (id_of("train"), id_of("prepare"), "/data/rows"),
    }
    assert lineage.runs["s3://bucket/raw"].external
    assert told == "read 2 runs, 2 artifacts and 2 sources"


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_lines_and_repeats_change_nothing(seed: int, tmp_path: Path) -> None:
    shuffled = random.Random(seed).choices(PIPELINE, k=4) + random.Random(seed).sample(PIPELINE, k=len(PIPELINE))
    assert read(shuffled, tmp_path).to_dict() == read(PIPELINE, tmp_path).to_dict()


@pytest.mark.parametrize(
    ("states", "context"),
    [
        ([("START", 0)], {"started_at": at(0), "status": "running"}),
        ([("RUNNING", 1)], {"status": "running"}),
        ([("COMPLETE", 2)], {"ended_at": at(2), "status": "succeeded"}),
        ([("START", 3), ("COMPLETE", 2)], {"started_at": at(3), "ended_at": at(2), "status": "succeeded"}),
        ([("START", 0), ("ABORT", 2)], {"started_at": at(0), "ended_at": at(2), "status": "failed: aborted"}),
        ([("FAIL", 1), ("COMPLETE", 2)], {"ended_at": at(2), "status": "succeeded"}),
        ([("OTHER", 0)], {}),
        ([(None, 0)], {}),
    ],
)
def test_the_states_of_a_run_are_its_context(
    states: list[tuple[str | None, int]], context: dict[str, object], tmp_path: Path
) -> None:
    lineage = read([said("job", state, minute) for state, minute in states], tmp_path)
    assert lineage.runs[id_of("job")].context == context


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("ValueError: no rows", "failed: ValueError"),
        ("org.apache.spark.sql.AnalysisException: none", "failed: org.apache.spark.sql.AnalysisException"),
        ("OutOfMemoryError", "failed: OutOfMemoryError"),
        ("no rows: none", "failed"),
        ("", "failed"),
    ],
)
def test_the_message_of_a_failure_begins_with_its_type(message: str, status: str, tmp_path: Path) -> None:
    facet = facets.error_message_run.ErrorMessageRunFacet(message, "PYTHON")
    lineage = read([said("job", "FAIL", 0, run_facets={"errorMessage": facet})], tmp_path)
    assert lineage.runs[id_of("job")].context["status"] == status


def test_facets_are_metadata(tmp_path: Path) -> None:
    parent = facets.parent_run.ParentRunFacet(
        facets.parent_run.Run(run_uuid("dag")), facets.parent_run.Job("jobs", "dag")
    )
    tags = facets.tags_run.TagsRunFacet([facets.tags_run.TagsRunFacetFields("team", "a", "USER")])
    job_tags = facets.tags_job.TagsJobFacet([facets.tags_job.TagsJobFacetFields("team", "b", "USER")])
    events = [
        said("job", "START", 0, job_facets={"sql": facets.sql_job.SQLJobFacet("SELECT 1", "ansi")}),
        said("job", "COMPLETE", 1, run_facets={"parent": parent, "tags": tags}, job_facets={"tags": job_tags}),
    ]
    metadata: Any = read(events, tmp_path).runs[id_of("job")].metadata
    assert metadata["parent.run"] == {"runId": run_uuid("dag"), "facets": {}}
    assert metadata["parent.job"] == {"namespace": "jobs", "name": "dag", "facets": {}}
    assert metadata["sql.query"] == "SELECT 1"
    assert {"key": "team", "value": "a", "source": "USER"} in metadata["tags.tags"]
    assert metadata["job.tags.tags"] == [{"key": "team", "value": "b", "source": "USER"}]
    assert not [key for key in metadata if "._" in key]


def test_the_last_event_says_what_a_value_is(tmp_path: Path) -> None:
    def titled(text: str) -> dict[str, Any]:
        return {"documentation": facets.documentation_job.DocumentationJobFacet(text)}

    events = [
        said("job", "COMPLETE", 9, job_facets=titled("last")),
        said("job", "START", 0, job_facets=titled("first")),
    ]
    assert metadata_of(read(events, tmp_path)) == {"documentation.description": "last"}


# -- datasets ----------------------------------------------------------------------------------------------------------


def output(name: str, **more: Any) -> event_v2.OutputDataset:
    return event_v2.OutputDataset("file", name, **more)


VERSION = facets.dataset_version_dataset.DatasetVersionDatasetFacet("v7")
STORAGE = facets.storage_dataset.StorageDatasetFacet("delta", "parquet")
WRITTEN = facets.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=10, size=99)
READ = facets.input_statistics_input_dataset.InputStatisticsInputDatasetFacet(rowCount=3)
SCHEMA = facets.schema_dataset.SchemaDatasetFacet([facets.schema_dataset.SchemaDatasetFacetFields("a", "int")])
OWNERS = facets.ownership_dataset.OwnershipDatasetFacet([facets.ownership_dataset.Owner("team:a")])
COLUMNS = facets.column_lineage_dataset.ColumnLineageDatasetFacet(
    {
        "a": facets.column_lineage_dataset.Fields(
            [facets.column_lineage_dataset.InputField("file", "/in", "a")], "", "IDENTITY"
        )
    }
)


def test_version_statistics_and_storage_are_metadata_and_the_rest_is_counted(tmp_path: Path) -> None:
    written = output(
        "/out",
        facets={
            "version": VERSION,
            "storage": STORAGE,
            "schema": SCHEMA,
            "columnLineage": COLUMNS,
            "ownership": OWNERS,
        },
        outputFacets={"outputStatistics": WRITTEN},
    )
    used = event_v2.InputDataset(
        "file", "/in", facets={"version": VERSION, "schema": SCHEMA}, inputFacets={"inputStatistics": READ}
    )
    lineage, told = imported(emitted(tmp_path / "e.ndjson", [said("job", "COMPLETE", 0, [used], [written])]))
    assert lineage.artifacts[id_of("job"), "/out"].metadata == {
        "version.datasetVersion": "v7",
        "storage.storageLayer": "delta",
        "storage.fileFormat": "parquet",
        "outputStatistics.rowCount": 10,
        "outputStatistics.size": 99,
    }
    assert metadata_of(lineage) == {
        "inputs./in.version.datasetVersion": "v7",
        "inputs./in.inputStatistics.rowCount": 3,
    }
    assert told.endswith("; not mapped: 2 schemas, 1 column lineage and 1 other facet of datasets")


def test_an_output_gathers_what_each_event_says_of_it(tmp_path: Path) -> None:
    events = [
        said("job", "COMPLETE", 5, outputs=[output("/out", outputFacets={"outputStatistics": WRITTEN})]),
        said("job", "START", 0, outputs=[output("/out", facets={"version": VERSION})]),
    ]
    artifact = read(events, tmp_path).artifacts[id_of("job"), "/out"]
    assert (artifact.logged_at, artifact.updated_at) == (at(0), at(5))
    assert {*artifact.metadata} == {
        "version.datasetVersion", "outputStatistics.rowCount", "outputStatistics.size"
    }  # fmt: skip


def test_two_places_of_one_name_stay_two_artifacts(tmp_path: Path) -> None:
    one, other = ("s3://a", "rows"), ("s3://b", "rows")
    events = [said("job", "COMPLETE", 0, outputs=[other, one]), said("user", "COMPLETE", 1, [one, other])]
    lineage = read(events, tmp_path)
    assert {key: artifact.place for key, artifact in lineage.artifacts.items()} == {
        (id_of("job"), "rows"): "s3://a/rows",
        (id_of("job"), "s3://b/rows"): "s3://b/rows",
    }
    assert sources(lineage) == {(id_of("user"), id_of("job"), name) for name in ("rows", "s3://b/rows")}


@pytest.mark.parametrize("namespace", ["s3://b/" + "y" * 4000, "s3://b\0"])
def test_a_second_place_whose_path_can_be_no_name_is_counted(namespace: str, tmp_path: Path) -> None:
    one, other = {"namespace": "s3://a", "name": "rows"}, {"namespace": namespace, "name": "rows"}
    user = {**GOOD, "eventTime": at(1).isoformat(), "run": {"runId": run_uuid("user")}, "inputs": [one]}
    path = tmp_path / "e.ndjson"
    path.write_text("".join(json.dumps(e) + "\n" for e in ({**GOOD, "outputs": [other, one]}, user)), encoding="utf-8")
    lineage, told = imported(path)
    assert [*lineage.artifacts] == [(id_of("job"), "rows")]
    assert told == "read 2 runs, 1 artifact and 1 source; not mapped: 1 artifact whose name or path cannot be stored"


# -- links -------------------------------------------------------------------------------------------------------------


def used_by(reader: list[Any], writers: list[Any], folder: Path) -> set[tuple[str, str | None]]:
    lineage = read([*reader, *writers], folder)
    return {(source, name) for run_id, source, name in sources(lineage) if run_id == id_of("reader")}


def test_an_input_is_the_newest_artifact_of_its_place_before_the_first_event(tmp_path: Path) -> None:
    reader = [said("reader", "START", 20), said("reader", "COMPLETE", 90, [ROWS])]
    writers = [said(f"w{minute}", "COMPLETE", minute, outputs=[ROWS]) for minute in (5, 15, 20, 30)]
    assert used_by(reader, writers, tmp_path) == {(id_of("w15"), "/data/rows")}


def test_what_a_start_lists_is_there_when_the_run_ends(tmp_path: Path) -> None:
    reader = [said("reader", "START", 20, [ROWS])]
    old = said("old", "COMPLETE", 5, outputs=[ROWS])
    goes_on = [said("new", "START", 10, outputs=[ROWS]), said("new", "COMPLETE", 30)]
    assert used_by(reader, [old, *goes_on], tmp_path) == {(id_of("old"), "/data/rows")}
    assert used_by(reader, [old, goes_on[0]], tmp_path) == {(id_of("new"), "/data/rows")}
    streams = said("new", "RUNNING", 15, outputs=[ROWS])
    assert used_by(reader, [old, *goes_on, streams], tmp_path) == {(id_of("new"), "/data/rows")}


def test_a_place_is_the_same_however_it_is_written(tmp_path: Path) -> None:
    reader = [said("reader", "COMPLETE", 20, [("s3a://Bucket/", "/a/rows")])]
    writer = said("writer", "COMPLETE", 5, outputs=[("s3://bucket", "a/rows")])
    assert used_by(reader, [writer], tmp_path) == {(id_of("writer"), "a/rows")}


def test_what_nobody_wrote_is_an_external_run(tmp_path: Path) -> None:
    reader = [said("reader", "COMPLETE", 20, [ROWS, ("bigquery", "p.d.t")])]
    later = said("writer", "COMPLETE", 20, outputs=[ROWS])
    assert used_by(reader, [later], tmp_path) == {("/data/rows", None), ("bigquery/p.d.t", None)}


def test_a_run_reads_what_it_writes_from_another(tmp_path: Path) -> None:
    assert used_by([said("reader", "COMPLETE", 5, [ROWS], [ROWS])], [], tmp_path) == {("/data/rows", None)}


def test_what_graphtracker_wrote_is_found_by_others(tmp_path: Path) -> None:
    path = tmp_path / "e.ndjson"
    with GraphTracker(":memory:") as tracker:
        tracker.record("ours", at=at(0))
        tracker.record("ours", artifacts=[TrackerArtifact("rows", "/data/rows")], at=at(3))
        tracker.graph().save(str(path))
    emitted(path, [said("reader", "COMPLETE", 20, [ROWS])])
    assert (id_of("reader"), "ours", "rows") in sources(imported(path)[0])


# -- again -------------------------------------------------------------------------------------------------------------


def test_a_log_that_grows_is_imported_as_if_at_once(tmp_path: Path) -> None:
    whole = emitted(tmp_path / "whole.ndjson", PIPELINE)
    once, _ = imported(whole)
    lines = Path(whole).read_bytes().splitlines(keepends=True)
    for end in range(len(lines) + 1):
        with GraphTracker(":memory:") as tracker:
            for text in (lines[:end], lines, lines):
                (tmp_path / "part.ndjson").write_bytes(b"".join(text))
                tracker.copy_from(events_of("openlineage", str(tmp_path / "part.ndjson"), Report()))
            assert tracker.graph().to_dict() == once.to_dict()


def test_an_import_that_is_cut_off_goes_on(tmp_path: Path) -> None:
    whole = emitted(tmp_path / "whole.ndjson", PIPELINE)
    batches = [*events_of("openlineage", whole, Report())]
    with GraphTracker(":memory:") as tracker:
        tracker.copy_from(batches[:1])
        tracker.copy_from(batches)
        assert tracker.graph().to_dict() == imported(whole)[0].to_dict()


def test_a_later_import_relinks_nothing(tmp_path: Path) -> None:
    reader = emitted(tmp_path / "reader.ndjson", [said("reader", "COMPLETE", 20, [ROWS])])
    writer = emitted(tmp_path / "writer.ndjson", [said("writer", "COMPLETE", 5, outputs=[ROWS])])
    with GraphTracker(":memory:") as tracker:
        for source in (writer, reader, writer):
            tracker.copy_from(events_of("openlineage", source, Report()))
        assert sources(tracker.graph()) == {(id_of("reader"), "/data/rows", None)}


def test_newer_values_stay(tmp_path: Path) -> None:
    facet = {"documentation": facets.documentation_job.DocumentationJobFacet("old")}
    source = emitted(tmp_path / "e.ndjson", [said("job", "COMPLETE", 0, job_facets=facet)])
    with GraphTracker(":memory:") as tracker:
        tracker.add_metadata(id_of("job"), **{"documentation.description": "new"})
        tracker.copy_from(events_of("openlineage", source, Report()))
        assert tracker.metadata(id_of("job"))["documentation.description"] == "new"


# -- where it comes from -----------------------------------------------------------------------------------------------


def test_stdin_and_pipes_are_read(tmp_path: Path) -> None:
    text = Path(emitted(tmp_path / "e.ndjson", PIPELINE)).read_bytes()
    whole = imported(tmp_path / "e.ndjson")[0].to_dict()
    with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(text))):
        assert imported("-")[0].to_dict() == whole
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(text))
    writer.start()
    assert imported(tmp_path / "pipe")[0].to_dict() == whole
    writer.join()


def test_the_command_imports_and_says_what_it_read(tmp_path: Path) -> None:
    events = [
        *PIPELINE,
        event_v2.JobEvent(eventTime=NOON.isoformat(), job=event_v2.Job("jobs", "j"), producer=PRODUCER),
    ]
    source, store = emitted(tmp_path / "e.ndjson", events), str(tmp_path / "s.db")
    done = command("import", "openlineage", source, "--store", store)
    assert done.code == 0
    assert "read 2 runs, 2 artifacts and 2 sources; not mapped: 1 job event" in done.err
    assert command("import", "openlineage", str(tmp_path / "none"), "--store", store).code == 2


# -- more than memory holds --------------------------------------------------------------------------------------------


def random_history(seed: int) -> list[Any]:
    """Events of a few runs that name the same few datasets, in no order, some of them twice and some at one time."""
    chosen = random.Random(seed)
    datasets = [ROWS, MODEL, ("s3://other", "model"), ("S3://Bucket", "model"), ("s3://BUCKET/", "/model")]
    found = []
    for _ in range(30):
        job, state = chosen.choice("abcdef"), chosen.choice(["START", "RUNNING", "COMPLETE", "FAIL", "OTHER"])
        text = facets.documentation_job.DocumentationJobFacet(chosen.choice(["x", "y", "z"]))
        version: Any = facets.dataset_version_dataset.DatasetVersionDatasetFacet(chosen.choice("123"))
        made = [
            event_v2.OutputDataset(*dataset, facets=chosen.choice([{}, {"version": version}]))
            for dataset in chosen.sample(datasets, k=chosen.randint(0, 2))
        ]
        used = chosen.sample(datasets, k=chosen.randint(0, 2))
        job_facets: Any = chosen.choice([{}, {"documentation": text}, {"sql": facets.sql_job.SQLJobFacet("x", "y")}])
        found.append(said(job, state, chosen.randint(0, 12), used, made, job_facets=job_facets))
    return chosen.choices(found, k=5) + found


@pytest.mark.parametrize("seed", range(30))
def test_what_waits_in_a_file_is_read_as_what_waits_in_memory(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "e.ndjson"
    with GraphTracker(":memory:") as tracker:
        tracker.record("ours", artifacts=[TrackerArtifact("rows", "/data/rows")], at=at(3))
        tracker.graph().save(str(path))
    emitted(path, random_history(seed))
    lineage, told = imported(path)
    assert {key for key in lineage.artifacts if key[0] != "ours"}
    for most in (0, 2000, 10_000):
        monkeypatch.setattr(index, "_MOST", most)
        again, told_again = imported(path)
        assert again.to_dict() == lineage.to_dict()
        assert told_again == told


@pytest.mark.parametrize("seed", range(30))
def test_the_order_of_lines_changes_nothing_however_they_contradict_each_other(seed: int, tmp_path: Path) -> None:
    events = random_history(seed)
    backwards = read([*reversed(events)], tmp_path).to_dict()
    assert backwards == read(events, tmp_path).to_dict()
    assert backwards == read(random.Random(seed).sample(events, k=len(events)), tmp_path).to_dict()


def test_what_waits_in_a_file_takes_no_memory_that_grows() -> None:
    """Its database has a file behind it: nothing but its cache is in memory."""
    with closing(Overflow()) as overflow:
        assert overflow._database.execute("PRAGMA database_list").fetchall()[0][2] == ""
        assert overflow._database.execute("PRAGMA temp_store").fetchone()[0] != 2


def test_what_nests_deeper_than_any_store_takes_is_left_out_and_counted_in_a_file_too() -> None:
    deep: list[Any] = []
    for _ in range(3000):
        deep = [deep]
    values = {"deep": deep, "flat": 1}
    event = RunEvent("job", 0, 0, "OTHER", dict(values), [], [(("rows", "/rows", "/rows"), dict(values))])
    told = []
    for by_file in (False, True):
        report = Report()
        merged, history = Merged(), History("job", report)
        merged.add(event)
        if by_file:
            packed, merged = merged.packed(report), Merged()
            merged.add_packed(packed)
        merged.tell(history, lambda place, before: None, report)
        told.append((history.events(), report.sentence()))
    assert told[0] == told[1]
    assert "not mapped: 2 values of metadata that cannot be stored" in told[0][1]


# -- what is none ------------------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "eventType": "COMPLETE",
    "eventTime": NOON.isoformat(),
    "run": {"runId": run_uuid("job")},
    "job": {"namespace": "jobs", "name": "job"},
    "producer": PRODUCER,
    "schemaURL": PRODUCER,
}
CHANGED: dict[str, tuple[dict[str, Any], str]] = {
    "no time": ({"eventTime": None}, "it has eventTime 'None', which is no text"),
    "an age": ({"eventTime": "7d"}, "it has eventTime '7d', which is no time"),
    "a day that is none": ({"eventTime": "2026-02-30"}, "it has eventTime '2026-02-30', which is no time"),
    "a run that is text": ({"run": "x"}, "it has run 'x', which is no object"),
    "a run without an id": ({"run": {"runId": 7}}, "it has runId '7', which is no text"),
    "no job": ({"job": None}, "it has namespace 'None', which is no text"),
    "inputs that are none": ({"inputs": {"a": 1}}, "its inputs are no list of objects"),
    "an input that is none": ({"inputs": [1]}, "its inputs are no list of objects"),
    "an output without a name": (
        {"outputs": [{"namespace": "file"}]},
        "it has name 'None', which is no text",
    ),
    "facets that are none": (
        {"run": {**GOOD["run"], "facets": [1]}},
        "it has facets '<list>', which is no object",
    ),
    "our facet of another format": (
        {"run": {**GOOD["run"], "facets": {"graphtracker_run": {"graphtracker": 2}}}},
        "graphtracker_run is '<dict>', not of format 1",
    ),
    "our facet without runs": (
        {"run": {**GOOD["run"], "facets": {"graphtracker_run": {"graphtracker": 1, "artifacts": []}}}},
        "graphtracker_run.runs is missing",
    ),
}
BROKEN: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"{", "it is no JSON"),
    "no UTF-8": (b'{"run": "\xff"}', "it is no JSON"),
    "a list": (b"[1]", "it is a JSON list, no object"),
    "nothing": (b"{}", "it has no run, job or dataset"),
    "deep": (b"[" * 100_000, "it nests too deep"),
    "more digits than Python reads": (b'{"run": ' + b"1" * 5000 + b"}", "it is no JSON"),
    **{name: (json.dumps({**GOOD, **change}).encode(), told) for name, (change, told) in CHANGED.items()},
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_line_is_named(name: str, tmp_path: Path) -> None:
    text, told = BROKEN[name]
    path = tmp_path / "e.ndjson"
    path.write_bytes(json.dumps(GOOD).encode() + b"\n\n" + text + b"\n")
    with pytest.raises(InvalidInput) as caught:
        imported(path)
    assert "line 3 of" in str(caught.value)
    assert told in str(caught.value)
    assert "mend or remove it" in str(caught.value)


def test_a_last_line_that_is_cut_off_is_counted(tmp_path: Path) -> None:
    text = json.dumps(GOOD)
    (tmp_path / "e.ndjson").write_text(text + "\n" + text[:-20], encoding="utf-8")
    lineage, told = imported(tmp_path / "e.ndjson")
    assert [*lineage.runs] == [id_of("job")]
    assert told == "read 1 run; not mapped: 1 cut-off last line"


@pytest.mark.parametrize("content", [b"SQLite format 3\0", b"\x1f\x8b\x08\0", b"text", b"[", b"\xef\xbb\xbf1,2"])
def test_a_file_of_another_kind_is_none_that_is_cut_off(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"line 1 of .* is no OpenLineage event: it is no JSON"):
        imported(tmp_path / "file")


def test_a_line_without_an_end_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_LONGEST", 1 << 20)
    with pytest.raises(InvalidInput, match="line 1 of '/dev/zero' is no OpenLineage event: it is longer than 1 MiB"):
        imported("/dev/zero")
    line = json.dumps(GOOD)
    (tmp_path / "e.ndjson").write_text(line.ljust((1 << 20) - 1) + "\n" + line.ljust(1 << 20), encoding="utf-8")
    assert imported(tmp_path / "e.ndjson")[1] == "read 1 run"


@pytest.mark.parametrize("source", ["none.ndjson", ".", "a\0b"])
def test_what_cannot_be_read_is_named(source: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"(there is no file .*|cannot be read .*); name a file of events"):
        imported(tmp_path / source)


@pytest.mark.parametrize("source", [None, 7, object()])
def test_what_is_no_name_is_refused(source: Any) -> None:
    with pytest.raises(InvalidInput, match="names no file"):
        [*events_of("openlineage", source, Report())]


def test_a_full_disk_is_told_with_the_way_out(tmp_path: Path) -> None:
    path = emitted(tmp_path / "e.ndjson", PIPELINE)
    with (
        mock.patch.object(Index, "sort", side_effect=OSError(28, "No space left on device")),
        pytest.raises(StoreError, match=r"No space left .* TMPDIR"),
    ):
        imported(path)


# -- hostile texts -----------------------------------------------------------------------------------------------------


def of_text(text: str) -> Any:
    """An event with the text in every place that takes one."""
    variable = facets.environment_variables_run.EnvironmentVariable(text, text)
    variables = facets.environment_variables_run.EnvironmentVariablesRunFacet([variable])
    return event_v2.RunEvent(
        eventType=event_v2.RunState.COMPLETE,
        eventTime=NOON.isoformat(),
        run=event_v2.Run(run_uuid("job"), facets={text: variables}),
        job=event_v2.Job(text, text),
        inputs=[event_v2.InputDataset(text, text)],
        outputs=[event_v2.OutputDataset(text, text)],
        producer=PRODUCER,
    )


@pytest.mark.parametrize("text", [*HOSTILE.values(), *random_texts(7, 20)])
def test_hostile_texts_are_data(text: str, tmp_path: Path) -> None:
    lineage, _ = imported(emitted(tmp_path / "e.ndjson", [of_text(text)]))
    run_id = f"{text}/{text}/{run_uuid('job')}"
    if len(run_id.encode()) <= 4000:
        known = lineage.runs[run_id].metadata
        assert known.get(f"{text}.environmentVariables", [{"name": text, "value": text}]) == [
            {"name": text, "value": text}
        ]


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_stored_is_counted(text: str, tmp_path: Path) -> None:
    events = [
        {**GOOD, "job": {"namespace": text, "name": text}},
        {**GOOD, "inputs": [{"namespace": text, "name": text}], "outputs": [{"namespace": "file", "name": text}]},
        {**GOOD, "run": {**GOOD["run"], "facets": {text: {text: text}}}},
    ]
    path = tmp_path / "e.ndjson"
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    lineage, told = imported(path)
    assert id_of("job") in lineage.runs
    read, _, unmapped = told.partition("; ")
    assert unmapped.startswith("not mapped: ")
    assert ("artifact" in read) == bool(lineage.artifacts)
    assert ("source" in read) == bool(lineage.sources)


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1000-01-01"])
def test_times_that_no_store_holds_are_counted(time: str, tmp_path: Path) -> None:
    path = tmp_path / "e.ndjson"
    path.write_text(json.dumps({**GOOD, "eventTime": time}) + "\n", encoding="utf-8")
    lineage, told = imported(path)
    assert lineage.runs[id_of("job")].created_at.year == 1970
    assert "not mapped: 1 time outside the years 1678 to 2261" in told
