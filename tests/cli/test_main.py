"""The command line does what design section 8 says: commands, options, exit codes, streams, trees."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest
import typer
from hypothesis import given

import graphtracker
from graphtracker import GraphTracker, Lineage
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.cli import main
from graphtracker.cli.app import app
from graphtracker.cli.demo_pipeline import START
from graphtracker.cli.tree import tree
from graphtracker.export import FORMATS
from graphtracker.stores.sqlite import file as sqlite_file
from tests.support.oracle import Fact, tell
from tests.support.strategies import STORE_PER_EXAMPLE, histories
from tests.support.tools import dot_program, environment, run  # noqa: F401  # a fixture

COMMANDS = [
    "demo",
    "runs",
    "show",
    "lineage",
    "export",
    "add-artifact",
    "add-metadata",
    "add-source",
    "sync",
    "copy",
    "browse",
    "doctor",
]

PREPARE = "local_cwd://torchx/prepare-k1"
SMALL = "local_cwd://torchx/train-s2"
LARGE = "local_cwd://torchx/train-l3"
EVALUATE = "local_cwd://torchx/evaluate-m4"
RAW = "s3://data/raw"
ROWS, MODEL = "/lab/rows.parquet", "/lab/large.pt"


class Done(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


COMMAND_LINE: Any = typer.main.get_command(
    app
)  # building it takes three quarters of a command's time, so it is built once


def command(*arguments: str) -> Done:
    """Runs the command as its console script does, in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        mock.patch.object(sys, "argv", ["graphtracker", *arguments]),
        mock.patch.object(sys, "excepthook", sys.excepthook),  # Typer sets its own
        mock.patch("typer.main.get_command", return_value=COMMAND_LINE),
    ):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
    return Done(code, *(_written(stream) for stream in (out, err)))


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode()  # type: ignore[attr-defined]


def output(*arguments: str) -> str:
    """What a command writes to stdout, after it ended well and wrote nothing to stderr."""
    done = command(*arguments)
    assert (done.code, done.err) == (0, "")
    return done.out


def failure(code: int, *arguments: str) -> str:
    """What a command writes to stderr, after it failed with this code and wrote nothing to stdout."""
    done = command(*arguments)
    assert (done.code, done.out) == (code, ""), done
    assert "Traceback" not in done.err
    return done.err


def record_pipeline(tracker: GraphTracker) -> None:
    """Prepare, two trainings and an evaluation, an hour apart; the source of the first is external."""
    first = datetime(2026, 1, 1, tzinfo=timezone.utc)
    jobs: list[tuple[str, dict[str, object], list[TrackerArtifact], list[TrackerSource]]] = [
        (PREPARE, {"rows": 5, "kind": "prep"}, [TrackerArtifact("rows", ROWS, {"n": 5})], [TrackerSource(RAW, "csv")]),
        (SMALL, {"lr": 0.1, "kind": "train"}, [TrackerArtifact("model", "/lab/small.pt", None)], [_rows()]),
        (LARGE, {"lr": 0.01, "kind": "train"}, [TrackerArtifact("model", MODEL, None)], [_rows()]),
        (
            EVALUATE,
            {},
            [],
            [TrackerSource(LARGE, "model"), TrackerSource(SMALL, None), TrackerSource(PREPARE, "stats")],
        ),
    ]
    for hour, (run_id, metadata, artifacts, sources) in enumerate(jobs):
        at = first + timedelta(hours=hour)
        tracker.record(run_id, metadata=metadata, artifacts=artifacts, sources=sources, at=at)


