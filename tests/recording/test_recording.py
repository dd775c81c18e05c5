"""What recording promises: idempotent, order-free, atomic; what is external or declared, and the times of it all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker, InvalidInput, Run, Source
from graphtracker.api import TrackerArtifact, TrackerSource
from tests.support.recording import NOON, after


def everything(tracker: GraphTracker) -> dict[str, Any]:
    return tracker.graph().to_dict()


def without_times(tracker: GraphTracker) -> dict[str, Any]:
    """All that a store holds but when it was said."""
    whole = everything(tracker)
    for item in [*whole["runs"], *whole["artifacts"], *whole["sources"]]:
        for name in item.keys() & {"created_at", "reported_at", "logged_at", "updated_at"}:
            item[name] = item[name] and "some time"
    return whole


CALLS: dict[str, Callable[[GraphTracker], None]] = {
    "add_metadata": lambda tracker: tracker.add_metadata("train", lr=0.1, tags=["a"]),
    "add_metadata without any": lambda tracker: tracker.add_metadata("train"),
    "add_artifact": lambda tracker: tracker.add_artifact("train", "model", "/m", {"size": 1}),
    "add_source": lambda tracker: tracker.add_source("train", "prepare"),
    "add_source of an artifact": lambda tracker: tracker.add_source("train", "prepare", "rows"),
    "record": lambda tracker: tracker.record(
        "train",
        metadata={"lr": 0.1},
        artifacts=[TrackerArtifact("model", "/m", None)],
        sources=[TrackerSource("prepare", "rows"), TrackerSource("prepare", None)],
    ),
}

# -- idempotent, order-free --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CALLS)
def test_the_same_call_again_is_the_same_nodes_and_edges(tracker: GraphTracker, name: str) -> None:
    CALLS[name](tracker)
    once = without_times(tracker)
    for _ in range(3):
        CALLS[name](tracker)
    assert without_times(tracker) == once


@pytest.mark.parametrize("name", CALLS)
def test_the_first_argument_of_a_recording_call_has_reported(tracker: GraphTracker, name: str) -> None:
    CALLS[name](tracker)
    assert tracker.run_ids() == ["train"]
    assert not tracker.run("train").external


def test_calls_from_many_threads_at_once_are_one_node_and_one_edge(tracker: GraphTracker) -> None:
    start = threading.Barrier(8)

    def replica() -> None:
        start.wait()
        tracker.add_source("job", "parent")

    threads = [threading.Thread(target=replica) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(tracker.graph().runs) == {"job", "parent"}
    assert tracker.graph().sources == (Source("job", "parent", None, NOON),)


def test_the_order_of_calls_does_not_matter(new_url: Callable[[], str]) -> None:
    calls: list[Callable[[GraphTracker], None]] = [
        lambda tracker: tracker.add_source("train", "prepare", "rows"),
        lambda tracker: tracker.add_artifact("prepare", "rows", "/r", {"n": 1}),
        lambda tracker: tracker.add_metadata("prepare", seed=1),
        lambda tracker: tracker.add_source("report", "train"),
    ]
    stores = []
    for order in [calls, calls[::-1], calls[2:] + calls[:2]]:
        with GraphTracker(new_url()) as tracker:
            for call in order:
                call(tracker)
            stores.append(without_times(tracker))
    assert stores[0] == stores[1] == stores[2]


def test_a_source_may_come_before_its_run(tracker: GraphTracker) -> None:
    tracker.add_source("train", "prepare")
    tracker.add_metadata("prepare", seed=1)
    assert tracker.sources("train") == [TrackerSource("prepare", None)]
    assert set(tracker.lineage("train").runs) == {"prepare", "train"}


# -- atomic ------------------------------------------------------------------------------------------------------------


GOOD_ARTIFACT, GOOD_SOURCE = TrackerArtifact("model", "/m", None), TrackerSource("prepare", "rows")


ONE_BAD_ITEM: dict[str, dict[str, Any]] = {
    "value": {"metadata": {"good": 1, "bad": 1j}},
    "key": {"metadata": {"good": 1, "": 1}},
    "metadata": {"metadata": [("good", 1)]},
    "artifact name": {"artifacts": [GOOD_ARTIFACT, TrackerArtifact("", "/m", None)]},
    "artifact path": {"artifacts": [GOOD_ARTIFACT, TrackerArtifact("log", None, None)]},  # type: ignore[arg-type]
    "artifact metadata": {"artifacts": [GOOD_ARTIFACT, TrackerArtifact("log", "/l", {"bad": object()})]},
    "source run": {"sources": [GOOD_SOURCE, TrackerSource("", None)]},
    "source artifact": {"sources": [GOOD_SOURCE, TrackerSource("prepare", "a\0b")]},
    "time": {"at": NOON.replace(tzinfo=None)},
}


@pytest.mark.parametrize("name", ONE_BAD_ITEM)
def test_a_record_with_one_bad_item_stores_nothing(tracker: GraphTracker, name: str) -> None:
    good: dict[str, Any] = {"metadata": {"lr": 1}, "artifacts": [GOOD_ARTIFACT], "sources": [GOOD_SOURCE]}
    with pytest.raises(InvalidInput):
        tracker.record("train", **{**good, **ONE_BAD_ITEM[name]})
    assert len(tracker.graph()) == 0


def test_a_refused_call_leaves_what_was_there(tracker: GraphTracker) -> None:
    tracker.record("train", metadata={"lr": 1}, artifacts=[GOOD_ARTIFACT])
    before = everything(tracker)
    with pytest.raises(InvalidInput):
        tracker.add_metadata("train", lr=2, bad=object())
    with pytest.raises(InvalidInput):
        tracker.add_artifact("train", "model", "/new", {"bad": object()})
    assert everything(tracker) == before


# -- external and declared ---------------------------------------------------------------------------------------------


def test_a_run_that_another_named_is_external_until_it_reports(tracker: GraphTracker) -> None:
    tracker.record("train", sources=[TrackerSource("s3://bucket/data", None)], at=after(0))
    external = tracker.run("s3://bucket/data")
    assert external == Run("s3://bucket/data", "data", True, False, {}, {}, after(0), None, None)
    assert tracker.run_ids() == ["train"]
    tracker.record("s3://bucket/data", at=after(2))
    assert tracker.run("s3://bucket/data") == Run(
        "s3://bucket/data", "data", False, False, {}, {}, after(0), after(2), after(2)
    )
    assert sorted(tracker.run_ids()) == ["s3://bucket/data", "train"]


@pytest.mark.parametrize("name", CALLS)
def test_an_external_run_becomes_ordinary_with_its_first_call_of_any_kind(tracker: GraphTracker, name: str) -> None:
    tracker.add_source("report", "train")
    assert tracker.run("train").external
    CALLS[name](tracker)
    assert not tracker.run("train").external
    tracker.add_source("other", "train")
    assert not tracker.run("train").external


def test_an_artifact_that_a_source_names_is_declared_until_it_is_logged(tracker: GraphTracker) -> None:
    tracker.record("train", sources=[TrackerSource("prepare", "rows")], at=after(0))
    declared = tracker.lineage("train").artifacts["prepare", "rows"]
    assert (declared.declared, declared.path, declared.metadata, declared.updated_at) == (True, None, {}, None)
    assert tracker.artifacts("prepare") == {}
    assert tracker.run("prepare").external
    tracker.record("prepare", artifacts=[TrackerArtifact("rows", "/r", {"n": 1})], at=after(2))
    logged = tracker.lineage("train").artifacts["prepare", "rows"]
    assert (logged.declared, logged.path, logged.metadata) == (False, "/r", {"n": 1})
    assert (logged.created_at, logged.updated_at) == (after(0), after(2))
    assert tracker.artifacts("prepare") == {"rows": TrackerArtifact("rows", "/r", {"n": 1})}


def test_naming_a_logged_artifact_changes_nothing_of_it(tracker: GraphTracker) -> None:
    tracker.record("prepare", artifacts=[TrackerArtifact("rows", "/r", {"n": 1})], at=after(0))
    before = tracker.graph().artifacts["prepare", "rows"]
    tracker.record("train", sources=[TrackerSource("prepare", "rows")], at=after(1))
    assert tracker.graph().artifacts["prepare", "rows"] == before


def test_a_run_that_names_itself_has_reported(tracker: GraphTracker) -> None:
    tracker.add_source("train", "train")
    assert not tracker.run("train").external
    assert tracker.sources("train") == [TrackerSource("train", None)]
    assert tracker.consumers("train") == ["train"]


# -- times -------------------------------------------------------------------------------------------------------------


def test_created_is_the_first_mention_and_updated_the_last_own_call(tracker: GraphTracker) -> None:
    tracker.record("a", metadata={"lr": 1}, at=after(5))
    tracker.record("a", sources=[TrackerSource("b", None)], at=after(4))
    tracker.record("other", sources=[TrackerSource("a", None)], at=after(1))
    tracker.record("another", sources=[TrackerSource("a", "model")], at=after(9))
    run, artifact = tracker.run("a"), tracker.graph().artifacts["a", "model"]
    assert (run.created_at, run.updated_at) == (after(1), after(5))
    assert (artifact.created_at, artifact.updated_at) == (after(9), None)


@pytest.mark.parametrize("name", CALLS)
def test_every_recording_call_is_one_of_its_own(tracker: GraphTracker, name: str) -> None:
    tracker.record("train", at=after(0))
    CALLS[name](tracker)
    updated_at = tracker.run("train").updated_at
    assert updated_at is not None
    assert updated_at > after(0)
    assert tracker.run("train").created_at == after(0)


def test_times_are_aware_and_in_utc_whatever_zone_at_was_in(tracker: GraphTracker) -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    tracker.record("a", at=datetime(2024, 1, 1, 12, 30, 0, 123456, tzinfo=zone))
    created_at = tracker.run("a").created_at
    assert created_at.isoformat() == "2024-01-01T07:00:00.123456+00:00"


def test_a_call_without_a_time_happened_when_it_was_made(tracker: GraphTracker) -> None:
    before = datetime.now(timezone.utc)
    tracker.add_metadata("a")
    # A clock may read between two ticks of the stamp's microseconds, but never by more than one of them.
    assert before - timedelta(microseconds=1) <= tracker.run("a").created_at
    assert tracker.run("a").created_at == tracker.run("a").updated_at


@pytest.mark.parametrize("at", [datetime(2024, 1, 1), date(2024, 1, 1), "2024-01-01", 0, 1.5], ids=repr)
def test_a_time_that_is_no_aware_datetime_is_refused(tracker: GraphTracker, at: Any) -> None:
    with pytest.raises(InvalidInput, match="at"):
        tracker.record("a", at=at)
    assert tracker.run_ids() == []


def test_a_time_before_1970_is_history_too(tracker: GraphTracker) -> None:
    moon = datetime(1969, 7, 20, 20, 17, 40, tzinfo=timezone.utc)
    tracker.record("apollo", at=moon)
    assert tracker.run("apollo").created_at == moon


# -- metadata ----------------------------------------------------------------------------------------------------------


def test_metadata_is_replaced_key_by_key(tracker: GraphTracker) -> None:
    tracker.add_metadata("a", lr=1, tags=["x"])
    tracker.add_metadata("a", lr="two")
    assert tracker.metadata("a") == {"lr": "two", "tags": ["x"]}
    assert tracker.run("a").metadata == {"lr": "two", "tags": ["x"]}


def test_none_is_a_value_and_not_the_lack_of_one(tracker: GraphTracker) -> None:
    tracker.add_metadata("a", lr=1)
    tracker.add_metadata("a", lr=None)
    assert tracker.metadata("a") == {"lr": None}


def test_metadata_without_any_reports_the_run(tracker: GraphTracker) -> None:
    tracker.add_metadata("a")
    assert (tracker.run_ids(), tracker.metadata("a")) == (["a"], {})


def test_run_id_alone_as_a_keyword_is_the_run(tracker: GraphTracker) -> None:
    tracker.add_metadata(run_id="a", lr=1)
    assert (tracker.run_ids(), tracker.metadata("a")) == (["a"], {"lr": 1})


def test_run_id_beside_a_positional_run_is_a_key(tracker: GraphTracker) -> None:
    tracker.add_metadata("a", run_id="b")
    assert (tracker.run_ids(), tracker.metadata("a")) == (["a"], {"run_id": "b"})


def test_a_call_without_a_run_is_a_type_error(tracker: GraphTracker) -> None:
    with pytest.raises(TypeError):
        tracker.add_metadata(lr=1)
    assert tracker.run_ids() == []


KEYS = [
    "self", "run_id", "name", "path", "created_at", "updated_at", "metadata", "artifact_name", "at", "kind", "external",
    "graphtracker.clock", "graphtracker.", "metadata.", "metadata.run_id", "metadata.metadata.run_id", "json:", "$type",
    "with space", "with`tick", "'quote'", '"', "ключ", "\U0001f511", "a.b", "%s", "\n", "k" * 4000,
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=lambda key: ascii(key[:20]))
def test_any_key_is_only_a_key(tracker: GraphTracker, key: str) -> None:
    tracker.add_metadata("a", **{key: "by keyword"})
    assert tracker.metadata("a") == {key: "by keyword"}
    artifact = TrackerArtifact("model", "/m", {key: "of the artifact"})
    tracker.record("a", metadata={key: "by mapping"}, artifacts=[artifact])
    run = tracker.run("a")
    assert (run.run_id, run.name, run.external, run.metadata) == ("a", "a", False, {key: "by mapping"})
    assert tracker.artifacts("a") == {"model": artifact}
    assert tracker.run_ids(**{key: "by mapping"}) == ["a"]


def test_all_these_keys_together_stay_apart(tracker: GraphTracker) -> None:
    metadata = {key: number for number, key in enumerate(KEYS)}
    tracker.record("a", metadata=metadata, artifacts=[TrackerArtifact("model", "/m", metadata)])
    assert tracker.metadata("a") == metadata
    assert tracker.artifacts("a")["model"].metadata == metadata


# -- artifacts ---------------------------------------------------------------------------------------------------------


def test_an_artifacts_path_and_metadata_are_replaced_together(tracker: GraphTracker) -> None:
    tracker.add_artifact("a", "model", "/old", {"size": 1, "kind": "x"})
    tracker.add_artifact("a", "model", "/new", {"size": 2})
    assert tracker.artifacts("a") == {"model": TrackerArtifact("model", "/new", {"size": 2})}
    tracker.add_artifact("a", "model", "/newer")
    assert tracker.artifacts("a") == {"model": TrackerArtifact("model", "/newer", None)}


@pytest.mark.parametrize("metadata", [None, {}])
def test_an_artifact_without_metadata_reads_none(tracker: GraphTracker, metadata: Mapping[str, object] | None) -> None:
    tracker.add_artifact("a", "model", "/m", metadata)
    assert tracker.artifacts("a") == {"model": TrackerArtifact("model", "/m", None)}
    assert tracker.graph().artifacts["a", "model"].metadata == {}


def test_artifacts_of_the_same_name_belong_to_their_runs(tracker: GraphTracker) -> None:
    tracker.add_artifact("a", "model", "/a")
    tracker.add_artifact("b", "model", "/b")
    assert [tracker.artifacts(run_id)["model"].path for run_id in "ab"] == ["/a", "/b"]


@pytest.mark.parametrize(
    "path", ["/m", "", "s3://b/k?versionId=1#x", "a\0b", "C:\\m", "日本", "p" * 100_000], ids=ascii
)
def test_a_path_is_any_text(tracker: GraphTracker, path: str) -> None:
    tracker.add_artifact("a", "model", path)
    assert tracker.artifacts("a")["model"].path == path
    assert [artifact.path for artifact in tracker.find_artifacts(path)] == [path]


def test_a_path_may_be_a_path_object(tracker: GraphTracker) -> None:
    tracker.add_artifact("a", "model", Path("/data/model"))  # type: ignore[arg-type]  # TorchX's signature says str
    assert tracker.artifacts("a")["model"].path == "/data/model"


@pytest.mark.parametrize("path", [None, 5, b"/m", "\ud800", Path("/m").stat, ["/m"]], ids=repr)
def test_a_path_that_is_no_text_is_refused(tracker: GraphTracker, path: Any) -> None:
    with pytest.raises(InvalidInput, match="path"):
        tracker.add_artifact("a", "model", path)
    assert tracker.run_ids() == []


def test_an_artifact_is_found_by_the_path_where_it_lies_now(tracker: GraphTracker) -> None:
    tracker.add_artifact("b", "model", "/shared", {"n": 1})
    tracker.add_artifact("a", "rows", "/shared")
    tracker.add_artifact("a", "log", "/shared/log")
    found = tracker.find_artifacts("/shared")
    assert [(artifact.run_id, artifact.name) for artifact in found] == [("a", "rows"), ("b", "model")]
    assert found == [tracker.graph().artifacts[key] for key in [("a", "rows"), ("b", "model")]]
    tracker.add_artifact("b", "model", "/moved")
    assert [artifact.run_id for artifact in tracker.find_artifacts("/shared")] == ["a"]
    assert tracker.find_artifacts(Path("/moved"))[0].run_id == "b"
    assert tracker.find_artifacts("/nowhere") == []


def test_a_relative_path_finds_what_was_logged_at_the_absolute_one(
    tracker: GraphTracker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    tracker.add_artifact("a", "model", str(tmp_path.resolve() / "model.pt"))
    assert [artifact.run_id for artifact in tracker.find_artifacts("model.pt")] == ["a"]


# -- sources and consumers ---------------------------------------------------------------------------------------------


def test_an_empty_artifact_name_means_the_whole_run(tracker: GraphTracker) -> None:
    tracker.add_source("train", "prepare", "")
    tracker.record("train", sources=[TrackerSource("data", "")])
    assert tracker.sources("train") == [TrackerSource("data", None), TrackerSource("prepare", None)]
    assert tracker.sources("train", "") == tracker.sources("train")
    assert tracker.consumers("prepare", "") == ["train"]


def test_a_whole_run_and_its_artifacts_are_sources_of_their_own(tracker: GraphTracker) -> None:
    for name in ["rows", None, "log", "rows", None]:
        tracker.add_source("train", "prepare", name)
    expected = [TrackerSource("prepare", None), TrackerSource("prepare", "log"), TrackerSource("prepare", "rows")]
    assert sorted(tracker.sources("train"), key=lambda source: source.artifact_name or "") == expected
    assert tracker.sources("train", "rows") == [TrackerSource("prepare", "rows")]
    assert tracker.sources("train", "model") == []


def test_consumers_are_one_step_down_in_order(tracker: GraphTracker) -> None:
    tracker.add_source("c", "a", "model")
    tracker.add_source("b", "a")
    tracker.add_source("d", "c", "model")
    tracker.add_source("e", "a", "log")
    assert tracker.consumers("a") == ["b", "c", "e"]
    assert tracker.consumers("a", "model") == ["b", "c"]
    assert tracker.consumers("a", "nothing") == []
    assert tracker.consumers("nobody") == tracker.consumers("nobody", "model") == []
