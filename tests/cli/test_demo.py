"""`demo` records, draws, and suggests commands that work."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

import pytest

from graphtracker import GraphTracker
from graphtracker.cli.demo_pipeline import START, record_demo
from tests.support.command import failure, output
from tests.support.tools import run

END = datetime(2026, 3, 15, 2, 30, tzinfo=timezone.utc)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


class Shown(NamedTuple):
    """A folder in which the demo was run, and what that said."""

    folder: Path
    out: str


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder = tmp_path_factory.mktemp("shown")
    done = run(folder, "graphtracker", "demo")
    assert done.stderr == ""
    return Shown(folder, done.stdout)


def suggested(text: str) -> list[str]:
    """The commands below the questions; which program they start is for the test to say."""
    _, _, lines = text.partition("Next, try:\n")
    return [line.strip() for line in lines.splitlines() if line.startswith("  ")]


def asked(folder: Path, command: str) -> str:
    """What a command that is pasted into a shell answers; a difference that it finds ends it with 1."""
    return run(folder, "sh", "-c", f"{command} || test $? -eq 1").stdout


def test_demo_records_draws_and_suggests_commands_that_work(shown: Shown, dot: str) -> None:
    files = {item.name for item in shown.folder.iterdir()}
    assert files == {f"graphtracker-demo.{kind}" for kind in ("db", "dot", "svg")}
    with GraphTracker(shown.folder / "graphtracker-demo.db") as tracker:
        assert f", {len(tracker.run_ids())} runs, " in shown.out
        assert (shown.folder / "graphtracker-demo.dot").read_text(encoding="utf-8") == tracker.lineage(START).to_dot()
    commands = suggested(shown.out)
    assert len(commands) >= 5
    for each in commands:
        assert asked(shown.folder, each), each


@pytest.mark.parametrize("called", ["../an environment/bin/graphtracker", "{absolute}", "{python} -m graphtracker"])
def test_what_is_not_on_the_path_is_suggested_as_it_was_called(called: str, empty: Path) -> None:
    programs = empty.parent / "an environment" / "bin"
    programs.parent.mkdir()
    programs.symlink_to(Path(sys.executable).parent)
    called = called.format(absolute=programs / "graphtracker", python=sys.executable)
    words = called.split(" ") if " -m " in called else [called]
    elsewhere = {"PATH": os.defpath}
    commands = suggested(run(empty, *words, "demo", env=elsewhere).stdout)
    assert len(commands) >= 5
    for each in commands:
        assert each.startswith(f"{shlex.join(words)} --store ")
    assert run(empty, "sh", "-c", commands[0], env=elsewhere).stdout


def test_what_is_on_the_path_is_suggested_by_its_name(shown: Shown, empty: Path) -> None:
    own = Path(sys.executable).parent / "graphtracker"
    others = [run(empty, called, "demo").stdout for called in (own, os.path.relpath(own, empty.resolve()))]
    for commands in map(suggested, (shown.out, *others)):
        assert len(commands) >= 5
        assert all(each.startswith("graphtracker --store ") for each in commands)


def test_demo_shows_the_tree_that_lineage_prints(shown: Shown) -> None:
    assert output("--store", str(shown.folder / "graphtracker-demo.db"), "lineage", "train-x7mw") in shown.out


def test_demo_is_told_on_one_screen_and_its_questions_on_another(shown: Shown) -> None:
    lines = shown.out.splitlines()
    questions = lines.index("Next, try:")
    assert max(questions, len(lines) - questions) <= 30
    assert max(map(len, lines[:questions])) <= 80


def test_demo_run_twice_gives_a_second_store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(empty)
    output("demo")
    before = (empty / "graphtracker-demo.db").read_bytes()
    second = output("demo")
    assert (empty / "graphtracker-demo.db").read_bytes() == before
    assert (empty / "graphtracker-demo-2.db").exists()
    assert all("graphtracker-demo-2.db" in each for each in suggested(second))


def test_demo_into_a_named_store_refuses_one_that_is_there(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(empty)
    output("demo", "--store", "mine.db")
    before = {item: item.read_bytes() for item in empty.iterdir()}
    assert "mine.db" in failure(2, "demo", "--store", "mine.db")
    assert "mine.db" in failure(2, "--store", "mine.db", "demo")
    assert {item: item.read_bytes() for item in empty.iterdir()} == before


@pytest.mark.parametrize("store", ["a b.db", "$HOME's.db", "sqlite:///mine.db"])
def test_demo_takes_any_store_file_and_its_commands_can_be_pasted(
    store: str, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(empty)
    assert asked(empty, suggested(output("demo", "--store", store))[0])


@pytest.mark.usefixtures("no_pygraphviz")
def test_demo_without_graphviz_writes_the_dot_and_says_so(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.chdir(empty)
    text = output("demo")
    assert "No graphtracker-demo.svg: drawing needs Graphviz: pip install 'graphtracker[draw]'" in text
    assert {item.name for item in empty.iterdir()} == {"graphtracker-demo.db", "graphtracker-demo.dot"}


# -- the story that the questions find out -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded() -> GraphTracker:
    tracker = GraphTracker(":memory:")
    record_demo(tracker, END)
    return tracker


def named(tracker: GraphTracker, *names: str) -> list[str]:
    return [tracker.find_run(name) for name in names]


def names(run_ids: Iterable[str]) -> list[str]:
    return [run_id.rpartition("/")[2] for run_id in run_ids]


def test_the_history_is_two_weeks_that_end_now(recorded: GraphTracker) -> None:
    runs = [recorded.run(run_id) for run_id in recorded.run_ids()]
    assert timedelta(days=13) <= END - min(run.created_at for run in runs) <= timedelta(days=14)
    assert max(run.updated_at for run in runs if run.updated_at is not None) == END
    assert recorded.lineage(START).complete


def test_every_job_is_remembered_by_who_started_it_how_and_what_became_of_it(recorded: GraphTracker) -> None:
    contexts = [recorded.run(run_id).context for run_id in recorded.run_ids()]
    assert all(str(context["command"]).startswith("python ") and context["user"] for context in contexts)
    assert [context["status"] for context in contexts if context["status"] != "succeeded"] == [
        "failed: torch.OutOfMemoryError"
    ]


def test_what_a_good_and_a_bad_training_differ_in_first_is_the_cleaning(recorded: GraphTracker) -> None:
    (origin,) = recorded.diff(*named(recorded, "train-x7mw", "train-p2qd")).origins
    assert (*names([origin.run_id, origin.other_run_id]), dict(origin.metadata)) == (
        "clean-k3v9",
        "clean-p8s1",
        {"dedupe": (True, False)},
    )


def test_what_the_bad_trainings_share_is_that_cleaning(recorded: GraphTracker) -> None:
    bad, good = recorded.runs(where="loss > 0.5"), recorded.runs(where="loss <= 0.5")
    best, second = recorded.contrast(bad, good, ignore=["loss"]).explanations[:2]
    assert (best.bad, best.good) == (len(bad), 0) == (6, 0)
    assert "clean-p8s1" in names(node for node in best.nodes if isinstance(node, str))
    assert second.p > 0.05


def test_the_bad_cleaning_reached_what_is_deployed(recorded: GraphTracker) -> None:
    affected = names(row.run_id for row in recorded.impact(*named(recorded, "clean-p8s1")).runs)
    assert {"train-p2qd", "train-z5oq", "select-r6dy", "deploy-n6bf"} < set(affected)
    assert "train-x7mw" not in affected
    assert recorded.between(*named(recorded, "clean-p8s1", "deploy-n6bf")).runs


def test_one_file_was_written_anew_after_it_was_used(recorded: GraphTracker) -> None:
    for staleness in (recorded.stale(*named(recorded, "deploy-n6bf")), recorded.stale()):
        (use,) = staleness.uses
        told = names([use.run_id, use.source_run_id, use.renewed_by[0]])
        assert told == ["fine-tune-h8rc", "slang-e7zd", "slang-y4pk"]


def test_one_training_is_a_replica_of_another(recorded: GraphTracker) -> None:
    one, same, other = recorded.fingerprints(named(recorded, "train-x7mw", "train-b5ga", "train-g5hd"))
    assert one == same != other
