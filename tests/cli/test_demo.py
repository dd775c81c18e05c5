"""`demo` records, draws, and suggests commands that work."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.cli.demo_pipeline import START
from tests.support.command import failure, output
from tests.support.tools import run


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
