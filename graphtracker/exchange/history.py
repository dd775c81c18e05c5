"""The events of a run that another system recorded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
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
        self._heads: dict[int, bytes] = {}  # of the stamps of a time

    def reported(self, at: int) -> None:
        """The run was there by then."""
        self._add(Reported, (self.run_id,), at, ())

    def metadata(self, values: Mapping[str, object], at: int) -> None:
        """The run got these values."""
        kept = self._kept(values)
        at, begin = self._begin(at, "MetadataSet", (self.run_id, kept)) if kept else (at, b"")
        for number, (key, value) in enumerate(kept.items()):
            stamp = begin + number.to_bytes(4, "big")
            self._events[(MetadataSet, at, key)] = MetadataSet(self.run_id, key, value, stamp)

    def _kept(self, values: Mapping[str, object]) -> dict[str, object]:
        kept = {}
        for key, value in values.items():
            try:
                kept[checked_key(key)] = plain(value, str(key))
            except InvalidInput:
                self._report.leave_out("values of metadata that cannot be stored")
        return kept

    def context(self, values: Mapping[str, object], at: int) -> None:
        """The run is remembered by these values, by keys of ``model.context``; None and empty text are none."""
        said = {key: values[key] for key in KEYS if values.get(key) not in (None, "")}
        try:
            kept = checked_context(said)
        except InvalidInput:
            kept = self._kept_context(said)
        if kept:
            self._add(ContextSet, (self.run_id, kept), at, kept)

    def _kept_context(self, values: Mapping[str, object]) -> dict[str, object]:
        kept = {}
        for key, value in values.items():
            try:
                kept.update(checked_context({key: value}))
            except InvalidInput:
                self._report.leave_out("values of context that cannot be stored")
        return kept

    def artifact(self, name: str, path: str | os.PathLike[str], values: Mapping[str, object], at: int) -> bool:
        """The run logged an artifact, unless that cannot be stored; a relative path stays one, as nobody knows of which
        folder."""
        try:
            called, there = checked_name(name), checked_path(path)
        except InvalidInput:
            self._report.leave_out("artifacts whose name or path cannot be stored")
            return False
        kept = self._kept(values)
        self._add(ArtifactLogged, (self.run_id, called, there, place(there), kept or None), at, (called,))
        return True

    def source(self, run_id: str, artifact_name: str | None, at: int) -> None:
        """The run named another, or (unless the name is None or empty) an artifact of it, as its source."""
        try:
            other, name = checked_run_id(run_id), checked_name(artifact_name) if artifact_name else None
        except InvalidInput:
            self._report.leave_out("sources whose id or name cannot be stored")
            return
        self._add(SourceNamed, (self.run_id, other, name), at, (other, name))

    def events(self) -> list[Event]:
        """All that was said, of each thing what was said last; that the run reported, where there is nothing else."""
        if not self._events:
            self.reported(BEFORE_ALL)
        return list(self._events.values())

    def _add(self, kind: Callable[..., Event], said: tuple[object, ...], at: int, about: Iterable[object]) -> None:
        at, begin = self._begin(at, kind.__name__, said)
        key = (kind, at, *about)
        self._events[key] = kind(*said, begin + _FIRST)

    def _begin(self, at: int, kind: str, said: tuple[object, ...]) -> tuple[int, bytes]:
        """The time, and the beginning of the stamps, of what is said at once; one of a time that is none is counted."""
        head = self._heads.get(at)
        if head is None:
            if not holds(at):
                self._report.leave_out("times outside the years 1678 to 2261")
                return self._begin(BEFORE_ALL, kind, said)
            head = self._heads[at] = least_stamp(at)[:8]
        return at, head + blake2b(_text(kind, said).encode(), digest_size=8).digest()


def _text(kind: str, said: tuple[object, ...]) -> str:
    """What is said, as text that is the same in every process."""
    last = said[-1]
    if _SIMPLE.issuperset(map(type, last.values() if type(last) is dict else (last,))):
        try:
            return f"{kind}{said!a}"  # as it is of all but sets, in a third of the time
        except ValueError:  # an integer of more digits than Python writes
            pass
    return dumps([kind, *said])


_FIRST = bytes(4)  # of its writer
_SIMPLE = frozenset({str, int, float, bool, bytes, datetime, type(None)})


def place(path: str) -> str:
    """The place of a path that a source knows; a relative one stays so, as nobody knows of which folder."""
    return place_of(path, _unknown_folder)


def _unknown_folder() -> str:
    raise OSError("where the source was recorded is not known")
