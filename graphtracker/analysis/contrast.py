"""What bad runs share upstream that good ones lack, as values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, zip_longest
from typing import Any, Literal

from graphtracker.model.counted import counted
from graphtracker.model.display import shorten
from graphtracker.model.encoding import to_json
from graphtracker.model.html_table import LONGEST, html_list
from graphtracker.model.question import and_cut
from graphtracker.model.values import Node, run_name
from graphtracker.model.written import written

_LONGEST = 40  # characters of a value
_MOST = 4  # of a kind that a notebook lists


@dataclass(frozen=True)
class SharedValue:
    """A metadata value, by the flattened key that has it: of ``"own"``, the runs asked about themselves; of a
    ``"run"`` that they came from; or of an ``"artifact"``, by its name."""

    of: Literal["own", "run", "artifact"]
    artifact_name: str | None
    key: str
    value: Any

    def __str__(self) -> str:
        before = {"own": "own ", "run": "", "artifact": f"{self.artifact_name}."}[self.of]
        return f"{before}{self.key} = {_value_text(self.value)}"

    def to_dict(self) -> dict[str, Any]:
        """In plain JSON types; without the name that only artifacts have."""
        name = {} if self.artifact_name is None else {"artifact_name": self.artifact_name}
        return {"of": self.of, **name, "key": self.key, "value": to_json(self.value)}


@dataclass(frozen=True)
class Explanation:
    """All that the same of the runs asked about have upstream: what these runs cannot tell apart."""

    nodes: tuple[Node, ...]
    """Run ids, and (run id, name) of artifacts: what they are or descend from, the nearest first."""
    values: tuple[SharedValue, ...]
    """The nearest first."""
    paths: tuple[str, ...]
    """Places that artifacts upstream lie at, the nearest first."""
    bad: int
    """How many bad runs bear it."""
    good: int
    """How many good runs bear it."""
    p: float
    """How probable at least so many bad ones are among as many drawn by chance: Fisher's exact test, one-sided, not
    corrected for the number of explanations; 1 without good runs."""
    distance: int
    """Sources from the nearest run asked about to the nearest of all that it lists."""
    explains: int
    """How many bad runs bear it that bear no better explanation."""

    def texts(self, called: Mapping[str, str], most: int | None = None) -> list[str]:
        """All that it lists, for people; of nodes, values and paths at most so many each, and how many more there are.

        ``called`` has the names of the runs.
        """
        nodes, values, paths = self._kinds(called)
        return [
            *_some(nodes, len(self.nodes), most, "runs and artifacts"),
            *_some(values, len(self.values), most, "values"),
            *_some(paths, len(self.paths), most, "paths"),
        ]

    def in_short(self, called: Mapping[str, str]) -> str:
        """The first of each kind, each whole, as many as a cell of a table holds, and how many more there are."""
        by_turns = zip_longest(*(islice(texts, _MOST) for texts in self._kinds(called)))
        kept: list[str] = []
        room = LONGEST - len(f"and {self._count:,} more")
        for text in (text for turn in by_turns for text in turn if text is not None):
            if len(text) + len(", ") <= room:
                kept.append(text)
                room -= len(text) + len(", ")
        left = self._count - len(kept)
        return ", ".join([*kept, *([f"and {left:,} more" if kept else f"{left:,} of long names"] if left else [])])

    @property
    def _count(self) -> int:
        return len(self.nodes) + len(self.values) + len(self.paths)

    def _kinds(self, called: Mapping[str, str]) -> tuple[Iterator[str], ...]:
        """Texts of the nodes, of the values, of the paths."""
        nodes = (called[node] if isinstance(node, str) else f"{node[1]} of {called[node[0]]}" for node in self.nodes)
        return nodes, map(str, self.values), (f"path {path}" for path in self.paths)

    def to_dict(self) -> dict[str, Any]:
        """In plain JSON types; artifacts are lists of run id and name."""
        return {
            "bad": self.bad,
            "good": self.good,
            "p": self.p,
            "distance": self.distance,
            "explains": self.explains,
            "nodes": [node if isinstance(node, str) else list(node) for node in self.nodes],
            "values": [value.to_dict() for value in self.values],
            "paths": list(self.paths),
        }


@dataclass(frozen=True, repr=False)
class Contrast:
    """What may explain that the bad runs differ from the good ones, the best explanation first.

    ``bad`` and ``good`` are run ids, in the order in which they were given.
    """

    bad: tuple[str, ...]
    good: tuple[str, ...]
    explanations: tuple[Explanation, ...]
    """By p, then those that more bad runs bear, fewer good ones, the nearest, the least by what they list first. At
    least two bad runs bear each; one, where only one was given."""
    reasons: frozenset[str]
    """What left something out of the lineage: ``"depth"``, ``"unsynced"``; empty when complete."""

    @property
    def compared(self) -> int:
        """How many explanations were compared, for which p is not corrected."""
        return len(self.explanations)

    @property
    def complete(self) -> bool:
        """Whether the lineage was all that the store held when asked."""
        return not self.reasons

    @cached_property
    def called(self) -> dict[str, str]:
        """What people call the runs that it lists: by their names, by their ids where several have one name."""
        listed = (node if isinstance(node, str) else node[0] for each in self.explanations for node in each.nodes)
        names = {run_id: run_name(run_id) for run_id in (*self.bad, *self.good, *listed)}
        having = Counter(names.values())
        return {run_id: name if having[name] == 1 else run_id for run_id, name in names.items()}

    def to_dict(self) -> dict[str, Any]:
        """In plain JSON types, in a stable order."""
        return {
            "bad": list(self.bad),
            "good": list(self.good),
            "compared": self.compared,
            "complete": self.complete,
            "reasons": sorted(self.reasons),
            "explanations": [each.to_dict() for each in self.explanations],
        }

    def _repr_html_(self) -> str:
        bad, good = len(self.bad), len(self.good)
        share, lack = "run shares" if bad == 1 else "runs share", "one lacks" if good == 1 else "ones lack"
        title = f"what {bad:,} bad {share} upstream that {good:,} good {lack}{and_cut(self.reasons)}"
        return html_list(title, self.explanations, lambda each: (self._said(each), {}))

    def __repr__(self) -> str:
        of = f"{len(self.bad):,} bad and {len(self.good):,} good"
        found = counted(self.compared, "explanation")
        best = f", the best of p {p_text(self.explanations[0].p)}" if self.explanations else ""
        return f"<Contrast of {of}: {found}{best}{and_cut(self.reasons)}>"

    def _said(self, each: Explanation) -> dict[str, str]:
        bad, good = f"{each.bad}/{len(self.bad)}", f"{each.good}/{len(self.good)}"
        return {"bad": bad, "good": good, "p": p_text(each.p), "share": each.in_short(self.called)}


def p_text(p: float) -> str:
    """A probability in three decimals, or, where these were 0, its magnitude.

    >>> p_text(0.05), p_text(0.0000021)
    ('0.050', '2e-06')
    """
    return f"{p:.3f}" if p >= 0.001 else f"{p:.0e}"


def _some(texts: Iterable[str], count: int, most: int | None, what: str) -> Sequence[str]:
    """The first of the texts, and that there are more, where more than one is left out."""
    if most is None or count <= most + 1:
        return list(texts)
    return [*islice(texts, most), f"and {count - most:,} more {what}"]


def _value_text(value: object) -> str:
    """As people write it; text in quotes where it would read as something else beside others."""
    plain = not isinstance(value, str) or (_WORD.fullmatch(value) is not None and not _reads_as_no_text(value))
    return shorten(written(value) if plain else repr(value), _LONGEST)


_WORD = re.compile(r"[^\s,='\"]+")


def _reads_as_no_text(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text in ("True", "False", "None")
    return True
