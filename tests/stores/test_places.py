"""What lies at a place is found there on every store, however its path was written, the newest log first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact
from tests.support.command import command
from tests.support.spools import leave
from tests.support.strategies import examples

DAY = datetime(2026, 1, 1, tzinfo=timezone.utc)
WAYS = ["/models/latest.pt", "/models//a/../latest.pt", "file:///models/latest%2Ept", "FILE:/models/latest.pt/"]


def log(tracker: GraphTracker, run_id: str, path: str, day: int, name: str = "model") -> None:
    tracker.record(run_id, artifacts=[TrackerArtifact(name, path, None)], at=DAY + timedelta(days=day))


def found(tracker: GraphTracker, path: str) -> list[tuple[str, str]]:
    return [(artifact.run_id, artifact.name) for artifact in tracker.find_artifacts(path)]


def newest_at(tracker: GraphTracker, *places: str) -> dict[str, list[tuple[str, str]]]:
    there = tracker._recorder.read(lambda snapshot: snapshot.newest_at(places))
    return {place: [(artifact.run_id, artifact.name) for artifact in newest] for place, newest in there.items()}


@pytest.mark.parametrize("way", WAYS)
def test_a_path_finds_what_was_logged_by_another_way_to_write_it(tracker: GraphTracker, way: str) -> None:
    for number, other in enumerate(WAYS):
        tracker.add_artifact(f"run-{number}", "model", other)
    artifacts = tracker.find_artifacts(way)
    assert {artifact.path for artifact in artifacts} == set(WAYS)
    assert {artifact.place for artifact in artifacts} == {"/models/latest.pt"}
    assert tracker.artifacts("run-3")["model"].path == WAYS[3]  # as it was written


@pytest.mark.parametrize(
    ("logged", "asked"),
    [
        ("S3A://Bucket/a//b/", "s3://bucket/a//b"),
        ("https://Host/a/../b", "HTTPS://host//b/"),
        ("/cafe\u0301", "/caf\u00e9"),
        ("", ""),
        ("-", "-"),
        ("C:\\m", "C:\\m"),
        ("/a\0b", "file:///a%00b"),
    ],
)
def test_so_do_urls_and_texts_that_are_no_files(tracker: GraphTracker, logged: str, asked: str) -> None:
    tracker.add_artifact("run", "model", logged)
    tracker.add_artifact("other", "model", "/other")
    assert found(tracker, asked) == found(tracker, logged) == [("run", "model")]


@pytest.mark.parametrize(
    "other", ["/models/Latest.pt", "/models/latest.pt2", "/latest.pt", "s3://models/latest.pt", ""]
)
def test_another_place_finds_nothing(tracker: GraphTracker, other: str) -> None:
    tracker.add_artifact("run", "model", WAYS[0])
    assert found(tracker, other) == []


# -- the folder that a path is relative to -----------------------------------------------------------------------------


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Of two people, in which each has a model.pt."""
    made = tmp_path / "ada", tmp_path / "bob"
    for folder in made:
        folder.mkdir()
    return made


