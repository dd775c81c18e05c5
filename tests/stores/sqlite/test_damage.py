"""Damage inside a store: the row that cannot be read is named with its way out, and hides no other."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from graphtracker import GraphTracker, GraphTrackerError, Lineage, NotFound, StoreError
from tests.support.command import command
from tests.support.sqlite_files import READS, Use, fill, refusal, sql

ALL_READS: dict[str, Use] = {
    **READS,
    "run": lambda tracker: tracker.run("run"),
    "run_ids by a value": lambda tracker: tracker.run_ids(blob=b"abc"),
    "consumers of an artifact": lambda tracker: tracker.consumers("run", "model"),
    "find_run": lambda tracker: tracker.find_run("un"),
    "copy": lambda tracker: GraphTracker(":memory:").copy_from(tracker),
}


def record(tracker: GraphTracker) -> None:
    """Three runs in a row, the one in the middle called ``run``; every kind of row of it."""
    tracker.record("prepare", metadata={"note": "well"})
    tracker.add_artifact("prepare", "rows", "/rows", {"size": 7})
    tracker.add_metadata("run", note="h\u00e9llo", blob=b"abc")
    tracker.add_artifact("run", "model", "model.pt", {"depth": 1})
    tracker.add_source("run", "prepare", "rows")
    tracker.add_source("deploy", "run", "model")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "lineage.db"
    with GraphTracker(path) as tracker:
        record(tracker)
    return path


class Damage(NamedTuple):
    """What befell a row of ``run``, whose integer is 2; what errors call it; the reads that must raise them."""

    statement: str
    called: str
    reads: str


BLOB, MODEL = "run = 2 AND key = 'blob'", "run = 2 AND name = 'model'"
OF_BLOB, OF_MODEL = "metadata 'blob' of run 'run'", "artifact 'model' of run 'run'"
READ_WITH_BLOB, READ_WITH_MODEL = "run metadata lineage graph copy", "artifacts lineage graph copy"

VALUES = {
    "JSON": Damage(
        f"UPDATE metadata SET value = x'7b22612201' WHERE {BLOB}", OF_BLOB, f"{READ_WITH_BLOB} run_ids_by_a_value"
    ),
    "UTF-8 of JSON": Damage(f"UPDATE metadata SET value = x'22ff22' WHERE {BLOB}", OF_BLOB, READ_WITH_BLOB),
    "UTF-8 of text": Damage(
        "UPDATE metadata SET value = CAST(x'68ff' AS TEXT) WHERE run = 2 AND key = 'note'",
        "metadata 'note' of run 'run'",
        READ_WITH_BLOB,
    ),
    "a type that nobody knows": Damage(
        f"""UPDATE metadata SET value = CAST('{{"$type":"bytez","value":""}}' AS BLOB) WHERE {BLOB}""",
        OF_BLOB,
        READ_WITH_BLOB,
    ),
    "a value without its value": Damage(
        f"""UPDATE metadata SET value = CAST('{{"$type":"bytes"}}' AS BLOB) WHERE {BLOB}""", OF_BLOB, READ_WITH_BLOB
    ),
    "JSON of an artifact": Damage(
        f"""UPDATE artifact SET metadata = '{{"depth"' WHERE {MODEL}""", OF_MODEL, f"{READ_WITH_MODEL} find_artifacts"
    ),
    "a list for an artifact's metadata": Damage(
        f"UPDATE artifact SET metadata = '[1]' WHERE {MODEL}", OF_MODEL, READ_WITH_MODEL
    ),
    "UTF-8 of a path": Damage(
        f"UPDATE artifact SET path = CAST(x'ff' AS TEXT) WHERE {MODEL}", OF_MODEL, READ_WITH_MODEL
    ),
    "no path": Damage(f"UPDATE artifact SET path = NULL, place = NULL WHERE {MODEL}", OF_MODEL, READ_WITH_MODEL),
}
"""What recording again mends."""

PLACES = {
    "UTF-8 of a key": Damage(
        f"UPDATE metadata SET key = CAST(x'62ff' AS TEXT) WHERE {BLOB}", r"metadata 'b\udcff' of run", READ_WITH_BLOB
    ),
    "a key that is no text": Damage(
        f"UPDATE metadata SET key = x'62' WHERE {BLOB}", "metadata b'b' of run 'run'", READ_WITH_BLOB
    ),
    "a stamp": Damage(f"UPDATE metadata SET stamp = x'ffffff' WHERE {BLOB}", OF_BLOB, "copy"),
    "an artifact's stamp": Damage(f"UPDATE artifact SET stamp = x'ffffff' WHERE {MODEL}", OF_MODEL, READ_WITH_MODEL),
    "UTF-8 of a name": Damage(
        f"UPDATE artifact SET name = CAST(x'6dff' AS TEXT) WHERE {MODEL}", r"artifact 'm\udcff' of run", READ_WITH_MODEL
    ),
    "an artifact's time": Damage(f"UPDATE artifact SET created_at = 'noon' WHERE {MODEL}", OF_MODEL, READ_WITH_MODEL),
    "the run that a source names": Damage(
        "UPDATE source SET source_run = 99 WHERE run = 2",
        "source 'rows' of run number 99, which is not there, which run 'run' names,",
        "sources lineage graph copy",
    ),
    "the artifact that a source names": Damage(
        "UPDATE source SET name = 'gone' WHERE run = 2",
        "source 'gone' of run 'prepare', which run 'run' names,",
        "graph",
    ),
    "the run of a source": Damage(
        "UPDATE source SET run = 99 WHERE run = 3", "source 'model' of run 'run', which run number 99", "consumers"
    ),
    "a source's time": Damage(
        "UPDATE source SET created_at = 'noon' WHERE run = 2",
        "source 'rows' of run 'prepare', which run 'run' names,",
        "copy",
    ),
    "the run of metadata": Damage(
        f"UPDATE metadata SET run = 99 WHERE {BLOB}", "metadata 'blob' of run number 99, which is not there", "graph"
    ),
    "the run of an artifact": Damage(
        f"UPDATE artifact SET run = 99 WHERE {MODEL}", "artifact 'model' of run", "graph find_artifacts"
    ),
}
"""What is taken out by a statement before it is recorded again."""

RUNS = {
    "UTF-8 of an id": Damage(
        "UPDATE run SET run_id = CAST(x'72756eff' AS TEXT) WHERE id = 2",
        r"run 'run\udcff'",
        "run_ids graph find_run copy",
    ),
    "an id that is no text": Damage("UPDATE run SET run_id = x'72' WHERE id = 2", "run b'r'", "graph copy"),
    "a run's time": Damage("UPDATE run SET created_at = 'noon' WHERE id = 2", "run 'run'", "run lineage graph copy"),
    "a run's last time": Damage(
        "UPDATE run SET updated_at = 1e300 WHERE id = 2", "run 'run'", "run lineage graph copy"
    ),
}
"""What is set right by a statement."""

DAMAGES = {**VALUES, **PLACES, **RUNS}


@pytest.mark.parametrize("name", DAMAGES)
def test_what_cannot_be_read_is_named_and_hides_nothing_else(name: str, path: Path) -> None:
    statement, called, reads = DAMAGES[name]
    sql(path, statement)
    with GraphTracker(path) as tracker:
        for read, ask in ALL_READS.items():
            if read.replace(" ", "_") in [*reads.split(), "health"]:
                message = str(refusal(tracker, ask))
                assert f"the store '{path}' is damaged: " in message
                assert called in message, read
                assert "\n" not in message
            else:
                assert called in _answered_or_told(tracker, ask, called), read
        assert tracker.metadata("prepare") == {"note": "well"}
        assert set(tracker.artifacts("prepare")) == {"rows"}
        assert tracker.run("deploy").name == "deploy"


def _answered_or_told(tracker: GraphTracker, ask: Use, called: str) -> str:
    """What the error says; ``called`` where it answers, or finds no run that has lost its id."""
    try:
        ask(tracker)
    except StoreError as error:
        return str(error)
    except NotFound:
        return "" if "run 'run'" in called else called
    return called


def everything_reads(tracker: GraphTracker) -> bool:
    for ask in ALL_READS.values():
        ask(tracker)
    return tracker.graph().to_dict() == Lineage.from_dict(tracker.graph().to_dict()).to_dict()


@pytest.mark.parametrize("name", VALUES)
def test_recording_a_value_again_mends_it(name: str, path: Path) -> None:
    sql(path, VALUES[name].statement)
    with GraphTracker(path) as tracker:
        assert ": record it again; or restore a copy" in str(refusal(tracker, READS["health"]))
        record(tracker)
        assert everything_reads(tracker)
        assert tracker.metadata("run") == {"note": "h\u00e9llo", "blob": b"abc"}


@pytest.mark.parametrize("name", [*PLACES, *RUNS])
def test_the_statement_that_the_error_advises_mends_it_with_recording_again(name: str, path: Path) -> None:
    sql(path, DAMAGES[name].statement)
    with GraphTracker(path) as tracker:
        statements = re.findall(r'`sqlite3 FILE "(.*?)"`, then record it again', str(refusal(tracker, READS["health"])))
        assert statements
        for statement in "; ".join(statements).replace("ITS ID", "run").split("; "):
            sql(path, statement)
        record(tracker)
        assert everything_reads(tracker)
        assert tracker.metadata("run") == {"note": "h\u00e9llo", "blob": b"abc"}
        assert [item.node for item in tracker.graph().sources] == [("run", "model"), ("prepare", "rows")]


@pytest.mark.parametrize("name", ["a stamp", "an artifact's stamp"])
def test_recording_over_what_nothing_can_be_merged_with_says_so(name: str, path: Path) -> None:
    sql(path, DAMAGES[name].statement)
    with GraphTracker(path) as tracker, pytest.raises(StoreError) as caught:
        record(tracker)
    assert DAMAGES[name].called in str(caught.value)


def test_doctor_names_all_that_cannot_be_read_as_far_as_a_person_would_read_on(path: Path) -> None:
    sql(path, *(damage.statement for damage in (VALUES["JSON"], VALUES["no path"], PLACES["a source's time"])))
    done = command("doctor", "--store", str(path))
    [bad] = [line for line in done.out.splitlines() if line.startswith("BAD")]
    assert done.code == 3
    assert all(
        called in bad for called in (OF_BLOB, OF_MODEL, "source 'rows' of run 'prepare', which run 'run' names,")
    )
    fill(path)
    sql(path, "UPDATE metadata SET value = x'7b' WHERE key = 'note'")
    with GraphTracker(path) as tracker:
        message = str(refusal(tracker, READS["health"]))
    assert message.count("cannot be read") == 20
    assert "; and more; or restore a copy" in message


def test_an_index_that_says_something_else_than_its_table_is_damage(path: Path) -> None:
    sql(
        path,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = 'CREATE INDEX artifact_place ON artifact (name) WHERE place IS NOT NULL'"
        " WHERE name = 'artifact_place'",
    )
    with GraphTracker(path) as tracker:
        message = str(refusal(tracker, READS["health"]))
        assert "artifact_place" in message
        assert "`sqlite3 FILE REINDEX`" in message


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_bit_anywhere_is_told_or_reads_as_another_value(seed: int, path: Path) -> None:
    content = bytearray(path.read_bytes())
    choose = random.Random(seed)
    place = choose.choice([place for place, byte in enumerate(content) if byte and place >= 4096])
    content[place] ^= 1 << choose.randrange(8)
    path.write_bytes(content)
    with GraphTracker(path) as tracker:
        refused = [name for name, ask in ALL_READS.items() if _refuses(tracker, ask)]
    assert "health" in refused or not refused


def _refuses(tracker: GraphTracker, ask: Use) -> bool:
    """Whether it raises one of our errors; a lineage that it returns can be written and read again."""
    try:
        answer = ask(tracker)
    except GraphTrackerError:
        return True
    return isinstance(answer, Lineage) and Lineage.from_dict(answer.to_dict()) != answer
