"""A drawn picture stays readable: sweeps are stacks, and of a large lineage the neighbourhood of the start is drawn."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from graphtracker import GraphTracker, GraphTrackerError, MissingExtra
from graphtracker.drawing.options import PictureOptions
from graphtracker.drawing.picture import Picture, readable
from graphtracker.drawing.room import LARGEST
from graphtracker.export import export
from graphtracker.formats import PICTURES
from tests.support.svg import texts
from tests.support.tools import run

pytestmark = pytest.mark.usefixtures("dot")


@pytest.fixture
def tracker() -> GraphTracker:
    return GraphTracker(":memory:")


def add_sweep(tracker: GraphTracker, runs: int, source: str = "prepare") -> None:
    with tracker.batch() as batch:
        batch.add_artifact("prepare", "rows", "/rows")
        for number in range(runs):
            batch.add_source(f"sweep-{number:03}", source, "rows")
            batch.add_artifact(f"sweep-{number:03}", "model", f"/models/{number}")


def add_chain(tracker: GraphTracker, runs: int) -> None:
    with tracker.batch() as batch:
        for number in range(runs):
            batch.add_artifact(f"run-{number:04}", "model", f"/{number}")
            batch.add_source(f"run-{number:04}", f"run-{number - 1:04}" if number else "data", "model")


def size(picture: Picture) -> int:
    return len(picture.answer.runs) + len(picture.answer.artifacts)


def assert_closed(picture: Picture) -> None:
    """Every end of every link is drawn, and the frontier names runs that are."""
    answer = picture.answer
    for source in answer.sources:
        assert {source.run_id, source.source_run_id} <= set(answer.runs)
        assert source.artifact_name is None or (source.source_run_id, source.artifact_name) in answer.artifacts
    assert set(answer.frontier) <= set(answer.runs)
    assert {key[0] for key in answer.artifacts} <= set(answer.runs)


def test_a_sweep_is_one_stack_with_its_count(tracker: GraphTracker) -> None:
    add_sweep(tracker, 200)
    picture = readable(tracker.lineage("prepare"))
    assert list(picture.stacks.values()) == [[f"sweep-{number:03}" for number in range(200)]]
    assert picture.left_out is None
    assert size(picture) == 4
    assert picture.answer.frontier == {}
    assert_closed(picture)
    assert sorted(texts(tracker.lineage("prepare"))) == ["model", "prepare", "rows", "sweep-… \u00d7 200"]


def test_a_run_of_a_sweep_that_another_run_used_stands_for_itself(tracker: GraphTracker) -> None:
    add_sweep(tracker, 200)
    tracker.add_source("deploy", "sweep-017", "model")
    picture = readable(tracker.lineage("prepare"))
    assert "sweep-017" in picture.answer.runs
    assert [len(members) for members in picture.stacks.values()] == [199]
    assert_closed(picture)
    assert {"sweep-017", "deploy", "sweep-… \u00d7 199"} <= set(texts(tracker.lineage("prepare")))


@pytest.mark.parametrize("other", ["source", "artifact", "external source", "whole run"])
def test_runs_that_differ_in_their_links_are_not_stacked(tracker: GraphTracker, other: str) -> None:
    for number in range(6):
        run_id = f"run-{number}"
        whole = other == "whole run" and number % 2
        tracker.add_source(
            run_id, "other" if other == "source" and number % 2 else "prepare", None if whole else "rows"
        )
        tracker.add_artifact(run_id, "log" if other == "artifact" and number % 2 else "model", "/m")
        if other == "external source" and number % 2:
            tracker.add_source(run_id, "s3://data")
    picture = readable(tracker.graph())
    assert sorted(picture.stacks.values()) == [["run-0", "run-2", "run-4"], ["run-1", "run-3", "run-5"]]
    assert_closed(picture)


def test_sources_and_the_start_are_never_stacked(tracker: GraphTracker) -> None:
    for number in range(10):
        tracker.add_source("train", f"s3://data/{number}")
        tracker.add_source(f"twin-{number}", "train")
    picture = readable(tracker.lineage("twin-3"))
    assert "twin-3" in picture.answer.runs
    assert picture.stacks == {}
    assert len(readable(tracker.lineage("train")).answer.runs) == 12


def test_two_alike_are_no_sweep_and_expand_draws_every_run(tracker: GraphTracker) -> None:
    add_sweep(tracker, 2)
    assert readable(tracker.graph()).stacks == {}
    add_sweep(tracker, 5)
    assert len(readable(tracker.graph()).stacks) == 1
    expanded = readable(tracker.graph(), PictureOptions(expand=True))
    assert expanded.stacks == {}
    assert expanded.answer == tracker.graph()


def test_of_a_large_lineage_the_neighbourhood_of_the_start_is_drawn(tracker: GraphTracker) -> None:
    add_chain(tracker, 1000)
    lineage = tracker.lineage("run-0500")
    picture = readable(lineage)
    drawn = sorted(picture.answer.runs)
    assert drawn == [f"run-{number:04}" for number in range(425, 575)]  # of the two at distance 75, the first by id
    assert LARGEST - 4 <= size(picture) <= LARGEST
    assert picture.left_out == f"drawn are the {len(drawn)} of 1,001 runs nearest to the start"
    assert picture.answer.frontier == {drawn[0]: {"upstream"}, drawn[-1]: {"downstream"}}
    assert_closed(picture)
    shown = texts(lineage)
    assert picture.left_out in shown
    assert shown.count("…") == 2


def test_everything_draws_all_of_it(tracker: GraphTracker) -> None:
    add_chain(tracker, 400)
    picture = readable(tracker.lineage("run-0200"), PictureOptions(everything=True))
    assert picture.left_out is None
    assert picture.answer == tracker.lineage("run-0200")


def test_of_a_whole_store_the_newest_runs_are_drawn(tracker: GraphTracker) -> None:
    add_chain(tracker, 400)
    tracker.add_metadata("newest")
    picture = readable(tracker.graph())
    assert {"newest", "run-0399", "run-0398"} <= set(picture.answer.runs)
    assert "run-0000" not in picture.answer.runs
    assert "nearest to the newest runs" in str(picture.left_out)


def test_of_a_whole_store_a_new_sweep_is_drawn_and_old_runs_are_not(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for number in range(400):
            batch.add_metadata(f"a{number:03}")
        for number in range(13):
            batch.add_source(f"s{number:02}", "data")
    picture = readable(tracker.graph())
    assert [len(members) for members in picture.stacks.values()] == [13]
    assert {"a399", "a398"} <= set(picture.answer.runs)
    assert "a000" not in picture.answer.runs


def test_of_a_dense_lineage_no_more_is_drawn_than_dot_can(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for number in range(120):
            batch.add_metadata(f"run-{number:03}")
            for other in range(number):
                batch.add_source(f"run-{number:03}", f"run-{other:03}")
    picture = readable(tracker.lineage("run-060"))
    assert 10 < len(picture.answer.runs) < 60
    assert "run-060" in picture.answer.runs
    assert picture.left_out is not None
    assert_closed(picture)


def test_a_cut_lineage_says_both_what_cut_it_and_what_is_not_drawn(tracker: GraphTracker) -> None:
    add_chain(tracker, 1000)
    shown = texts(tracker.lineage("run-0500", max_runs=400))
    assert "not the whole lineage: cut by max_runs 400" in shown
    assert "drawn are the 150 of 400 runs nearest to the start" in shown


def test_an_earlier_time_is_said_with_what_was_overwritten_since(tracker: GraphTracker) -> None:
    then = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    tracker.record("train", metadata={"loss": 2}, at=then)
    tracker.record("later", metadata={"loss": 1}, at=then + timedelta(days=1))
    assert readable(tracker.graph(as_of=then)).notes == ["as of 2026-01-02 03:04:05Z"]
    assert "as of 2026-01-02 03:04:05Z" in texts(tracker.graph(as_of=then))
    assert "as of" not in tracker.graph(as_of=then).to_dot()
    tracker.record("train", metadata={"loss": 1}, at=then + timedelta(days=1))
    shown = texts(tracker.graph(as_of=then))
    assert "as of 2026-01-02 03:04:05Z" in shown
    assert "not the whole lineage: without values that may have been overwritten since" in " ".join(shown)
    assert "overwritten" in tracker.graph(as_of=then).to_dot()
    assert readable(tracker.graph()).notes == []


def add_artifacts(tracker: GraphTracker, run_id: str, count: int, *users: str) -> None:
    with tracker.batch() as batch:
        for number in range(count):
            batch.add_artifact(run_id, f"part-{number:04}", f"/{number}")
            for user in users:
                batch.add_source(user, run_id, f"part-{number:04}")


def test_a_start_with_more_artifacts_than_a_picture_may_have_is_drawn_with_some_of_them(tracker: GraphTracker) -> None:
    add_artifacts(tracker, "prepare", 3000, "train")
    lineage = tracker.lineage("prepare")
    picture = readable(lineage)
    assert set(picture.answer.runs) == {"prepare"}
    assert size(picture) == LARGEST
    assert picture.left_out == "drawn are the 1 of 2 runs nearest to the start, with 299 of 3,000 artifacts"
    assert picture.answer.frontier == {"prepare": {"downstream"}}
    assert_closed(picture)
    asked = readable(tracker.lineage("prepare", artifact_name="part-2999"))
    assert ("prepare", "part-2999") in asked.answer.artifacts
    assert size(readable(lineage, PictureOptions(everything=True))) == 3002


def test_a_neighbour_with_many_artifacts_is_drawn_with_those_that_find_room(tracker: GraphTracker) -> None:
    add_artifacts(tracker, "prepare", 3000)
    tracker.add_source("train", "prepare", "part-1234")
    picture = readable(tracker.graph(), PictureOptions(expand=True))
    assert set(picture.answer.runs) == {"prepare", "train"}
    assert size(picture) == LARGEST
    assert picture.left_out == "drawn are 298 of 3,000 artifacts"
    assert [source.artifact_name for source in picture.answer.sources] == ["part-1234"]
    assert_closed(picture)


def test_no_more_of_a_neighbour_is_drawn_than_dot_can(tracker: GraphTracker) -> None:
    add_artifacts(tracker, "prepare", 200, *(f"train-{number}" for number in range(9)))
    with tracker.batch() as batch:
        for number in range(9):
            batch.add_source("compare", f"train-{number}")
    picture = readable(tracker.lineage("compare"), PictureOptions(expand=True))
    assert len(picture.answer.runs) == 11
    assert 20 < len(picture.answer.artifacts) < 100
    assert len(picture.answer.sources) <= 2 * size(picture) + LARGEST
    assert_closed(picture)


def test_a_run_with_few_artifacts_is_drawn_with_all_of_them_or_not(tracker: GraphTracker) -> None:
    for number in range(60):
        tracker.record(f"run-{number:02}", artifacts={f"part-{part}": "/p" for part in "abcdef"})
        if number:
            tracker.add_source(f"run-{number:02}", f"run-{number - 1:02}")
    picture = readable(tracker.lineage("run-30"), PictureOptions(expand=True))
    assert len(picture.answer.artifacts) == 6 * len(picture.answer.runs) == 252


def test_artifacts_that_are_labels_of_edges_need_no_room(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for number in range(500):
            batch.add_source("train", "data", f"shard-{number}")
            batch.add_artifact("train", f"checkpoint-{number}", "/c")
    picture = readable(tracker.lineage("train"), PictureOptions(expand=True), on_edges=True)
    assert picture.left_out == "drawn are the 1 of 2 runs nearest to the start, with 299 of 500 artifacts"
    picture = readable(tracker.lineage("data"), PictureOptions(expand=True), on_edges=True)
    assert picture.left_out == "drawn are 798 of 1,000 artifacts"


def test_text_formats_keep_every_run(tracker: GraphTracker) -> None:
    add_sweep(tracker, 400)
    for format in ("dot", "graphml", "json"):
        text = b"".join(export(tracker.lineage("prepare"), format)).decode()
        assert all(f"sweep-{number:03}" in text for number in range(400))


def test_a_notebook_shows_the_neighbourhood_too(tracker: GraphTracker) -> None:
    add_chain(tracker, 1000)
    assert "nearest to the start" in str(tracker.lineage("run-0500")._repr_svg_())


def test_the_command_says_on_stderr_what_it_left_out(tracker: GraphTracker, tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "store.db") as stored:
        add_chain(stored, 400)
    where = {"GRAPHTRACKER_URL": str(tmp_path / "store.db")}
    done = run(tmp_path, "graphtracker", "export", "run-0200", "-o", "a.svg", env=where)
    assert done.stderr == "graphtracker: drawn are the 150 of 401 runs nearest to the start; --all draws all\n"
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").count("<title>n") > LARGEST / 2
    whole = run(tmp_path, "graphtracker", "export", "run-0200", "-o", "b.svg", "--all", env=where)
    assert whole.stderr == ""
    assert len(re.findall(r"<title>n\d+</title>", (tmp_path / "b.svg").read_text(encoding="utf-8"))) == 801
    text = run(tmp_path, "graphtracker", "export", "run-0200", "-o", "b.dot", env=where)
    assert text.stderr == ""


@pytest.mark.usefixtures("no_pygraphviz")
@pytest.mark.parametrize(
    ("script", "said"),
    [("exit 3", "code 3"), ("exit 0", "wrote nothing"), ("echo bad >&2; echo thing >&2; exit 3", "bad thing")],
)
def test_a_dot_that_fails_is_told_on_one_line(
    tracker: GraphTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    tracker.add_metadata("run")
    program = tmp_path / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingExtra, match="Permission denied"):
        b"".join(export(tracker.graph(), "png"))
    program.chmod(0o755)
    with pytest.raises(GraphTrackerError, match=said) as failed:
        b"".join(export(tracker.graph(), "png"))
    assert "\n" not in str(failed.value)
    assert tracker.graph()._repr_svg_() is None


@pytest.mark.parametrize("format", sorted({*PICTURES} - {"dot"}))
def test_every_picture_is_of_what_is_readable(tracker: GraphTracker, format: str) -> None:
    add_chain(tracker, 1200)
    told: list[str] = []
    assert b"".join(export(tracker.graph(), format, tell=told.append))
    assert len(told) == 1
