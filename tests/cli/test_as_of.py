"""`--as-of` asks as of an earlier time, says so, and says what that leaves out."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from graphtracker import GraphTracker, Lineage
from tests.support.command import Done, command, failure
from tests.support.recording import remember
from tests.support.small_pipeline import EVALUATE, LARGE, PREPARE, ROWS, SMALL

# Of the pipeline, whose runs are recorded from midnight on, an hour apart.
TEXT = "2026-01-01T01:30"
THEN = datetime(2026, 1, 1, 1, 30, tzinfo=timezone.utc)
SAID = "graphtracker: as of 2026-01-01 01:30:00Z\n"
OVERWRITTEN = "values of which may be missing that were overwritten"


def well(*arguments: str) -> Done:
    done = command(*arguments)
    assert done.code == 0, done
    return done


@pytest.fixture
def overwritten(store: str, opened: GraphTracker) -> str:
    """The pipeline, of which a value was replaced since."""
    opened.record(PREPARE, metadata={"rows": 6}, at=THEN + timedelta(hours=5))
    return store


@pytest.mark.parametrize("text", [TEXT, "2026-01-01 01:30Z", "2026-01-01T03:30:00+02:00"])
def test_lineage_and_export_answer_as_the_library_does(text: str, store: str, opened: GraphTracker) -> None:
    expected = opened.lineage(PREPARE, as_of=THEN)
    assert list(expected.runs) == [PREPARE, SMALL, "s3://data/raw"]
    for asked in (["lineage", "--json"], ["export", "--format", "json"]):
        done = well(*asked, "prepare-k1", "--as-of", text, "--store", store)
        assert Lineage.from_dict(json.loads(done.out)) == expected
        assert done.err == SAID
    assert well("export", PREPARE, f"--as-of={text}", "--store", store).out == expected.to_dot()


def test_a_tree_is_that_of_then(store: str) -> None:
    assert well("lineage", "prepare-k1", "--downstream", "--as-of", TEXT, "--store", store) == Done(
        0, "prepare-k1\nmade:\n└─ rows → train-s2\n   └─ model\n", SAID
    )


def test_the_whole_store_is_exported_as_it_was_then(store: str, opened: GraphTracker) -> None:
    done = well("export", "--json", "--as-of", TEXT, "--store", store)
    answer = Lineage.from_dict(json.loads(done.out))
    assert answer == opened.graph(THEN)
    assert (answer.as_of, set(answer.runs)) == (THEN, {PREPARE, SMALL, "s3://data/raw"})
    assert done.err == SAID


def test_runs_are_those_that_had_reported_then(store: str) -> None:
    done = well("runs", "--json", "--as-of", TEXT, "--store", store)
    assert [item["run_id"] for item in json.loads(done.out)] == [SMALL, PREPARE]
    assert done.err == SAID
    done = well("runs", "--as-of", "2025-12-31", "--store", store)
    assert (done.out, done.err.splitlines()[-1]) == ("", "graphtracker: as of 2025-12-31 00:00:00Z")


@pytest.mark.parametrize("age", [["--as-of", "-7d"], ["--as-of=-7d"], ["--as-of", "168h"], ["--as-of", "1w"]], ids=str)
def test_an_age_is_taken_as_the_value_of_the_option(age: list[str], store: str, opened: GraphTracker) -> None:
    opened.add_source("young", LARGE)
    done = well("runs", "--json", *age, "--store", store)
    assert "young" not in {item["run_id"] for item in json.loads(done.out)}
    assert well("lineage", LARGE, "--downstream", *age, "--store", store).out.count("→") == 1
    assert "young" not in well("export", *age, "--store", store).out


def test_the_time_that_is_said_asks_the_same_again(store: str, opened: GraphTracker) -> None:
    opened.record("fine", at=THEN + timedelta(microseconds=5))
    opened.record("later", at=THEN + timedelta(microseconds=6))
    done = well("runs", "--as-of", "2026-01-01T01:30:00.000005", "--store", store)
    said = done.err.strip().removeprefix("graphtracker: as of ")
    assert said == "2026-01-01 01:30:00.000005Z"
    assert well("runs", "--as-of", said, "--store", store) == done
    assert "fine" in done.out
    assert "later" not in done.out


def test_what_may_have_been_overwritten_is_said_in_plain_words(overwritten: str) -> None:
    for asked in (["lineage", PREPARE], ["export", PREPARE], ["export"]):
        done = well(*asked, "--as-of", TEXT, "--store", overwritten)
        assert done.err == (
            f"{SAID}graphtracker: this is not the whole lineage: without values that may have been overwritten since\n"
        )
    printed = well("export", "--json", "--as-of", TEXT, "--store", overwritten).out
    assert Lineage.from_dict(json.loads(printed)).reasons == {"overwritten"}


def test_runs_that_were_updated_since_are_marked(overwritten: str) -> None:
    done = well("runs", "--as-of", TEXT, "--store", overwritten)
    titles, small, prepare = [line.split("\t") for line in done.out.splitlines()]
    updated = titles.index("updated")
    assert (prepare[0], prepare[updated]) == ("prepare-k1", "since then")
    assert small[updated] == ""
    assert done.err == f"{SAID}graphtracker: 1 run was updated since then, {OVERWRITTEN}\n"
    listed = json.loads(well("runs", "--json", "--as-of", TEXT, "--store", overwritten).out)
    assert [item["updated_at"] is None for item in listed] == [False, True]


@pytest.mark.parametrize("asked", [["lineage", PREPARE], ["export", PREPARE], ["export"]], ids=str)
def test_strict_refuses_what_may_have_been_overwritten(asked: list[str], overwritten: str) -> None:
    said = failure(1, *asked, "--as-of", TEXT, "--strict", "--store", overwritten)
    assert "overwritten since" in said
    assert well(*asked, "--as-of", "2026-01-02", "--strict", "--store", overwritten)


def test_what_nobody_had_named_by_then_is_not_found_and_the_time_is_said(store: str) -> None:
    assert "as of 2026-01-01T01:30" in failure(1, "lineage", EVALUATE, "--as-of", TEXT, "--store", store)
    said = failure(1, "lineage", PREPARE, "--artifact", "stats", "--as-of", TEXT, "--store", store)
    assert "no artifact 'stats' as of 2026-01-01T01:30" in said


def test_a_path_asks_about_the_newest_that_lay_there_then(store: str, opened: GraphTracker) -> None:
    opened.add_artifact("younger", "the rows", ROWS)
    done = well("lineage", "--path", ROWS, "--downstream", "--as-of", TEXT, "--store", store)
    assert (done.out.splitlines()[0], done.err) == ("rows of prepare-k1", SAID)
    assert "2025-12-31" in failure(1, "lineage", "--path", ROWS, "--as-of", "2025-12-31", "--store", store)


def test_the_whole_store_takes_a_time_and_no_other_bound(store: str) -> None:
    assert "name a run" in failure(2, "export", "--as-of", TEXT, "--depth", "1", "--store", store)


def test_a_status_is_that_of_then(store: str) -> None:
    remember(store, PREPARE, THEN, status="running")
    remember(store, PREPARE, THEN + timedelta(hours=9), status="succeeded")
    assert "succeeded" in well("runs", "--store", store).out
    assert "succeeded" not in well("runs", "--as-of", TEXT, "--store", store).out
