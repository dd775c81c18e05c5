"""The events of a run that another system recorded."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from graphtracker.errors import InvalidInput
from graphtracker.exchange.report import Report
from graphtracker.exchange.secrets import masked
from graphtracker.exchange.stamps import CONTENT, content_of
from graphtracker.model.context import KEYS, checked_context, in_order
from graphtracker.model.events import (
    TICK,
    ArtifactLogged,
    ContextSet,
    Event,
    MetadataSet,
    Reported,
    SourceNamed,
    stamp_head,
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

    What graphtracker cannot store of it (a key of 5,000 bytes, say) is left out and counted in the report. In ids,
    names, paths and context the password of a URL is ``***``; values of metadata are as they were logged. Raises
    InvalidInput for a run id that cannot be stored.
    """

    def __init__(self, run_id: str, report: Report) -> None:
        self.run_id = storable(run_id, checked_run_id)
        self._report = report
        self._heads: dict[int, bytes] = {}
        self._told: dict[Reported | SourceNamed, None] = {}  # all of them, as these hold nothing but a time
        self._metadata: dict[bytes, dict[str, MetadataSet]] = {}
        self._others: dict[tuple[object, ...], ContextSet | ArtifactLogged] = {}

    def reported(self, at: int) -> None:
        """The run was there by then."""
        self._told[_new(Reported, (self.run_id, self._head(at) + _LEAST))] = None

    def metadata(self, values: Mapping[str, object], at: int) -> None:
        """The run got these values."""
        head, run_id = self._head(at) + _ALONE, self.run_id
        said = {
            key: _new(MetadataSet, (run_id, key, value, head + CONTENT[type(value)](value)))
            for key, value in self._kept(values).items()
        }
        known = self._metadata.setdefault(head, said)
        if known is not said:
            for key, event in said.items():
                _say(known, key, event)

    def context(self, values: Mapping[str, object], at: int) -> None:
        """The run is remembered by these values, by keys of ``model.context``; None and empty text are none."""
        said = {
            key: masked(value) if type(value) is str else value
            for key, value in values.items()
            if value is not None and value != "" and key in KEYS
        }
        try:
            kept = checked_context(said)
        except InvalidInput:
            kept = self._kept_context(said)
        if kept:
            head = self._head(at)
            event = _new(ContextSet, (self.run_id, kept, head + _weight(kept) + content_of(kept)))
            _say(self._others, (head, *kept), event)

    def artifact(self, name: str, path: str | os.PathLike[str], values: Mapping[str, object], at: int) -> bool:
        """The run logged an artifact; a relative path stays one, as nobody knows of which folder.

        Returns whether it can be stored.
        """
        try:
            called, there = storable(name, checked_name), storable(path, checked_path)
        except InvalidInput:
            self._report.leave_out("artifacts whose name or path cannot be stored")
            return False
        self.logged(called, there, place(there), values, at)
        return True

    def logged(self, name: str, path: str, place: str, values: Mapping[str, object], at: int) -> None:
        """As ``artifact``, of a ``storable`` name and path, with the place of that."""
        kept = self._kept(values)
        head = self._head(at)
        stamp = head + _weight(kept) + content_of(kept, path)
        event = _new(ArtifactLogged, (self.run_id, name, path, place, kept or None, stamp))
        _say(self._others, (head, ArtifactLogged, name), event)

    def source(self, run_id: str, artifact_name: str | None, at: int) -> bool:
        """The run named another, or (unless the name is None or empty) an artifact of it, as its source.

        Returns whether it can be stored.
        """
        try:
            other = storable(run_id, checked_run_id)
            name = storable(artifact_name, checked_name) if artifact_name else None
        except InvalidInput:
            self._report.leave_out("sources whose id or name cannot be stored")
            return False
        self.named(other, name, at)
        return True

    def named(self, run_id: str, artifact_name: str | None, at: int) -> None:
        """As ``source``, of a ``storable`` id and name, which is not empty."""
        self._told[_new(SourceNamed, (self.run_id, run_id, artifact_name, self._head(at) + _LEAST))] = None

    def events(self) -> list[Event]:
        """All that was said, of each thing at each time one event; that the run reported, where there is nothing
        else."""
        found: list[Event] = [*self._told, *self._others.values()]
        for said in self._metadata.values():
            found += said.values()
        return found or [Reported(self.run_id, self._head(BEFORE_ALL) + _LEAST)]

    def _kept(self, values: Mapping[str, object]) -> dict[str, object]:
        kept = {}
        for key, value in values.items():
            try:
                name = _known_key(key) if type(key) is str else checked_key(key)
                kept[name] = plain(value, name)
            except InvalidInput:
                self._report.leave_out("values of metadata that cannot be stored")
        return kept

    def _kept_context(self, values: Mapping[str, object]) -> dict[str, object]:
        kept: dict[str, object] = {}
        for key in KEYS.keys() & values.keys():
            try:
                kept.update(checked_context({key: values[key]}))
            except InvalidInput:
                self._report.leave_out("values of context that cannot be stored")
        return in_order(kept)

    def _head(self, at: int) -> bytes:
        """The beginning of the stamps of a time; of one that cannot be stored, that of what has none."""
        head = self._heads.get(at)
        if head is None:
            if not holds(at):
                self._report.leave_out("times outside the years 1678 to 2261")
                return self._head(BEFORE_ALL)
            head = self._heads[at] = stamp_head(at - at % TICK)
        return head


def _say(said: dict[_About, _Said], about: _About, event: _Said) -> None:
    """Adds an event; of those about the same thing at the same time the one with the greatest stamp stands."""
    known = said.setdefault(about, event)
    if known is not event and known.stamp < event.stamp:
        said[about] = event


def _weight(values: dict[str, object]) -> bytes:
    """How much is said: of one time, what holds more values wins, as a source that has come further said more of it."""
    return _WEIGHTS[len(values)] if len(values) < 255 else _WEIGHTS[255]


_About = TypeVar("_About")
_Said = TypeVar("_Said", MetadataSet, ContextSet | ArtifactLogged)

_new = tuple.__new__  # the classes' own, in Python, takes twice the time
_WEIGHTS = [bytes([number]) for number in range(256)]
_ALONE = _WEIGHTS[0]  # of a value that others say nothing about
_LEAST = bytes(12)  # of what has nothing but a time
_known_key = lru_cache(1000)(checked_key)  # runs have the same keys


def storable(text: Any, checked: Callable[[Any], str]) -> str:
    """The text without passwords, if ``checked``, of ``model.limits``, takes it; raises InvalidInput."""
    known = checked(text)
    kept = masked(known)
    return known if kept == known else checked(kept)  # it may be longer


def place(path: str) -> str:
    """The place of a path that a source knows; a relative one stays so, as nobody knows of which folder."""
    return place_of(path, _unknown_folder)


def _unknown_folder() -> str:
    raise OSError("where the source was recorded is not known")