def _rows(name: str = "rows") -> TrackerSource:
    return TrackerSource(PREPARE, name)


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A store file that holds the pipeline."""
    path = str(tmp_path / "pipeline.db")
    with GraphTracker(path) as tracker:
        record_pipeline(tracker)
    return path


@pytest.fixture
def opened(store: str) -> Iterator[GraphTracker]:
    with GraphTracker(store) as tracker:
        yield tracker


# -- the store ---------------------------------------------------------------------------------------------------------


def test_store_stands_before_or_after_the_command(store: str) -> None:
    before, after = output("--store", store, "runs"), output("runs", "--store", store)
    assert before == after != ""
    assert output("show", EVALUATE, "--json", "--store", store) == output("--store", store, "show", "--json", EVALUATE)


def test_the_store_after_the_command_counts_more_than_the_one_before(store: str, tmp_path: Path) -> None:
    assert output("--store", str(tmp_path / "none.db"), "runs", "--store", store)


def test_the_environment_names_the_store_that_no_option_names(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = output("runs", "--store", store)
    monkeypatch.setenv("GRAPHTRACKER_URL", f"sqlite:///{store}")
    assert output("runs") == expected
    assert "none.db" in failure(3, "runs", "--store", "none.db")


def test_without_any_the_per_user_store_is_used(tmp_path: Path) -> None:
    failure(3, "runs")
    assert output("add-metadata", "train", "lr=1") == ""
    assert "train" in output("runs")
    assert list(tmp_path.rglob("graphtracker.db"))


@pytest.mark.parametrize(
    "arguments",
    [["runs"], ["show", "a"], ["lineage", "a"], ["lineage", "--path", "/a"], ["export"], ["export", "a"], ["doctor"]],
    ids=" ".join,
)
def test_reading_a_missing_store_is_an_error_that_names_it_and_makes_nothing(
    arguments: list[str], tmp_path: Path
) -> None:
    done = command(*arguments, "--store", str(tmp_path / "none.db"))
    assert done.code == 3
    assert "none.db" in done.out + done.err
    assert not list(tmp_path.iterdir())


def not_a_database(path: Path) -> None:
    path.write_text("These are notes, long enough to be looked into. " * 100)


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (text)")


def newer(path: Path) -> None:
    with GraphTracker(path) as tracker:
        tracker.add_metadata("run")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def damaged(path: Path) -> None:
    with GraphTracker(path) as tracker, tracker.batch():
        for number in range(2000):
            tracker.add_metadata(f"run-{number}", value="x" * 50)
    content = bytearray(path.read_bytes())
    content[8192:-8192] = b"\xab" * (len(content) - 16384)
    path.write_bytes(content)


UNUSABLE = {"not a database": not_a_database, "foreign": foreign, "newer": newer, "folder": Path.mkdir}


@pytest.mark.parametrize("make", UNUSABLE.values(), ids=UNUSABLE.keys())
@pytest.mark.parametrize(
    "arguments", [["runs"], ["show", "a"], ["export"], ["add-metadata", "a"], ["add-source", "a", "b"]], ids=" ".join
)
def test_a_store_that_cannot_be_used_is_exit_code_3_and_stays_as_it_was(
    make: Any, arguments: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "lineage.db"
    make(path)
    before = None if path.is_dir() else path.read_bytes()
    assert "lineage.db" in failure(3, *arguments, "--store", str(path))
    assert (None if path.is_dir() else path.read_bytes()) == before
    assert {item.name for item in tmp_path.iterdir()} == {"lineage.db"}


def test_recording_where_there_is_no_folder_names_it(tmp_path: Path) -> None:
    assert "missing" in failure(3, "add-metadata", "a", "--store", str(tmp_path / "missing" / "a.db"))


def test_an_unknown_scheme_is_usage_and_shows_no_password() -> None:
    message = failure(2, "runs", "--store", "redis://ada:geheim@host")
    assert "redis" in message
    assert "geheim" not in message


# -- streams and exit codes, of real processes -------------------------------------------------------------------------

FAILURES = [
    (1, ["show", "nobody"]),
    (1, ["lineage", "nobody"]),
    (1, ["lineage", "--path", "/nowhere"]),
    (1, ["lineage", "evaluate-m4", "--artifact", "nothing"]),
    (1, ["lineage", "evaluate-m4", "--depth", "0", "--strict"]),
    (1, ["export", "evaluate-m4", "--max-runs", "1", "--strict"]),
    (2, []),
    (2, ["nothing"]),
    (2, ["runs", "--nothing"]),
    (2, ["runs", "too", "many"]),
    (2, ["runs", "--limit", "many"]),
    (2, ["show"]),
    (2, ["lineage"]),
    (2, ["lineage", "evaluate-m4", "--depth", "-1"]),
    (2, ["lineage", "evaluate-m4", "--max-runs", "0"]),
    (2, ["lineage", "evaluate-m4", "--upstream", "--downstream"]),
    (2, ["export", "--format", "tar"]),
    (2, ["runs", "--store", "redis://host"]),
    (3, ["runs", "--store", "none.db"]),
    (3, ["add-metadata", "a", "--store", "none/none.db"]),
]


@pytest.mark.parametrize(("code", "arguments"), FAILURES, ids=lambda item: str(item))
def test_a_failure_has_its_exit_code_and_one_message_on_stderr(code: int, arguments: list[str], store: str) -> None:
    assert failure(code, "--store", store, *arguments).strip()


@pytest.mark.parametrize(("code", "arguments"), [FAILURES[0], FAILURES[4], FAILURES[7], FAILURES[-2]], ids=str)
def test_a_failing_process_writes_to_stderr_alone(code: int, arguments: list[str], store: str, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", "--store", store, *arguments, code=code)
    assert done.stdout == ""
    assert done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["runs"], ["show", "evaluate-m4"], ["lineage", "evaluate-m4"], ["export"]])
def test_a_process_that_ends_well_writes_data_to_stdout_alone(arguments: list[str], store: str, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", "--store", store, *arguments)
    assert done.stdout
    assert done.stderr == ""


def plain_environment() -> dict[str, str]:
    """Variables of a colourful terminal, and none of those by which users ask for colour in pipes."""
    return {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "GITHUB_ACTIONS": "",
        "FORCE_COLOR": "",
        "PY_COLORS": "",
    }


@pytest.mark.parametrize(
    ("code", "arguments"),
    [(0, ["--help"]), (0, ["lineage", LARGE, "--depth", "1"]), (0, ["doctor"]), (2, ["nothing"]), (1, ["show", "x"])],
    ids=str,
)
def test_there_is_no_colour_in_a_pipe(code: int, arguments: list[str], store: str, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", "--store", store, *arguments, env=plain_environment(), code=code)
    assert "\x1b" not in done.stdout + done.stderr


def test_version() -> None:
    assert output("--version") == f"graphtracker {graphtracker.__version__}\n"


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with a chain of 10,000 runs."""
    path = str(tmp_path_factory.mktemp("chain") / "chain.db")
    with GraphTracker(path) as tracker, tracker.batch():
        for earlier, later in pairwise(f"run-{number:05}" for number in range(10_000)):
            tracker.add_source(later, earlier, "out")
    return path


@pytest.mark.parametrize("what", ["runs", "lineage run-00000", "export", "export --format json", "runs --json"])
def test_a_reader_that_goes_away_is_no_error(what: str, chain: str, tmp_path: Path) -> None:
    script = f"graphtracker --store {shlex.quote(chain)} {what} | head -1"
    done = run(tmp_path, "sh", "-c", script)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.parametrize("what", ["runs", "export", "lineage run-00000"])
