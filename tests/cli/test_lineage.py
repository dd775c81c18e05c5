"""`lineage` prints a tree of what a run came from and what was made of it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from graphtracker import GraphTracker
from tests.support.command import command, remark


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
    remark("add-metadata", "alone", "--store", store)
    assert tree_of(store, "alone") == ["alone"]


def test_cycles_and_self_loops_end(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "new.db") as tracker:
        for earlier, later in pairwise("abcaa"):
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


def test_a_chain_of_ten_thousand_runs_is_as_many_lines(chain: str) -> None:
    lines = tree_of(chain, "run-09999", "--all")
    assert len(lines) == 10_001
    assert lines[2] == "└─ out ← run-09998"
    assert lines[-1].startswith("⋯9998 ")
    assert lines[-1].endswith("└─ out ← run-00000 [external]")
    assert max(map(len, lines)) < 120
    assert len(tree_of(chain, "run-00000", "--all")) == 10_001
    assert len(tree_of(chain, "run-05000", "--all")) == 10_002


def test_what_is_left_out_is_said_and_printed_where_all_is_asked_for(chain: str) -> None:
    shown = command("lineage", "run-09999", "--store", chain)
    assert len(shown.out.splitlines()) == 2 + 200
    assert shown.err == "graphtracker: left out: 9,799 of 10,000 runs; --all prints all\n"
    assert command("lineage", "run-09999", "--all", "--store", chain).err == ""


def test_a_sweep_is_one_line_unless_each_run_is_asked_for(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "new.db") as tracker:
        for number in range(30):
            tracker.record(f"train-{number:02}", metadata={"lr": number / 100}, sources=["clean"])
    store = str(tmp_path / "new.db")
    assert tree_of(store, "clean")[2:] == ["└─ (whole run) → train-… \u00d7 30  (lr 0 … 0.29)"]
    assert tree_of(store, "clean", "--expand")[-1] == "└─ … and 11 more runs"
    assert tree_of(store, "clean", "--expand", "--all")[-1] == "└─ (whole run) → train-29"


def test_the_tree_is_that_of_the_library(store: str) -> None:
    with GraphTracker(store) as tracker:
        assert "\n".join(tree_of(store, "prepare-k1")) == tracker.lineage(tracker.find_run("prepare-k1")).tree()


def test_a_ladder_of_two_thousand_rungs_is_two_lines_a_run(tmp_path: Path) -> None:
    path = tmp_path / "ladder.db"
    with GraphTracker(path) as tracker, tracker.batch() as batch:
        for earlier, later in pairwise(range(2000)):
            for side in "lr":
                batch.add_source(f"{side}{later}", f"l{earlier}", "out")
                batch.add_source(f"{side}{later}", f"r{earlier}", "out")
    lines = tree_of(str(path), "l1999", "--all")
    assert len(lines) == 2 + 2 * (2 * 1998 + 1)
    assert max(map(len, lines)) < 120
    assert command("export", "l1999", "--dot", "--store", str(path)).code == 0
