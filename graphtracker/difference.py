"""What differs between two lineages, which can be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from graphtracker.analysis.changes import changes, links, more, named, texts, title
from graphtracker.analysis.compare import compare
from graphtracker.analysis.difference import Comparison, Pair
from graphtracker.errors import GraphTrackerError, InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.html_table import html_list
from graphtracker.model.question import Answer, and_cut

if TYPE_CHECKING:
    from typing_extensions import Self

_LONGEST_ROLE = 24  # labels that can be read


def difference(lineage: Answer, other: Answer, *, ignore: Iterable[str] = (), paths: bool = False) -> Difference:
    """What differs upstream between two lineages that have a start; raises InvalidInput where one has no upstream."""
    for one in (lineage, other):
        if one.direction == "downstream":
            raise InvalidInput("a downstream lineage has nothing upstream to compare; ask for upstream, or for both")
    with gc_paused():
        return Difference.from_comparison(compare(lineage, other, ignore=ignore, paths=paths))


class Difference(Comparison):
    """What differs upstream between two lineages, run beside run, and where that begins.

    Two runs are a pair by their roles: the sources of two runs that stand beside each other match by the artifacts that
    are named, then by what they are; each run stands beside one other, by its nearest role.
    """

    @classmethod
    def from_comparison(cls, comparison: Comparison) -> Self:
        """The difference that was found."""
        difference = cls.__new__(cls)
        difference.__dict__.update(comparison.__dict__)
        return difference

    def to_dot(self) -> str:
        """Both lineages as one picture in Graphviz's DOT language, in which a pair is one node."""
        return self._exported("dot")

    def _exported(self, format: str) -> str:
        from graphtracker.export import export_difference  # drawing, for those who look

        return b"".join(export_difference(self, format)).decode()

    def _repr_html_(self) -> str:
        """A table of what differs, first differences first; below it, where Graphviz is there, the picture."""
        first = sorted(self.changed, key=lambda pair: pair.follows)
        table = html_list(repr(self).strip("<>"), [row for pair in first for row in self._rows(pair)], _said)
        from graphtracker.drawing.cell import fitted  # drawing, for those who look

        try:
            return f"{table}<div>{fitted(self._exported('svg'))}</div>"
        except GraphTrackerError:
            return table

    def _rows(self, pair: Pair) -> Iterator[dict[str, str]]:
        """What one pair differs in, a row each: of which runs, in which role, what."""
        who = {
            "runs": title(self, pair),
            "role": " ← ".join(map(named, pair.end_of_role(_LONGEST_ROLE))),
            "where": "below" if pair.follows else "first difference",
        }
        for change in changes(pair):
            value, other = texts(change)
            yield {**who, "key": change.key, "first": value, "second": other, "change": more(change)}
        yield from ({**who, "key": line} for line in links(self, pair))

    def __repr__(self) -> str:
        differ = {True: "the same", None: "no difference found, but not complete"}.get(self.same)
        differ = differ or f"{len(self.changed):,} of {len(self.pairs):,} pairs differ, {len(self.origins):,} first"
        return f"<Difference of {quoted(self.start)} and {quoted(self.other)}: {differ}{and_cut(self.reasons)}>"


def _said(row: dict[str, str]) -> tuple[dict[str, str], dict[str, object]]:
    return row, {}