def test_a_reader_that_is_gone_at_once_is_exit_code_0(what: str, chain: str, tmp_path: Path) -> None:
    script = f"graphtracker --store {shlex.quote(chain)} {what} | true; exit ${{PIPESTATUS[0]}}"
    assert run(tmp_path, "bash", "-c", script).stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_cannot_be_written_is_a_message_and_no_traceback(store: str, tmp_path: Path) -> None:
    script = f"graphtracker --store {shlex.quote(store)} runs > /dev/full"
    done = subprocess.run(["sh", "-c", script], env=environment(tmp_path), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_are_no_traceback(closed: str, store: str, tmp_path: Path) -> None:
    script = f"graphtracker --store {shlex.quote(store)} runs {closed}"
    done = subprocess.run(["sh", "-c", script], env=environment(tmp_path), cwd=tmp_path, capture_output=True, text=True)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_of_another_encoding_is_no_error(encoding: str, store: str, tmp_path: Path) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_source("\U0001f600", EVALUATE)
    for arguments in (["runs"], ["lineage", "\U0001f600"], ["show", "\U0001f600"], ["export", "--dot"]):
        done = subprocess.run(
            [Path(sys.executable).parent / "graphtracker", "--store", store, *arguments],
            env=environment(tmp_path, {"PYTHONIOENCODING": encoding}),
            cwd=tmp_path,
            capture_output=True,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout


# -- help --------------------------------------------------------------------------------------------------------------


def options_of(name: str) -> set[str]:
    return {word for parameter in COMMAND_LINE.commands[name].params for word in parameter.opts}


def test_the_commands_are_those_of_the_design() -> None:
    assert list(COMMAND_LINE.commands) == COMMANDS


@pytest.mark.parametrize("name", ["", *COMMANDS])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_every_option_and_argument(name: str, option: str, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", *name.split(), option, env={**plain_environment(), "COLUMNS": "200"})
    described = COMMAND_LINE.commands[name] if name else COMMAND_LINE
    for parameter in described.params:
        words = [*parameter.opts, *parameter.secondary_opts] if parameter.param_type_name == "option" else []
        assert all(word in done.stdout for word in words), parameter.name
        assert getattr(parameter, "help", None), f"{parameter.name} has no help"
        assert parameter.metavar is None or parameter.metavar.strip("[].") in done.stdout
    if not name:
        assert all(f" {each} " in done.stdout for each in COMMANDS)
    assert done.stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_a_store_and_those_that_print_data_json(name: str) -> None:
    assert "--store" in options_of(name)
    assert ("--json" in options_of(name)) == (name in ("runs", "show", "lineage", "export", "sync", "doctor"))


@pytest.mark.parametrize("name", ["lineage", "export"])
def test_lineage_and_export_share_the_options_of_a_question(name: str) -> None:
    assert options_of(name) >= {
        "--path",
        "--upstream",
        "--downstream",
        "--depth",
        "--artifact",
        "--max-runs",
        "--strict",
    }


# -- runs --------------------------------------------------------------------------------------------------------------


def listed(*arguments: str) -> list[str]:
    return [item["run_id"] for item in json.loads(output("runs", "--json", *arguments))]


def test_runs_are_listed_newest_first_without_externals(store: str, opened: GraphTracker) -> None:
    lines = output("runs", "--store", store).splitlines()
    assert [line.split()[2] for line in lines] == [EVALUATE, LARGE, SMALL, PREPARE] == opened.run_ids()
    assert lines[0].startswith("2026-01-01 03:00:00Z")
    assert "lr=0.01" in lines[1]


def test_runs_as_json_are_what_the_library_answers(store: str, opened: GraphTracker) -> None:
    printed = json.loads(output("runs", "--json", "--store", store))
    in_lineage = {item["run_id"]: item for item in opened.graph().to_dict()["runs"]}
    assert printed == [in_lineage[run_id] for run_id in opened.run_ids()]


def test_runs_are_filtered_by_metadata_source_and_number(store: str, opened: GraphTracker) -> None:
    assert listed("--where", "kind=train", "--store", store) == [LARGE, SMALL]
    assert listed("--where", "kind=train", "--where", "lr=0.1", "--store", store) == [SMALL]
    assert listed("--where", "lr=1e-2", "--store", store) == [LARGE]
    assert listed("--where", "nothing=1", "--store", store) == []
    assert listed("--parent", PREPARE, "--store", store) == opened.run_ids(parent_run_id=PREPARE)
    assert listed("--parent", "prepare-k1", "--where", "kind=train", "--store", store) == [LARGE, SMALL]
    assert listed("--parent", "raw", "--store", store) == [PREPARE]
    assert listed("--limit", "2", "--store", store) == [EVALUATE, LARGE]
    assert listed("--limit", "0", "--store", store) == []


def test_where_filters_metadata_of_any_key(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.record("odd", metadata={"a b": "c=d", "flag": True})
    assert listed("--where", "a b=c=d", "--store", store) == ["odd"]
    assert listed("--where", "flag=true", "--store", store) == ["odd"]


def test_where_means_metadata_even_for_the_key_parent_run_id(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.record("odd", metadata={"parent_run_id": "text"})
    assert listed("--where", "parent_run_id=text", "--store", store) == ["odd"]


def test_no_runs_are_no_lines_and_an_empty_list(store: str) -> None:
    done = command("runs", "--where", "a=b", "--store", store)
    assert (done.code, done.out, done.err) == (0, "", "graphtracker: no run matches\n")
    assert json.loads(output("runs", "--where", "a=b", "--json", "--store", store)) == []


@pytest.mark.parametrize(
    "arguments", [["--where", "kind"], ["--where", "=train"], ["--limit", "-1"], ["--parent", ""]], ids=" ".join
)
def test_odd_filters_are_usage(arguments: list[str], store: str) -> None:
    assert failure(2, "runs", *arguments, "--store", store)


def test_an_unknown_parent_is_not_found(store: str) -> None:
    assert "nobody" in failure(1, "runs", "--parent", "nobody", "--store", store)


def completed(folder: Path, *words: str, **more: str) -> list[str]:
    """What bash is given for the last of these words."""
    line = {"COMP_WORDS": shlex.join(["graphtracker", *words]), "COMP_CWORD": str(len(words))}
    if words[-1] == "":
        line["COMP_WORDS"] = shlex.join(["graphtracker", *words[:-1]]) + " "
    done = run(folder, "graphtracker", env={"_GRAPHTRACKER_COMPLETE": "complete_bash", **line, **more})
    assert done.stderr == ""
    return done.stdout.split()


def test_a_shell_completes_commands_options_formats_and_runs(store: str, tmp_path: Path) -> None:
    assert completed(tmp_path, "expo") == ["export"]
    assert completed(tmp_path, "export", "--dep") == ["--depth"]
    assert completed(tmp_path, "export", "--format", "") == list(FORMATS)
    assert completed(tmp_path, "export", "--format", "p") == ["pdf", "png"]
    with GraphTracker(store) as opened:
        names = {each.name for each in opened.runs()}
    assert names
    assert set(completed(tmp_path, "show", "", GRAPHTRACKER_URL=store)) == names
    first = sorted(names)[0]
    assert first in completed(tmp_path, "lineage", first[:3], GRAPHTRACKER_URL=store)
    assert first in completed(tmp_path, "--store", store, "export", first[:3])
    assert first in completed(tmp_path, "export", "--store", store, first[:3])


def test_runs_of_one_name_are_completed_by_their_ids(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "store.db") as tracker:
        for run_id in ("a://x/train", "b://x/train", "c://x/other", "odd\n\x1b[31mid"):
            tracker.add_metadata(run_id)
    url = str(tmp_path / "store.db")
    assert completed(tmp_path, "show", "", GRAPHTRACKER_URL=url) == ["other"]
    assert completed(tmp_path, "show", "a:", GRAPHTRACKER_URL=url) == ["a://x/train"]


def test_nothing_is_completed_that_a_shell_would_obey(tmp_path: Path) -> None:
    obeyed = ["x\\$(id)", "x$(id)", "x`id`", "x'y", 'x"y', "x;y", "x y", "x*", "x?", "x[a]", "x|y", "x&y", "x>y", "--x"]
    with GraphTracker(tmp_path / "store.db") as tracker:
        for run_id in [*obeyed, "x-1.b@c:d+e=f,g%h", "x漢字"]:
            tracker.add_metadata(run_id)
    url = str(tmp_path / "store.db")
    assert set(completed(tmp_path, "show", "x", GRAPHTRACKER_URL=url)) == {"x-1.b@c:d+e=f,g%h", "x漢字"}
    assert not {"--x"} & set(completed(tmp_path, "show", "-", GRAPHTRACKER_URL=url))


@pytest.mark.parametrize("url", ["missing.db", "nonsense://x", "bolt://127.0.0.1:1"])
def test_where_there_is_no_store_nothing_is_completed_or_said(tmp_path: Path, url: str) -> None:
    assert completed(tmp_path, "show", "t", GRAPHTRACKER_URL=url) == []


def test_a_file_is_written_through_its_link_and_keeps_its_mode(store: str, tmp_path: Path) -> None:
    real, link = tmp_path / "real.dot", tmp_path / "link.dot"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    assert output("export", "--store", store, "-o", str(link)) == ""
    assert link.is_symlink()
    assert real.read_text().startswith("digraph")
    assert real.stat().st_mode & 0o777 == 0o600


def test_a_pipe_is_written_to_and_stays_one(store: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    assert output("export", "--store", store, "--format", "dot", "-o", str(pipe)) == ""
    assert reader.communicate(timeout=60)[0].startswith(b"digraph")
    assert pipe.is_fifo()


def test_options_that_say_nothing_are_refused(store: str) -> None:
    assert "-o names no file" in failure(2, "export", "--store", store, "-o", "")
    assert "leave --artifact out" in failure(2, "export", "--store", store, "--path", "/x", "--artifact", "a")
    assert output("export", "--store", store, "--format", "DOT").startswith("digraph")


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_a_binary_picture_is_not_sent_to_a_terminal(store: str, format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(io, "TextIOWrapper", Terminal)
    assert "name a file with -o" in failure(2, "export", "--format", format, "--store", store)


@pytest.mark.parametrize("verb", [["runs", "--where", "lr=1", "--where"], ["add-metadata", "a", "lr=1"]], ids=" ".join)
def test_a_key_given_twice_is_usage(verb: list[str], store: str) -> None:
    assert "'lr' is given twice" in failure(2, *verb, "lr=2", "--store", store)


# -- RUN ---------------------------------------------------------------------------------------------------------------


def shown(text: str, store: str) -> str:
    run_id: str = json.loads(output("show", "--json", text, "--store", store))["run_id"]
    return run_id


@pytest.mark.parametrize("text", [LARGE, "train-l3", "l3", "torchx/train-l3", "/train-l3"])
def test_a_run_is_named_by_id_name_or_ending(text: str, store: str) -> None:
    assert shown(text, store) == LARGE


def test_what_only_begins_so_is_not_taken_but_offered(store: str) -> None:
    said = failure(1, "show", "train", "--store", store)
    assert LARGE in said
    assert SMALL in said


def test_an_external_is_named_so_too(store: str) -> None:
    assert shown("raw", store) == RAW


def test_the_whole_id_counts_more_than_an_ending(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_metadata("train-l3")
    assert shown("train-l3", store) == "train-l3"


def test_a_name_that_one_run_has_counts_more_than_the_ending_of_others(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_metadata("job://cluster/pretrain-l3")
    assert shown("train-l3", store) == LARGE


@pytest.mark.parametrize("run_id", ["s3://bucket/daily/", "s3://bucket/daily?version=2", "s3://bucket/daily#part"])
def test_a_run_is_named_by_the_name_that_trees_show(run_id: str, store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_metadata(run_id)
        assert tracker.run(run_id).name == "daily"
    assert shown("daily", store) == run_id


def test_several_runs_with_this_ending_are_listed(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_metadata("other://cluster/train-l3")
    message = failure(2, "show", "train-l3", "--store", store)
    assert LARGE in message
    assert "other://cluster/train-l3" in message


def test_an_ending_is_text_and_no_pattern(store: str) -> None:
    for text in ("%", "_3", "*", ".*"):
        assert failure(1, "show", text, "--store", store)


@pytest.mark.parametrize("name", ["show", "lineage", "export"])
def test_an_unknown_run_is_not_found_by_name(name: str, store: str) -> None:
    assert "nobody" in failure(1, name, "nobody", "--store", store)


# -- show --------------------------------------------------------------------------------------------------------------


def test_show_tells_metadata_artifacts_sources_and_consumers(store: str) -> None:
    text = output("show", "prepare-k1", "--store", store)
    assert text.startswith(PREPARE + "\n")
    for told in ("rows = 5", f"rows  {ROWS}", f"{RAW}  (csv)", f"{SMALL}  (rows)", f"{LARGE}  (rows)", "declared"):
        assert told in text
    assert "external" in output("show", "raw", "--store", store)


def test_show_as_json_is_what_the_library_answers(store: str, opened: GraphTracker) -> None:
    card = json.loads(output("show", "evaluate-m4", "--json", "--store", store))
    lineage = opened.lineage(EVALUATE, depth=1).to_dict()
    [expected] = [item for item in lineage["runs"] if item["run_id"] == EVALUATE]
    assert {key: card[key] for key in expected} == expected
    assert card["artifacts"] == []
    assert [(item["source_run_id"], item["artifact_name"]) for item in card["sources"]] == [
        (source.source_run_id, source.artifact_name) for source in opened.sources(EVALUATE)
    ]
    consumers = json.loads(output("show", "prepare-k1", "--json", "--store", store))["consumers"]
    assert sorted({item["run_id"] for item in consumers}) == opened.consumers(PREPARE)


# -- questions of lineage and export -----------------------------------------------------------------------------------

QUESTIONS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "whole": ([], {}),
    "upstream": (["--upstream"], {"direction": "upstream"}),
    "downstream": (["--downstream"], {"direction": "downstream"}),
    "depth": (["--depth", "1"], {"depth": 1}),
    "depth 0": (["--depth", "0"], {"depth": 0}),
    "max runs": (["--max-runs", "2"], {"max_runs": 2}),
    "all bounds": (["--upstream", "--depth=1", "--max-runs=1"], {"direction": "upstream", "depth": 1, "max_runs": 1}),
    "artifact": (["--artifact", "model"], {"artifact_name": "model"}),
    "strict, whole": (["--strict", "--depth", "9"], {"strict": True, "depth": 9}),
}


@pytest.mark.parametrize(("options", "question"), QUESTIONS.values(), ids=QUESTIONS.keys())
def test_lineage_and_export_ask_what_the_library_asks(
    options: list[str], question: dict[str, Any], store: str, opened: GraphTracker
) -> None:
    expected = opened.lineage(LARGE, **question)
    for asked in (["lineage", "--json"], ["export", "--format", "json"]):
        done = command(*asked, "train-l3", *options, "--store", store)
        assert done.code == 0
        assert Lineage.from_dict(json.loads(done.out)) == expected
        assert bool(done.err) != expected.complete
        assert all(reason in done.err for reason in expected.reasons)
    assert command("export", "--dot", LARGE, *options, "--store", store).out == expected.to_dot()


def test_a_cut_answer_says_so_on_stderr_with_its_data_on_stdout(store: str, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", "lineage", LARGE, "--depth", "1", "--upstream", "--store", store)
    assert "not the whole lineage" in done.stderr
    assert "depth" in done.stderr
    assert "not the whole lineage" not in done.stdout
    assert "more upstream left out" in done.stdout


def test_path_asks_about_the_artifact_that_lies_there(store: str, opened: GraphTracker) -> None:
    expected = opened.lineage(LARGE, artifact_name="model")
    assert Lineage.from_dict(json.loads(output("lineage", "--path", MODEL, "--json", "--store", store))) == expected
    assert output("export", "--path", MODEL, "--dot", "--store", store) == expected.to_dot()
    assert output("lineage", "--path", MODEL, "--store", store).startswith("model of train-l3\n")


def test_a_relative_path_finds_what_was_logged_at_the_absolute_one(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_artifact("here", "file", str(tmp_path / "file.bin"))
    monkeypatch.chdir(tmp_path)
    assert output("lineage", "--path", "file.bin", "--store", store).startswith("file of here\n")


@pytest.mark.parametrize("name", ["lineage", "export"])
def test_a_path_without_an_artifact_is_not_found(name: str, store: str) -> None:
    assert "/lab/other.pt" in failure(1, name, "--path", "/lab/other.pt", "--store", store)


@pytest.mark.parametrize("name", ["lineage", "export"])
def test_several_artifacts_at_a_path_are_listed(name: str, store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_artifact("copy", "the model", MODEL)
    message = failure(2, name, "--path", MODEL, "--store", store)
    assert all(word in message for word in (LARGE, "copy", "model", "the model"))


@pytest.mark.parametrize("name", ["lineage", "export"])
def test_run_and_path_exclude_each_other(name: str, store: str) -> None:
    failure(2, name, LARGE, "--path", MODEL, "--store", store)


# -- export ------------------------------------------------------------------------------------------------------------


def test_export_without_a_run_is_the_whole_store(store: str, opened: GraphTracker) -> None:
    graph = opened.graph()
    assert output("export", "--store", store) == output("export", "--dot", "--store", store) == graph.to_dot()
    assert json.loads(output("export", "--format", "json", "--store", store)) == graph.to_dict()


@pytest.mark.parametrize(
    "option", [["--upstream"], ["--downstream"], ["--depth=1"], ["--max-runs=1"], ["--artifact=a"]]
)
def test_export_without_a_run_takes_no_bound(option: list[str], store: str) -> None:
    failure(2, "export", *option, "--store", store)


@pytest.mark.parametrize("suffix", [".dot", ".json", ".svg", ".DOT", ".Json"])
def test_the_suffix_of_the_file_names_the_format(suffix: str, store: str, tmp_path: Path, dot: str) -> None:
    path = tmp_path / f"picture{suffix}"
    assert output("export", LARGE, "-o", str(path), "--store", store) == ""
    assert path.read_text() == output("export", LARGE, "--format", suffix[1:].lower(), "--store", store)


def test_a_named_format_counts_more_than_the_suffix(store: str, tmp_path: Path) -> None:
    output("export", LARGE, "--format", "json", "-o", str(tmp_path / "data.txt"), "--store", store)
    output("export", LARGE, "--dot", "--output", str(tmp_path / "picture.gv"), "--store", store)
    assert json.loads((tmp_path / "data.txt").read_text())["start"] == LARGE
    assert (tmp_path / "picture.gv").read_text().startswith("digraph")


def test_a_dash_is_stdout(store: str) -> None:
    assert output("export", LARGE, "-o", "-", "--store", store) == output("export", LARGE, "--store", store)


@pytest.mark.parametrize(
    "options",
    [["--format", "tar"], ["--format", ""], ["-o", "x.tar"], ["-o", "x"], ["-o", ""], ["--dot", "--format", "svg"]],
    ids=" ".join,
)
def test_unknown_formats_and_suffixes_are_usage_and_write_nothing(
    options: list[str], store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    assert failure(2, "export", LARGE, *options, "--store", store)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("place", ["missing/x.dot", "pipeline.db/x.dot", "/proc/x.dot", "folder.dot"])
def test_a_file_that_cannot_be_written_is_named(
    place: str, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.dot").mkdir()
    before = set(tmp_path.rglob("*"))
    message = failure(2, "export", LARGE, "-o", place, "--store", store)
    assert place in message
    assert set(tmp_path.rglob("*")) == before


def test_a_file_is_written_whole_or_stays_as_it_was(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "picture.dot"
    path.write_text("before")
    before = set(tmp_path.iterdir())
    failure(1, "export", "nobody", "-o", str(path), "--store", store)
    with monkeypatch.context() as patched:
        patched.setattr("os.replace", mock.Mock(side_effect=OSError(28, "No space left on device")))
        assert "No space left" in failure(2, "export", LARGE, "-o", str(path), "--store", store)
    assert path.read_text() == "before"
    assert set(tmp_path.iterdir()) == before
    output("export", LARGE, "-o", str(path), "--store", store)
    assert path.read_text().startswith("digraph")
    assert set(tmp_path.iterdir()) == before


# -- recording ---------------------------------------------------------------------------------------------------------


def test_recording_commands_record_and_print_nothing(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    metadata = ["--metadata", "n=1", "--metadata", "note=a b"]
    assert output("add-artifact", "train", "model", "/m.pt", *metadata, "--store", store) == ""
    assert output("add-metadata", "train", "lr=0.1", "tags=[1, 2.5]", "name=x=y", "--store", store) == ""
    assert output("add-source", "train", "prepare", "--artifact", "rows", "--store", store) == ""
    assert output("add-source", "train", "base", "--store", store) == ""
    with GraphTracker(store) as tracker:
        assert tracker.artifacts("train") == {"model": TrackerArtifact("model", "/m.pt", {"n": 1, "note": "a b"})}
        assert tracker.metadata("train") == {"lr": 0.1, "name": "x=y", "tags": [1, 2.5]}
        assert tracker.sources("train") == [TrackerSource("base", None), TrackerSource("prepare", "rows")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("1.0", 1.0), ("-1e-3", -0.001), ("true", True), ("null", None), ('"1"', "1"), ("[1]", [1]),
        ('{"a": 1}', {"a": 1}), ("", ""), ("True", "True"), ("NaN", "NaN"), ("Infinity", "Infinity"),
        ("1e400", "1e400"), ("[1", "[1"),
        ("1" * 5000, "1" * 5000), ("[" * 100_000, "[" * 100_000), (" x ", " x "), ('{"$type": 1}', {"$type": 1}),
    ],
    ids=lambda item: repr(item)[:20],
)  # fmt: skip
def test_a_value_is_json_where_it_reads_as_json(text: str, value: object, tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    output("add-metadata", "run", f"key={text}", "--store", store)
    with GraphTracker(store) as tracker:
        found = tracker.metadata("run")["key"]
    assert (type(found), found) == (type(value), value)


def test_metadata_without_any_reports_the_run(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    output("add-source", "train", "prepare", "--store", store)
    output("add-metadata", "prepare", "--store", store)
    assert set(listed("--store", store)) == {"prepare", "train"}


def test_recording_takes_the_id_as_it_is(store: str) -> None:
    output("add-metadata", "l3", "new=1", "--store", store)  # an ending of another run's id
    assert shown("l3", store) == "l3"


@pytest.mark.parametrize(
    "arguments",
    [
        ["add-metadata", "run", "novalue"],
        ["add-metadata", "run", "good=1", "=1"],
        ["add-metadata", ""],
        ["add-artifact", "run", "", "/path"],
        ["add-artifact", "run", "name", "/path", "--metadata", "novalue"],
        ["add-artifact", "run", "name"],
        ["add-source", "run", ""],
        ["add-source", "run"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_recorded_is_usage_and_records_nothing(arguments: list[str], tmp_path: Path) -> None:
    assert failure(2, *arguments, "--store", str(tmp_path / "new.db"))
    assert not list(tmp_path.iterdir())


def test_ids_that_begin_with_a_dash_stand_after_two_dashes(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    output("add-metadata", "--store", store, "--", "--run", "--key=1")
    with GraphTracker(store) as tracker:
        assert tracker.metadata("--run") == {"--key": 1}
    assert output("show", "--store", store, "--", "--run").startswith("--run\n")


# -- the tree ----------------------------------------------------------------------------------------------------------


def tree_of(store: str, *arguments: str) -> list[str]:
    return command("lineage", "--store", store, *arguments).out.splitlines()


def test_the_tree_tells_what_a_run_came_from_and_what_was_made_of_it(store: str) -> None:
    assert tree_of(store, "train-l3") == [
        "train-l3",
        "came from:",
        "└─ rows ← prepare-k1",
        "   └─ csv ← raw [external]",
        "made:",
        "└─ model → evaluate-m4",
    ]


def test_branches_that_stand_above_are_named_and_not_repeated(store: str) -> None:
    assert tree_of(store, "evaluate-m4") == [
        "evaluate-m4",
        "came from:",
        "├─ stats ← prepare-k1",
        "│  └─ csv ← raw [external]",
        "├─ model ← train-l3",
        "│  └─ rows ← prepare-k1 (above)",
        "└─ (whole run) ← train-s2",
        "   └─ rows ← prepare-k1 (above)",
    ]


def test_the_tree_of_one_artifact_begins_with_it(store: str) -> None:
    assert tree_of(store, "prepare-k1", "--artifact", "rows", "--downstream") == [
        "rows of prepare-k1",
        "made:",
        "├─ rows → train-l3",
        "│  └─ model → evaluate-m4",
        "└─ rows → train-s2",
        "   ├─ (whole run) → evaluate-m4",
        "   └─ model",
    ]


def test_artifacts_that_one_run_used_of_another_stand_on_one_line(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "new.db") as tracker:
        for name in ("train", "test", None):
            tracker.add_source("evaluate", "prepare", name)
    assert tree_of(str(tmp_path / "new.db"), "evaluate") == [
        "evaluate",
        "came from:",
        "└─ test, train ← prepare [external]",
    ]


def test_a_run_alone_is_one_line(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    output("add-metadata", "alone", "--store", store)
    assert tree_of(store, "alone") == ["alone"]


def test_cycles_and_self_loops_end(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "new.db") as tracker:
        for earlier, later in ["ab", "bc", "ca", "aa"]:
            tracker.add_source(later, earlier, "out")
    lines = tree_of(str(tmp_path / "new.db"), "a")
    assert sum("← b" in line for line in lines) == sum("← c" in line for line in lines) == 1
    assert sum("→ b" in line for line in lines) == sum("→ c" in line for line in lines) == 1
    assert sum("← a" in line for line in lines) == sum("→ a" in line for line in lines) == 2


def test_runs_of_one_name_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "new.db") as tracker:
        tracker.add_source("job://a/train", "job://b/train")
    assert tree_of(str(tmp_path / "new.db"), "job://a/train") == [
        "job://a/train",
        "came from:",
        "└─ (whole run) ← job://b/train [external]",
    ]


def test_a_declared_artifact_is_marked(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "new.db") as tracker:
        tracker.add_metadata("prepare")
        tracker.add_source("train", "prepare", "rows")
    assert "declared" in output("show", "prepare", "--store", str(tmp_path / "new.db"))


def test_a_chain_of_ten_thousand_runs_is_as_many_lines(chain: str) -> None:
    lines = tree_of(chain, "run-09999")
    assert len(lines) == 10_001
    assert lines[2] == "└─ out ← run-09998"
    assert lines[-1].startswith("⋯9998 ")
    assert lines[-1].endswith("└─ out ← run-00000 [external]")
    assert max(map(len, lines)) < 120
    assert len(tree_of(chain, "run-00000")) == 10_001
    assert len(tree_of(chain, "run-05000")) == 10_002


def test_a_ladder_of_two_thousand_rungs_is_two_lines_a_run(tmp_path: Path) -> None:
    path = tmp_path / "ladder.db"
    with GraphTracker(path) as tracker, tracker.batch():
        for earlier, later in pairwise(range(2000)):
            for side in "lr":
                tracker.add_source(f"{side}{later}", f"l{earlier}", "out")
                tracker.add_source(f"{side}{later}", f"r{earlier}", "out")
    lines = tree_of(str(path), "l1999")
    assert len(lines) == 2 + 2 * (2 * 1998 + 1)
    assert max(map(len, lines)) < 120
    assert command("export", "l1999", "--dot", "--store", str(path)).code == 0


_BRANCH = re.compile(r"^(?:⋯ *\d+ )?(?:[│ ] {2})*(?:[├└]─ )?")
_MARKS = re.compile(r"(?: \[[a-z ,]+\])?(?: \(above\))?$")


def sections(lines: list[str]) -> dict[str, list[str]]:
    """Heading → its lines without branches and marks, one for each of the artifacts that a line names together."""
    found: dict[str, list[str]] = {}
    inside: list[str] = []
    for line in lines[1:]:
        if line in ("came from:", "made:"):
            inside = found.setdefault(line, [])
        else:
            names, *end = re.split("(?= [←→] )", _MARKS.sub("", _BRANCH.sub("", line)))
            inside += ["".join([name, *end]) for name in names.split(", ")]
    return found


def expected_sections(lineage: Lineage, start: str) -> dict[str, list[str]]:
    """Every source of the start and of its ancestors once; every product of it and of its descendants once.

    A consumer that names artifacts of a run has said which it meant: the whole run is not told beside them.
    """
    names = Counter(run.name for run in lineage.runs.values())
    word = {run_id: run.name if names[run.name] == 1 else run_id for run_id, run in lineage.runs.items()}
    above = {start, *lineage.ancestors()}
    below = {start, *lineage.descendants()}
    used = {(source.source_run_id, source.artifact_name) for source in lineage.sources}
    choosy = {(source.run_id, source.source_run_id) for source in lineage.sources if source.artifact_name is not None}
    named = {
        source: source.artifact_name or "(whole run)"
        for source in lineage.sources
        if source.artifact_name is not None or (source.run_id, source.source_run_id) not in choosy
    }
    came = [f"{name} ← {word[source.source_run_id]}" for source, name in named.items() if source.run_id in above]
    made = [f"{name} → {word[source.run_id]}" for source, name in named.items() if source.source_run_id in below]
    made += [name for run_id, name in lineage.artifacts if (run_id, name) not in used and run_id in below]
    asked = {"came from:": came if lineage.direction != "downstream" else []}
    asked["made:"] = made if lineage.direction != "upstream" else []
    return {heading: lines for heading, lines in asked.items() if lines}


@STORE_PER_EXAMPLE
@given(histories)
def test_every_link_of_the_answer_stands_in_the_tree_once(facts: list[Fact]) -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, facts)
        for start in tracker.graph().runs:
            for question in ({}, {"direction": "upstream"}, {"direction": "downstream"}, {"depth": 1}, {"max_runs": 2}):
                lineage = tracker.lineage(start, **question)  # type: ignore[arg-type]
                found = sections(list(tree(lineage)))
                expected = expected_sections(lineage, start)
                assert {heading: Counter(lines) for heading, lines in found.items()} == {
                    heading: Counter(lines) for heading, lines in expected.items()
                }


@STORE_PER_EXAMPLE
@given(histories)
def test_every_run_of_an_artifacts_lineage_stands_in_its_tree(facts: list[Fact]) -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, facts)
        for run_id, name in tracker.graph().artifacts:
            lineage = tracker.lineage(run_id, artifact_name=name)
            names = Counter(item.name for item in lineage.runs.values())
            words = {item.name if names[item.name] == 1 else item.run_id for item in lineage.runs.values()}
            lines = list(tree(lineage))
            told = {line.split(arrow)[1] for line in map(_bare, lines[1:]) for arrow in "←→" if arrow in line}
            assert words <= {word.strip() for word in told} | {_bare(lines[0]).partition(" of ")[2]}


def _bare(line: str) -> str:
    return _MARKS.sub("", line)


# -- demo --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def suggested(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.startswith("  graphtracker ")]


def test_demo_records_draws_and_suggests_commands_that_work(empty: Path, dot: str) -> None:
    done = run(empty, "graphtracker", "demo")
    assert done.stderr == ""
    assert {item.name for item in empty.iterdir()} == {f"graphtracker-demo.{kind}" for kind in ("db", "dot", "svg")}
    with GraphTracker(empty / "graphtracker-demo.db") as tracker:
        assert len(tracker.run_ids()) == 6
        assert (empty / "graphtracker-demo.dot").read_text() == tracker.lineage(START).to_dot()
    commands = suggested(done.stdout)
    assert len(commands) >= 5
    for each in commands:
        tried = run(empty, "sh", "-c", each)
        assert tried.stdout
        assert tried.stderr == ""


def test_demo_shows_the_tree_that_lineage_prints(empty: Path) -> None:
    done = run(empty, "graphtracker", "demo")
    tree = run(empty, "graphtracker", "--store", "graphtracker-demo.db", "lineage", "fine-tune-h8rc").stdout
    assert tree in done.stdout


def test_demo_run_twice_gives_a_second_store(empty: Path) -> None:
    run(empty, "graphtracker", "demo")
    before = (empty / "graphtracker-demo.db").read_bytes()
    second = run(empty, "graphtracker", "demo")
    assert (empty / "graphtracker-demo.db").read_bytes() == before
    assert (empty / "graphtracker-demo-2.db").exists()
    assert all("graphtracker-demo-2.db" in each for each in suggested(second.stdout))


def test_demo_into_a_named_store_refuses_one_that_is_there(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(empty)
    output("demo", "--store", "mine.db")
    before = {item: item.read_bytes() for item in empty.iterdir()}
    assert "mine.db" in failure(2, "demo", "--store", "mine.db")
    assert "mine.db" in failure(2, "--store", "mine.db", "demo")
    assert {item: item.read_bytes() for item in empty.iterdir()} == before


@pytest.mark.parametrize("store", ["a b.db", "$HOME's.db", "sqlite:///mine.db"])
def test_demo_takes_any_store_file_and_its_commands_can_be_pasted(store: str, empty: Path) -> None:
    done = run(empty, "graphtracker", "demo", "--store", store)
    commands = suggested(done.stdout)
    assert len(commands) >= 5
    for each in commands:
        assert run(empty, "sh", "-c", each).stdout


def test_demo_without_graphviz_writes_the_dot_and_says_so(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.chdir(empty)
    text = output("demo")
    assert "install" in text
    assert {item.name for item in empty.iterdir()} == {"graphtracker-demo.db", "graphtracker-demo.dot"}


# -- doctor ------------------------------------------------------------------------------------------------------------


def findings(store: str, code: int) -> list[dict[str, Any]]:
    done = command("doctor", "--json", "--store", store)
    assert done.code == code
    assert bool(done.err) == bool(code)
    found: list[dict[str, Any]] = json.loads(done.out)
    return found


def test_doctor_finds_a_good_store_well(store: str) -> None:
    found = {item["subject"]: item["fact"] for item in findings(store, 0)}
    assert graphtracker.__version__ in found["graphtracker"]
    assert (found["runs"], found["external runs"], found["sources"]) == (4, 1, 6)
    assert all(item["ok"] is not False for item in findings(store, 0))
    assert "BAD" not in output("doctor", "--store", store)


def test_doctor_says_what_is_missing_on_the_path(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "install graphviz" in output("doctor", "--store", store)


def test_doctor_says_that_there_is_no_store_and_makes_none(tmp_path: Path) -> None:
    [bad] = [item for item in findings(str(tmp_path / "none.db"), 3) if item["ok"] is False]
    assert "none.db" in bad["fact"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (not_a_database, "name another file"),
        (foreign, "another program"),
        (newer, "install a newer graphtracker"),
        (Path.mkdir, "folder"),
        (damaged, "recover"),
    ],
    ids=["not a database", "foreign", "newer", "folder", "damaged"],
)
def test_doctor_says_what_is_wrong_and_what_to_do(make: Any, advice: str, tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    make(path)
    before = None if path.is_dir() else path.read_bytes()
    [bad] = [item for item in findings(str(path), 3) if item["ok"] is False]
    assert advice in bad["fact"]
    assert "lineage.db" in bad["fact"]
    assert "\n" not in bad["fact"]  # a finding is one line
    done = command("doctor", "--store", str(path))
    assert "BAD" in done.out
    assert (None if path.is_dir() else path.read_bytes()) == before


def test_doctor_says_what_keeps_a_good_store_from_being_written(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "network_file_system", lambda path: "nfs4")
    [bad] = [item for item in findings(store, 3) if item["ok"] is False]
    assert bad["subject"] == "writable"
    assert "nfs4" in bad["fact"]


def test_doctor_says_that_the_default_stores_folder_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file" / "data"))
    done = command("doctor")
    assert done.code == 3
    assert "cannot be made" in done.out


def test_doctor_in_a_real_process_ends_with_3(tmp_path: Path) -> None:
    not_a_database(tmp_path / "notes.txt")
    done = run(tmp_path, "graphtracker", "doctor", "--store", "notes.txt", code=3)
    assert "notes.txt" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_console_script_stands_beside_this_python() -> None:
    assert shutil.which("graphtracker", path=str(Path(sys.executable).parent))


# -- files that stay ---------------------------------------------------------------------------------------------------


def test_export_writes_over_no_store(store: str) -> None:
    before = Path(store).read_bytes()
    assert "maybe a store" in failure(2, "export", "--dot", "-o", store, "--store", store)
    assert Path(store).read_bytes() == before


def test_a_format_and_a_suffix_that_contradict_each_other_are_usage(store: str, tmp_path: Path) -> None:
    said = failure(2, "export", "--dot", "-o", str(tmp_path / "picture.svg"), "--store", store)
    assert "is named like svg, but dot is asked for" in said
    assert not (tmp_path / "picture.svg").exists()


def test_the_command_is_a_module_too(store: str) -> None:
    done = run(Path(store).parent, sys.executable, "-m", "graphtracker", "runs", "--store", store)
    assert done.stdout == output("runs", "--store", store)
