"""What is no file of an ml-metadata is refused with the way out; one that is stays as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
from base64 import b64encode
from pathlib import Path

import pytest

from graphtracker import GraphTracker, GraphTrackerError, InvalidInput, StoreUnavailable
from graphtracker.exchange.ml_metadata import events, file
from graphtracker.exchange.ml_metadata.values import value_of
from graphtracker.exchange.report import Report
from graphtracker.model.events import Event, MetadataSet
from tests.support.ml_metadata_files import artifact, execution, written
from tests.support.sqlite_files import content, fill, sql


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mlmd") / "small.db"
    written(
        path,
        executions=[execution("a", name="a", properties={"i": ("INT", 1)}), execution("b", name="b")],
        artifacts=[artifact("m", name="m")],
        events=[["a", "m", "OUTPUT", ["m"], 1], ["b", "m", "INPUT", ["m"], 2]],
        contexts=[execution("c", "group", name="c"), execution("d", "group", name="d")],
        associations=[["c", "a"]],
        parents=[["c", "d"]],
    )
    return path


@pytest.fixture
def small(original: Path, tmp_path: Path) -> Path:
    """A copy of a file that ml-metadata has written."""
    return Path(shutil.copy(original, tmp_path / "small.db"))


def read(path: Path | str, report: Report | None = None) -> list[Event]:
    return [event for some in events(str(path), report or Report()) for event in some]


def refusal(path: Path | str) -> str:
    with pytest.raises(InvalidInput) as refused:
        read(path)
    assert str(refused.value).count("; ") == 1, "it says the way out, once"
    return str(refused.value)


def test_a_missing_file_is_refused_and_not_made(tmp_path: Path) -> None:
    assert "there is no file" in refusal(tmp_path / "none.db")
    assert "there is no file" in refusal(":memory:")
    assert content(tmp_path) == {}


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is a folder" in refusal(tmp_path)
    assert "is a pipe or a device, no file" in refusal(tmp_path / "pipe")
    assert "cannot be read" in refusal("a\0b")
    refusal("a\ud800")
    refusal("x" * 5000)


def test_a_file_that_is_none_of_sqlite_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database, though longer than the head of one is: " * 100, encoding="utf-8")
    (tmp_path / "empty").touch()
    assert "is not an SQLite file" in refusal(tmp_path / "text")
    assert "none of ml-metadata" in refusal(tmp_path / "empty")


def test_an_sqlite_file_of_another_program_is_refused(tmp_path: Path) -> None:
    fill(tmp_path / "ours.db", runs=1)
    before = content(tmp_path)
    assert "none of ml-metadata" in refusal(tmp_path / "ours.db")
    assert content(tmp_path) == before


@pytest.mark.parametrize("schema", [0, 3, 11, 999])
def test_another_version_is_refused(small: Path, schema: int) -> None:
    sql(small, f"UPDATE MLMDEnv SET schema_version = {schema}")
    assert f"has version '{schema}'" in refusal(small)


def test_a_version_that_ml_metadata_has_brought_too_far_down_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "old.db", executions=[execution("a")], schema=3)
    assert "4 to 10 can be read" in refusal(tmp_path / "old.db")


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE Association",
        "DROP TABLE Event",
        "DELETE FROM MLMDEnv",
        "UPDATE MLMDEnv SET schema_version = -1",
    ],
)
def test_a_file_that_lacks_something_is_refused(small: Path, statement: str) -> None:
    sql(small, statement)
    refusal(small)


def test_a_view_is_not_taken_for_a_table(small: Path) -> None:
    sql(
        small,
        "DROP TABLE Event",
        "CREATE VIEW Event AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n",
    )
    assert "lacks ml-metadata's table Event" in refusal(small)


def test_damage_is_told(small: Path) -> None:
    whole = small.read_bytes()
    told = 0
    for begin in range(4096, len(whole), 4096):
        small.write_bytes(whole[:begin] + b"\xff" * 4096 + whole[begin + 4096 :])
        try:
            read(small)
        except GraphTrackerError:
            told += 1
    assert told
    small.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GraphTrackerError, match=r"small\.db"):
        read(small)


def test_a_file_that_another_program_holds_is_told(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "_PATIENCE", 0.01)
    other = sqlite3.connect(small, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match="held by another program"):
        read(small)
    other.execute("COMMIT")
    other.close()
    assert read(small)


def test_a_file_that_this_user_may_not_write_is_read(small: Path) -> None:
    small.chmod(0o444)
    small.parent.chmod(0o555)
    try:
        assert read(small)
    finally:
        small.parent.chmod(0o755)


def test_a_write_ahead_log_is_read_and_none_is_made(small: Path) -> None:
    expected = read(small)
    sql(small, "PRAGMA journal_mode = WAL")
    before = content(small.parent)
    assert read(small) == expected
    assert content(small.parent) == before
    writer = sqlite3.connect(small, isolation_level=None)
    writer.execute("UPDATE Artifact SET uri = '/elsewhere'")
    assert any("/elsewhere" in event for event in read(small))
    writer.close()


def test_a_name_that_is_written_in_a_url_is_a_name(small: Path) -> None:
    odd = small.with_name("a ?mode=rwc&#%41.db")
    small.rename(odd)
    assert read(odd)


# -- what SQLite takes and ml-metadata never writes -------------------------------------------------------------------


def test_links_to_nothing_are_counted(small: Path) -> None:
    sql(
        small,
        "DELETE FROM Artifact",
        "DELETE FROM Type",
        "INSERT INTO Event (artifact_id, execution_id, type) VALUES (77, 88, 4), (78, 1, 99), ('x', 'y', 'z')",
        "INSERT INTO Association (context_id, execution_id) VALUES (99, 1), ('x', 1)",
    )
    report = Report()
    assert {event.run_id for event in read(small, report)} == {"execution/a", "execution/b"}
    assert report.unmapped["events of an execution or an artifact that is not there"] == 5
    assert report.unmapped["events of an unknown type"] == 2


def test_contexts_in_a_circle_end(small: Path) -> None:
    sql(small, "INSERT INTO ParentContext VALUES (2, 1), (1, 1)")
    with GraphTracker(":memory:") as tracker:
        tracker.copy_from(events(str(small), Report()))
        assert tracker.metadata("train/a")["contexts.group"] == ["c", "d"]


def test_values_of_other_types_harm_nothing(small: Path) -> None:
    sql(
        small,
        "UPDATE Execution SET create_time_since_epoch = 'never', last_update_time_since_epoch = x'00'",
        "UPDATE Event SET milliseconds_since_epoch = 9223372036854775807",
        "UPDATE Artifact SET uri = x'ff', state = 'odd'",
        "UPDATE ExecutionProperty SET int_value = NULL, string_value = CAST(x'ff' AS TEXT)",
        "UPDATE Context SET name = CAST(x'ff' || id AS TEXT), last_update_time_since_epoch = 1.5",
        "INSERT INTO EventPath VALUES ('x', 'y', 'z', 1), (-1, -1, NULL, NULL), (1, 0, NULL, NULL)",
    )
    report = Report()
    with GraphTracker(":memory:") as tracker:
        tracker.copy_from(events(str(small), report))
        assert tracker.graph().runs
    assert report.unmapped["values of metadata that cannot be stored"]
    assert report.unmapped["times outside the years 1678 to 2261"]


def test_text_that_is_no_utf_8_is_left_out_wherever_it_stands(small: Path) -> None:
    names = ", ".join(f"({number}, 'run {number}')" for number in range(10, 300))
    sql(
        small,
        f"WITH named(id, name) AS (VALUES {names}) INSERT INTO Execution (id, type_id, name)"
        " SELECT named.id, type_id, named.name FROM named, Execution first WHERE first.id = 1",
        "UPDATE Execution SET name = CAST(x'72756eff' AS TEXT) WHERE id = 222",
        "INSERT INTO ExecutionProperty (execution_id, name, is_custom_property, int_value)"
        " SELECT id, 'i', 0, id FROM Execution WHERE id >= 10",
        "UPDATE ExecutionProperty SET name = CAST(x'ff' AS TEXT) WHERE execution_id IN (77, 78)",
    )
    report = Report()
    said = [event for event in read(small, report) if isinstance(event, MetadataSet)]
    found = {event.run_id: event.value for event in said if event.key == "properties.i"}
    whole = set(range(10, 300)) - {77, 78, 222}
    assert found == {"train/a": 1} | {f"train/run {number}": number for number in whole}
    assert report.unmapped["executions whose name cannot be stored"] == 1
    assert report.unmapped["values of metadata that cannot be stored"] == 2
    assert report.read["executions"] == 2 + 290 - 1


def _nested(levels: int) -> bytes:
    """A Struct of so many lists in each other, as protobuf writes it."""
    value = b""
    for _ in range(levels):
        inner = b"\x0a" + _varint(len(value)) + value
        value = b"\x32" + _varint(len(inner)) + inner
    entry = b"\x0a\x01a\x12" + _varint(len(value)) + value
    return b"\x0a" + _varint(len(entry)) + entry


def _varint(number: int) -> bytes:
    return bytes([number & 0x7F | 0x80]) + _varint(number >> 7) if number > 0x7F else bytes([number])


def test_a_struct_of_lists_is_read() -> None:
    text = "mlmd-struct::" + b64encode(_nested(3)).decode()
    assert value_of(None, None, text, None, None) == {"a": [[[None]]]}


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a",
        b"\x0a\xff",
        b"\x0a\x7f",
        b"\xff" * 20,
        b"\x0b\x00",
        b"\x08\x01",
        b"\x0a\x02\x08\x01",
        b"\x0a\x05\x12\x03\x11\x00\x00",
        b"\x0a\x04\x0a\x02\xff\xfe",
        _nested(2_000),
    ],
    ids=range(10),
)
def test_what_is_no_struct_stays_the_text_that_it_is(data: bytes) -> None:
    text = "mlmd-struct::" + b64encode(data).decode()
    assert value_of(None, None, text, None, None) == text


def test_what_is_no_base64_stays_the_text_that_it_is() -> None:
    assert value_of(None, None, "mlmd-struct::%%%", None, None) == "mlmd-struct::%%%"
    assert value_of(None, None, None, "%%%", None) == "%%%"
    assert value_of(None, None, None, b"\xff", None) == b"\xff"
