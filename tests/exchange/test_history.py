"""The events of a run that another system recorded: the same for the same, whatever else is said and in which order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from pathlib import Path

import pytest

from graphtracker import GraphTracker, InvalidInput
from graphtracker.exchange.history import BEFORE_ALL, History
from graphtracker.exchange.report import Report
from graphtracker.model.events import ArtifactLogged, Event, MetadataSet, stamp_time
from tests.support.hostile import HOSTILE, REFUSED
from tests.support.stores import STORES
from tests.support.tools import run
from tests.support.values_of_note import BY_HAND

NOON = 1_700_000_000 * 10**9
DAY = 86_400 * 10**9
OUTSIDE = [-(10**20), 10**20, -9_300_000_000 * 10**9, 9_300_000_000 * 10**9]

Said = Callable[[History], object]


def of(*said: Said, run_id: str = "train") -> list[Event]:
    """The events of a history in which this is said."""
    history = History(run_id, Report())
    for say in said:
        say(history)
    return history.events()


SAID: list[Said] = [
    lambda history: history.reported(NOON),
    lambda history: history.metadata({"lr": 0.1, "seed": 7}, NOON),
    lambda history: history.metadata({"lr": 0.2}, NOON + DAY),
    lambda history: history.context({"user": "ada", "command": "train.py"}, NOON),
    lambda history: history.artifact("model", "/m.pt", {"loss": 0.5}, NOON),
    lambda history: history.source("prepare", "rows", NOON),
    lambda history: history.source("prepare", None, NOON),
]


def metadata(values: Mapping[str, object]) -> Said:
    return lambda history: history.metadata(values, NOON)


def artifact(path: str, values: Mapping[str, object]) -> Said:
    return lambda history: history.artifact("model", path, values, NOON)


def test_the_same_is_the_same_events_whatever_the_order_and_the_rest() -> None:
    whole = of(*SAID)
    assert set(map(repr, of(*reversed(SAID), *SAID))) == set(map(repr, whole))
    for say in SAID:
        assert set(map(repr, of(say))) <= set(map(repr, whole))


def test_another_value_of_one_key_has_another_stamp() -> None:
    values: list[object] = [
        0.1,
        0.2,
        "0.1",
        1,
        1.0,
        True,
        "1",
        None,
        "None",
        b"1",
        [1],
        ["1"],
        {"a": 1},
        {"a": 2},
        {"a": 1.0},
        {"a": 1, "b": 1},
        {"a": {"b": 1}},
        {"a': 1, 'b": 1},
        "{'a':1}",
        2**63,
        str(2**63),
        datetime(2026, 3, 1, tzinfo=timezone.utc),
        str(datetime(2026, 3, 1, tzinfo=timezone.utc)),
        datetime(2026, 3, 1, fold=1, tzinfo=timezone.utc),
        datetime(2026, 3, 1),  # one that knows no zone
        {},
        [],
    ]
    histories = [of(metadata({"lr": value})) for value in values]
    histories.append(of(lambda history: history.metadata({"lr": 0.1}, NOON + DAY)))
    assert len({event.stamp for events in histories for event in events}) == len(histories)


def test_another_artifact_of_one_name_has_another_stamp() -> None:
    histories = [
        of(lambda history: history.artifact("model", "/a", {}, NOON)),
        of(lambda history: history.artifact("model", "/b", {}, NOON)),
        of(lambda history: history.artifact("model", "/a", {"lr": 0.1}, NOON)),
        of(lambda history: history.artifact("model", "/a", {"lr": 0.2}, NOON)),
    ]
    assert len({event.stamp for events in histories for event in events}) == len(histories)


def test_of_one_time_what_says_more_of_an_artifact_stands() -> None:
    more = of(lambda history: history.artifact("model", "/a", {"rows": 1, "size": 2}, NOON))
    less = [of(artifact("/a", {"rows": rows})) for rows in range(100)]
    assert max(event.stamp for events in less for event in events) < more[0].stamp


def test_the_order_of_keys_changes_no_stamp() -> None:
    inner = {"a": [1, {"x": 1, "y": 2}], "b": {1: "one", "1": "text", None: "none", "c": {3}}}
    turned = {key: inner[key] for key in reversed(inner)}
    turned["a"] = [1, {"y": 2, "x": 1}]
    turned["b"] = {"c": {3}, None: "none", "1": "text", 1: "one"}
    assert of(metadata({"config": inner}))[0].stamp == of(metadata({"config": turned}))[0].stamp
    assert of(artifact("/m", inner))[0].stamp == of(artifact("/m", turned))[0].stamp


@pytest.mark.parametrize("seed", ["1", "2"])
def test_every_process_of_every_version_stamps_the_same(seed: str, tmp_path: Path) -> None:
    program = """
from graphtracker.exchange.history import History
from graphtracker.exchange.report import Report

