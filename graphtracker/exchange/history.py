"""The events of a run that another system recorded."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
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
        self._add(Reported, at, ())

    def metadata(self, values: Mapping[str, object], at: int) -> None:
        """The run got these values."""
        for key, value in values.items():
            try:
                name, kept = checked_key(key), plain(value, str(key))
            except InvalidInput:
                self._report.leave_out("values of metadata that cannot be stored")
                continue
            self._add(MetadataSet, at, (name,), name, kept)

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
            self._add(ContextSet, at, (), kept)

    def artifact(self, name: str, path: str | os.PathLike[str], values: Mapping[str, object], at: int) -> bool:
        """The run logged an artifact; a relative path stays one, as nobody knows of which folder.

        Returns whether it can be stored.
        """
        try:
            called, there = checked_name(name), checked_path(path)
        except InvalidInput:
            self._report.leave_out("artifacts whose name or path cannot be stored")
            return False
        kept: dict[str, object] = {}
        for key, value in values.items():
            try:
                kept[checked_key(key)] = plain(value, str(key))
            except InvalidInput:
                self._report.leave_out("values of metadata that cannot be stored")
        place = place_of(there, _unknown_folder)
        self._add(ArtifactLogged, at, (called,), called, there, place, kept or None)
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
        self._add(SourceNamed, at, (other, name), other, name)
        return True

    def events(self) -> list[Event]:
        """All that was said, of each thing at each time one event; that the run reported, where there is nothing
        else."""
        if not self._events:
            self.reported(BEFORE_ALL)
        return list(self._events.values())

    def _add(self, kind: Callable[..., Event], at: int, about: tuple[object, ...], *parts: object) -> None:
        if not holds(at):
            self._report.leave_out("times outside the years 1678 to 2261")
            at = BEFORE_ALL
        at -= at % TICK
        said = ascii((kind.__name__, self.run_id, *map(_told, parts)))
        stamp = least_stamp(at)[:8] + blake2b(said.encode(), digest_size=8).digest() + bytes(4)
        key = (kind, at, *about)
        known = self._events.get(key)
        if known is None or known.stamp < stamp:
            self._events[key] = kind(self.run_id, *parts, stamp)


def _told(value: object) -> object:
    """What stands for a plain value where it is told from others: the same for equal ones, of any Python."""
    kind = type(value)
    if kind is str or kind is float or kind is bool or value is None:
        return value
    if kind is int:
        return "int", f"{value:x}"  # of more digits than Python prints
    return kind.__name__, dumps(_in_order(value))


def _in_order(value: object) -> object:
    """The plain value with the items of its dicts in one order: two dicts that are equal are written the same."""
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    if isinstance(value, dict):
        return {key: _in_order(value[key]) for key in sorted(value, key=_name_of)}
    return value


def _name_of(key: object) -> tuple[str, str]:
    return type(key).__name__, key if type(key) is str else dumps(key)


def _unknown_folder() -> str:
    raise OSError("where the source was recorded is not known")
