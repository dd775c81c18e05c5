"""What has a text in its id, its name or its path."""

from __future__ import annotations

import pytest

from graphtracker import Artifact, GraphTracker, InvalidInput, Run
from tests.support.recording import NOON, after


def found(tracker: GraphTracker, text: str, limit: int = 100) -> list[str | tuple[str, str]]:
    return [node(each) for each in tracker.find(text, limit=limit)]


def node(value: Run | Artifact) -> str | tuple[str, str]:
    return value.run_id if isinstance(value, Run) else (value.run_id, value.name)


def test_runs_externals_and_artifacts_are_found_newest_first(tracker: GraphTracker) -> None:
    tracker.record("prepare", artifacts={"reviews": "/data/rows.parquet"}, sources=["s3://bucket/reviews.csv"], at=NOON)
    tracker.record("train-reviews", artifacts={"model": "/models/reviews.pt"}, at=after(2))
    tracker.record("deploy", sources=[("train-reviews", "reviews-notes")], at=after(2))
    tracker.record("prepare", artifacts={"reviews": "/data/rows.parquet"}, at=after(3))  # logged anew
    assert found(tracker, "reviews") == [
        ("prepare", "reviews"),
        "train-reviews",
        ("train-reviews", "model"),
        ("train-reviews", "reviews-notes"),
        "s3://bucket/reviews.csv",
    ]
    assert found(tracker, "reviews", limit=2) == [("prepare", "reviews"), "train-reviews"]
    assert found(tracker, "reviews", limit=0) == []


def test_what_is_found_are_whole_values(tracker: GraphTracker) -> None:
    tracker.record("train", metadata={"lr": 0.1}, artifacts={"model": "/m.pt"}, sources=["train-data"])
    assert tracker.find("train") == [tracker.run("train"), tracker.run("train-data")] or tracker.find("train") == [
        tracker.run("train-data"),
        tracker.run("train"),
    ]
    assert tracker.find("m.pt") == tracker.find_artifacts("/m.pt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*.pt", {("jobs/train-1", "model"), ("jobs/train-2", "model")}),
        ("final.*", {("jobs/train-1", "model")}),
        ("train-?", {"jobs/train-1", "jobs/train-2"}),
        ("jobs/train-[12]", {"jobs/train-1", "jobs/train-2"}),
        ("jobs/train-[!2]", {"jobs/train-1"}),
        ("*", {"jobs/train-1", "jobs/train-2", ("jobs/train-1", "model"), ("jobs/train-2", "model")}),
        ("TRAIN", set()),
        ("%", set()),
        ("train_", set()),
    ],
)
def test_a_glob_is_matched_as_a_whole_or_by_the_last_segment(
    tracker: GraphTracker, text: str, expected: set[str | tuple[str, str]]
) -> None:
    tracker.record("jobs/train-1", artifacts={"model": "/models/final.pt"})
    tracker.record("jobs/train-2", artifacts={"model": "/models/first.pt"})
    assert set(found(tracker, text)) == expected


def test_a_text_that_looks_like_a_glob_is_found_as_it_is_too(tracker: GraphTracker) -> None:
    tracker.record("sweep[3]", artifacts={"a*b": "/what?"})
    assert found(tracker, "sweep[3]") == ["sweep[3]"]
    assert found(tracker, "a*b") == [("sweep[3]", "a*b")]
    assert found(tracker, "what?") == [("sweep[3]", "a*b")]


def test_a_relative_path_is_found_by_its_place(tracker: GraphTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    tracker.add_artifact("train", "model", "out/../models/final.pt")
    assert found(tracker, "/models/final") == found(tracker, "out/..") == [("train", "model")]


def test_what_is_forgotten_or_no_longer_named_is_not_found(tracker: GraphTracker) -> None:
    tracker.record("train", artifacts={"model": "/models/final.pt"}, sources=["train-data"])
    tracker.forget("train", links=False)
    assert found(tracker, "final.pt") == []
    assert set(found(tracker, "train")) == {"train", "train-data"}
    tracker.forget("train")
    assert found(tracker, "train") == found(tracker, "model") == []


@pytest.mark.parametrize("text", ["'", '"', "\\", "`", "\n", "\x1b", "é", "\U0001f600", "--", "$x", "{}"])
def test_any_text_is_looked_for_as_it_is(tracker: GraphTracker, text: str) -> None:
    tracker.record(f"a{text}b", artifacts={f"c{text}": f"/d{text}e"})
    tracker.record("other")
    assert set(found(tracker, text)) == {f"a{text}b", (f"a{text}b", f"c{text}")}


@pytest.mark.parametrize("text", ["", 3, None, "\ud800"])
def test_what_is_no_text_is_refused(tracker: GraphTracker, text: str) -> None:
    with pytest.raises(InvalidInput, match="what is looked for"):
        tracker.find(text)
