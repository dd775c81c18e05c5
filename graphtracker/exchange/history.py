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
        at = self._held(at)
        self._events[Reported, at] = Reported(self.run_id, least_stamp(at))

    def metadata(self, values: Mapping[str, object], at: int) -> None:
        """The run got these values."""
        at = self._held(at)
        for key, value in values.items():
            try:
                name, kept = checked_key(key), plain(value, str(key))
            except InvalidInput:
                self._report.leave_out("values of metadata that cannot be stored")
                continue
            self._events[MetadataSet, at, name] = MetadataSet(self.run_id, name, kept, stamp_of(kept, at))

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
            self._events[ContextSet, at] = ContextSet(self.run_id, kept, stamp_of(kept, at, len(kept)))

    def artifact(self, name: str, path: str | os.PathLike[str], values: Mapping[str, object], at: int) -> None:
        """The run logged an artifact; a relative path stays one, as nobody knows of which folder."""
        try:
            called, there = checked_name(name), checked_path(path)
        except InvalidInput:
            self._report.leave_out("artifacts whose name or path cannot be stored")
            return
        kept: dict[str, object] = {}
        for key, value in values.items():
            try:
                kept[checked_key(key)] = plain(value, str(key))
            except InvalidInput:
                self._report.leave_out("values of metadata that cannot be stored")
        place = place_of(there, unknown_folder)
        at = self._held(at)
        stamp = stamp_of([there, kept] if kept else there, at, len(kept))
        event = ArtifactLogged(self.run_id, called, there, place, kept or None, stamp)
        self._events[ArtifactLogged, at, called] = event

    def source(self, run_id: str, artifact_name: str | None, at: int) -> None:
        """The run named another, or (unless the name is None or empty) an artifact of it, as its source."""
        try:
            other, name = checked_run_id(run_id), checked_name(artifact_name) if artifact_name else None
        except InvalidInput:
            self._report.leave_out("sources whose id or name cannot be stored")
            return
        at = self._held(at)
        self._events[SourceNamed, at, other, name] = SourceNamed(self.run_id, other, name, least_stamp(at))

    def events(self) -> list[Event]:
        """All that was said, of each thing what was said last; that the run reported, where there is nothing else."""
        if not self._events:
            self.reported(BEFORE_ALL)
        return list(self._events.values())

    def _held(self, at: int) -> int:
        """The time, if a store can hold it."""
        if holds(at):
            return at
        self._report.leave_out("times outside the years 1678 to 2261")
        return BEFORE_ALL


def stamp_of(said: object, at: int, values: int = 0) -> bytes:
    """A stamp of this time in ns, by a writer that is made of what is said of a key, an artifact or a context.

    Of one time, what holds more values wins: a source that has come further said more of it. (What only has a time,
    such as a source, takes the least stamp of it.)
    """
    is_text = isinstance(said, str)  # "1" is not 1
    # repr() takes a third of the time of dumps(), but prints no large integers.
    text = said if isinstance(said, str) else repr(said) if type(said) in _PRINTED else dumps(said)
    writer = blake2b(text.encode(), digest_size=7, key=b"text" if is_text else b"").digest()
    return least_stamp(at)[:8] + min(values, 255).to_bytes(1, "big") + writer + bytes(4)


_PRINTED = frozenset([float, bool, type(None)])


def unknown_folder() -> str:
    """The folder of a source's relative paths: raises OSError, as ``place_of`` takes it."""
    raise OSError("where the source was recorded is not known")
