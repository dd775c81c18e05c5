"""The metadata that stands in the nodes of a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from graphtracker.analysis.varying import Varying, in_short, varying
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.style import LONGEST_LABEL
from graphtracker.drawing.sweeps import Sweeps
from graphtracker.model.display import printable, shorten
from graphtracker.model.flattened import flattened
from graphtracker.model.values import Artifact, Run

_MOST = 3  # lines that nobody asked for
_SHORT = 24  # characters of a line of a single run, of which there are many
_SHORTEST_KEY = 8  # characters


class ValueLines:
    """Lines for the nodes of a picture: the keys that were asked for, else those in which runs of a sweep differ."""

    def __init__(self, picture: Picture) -> None:
        self._keys = picture.options.labels
        self._whole = picture.whole
        self._sweeps = Sweeps(picture.whole)

    def of_run(self, run: Run, stacked: Sequence[str] | None) -> list[str]:
        """Of a run, or of those that are stacked."""
        if stacked is not None:
            runs = [self._whole.runs[run_id] for run_id in stacked]
            if self._keys:
                return self._asked(run, runs)
            return _packed(map(_range, varying(runs, self._sweeps.beside(stacked))), LONGEST_LABEL)
        if self._keys:
            return self._asked(run, [run])
        return [*_packed(_lines(run.metadata, self._sweeps.keys(run.run_id)), _SHORT), *_failure(run)]

    def of_artifact(self, artifact: Artifact, stacked: Iterable[tuple[str, str]]) -> list[str]:
        """Of an artifact, or of those that are stacked, where keys were asked for."""
        if not self._keys:
            return []
        found = [self._whole.artifacts[key] for key in stacked] or [artifact]
        return self._asked(self._whole.runs[artifact.run_id], found)

    def _asked(self, of: Run, values: Sequence[Run | Artifact]) -> list[str]:
        """One line a key: its value, or in what it differs."""
        lines = []
        for key in self._keys:
            having = [value.metadata for value in values if _has(value.metadata, key)]
            told = varying(replace(of, metadata={key: _value(metadata, key)}) for metadata in having)
            if having:
                lines.append(_line(key, told[0].text if told else in_short(_value(having[0], key))))
        return lines


def _failure(run: Run) -> list[str]:
    """Why it failed, where its status says that."""
    failed, _, why = str(run.context.get("status", "")).partition(": ")
    return [printable(shorten(why, LONGEST_LABEL))] if failed == "failed" and why else []


def _has(metadata: Mapping[str, object], key: str) -> bool:
    return key in metadata or key in flattened(metadata)


def _value(metadata: Mapping[str, object], key: str) -> object:
    return metadata[key] if key in metadata else flattened(metadata)[key]


def _lines(metadata: Mapping[str, object], keys: Iterable[str]) -> list[str]:
    found = flattened(metadata)
    return [_line(key, in_short(found[key])) for key in keys if key in found]


def _range(found: Varying) -> str:
    told = str(found)
    return told if len(told) <= LONGEST_LABEL else _line(found.key, found.text)


def _line(key: str, text: str) -> str:
    """Key and value, of which the key is the first to be shortened."""
    key = shorten(key, max(_SHORTEST_KEY, LONGEST_LABEL - 1 - len(text)))
    return f"{key} {shorten(text, LONGEST_LABEL - 1 - len(key))}"


def _packed(texts: Iterable[str], width: int) -> list[str]:
    """As many of them, in order, as find room in a few lines."""
    lines: list[str] = []
    for text in texts:
        if lines and len(lines[-1]) + len(text) + 2 <= width:
            lines[-1] += f", {text}"
        elif len(lines) < _MOST:
            lines.append(text)
    return lines
