"""The runs of an SQLite store that a selection asks for.

Newest first is the order of an index, and so is that of a metadata key whose values SQLite compares. Where few runs
match, they are found by their values, else by a walk from the newest on: whichever is done first, within a factor.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from graphtracker.model.events import NOW, stamp_after
from graphtracker.model.limits import LARGEST_INT
from graphtracker.model.question import moment
from graphtracker.model.times import nanoseconds
from graphtracker.model.values import Artifact, Run
from graphtracker.stores.filters.conditions import TIMES, Field, MetadataKey, Own
from graphtracker.stores.filters.meaning import MISSING, matches, value_of
from graphtracker.stores.filters.selection import NAN, NUMBERS, OTHERS, TEXT, Ranked, Selection, group_of, page_of
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.damage import NamingDamage
from graphtracker.stores.sqlite.filtering import NAN_COLUMN, Filter, joined
from graphtracker.stores.sqlite.rows import Reader, RunRow, text, to_metadata

_FEW = 500
"""Runs that are found by their values at once: they are counted in the time in which a walk of as many begins."""

_WALKED = 4_000
"""Runs that are walked through before those that match are counted again; then four times as many."""

_ALL_BY_VALUE = 50_000
"""Runs up to which all that match are found by their values."""

_IDS = "r.id, r.run_id"


class Selecting:
    """What one selection asks for, inside a read transaction that the caller holds."""

    def __init__(self, cursor: sqlite3.Cursor, selection: Selection) -> None:
        self._cursor = cursor
        self._ask = cursor.connection.execute
        self._selection = selection
        self._reader = Reader(moment(selection.as_of))
        self._filter = Filter(selection.where, self._first, self._reader.at)
        self._parameters: dict[str, Any] = self._filter.parameters
        holds = [self._filter.clause.may]
        if selection.parent_run_id is not None:
            holds.append(sql.HAS_SOURCE)
            self._parameters["parent"] = selection.parent_run_id
        self._holds = joined("AND", holds)
        # Rows that are enough of any statement.
        self._limit = -1
        if selection.limit is not None and self._filter.exact:
            self._limit = min(selection.limit, LARGEST_INT)

    def runs(self) -> list[Run]:
        """The runs, in order."""
        with NamingDamage(self._cursor):
            return list(islice(self._found(), _most(self._selection.limit)))

    def run_ids(self) -> list[str]:
        """Their ids."""
        order = self._selection.order_by
        if not self._filter.exact or (order is not None and self._statement_of(order.field) is None):
            return [run.run_id for run in self.runs()]
        with NamingDamage(self._cursor):
            return [text(row[1]) for row in islice(self._rows(_IDS), _most(self._selection.limit))]

    def _found(self) -> Iterator[Run]:
        order = self._selection.order_by
        if order is not None and self._statement_of(order.field) is None:
            return iter(self._sorted(order.field))
        return self._matching(self._rows(sql.RUN_COLUMNS))

    def _matching(self, rows: Iterator[RunRow]) -> Iterator[Run]:
        """Those of these runs that match, where SQL alone could not tell."""
        where = None if self._filter.exact else self._selection.where
        for row in rows:
            with NamingDamage(self._cursor, lambda row=row: row[:1]):  # type: ignore[misc]
                run = self._run(row)
                kept = where is None or matches(where, run, lambda row=row, run=run: self._artifacts(row[0], run))  # type: ignore[misc]
            if kept:
                yield run

    def _run(self, row: RunRow) -> Run:
        values = self._ask(sql.RUN_METADATA, (row[0], stamp_after(self._reader.at)))
        return self._reader.run(row, to_metadata(values))

    def _artifacts(self, run: int, value: Run) -> Mapping[str, Artifact]:
        made = self._reader.artifact
        rows = self._ask(sql.RUN_ARTIFACTS, (run,))
        return {row[1]: made(value.run_id, value.forgotten, *row[1:]) for row in rows}

    # -- which rows, in which order ------------------------------------------------------------------------------------

    def _rows(self, columns: str) -> Iterator[RunRow]:
        """The rows in order, without those that SQL can tell from what matches, from behind the run before on."""
        order = self._selection.order_by
        if self._selection.limit == 0 or self._holds == "0":
            return iter(())
        if order is None:
            return self._newest(columns)
        if isinstance(order.field, MetadataKey):
            return self._by_key(columns, order.field.places[0].key)
        return self._by_own(columns, order.field)

    def _newest(self, columns: str) -> Iterator[RunRow]:
        behind = self._behind()
        limit = self._selection.limit
        few = _ALL_BY_VALUE if limit is None else _FEW
        driver, count = self._best_driver(few)
        if driver is None:
            yield from self._walk(columns, behind)
            return
        walked = _WALKED
        while count > few:
            bound = None if limit is None else self._last_of(walked, behind)
            yield from self._walk(columns, [*behind, *([] if bound is None else [sql.UNTIL])])
            if bound is None:
                return
            behind = self._set_behind(*bound)
            count, few, walked = self._counted(driver, walked + 1), walked, 4 * walked
        yield from self._select(columns, sql.BY_ID, [f"r.id IN ({driver})", *behind])

    def _best_driver(self, most: int) -> tuple[str | None, int]:
        """The statement that leads to the fewest runs, and how many these are, or more than ``most``."""
        drivers = [*self._filter.drivers, *([sql.BY_SOURCE] if self._selection.parent_run_id is not None else [])]
        counted = [(self._counted(driver, most + 1), driver) for driver in drivers]
        if not counted:
            return None, 0
        count, driver = min(counted)
        return driver, count

    def _counted(self, driver: str, limit: int) -> int:
        return int(self._first(sql.COUNTED.format(driver=driver), {**self._parameters, "limit": limit}))

    def _last_of(self, count: int, behind: Sequence[str]) -> tuple[int, str] | None:
        """Where a walk through so many runs ends; None where there are no more."""
        statement = sql.THE_LAST_OF.format(holds=joined("AND", behind))
        row = self._ask(statement, {**self._parameters, "limit": count - 1}).fetchone()
        if row is not None:
            self._parameters.update(until=row[0], until_id=row[1])
        return row  # type: ignore[no-any-return]

    def _walk(self, columns: str, more: Sequence[str]) -> Iterator[RunRow]:
        return self._select(columns, sql.BY_NEWEST, more)

    def _select(self, columns: str, by: str, more: Sequence[str], order: str = "") -> Iterator[RunRow]:
        holds = joined("AND", [self._holds, *more])
        statement = sql.SELECTED.format(columns=columns, by=by, holds=holds, order=order)
        return self._each(statement)

    def _each(self, statement: str) -> Iterator[RunRow]:
        # No cursor: a generator that is left would close it, perhaps after the connection.
        return iter(self._ask(statement, {**self._parameters, "limit": self._limit}).fetchone, None)

    def _by_own(self, columns: str, field: Field) -> Iterator[RunRow]:
        expression = _COLUMNS[field.name]  # type: ignore[union-attr]
        by = sql.BY_NEWEST if expression == "r.created_at" else sql.BY_ANY
        after = self._selection.after
        value = None if after is None else value_of(field, after)
        if value is MISSING:  # an external run comes behind all that reported
            return iter(())
        more = [] if after is None else self._behind_value(expression, value)
        return self._select(columns, by, more, f"{expression} {self._way}, ")

    def _by_key(self, columns: str, key: str) -> Iterator[RunRow]:
        self._parameters["ranked"] = key
        after, begin, value = self._selection.after, NUMBERS, None
        if after is not None:
            value = value_of(self._selection.order_by.field, after)  # type: ignore[union-attr]
            begin = group_of(value)
        for group, held in _GROUPS.items():
            if group < begin:
                continue
            ranked = group in (NUMBERS, TEXT)
            more: list[str] = []
            if after is not None and group == begin:
                more = self._behind_value("m.value", value) if ranked else self._behind()
            if ranked:
                yield from self._ranked(columns, held, more)
            else:
                yield from self._walk(columns, [held.format(stamped=self._stamped), *more])

    def _ranked(self, columns: str, group: str, more: Sequence[str]) -> Iterator[RunRow]:
        holds = joined("AND", [self._holds, f"1{self._stamped}", *more])
        statement = sql.RANKED.format(columns=columns, group=group, holds=holds, way=self._way)
        return self._each(statement)

    @property
    def _stamped(self) -> str:
        return "" if self._reader.at == NOW else " AND m.stamp < :later"

    @property
    def _way(self) -> str:
        order = self._selection.order_by
        return "DESC" if order is not None and order.descending else "ASC"

    def _statement_of(self, field: Field) -> str | None:
        """By what SQL orders runs; None where it cannot do so as ``Order`` says."""
        if isinstance(field, Own):
            known = field.name in _COLUMNS and (field.name not in TIMES or self._reader.at == NOW)
            return _COLUMNS[field.name] if known else None
        if not isinstance(field, MetadataKey) or field.places[0].path:
            return None
        keys = [place.key for place in field.places]
        if any(map(self._filter.has_odd, keys)) or self._first(sql.HAS_LONG, {"key": keys[0]}):
            return None
        return "m.value"

    # -- where the page before ended -----------------------------------------------------------------------------------

    def _behind(self) -> list[str]:
        after = self._selection.after
        return [] if after is None else self._set_behind(self._exact(after, "created_at"), after.run_id)

    def _set_behind(self, created_at: int, run_id: str) -> list[str]:
        self._parameters.update(after=created_at, after_id=run_id)
        return [sql.BEHIND]

    def _behind_value(self, expression: str, value: object) -> list[str]:
        self._behind()
        if isinstance(value, datetime):
            value = self._exact(self._selection.after, expression.removeprefix("r."))
        self._parameters["after_value"] = value
        sign = "<" if self._way == "DESC" else ">"
        return [f"({expression} {sign}= :after_value AND ({expression} {sign} :after_value OR {sql.BEHIND}))"]

    def _exact(self, run: Run | None, column: str) -> int:
        """The time of a run in ns, as far as the store still knows it so: values of times end at microseconds."""
        time = nanoseconds(getattr(run, column))
        row = None if run is None else self._ask(sql.ONE_RUN, (run.run_id,)).fetchone()
        held = None if row is None else row[_TIMES[column]]
        return held if isinstance(held, int) and held // 1000 == time // 1000 else time

    # -- in Python -----------------------------------------------------------------------------------------------------

    def _sorted(self, field: Field) -> list[Run]:
        """The runs in an order that SQL does not know."""
        self._limit = -1
        found = [self._rank(field, run) for run in self._matching(self._all())]
        after = self._selection.after
        return [
            each.run for each in page_of(found, self._selection, None if after is None else self._rank(field, after))
        ]

    def _all(self) -> Iterator[RunRow]:
        if self._holds == "0":
            return iter(())
        driver, count = self._best_driver(_ALL_BY_VALUE)
        if driver is None or count > _ALL_BY_VALUE:
            return self._walk(sql.RUN_COLUMNS, [])
        return self._select(sql.RUN_COLUMNS, sql.BY_ID, [f"r.id IN ({driver})"])

    def _rank(self, field: Field, run: Run) -> Ranked:
        def artifacts() -> Mapping[str, Artifact]:
            row = self._ask(sql.ONE_RUN, (run.run_id,)).fetchone()
            return {} if row is None else self._artifacts(row[0], run)

        return Ranked(value_of(field, run, artifacts), run.created_at, run.run_id, run)

    def _first(self, statement: str, parameters: dict[str, Any]) -> Any:
        return self._ask(statement, parameters).fetchone()[0]


def _most(limit: int | None) -> int | None:
    return None if limit is None else min(limit, LARGEST_INT)


_COLUMNS = {
    "id": "r.run_id",
    "name": "ifnull(r.name, r.run_id)",
    "created": "r.created_at",
    "reported": "r.reported_at",
    "updated": "r.updated_at",
}
_TIMES = {"created_at": 2, "reported_at": 3, "updated_at": 4}
_HAS = "EXISTS (SELECT 1 FROM metadata AS m WHERE m.run = r.id AND m.key = :ranked{stamped}"
_GROUPS = {
    NUMBERS: "m.value < ''",
    NAN: f"{_HAS} AND m.value = {NAN_COLUMN})",
    TEXT: "(m.value >= '' AND m.value < x'')",
    OTHERS: f"{_HAS} AND (m.value IS NULL OR (m.value >= x'' AND m.value <> {NAN_COLUMN})))",
    OTHERS + 1: f"NOT {_HAS})",
}