def test_a_relative_path_is_relative_to_the_folder_of_who_recorded_it(
    tracker: GraphTracker, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in folders:
        monkeypatch.chdir(folder)
        tracker.add_artifact(folder.name, "model", "model.pt")
    for folder in folders:
        monkeypatch.chdir(folder)
        expected = [(folder.name, "model")]
        assert found(tracker, "model.pt") == found(tracker, f"{folder}/model.pt") == expected
        assert found(tracker, f"../{folder.name}/./model.pt") == expected
        assert [artifact.path for artifact in tracker.find_artifacts("model.pt")] == ["model.pt"]
    monkeypatch.chdir(folders[0].parent)
    assert found(tracker, "model.pt") == []


def test_that_folder_is_the_one_at_the_call_wherever_the_batch_ends(
    tracker: GraphTracker, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with tracker.batch() as batch:
        for folder in folders:
            monkeypatch.chdir(folder)
            batch.add_artifact(folder.name, "model", "model.pt")
    assert [found(tracker, f"{folder}/model.pt") for folder in folders] == [[("ada", "model")], [("bob", "model")]]


def test_a_copy_keeps_the_place(
    tracker: GraphTracker, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folders[0])
    tracker.add_artifact("run", "model", "model.pt")
    monkeypatch.chdir(folders[1])
    with GraphTracker(":memory:") as other:
        other.copy_from(tracker)
        assert found(other, f"{folders[0]}/model.pt") == [("run", "model")]
        assert other.graph() == tracker.graph()


def test_a_spool_keeps_the_place_wherever_it_is_delivered(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(folders[0])
    recording = GraphTracker("bolt://127.0.0.1:1", spool=tmp_path / "spool")
    recording.add_artifact("run", "model", "model.pt")
    leave(recording)
    monkeypatch.chdir(folders[1])
    done = command("sync", str(tmp_path / "spool"), "--store", str(tmp_path / "store.db"))
    assert done.code == 0, done.err
    with GraphTracker(tmp_path / "store.db") as tracker:
        assert found(tracker, f"{folders[0]}/model.pt") == [("run", "model")]


def test_a_path_relative_to_a_folder_that_is_gone_is_kept_as_it_is(
    tracker: GraphTracker, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folders[0])
    folders[0].rmdir()
    tracker.add_artifact("run", "model", "./a/../model.pt")
    assert found(tracker, "model.pt") == [("run", "model")]
    monkeypatch.chdir(folders[1])
    assert found(tracker, "model.pt") == []
    assert tracker.graph().artifacts["run", "model"].place == "model.pt"


# -- several at one place ----------------------------------------------------------------------------------------------


def test_the_newest_log_comes_first(tracker: GraphTracker) -> None:
    for day, run_id in ((2, "b"), (3, "a"), (1, "c")):
        log(tracker, run_id, WAYS[day], day)
    assert found(tracker, WAYS[0]) == [("a", "model"), ("b", "model"), ("c", "model")]
    assert tracker.find_artifacts(WAYS[0]) == [tracker.graph().artifacts[run_id, "model"] for run_id in "abc"]
    log(tracker, "c", WAYS[0], 4)
    assert found(tracker, WAYS[0]) == [("c", "model"), ("a", "model"), ("b", "model")]


def test_of_one_time_they_come_by_run_and_name(tracker: GraphTracker) -> None:
    for run_id, name in (("b", "m"), ("a", "n"), ("\U0001f600", "m"), ("a", "m"), ("\uff5e", "m")):
        log(tracker, run_id, "/m", 1, name)
    assert found(tracker, "/m") == [("a", "m"), ("a", "n"), ("b", "m"), ("\uff5e", "m"), ("\U0001f600", "m")]


def test_a_call_without_a_time_is_newer_than_those_before_it(tracker: GraphTracker) -> None:
    for run_id in ("nightly-b", "nightly-a", "nightly-c"):
        tracker.add_artifact(run_id, "model", WAYS[0])
    assert [run_id for run_id, _ in found(tracker, WAYS[0])] == ["nightly-c", "nightly-a", "nightly-b"]


def test_what_moved_away_no_longer_lies_there(tracker: GraphTracker) -> None:
    log(tracker, "a", WAYS[0], 1)
    log(tracker, "b", WAYS[1], 2)
    log(tracker, "a", "/moved", 3)
    assert found(tracker, WAYS[2]) == [("b", "model")]
    assert found(tracker, "/moved") == [("a", "model")]
    log(tracker, "a", WAYS[0], 1)  # told late
    assert found(tracker, WAYS[2]) == [("b", "model")]


def test_the_newest_of_two_runs_are_found_at_several_places_at_once(tracker: GraphTracker) -> None:
    long = f"/{'x' * 5000}/"
    for number, (run_id, name, path) in enumerate(
        [("a", "m", "/m"), ("b", "m", "/m"), ("b", "n", "/m"), ("c", "m", long + "c"), ("d", "m", long + "d")]
    ):
        log(tracker, run_id, path, number, name)
    for run_id, name in (("\U0001f600", "m"), ("\uff5e", "n"), ("\uff5e", "m")):
        log(tracker, run_id, "/at once", 1, name)
    assert newest_at(tracker, long + "d", "/m", "/nothing", "/at once", "/m") == {
        long + "d": [("d", "m")],
        "/m": [("b", "n"), ("a", "m")],
        "/at once": [("\uff5e", "m"), ("\U0001f600", "m")],
    }
    at_m = tracker._recorder.read(lambda snapshot: snapshot.newest_at(["/m"]))["/m"]
    assert at_m == [tracker.graph().artifacts[key] for key in (("b", "n"), ("a", "m"))]


logs = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("mn"), st.sampled_from([*WAYS, "/o", "//o"]), st.integers(0, 3)),
    max_size=12,
)


def test_any_logs_in_any_order_are_found_as_they_stand(kind: str, new_url: Callable[[], str]) -> None:
    @examples(kind)
    @given(logs)
    def found_as_they_stand(told: list[tuple[str, str, str, int]]) -> None:
        last: dict[tuple[str, str], tuple[int, str]] = {}
        with GraphTracker(new_url()) as tracker:
            for run_id, name, path, day in told:
                log(tracker, run_id, path, day, name)
                if day >= last.get((run_id, name), (-1, ""))[0]:  # of one time the later call stands
                    last[run_id, name] = day, "/o" if path.endswith("o") else WAYS[0]
            for place in (WAYS[0], "/o"):
                there = [(-day, key) for key, (day, lies) in last.items() if lies == place]
                newest = [key for _, key in sorted(there)]
                assert found(tracker, place) == newest
                others = [key for key in newest if key[0] != newest[0][0]]
                want = {place: [*newest[:1], *others[:1]]} if newest else {}
                assert newest_at(tracker, place) == want

    found_as_they_stand()


def test_the_place_is_in_the_answer_and_in_what_is_written_of_it(tracker: GraphTracker) -> None:
    tracker.add_artifact("run", "model", WAYS[2])
    (artifact,) = tracker.lineage("run").artifacts.values()
    assert (artifact.path, artifact.place) == (WAYS[2], WAYS[0])
    assert tracker.lineage("run").to_dict()["artifacts"][0]["place"] == WAYS[0]
    tracker.add_source("next", "run", "not logged")
    declared = tracker.graph().artifacts["run", "not logged"]
    assert (declared.path, declared.place) == (None, None)
