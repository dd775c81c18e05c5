"""The events of a run that another system recorded."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from hashlib import blake2b
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.exchange.report import Report
from graphtracker.exchange.secrets import masked
from graphtracker.model.context import KEYS, checked_context, in_order
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
from graphtracker.model.limits import LARGEST_INT, checked_key, checked_name, checked_path, checked_run_id
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
        self.run_id = _masked(run_id, checked_run_id)
        self._report = report
        self._events: dict[tuple[object, ...], Event] = {}
        self._heads: dict[int, bytes] = {}

    def reported(self, at: int) -> None:
        """The run was there by then."""
        head = self._head(at)
        self._say((Reported, head), Reported(self.run_id, head + _LEAST))

    def metadata(self, values: Mapping[str, object], at: int) -> None:
        """The run got these values."""
        head, run_id, say = self._head(at) + _ALONE, self.run_id, self._say
        for key, value in self._kept(values).items():
            say((MetadataSet, head, key), MetadataSet(run_id, key, value, head + _digest(_text(value))))

    def context(self, values: Mapping[str, object], at: int) -> None:
        """The run is remembered by these values, by keys of ``model.context``; None and empty text are none."""
        said = {
            key: masked(value) if type(value) is str else value
            for key, value in values.items()
            if key in KEYS and value not in (None, "")
        }
        try:
            kept = checked_context(said)
        except InvalidInput:
            kept = self._kept_context(said)
        if kept:
            head = self._head(at)
            self._say((ContextSet, head, *kept), ContextSet(self.run_id, kept, _stamp(head, _text(kept), len(kept))))

    def artifact(self, name: str, path: str | os.PathLike[str], values: Mapping[str, object], at: int) -> bool:
        """The run logged an artifact; a relative path stays one, as nobody knows of which folder.

        Returns whether it can be stored.
        """
        try:
            called, there = _masked(name, checked_name), _masked(path, checked_path)
        except InvalidInput:
            self._report.leave_out("artifacts whose name or path cannot be stored")
            return False
        kept = self._kept(values)
        head = self._head(at)
        stamp = _stamp(head, f"{there!a} {_text(kept)}" if kept else ascii(there), len(kept))
        event = ArtifactLogged(self.run_id, called, there, place(there), kept or None, stamp)
        self._say((ArtifactLogged, head, called), event)
        return True

    def source(self, run_id: str, artifact_name: str | None, at: int) -> bool:
        """The run named another, or (unless the name is None or empty) an artifact of it, as its source.

        Returns whether it can be stored.
        """
        try:
            other = _masked(run_id, checked_run_id)
            name = _masked(artifact_name, checked_name) if artifact_name else None
        except InvalidInput:
            self._report.leave_out("sources whose id or name cannot be stored")
            return False
        head = self._head(at)
        self._say((SourceNamed, head, other, name), SourceNamed(self.run_id, other, name, head + _LEAST))
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
                name = checked_key(key)
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
            head = self._heads[at] = least_stamp(at - at % TICK)[:8]
        return head

    def _say(self, about: tuple[object, ...], event: Event) -> None:
        """Adds an event; of those about the same thing at the same time the one with the greatest stamp stands."""
        known = self._events.setdefault(about, event)
        if known.stamp < event.stamp:
            self._events[about] = event


def _masked(text: Any, checked: Callable[[Any], str]) -> str:
    """The text without passwords, if it is one that can be stored; raises InvalidInput."""
    known = checked(text)
    kept = masked(known)
    return known if kept == known else checked(kept)  # it may be longer


def _stamp(head: bytes, said: str, values: int) -> bytes:
    """A stamp by a writer that is made of what is said.

    Of one time, what holds more values wins: a source that has come further said more of it.
    """
    return head + min(values, 255).to_bytes(1, "big") + _digest(said)


_ALONE = bytes(1)  # of a value that others say nothing about
_LEAST = bytes(12)  # the writer of what has nothing but a time
_SEQUENCE = bytes(4)
_BEGUN = blake2b(digest_size=7)  # a copy of it takes half the time of a new one


def _digest(said: str) -> bytes:
    hashed = _BEGUN.copy()
    hashed.update(said.encode())
    return hashed.digest() + _SEQUENCE


def place(path: str) -> str:
    """The place of a path that a source knows; a relative one stays so, as nobody knows of which folder."""
    return place_of(path, _unknown_folder)


_TEXT = frozenset([str])
_SIMPLE = frozenset([bool, bytes, type(None)])


def _text(value: Any) -> str:
    """The value as text, the same for equal ones of a type in every process."""
    kind = type(value)
    if kind is str or kind is float or kind in _SIMPLE or (kind is int and -LARGEST_INT <= value <= LARGEST_INT):
        return ascii(value)  # in a third of the time of JSON
    if kind is dict and _TEXT.issuperset(map(type, value)):
        return "{" + ",".join([f"{key!a}:{_text(value[key])}" for key in sorted(value)]) + "}"
    if kind is datetime and value.tzinfo is timezone.utc and not value.fold:
        return str(value)
    return dumps(_in_order(value))


def _in_order(value: object) -> object:
    """The plain value with the items of its dicts in one order: two dicts that are equal are written the same."""
    if type(value) is list:
        return [_in_order(item) for item in value]
    if type(value) is dict:
        return {key: _in_order(item) for key, item in sorted(value.items(), key=_key_of)}
    return value


def _key_of(item: tuple[object, object]) -> str:
    return dumps(item[0])


def _unknown_folder() -> str:
    raise OSError("where the source was recorded is not known")
