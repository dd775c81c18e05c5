"""The runs of an SQLite store that a selection asks for.

Newest first is the order of an index, and so is that of a metadata key whose values SQLite compares. Where few runs
match, they are found by their values, else by a walk from the newest on: whichever is done first, within a factor.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any

from graphtracker.model.encoding import loads
from graphtracker.model.equality import MISSING
from graphtracker.model.events import NOW
from graphtracker.model.limits import LARGEST_INT
from graphtracker.model.question import moment
from graphtracker.model.times import nanoseconds
from graphtracker.model.values import Artifact, Run
from graphtracker.stores.filters.conditions import TIMES, Condition, Field, MetadataKey, Own
from graphtracker.stores.filters.meaning import matches, value_of
from graphtracker.stores.filters.selection import NAN, NUMBERS, OTHERS, TEXT, Selection, group_of, keep_rank, page_of
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.damage import NamingDamage
from graphtracker.stores.sqlite.filtering import Filter, Part
from graphtracker.stores.sqlite.native import NAN_COLUMN, joined
from graphtracker.stores.sqlite.ranking import Ranking
from graphtracker.stores.sqlite.rows import Reader, RunRow, text

_FEW = 300
"""Runs that are found by their values at once: to count them takes some 10 us."""

_WALKED = 10
"""Runs that are walked through for each that is asked for before those that match are counted again; then four times as
many."""

_FEW_TOGETHER, _MOST_TOGETHER = 20, 1_000
"""Runs whose metadata is read by one statement: at first and at most, where some of them may not match."""

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
        self._parts = self._filter.parts
        if selection.parent_run_id is not None:
            self._parts.append(Part(sql.HAS_SOURCE, sql.HAS_SOURCE, (sql.BY_SOURCE,)))
            self._parameters["parent"] = selection.parent_run_id
        self._holds = joined("AND", [part.may for part in self._parts])
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
        if not self._filter.exact or not self._sql_orders:
            return [run.run_id for run in self.runs()]
        with NamingDamage(self._cursor):
            return [text(row[1]) for row in islice(self._rows(_IDS), _most(self._selection.limit))]

    def _found(self) -> Iterator[Run]:
        order = self._selection.order_by
        if order is not None and not self._sql_orders:
            return iter(self._sorted(order.field))
        rows = self._rows(sql.RUN_COLUMNS)
        return self._matching(islice(rows, _most(self._selection.limit)) if self._filter.exact else rows)

    def _matching(self, rows: Iterator[RunRow]) -> Iterator[Run]:
        """Those of these runs that match, where SQL alone could not tell."""
        where = None if self._filter.exact else self._selection.where
        size = _MOST_TOGETHER if where is None else _FEW_TOGETHER
        while together := list(islice(rows, size)):
            runs = self._made(together)
            if where is None:
                yield from runs
            else:
                yield from (run for row, run in zip(together, runs, strict=True) if self._matches(where, row, run))
            size = min(2 * size, _MOST_TOGETHER)

    def _matches(self, where: Condition, row: RunRow, run: Run) -> bool:
        with NamingDamage(self._cursor, lambda: row[:1]):
            return matches(where, run, lambda: self._artifacts(row[0], run))

    def _made(self, rows: Sequence[RunRow]) -> list[Run]:
        """The runs of these rows, with their metadata."""
        with NamingDamage(self._cursor, lambda: [row[0] for row in rows]):
            metadata: dict[int, dict[str, object]] = {row[0]: {} for row in rows}
            wanted = {"runs": f"[{','.join(map(str, metadata))}]", "later": self._parameters["later"]}
            for run, key, value in self._ask(sql.METADATA_OF, wanted):
                metadata[run][key if type(key) is str else text(key)] = loads(value) if type(value) is bytes else value
            made = self._reader.run
            return [made(row, metadata[row[0]]) for row in rows]

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
        few, walked = (_FEW, _WALKED * max(limit, 10)) if limit is not None else (_ALL_BY_VALUE, 0)
        part = self._leading_to(few)
        while part is None:
            bound = self._last_of(walked, behind) if walked and any(each.ways for each in self._parts) else None
            yield from self._walk(columns, [*behind, *([] if bound is None else [sql.UNTIL])])
            if bound is None:
                return
            behind = self._set_behind(*bound)
            part, walked = self._leading_to(walked), 4 * walked
        yield from self._drive(columns, part, behind)

    def _leading_to(self, most: int) -> Part | None:
        """A part of which each way leads to at most so many runs."""
        wanted = {**self._parameters, "limit": most}
        for part in self._parts:
            if part.ways and not any(self._first(sql.HAS_MORE.format(way=way), wanted) for way in part.ways):
                return part
        return None

    def _last_of(self, count: int, behind: Sequence[str]) -> tuple[int, str] | None:
        """Where a walk through so many runs ends; None where there are no more."""
        statement = sql.THE_LAST_OF.format(holds=joined("AND", behind))
        row = self._ask(statement, {**self._parameters, "limit": count - 1}).fetchone()
        if row is not None:
            self._parameters.update(until=row[0], until_id=row[1])
        return row  # type: ignore[no-any-return]

    def _walk(self, columns: str, more: Sequence[str]) -> Iterator[RunRow]:
        return self._select(columns, sql.BY_NEWEST, [self._holds, *more])

    def _drive(self, columns: str, part: Part, more: Sequence[str]) -> Iterator[RunRow]:
        straight = part.straight and self._reader.at == NOW  # else ways lead to values of a later time, too
        others = [other.may for other in self._parts if other is not part or not straight]
        return self._select(columns, sql.BY_DRIVER.format(driver=" UNION ALL ".join(part.ways)), [*others, *more])

    def _select(self, columns: str, runs: str, conditions: Sequence[str], order: str = "") -> Iterator[RunRow]:
        holds = joined("AND", conditions)
        statement = sql.SELECTED.format(columns=columns, runs=runs, holds=holds, order=order)
        return self._each(statement)

    def _each(self, statement: str) -> Iterator[RunRow]:
        # No cursor: a generator that is left would close it, perhaps after the connection.
        return iter(self._ask(statement, {**self._parameters, "limit": self._limit}).fetchone, None)

    def _by_own(self, columns: str, field: Field) -> Iterator[RunRow]:
        expression = _COLUMNS[field.name]  # type: ignore[union-attr]
        runs = sql.BY_NEWEST if expression == "r.created_at" else sql.BY_ANY
        after = self._selection.after
        value = None if after is None else value_of(field, after)
        if value is MISSING:  # an external run comes behind all that reported
            return iter(())
        more = [] if after is None else self._behind_value(expression, value)
        return self._select(columns, runs, [self._holds, *more], f"{expression} {self._way}, ")

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

    @cached_property
    def _sql_orders(self) -> bool:
        """Whether SQL can order runs as ``Order`` says."""
        order = self._selection.order_by
        if order is None:
            return True
        if isinstance(order.field, Own):
            return order.field.name in _COLUMNS and (order.field.name not in TIMES or self._reader.at == NOW)
        if not isinstance(order.field, MetadataKey) or order.field.places[0].path:
            return False
        keys = [place.key for place in order.field.places]
        return not any(map(self._filter.has_odd, keys)) and not self._first(sql.HAS_LONG, {"key": keys[0]})

    # -- where the page before ended -----------------------------------------------------------------------------------

    def _behind(self) -> list[str]:
        after = self._selection.after
        return [] if after is None else self._set_behind(nanoseconds(after.created_at), after.run_id)

    def _set_behind(self, created_at: int, run_id: str) -> list[str]:
        self._parameters.update(after=created_at, after_id=run_id)
        return [sql.BEHIND]

    def _behind_value(self, expression: str, value: object) -> list[str]:
        self._behind()
        self._parameters["after_value"] = nanoseconds(value) if isinstance(value, datetime) else value
        sign = "<" if self._way == "DESC" else ">"
        return [f"({expression} {sign}= :after_value AND ({expression} {sign} :after_value OR {sql.BEHIND}))"]

    # -- in Python -----------------------------------------------------------------------------------------------------

    def _sorted(self, field: Field) -> list[Run]:
        """The runs in an order that SQL does not know."""
        self._limit = -1
        part = None if self._holds == "0" else self._leading_to(_ALL_BY_VALUE)
        if self._holds == "0":
            rows: Iterator[RunRow] = iter(())
        elif part is None:
            rows = self._walk(sql.RUN_COLUMNS, [])
        else:
            rows = self._drive(sql.RUN_COLUMNS, part, [])
        if not self._filter.exact:
            found = {run.run_id: run for run in self._matching(rows)}
            rows = (self._ask(sql.ONE_RUN, (run_id,)).fetchone() for run_id in found)
        parts = Ranking(self._ask, self._reader, field)
        page = page_of(map(parts.rank, rows), self._selection, parts.after(self._selection.after))
        runs = self._made([each.run for each in page])
        return [keep_rank(run, each.value, field) for run, each in zip(runs, page, strict=True)]

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
_HAS = "EXISTS (SELECT 1 FROM metadata AS m WHERE m.run = r.id AND m.key = :ranked{stamped}"
_GROUPS = {
    NUMBERS: "m.value < ''",
    NAN: f"{_HAS} AND m.value = {NAN_COLUMN})",
    TEXT: "(m.value >= '' AND m.value < x'')",
    OTHERS: f"{_HAS} AND (m.value IS NULL OR (m.value >= x'' AND m.value <> {NAN_COLUMN})))",
    OTHERS + 1: f"NOT {_HAS})",
}
