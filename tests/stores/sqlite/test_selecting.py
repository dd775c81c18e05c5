"""Runs of a selection come the same whichever way SQLite takes to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.stores.sqlite import selecting
from tests.support.recording import after

WALKS = {"_FEW": 0, "_WALKED": 1, "_ALL_BY_VALUE": 0}
LOOK_UPS = {"_FEW": 10**6, "_WALKED": 1, "_ALL_BY_VALUE": 10**6}
RUNS = 300

FILTERS = {
    "one that is old": "number == 3",
    "a few": "number < 40 and third",
    "many": "third == 0",
    "nearly all": "number > 1",
    "none": "number > 10000",
    "of two keys": "number > 100 and third in [0, 1]",
    "between bounds": "10 < number <= 250 and number < 240 and 20 < number",
    "text between bounds": "'b' <= note < 'c' and note > 'bb'",
    "long text": f"note == '{'b' * 200}'",
    "what SQL alone cannot tell": "config.depth == 2",
    "what has it not": "not config",
    "with a source": "number >= 0",
}


@pytest.fixture(params=["walks", "look-ups", "both"])
def tracker(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GraphTracker]:
    """A tracker on a store of runs from old to new, that finds runs in one of these ways, or in both."""
    bounds = {"walks": WALKS, "look-ups": LOOK_UPS, "both": {}}[request.param]
    for name, value in bounds.items():
        monkeypatch.setattr(selecting, name, value)
    with GraphTracker(tmp_path / "lineage.db") as opened:
        with opened.batch() as batch:
            for number in range(RUNS):
                batch.record(
                    f"run-{number}", metadata=metadata(number), sources=["data"][number % 2 :], at=after(number)
                )
        yield opened


def metadata(number: int) -> dict[str, object]:
    config = {"config": {"depth": number % 4}} if number % 5 == 0 else {}
    return {"number": number, "third": number % 3, "note": "ab"[number % 2] * (100 + number % 2 * 100), **config}


def matches(name: str, number: int) -> bool:
    return {
        "one that is old": number == 3,
        "a few": number < 40,
        "many": number % 3 == 0,
        "nearly all": number > 1,
        "none": False,
        "of two keys": number > 100 and number % 3 < 2,
        "between bounds": 20 < number < 240,
        "text between bounds": number % 2 == 1,
        "long text": number % 2 == 1,
        "what SQL alone cannot tell": number % 5 == 0 and number % 4 == 2,
        "what has it not": number % 5 != 0,
        "with a source": number % 2 == 0,
    }[name]


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("limit", [None, 1, 7, 1000])
def test_runs_come_newest_first_page_by_page(tracker: GraphTracker, name: str, limit: int | None) -> None:
    expected = [f"run-{number}" for number in reversed(range(RUNS)) if matches(name, number)]
    parent = {"parent_run_id": "data"} if name == "with a source" else {}
    found: list[str] = []
    while True:
        last = found[-1] if found else None
        assert tracker.run_ids(FILTERS[name], None, limit, last, **parent) == expected[len(found) :][:limit]
        page = tracker.runs(where=FILTERS[name], limit=limit, after=last, parent_run_id=parent.get("parent_run_id"))
        found += [run.run_id for run in page]
        assert all(run.metadata == metadata(int(run.run_id[4:])) for run in page)
        if not page or limit is None:
            break
    assert found == expected
