"""What a stack of runs is called."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphtracker.analysis.names import beginning
from graphtracker.analysis.stems import NOTHING, first_word, stem
from graphtracker.analysis.torchx_names import split_name
from graphtracker.drawing.style import LONGEST_LABEL
from graphtracker.model.display import shorten
from graphtracker.model.values import run_name

_LEFT_OUT = ", … "
_NUMBER = re.compile("[0-9]+")


class StackLabels:
    """What the stacks of an answer are called, each found out once, however many pictures are made of parts of it."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def __call__(self, run_ids: Sequence[str]) -> str:
        """The label of the stack of these runs."""
        if run_ids[0] not in self._found:
            self._found[run_ids[0]] = stack_label(run_ids)
        return self._found[run_ids[0]]


def stack_label(run_ids: Sequence[str]) -> str:
    r"""What the names of its runs have in common, else the first names and the last one; and how many runs they are.

    They have their beginning in common, without what TorchX made unique in them, or their stem. Where each name has
    another stem, its own part is a word: then the names are said if there is room for two.

    >>> stack_label(["train-1", "train-2", "train-10"]) == "train-… \u00d7 3"
    True
    >>> stack_label(["clean", "evaluate", "plot", "report"]) == "clean, evaluate, … report \u00d7 4"
    True
    """
    count = f" \u00d7 {len(run_ids):,}"
    return _called({run_name(run_id) for run_id in run_ids}, LONGEST_LABEL - len(count)) + count


def _called(run_names: set[str], room: int) -> str:
    names, stems = {split_name(name)[0] for name in run_names}, {stem(name) for name in run_names}
    words = {first_word(each) for each in stems}
    alike, word, some = beginning(names), min(words), min(stems)
    if len(names) == 1:
        return alike
    if len(stems) == 1 and some != NOTHING:
        return f"{alike}…" if word in some.partition(NOTHING)[0] else some
    in_order = sorted(names, key=_in_order)
    if len(words) == 1 and word and word in alike and (len(stems) < len(names) or not _have_room(in_order, room)):
        return f"{alike}…"
    return _listed(in_order, room)


def _have_room(names: Sequence[str], room: int) -> bool:
    """Whether the first and the last do, whole."""
    return len(names[0]) + len(_LEFT_OUT) + len(names[-1]) <= room


def _listed(names: Sequence[str], room: int) -> str:
    """The first names, as many as there is room for, and the last; the middle of these two gives way."""
    for_two = room - len(_LEFT_OUT)
    said = shorten(names[0], max(for_two // 2, for_two - len(names[-1])))
    last = shorten(names[-1], for_two - len(said))
    for name in names[1:-1]:
        if len(said) + len(name) + len(last) + len(", " + _LEFT_OUT) > room:
            return f"{said}{_LEFT_OUT}{last}"
        said += f", {name}"
    return f"{said}, {last}"


def _in_order(name: str) -> tuple[str, str]:
    """By which 9 comes before 10."""
    return _NUMBER.sub(lambda digits: f"{len(digits[0]):04}{digits[0]}", name), name
