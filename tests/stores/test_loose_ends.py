"""What leads nowhere, of each store: external runs at the place of an artifact, artifacts that nobody logged."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.model.places import place_of
from graphtracker.stores.loose_ends import loose_ends
from graphtracker.stores.snapshot import LooseEnds

PLACED, DECLARED = "externals named by an artifact's place", "declared artifacts that nobody logged"
ADVICE = {
    PLACED: "run.use(path), or `graphtracker add-source RUN --path FILE`, names the artifact",
    DECLARED: "that is well for data which no run here made, such as datasets of imports; else log it, or name what "
    "that run did log, as `graphtracker show RUN` lists it",
}


def told(tracker: GraphTracker) -> dict[str, str]:
    """What is told, each without the advice at its end."""
    found = tracker._recorder.read(loose_ends)
    assert all(text.endswith(f"; {ADVICE[subject]}") for subject, text in found.items())
    return {subject: text.removesuffix(f"; {ADVICE[subject]}") for subject, text in found.items()}


def ends(tracker: GraphTracker, limit: int = 10) -> LooseEnds:
    return tracker._recorder.read(
        lambda snapshot: snapshot.loose_ends(lambda path: place_of(path, lambda: "/jobs"), limit)
    )


def test_a_store_without_loose_ends_has_none(tracker: GraphTracker) -> None:
    tracker.add_source("prepare", "s3://data")
    tracker.add_artifact("prepare", "rows", "/data/rows.csv")
    tracker.add_source("train", "prepare", "rows")
    assert told(tracker) == {}
    assert ends(tracker) == ([], 0, [], 0)


@pytest.mark.parametrize(
    ("path", "external"),
    [
        ("/data/rows.csv", "/data/rows.csv"),
        ("/data/rows.csv", "file:///data//rows.csv"),
        ("s3a://bucket/rows/", "s3://bucket/rows"),
    ],
)
def test_an_external_that_is_where_an_artifact_lies_is_told_with_what_to_name(
    path: str, external: str, tracker: GraphTracker
) -> None:
    tracker.add_artifact("prepare", "rows", path)
    tracker.add_source("train", external)
    found = f"1: '{external}', named by 'train', lies where artifact 'rows' of run 'prepare' does"
    assert told(tracker) == {PLACED: found}


def test_a_relative_external_is_taken_from_the_working_folder(
    tracker: GraphTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker.add_artifact("prepare", "rows", str(tmp_path / "rows.csv"))
    tracker.add_source("train", "rows.csv")
    monkeypatch.chdir(tmp_path)
    assert told(tracker)[PLACED].startswith("1: 'rows.csv', named by 'train'")
    monkeypatch.chdir("/")
    assert told(tracker) == {}


def test_of_several_artifacts_at_one_place_the_newest_is_meant(tracker: GraphTracker) -> None:
    tracker.add_artifact("monday", "rows", "/rows.csv")
    tracker.add_artifact("tuesday", "rows", "/rows.csv")
    tracker.add_source("train", "/rows.csv")
    assert "of run 'tuesday'" in told(tracker)[PLACED]


def test_a_run_that_reported_is_no_external(tracker: GraphTracker) -> None:
    tracker.add_artifact("prepare", "rows", "/rows.csv")
    tracker.add_source("train", "/rows.csv")
    tracker.add_metadata("/rows.csv")
    assert told(tracker) == {}


def test_an_artifact_that_nobody_logged_is_told_with_who_names_it(tracker: GraphTracker) -> None:
    tracker.add_source("all", "prepare")
    tracker.add_source("train", "prepare", "rows")
    assert told(tracker) == {DECLARED: "1: 'rows' of run 'prepare', which never reported, named by 'train'"}
    tracker.add_metadata("prepare")
    assert told(tracker) == {DECLARED: "1: 'rows' of run 'prepare', named by 'train'"}
    tracker.add_artifact("prepare", "rows", "/rows.csv")
    assert told(tracker) == {}


def test_an_artifact_of_a_forgotten_run_is_told_as_such(tracker: GraphTracker) -> None:
    tracker.add_artifact("prepare", "rows", "/rows.csv")
    tracker.add_source("train", "prepare", "rows")
    tracker.forget(["prepare"])
    assert told(tracker) == {DECLARED: "1: 'rows' of run 'prepare', which is forgotten, named by 'train'"}


def test_three_are_listed_and_the_rest_counted(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for number in range(12):
            batch.add_artifact("prepare", f"rows {number:02}", f"/rows-{number:02}")
            batch.add_source("train", f"/rows-{number:02}")
            batch.add_source("train", "tokenize", f"words {number:02}")
    found = told(tracker)
    assert found[PLACED].startswith("12: '/rows-00', named by 'train', lies where artifact 'rows 00' of ")
    assert found[DECLARED].startswith(
        "12: 'words 00' of run 'tokenize', which never reported, named by 'train'; 'words 01' of "
    )
    for text in found.values():
        assert text.endswith("; and 9 more")
        assert text.count("'train'") == 3


def test_the_first_of_each_come_in_order_with_their_number(tracker: GraphTracker) -> None:
    tracker.add_artifact("prepare", "rows", "/b")
    for external in ("/b", "/b/", "//b", "/a"):
        tracker.add_source("train", external)
    for name in ("y", "x"):
        tracker.add_source("train", "b", name)
    tracker.add_source("train", "a", "z")
    assert ends(tracker, 2) == (["//b", "/b"], 3, [("a", "z"), ("b", "x")], 3)
    assert ends(tracker, 0) == ([], 3, [], 3)


def test_more_externals_than_are_looked_up_together_are_all_looked_up(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker, tracker.batch() as batch:
        batch.add_artifact("prepare", "rows", "/2500")
        for number in range(3000):
            batch.add_source("train", f"/{number:04}")
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        assert ends(tracker)[:2] == (["/2500"], 1)


def test_health_tells_of_loose_ends(tracker: GraphTracker) -> None:
    tracker.add_source("train", "prepare", "rows")
    assert str(tracker.health()[DECLARED]).startswith(
        "1: 'rows' of run 'prepare', which never reported, named by 'train'"
    )
