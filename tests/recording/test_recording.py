"""What recording promises, and what the short reads give back (design sections 2, 5 and 6)."""

from __future__ import annotations

import pickle
import threading
from collections import UserString
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker, InvalidInput, Lineage, NotFound, Run, RunNotFound, Source
from graphtracker.api import TrackerArtifact, TrackerBase, TrackerSource

NOON = datetime(2024, 1, 1, 12, tzinfo=timezone.utc)


def after(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


def everything(tracker: GraphTracker) -> dict[str, Any]:
    return tracker.graph().to_dict()


def without_times(tracker: GraphTracker) -> dict[str, Any]:
    """All that a store holds but when it was said."""
    whole = everything(tracker)
    for item in [*whole["runs"], *whole["artifacts"]]:
        item["created_at"] = None
        item["updated_at"] = item["updated_at"] and "some time"
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
    assert tracker.graph().sources == (Source("job", "parent", None),)


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
    "value": {"metadata": {"good": 1, "bad": {1}}},
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
    assert external == Run("s3://bucket/data", "data", True, {}, after(0), None)
    assert tracker.run_ids() == ["train"]
    tracker.record("s3://bucket/data", at=after(2))
    assert tracker.run("s3://bucket/data") == Run("s3://bucket/data", "data", False, {}, after(0), after(2))
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


# -- what reads of nothing give ----------------------------------------------------------------------------------------


def test_an_unknown_run_reads_empty_to_torchxs_verbs(tracker: GraphTracker) -> None:
    tracker.add_metadata("known")
    assert tracker.metadata("nobody") == {}
    assert tracker.artifacts("nobody") == {}
    assert tracker.sources("nobody") == []
    assert tracker.consumers("nobody") == []


def test_an_unknown_run_is_not_found(tracker: GraphTracker) -> None:
    tracker.add_metadata("known")
    with pytest.raises(RunNotFound, match="nobody") as caught:
        tracker.run("nobody")
    assert isinstance(caught.value, NotFound)
    assert isinstance(caught.value, LookupError)


def test_a_store_in_which_nothing_was_recorded_is_empty(tracker: GraphTracker) -> None:
    assert tracker.run_ids() == tracker.runs() == tracker.find_artifacts("/m") == []
    assert tracker.run_ids(parent_run_id="a", lr=1) == []
    assert tracker.graph() == Lineage()
    with pytest.raises(RunNotFound):
        tracker.find_run("a")


def test_it_is_a_torchx_tracker(tracker: GraphTracker) -> None:
    assert isinstance(tracker, TrackerBase)
    tracker.record("a", artifacts=[TrackerArtifact("m", "/m", None)], sources=[TrackerSource("b", None)])
    assert type(tracker.artifacts("a")["m"]) is TrackerArtifact
    assert type(tracker.sources("a")[0]) is TrackerSource


# -- which runs there are ----------------------------------------------------------------------------------------------


def test_runs_come_newest_first_then_by_id(tracker: GraphTracker) -> None:
    for run_id, hours in [("old", 0), ("z", 2), ("\U0001f600", 2), ("\uff5e", 2), ("a", 2), ("new", 3), ("middle", 1)]:
        tracker.record(run_id, at=after(hours))
    expected = ["new", "a", "z", "\uff5e", "\U0001f600", "middle", "old"]
    assert tracker.run_ids() == expected
    assert [run.run_id for run in tracker.runs()] == expected
    assert [run.run_id for run in tracker.runs(limit=3)] == expected[:3]


def test_runs_are_whole_runs(tracker: GraphTracker) -> None:
    tracker.add_metadata("local_cwd://torchx/train-abc", lr=1)
    (run,) = tracker.runs()
    assert run == tracker.run("local_cwd://torchx/train-abc") == tracker.graph().runs["local_cwd://torchx/train-abc"]
    assert (run.name, run.metadata) == ("train-abc", {"lr": 1})


@pytest.mark.parametrize(
    ("run_id", "name"),
    [
        ("local_cwd://torchx/train-abc", "train-abc"),
        ("s3://bucket/folder/rows.parquet", "rows.parquet"),
        ("/data/rows", "rows"),
        ("train", "train"),
        ("/", "/"),
    ],
)
def test_a_runs_name_is_the_last_segment_of_its_path_else_its_id(tracker: GraphTracker, run_id: str, name: str) -> None:
    tracker.add_metadata(run_id)
    assert tracker.run(run_id).name == name


VALUES: dict[str, object] = {
    "int": 1,
    "float": 1.0,
    "true": True,
    "text 1": "1",
    "text true": "true",
    "word": "adam",
    "quoted": '"adam"',
    "null": None,
    "text null": "null",
    "half": 0.5,
    "zero": 0,
    "false": False,
    "list": [1, 2],
    "dict": {"a": 1},
    "date": date(2024, 1, 1),
    "bytes": b"1",
    "big": 2**53 + 1,
    "nearly big": 2**53,
    "huge": 10**400,
    "more digits than Python reads": 10**5000,
    "text 010": "010",
}

FILTERS: dict[str, tuple[object, set[str]]] = {
    "1": (1, {"int", "float"}),
    "1.0": (1.0, {"int", "float"}),
    "True": (True, {"true"}),
    "False": (False, {"false"}),
    "0": (0, {"zero"}),
    "text 1": ("1", {"text 1", "int", "float"}),
    "text 1.0": ("1.0", {"int", "float"}),
    "text 1e0": ("1e0", {"int", "float"}),
    "text true": ("true", {"text true", "true"}),
    "text null": ("null", {"text null", "null"}),
    "text 0.5": ("0.5", {"half"}),
    "text 010, which is no JSON": ("010", {"text 010"}),
    "text True, which is no JSON": ("True", set()),
    "word": ("adam", {"word"}),
    "word in quotes": ('"adam"', {"quoted", "word"}),
    "text of a list, which is no scalar": ("[1,2]", set()),
    "list": ([1, 2], {"list"}),
    "tuple": ((1, 2), {"list"}),
    "dict": ({"a": 1}, {"dict"}),
    "date": (date(2024, 1, 1), {"date"}),
    "date as text": ("2024-01-01", set()),
    "bytes": (b"1", {"bytes"}),
    "2**53 + 1": (2**53 + 1, {"big"}),
    "2.0**53": (2.0**53, {"nearly big"}),
    "10**400": (10**400, {"huge"}),
    "10**5000": (10**5000, {"more digits than Python reads"}),
    "text of 10**5000": ("1" + "0" * 5000, {"more digits than Python reads"}),
    "text of 2**53 + 1": (str(2**53 + 1), {"big"}),
    "nothing like it": ("nothing", set()),
    "None": (None, set(VALUES)),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_is_equality_on_run_metadata(tracker: GraphTracker, name: str) -> None:
    with tracker.batch():
        for run_id, value in VALUES.items():
            tracker.add_metadata(run_id, key=value)
    wanted, expected = FILTERS[name]
    assert set(tracker.run_ids(key=wanted)) == expected
    assert {run.run_id for run in tracker.runs(where={"key": wanted})} == expected


def test_several_filters_must_all_hold(tracker: GraphTracker) -> None:
    tracker.record("a", metadata={"lr": 1, "seed": 1}, sources=[TrackerSource("data", None)], at=after(1))
    tracker.record("b", metadata={"lr": 1, "seed": 2}, sources=[TrackerSource("data", "rows")], at=after(2))
    tracker.record("c", metadata={"lr": 1}, at=after(3))
    assert tracker.run_ids(lr=1) == ["c", "b", "a"]
    assert tracker.run_ids(lr=1, seed=2) == ["b"]
    assert tracker.run_ids(lr=1, seed=3) == []
    assert tracker.run_ids(lr=1, parent_run_id="data") == ["b", "a"]
    assert tracker.run_ids(lr=1, parent_run_id="data", seed=1) == ["a"]
    assert [run.run_id for run in tracker.runs(where={"lr": 1}, parent_run_id="data", limit=1)] == ["b"]


def test_a_filter_of_none_is_no_filter(tracker: GraphTracker) -> None:
    tracker.record("a", metadata={"lr": 1}, at=after(0))
    tracker.record("b", metadata={"lr": None}, at=after(1))
    assert tracker.run_ids(lr=None, parent_run_id=None, other=None) == ["b", "a"]


def test_a_key_that_no_run_has_keeps_none(tracker: GraphTracker) -> None:
    tracker.add_metadata("a", lr=1)
    assert tracker.run_ids(never="x") == []


def test_a_filter_sees_the_latest_value_only(tracker: GraphTracker) -> None:
    tracker.add_metadata("a", lr=1)
    tracker.add_metadata("a", lr=2)
    assert (tracker.run_ids(lr=1), tracker.run_ids(lr=2)) == ([], ["a"])


def test_artifact_metadata_is_not_run_metadata(tracker: GraphTracker) -> None:
    tracker.add_artifact("a", "model", "/m", {"lr": 1})
    assert tracker.run_ids(lr=1) == []


def test_parent_run_id_is_has_this_source(tracker: GraphTracker) -> None:
    tracker.record("whole", sources=[TrackerSource("parent", None)], at=after(3))
    tracker.record("named", sources=[TrackerSource("parent", "model")], at=after(2))
    tracker.record("both", sources=[TrackerSource("parent", "model"), TrackerSource("parent", None)], at=after(1))
    tracker.record("grandchild", sources=[TrackerSource("whole", None)], at=after(4))
    assert tracker.run_ids(parent_run_id="parent") == ["whole", "named", "both"]
    assert tracker.run_ids(parent_run_id="grandchild") == tracker.run_ids(parent_run_id="nobody") == []


# -- finding a run by its ending ---------------------------------------------------------------------------------------


def test_a_run_is_found_by_its_id_or_an_ending_that_only_it_has(tracker: GraphTracker) -> None:
    tracker.add_source("local_cwd://torchx/train-abc", "s3://bucket/data")
    tracker.add_metadata("abc")
    assert tracker.find_run("abc") == "abc"
    assert tracker.find_run("train-abc") == "local_cwd://torchx/train-abc"
    assert tracker.find_run("data") == "s3://bucket/data"
    assert tracker.find_run("local_cwd://torchx/train-abc") == "local_cwd://torchx/train-abc"


def test_an_ending_that_several_runs_have_is_refused_with_their_ids(tracker: GraphTracker) -> None:
    tracker.add_metadata("x/train")
    tracker.add_metadata("y/train")
    with pytest.raises(InvalidInput, match=r"x/train.*y/train"):
        tracker.find_run("train")


@pytest.mark.parametrize("text", ["nobody", "%", "_", "*", "TRAIN", "local", "rain-"])
def test_an_ending_is_text_and_no_pattern(tracker: GraphTracker, text: str) -> None:
    tracker.add_metadata("local/train-1")
    with pytest.raises(RunNotFound):
        tracker.find_run(text)


# -- batches -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(new_url: Callable[[], str]) -> Iterator[tuple[GraphTracker, GraphTracker]]:
    """Two trackers on one store: one that writes, and one that sees what has been written."""
    url = new_url()
    with GraphTracker(url) as writing, GraphTracker(url) as watching:
        yield writing, watching


class Stopped(Exception):
    """Leaves a block."""


def test_calls_in_a_batch_are_written_on_leaving_it(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with writing.batch():
        for number in range(10):
            writing.add_metadata(f"{number}", n=number)
        assert watching.run_ids() == []
    assert len(watching.run_ids()) == 10


def test_a_read_inside_a_batch_sees_its_calls(tracker: GraphTracker) -> None:
    with tracker.batch():
        tracker.add_metadata("a", lr=1)
        assert tracker.metadata("a") == {"lr": 1}
        tracker.add_source("b", "a")
        assert set(tracker.lineage("a").runs) == {"a", "b"}
        tracker.add_metadata("a", lr=2)
    assert tracker.metadata("a") == {"lr": 2}


def test_a_batch_left_by_an_exception_writes_nothing_more(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with suppress(Stopped), writing.batch():
        writing.add_metadata("seen")
        writing.run_ids()
        writing.add_metadata("lost")
        raise Stopped
    assert writing.run_ids() == watching.run_ids() == ["seen"]
    writing.add_metadata("after")
    assert set(watching.run_ids()) == {"seen", "after"}


def test_a_refused_call_in_a_batch_that_goes_on_takes_only_itself_away(tracker: GraphTracker) -> None:
    with tracker.batch():
        tracker.add_metadata("before")
        with suppress(InvalidInput):
            tracker.record("bad", metadata={"good": 1, "bad": object()})
        tracker.add_metadata("after")
    assert set(tracker.run_ids()) == {"before", "after"}


def test_of_nested_batches_the_outermost_counts(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with writing.batch():
        writing.add_metadata("outer")
        with writing.batch():
            writing.add_metadata("inner")
        assert watching.run_ids() == []
        writing.add_metadata("outer again")
    assert set(watching.run_ids()) == {"outer", "inner", "outer again"}


def test_an_exception_that_leaves_the_outermost_batch_takes_the_inner_ones_along(
    two: tuple[GraphTracker, GraphTracker],
) -> None:
    writing, watching = two
    with suppress(Stopped), writing.batch():
        with writing.batch():
            writing.add_metadata("inner")
        raise Stopped
    assert watching.run_ids() == []


def test_another_thread_is_not_in_the_batch(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with writing.batch():
        writing.add_metadata("mine")
        thread = threading.Thread(target=lambda: writing.add_metadata("other"))
        thread.start()
        thread.join()
        assert watching.run_ids() == ["other"]
    assert set(watching.run_ids()) == {"mine", "other"}


def test_a_batch_larger_than_a_transaction_is_all_there(tracker: GraphTracker) -> None:
    with tracker.batch():
        for number in range(6000):
            tracker.record(f"{number:04}", metadata={"n": number}, sources=[TrackerSource("data", None)])
    assert sorted(tracker.run_ids()) == [f"{number:04}" for number in range(6000)]
    assert len(tracker.consumers("data")) == 6000


def test_calls_in_a_batch_happened_in_their_order(tracker: GraphTracker) -> None:
    with tracker.batch():
        for lr in range(50):
            tracker.add_metadata("a", lr=lr)
    assert tracker.metadata("a") == {"lr": 49}


# -- the life of a tracker ---------------------------------------------------------------------------------------------


def test_a_closed_tracker_opens_again_when_used(tracker: GraphTracker) -> None:
    tracker.add_metadata("a")
    tracker.close()
    tracker.close()
    assert tracker.run_ids() == ["a"]
    tracker.close()
    tracker.add_metadata("b")
    assert set(tracker.run_ids()) == {"a", "b"}


def record_and_stop(url: str) -> None:
    with GraphTracker(url) as tracker:
        tracker.add_metadata("a")
        raise Stopped


def test_a_context_manager_lets_exceptions_pass_and_keeps_what_was_recorded(new_url: Callable[[], str]) -> None:
    url = new_url()
    with pytest.raises(Stopped):
        record_and_stop(url)
    with GraphTracker(url) as again:
        assert again.run_ids() == ["a"]


def test_a_batch_lets_exceptions_pass(tracker: GraphTracker) -> None:
    with pytest.raises(Stopped), tracker.batch():
        raise Stopped
    assert tracker.run_ids() == []


def test_a_pickled_tracker_goes_on_with_the_same_store(tracker: GraphTracker) -> None:
    tracker.add_metadata("a", lr=1)
    with pickle.loads(pickle.dumps(tracker)) as copy:  # noqa: S301  # our own bytes
        assert copy.url == tracker.url
        assert copy.metadata("a") == {"lr": 1}
        copy.add_metadata("a", lr=2)
        assert tracker.metadata("a") == {"lr": 2}


def test_a_tracker_pickled_before_its_first_use_and_inside_a_batch_is_usable(tracker: GraphTracker) -> None:
    with tracker.batch():
        tracker.add_metadata("mine")
        with pickle.loads(pickle.dumps(tracker)) as copy:  # noqa: S301  # our own bytes
            copy.add_metadata("copy")
            assert copy.run_ids() == ["copy"]
    assert set(tracker.run_ids()) == {"mine", "copy"}


def test_many_threads_share_a_tracker(tracker: GraphTracker) -> None:
    def work(number: int) -> None:
        for step in range(20):
            tracker.add_source(f"run {number}", f"source {step}", "model")
            tracker.sources(f"run {number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tracker.run_ids()) == 6
    assert len(tracker.graph().sources) == 120


# -- ids, names and keys -----------------------------------------------------------------------------------------------

SAID = {
    "bytes": (b"train\x1b", r"the run id must be text, not bytes: b'train\x1b'"),
    "a string of its own": (UserString("train"), "the run id must be text, not UserString: '<UserString>'"),
    "a number": (7, "the run id must be text, not int: '7'"),
    "nothing": (None, "the run id must be text, not NoneType: 'None'"),
}


@pytest.mark.parametrize("name", SAID)
def test_an_id_that_is_no_text_is_named_with_its_type(tracker: GraphTracker, name: str) -> None:
    wrong, said = SAID[name]
    with pytest.raises(InvalidInput) as raised:
        tracker.add_metadata(wrong, lr=1)  # type: ignore[arg-type]
    assert str(raised.value) == said
    assert tracker.run_ids() == []


LONGEST = {"ascii": "a" * 4000, "two bytes": "é" * 2000, "four bytes": "\U0001f600" * 1000}

FIT = {**LONGEST, "newline": "a\nb", "space": " ", "quotes": "'\"`", "slash": "/", "emoji": "\U0001f600", "dot": "."}

UNFIT: dict[str, Any] = {
    "empty": "",
    "4,001 bytes": "a" * 4001,
    "2,001 letters of two bytes": "é" * 2001,
    "4,001 bytes in the last letter": "a" * 3997 + "\U0001f600",
    "NUL": "a\0b",
    "lone surrogate": "a\ud800",
    "other lone surrogate": "\udfff",
    "None": None,
    "number": 5,
    "bytes": b"run",
    "path": Path("/run"),
    "tuple": ("run",),
}

Place = Callable[[GraphTracker, Any], object]

WRITTEN: dict[str, Place] = {
    "run of add_metadata": lambda tracker, text: tracker.add_metadata(text, lr=1),
    "run of add_artifact": lambda tracker, text: tracker.add_artifact(text, "model", "/m"),
    "run of add_source": lambda tracker, text: tracker.add_source(text, "prepare"),
    "run of record": lambda tracker, text: tracker.record(text),
    "source": lambda tracker, text: tracker.add_source("train", text),
    "source of record": lambda tracker, text: tracker.record("train", sources=[TrackerSource(text, None)]),
    "artifact": lambda tracker, text: tracker.add_artifact("train", text, "/m"),
    "artifact of record": lambda tracker, text: tracker.record("a", artifacts=[TrackerArtifact(text, "/m", None)]),
    "key": lambda tracker, text: tracker.record("train", metadata={text: 1}),
    "key of an artifact": lambda tracker, text: tracker.add_artifact("train", "model", "/m", {text: 1}),
}

SOURCE_NAMES: dict[str, Place] = {  # here None and "" mean the whole run
    "artifact of a source": lambda tracker, text: tracker.add_source("train", "prepare", text),
    "artifact of a recorded source": lambda tracker, text: tracker.record("a", sources=[TrackerSource("b", text)]),
}

READ: dict[str, Place] = {
    "artifacts": lambda tracker, text: tracker.artifacts(text),
    "metadata": lambda tracker, text: tracker.metadata(text),
    "sources": lambda tracker, text: tracker.sources(text),
    "consumers": lambda tracker, text: tracker.consumers(text),
    "lineage": lambda tracker, text: tracker.lineage(text),
    "run": lambda tracker, text: tracker.run(text),
}


@pytest.mark.parametrize("name", FIT)
def test_any_text_of_up_to_4000_bytes_is_an_id_a_name_and_a_key(tracker: GraphTracker, name: str) -> None:
    text = FIT[name]
    artifact = TrackerArtifact(text, "/m", {text: 1})
    tracker.record(text, metadata={text: 2}, artifacts=[artifact], sources=[TrackerSource(text, text)])
    assert tracker.run_ids(**{text: 2}) == tracker.consumers(text, text) == [text]
    assert tracker.artifacts(text) == {text: artifact}
    assert tracker.sources(text) == [TrackerSource(text, text)]
    assert list(tracker.lineage(text, artifact_name=text).artifacts) == [(text, text)]


@pytest.mark.parametrize("place", WRITTEN)
@pytest.mark.parametrize("name", UNFIT)
def test_what_is_no_id_name_or_key_is_refused_and_nothing_is_stored(
    tracker: GraphTracker, place: str, name: str
) -> None:
    with pytest.raises(InvalidInput):
        WRITTEN[place](tracker, UNFIT[name])
    assert len(tracker.graph()) == 0


@pytest.mark.parametrize("place", SOURCE_NAMES)
@pytest.mark.parametrize("name", sorted(UNFIT.keys() - {"empty", "None"}))
def test_what_is_no_artifact_name_of_a_source_is_refused(tracker: GraphTracker, place: str, name: str) -> None:
    with pytest.raises(InvalidInput):
        SOURCE_NAMES[place](tracker, UNFIT[name])
    assert len(tracker.graph()) == 0


@pytest.mark.parametrize("place", READ)
@pytest.mark.parametrize("name", UNFIT)
def test_a_question_about_what_is_no_id_is_refused(tracker: GraphTracker, place: str, name: str) -> None:
    tracker.add_metadata("a")
    with pytest.raises(InvalidInput):
        READ[place](tracker, UNFIT[name])


def test_ids_are_told_apart_by_every_letter(tracker: GraphTracker) -> None:
    alike = ["run", "Run", "run ", " run", "run\n", "r\u00fcn", "ru\u0308n", "run/", "\uff52un", "1", "1.0", "01"]
    for run_id in alike:
        tracker.record(run_id, metadata={"id": run_id}, artifacts=[TrackerArtifact(run_id, run_id, None)])
    assert set(tracker.run_ids()) == set(alike)
    assert {run_id: tracker.metadata(run_id)["id"] for run_id in alike} == {run_id: run_id for run_id in alike}
    assert [list(tracker.artifacts(run_id)) for run_id in alike] == [[run_id] for run_id in alike]


def test_an_id_that_is_a_str_subclass_is_that_text(tracker: GraphTracker) -> None:
    class Handle(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "something else"

    tracker.add_source(Handle("a"), Handle("b"), Handle("model"))
    (source,) = tracker.graph().sources
    assert source == Source("a", "b", "model")
    assert {type(part) for part in (source.run_id, source.source_run_id, source.artifact_name)} == {str}
