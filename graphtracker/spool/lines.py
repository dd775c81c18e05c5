"""The lines of a spool: events as JSON, one line a call, so that a call is there whole or not at all.

A file begins with a header, ``{"graphtracker.spool": 2, "store": URL or null, "host": …, "pid": …, "created_at": …,
"lost": 0, "reason": null, "locked": true}``. Each line behind it is an array of events, each one of ::

    {"run": id, "stamp": hex}                                                            the run reported
    {"run": id, "key": key, "value": JSON, "stamp": hex}                                 metadata
    {"run": id, "context": {key: JSON, …}, "stamp": hex}                                 context
    {"run": id, "artifact": name, "path": path, "place": path, "metadata": {…} or null, "stamp": hex}
    {"run": id, "source": id, "artifact": name or null, "stamp": hex}                    a source
    {"run": id, "forgotten": "values" or "run", "stamp": hex}                            the run is forgotten
    {"run": id, "mentioned": name or null, "stamp": hex}                                 it, or an artifact, is older

with values in the one JSON encoding and stamps as the hexadecimal digits of their 20 bytes.
"""

from __future__ import annotations

import json
import json.encoder
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.model.context import checked_context
from graphtracker.model.display import printable, shorten
from graphtracker.model.encoding import compact, from_json, to_json
from graphtracker.model.events import (
    STAMP,
    ArtifactLogged,
    ContextSet,
    Event,
    Forgotten,
    Mentioned,
    MetadataSet,
    Reported,
    SourceNamed,
)
from graphtracker.model.limits import checked_key, checked_name, checked_path, checked_run_id
from graphtracker.model.plain import plain
from graphtracker.stores.urls import without_password

VERSION = 2
_MARK = "graphtracker.spool"
_ROOM = 2048  # bytes of a header beside its URL: it is written again in place when events are lost
_LONGEST_REASON = 200  # characters
_LONGEST_TEXT = 8000  # characters of what a header says; a path has at most 4,096 bytes
LONGEST_HEADER = 1 << 16
"""Bytes of a first line; more is none, however long it goes on."""

_quote: Callable[[str], str] = json.encoder.encode_basestring
_load = json.JSONDecoder().decode


@dataclass(frozen=True)
class Header:
    """What a spool says of itself: the store that it was recorded for (without a password; None is no store), the
    process, how many events that process lost, with the first reason, and whether it holds a lock on its file."""

    store: str | None
    host: str
    pid: int
    created_at: str
    lost: int = 0
    reason: str | None = None
    locked: bool = False

    @property
    def shown(self) -> str | None:
        """The store as it may be shown: whoever wrote a header by hand may have put a password in it."""
        return None if self.store is None else without_password(self.store)


def header_line(header: Header) -> bytes:
    """The first line; as long for one process whatever it lost."""
    reason = None if header.reason is None else shorten(printable(header.reason), _LONGEST_REASON)
    shown = {_MARK: VERSION, **vars(header), "reason": reason}
    return compact(shown).encode().ljust(_ROOM + len(compact(header.store).encode())) + b"\n"


def read_header(line: bytes) -> Header:
    """The header on a spool's first line; raises InvalidInput for what is none, or of a newer version."""
    try:
        found = _load(line.decode())
        version = found.pop(_MARK)
        if version == VERSION:
            header = Header(**found)
            if _is_sound(header):
                return header
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InvalidInput("it does not begin with the header of a spool") from None
    if isinstance(version, int) and version > VERSION:
        raise InvalidInput(f"it is a spool of version {version}; read it with a newer graphtracker")
    raise InvalidInput("it does not begin with the header of a spool")


def _is_sound(header: Header) -> bool:
    texts = [header.host, header.created_at, *(text for text in (header.store, header.reason) if text is not None)]
    numbers = (header.pid, header.lost)
    return (
        all(isinstance(text, str) and len(text) <= _LONGEST_TEXT for text in texts)
        and all(type(number) is int and 0 <= number < 1 << 63 for number in numbers)
        and isinstance(header.locked, bool)
    )


def to_line(events: Sequence[Event]) -> bytes:
    """The line of one call."""
    if len(events) == 1:
        return f"[{_WRITERS[type(events[0])](events[0])}]\n".encode()
    return f"[{','.join([_WRITERS[type(event)](event) for event in events])}]\n".encode()


