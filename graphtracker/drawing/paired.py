"""Two ancestries in one picture: a node for each pair, where they differ marked."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from graphtracker.analysis.changes import ARROW, Change, changes, line, links, named, texts, title
from graphtracker.analysis.difference import Comparison, Label, Pair
from graphtracker.analysis.joined import BOTH, SIDES, Joined, Place
from graphtracker.drawing import style
from graphtracker.drawing.options import PLAIN, PictureOptions
from graphtracker.drawing.scene import DrawnEdge, DrawnNode, SpellEdge, SpellNode
from graphtracker.model.counted import counted
from graphtracker.model.display import shorten
from graphtracker.model.times import to_the_second

MOST = 40
"""Nodes; there are more words in them than in those of a lineage."""

_NEAR = 5  # sources from an end of a way whose middle is left out
_MOST_CHANGES = 3  # in a node
_FROM = " \u2190 "
_MOST_LINES = 20  # of a tooltip
_LONGEST = 160  # characters of a line of it


class Paired:
    """The picture of a comparison, to be spelled element by element; edges point with the data.

    Where there are more than ``most`` nodes, those of the first differences are drawn, then both ends of the ways from
    the starts to them, then what else differs, then what is near, unless ``options.everything``.
    """

    def __init__(self, comparison: Comparison, options: PictureOptions = PLAIN, *, most: int = MOST) -> None:
        self.options = options
        """How it was asked for."""
        self._comparison = comparison
        self._joined = joined = Joined(comparison)
        whole = options.everything or len(joined.distances) <= most
        kept = joined.distances if whole else list(dict.fromkeys(self._by_weight()))[:most]
        self._kept = sorted(kept, key=lambda place: (joined.distances[place], str(place)))
        self._names = {place: f"n{number}" for number, place in enumerate(self._kept)}

    def _by_weight(self) -> Iterator[Place]:
        """What is worth to be drawn, those first without which nothing can be understood."""
        places = {pair.run_id: place for place, pair in enumerate(self._comparison.pairs)}
        origins = [places[pair.run_id] for pair in self._comparison.origins]
        yield 0
        yield from origins
        on_the_way = self._joined.on_the_way(origins)
        yield from sorted((place for place in on_the_way if on_the_way[place] <= _NEAR), key=on_the_way.__getitem__)
        yield from (places[pair.run_id] for pair in self._comparison.changed)
        yield from (place for place, distance in self._joined.distances.items() if distance <= _NEAR)

    @property
    def left_out(self) -> str | None:
        """What is not drawn, for people; None where everything is."""
        count, there = len(self._kept), len(self._joined.distances)
        if count == there:
            return None
        return f"drawn are {count:,} of {there:,} pairs and runs, first differences first"

    @property
    def title(self) -> str:
        """What is compared."""
        comparison = self._comparison
        return f"{title(comparison, comparison.pairs[0])}: what differs upstream"

    @property
    def facts(self) -> list[str]:
        """How many pairs differ, and what limits the picture."""
        differ, pairs = len(self._comparison.changed), len(self._comparison.pairs)
        return [
            f"{differ:,} of {counted(pairs, 'pair')} differ{'s' if differ == 1 else ''}",
            *self.limits,
        ]

    @property
    def limits(self) -> list[str]:
        """As of when the two are, and what is not in the picture."""
        answers = list(zip(SIDES, self._comparison.answers, strict=True))
        times = [f"the {side} as of {to_the_second(each.as_of)}" for side, each in answers if each.as_of is not None]
        cuts = [
            f"the {side} is not the whole lineage: {answer.cut_note(bounds=True)}"
            for side, answer in answers
            if not answer.complete
        ]
        return [*times, *cuts, *([] if self.left_out is None else [self.left_out])]

    @property
    def notes(self) -> list[str]:
        """What the looks mean, and what limits the picture, for those that show text alone."""
        kinds = {self._kind(place) for place in self._kept}
        legend = [
            f"{style.PAIRS_BY_LOOK[kind]}: {words}" for kind, words in style.PAIRS_IN_WORDS.items() if kind in kinds
        ]
        return ["; ".join(legend), *self.limits]

    def spelled(self, node: SpellNode, edge: SpellEdge) -> Iterator[str]:
        """What a language writes: nodes, links, then what stands for the links through what is left out."""
        for place in self._kept:
            yield node(self._pair(place) if isinstance(place, int) else self._alone(place))
        for (consumer, source), labels in self._joined.links.items():
            if consumer in self._names and source in self._names:
                yield from (edge(drawn) for drawn in self._edges(source, consumer, labels))
        yield from (edge(drawn) for drawn in self._through_left_out())

    def _kind(self, place: Place) -> str:
        if not isinstance(place, int):
            return "in_both" if place[0] == BOTH else f"only_{place[0]}"
        pair = self._comparison.pairs[place]
        if pair.differs:
            return "differs" if pair.follows else "first_difference"
        return "follows" if pair.follows else "same"

    def _pair(self, place: int) -> DrawnNode:
        pair = self._comparison.pairs[place]
        label, *below = self._called(pair)
        if pair.differs:
            label = f"{style.DIFFERENT_SIGN} {label}"
            said = [*map(_in_short, changes(pair)), *map(_on_lines, links(self._comparison, pair))]
            kept = len(said) if len(said) <= _MOST_CHANGES else _MOST_CHANGES - 1
            below += [line for lines in said[:kept] for line in lines]
            below += [f"… {len(said) - kept:,} more"] if kept < len(said) else []
        marks = () if place else ("compared",)
        return DrawnNode(self._names[place], self._kind(place), label, self._tooltip(pair), None, marks, below=below)

    def _called(self, pair: Pair) -> list[str]:
        """What the two are called, in one line, or in two where that is too long for a label."""
        first, second = self._comparison.label(pair.run_id), self._comparison.label(pair.other_run_id)
        if pair.run_id == pair.other_run_id:
            return [first]
        whole = f"{first}{ARROW}{second}"
        return [whole] if len(whole) <= style.LONGEST_LABEL else [first, f"{ARROW.strip()} {second}"]

    def _tooltip(self, pair: Pair) -> list[str]:
        """The ids, and all that differs, as far as it can be read."""
        ids = [pair.run_id] if pair.run_id == pair.other_run_id else [pair.run_id, pair.other_run_id]
        said = [*ids, *map(line, changes(pair)), *links(self._comparison, pair)]
        kept = [shorten(text, _LONGEST) for text in said[:_MOST_LINES]]
        return [*kept, *([f"… {len(said) - _MOST_LINES:,} more"] if len(said) > _MOST_LINES else [])]

    def _alone(self, place: tuple[str, str]) -> DrawnNode:
        side, run_id = place
        label, below = self._comparison.label(run_id), "in both" if side == BOTH else f"only in the {side}"
        return DrawnNode(self._names[place], self._kind(place), label, [run_id], below=[below])

    def _edges(self, source: Place, consumer: Place, labels: dict[Label, set[str]]) -> Iterator[DrawnEdge]:
        """One for the links that both have, one for those of each side alone."""
        for kind, sides in ((BOTH, {*SIDES}), *((f"only_{side}", {side}) for side in SIDES)):
            under = sorted((label for label, there in labels.items() if there == sides), key=lambda label: label or "")
            if under:
                text = ", ".join(label for label in under if label is not None)
                tooltip = [", ".join(map(named, under)), *([] if kind == BOTH else [kind.replace("_", " in the ")])]
                yield DrawnEdge(self._names[source], self._names[consumer], kind, tooltip, text or None)

    def _through_left_out(self) -> Iterator[DrawnEdge]:
        """What joins a node to the starts where the next one on the way is not drawn."""
        for place, before in self._joined.nearest(self._names).items():
            between = self._joined.distances[place] - self._joined.distances[before] - 1
            if between and place in self._names:
                ends = self._names[place], self._names[before]
                yield DrawnEdge(*ends, "left_out", [f"{between:,} between are left out"], f"… {between:,} …")


def _in_short(change: Change) -> list[str]:
    """What of a change finds room in a label."""
    value, other = texts(change)
    whole = f"{change.key}: {value}{ARROW}{other}"
    return [whole if len(whole) <= style.LONGEST_LABEL else f"{shorten(change.key, style.LONGEST_LABEL - 3)}: …"]


def _on_lines(link: str) -> list[str]:
    """What is said of a link, our words and its names each on lines of their own where they find no room on one."""
    if len(link) <= style.LONGEST_LABEL:
        return [link]
    words, colon, names = link.partition(": ")
    lines = wrap(words + colon.strip(), style.LONGEST_LABEL)
    if len(names) > style.LONGEST_LABEL:
        name, arrow, rest = names.partition(_FROM)
        return [*lines, name, *([f"{_FROM.strip()} {rest}"] if arrow else [])]
    return [*lines, *([names] if names else [])]
