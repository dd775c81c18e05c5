"""Whether files are what was recorded of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from graphtracker.model.encoding import to_json
from graphtracker.model.equality import equal, is_nan, is_number
from graphtracker.model.html_table import html_list
from graphtracker.model.question import and_cut
from graphtracker.model.times import utc
from graphtracker.model.values import Artifact
from graphtracker.recording.files import Contents, NothingThere, Unreadable, contents_of, existing, status_of

Verdict = Literal["matches", "differs", "missing", "unreadable", "elsewhere", "unrecorded"]
"""What was found of an artifact: its file is as recorded, is not, is gone, cannot be read; is not on this machine
(such as ``s3://…``), though something was recorded by which to tell; nothing was."""

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
BAD = frozenset({"differs", "missing", "unreadable"})
"""The verdicts that say that the file of an artifact is not, or may not be, what was recorded."""
_COMPARED = frozenset({"matches", "differs"})

_OF_SEVERAL: Mapping[Verdict, str] = {"matches": "match", "differs": "differ"}
"""What several do, where that is another word."""


@dataclass(frozen=True)
class Checked:
    """An artifact, and whether the file at its path is what was recorded of it."""

    run_id: str
    artifact_name: str
    path: str | None
    """As it was written."""
    place: str | None
    verdict: Verdict
    recorded: Mapping[str, object]
    """What was compared, of its metadata: ``sha256``, else ``size`` (bytes) and ``mtime`` (a time, or seconds)."""
    found: Mapping[str, object]
    """The same of the file, as far as it could be read."""
    reason: str | None
    """Why it could not be read."""

    def to_dict(self) -> dict[str, Any]:
        """In plain JSON types, without what is not there."""
        shown = {name: value for name, value in vars(self).items() if value is not None}
        for name in ("recorded", "found"):
            shown[name] = {key: to_json(value) for key, value in shown[name].items()}
        return shown


@dataclass(frozen=True, repr=False)
class Verification:
    """What was found of each artifact, by run id and name."""

    artifacts: tuple[Checked, ...]
    reasons: frozenset[str] = frozenset()
    """Why it may lack artifacts: ``"unsynced"``."""

    @property
    def complete(self) -> bool:
        """Whether all that were asked about are in it."""
        return not self.reasons

    @property
    def compared(self) -> int:
        """Of how many artifacts a file was compared with what was recorded."""
        return sum(item.verdict in _COMPARED for item in self.artifacts)

    @property
    def same(self) -> bool | None:
        """Whether all that could be compared is as recorded; None where nothing could be, or artifacts may be left
        out."""
        if any(item.verdict in BAD for item in self.artifacts):
            return False
        return True if self.compared and self.complete else None

    def counts(self) -> dict[Verdict, int]:
        """Verdict → how many artifacts it was given, those of none left out, in the order of ``Verdict``."""
        given = [item.verdict for item in self.artifacts]
        return {verdict: given.count(verdict) for verdict in VERDICTS if verdict in given}

    def to_dict(self) -> dict[str, Any]:
        """In plain JSON types."""
        return {
            "same": self.same,
            "compared": self.compared,
            "complete": self.complete,
            "reasons": sorted(self.reasons),
            "artifacts": [item.to_dict() for item in self.artifacts],
        }

    def _repr_html_(self) -> str:
        in_order = sorted(self.artifacts, key=lambda item: item.verdict not in BAD)
        return html_list(repr(self).strip("<>"), in_order, _said)

    def __repr__(self) -> str:
        compared = any(item.verdict in BAD or item.verdict == "matches" for item in self.artifacts)
        as_recorded = "as recorded, as far as it is known" if self.same is None else "as recorded"
        verdict = "not as recorded" if self.same is False else as_recorded if compared else "nothing compared"
        counts = sorted(self.counts().items(), key=lambda each: each[0] not in BAD)
        words = (f"{count:,} {each if count == 1 else _OF_SEVERAL.get(each, each)}" for each, count in counts)
        told = "".join(f", {word}" for word in words)
        return f"<Verification: {verdict}{told}{and_cut(self.reasons)}>"


def _said(item: Checked) -> tuple[Mapping[str, str], Mapping[str, object]]:
    said = {"verdict": item.verdict, "run_id": item.run_id, "name": item.artifact_name, "path": item.path or ""}
    return said, {f"recorded {key}": value for key, value in item.recorded.items()}


def verification(artifacts: Iterable[Artifact], reasons: frozenset[str] = frozenset()) -> Verification:
    """Compares each with its file; a file that several were logged at is read once."""
    files = _Files()
    in_order = sorted(artifacts, key=lambda item: (item.run_id, item.name))
    return Verification(tuple(_checked(item, files) for item in in_order), reasons)


class _Files:
    """What was read of files, or why it could not be: each is read once."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], Any] = {}

    def contents(self, path: str) -> Contents:
        """As ``contents_of``."""
        found: Contents = self._once(contents_of, path)
        return found

    def status(self, path: str) -> os.stat_result:
        """As ``status_of``."""
        found: os.stat_result = self._once(status_of, path)
        return found

    def _once(self, read: Callable[[str], object], path: str) -> Any:
        key = read.__name__, path
        if key not in self._read:
            try:
                self._read[key] = read(path)
            except Unreadable as error:
                self._read[key] = error
        if isinstance(self._read[key], Unreadable):
            raise self._read[key]
        return self._read[key]


def _checked(item: Artifact, files: _Files) -> Checked:
    recorded = _recorded(item.metadata)
    found: dict[str, object] = {}
    reason = None
    verdict: Verdict
    if item.place is None or not recorded:
        verdict = "unrecorded"
    elif not item.place.startswith("/"):
        verdict = "elsewhere"
    else:
        try:
            found = _found(recorded, _file(item.path or "", item.place), files)
            verdict = "matches" if all(_same(value, found[key]) for key, value in recorded.items()) else "differs"
        except NothingThere:
            verdict = "missing"
        except Unreadable as error:
            verdict, reason = "unreadable", str(error)
    return Checked(item.run_id, item.name, item.path, item.place, verdict, recorded, found, reason)


def _recorded(metadata: Mapping[str, object]) -> dict[str, object]:
    """Of an artifact's metadata what a file can be compared with."""
    sha256, size, mtime = (metadata.get(key) for key in ("sha256", "size", "mtime"))
    if isinstance(sha256, str) and sha256:
        return {"sha256": sha256}
    found = {"size": size} if is_number(size) else {}
    return {**found, "mtime": mtime} if is_number(mtime) or isinstance(mtime, datetime) else found


def _file(path: str, place: str) -> str:
    """Where the file lies: as the job named it, since the text of a place knows no links and one form of letters."""
    return existing(path, place) if path.startswith("/") else place


def _found(recorded: Mapping[str, object], path: str, files: _Files) -> dict[str, object]:
    if "sha256" in recorded:
        return {"sha256": files.contents(path).sha256}
    status = files.status(path)
    is_folder = stat.S_ISDIR(status.st_mode)
    found: dict[str, object] = {}
    if "size" in recorded:
        found["size"] = files.contents(path).size if is_folder else status.st_size
    if "mtime" in recorded:
        found["mtime"] = _mtime(recorded["mtime"], status)
    return found


def _mtime(like: object, status: os.stat_result) -> object:
    """When the file was changed, as the recorded one has it: a time, nanoseconds, whole seconds, seconds."""
    if isinstance(like, datetime):
        return utc(status.st_mtime_ns)
    if type(like) is int:
        return status.st_mtime_ns if abs(like) >= _NANOSECONDS else status.st_mtime_ns // 10**9
    return status.st_mtime


def _same(recorded: Any, found: Any) -> bool:
    if isinstance(recorded, str):
        return bool(recorded.strip().lower() == found)
    if isinstance(found, float):
        return not is_nan(recorded) and abs(float(recorded) - found) < _MICROSECOND
    return equal(recorded, found)


_NANOSECONDS = 10**15  # what is as large is no count of seconds
_MICROSECOND = 1e-6  # seconds; a float has no finer ones
