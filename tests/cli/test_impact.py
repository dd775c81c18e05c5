"""`impact` lists what was made from something, as it can be made again, and what each was started with."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker
from tests.support.command import command, failure, output
from tests.support.hostile import HOSTILE, obeyed
from tests.support.recording import remember
from tests.support.remembered import record_remembered
from tests.support.small_pipeline import LARGE, MODEL, PREPARE, ROWS, SMALL
from tests.support.terminal import cells, on_a_terminal, plain


def impact(*arguments: str, store: str) -> str:
    return output("impact", *arguments, "--store", store)


def test_a_run_is_a_line_with_its_distance_and_whether_it_ends(store: str) -> None:
    assert impact("prepare", store=store) == (
        "1  train-l3\n"
        "1  train-s2\n"
        "1  evaluate-m4  [end]\n"
        "3 runs were made from prepare-k1 (1 of them ends)\n"
    )  # fmt: skip
    assert impact("train-l3", store=store) == "1  evaluate-m4  [end]\n1 run was made from train-l3\n"
    assert impact("evaluate", store=store) == "no run was made from evaluate-m4\n"


def test_it_is_asked_of_an_artifact_or_of_all_that_lay_at_a_path(store: str, opened: GraphTracker) -> None:
    assert impact("prepare", "--artifact", "rows", store=store).endswith("\n2  evaluate-m4  [end]\n"
        "3 runs were made from rows of prepare-k1 (1 of them ends)\n")  # fmt: skip
    assert impact("--path", ROWS, store=store) == impact("prepare", "--artifact", "rows", store=store)
    opened.add_artifact("prepare-k2", "rows", ROWS)
    opened.add_source("train-x1", "prepare-k2", "rows")
    lines = impact("--path", ROWS, store=store).splitlines()
    assert "1  train-x1     [end]" in lines
    assert lines[-1] == "4 runs were made from the 2 artifacts at /lab/rows.parquet (2 of them ends)"


def test_how_a_run_ended_is_said(tmp_path: Path) -> None:
    store = str(tmp_path / "remembered.db")
    with GraphTracker(store) as tracker:
        record_remembered(tracker)
    lines = impact("prepare", store=store).splitlines()
    assert [line.split("  ")[-1].strip() for line in lines[:-1]] == [
        "[failed: torch.OutOfMemoryError, end]",
        "[running, end]",
        "[forgotten]",
        "[succeeded]",
        "[end]",
    ]


def test_a_filter_keeps_lines_and_says_so(store: str) -> None:
    assert impact("prepare", "--where", "lr < 0.05", store=store) == (
        "1  train-l3\n1 run that matches was made from prepare-k1\n"
    )
    assert impact("prepare", "--where", "lr", store=store).endswith("2 runs that match were made from prepare-k1\n")
    done = command("impact", "prepare", "--where", "rl < 0.05", "--store", store)
    assert (done.code, done.out) == (0, "no run that matches was made from prepare-k1\n")
    assert "no run has the key 'rl'" in done.err


def test_the_exit_code_says_whether_anything_was_made_if_that_is_asked(store: str) -> None:
    assert command("impact", "prepare", "--exit-code", "--store", store).code == 1
    assert command("impact", "evaluate", "--exit-code", "--store", store).code == 0
    assert command("impact", "prepare", "--exit-code", "--where", "lr > 5", "--store", store).code == 0
    assert command("impact", "prepare", "--exit-code", "--depth", "0", "--store", store).code == 1


def test_a_cut_answer_says_so(store: str) -> None:
    done = command("impact", "--path", ROWS, "--depth", "1", "--store", store)
    assert done.out.splitlines() == ["1  train-l3", "1  train-s2", "2 runs were made from rows of prepare-k1"]
    assert "cut by depth" in done.err
    assert command("impact", "prepare", "--max-runs", "2", "--store", store).out.startswith("1  evaluate-m4")
    assert "not whole" in failure(1, "impact", "prepare", "--depth", "0", "--strict", "--store", store)
    done = command("impact", "prepare", "--as-of", "2026-01-01T01:30", "--store", store)
    assert (done.out.splitlines()[0], done.err) == ("1  train-s2  [end]", "graphtracker: as of 2026-01-01 01:30:00Z\n")


def test_what_is_not_there_is_said_as_by_lineage(store: str) -> None:
    assert "no artifact was logged at '/nowhere'" in failure(1, "impact", "--path", "/nowhere", "--store", store)
    assert "near it" in failure(1, "impact", "train-l4", "--store", store)
    failure(1, "impact", "prepare", "--artifact", "nothing", "--store", store)
    failure(2, "impact", "--store", store)
    failure(2, "impact", "prepare", "--path", ROWS, "--store", store)
    failure(2, "impact", "--path", ROWS, "--artifact", "rows", "--store", store)
    failure(2, "impact", "prepare", "--json", "--commands", "--store", store)


def test_impact_as_json_is_what_the_library_answers(store: str, opened: GraphTracker) -> None:
    assert json.loads(impact("prepare", "--json", store=store)) == opened.impact(PREPARE).to_dict()
    assert json.loads(impact("--path", MODEL, "--json", store=store)) == opened.impact(path=MODEL).to_dict()


# -- commands ----------------------------------------------------------------------------------------------------------


def test_commands_are_a_plan_in_an_order_in_which_runs_can_be_made(store: str) -> None:
    started = "python train.py --name 'first try'"
    remember(store, SMALL, directory="/home/ada/my work", command=started, host="node7", commit="5eba", dirty=True)
    remember(store, LARGE, command="python train.py --token ***")
    assert impact("prepare", "--commands", store=store).splitlines() == [
        "# train-l3",
        "# has secrets that are not kept: 'python train.py --token ***'",
        "# train-s2 on node7 at commit 5eba dirty",
        "cd '/home/ada/my work' && python train.py --name 'first try'",
        "# evaluate-m4",
        "# is not known to have been started by a command",
    ]
    assert command("impact", "evaluate", "--commands", "--store", store).out == ""


def test_a_command_that_started_several_runs_is_there_once_at_the_first_of_them(tmp_path: Path) -> None:
    store = str(tmp_path / "sweep.db")
    how: dict[str, Any] = {"directory": "/lab", "command": "python sweep.py", "host": "node7"}
    others: list[dict[str, Any]] = [
        {**how, "directory": "/other"},
        {**how, "command": "python sweep.py --more"},
        {**how, "host": "node8"},
        {**how, "commit": "5eba"},
    ]
    with GraphTracker(store) as tracker:
        for run_id in ["a", "it's b", "z", *(f"other-{number}" for number in range(len(others)))]:
            tracker.add_source(run_id, "start")
        tracker.add_source("report", "a")
        tracker.add_source("z", "report")
    for run_id in ("a", "it's b", "z"):
        remember(store, run_id, **how)
    for number, context in enumerate(others):
        remember(store, f"other-{number}", **context)
    remember(store, "report", directory="/lab", command="python report.py")
    lines = impact("start", "--commands", store=store).splitlines()
    assert lines[:2] == ["# a, 'it'\"'\"'s b', z on node7", "cd /lab && python sweep.py"]
    assert lines[2::2] == [
        "# other-0 on node7",
        "# other-1 on node7",
        "# other-2 on node8",
        "# other-3 on node7 at commit 5eba",
        "# report",
    ]


@pytest.mark.parametrize("started", ["python train.py --token ***", "python train.py --lr 0.1 --mod…", ""])
def test_of_a_command_that_is_not_whole_nobody_knows_whether_it_is_another_s(started: str, tmp_path: Path) -> None:
    store = str(tmp_path / "cut.db")
    with GraphTracker(store) as tracker:
        tracker.add_source("a", "start")
        tracker.add_source("b", "start")
    for run_id in ("a", "b"):
        remember(store, run_id, directory="/lab", command=started)
    assert impact("start", "--commands", store=store).splitlines()[::2] == ["# a", "# b"]


ODD_COMMANDS = [
    "touch ran; touch also",
    "touch $(touch ran)",
    "touch `touch ran`",
    "echo x > ran",
    "ran=1",
    "PATH=. ls",
    "if true",
    "while true",
    "echo 'open",
    "echo one\ntouch ran",
    "echo cut off…",
    "! echo",
    "{ touch ran",
    "~/echo",
    "echo *",
    "-echo",
    "  ",
    "\x1b[31mecho",
    "echo & touch ran",
    "echo # no comment",
]


@pytest.mark.parametrize("knows_comments", [True, False])
def test_nothing_in_a_plan_is_more_than_the_words_of_a_command(knows_comments: bool, tmp_path: Path) -> None:
    """Where lines are pasted into zsh, ``#`` is a command as any other."""
    store, folder = str(tmp_path / "plan.db"), tmp_path / "folder"
    texts = [*ODD_COMMANDS, *HOSTILE.values()]
    with GraphTracker(store) as tracker, tracker.batch() as batch:
        for text in texts:
            batch.add_source(text, "start")
    for text in ODD_COMMANDS:
        remember(store, text, command=text, directory="/")
    for text in HOSTILE.values():
        remember(store, text, command=f"touch {text}", directory=text, host=text, commit=text)
    done = command("impact", "start", "--commands", "--store", store)
    assert (done.code, done.err) == (0, "")
    assert not obeyed(done.out)
    lines = done.out.splitlines()
    assert len(lines) == 2 * len(texts)
    folder.mkdir()
    harmless = "ls() { :; }; echo() { :; }; cd() { :; }; touch() { :; }\n"
    told = "\n".join(line if knows_comments else line.replace("#", "true", 1) for line in lines)
    ran = subprocess.run(
        ["bash", "-xf"],
        input=f"{harmless}{told}\ntrue\n",
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert list(folder.iterdir()) == []
    comments = 0 if knows_comments else sum(line.startswith("#") for line in lines)
    assert f"\n{ran.stderr}".count("\n+ true") == comments + 1


def test_on_a_terminal_a_line_is_no_wider_than_it(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "long.db") as tracker:
        for number in range(12):
            tracker.add_source(f"fine-tune-{'漢字' * 20}-{'a' * 60}-{number}", f"{number and f'train-{number}'}", None)
            tracker.add_source(f"train-{number}", "clean", None)
        tracker.add_metadata("short", lr=1)
        tracker.add_source("short", "clean", None)
    lines = plain(on_a_terminal(tmp_path, "graphtracker", "--store", "long.db", "impact", "clean")).splitlines()
    lines = [line.removeprefix("paged:") for line in lines]
    assert max(map(cells, lines)) <= 80
    assert sum("[end]" in line for line in lines) == 13
