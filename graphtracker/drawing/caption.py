"""What a picture says of itself: its title, the facts about it, the legend of what occurs in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from graphtracker.analysis.names import Labels
from graphtracker.drawing import style
from graphtracker.drawing.paired import Paired
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.scene import DrawnEdge, DrawnNode
from graphtracker.model.counted import counted
from graphtracker.model.question import asked_in_words
from graphtracker.model.times import to_the_second

_WAYS = {
    "both": "what {} came from, and what was made from it",
    "upstream": "what {} came from",
    "downstream": "what was made from {}",
}


class Entry(NamedTuple):
    """A kind in the legend: a key of ``style.NODES``, ``style.MARKS``, ``style.EDGES`` or ``style.PAIR_NODES``, with
    what it means."""

    of: Literal["node", "mark", "edge", "pair"]
    key: str
    words: str


@dataclass(frozen=True)
class Caption:
    """What stands beside a picture; every character of it is data."""

    title: str
    facts: tuple[str, ...]
    """How many, when, whether whole, what is left out: a line each."""
    legend: tuple[Entry, ...]
    """The kinds that occur."""


def caption(picture: Picture | Paired, nodes: Iterable[DrawnNode], edges: Iterable[DrawnEdge]) -> Caption:
    """The caption of a picture in which these nodes and edges are drawn."""
    if isinstance(picture, Paired):
        return Caption(picture.title, tuple(picture.facts), tuple(_legend_of_pairs(nodes)))
    return Caption(_title(picture), tuple(_facts(picture)), tuple(_legend(nodes, edges)))


def bare_caption(picture: Picture | Paired) -> Caption:
    """What is said of a picture that is to be bare: as of when it is, and what it is not."""
    return Caption("", tuple(picture.limits if isinstance(picture, Paired) else picture.notes), ())


def _title(picture: Picture) -> str:
    answer = picture.answer
    said = asked_in_words(answer, Labels(answer).of_asked, str)
    if answer.question is None or answer.question.begin is not None:
        return said
    return _WAYS[answer.direction].format(said)


def _facts(picture: Picture) -> list[str]:
    """Of all that was asked for, drawn or not."""
    whole = picture.whole
    counts = f"{counted(len(whole.runs), 'run')}, {counted(len(whole.artifacts), 'artifact')}"
    all_of_it = whole.question is not None and whole.question.begin is None and whole.complete and not picture.left_out
    times = [run.updated_at for run in whole.runs.values() if run.updated_at is not None]
    last = [f"last recorded {to_the_second(max(times))}"] if times and whole.as_of is None else []
    return [counts + (", the whole lineage" if all_of_it else ""), *last, *picture.notes]


def _legend(nodes: Iterable[DrawnNode], edges: Iterable[DrawnEdge]) -> list[Entry]:
    drawn = list(nodes)
    kinds, marks = {node.kind for node in drawn}, {mark for node in drawn for mark in node.marks}
    links = {edge.kind for edge in edges}
    return [
        *(Entry("node", key, words) for key, words in style.NODES_IN_WORDS.items() if key in kinds),
        *(Entry("mark", key, words) for key, words in style.MARKS_IN_WORDS.items() if key in marks),
        *(Entry("edge", key, words) for key, words in style.EDGES_IN_WORDS.items() if key in links),
    ]


def _legend_of_pairs(nodes: Iterable[DrawnNode]) -> list[Entry]:
    kinds = {node.kind for node in nodes}
    return [Entry("pair", key, words) for key, words in style.PAIRS_IN_WORDS.items() if key in kinds]
