"""The metadata that stands in the nodes of a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from graphtracker.analysis.stacks import Links
from graphtracker.analysis.varying import Varying, in_short, together, varying
from graphtracker.drawing.style import LONGEST_LABEL
from graphtracker.drawing.sweeps import Sweeps
from graphtracker.model.display import printable, shorten
from graphtracker.model.flattened import flattened
from graphtracker.model.question import Answer
from graphtracker.model.values import Artifact, Run

_MOST = 3  # lines that nobody asked for
_MOST_ASKED = 40  # lines that somebody did; no picture has room for more in a node
_SHORT = 24  # characters of a line of a single run, of which there are many
_SHORTEST_KEY = 8  # characters


class ValueLines:
    """Lines for nodes of an answer: the keys that were asked for, else those in which runs of a sweep differ.

    What it says of a stack it finds out once, however many pictures are made of parts of the answer.
    """

    def __init__(self, answer: Answer, links: Links, keys: Sequence[str]) -> None:
        self._answer, self._keys = answer, keys
        self._sweeps = Sweeps(answer, links)
        self._of_stacks: dict[str | tuple[str, str], list[str]] = {}

    def of_run(self, run: Run, stacked: Sequence[str] | None) -> list[str]:
        """Of a run, or of those that are stacked, of which it is the first."""
        if stacked is None:
            if self._keys:
                return self._asked([run])
            return [*_of_one(run.metadata, self._sweeps.keys(run.run_id)), *_failure(run)]
        if run.run_id not in self._of_stacks:
            runs = [self._answer.runs[run_id] for run_id in stacked]
            found = self._asked(runs) if self._keys else self._differing(runs, stacked)
            self._of_stacks[run.run_id] = found
        return self._of_stacks[run.run_id]

    def _differing(self, runs: Sequence[Run], stacked: Sequence[str]) -> list[str]:
        return _packed(map(_in_label, varying(runs, self._sweeps.beside(stacked))), LONGEST_LABEL)

    def of_artifact(
        self, artifact: Artifact, runs: Sequence[str] | None, stacked: Sequence[tuple[str, str]]
    ) -> list[str]:
        """Where keys were asked for: of an artifact, or of those that are stacked, of all the stacked runs."""
        key = artifact.run_id, artifact.name
        if not self._keys or (runs is None and not stacked):
            return self._asked([artifact])
        if key not in self._of_stacks:
            names = [name for _, name in stacked] or [artifact.name]
            there = [self._answer.artifacts[run_id, name] for run_id in runs or [artifact.run_id] for name in names]
            self._of_stacks[key] = self._asked(there)
        return self._of_stacks[key]

    def _asked(self, values: Sequence[Run | Artifact]) -> list[str]:
        """One line a key: its value, or in what it differs, and how many have none."""
        if not self._keys:
            return []
        rows = [_flat_too(value.metadata) for value in values]
        lines = []
        for key in self._keys:
            if having := [row[key] for row in rows if key in row]:
                missing = len(rows) - len(having)
                lines.append(_line(key, together(having) + (f" ({missing:,} without)" if missing else "")))
        more = len(lines) - _MOST_ASKED
        return lines if more <= 0 else [*lines[:_MOST_ASKED], f"… {more:,} more"]


def _failure(run: Run) -> list[str]:
    """Why it failed, where its status says that."""
    failed, _, why = str(run.context.get("status", "")).partition(": ")
    return [printable(shorten(why, LONGEST_LABEL))] if failed == "failed" and why else []


def _flat_too(metadata: Mapping[str, object]) -> Mapping[str, object]:
    """The values by their keys, and those inside of mappings by theirs."""
    return {**flattened(metadata), **metadata}


def _of_one(metadata: Mapping[str, object], keys: Sequence[str]) -> list[str]:
    if not keys:
        return []
    found = flattened(metadata)
    return _packed([_line(key, in_short(found[key])) for key in keys if key in found], _SHORT)


def _in_label(found: Varying) -> str:
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
