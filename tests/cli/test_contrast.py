"""`contrast` prints what the library answers: the best lines first, as many as people read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.command import command, failure, output
from tests.support.hostile import HOSTILE, obeyed
from tests.support.terminal import STYLE, cells, on_a_terminal, plain


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Two weeks of a pipeline in small: of two cleanings that kept duplicates three trainings each, of four others."""
    path = str(tmp_path / "weeks.db")
    with GraphTracker(path) as tracker, tracker.batch() as batch:
        for day in range(6):
            dedupe = day not in (2, 3)
            where = f"/d/{'one' if dedupe else 'two'}.parquet"
            batch.record(f"a://x/clean-{day}", metadata={"dedupe": dedupe, "n": day}, artifacts={"rows": where})
            for number in range(3):
                metadata = {"lr": [0.1, 0.01, 0.001][number], "loss": 0.3 if dedupe else 0.7}
                run_id = f"a://x/train-{day}{number}"
                batch.record(run_id, metadata=metadata, sources=[(f"a://x/clean-{day}", "rows")])
    return path


FILTERS = ["--bad-where", "loss > 0.5", "--good-where", "loss <= 0.5"]
COMPARED = "distinguishable causes were compared; p is Fisher's exact test, one-sided, not corrected for that"


def test_the_best_lines_come_first_with_how_many_bear_them(store: str) -> None:
    done = command("contrast", *FILTERS, "--store", store)
    assert done.code == 0
    assert done.out.splitlines() == [
        "bad  good      p  what they share upstream",
        "6/6  0/12  5e-05  dedupe = False, path /d/two.parquet",
        "3/6  0/12  0.025  clean-2, rows of clean-2, n = 2",
        "3/6  0/12  0.025  clean-3, rows of clean-3, n = 3",
        f"6 {COMPARED}",
    ]
    assert done.err == "graphtracker: 3 more are no better; --all prints them\n"


def test_all_prints_every_line(store: str) -> None:
    lines = output("contrast", "--all", *FILTERS, "--store", store).splitlines()
    assert len(lines) == 1 + 6 + 1
    assert lines[4:7] == [f"2/6  4/12  0.694  own lr = {lr}" for lr in ("0.001", "0.01", "0.1")]


def test_runs_are_named_or_match_or_both(store: str) -> None:
    named = ["--bad=train-20", "--bad=train-30", "--good=train-00", "--good=train-10"]
    assert command("contrast", *named, "--store", store).out.splitlines()[1] == (
        "2/2   0/2  0.167  own loss = 0.7, dedupe = False, path /d/two.parquet"
    )
    both = ["--bad=train-20", "--bad-where=loss == 0.7 and lr == 0.01", "--good-where=n"]
    assert json.loads(command("contrast", *both, "--json", "--store", store).out)["bad"] == [
        *(f"a://x/train-{each}" for each in ("20", "31", "21")),
    ]


def test_json_is_what_the_library_answers(store: str) -> None:
    with GraphTracker(store) as tracker:
        expected = tracker.contrast(bad_where="loss > 0.5", good_where="loss <= 0.5", depth=1, ignore="n").to_dict()
    asked = [*FILTERS, "--depth=1", "--ignore=n", "--json"]
    assert json.loads(output("contrast", *asked, "--store", store)) == expected
    assert list(expected) == ["bad", "good", "compared", "complete", "reasons", "explanations"]


def test_it_ends_with_one_unless_the_best_line_has_all_bad_runs_and_no_good_one(store: str) -> None:
    assert command("contrast", "--bad=train-20", "--bad=train-21", "--good=train-22", "--store", store).code == 1
    assert command("contrast", "--bad=train-20", "--bad=train-00", "--good=train-10", "--store", store).code == 1
    assert command("contrast", "--bad=train-20", "--good=train-10", "--store", store).code == 0
    none = command("contrast", "--bad=clean-0", "--bad=clean-2", "--store", store)
    assert (none.code, none.out, none.err) == (1, "", "graphtracker: no two of the bad runs share anything\n")


def test_without_good_runs_it_is_how_many_bear_it(store: str) -> None:
    assert output("contrast", "--bad=train-20", "--bad=train-21", "--ignore=loss", "--store", store).splitlines() == [
        "bad  what they share upstream",
        "2/2  clean-2, rows of clean-2, dedupe = False, n = 2, path /d/two.parquet",
        "1 distinguishable cause was compared; without good runs there is no p: those that most bad runs share come "
        "first",
    ]


def test_a_filter_that_matches_nothing_says_what_is_near(store: str) -> None:
    said = failure(2, "contrast", "--bad-where=lsos > 0.5", "--store", store)
    assert said.splitlines()[0] == "graphtracker: no run has the key 'lsos'; near it: 'loss'"
    assert "there is no bad run" in said
    said = failure(2, "contrast", "--bad-where=loss > 0.5", "--good-where=los < 1", "--store", store)
    assert said.splitlines()[0] == "graphtracker: no run has the key 'los'; near it: 'loss'"
    assert "no run matches good_where" in said


def test_a_run_on_both_sides_is_usage(store: str) -> None:
    assert "'a://x/train-20' is both bad and good" in failure(
        2, "contrast", *FILTERS, "--good=train-20", "--store", store
    )
    assert "there is no bad run" in failure(2, "contrast", "--store", store)


def test_a_cut_answer_says_so(store: str) -> None:
    done = command("contrast", *FILTERS, "--depth=0", "--store", store)
    assert done.err.splitlines()[-1] == "graphtracker: this is not the whole lineage: cut by depth"
    assert "not whole, cut by depth" in failure(1, "contrast", *FILTERS, "--depth=0", "--strict", "--store", store)


def test_several_runs_of_one_name_are_refused_unless_the_latest_is_asked_for(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_source("b://x/train-20", "a://x/clean-2", "rows")
    assert "several runs" in failure(2, "contrast", "--bad=train-20", "--store", store)
    found = json.loads(output("contrast", "--bad=train-20", "--latest", "--json", "--store", store))
    assert found["bad"] == ["b://x/train-20"]


# -- on a terminal -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [50, 80, 200])
def test_lines_go_on_below_themselves_on_a_terminal(columns: int, store: str, tmp_path: Path) -> None:
    written = on_a_terminal(tmp_path, "graphtracker", "contrast", "--store", store, *FILTERS, columns=columns)
    heading, *lines = written.splitlines()
    assert STYLE.sub("", heading) != heading
    shown = [line for line in map(plain, lines) if not line.startswith("graphtracker:")]
    assert all(cells(line) <= columns for line in shown)
    assert " ".join(" ".join(shown).split()) == " ".join(
        command("contrast", *FILTERS, "--store", store).out.split()[7:]
    )


@pytest.mark.parametrize("columns", [30, 80])
@pytest.mark.parametrize("text", [HOSTILE[name] for name in ("ANSI colour", "wide", "right to left", "4,000 bytes")])
def test_hostile_text_fits_and_acts_on_nothing(text: str, columns: int, tmp_path: Path) -> None:
    store = str(tmp_path / "hostile.db")
    with GraphTracker(store) as tracker:
        tracker.add_artifact(text, text, text, {text: text})
        tracker.add_metadata(text, **{text: text})
        tracker.add_source("train", text, text)
    written = plain(
        on_a_terminal(tmp_path, "graphtracker", "contrast", "--store", store, "--bad", "train", columns=columns)
    )
    assert not obeyed(written)
    lines = [line for line in written.splitlines() if not line.startswith("graphtracker:")]
    assert all(cells(line) <= columns for line in lines)
    assert len(lines) >= 3
