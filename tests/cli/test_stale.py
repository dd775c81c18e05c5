"""`stale` says which run used what, where it was written anew, by whom, and how much later."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from graphtracker import GraphTracker, TrackerArtifact, TrackerSource
from tests.support.command import Done, command, failure, output
from tests.support.hostile import HOSTILE, obeyed
from tests.support.small_pipeline import LARGE, PREPARE, ROWS, SMALL
from tests.support.terminal import cells, on_a_terminal, plain

ANEW = datetime(2026, 1, 4, 1, tzinfo=timezone.utc)


@pytest.fixture
def renewed(store: str, opened: GraphTracker) -> str:
    """The pipeline, after its rows were written anew."""
    opened.record("job://lab/prepare-k2", artifacts=[TrackerArtifact("rows", f"file://{ROWS}", None)], at=ANEW)
    return store


def stale(*arguments: str, store: str) -> Done:
    done = command("stale", *arguments, "--store", store)
    assert "Traceback" not in done.err
    return done


def test_a_cause_is_a_sentence_with_the_uses_of_several_below(renewed: str) -> None:
    done = stale(store=renewed)
    assert done == Done(
        1,
        "2 runs used rows of prepare-k1 at /lab/rows.parquet; prepare-k2 wrote it anew later\n"
        "  train-l3  2 d later\n"
        "  train-s2  3 d later\n"
        "2 of 4 uses are out of date; 3 runs are stale\n",
        "",
    )


def test_of_a_run_it_is_said_whether_it_is_stale(renewed: str) -> None:
    assert stale("train-s2", store=renewed).out == (
        "train-s2 used rows of prepare-k1 at /lab/rows.parquet; prepare-k2 wrote it anew 3 d later\n"
        "train-s2 is stale: 1 of 1 use, by it and all that it came from, is out of date\n"
    )
    assert output("stale", "prepare-k2", "--store", renewed) == (
        "prepare-k2 is not stale: 0 uses compared, by it and all that it came from\n"
    )


def test_where_nothing_is_stale_it_ends_well(store: str) -> None:
    assert output("stale", "--store", store) == "nothing is stale: 4 uses compared\n"
    assert json.loads(output("stale", "--json", "--store", store))["stale"] is False


def test_what_was_not_asked_about_is_no_verdict(renewed: str) -> None:
    done = stale("evaluate", "--depth", "0", store=renewed)
    assert done.code == 1
    assert done.out.startswith("evaluate-m4 is not known to be stale: 0 uses compared")
    assert "cut by depth" in done.err
    assert json.loads(stale("evaluate", "--depth", "0", "--json", store=renewed).out)["stale"] is None
    assert "not whole" in failure(1, "stale", "evaluate", "--depth", "0", "--strict", "--store", renewed)
    assert "name one" in failure(2, "stale", "--depth", "1", "--store", renewed)


def test_a_whole_run_is_named_as_such(renewed: str, opened: GraphTracker) -> None:
    opened.record("late", sources=[TrackerSource(PREPARE, None)], at=ANEW - timedelta(minutes=1))
    assert (
        "late used all of prepare-k1 at /lab/rows.parquet; prepare-k2 wrote it anew 1 m later\n"
        in stale("late", store=renewed).out
    )


def test_stale_as_json_is_what_the_library_answers(renewed: str, opened: GraphTracker) -> None:
    done = stale("--json", store=renewed)
    assert (done.code, json.loads(done.out)) == (1, opened.stale().to_dict())
    assert {use["run_id"] for use in json.loads(done.out)["uses"]} == {SMALL, LARGE}


def test_runs_of_one_name_are_told_apart_by_their_ids(store: str, opened: GraphTracker) -> None:
    opened.record("job://b/prepare-k1", artifacts=[TrackerArtifact("rows", ROWS, None)], at=ANEW)
    said = stale("train-s2", store=store).out
    assert f"rows of {PREPARE} at" in said
    assert "; job://b/prepare-k1 wrote" in said


def test_on_a_terminal_a_line_is_no_wider_than_it(tmp_path: Path) -> None:
    place = "/lab/a-very-long-folder/in-a-very-long-folder/with-a-very-long-name/rows-of-all-there-is.parquet"
    with GraphTracker(tmp_path / "long.db") as tracker:
        tracker.add_artifact("clean-k1", "rows", place)
        for number in range(3):
            tracker.add_source(f"train-{number}", "clean-k1", "rows")
        tracker.add_artifact("clean-k2", "rows", place)
    shell = "graphtracker --store long.db stale; true"
    lines = plain(on_a_terminal(tmp_path, "sh", "-c", shell)).splitlines()
    assert len(lines) == 6
    assert max(map(cells, lines)) <= 80
    assert lines[0].startswith("3 runs used rows of clean-k1 at /lab/")
    assert lines[0].endswith(".parquet;")
    assert lines[1] == "  clean-k2 wrote it anew later"


def test_on_a_terminal_the_total_goes_on_below_itself(tmp_path: Path) -> None:
    name = f"train-{'a' * 25}"
    with GraphTracker(tmp_path / "total.db") as tracker:
        tracker.add_artifact("clean-k1", "rows", "/rows")
        tracker.add_source(name, "clean-k1", "rows")
        tracker.add_source("漢字" * 50, "clean-k1", "rows")
        tracker.add_artifact("clean-k2", "rows", "/rows")
    for run in (name, "漢字"):
        shell = f"graphtracker --store total.db stale {run}; true"
        lines = plain(on_a_terminal(tmp_path, "sh", "-c", shell)).splitlines()
        total = next(place for place, line in enumerate(lines) if line.startswith("  ")) + 1  # behind who wrote it anew
        assert len(lines[total:]) >= 2
        assert max(map(cells, lines[total:])) <= 80
        assert "1 of 1 use, by it and all that it came from, is out of date" in " ".join(lines[total:])


def test_a_use_counts_from_when_the_run_first_named_it(renewed: str, opened: GraphTracker) -> None:
    again = "train-again"
    for run_id, days in ((again, -1), (again, 1), ("train-of-its-own-id", 1)):
        opened.record(run_id, sources=[TrackerSource(PREPARE, "rows")], at=ANEW + timedelta(days=days))
    assert stale(again, store=renewed).code == 1
    opened.record("train-later", sources=[TrackerSource("job://lab/prepare-k2", "rows")], at=ANEW + timedelta(days=1))
    assert stale("train-later", store=renewed).code == 0


def test_no_text_is_obeyed(tmp_path: Path) -> None:
    store = str(tmp_path / "hostile.db")
    with GraphTracker(store) as tracker, tracker.batch() as batch:
        for number, text in enumerate(HOSTILE.values()):
            batch.add_artifact(text, text, f"/{number}/{text}")
            batch.add_source(f"consumer {number}", text, text)
            batch.add_artifact(f"again {number}", text, f"/{number}/{text}")
    for asked in ([], ["--json"]):
        done = stale(*asked, store=store)
        assert done.code == 1
        assert not obeyed(done.out + done.err)
    lines = stale(store=store).out.splitlines()
    assert len(lines) - 1 == len(json.loads(done.out)["uses"]) == len(HOSTILE)
