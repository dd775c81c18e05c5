"""``verify`` tells which files are not what was recorded of them; ``add-artifact --sha256`` records it."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

import pytest

from graphtracker import GraphTracker, file_metadata
from tests.support.command import Done, command, failure, output, remark
from tests.support.terminal import on_a_terminal, plain


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "new.db")


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file that clean-k3v9 logged, with what it held then."""
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"rows")
    return path


@pytest.fixture
def recorded(store: str, rows: Path) -> str:
    """A store with a run that logged an artifact of every kind."""
    with GraphTracker(store) as tracker:
        run_id = "local://torchx/clean-k3v9"
        tracker.add_artifact(run_id, "rows", str(rows), file_metadata(rows))
        tracker.add_artifact(run_id, "remote", "s3://bucket/key", {"sha256": "ab"})
        tracker.add_artifact(run_id, "bare", "/nothing/there")
    return store


def lines(done: Done, code: int) -> list[list[str]]:
    """What is printed, cut where two blanks stand, after the command ended so and said nothing beside it."""
    assert (done.code, done.err) == (code, "")
    return [re.split(" {2,}", line.strip()) for line in done.out.splitlines()]


def test_what_is_as_recorded_or_cannot_be_compared_does_not_fail(recorded: str, rows: Path) -> None:
    assert lines(command("verify", "clean-k3v9", "--store", recorded), 0) == [
        ["unrecorded", "bare of clean-k3v9", "/nothing/there"],
        ["elsewhere", "remote of clean-k3v9", "s3://bucket/key"],
        ["matches", "rows of clean-k3v9", str(rows)],
        ["3 artifacts: 1 as recorded, 1 not on this machine, 1 with nothing recorded to compare with"],
    ]


def test_a_file_that_is_another_now_fails(recorded: str, rows: Path) -> None:
    rows.write_bytes(b"other rows")
    sha256 = [hashlib.sha256(data).hexdigest() for data in (b"rows", b"other rows")]
    expected = [
        ["differs", "rows of clean-k3v9", str(rows)],
        [f"sha256: {sha256[0]} → {sha256[1]}"],
        ["1 artifact: 1 not as recorded"],
    ]
    assert lines(command("verify", "--path", str(rows), "--store", recorded), 1) == expected
    assert lines(command("verify", "clean", "--artifact", "rows", "--store", recorded), 1) == expected


def test_and_so_does_one_that_is_missing_or_unreadable(recorded: str, rows: Path) -> None:
    rows.unlink()
    asked = ["verify", "--path", str(rows), "--store", recorded]
    assert lines(command(*asked), 1) == [["missing", "rows of clean-k3v9", str(rows)], ["1 artifact: 1 missing"]]
    os.mkfifo(rows)
    assert lines(command(*asked), 1) == [
        ["unreadable", "rows of clean-k3v9", str(rows)],
        ["it is neither a file nor a folder"],
        ["1 artifact: 1 unreadable"],
    ]


def test_of_the_whole_store_only_what_is_wrong_is_listed(recorded: str, rows: Path) -> None:
    asked = ["verify", "--store", recorded]
    others = "1 not on this machine, 1 with nothing recorded to compare with"
    assert lines(command(*asked), 0) == [[f"3 artifacts: 1 as recorded, {others}"]]
    rows.unlink()
    assert lines(command(*asked), 1) == [
        ["missing", "rows of clean-k3v9", str(rows)],
        [f"3 artifacts: 1 missing, {others}"],
    ]