def from_line(line: bytes) -> list[Event]:
    """The events of a line; raises InvalidInput for what no graphtracker has written."""
    try:
        found = _load(line.decode())
        if isinstance(found, list):
            return [_event(item) for item in found]
    except InvalidInput:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise InvalidInput(f"it holds no events ({type(error).__name__})") from None
    raise InvalidInput("it holds no list of events")


# By hand, since a job waits for it: what the json module does for a whole line takes three times as long.
def _value_text(value: object) -> str:
    if type(value) is str:
        return _quote(value)
    if type(value) is float and math.isfinite(value):
        return repr(value)
    return compact(to_json(value))


def _artifact_line(event: ArtifactLogged) -> str:
    run_id, name, path, place, metadata, stamp = event
    values = compact({key: to_json(value) for key, value in metadata.items()}) if metadata else "null"
    what = f'"artifact":{_quote(name)},"path":{_quote(path)},"place":{_quote(place)},"metadata":{values}'
    return f'{{"run":{_quote(run_id)},{what},"stamp":"{stamp.hex()}"}}'


def _source_line(event: SourceNamed) -> str:
    run_id, source_id, name, stamp = event
    what = f'"source":{_quote(source_id)},"artifact":{"null" if name is None else _quote(name)}'
    return f'{{"run":{_quote(run_id)},{what},"stamp":"{stamp.hex()}"}}'


def _metadata_line(event: MetadataSet) -> str:
    run_id, key, value, stamp = event
    return f'{{"run":{_quote(run_id)},"key":{_quote(key)},"value":{_value_text(value)},"stamp":"{stamp.hex()}"}}'


def _context_line(event: ContextSet) -> str:
    run_id, values, stamp = event
    said = compact({key: to_json(value) for key, value in values.items()})
    return f'{{"run":{_quote(run_id)},"context":{said},"stamp":"{stamp.hex()}"}}'


def _forgotten_line(event: Forgotten) -> str:
    what = "run" if event.links else "values"
    return f'{{"run":{_quote(event.run_id)},"forgotten":"{what}","stamp":"{event.stamp.hex()}"}}'


def _mentioned_line(event: Mentioned) -> str:
    run_id, name, stamp = event
    return f'{{"run":{_quote(run_id)},"mentioned":{"null" if name is None else _quote(name)},"stamp":"{stamp.hex()}"}}'


_WRITERS: dict[type, Callable[[Any], str]] = {
    Reported: lambda event: f'{{"run":{_quote(event[0])},"stamp":"{event[1].hex()}"}}',
    MetadataSet: _metadata_line,
    ArtifactLogged: _artifact_line,
    SourceNamed: _source_line,
    ContextSet: _context_line,
    Forgotten: _forgotten_line,
    Mentioned: _mentioned_line,
}


def _event(item: dict[str, Any]) -> Event:
    run_id, stamp = checked_run_id(item["run"]), bytes.fromhex(item["stamp"])
    if len(stamp) != STAMP:
        raise InvalidInput("it holds a stamp that is none")
    if "key" in item:
        key = checked_key(item["key"])
        return MetadataSet(run_id, key, _value(item["value"], key), stamp)
    if "source" in item:
        name = item["artifact"]
        return SourceNamed(run_id, checked_run_id(item["source"]), None if name is None else checked_name(name), stamp)
    if "artifact" in item:
        metadata = item["metadata"]
        values = {checked_key(key): _value(value, key) for key, value in metadata.items()} if metadata else None
        path, place = checked_path(item["path"]), checked_path(item["place"])
        return ArtifactLogged(run_id, checked_name(item["artifact"]), path, place, values, stamp)
    if "context" in item:
        context = {key: from_json(value) for key, value in item["context"].items()}
        return ContextSet(run_id, checked_context(context), stamp)
    if "forgotten" in item:
        return Forgotten(run_id, _FORGOTTEN[item["forgotten"]], stamp)
    if "mentioned" in item:
        name = item["mentioned"]
        return Mentioned(run_id, None if name is None else checked_name(name), stamp)
    return Reported(run_id, stamp)


_FORGOTTEN = {"values": False, "run": True}


def _value(value: object, key: str) -> object:
    return plain(from_json(value), key)