history = History("train \\u0378", Report())
history.metadata({"config": {"a": {1, "b", 2.5, None}, "c": [True, 7**9000, {"e": "\\u1c89"}]}}, 7_000)
print(history.events()[0].stamp.hex())
"""
    said = run(tmp_path, sys.executable, "-c", program, env={"PYTHONHASHSEED": seed}).stdout
    assert said == "8000000000001b5800c3504be545c3bcf05df208\n", "what was imported would come in again as other events"


def test_the_order_of_a_list_is_part_of_it() -> None:
    assert of(metadata({"betas": [1, 2]}))[0].stamp != of(metadata({"betas": [2, 1]}))[0].stamp


@pytest.mark.parametrize("value", BY_HAND.values(), ids=BY_HAND)
def test_every_value_that_a_store_keeps_has_one_stamp(value: object) -> None:
    one, other = (of(metadata({"value": value}))[0] for _ in range(2))
    assert one.stamp == other.stamp
    assert isinstance(one, MetadataSet)


@pytest.mark.parametrize("kind", STORES)
def test_of_two_values_at_one_time_every_store_takes_the_same(
    kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    values = [1, "2", 3.0]
    greatest = max((of(metadata({"lr": value}))[0] for value in values), key=lambda event: event.stamp)

    def kept(batches: list[list[Event]]) -> tuple[object, str]:
        with GraphTracker(STORES[kind](tmp_path_factory.mktemp("store"))) as tracker:
            tracker.copy_from(batches)
            return tracker.metadata("train")["lr"], tracker.artifacts("train")["model"].path

    found = set()
    for order in (values, values[::-1]):
        said = [say for value in order for say in (metadata({"lr": value}), artifact(f"/{value}", {}))]
        found |= {kept([of(*said)]), kept([[event] for say in said for event in of(say)])}
    assert isinstance(greatest, MetadataSet)
    assert {lr for lr, _ in found} == {greatest.value}
    assert len(found) == 1


def test_its_times_are_those_it_was_told_in_whole_microseconds() -> None:
    times = {stamp_time(event.stamp) for event in of(*SAID)}
    assert times == {NOON, NOON + DAY}
    (event,) = of(lambda h: h.reported(NOON + 1999))
    assert stamp_time(event.stamp) == NOON + 1000


@pytest.mark.parametrize("time", OUTSIDE)
def test_a_time_outside_the_range_is_before_all_and_counted(time: int) -> None:
    report = Report()
    history = History("train", report)
    history.metadata({"lr": 0.1}, time)
    assert {stamp_time(event.stamp) for event in history.events()} == {BEFORE_ALL}
    assert report.unmapped == {"times outside the years 1678 to 2261": 1}


def test_a_history_of_which_nothing_is_said_still_is_a_run() -> None:
    (event,) = of()
    assert (type(event).__name__, stamp_time(event.stamp)) == ("Reported", BEFORE_ALL)


@pytest.mark.parametrize("run_id", [*REFUSED.values(), None, 7, b"a"], ids=[*REFUSED, "None", "number", "bytes"])
def test_what_is_no_run_id_is_refused(run_id: object) -> None:
    with pytest.raises(InvalidInput):
        History(run_id, Report())  # type: ignore[arg-type]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_data(text: str) -> None:
    with GraphTracker(":memory:") as tracker:
        history = History(text, Report())
        history.metadata({text: text}, NOON)
        assert history.artifact(text, text, {text: text}, NOON)
        assert history.source(f"{text[:900]}'s source", text, NOON)
        tracker.copy_from([history.events()])
        assert tracker.metadata(text) == {text: text}
        assert tracker.artifacts(text)[text].metadata == {text: text}
        assert tracker.sources(text)[0].artifact_name == text


@pytest.mark.parametrize("bad", [*REFUSED.values(), None, 7, object()], ids=[*REFUSED, "None", "number", "object"])
def test_what_cannot_be_stored_is_left_out_and_counted(bad: object) -> None:
    report = Report()
    history = History("train", report)
    history.metadata({bad: 1, "kept": 1}, NOON)  # type: ignore[dict-item]
    assert not history.artifact(bad, "/m", {}, NOON)  # type: ignore[arg-type]
    assert history.artifact("model", "/m", {bad: 1, "kept": 1}, NOON)  # type: ignore[dict-item]
    assert not history.source(bad, None, NOON)  # type: ignore[arg-type]
    assert report.unmapped == {
        "values of metadata that cannot be stored": 2,
        "artifacts whose name or path cannot be stored": 1,
        "sources whose id or name cannot be stored": 1,
    }
    (artifact,) = (event for event in history.events() if isinstance(event, ArtifactLogged))
    assert artifact.metadata == {"kept": 1}


@pytest.mark.parametrize(
    "value", [object(), 1j, "\ud800", print, memoryview(b"")], ids=lambda value: type(value).__name__
)
def test_a_value_that_cannot_be_stored_is_left_out_and_counted(value: object) -> None:
    report = Report()
    history = History("train", report)
    history.metadata({"odd": value, "kept": date(2026, 1, 1)}, NOON)
    (event,) = history.events()
    assert isinstance(event, MetadataSet)
    assert (event.key, report.unmapped) == ("kept", {"values of metadata that cannot be stored": 1})


def test_a_path_that_is_none_is_left_out_and_counted() -> None:
    report = Report()
    history = History("train", report)
    for path in (None, 7, b"/m", "\ud800"):
        assert not history.artifact("model", path, {}, NOON)  # type: ignore[arg-type]
    assert report.unmapped == {"artifacts whose name or path cannot be stored": 4}


def test_a_relative_path_stays_one() -> None:
    (event,) = of(lambda h: h.artifact("model", "models/../m.pt", {}, NOON))
    assert isinstance(event, ArtifactLogged)
    assert (event.path, event.place) == ("models/../m.pt", "m.pt")


def test_context_keeps_what_has_a_key_there_and_counts_what_cannot_be_stored() -> None:
    report = Report()
    history = History("train", report)
    history.context({"user": "ada", "command": None, "host": "", "nonsense": 1}, NOON)
    (event,) = history.events()
    assert event[1] == {"user": "ada"}
    history.context({"user": object()}, NOON)
    assert report.unmapped == {"values of context that cannot be stored": 1}


def test_context_of_other_keys_at_one_time_is_kept_beside() -> None:
    history = History("train", Report())
    history.context({"user": "ada"}, NOON)
    history.context({"host": "here"}, NOON)
    with GraphTracker(":memory:") as tracker:
        tracker.copy_from([history.events()])
        assert tracker.graph().runs["train"].context == {"user": "ada", "host": "here"}