def test_where_there_is_no_artifact_that_is_said(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_metadata("local://torchx/train-x7mw")
    assert output("verify", "--store", store) == "the store has no artifacts\n"
    assert output("verify", "train-x", "--store", store) == "train-x7mw has no artifacts\n"


def test_where_nothing_was_compared_nothing_fails_but_nothing_is_the_same(recorded: str) -> None:
    bare, remote = ["verify", "--path", "/nothing/there"], ["verify", "clean-k3v9", "--artifact", "remote"]
    said = "1 artifact: 1 with nothing recorded to compare with; nothing was compared"
    assert lines(command(*bare, "--store", recorded), 0)[1:] == [[said]]
    said = "1 artifact: 1 not on this machine; nothing was compared"
    assert lines(command(*remote, "--store", recorded), 0)[1:] == [[said]]
    for asked in (bare, remote):
        found = json.loads(output(*asked, "--json", "--store", recorded))
        assert (found["same"], found["compared"], found["complete"]) == (None, 0, True)


def test_on_a_terminal_a_long_path_is_cut_to_its_columns(store: str, tmp_path: Path) -> None:
    path = tmp_path / "very" / "deep" / "folders" / "of" / "a" / "very" / "long" / "path" / "rows.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"rows")
    with GraphTracker(store) as tracker:
        tracker.add_artifact("clean", "rows", str(path), {"size": 4})
    first, total = plain(on_a_terminal(tmp_path, "graphtracker", "verify", "clean", "--store", store)).splitlines()
    assert len(first) <= 80
    assert first.startswith("matches     rows of clean  /")
    assert first.endswith("/rows.parquet")
    assert total == "1 artifact: 1 as recorded"


def test_json_is_all_that_the_verb_returns(recorded: str, rows: Path) -> None:
    rows.write_bytes(b"other rows")
    done = command("verify", "clean-k3v9", "--json", "--store", recorded)
    assert (done.code, done.err) == (1, "")
    with GraphTracker(recorded) as tracker:
        assert json.loads(done.out) == tracker.verify("local://torchx/clean-k3v9").to_dict()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nobody"], 1),
        (["clean-k3v9", "--artifact", "nothing"], 1),
        (["--path", "/nothing/at"], 1),
        (["clean-k3v9", "--path", "/nothing/there"], 2),
        (["--artifact", "rows"], 2),
        (["--path", "/nothing/there", "--artifact", "rows"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_question_about_nothing_or_about_two_things_fails(arguments: list[str], code: int, recorded: str) -> None:
    assert failure(code, "verify", *arguments, "--store", recorded)


@pytest.mark.parametrize("verb", [["lineage"], ["export"], ["impact"], ["verify"]], ids=" ".join)
def test_a_path_at_which_nothing_lies_names_the_command_that_looks_for_it(verb: list[str], recorded: str) -> None:
    for path, name in {"/nothing/at": "at", "/an odd; one": "'an odd; one'"}.items():
        way_out = f"`graphtracker find {name}` looks for it anywhere"
        said = failure(1, *verb, "--path", path, "--store", recorded)
        assert said == f"graphtracker: no artifact was logged at '{path}'; {way_out}\n"


# -- add-artifact --sha256 ---------------------------------------------------------------------------------------------


def test_add_artifact_records_what_the_file_holds_now(store: str, rows: Path) -> None:
    remark("add-artifact", "clean", "rows", str(rows), "--sha256", "--metadata", "rows=4", "--store", store)
    with GraphTracker(store) as tracker:
        expected = {"rows": 4, "sha256": hashlib.sha256(b"rows").hexdigest(), "size": 4}
        assert tracker.artifacts("clean")["rows"].metadata == expected
    assert output("verify", "clean", "--store", store).startswith("matches")


def test_it_finds_a_file_beside_it_and_a_folder(
    store: str, rows: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(rows.parent)
    folder = tmp_path / "folder"
    folder.mkdir()
    remark("add-artifact", "clean", "rows", "rows.parquet", "--sha256", "--store", store)
    assert output("add-artifact", "clean", "folder", "folder", "--sha256", "--store", store) == ""
    monkeypatch.chdir("/")
    assert output("verify", "clean", "--store", store).endswith("2 artifacts: 2 as recorded\n")
    (folder / "more").write_bytes(b"")
    assert command("verify", "clean", "--store", store).code == 1


def test_without_being_asked_it_reads_nothing(store: str, rows: Path) -> None:
    remark("add-artifact", "clean", "rows", str(rows), "--store", store)
    with GraphTracker(store) as tracker:
        assert tracker.artifacts("clean")["rows"].metadata is None


@pytest.mark.parametrize("path", ["nothing", "s3://bucket/key", "pipe", "a\nb"])
def test_where_nothing_can_be_read_nothing_is_recorded(
    path: str, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    message = failure(2, "add-artifact", "clean", "rows", path, "--sha256", "--store", store)
    assert message.count("\n") == 1
    assert "cannot be recorded" in message
    assert not Path(store).exists()


@pytest.mark.parametrize("key", ["sha256", "size"])
def test_what_it_records_is_not_given_too(key: str, store: str, rows: Path) -> None:
    given = ["--metadata", f"{key}=4"]
    assert key in failure(2, "add-artifact", "clean", "rows", str(rows), "--sha256", *given, "--store", store)
    assert not Path(store).exists()
