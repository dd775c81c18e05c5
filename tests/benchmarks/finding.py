"""How long runs take to be found, beside SQL written by hand for the same file, with what the indexes for it cost."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from graphtracker import Artifact, GraphTracker, Run
from graphtracker.model.times import nanoseconds
from tests.benchmarks.graphs import RecordedRun, run_id_of, sweep
from tests.benchmarks.measuring import Result, in_turn, ratio, taken
from tests.benchmarks.recording import fill, record_all

TARGET = "<= 1.50 x"
INDEXES = ("run_newest", "run_name", "metadata_value", "metadata_long")
"""What finding runs has brought to the schema."""

_HITS = 100
_SETTINGS = ("PRAGMA temp_store = MEMORY", "PRAGMA cache_size = -65536")  # as ours


# -- by hand -----------------------------------------------------------------------------------------------------------

_COLUMNS = "r.id, r.run_id, r.created_at, r.reported_at, r.updated_at, r.forgotten, r.context"
_NEWEST = "ORDER BY r.created_at DESC, r.run_id LIMIT 20"
_BY_HAND = {
    "newest": f"SELECT {_COLUMNS} FROM run AS r WHERE r.reported_at IS NOT NULL {_NEWEST}",
    "page": f"""SELECT {_COLUMNS} FROM run AS r WHERE r.reported_at IS NOT NULL
        AND r.created_at <= :at AND (r.created_at < :at OR r.run_id > :run_id) {_NEWEST}""",
    "common": f"""SELECT {_COLUMNS} FROM run AS r WHERE r.reported_at IS NOT NULL AND EXISTS (
            SELECT 1 FROM metadata AS m WHERE m.run = r.id AND m.key = 'optimizer' AND m.value = 'adam'
        ) {_NEWEST}""",
    "range": f"""SELECT {_COLUMNS} FROM metadata AS m CROSS JOIN run AS r ON r.id = m.run
        WHERE m.key = 'loss' AND m.long IS NULL AND m.value >= :least AND m.value < :end AND r.reported_at IS NOT NULL
        ORDER BY r.created_at DESC, r.run_id""",
    "best": f"""SELECT {_COLUMNS} FROM metadata AS m CROSS JOIN run AS r ON r.id = m.run
        WHERE m.key = 'loss' AND m.long IS NULL AND m.value < '' AND r.reported_at IS NOT NULL
        ORDER BY m.value, r.created_at DESC, r.run_id LIMIT 1""",
    "text": f"SELECT {_COLUMNS} FROM run AS r WHERE instr(r.run_id, :text) ORDER BY r.created_at DESC LIMIT 100",
}
_METADATA = "SELECT run, key, value FROM metadata WHERE run IN ({})"
_ARTIFACTS = """SELECT r.run_id, a.name, ifnull(a.path, a.place), a.metadata, a.created_at, a.logged_at
    FROM artifact AS a CROSS JOIN run AS r ON r.id = a.run
    WHERE instr(a.name, :text) OR instr(a.path, :text) OR instr(a.place, :text) LIMIT 100"""

Row = tuple[Any, ...]
"""Of a run: id, times, metadata. Of an artifact: run id, name, path, metadata, times."""


class ByHand:
    """The same questions on the same file, in one snapshot each."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for setting in _SETTINGS:
            self._connection.execute(setting)

    def runs(self, name: str, parameters: Mapping[str, object]) -> list[Row]:
        """The runs that a statement finds, with their metadata."""
        ask = self._connection.execute
        ask("BEGIN")
        rows = ask(_BY_HAND[name], parameters).fetchall()
        metadata: dict[int, dict[str, Any]] = {row[0]: {} for row in rows}
        for run, key, value in ask(_METADATA.format(", ".join("?" * len(rows))), list(metadata)):
            metadata[run][key] = json.loads(value) if type(value) is bytes else value
        ask("COMMIT")
        return [(*row[1:5], metadata[row[0]]) for row in rows]

    def found(self, text: str) -> list[Row]:
        """Runs and artifacts in whose ids, names or paths the text is, the newest first."""
        artifacts = self._connection.execute(_ARTIFACTS, {"text": text}).fetchall()
        timed = [(-row[1], row) for row in self.runs("text", {"text": text})] + [(-row[-1], row) for row in artifacts]
        return [row for _, row in sorted(timed, key=lambda each: each[0])]

    def close(self) -> None:
        self._connection.close()


def _shown(found: Sequence[Run | Artifact]) -> list[Row]:
    """Runs and artifacts as the rows by hand are, times in microseconds, at which those of values end."""
    return [
        (each.run_id, *map(_microseconds, (each.created_at, each.reported_at, each.updated_at)), dict(each.metadata))
        if isinstance(each, Run)
        else (each.run_id, each.name, each.path, None, *map(_microseconds, (each.created_at, each.logged_at)))
        for each in found
    ]


def _microseconds(time: Any) -> int:
    return (time if type(time) is int else nanoseconds(time)) // 1000


