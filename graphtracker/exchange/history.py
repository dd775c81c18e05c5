"""The events of a run that another system recorded."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import blake2b

from graphtracker.errors import InvalidInput
from graphtracker.exchange.report import Report
from graphtracker.model.context import KEYS, checked_context
from graphtracker.model.encoding import dumps
from graphtracker.model.events import (
    TICK,
    ArtifactLogged,
    ContextSet,
    Event,
    MetadataSet,
    Reported,
    SourceNamed,
    least_stamp,
)
from graphtracker.model.limits import checked_key, checked_name, checked_path, checked_run_id
from graphtracker.model.places import place_of
from graphtracker.model.plain import plain
from graphtracker.model.times import holds

BEFORE_ALL = 0
"""The time, in ns, of what a source knows no time of: 1970-01-01, so that it never overwrites."""


class History:
    """The events of one run, stamped with the times of their source (ns since 1970 UTC) by writers that are made of
    what is said: saying the same again, from anywhere and in any order, is the same event. Of two values at one time
    the one with the greater stamp stands, as in every store.

    What graphtracker cannot store of it (a key of 5,000 bytes, say) is left out and counted in the report. Raises
    InvalidInput for a run id that cannot be stored.
    """

    def __init__(self, run_id: str, report: Report) -> None:
        self.run_id = checked_run_id(run_id)
        self._report = report
        self._events: dict[tuple[object, ...], Event] = {}

    def reported(self, at: int) -> None:
        """The run was there by then."""
        at = self._held(at)
        self._say(Reported(self.run_id, least_stamp(at)), at)

    def metadata(self, values: Mapping[str, object], at: int) -> None:
        """The run got these values."""
        at = self._held(at)
        for key, value in self._kept(values).items():
            self._say(MetadataSet(self.run_id, key, value, stamp_of(value, at)), at, key)

    def context(self, values: Mapping[str, object], at: int) -> None:
        """The run is remembered by these values, by keys of ``model.context``; None and empty text are none."""
        kept = {}
        for key in KEYS:
            if values.get(key) in (None, ""):
                continue
            try:
                kept.update(checked_context({key: values[key]}))
            except InvalidInput:
                self._report.leave_out("values of context that cannot be stored")
        if kept:
            at = self._held(at)
            self._say(ContextSet(self.run_id, kept, stamp_of(kept, at, len(kept))), at, *kept)

    def artifact(self, name: str, path: str | os.PathLike[str], values: Mapping[str, object], at: int) -> bool:
        """The run logged an artifact; a relative path stays one, as nobody knows of which folder.

        Returns whether it can be stored.
        """
        try:
            called, there = checked_name(name), checked_path(path)
        except InvalidInput:
            self._report.leave_out("artifacts whose name or path cannot be stored")
            return False
        at, kept = self._held(at), self._kept(values)
        stamp = stamp_of([there, kept], at, len(kept))
        self._say(ArtifactLogged(self.run_id, called, there, place(there), kept or None, stamp), at, called)
        return True

    def source(self, run_id: str, artifact_name: str | None, at: int) -> bool:
        """The run named another, or (unless the name is None or empty) an artifact of it, as its source.

        Returns whether it can be stored.
        """
        try:
            other, name = checked_run_id(run_id), checked_name(artifact_name) if artifact_name else None
        except InvalidInput:
            self._report.leave_out("sources whose id or name cannot be stored")
            return False
        at = self._held(at)
        self._say(SourceNamed(self.run_id, other, name, least_stamp(at)), at, other, name)
        return True

    def events(self) -> list[Event]:
        """All that was said, of each thing at each time one event; that the run reported, where there is nothing
        else."""
        if not self._events:
            self.reported(BEFORE_ALL)
        return list(self._events.values())

    def _kept(self, values: Mapping[str, object]) -> dict[str, object]:
        kept = {}
        for key, value in values.items():
            try:
                kept[checked_key(key)] = plain(value, str(key))
            except InvalidInput:
                self._report.leave_out("values of metadata that cannot be stored")
        return kept

    def _held(self, at: int) -> int:
        """The time in whole microseconds, if a store can hold it."""
        if holds(at):
            return at - at % TICK
        self._report.leave_out("times outside the years 1678 to 2261")
        return BEFORE_ALL

    def _say(self, event: Event, *about: object) -> None:
        key = (type(event), *about)
        known = self._events.get(key)
        if known is None or known.stamp < event.stamp:
            self._events[key] = event


def stamp_of(said: object, at: int, values: int = 0) -> bytes:
    """A stamp of this time in ns, by a writer that is made of what is said of a key, an artifact or a context.

    Of one time, what holds more values wins: a source that has come further said more of it. (What only has a time,
    such as a source, takes the least stamp of it.)
    """
    writer = blake2b(_text(said).encode(), digest_size=7).digest()
    return least_stamp(at)[:8] + min(values, 255).to_bytes(1, "big") + writer + bytes(4)


def place(path: str) -> str:
    """The place of a path that a source knows; a relative one stays so, as nobody knows of which folder."""
    return place_of(path, _unknown_folder)


_SIMPLE = frozenset({str, float, bool, bytes, type(None)})


def _text(value: object) -> str:
    """The value as text, the same for equal ones of a type in every process."""
    return ascii(value) if type(value) in _SIMPLE else dumps(_in_order(value))  # in a third of the time, for most


def _in_order(value: object) -> object:
    """The plain value with the items of its dicts in one order: two dicts that are equal are written the same."""
    kind = type(value)
    if kind is list:
        return [_in_order(item) for item in value]  # type: ignore[attr-defined]
    if kind is dict:
        return {key: _in_order(item) for key, item in sorted(value.items(), key=_key_of)}  # type: ignore[attr-defined]
    return value


def _key_of(item: tuple[object, object]) -> str:
    return dumps(item[0])


def _unknown_folder() -> str:
    raise OSError("where the source was recorded is not known")
