"""How Neo4j finds the runs that come first in an order, without all others.

Its own order is that of ``Order`` for numbers and for text, but: -0.0 comes before 0; ints are compared with floats by
less than all of their digits near 2**63; text is in the order of its UTF-16 units, or, in an index, of its code points.
Where one of these decides what is found, nothing is certain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from graphtracker.model.equality import MISSING
from graphtracker.model.values import Run
from graphtracker.stores.filters.conditions import MetadataKey, Own, Place
from graphtracker.stores.filters.meaning import value_of
from graphtracker.stores.filters.selection import NAN, NUMBERS, TEXT, TIMES, Selection, group_of
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.comparing import (
    IS_JSON,
    IS_ODD,
    bounds_of,
    is_compared_exactly,
    is_native_number,
    joined,
    moved,
    plain_beginning,
)
from graphtracker.stores.neo4j.filtering import OWN_TIMES, can_be_recorded, property_of
from graphtracker.stores.neo4j.properties import JSON, to_key, to_property

Parameter = Callable[[object], str]
"""Names a new parameter with this value."""


class Way(NamedTuple):
    """A condition and an order, by which what comes first is found."""

    holds: str
    order: str
    value: str
    group: str = ""
    """The number of the group that a value is in, where the order begins with it."""


class Ranking:
    """The order by one field, as far as the database has it."""

    def __init__(self, selection: Selection) -> None:
        self._field = selection.order_by.field  # type: ignore[union-attr]
        self._descending = selection.order_by.descending  # type: ignore[union-attr]
        self._after = selection.after

    def ways(self, parameter: Parameter) -> Iterator[Way]:
        """Ways to what comes first, the shortest first; the last finds it if any does."""
        raise NotImplementedError

    def is_odd(self, found: list[Run]) -> bool:
        """Whether the database does not order these as they are ordered."""
        raise NotImplementedError

    def last(self, found: list[Run]) -> Any:
        """The value behind which nothing is known, None where it is not known itself."""
        if not found or self.is_odd(found):
            return None
        values = [self._value(run) for run in found]
        group = max(map(group_of, values))
        among = [value for value in values if group_of(value) == group]
        choose = min if self._descending else max
        if group == NAN:
            return among[0]
        last = choose(among)
        if group == TEXT:
            return last if _is_plain(last) and _is_plain(choose(among, key=_utf16)) else None
        if group == NUMBERS:
            return last if is_compared_exactly(last) else None
        return last

    def before(self, found: list[Run], last: Any) -> list[Run]:
        """Those that come before this value."""
        return [run for run in found if not _same(self._value(run), last)]

    def before_oldest(self, found: list[Run], last: Any) -> list[Run]:
        """Those that come before this value, and those that have it and are newer than the oldest of them."""
        oldest = min((run.created_at for run in found if _same(self._value(run), last)), default=None)
        return [run for run in found if run.created_at != oldest or not _same(self._value(run), last)]

    def tied(self, way: Way) -> str:
        """The order in which those that are equal come as they should; 0 and -0.0 are."""
        value = f"CASE WHEN {way.value} = 0 THEN 0 ELSE {way.value} END{self._way}"
        return ", ".join([*filter(None, [way.group]), value, "r.created_at DESC", "r.run_id"])

    def until(self, last: Any, way: Way, parameter: Parameter) -> str:
        """What holds for at least what does not come behind this value."""
        number = group_of(last) + 1
        same = "true"
        if number != NAN + 1:
            least, most = self._bounds(last)
            same = f"{way.value} {'>=' if self._descending else '<='} {parameter(least if self._descending else most)}"
        return f"CASE {way.group} WHEN {number} THEN {same} ELSE {way.group} < {number} END" if way.group else same

    def _value(self, run: Run) -> Any:
        return value_of(self._field, run)

    @property
    def _way(self) -> str:
        return " DESC" if self._descending else ""

    def _behind(self, value: str, parameter: Parameter) -> str | None:
        """What holds for at least what comes behind the run before, of its kind; None where that is not known."""
        if self._after is None:
            return "true"
        last = self._value(self._after)
        group = group_of(last)
        known = {NUMBERS: is_native_number, TEXT: _is_plain, TIMES: bool}
        if group not in known or not known[group](last):
            return None
        least, most = self._bounds(last)
        older = f"r.created_at < {parameter(moved(self._after.created_at, 1))}"
        sign, bound = ("<", most) if self._descending else (">", least)
        named = parameter(bound)
        return f"({value} {sign}= {named} AND ({value} {sign} {named} OR {older}))"

    def _bounds(self, value: Any) -> tuple[Any, Any]:
        """The least and the greatest that the database may hold as the same."""
        if group_of(value) == NUMBERS:
            return bounds_of(value)
        return value, moved(value, 1) if group_of(value) == TIMES else value


class ByOwn(Ranking):
    """By what a run is itself."""

    def ways(self, parameter: Parameter) -> Iterator[Way]:
        """The one way."""
        name = self._field.name  # type: ignore[union-attr]
        value, there = _OWN[name]
        behind = self._behind(value, parameter)
        if behind is not None:
            yield Way(joined("AND", [there, behind]), value + self._way, value)

    def is_odd(self, found: list[Run]) -> bool:
        """Never."""
        return False


class ByKey(Ranking):
    """By a metadata key: numbers, nan, text; only where no run holds it as JSON, or inside of another value."""

    def __init__(self, selection: Selection, ask: Ask, places: Sequence[Place]) -> None:
        super().__init__(selection)
        self._ask = ask
        self._place = places[0]
        self._name = to_key(places[0].key)
        self._key = property_of("r", self._name)
        self._places = [place for place in places[1:] if can_be_recorded(place.key)]

    def ways(self, parameter: Parameter) -> Iterator[Way]:
        """By an index of the user's, where there is one; else, and where too few runs are numbers, through all."""
        value = self._key
        begin = NUMBERS if self._after is None else group_of(self._value(self._after))
        behind = self._behind(value, parameter) if begin in (NUMBERS, TEXT) else None
        if behind is None:
            return
        numbers, json = f"{value} <= {parameter(math.inf)}", IS_JSON.format(value=value)
        inside = self._inside()
        if self._ask("indexed", property=self._name)[0][0] and not self._is_any([json, *inside]):
            if begin == NUMBERS:
                yield Way(joined("AND", [numbers, behind]), value + self._way, value)
            if begin == TEXT or (begin == NUMBERS and self._has_text_at_most()):
                yield Way(
                    joined("AND", [f"{value} >= ''", behind if begin == TEXT else "true"]), value + self._way, value
                )
        elsewhere = joined("AND", [f"{value} IS NULL", joined("OR", inside)])
        group = (
            f"CASE WHEN {numbers} THEN {NUMBERS + 1} WHEN {joined('OR', [json, elsewhere])} THEN 0 "
            f"WHEN {value} <> {value} THEN {NAN + 1} WHEN {value} >= '' THEN {TEXT + 1} ELSE {TEXT + 2} END"
        )
        holds = joined("OR", [f"{value} IS NOT NULL", elsewhere])
        if self._after is not None:
            begun = f"CASE {group} WHEN 0 THEN true WHEN {begin + 1} THEN {behind} ELSE {group} > {begin + 1} END"
            holds = joined("AND", [holds, begun])
        yield Way(holds, f"{group}, {value}{self._way}", value, group)

    def _has_text_at_most(self) -> bool:
        """Whether no value is a number: to Neo4j text is less than all of them."""
        found = self._ask("greatest", {"where": f"{self._key} IS NOT NULL", "value": self._key})
        return bool(found) and isinstance(found[0][0], str)

    def _is_any(self, conditions: Sequence[str]) -> bool:
        return any(self._ask("any_run", {"where": holds})[0][0] for holds in conditions)

    def _inside(self) -> list[str]:
        """What holds where there may be a value inside of another key's."""
        names = set(self._ask("property_keys")[0][0]) if self._places else set()
        found = [to_key(place.key) for place in self._places]
        return [IS_ODD.format(value=property_of("r", name)) for name in found if name in names]

    def is_odd(self, found: list[Run]) -> bool:
        """Whether one of these has another type, or is held as JSON, or stands inside of another value."""
        return any(self._is_odd(run.metadata.get(self._place.key, MISSING)) for run in found)

    @staticmethod
    def _is_odd(value: Any) -> bool:
        if group_of(value) not in (NUMBERS, NAN, TEXT):
            return True
        held = to_property(value)
        return isinstance(held, str) and held.startswith(JSON)