def _in_microseconds(rows: list[Row]) -> list[Row]:
    return [tuple(_microseconds(cell) if type(cell) is int else cell for cell in row) for row in rows]


# -- asking ------------------------------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """A question to the tracker and by hand, asked so many times in a round."""

    name: str
    ours: Callable[[], Sequence[Run | Artifact]]
    by_hand: Callable[[], list[Row]]
    times: int = 100


def of_a_store(folder: Path, *, runs: int = 10_000, rounds: int = 9) -> Iterator[Result]:
    """Finding runs in a store of so many, then what recording costs there."""
    path = folder / "ours.db"
    with GraphTracker(path) as tracker:
        fill(tracker, sweep(0, runs, runs))
    with GraphTracker(path) as tracker, closing(ByHand(path)) as by_hand:
        for asked in _questions(tracker, by_hand, runs):
            yield _compared(asked, runs, rounds)
        yield _by_a_beginning(tracker, runs, rounds)
    yield from _recording(path, runs, rounds)


def _questions(tracker: GraphTracker, by_hand: ByHand, runs: int) -> Iterator[Asked]:
    yield Asked("newest 20", lambda: tracker.runs(limit=20), lambda: by_hand.runs("newest", {}))
    least, end = 0.5, 0.5 + _HITS / runs
    between = f"{least} <= loss < {end!r}"
    yield Asked(
        f"range of {_HITS} hits",
        lambda: tracker.runs(where=between),
        lambda: by_hand.runs("range", {"least": least, "end": end}),
        times=20,
    )
    yield Asked(
        "best of one key", lambda: tracker.runs(order_by="loss", limit=1), lambda: by_hand.runs("best", {}), times=200
    )
    passed = min(10_000, runs // 2)
    before = tracker.run(run_id_of(runs - passed, "-x7mw"))
    behind = {"at": nanoseconds(before.created_at), "run_id": before.run_id}
    yield Asked(
        f"page after {passed:,}", lambda: tracker.runs(limit=20, after=before), lambda: by_hand.runs("page", behind)
    )
    yield Asked(
        "newest 20 of a common value",
        lambda: tracker.runs(where="optimizer == 'adam'", limit=20),
        lambda: by_hand.runs("common", {}),
    )
    rare = run_id_of(runs // 3, "-x7mw")[-11:]
    yield Asked("find of a rare text", lambda: tracker.find(rare), lambda: by_hand.found(rare), times=1)


def _compared(asked: Asked, runs: int, rounds: int) -> Result:
    assert _shown(asked.ours()) == _in_microseconds(asked.by_hand()), asked.name
    times = in_turn(rounds, _repeated(asked.ours, asked.times), _repeated(asked.by_hand, asked.times))
    return ratio(f"runs, {asked.name} of {runs:,}", times, TARGET, each=asked.times)


def _by_a_beginning(tracker: GraphTracker, runs: int, rounds: int) -> Result:
    run_id = run_id_of(runs // 2, "-x7mw")
    name = run_id.rpartition("/")[2]
    assert tracker.find_run(name[:-3]) == run_id
    ours, floor = (_repeated(ask, 100) for ask in (lambda: tracker.find_run(name[:-3]), lambda: tracker.run(run_id)))
    times = in_turn(rounds, ours, floor)
    return ratio(f"find_run, a beginning in {runs:,}, to run() of an id", times, "<= 2.00 x", each=100)


def _repeated(ask: Callable[[], object], times: int) -> Callable[[int], float]:
    """A round of so many questions: the ms of the processor that they take."""

    def all_of_them() -> None:
        for _ in range(times):
            ask()

    return lambda _: taken(all_of_them, time.process_time)


# -- recording ---------------------------------------------------------------------------------------------------------


def _recording(path: Path, runs: int, rounds: int) -> Iterator[Result]:
    """A call, a record() and a batch in this store, beside a copy of it without the indexes."""
    without = path.with_name("without.db")
    shutil.copyfile(path, without)
    with closing(sqlite3.connect(without, isolation_level=None)) as connection:
        for index in INDEXES:
            connection.execute(f"DROP INDEX {index}")
    with GraphTracker(path) as ours, GraphTracker(without) as other:
        begin = runs
        for name, record, size, target in (
            ("five values, a call", _call, 300, "<= 2.00 x"),
            ("one record()", record_all, 300, ""),
            ("a batch", fill, max(1000, runs // 100), "<= 1.60 x"),
        ):
            parts = [list(sweep(begin + part * size, begin + (part + 1) * size, runs)) for part in range(rounds)]
            begin += rounds * size
            times = in_turn(
                rounds,
                lambda part, record=record, parts=parts: taken(partial(record, ours, parts[part])),  # type: ignore[misc]
                lambda part, record=record, parts=parts: taken(partial(record, other, parts[part])),  # type: ignore[misc]
            )
            yield ratio(f"{name}, each run, to that without indexes", times, target, each=size)


def _call(tracker: GraphTracker, many: Sequence[RecordedRun]) -> None:
    for run in many:
        tracker.add_metadata(run.run_id, **run.metadata)
