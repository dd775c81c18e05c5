"""Parquet: two tables that say all that a lineage does, of which graphtracker makes the same lineage again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from operator import methodcaller
from pathlib import Path
from typing import Any

import pandas
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given

from graphtracker import GraphTracker, InvalidInput, Lineage
from graphtracker.exchange.parquet.tables import EDGES, NODES, id_of, node_of
from graphtracker.exchange.parquet.writing import files
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
from graphtracker.model.context import KEYS
from graphtracker.model.events import Event
from graphtracker.model.values import Node
from tests.support.command import command, failure, output
from tests.support.hostile import HOSTILE, random_texts
from tests.support.lineages import of_texts
from tests.support.remembered import record_remembered
from tests.support.sameness import same
from tests.support.six_jobs import START
from tests.support.strategies import STORE_PER_EXAMPLE, event_sets
from tests.support.values_of_note import BY_HAND

DAY = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)


def written(lineage: Lineage, folder: Path) -> Path:
    """The folder in which the lineage is."""
    lineage.save(folder / "lineage", format="parquet")
    return folder / "lineage"


def read(folder: Path) -> Lineage:
    """The whole of a store into which the folder was read."""
    with GraphTracker(":memory:") as tracker:
        tracker.copy_from(events_of("parquet", str(folder), Report()))
        return tracker.graph()


def rows(folder: Path, name: str) -> dict[str, dict[str, Any]]:
    """What a node is called, or a link -> its row."""
    found = pyarrow.parquet.read_table(folder / name).to_pylist()
    return {row["id"] if "id" in row else f"{row['src']} -> {row['dst']}": row for row in found}


def changed(folder: Path, name: str, change: Callable[[Any], Any]) -> Path:
    """The folder, in which a table is what this makes of it."""
    table = pyarrow.parquet.read_table(folder / name)
    pyarrow.parquet.write_table(change(table), folder / name)
    return folder


def with_value(column: str, value: object) -> Callable[[Any], Any]:
    """Makes of a table one in whose first row this stands."""

    def change(table: Any) -> Any:
        values = [value, *table.column(column).to_pylist()[1:]]
        place = table.schema.get_field_index(column)
        return table.set_column(place, column, pyarrow.array(values, table.schema.field(place).type))

    return change


# -- what stands in them -----------------------------------------------------------------------------------------------


def test_a_row_says_all_of_its_run_or_artifact(tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("train", at=DAY, metadata={"lr": 0.1, "$type": None})
        tracker.add_artifact("train", "model", "s3a://b//m/")
        tracker.add_source("train", "[1]", "rows")
        found = rows(written(tracker.graph(), tmp_path), "nodes.parquet")
        edges = rows(tmp_path / "lineage", "edges.parquet")
        model = tracker.artifacts("train")["model"]
    assert list(found) == ['["[1]"]', "train", '["[1]","rows"]', '["train","model"]']
    run, external, logged, declared = (found[id] for id in ("train", '["[1]"]', '["train","model"]', '["[1]","rows"]'))
    assert all(list(row) == list(NODES) for row in found.values())
    assert [run[name] for name in ("kind", "run_id", "name", "external", "forgotten", "declared")] == [
        *("run", "train", "train", False, False, None)
    ]
    assert run["created_at"] == run["reported_at"] == DAY < run["updated_at"]
    assert json.loads(run["metadata"]) == {"$type": None, "lr": 0.1}
    assert [external[name] for name in ("run_id", "external", "reported_at", "metadata")] == ["[1]", True, None, "{}"]
    assert [logged[name] for name in ("kind", "run_id", "name", "declared", "external", "path", "place")] == [
        *("artifact", "train", "model", False, None, model.path, "s3://b//m")
    ]
    assert [declared[name] for name in ("declared", "path", "place", "logged_at")] == [True, None, None, None]
    assert {link: (row["kind"], row["created_at"] is None) for link, row in edges.items()} == {
        '["[1]"] -> ["[1]","rows"]': ("generated", True),
        'train -> ["train","model"]': ("generated", True),
        '["[1]","rows"] -> train': ("used", False),
    }


def test_times_are_timestamps_in_utc_and_context_is_columns(tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        lineage = tracker.graph()
    folder = written(lineage, tmp_path)
    schema = pyarrow.parquet.read_schema(folder / "nodes.parquet")
    timestamp = pyarrow.timestamp("us", tz="UTC")
    for name in ("created_at", "reported_at", "logged_at", "updated_at", "context.started_at", "context.ended_at"):
        assert schema.field(name).type == timestamp
    assert pyarrow.parquet.read_schema(folder / "edges.parquet").field("created_at").type == timestamp
    found = rows(folder, "nodes.parquet")
    for run in lineage.runs.values():
        row = found[id_of(run.run_id)]
        assert {key: row[f"context.{key}"] for key in KEYS if row[f"context.{key}"] is not None} == run.context


def test_no_node_is_called_as_another() -> None:
    nodes: list[Node] = [
        "a",
        "[",
        "[]",
        '["a"]',
        '["a","b"]',
        "[1]",
        ("a", "b"),
        ("[", "]"),
        ('["a"]', '"'),
        *HOSTILE.values(),
    ]
    assert [node_of(id_of(node)) for node in nodes] == nodes
    assert len({id_of(node) for node in nodes}) == len(set(nodes))


def test_both_tables_say_what_was_asked_and_whether_the_answer_is_whole(six_jobs: GraphTracker, tmp_path: Path) -> None:
    lineage = six_jobs.lineage(START, depth=1)
    folder = written(lineage, tmp_path)
    asked = lineage.to_dict()
    for name in ("nodes.parquet", "edges.parquet"):
        said = json.loads(pyarrow.parquet.read_schema(folder / name).metadata[b"graphtracker"])
        assert said == {key: asked[key] for key in asked if key not in ("frontier", "runs", "artifacts", "sources")}
    found = rows(folder, "nodes.parquet")
    left_out = {id: row["left_out"].split() for id, row in found.items() if row["left_out"] is not None}
    assert left_out == asked["frontier"] != {}


# -- bytes -------------------------------------------------------------------------------------------------------------


def test_equal_lineages_give_equal_bytes(six_jobs: GraphTracker) -> None:
    lineage = six_jobs.graph()
    restored = Lineage.from_dict(json.loads(json.dumps(lineage.to_dict())))
    assert contents(lineage) == contents(restored)
    assert contents(Lineage()).keys() == contents(lineage).keys() == {"nodes.parquet", "edges.parquet"}


def contents(lineage: Lineage) -> dict[str, bytes]:
    return {name: b"".join(pieces) for name, pieces in files(lineage)}


def test_a_large_lineage_is_made_page_by_page() -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(3000):
                batch.add_metadata(f"run-{number}", note=f"{number:04}" * 2500)
        lineage = tracker.graph()
    before = pyarrow.total_allocated_bytes()
    held = []
    for _, pieces in files(lineage):
        for piece in pieces:
            held.append(pyarrow.total_allocated_bytes() - before)
            assert len(piece) < 5_000_000
    assert len(held) > 5
    assert max(held) < 15_000_000  # of 30 MB of text


# -- the way back ------------------------------------------------------------------------------------------------------


@STORE_PER_EXAMPLE
@given(event_sets())
def test_what_is_read_back_is_what_was_written(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.copy_from(iter([events]))
        lineage = tracker.graph()
    assert read(written(lineage, tmp_path_factory.mktemp("random"))).to_dict() == lineage.to_dict()


def test_hostile_texts_are_read_back(tmp_path: Path) -> None:
    lineage = of_texts([*HOSTILE.values(), *random_texts(7, 40)])
    assert read(written(lineage, tmp_path)).to_dict() == lineage.to_dict()


def test_every_value_is_read_back_as_it_was(tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("run", metadata=BY_HAND)
        tracker.add_artifact("run", "model", "/m", BY_HAND)
        lineage = tracker.graph()
    back = read(written(lineage, tmp_path))
    assert same(dict(back.runs["run"].metadata), BY_HAND)
    assert same(dict(back.artifacts["run", "model"].metadata), BY_HAND)


def test_reading_again_changes_nothing_and_overwrites_nothing_newer(six_jobs: GraphTracker, tmp_path: Path) -> None:
    folder = written(six_jobs.graph(), tmp_path)
    with GraphTracker(":memory:") as tracker:
        for _ in range(2):
            tracker.copy_from(events_of("parquet", str(folder), Report()))
            assert tracker.graph().to_dict() == six_jobs.graph().to_dict()
        tracker.add_metadata(START, lr="newer")
        newer = tracker.graph().to_dict()
        tracker.copy_from(events_of("parquet", str(folder), Report()))
        assert tracker.graph().to_dict() == newer


def test_what_was_read_in_part_is_read_on(six_jobs: GraphTracker, tmp_path: Path) -> None:
    folder = written(six_jobs.graph(), tmp_path)
    singly = [[event] for events in events_of("parquet", str(folder), Report()) for event in events]
    for cut in range(0, len(singly), 5):
        with GraphTracker(":memory:") as tracker:
            tracker.copy_from(iter(singly[:cut]))
            tracker.copy_from(events_of("parquet", str(folder), Report()))
            assert tracker.graph().to_dict() == six_jobs.graph().to_dict()


def test_it_is_said_what_was_read_and_what_an_earlier_time_does_not_know(tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.add_source("train", "data")
        for day in (0, 2):
            tracker.record("train", at=DAY + timedelta(days=day), artifacts={"model": f"/{day}"})
        then = tracker.graph(as_of=DAY + timedelta(days=1))
    assert then.artifacts["train", "model"].path is None
    report = Report()
    list(events_of("parquet", str(written(then, tmp_path)), report))
    assert report.sentence() == "read 1 run; not mapped: 1 artifact whose path had been overwritten"


def test_the_command_line_writes_and_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with GraphTracker("one.db") as tracker:
        tracker.add_source("train", "data", "rows")
        whole = tracker.graph().to_dict()
    assert output("export", "--format", "parquet", "-o", "folder", "--store", "one.db") == ""
    for _ in range(2):
        done = command("import", "parquet", "folder", "--store", "other.db")
        assert (done.code, done.out) == (0, "")
        assert done.err.endswith("other.db: read 1 run and 1 source\n")
    assert json.loads(output("export", "--json", "--store", "other.db")) == whole
    assert "give a folder that graphtracker wrote" in failure(2, "import", "parquet", "one.db", "--store", "other.db")


@pytest.mark.parametrize("rewrite", ["pandas", "another reader of Arrow"])
def test_a_table_that_others_have_written_again_is_read(rewrite: str, six_jobs: GraphTracker, tmp_path: Path) -> None:
    folder = written(six_jobs.graph(), tmp_path)
    for name in ("nodes.parquet", "edges.parquet"):
        if rewrite == "pandas":
            pandas.read_parquet(folder / name).to_parquet(folder / name)
        else:
            changed(folder, name, with_other_types)
    assert read(folder).to_dict() == six_jobs.graph().to_dict()


def with_other_types(table: Any) -> Any:
    """The same in types that hold it as well: long texts, times without a zone, of nanoseconds."""
    others = {pyarrow.string(): pyarrow.large_string(), pyarrow.timestamp("us", tz="UTC"): pyarrow.timestamp("ns")}
    return table.cast(pyarrow.schema([(field.name, others.get(field.type, field.type)) for field in table.schema]))


# -- what is something else --------------------------------------------------------------------------------------------

WRONG: Mapping[str, tuple[str, str, object, str]] = {
    "no id": ("nodes.parquet", "id", None, "it has no id"),
    "an empty id": ("nodes.parquet", "id", "", "the run id is empty"),
    "an id of three parts": ("nodes.parquet", "id", '["a","b","c"]', """'["a","b","c"]' is the id of no node"""),
    "an id of a number": ("nodes.parquet", "id", "[1]", "'[1]' is the id of no node"),
    "an id that ends too soon": ("nodes.parquet", "id", "[", "'[' is the id of no node"),
    "an id with half a character": ("nodes.parquet", "id", '["\\ud800"]', "lone surrogate"),
    "an id that nests": ("nodes.parquet", "id", "[" * 100_000, "is the id of no node"),
    "no time": ("nodes.parquet", "created_at", None, "it has no created_at"),
    "a time too early": ("nodes.parquet", "created_at", datetime(1, 1, 1, tzinfo=timezone.utc), "years 1678 to 2261"),
    "metadata that is no JSON": ("nodes.parquet", "metadata", "{", "its metadata is '{', which is no JSON"),
    "metadata that is a list": ("nodes.parquet", "metadata", "[]", "must be a dict"),
    "metadata that nests": ("nodes.parquet", "metadata", '{"a":' * 100_000, "which is no JSON"),
    "no metadata": ("nodes.parquet", "metadata", None, "it has no metadata"),
    "metadata of an unknown type": ("nodes.parquet", "metadata", '{"a":{"$type":"x","value":1}}', "unknown"),
    "an unknown link": ("edges.parquet", "kind", "made of", "no 'made of' leads from"),
    "a link from a run as from an artifact": ("edges.parquet", "kind", "used", "no 'used' leads from"),
    "a link to nothing": ("edges.parquet", "dst", None, "it has no dst"),
    "a link from nothing": ("edges.parquet", "src", None, "it has no src"),
    "a link to an artifact": ("edges.parquet", "dst", '["a","b"]', "leads from"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with GraphTracker(":memory:") as tracker:
        tracker.add_source("train", "data")
        return written(tracker.graph(), tmp_path)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_row_that_is_something_else_is_named(wrong: str, folder: Path) -> None:
    name, column, value, message = WRONG[wrong]
    changed(folder, name, with_value(column, value))
    with pytest.raises(InvalidInput, match="give a folder that graphtracker wrote") as raised:
        read(folder)
    assert name in str(raised.value)
    assert message in str(raised.value)


@pytest.mark.parametrize("name", ["nodes.parquet", "edges.parquet"])
def test_a_table_that_is_something_else_is_named(name: str, folder: Path) -> None:
    path = folder / name
    whole = path.read_bytes()
    columns = NODES if name == "nodes.parquet" else EDGES
    for broken in (b"", b"PAR1", b"id,kind\n", whole[:-9], whole[: len(whole) // 2], bytes(len(whole))):
        path.write_bytes(broken)
        refused(folder, name)
    for missing in {"metadata", "created_at", "src", "context.user"} & set(columns):
        path.write_bytes(whole)
        changed(folder, name, methodcaller("drop_columns", [missing]))
        assert f"no column {missing}" in refused(folder, name)
    path.write_bytes(whole)
    changed(folder, name, lambda table: table.set_column(0, next(iter(columns)), [pyarrow.array([1] * len(table))]))
    assert "is int64, not string" in refused(folder, name)
    path.unlink()
    assert "there is no file" in refused(folder, name)


def test_text_that_is_none_is_named(folder: Path) -> None:
    path = folder / "nodes.parquet"
    table = pyarrow.parquet.read_table(path)
    broken = pyarrow.Array.from_buffers(
        pyarrow.string(), 2, [None, pyarrow.array([0, 1, 2], pyarrow.int32()).buffers()[1], pyarrow.py_buffer(b"\xffa")]
    )
    pyarrow.parquet.write_table(table.set_column(0, "id", broken), path)
    refused(folder, "nodes.parquet")


def refused(folder: Path, name: str) -> str:
    with pytest.raises(InvalidInput, match="give a folder that graphtracker wrote") as raised:
        read(folder)
    assert name in str(raised.value)
    return str(raised.value)


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    (folder / "edges.parquet").unlink()
    os.mkfifo(folder / "edges.parquet")
    assert "is a pipe or a device, no file" in refused(folder, "edges.parquet")


def test_no_folder_is_named(tmp_path: Path) -> None:
    for missing in ("nowhere", "a\0b"):
        with pytest.raises(InvalidInput, match="give a folder that graphtracker wrote"):
            read(tmp_path / missing)
