"""Each way to end has its exit code and its stream."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import graphtracker
from graphtracker import GraphTracker
from tests.support.command import command, failure, output, plain_environment
from tests.support.small_pipeline import EVALUATE, LARGE
from tests.support.tools import environment, run
from tests.support.unusable_stores import UNUSABLE


@pytest.mark.parametrize(
    "arguments",
    [
        *[["runs"], ["show", "a"], ["lineage", "a"], ["lineage", "--path", "/a"], ["export"], ["export", "a"]],
        *[["doctor"], ["forget", "a"], ["forget", "a", "--yes"], ["prune", "--older-than", "1d", "--yes"]],
    ],
    ids=" ".join,
)
def test_reading_a_missing_store_is_an_error_that_names_it_and_makes_nothing(
    arguments: list[str], tmp_path: Path
) -> None:
    done = command(*arguments, "--store", str(tmp_path / "none.db"))
    assert done.code == 3
    assert "none.db" in done.out + done.err
    assert not list(tmp_path.iterdir())


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


FAILURES = [
    (1, ["show", "nobody"]),
    (1, ["lineage", "nobody"]),
    (1, ["lineage", "--path", "/nowhere"]),
    (1, ["lineage", "evaluate-m4", "--artifact", "nothing"]),
    (1, ["lineage", "evaluate-m4", "--depth", "0", "--strict"]),
    (1, ["export", "evaluate-m4", "--max-runs", "1", "--strict"]),
    (1, ["runs", "--after", "nobody"]),
    (1, ["forget", "nobody"]),
    (1, ["forget", "evaluate-m4", "nobody", "--yes"]),
    (1, ["lineage", "evaluate-m4", "--as-of", "2025-12-31"]),
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
    (2, ["lineage", "evaluate-m4", "--as-of", "yesterday"]),
    (2, ["export", "--as-of", "2262-01-01"]),
    (2, ["runs", "--as-of"]),
    (2, ["forget"]),
    (2, ["forget", "evaluate-m4"]),
    (2, ["prune"]),
    (2, ["prune", "--older-than", "soon"]),
    (2, ["prune", "--older-than", "1d", "--where", "kind ="]),
    (2, ["runs", "--where", "lr < loss"]),
    (2, ["runs", "--sort", "-"]),
    (2, ["runs", "--columns", "lr,,loss"]),
    (2, ["runs", "--columns", "lr", "--json"]),
    (2, ["runs", "--since", "yesterday"]),
    (2, ["find", ""]),
    (2, ["prune", "--older-than", "0m"]),
    (2, ["runs", "--store", "redis://host"]),
    (3, ["runs", "--store", "none.db"]),
    (3, ["add-metadata", "a", "--store", "none/none.db"]),
]


@pytest.mark.parametrize(("code", "arguments"), FAILURES, ids=lambda item: str(item))
def test_a_failure_has_its_exit_code_and_one_message_on_stderr(code: int, arguments: list[str], store: str) -> None:
    assert failure(code, "--store", store, *arguments).strip()


@pytest.mark.parametrize(
    ("code", "arguments"), [FAILURES[0], FAILURES[4], FAILURES[7], FAILURES[10], FAILURES[-2]], ids=str
)
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


@pytest.mark.parametrize(
    ("code", "arguments"),
    [(0, ["--help"]), (0, ["lineage", LARGE, "--depth", "1"]), (0, ["doctor"]), (2, ["nothing"]), (1, ["show", "x"])],
    ids=str,
)
def test_there_is_no_colour_in_a_pipe(code: int, arguments: list[str], store: str, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", "--store", store, *arguments, env=plain_environment(), code=code)
    assert "\x1b" not in done.stdout + done.stderr


NEAREST = {
    "linage": "lineage",
    "doktor": "doctor",
    "Show": "show",
    "add_source": "add-source",
    "list": "runs",
    "log": "runs",
    "ls": "runs",
    "rm": "forget",
    "delete": "forget",
    "search": "find",
    "grep": "find",
    "lst": "runs",
    "tree": "lineage",
    "draw": "export",
    "status": "doctor",
    "version": "--version",
    "help": "--help",
}


@pytest.mark.parametrize(("word", "command_name"), NEAREST.items())
def test_a_word_that_is_no_command_names_the_nearest(word: str, command_name: str) -> None:
    said = failure(2, word, "a")
    assert said.startswith(f"graphtracker: there is no command '{word}'; the nearest is {command_name}\n")


def test_a_word_that_is_near_no_command_is_only_refused() -> None:
    assert "nearest" not in failure(2, "nothing")


@pytest.mark.parametrize("word", ["-x", "--zzz"])
def test_what_begins_like_an_option_and_is_none_is_told_where_it_goes(word: str, store: str) -> None:
    said = failure(2, "show", word, "--store", store)
    assert said.startswith(f"graphtracker: No such option: {word}; an id, a name or a path that begins with - goes ")
    assert said.endswith(" behind --\nSee graphtracker show --help\n")
    assert "behind --" not in failure(2, "show", "a", "--stor", store), "which is near one"
    with GraphTracker(store) as tracker:
        tracker.add_metadata(word)
    assert output("show", "--store", store, "--", word).startswith(f"{word}\n")


def test_without_a_word_it_is_the_help_on_stderr(tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", env=plain_environment(), code=2)
    shown = run(tmp_path, "graphtracker", "--help", env=plain_environment())
    assert (done.stdout, done.stderr) == ("", shown.stdout)


def test_version() -> None:
    assert output("--version") == f"graphtracker {graphtracker.__version__}\n"


@pytest.mark.parametrize("what", ["runs", "lineage run-00000 --all", "export", "export --format json", "runs --json"])
def test_a_reader_that_goes_away_is_no_error(what: str, chain: str, tmp_path: Path) -> None:
    script = f"graphtracker --store {shlex.quote(chain)} {what} | head -1"
    done = run(tmp_path, "sh", "-c", script)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.parametrize("what", ["runs", "export", "lineage run-00000 --all"])
def test_a_reader_that_is_gone_at_once_is_exit_code_0(what: str, chain: str, tmp_path: Path) -> None:
    script = f"graphtracker --store {shlex.quote(chain)} {what} | true; exit ${{PIPESTATUS[0]}}"
    assert run(tmp_path, "bash", "-c", script).stderr == ""


FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


@FULL
@pytest.mark.parametrize("what", ["runs", "export", "show evaluate-m4", "--help", "export --format dot -o /dev/full"])
def test_output_that_cannot_be_written_is_exit_code_2_wherever_it_goes(what: str, store: str, tmp_path: Path) -> None:
    script = f"graphtracker --store {shlex.quote(store)} {what} > /dev/full"
    said = run(tmp_path, "sh", "-c", script, code=2).stderr
    assert said.startswith("graphtracker: cannot write ")
    assert "No space left on device; " in said
    assert said.count("\n") == 1


@FULL
@pytest.mark.parametrize(("what", "code"), [("show nobody", 1), ("runs --nothing", 2), ("runs --store none.db", 3)])
def test_a_message_that_cannot_be_written_keeps_its_exit_code(what: str, code: int, store: str, tmp_path: Path) -> None:
    run(tmp_path, "sh", "-c", f"graphtracker --store {shlex.quote(store)} {what} 2> /dev/full", code=code)


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
            [Path(sys.executable).parent / "graphtracker", "--store", store, *(word.encode() for word in arguments)],
            env=environment(tmp_path, {"PYTHONIOENCODING": encoding}),
            cwd=tmp_path,
            capture_output=True,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout


def test_the_console_script_stands_beside_this_python() -> None:
    assert shutil.which("graphtracker", path=str(Path(sys.executable).parent))


def test_the_command_is_a_module_too(store: str) -> None:
    done = run(Path(store).parent, sys.executable, "-m", "graphtracker", "runs", "--store", store)
    assert done.stdout == output("runs", "--store", store)
