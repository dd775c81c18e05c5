"""The events of a run that another system recorded."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import blake2b

from graphtracker.errors import InvalidInput
from graphtracker.exchange.report import Report
from graphtracker.model.context import KEYS, checked_context
from graphtracker.model.encoding import dumps
from graphtracker.model.events import ArtifactLogged, ContextSet, Event, MetadataSet, Reported, SourceNamed, least_stamp
from graphtracker.model.limits import checked_key, checked_name, checked_path, checked_run_id
from graphtracker.model.places import place_of
from graphtracker.model.plain import plain
from graphtracker.model.times import holds

BEFORE_ALL = 0
"""The time, in ns, of what a source knows no time of: 1970-01-01, so that it never overwrites."""


class History:
    """The events of one run, stamped with the times of their source (ns since 1970 UTC) by writers that are made of
    what is said: saying the same again, from anywhere, is the same event.

    What graphtracker cannot store of it (a key of 5,000 bytes, say) is left out and counted in the report. Raises
    InvalidInput for a run id that cannot be stored.
    """

    def __init__(self, run_id: str, report: Report) -> None:
        self.run_id = checked_run_id(run_id)
        self._report = report
        self._events: dict[tuple[object, ...], Event] = {}

    def reported(self, at: int) -> None:
        """The run was there by then."""
        self._add(Reported(self.run_id, b""), at, ())

    def metadata(self, values: Mapping[str, object], at: int) -> None:
        """The run got these values."""
        for key, value in values.items():
            try:
                event = MetadataSet(self.run_id, checked_key(key), plain(value, str(key)), b"")
            except InvalidInput:
                self._report.leave_out("values of metadata that cannot be stored")
                continue
            self._add(event, at, (event.key,))

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
            self._add(ContextSet(self.run_id, kept, b""), at, tuple(kept))

    def artifact(self, name: str, path: str | os.PathLike[str], values: Mapping[str, object], at: int) -> bool:
        """The run logged an artifact, unless that cannot be stored; a relative path stays one, as nobody knows of which
        folder."""
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
        self._add(ArtifactLogged(self.run_id, called, there, place(there), kept or None, b""), at, (called,))
        return True

    def source(self, run_id: str, artifact_name: str | None, at: int) -> None:
        """The run named another, or (unless the name is None or empty) an artifact of it, as its source."""
        try:
            other, name = checked_run_id(run_id), checked_name(artifact_name) if artifact_name else None
        except InvalidInput:
            self._report.leave_out("sources whose id or name cannot be stored")
            return
        self._add(SourceNamed(self.run_id, other, name, b""), at, (other, name))

    def events(self) -> list[Event]:
        """All that was said, of each thing what was said last; that the run reported, where there is nothing else."""
        if not self._events:
            self.reported(BEFORE_ALL)
        return list(self._events.values())

    def _add(self, event: Event, at: int, about: tuple[object, ...]) -> None:
        if not holds(at):
            self._report.leave_out("times outside the years 1678 to 2261")
            at = BEFORE_ALL
        said = dumps([type(event).__name__, *event[:-1]])
        writer = blake2b(said.encode(), digest_size=8).digest()
        stamp = least_stamp(at)[:8] + writer + bytes(4)
        key = (type(event), at, *about)
        self._events[key] = event._replace(stamp=stamp)


def place(path: str) -> str:
    """The place of a path that a source knows; a relative one stays so, as nobody knows of which folder."""
    return place_of(path, _unknown_folder)


def _unknown_folder() -> str:
    raise OSError("where the source was recorded is not known")