def ranking_of(selection: Selection, ask: Ask) -> Ranking | None:
    """The order of a selection, None where the database does not have it."""
    field = selection.order_by.field  # type: ignore[union-attr]
    if isinstance(field, Own) and field.name in _OWN and (selection.as_of is None or field.name in _NEVER_LATER):
        return ByOwn(selection)
    if isinstance(field, MetadataKey) and not field.places[0].path and selection.as_of is None:
        return ByKey(selection, ask, field.places) if can_be_recorded(field.places[0].key) else None
    return None


def _is_plain(text: str) -> bool:
    return plain_beginning(text) == text


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be")


def _same(value: Any, other: Any) -> bool:
    """Whether two values that are numbers, text or times are in the same place."""
    return group_of(value) == group_of(other) and (value == other or group_of(value) == NAN)


_NEVER_LATER = ("id", "name", "created", "reported")
_OWN = {  # the value, and what leads to those that have it
    "id": ("r.run_id", "r.run_id >= ''"),
    "name": ("r.name", "r.name >= ''"),
    "created": ("r.created_at", "datetime('1678') <= r.created_at < datetime('2262')"),
    "reported": (OWN_TIMES["reported"], "true"),
    "updated": (OWN_TIMES["updated"], f"{OWN_TIMES['updated']} IS NOT NULL"),
}
