"""The ``contrast`` command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from graphtracker import Contrast, Explanation, GraphTracker, InvalidInput
from graphtracker.analysis.contrast import p_text
from graphtracker.cli import completion
from graphtracker.cli.asking import find, open_existing
from graphtracker.cli.exit_codes import NOT_FOUND
from graphtracker.cli.filtering import Filtered, conditions, tell_unknown
from graphtracker.cli.options import AsJSON, Latest, StoreOption, number_option
from graphtracker.cli.output import columns, page, say_json, tell, wrapped
from graphtracker.model.cells import fitted, width
from graphtracker.model.display import printable
from graphtracker.model.question import Answer
from graphtracker.model.styled import headed
from graphtracker.stores.filters.conditions import Condition, comparisons_of

_MOST_LINES = 10
_MOST_OF_A_KIND = 4  # of the nodes, the values, the paths of a line
_LEAST_ROOM = 10  # columns of a terminal for what they share


@dataclass(frozen=True)
class Compared:
    """Which runs are bad, which are good."""

    bad: Annotated[
        list[str] | None,
        typer.Option("--bad", metavar="RUN", help="A bad run. May be repeated.", autocompletion=completion.runs),
    ] = None
    good: Annotated[
        list[str] | None,
        typer.Option("--good", metavar="RUN", help="A good run. May be repeated.", autocompletion=completion.runs),
    ] = None
    bad_where: Annotated[
        list[str] | None,
        typer.Option(
            "--bad-where",
            metavar="EXPR",
            help="Runs that match are bad: 'loss > 0.5', as in runs --where. May be repeated; all must hold.",
            autocompletion=completion.keys,
        ),
    ] = None
    good_where: Annotated[
        list[str] | None,
        typer.Option(
            "--good-where",
            metavar="EXPR",
            help="Runs that match are good. May be repeated; all must hold.",
            autocompletion=completion.keys,
        ),
    ] = None
    latest: Latest = False


@dataclass(frozen=True)
class Within:
    """What of their lineages is compared."""

    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            metavar="PATTERN",
            help="Leave out metadata keys like this: loss, 'optim.*'; of an artifact KEY or NAME.KEY. May be repeated. "
            "The keys of --bad-where and --good-where are left out anyway.",
        ),
    ] = None
    depth: Annotated[int | None, number_option("--depth", "At most N sources away.")] = None
    strict: Annotated[bool, typer.Option("--strict", help="Fail (exit code 1) where the answer is not whole.")] = False


def contrast(
    compared: Compared,
    within: Within,
    everything: Annotated[bool, typer.Option("--all", help="Print every line, and all that each lists.")] = False,
    *,
    as_json: AsJSON = False,
    store: StoreOption = None,
) -> None:
    """Print what bad runs share upstream that good ones lack.

    The best explanation comes first. Compared are the runs and artifacts that they came from, values and paths of
    these, and the runs' own values. What the same runs have is one line. Values are compared for being equal: no
    thresholds (lr > 0.1), and no two causes that are bad only together. Nor is a cause proved: what changed at the same
    time looks the same. Exit code 0 where the best line has all bad runs and no good one, else 1.

    Example: graphtracker contrast --bad-where 'loss > 0.5' --good train-x7mw
    """
    bad_where, good_where = (conditions(Filtered(where)) for where in (compared.bad_where, compared.good_where))
    with open_existing(store) as tracker:
        bad, good = (
            [find(tracker, text, latest=compared.latest) for text in texts or ()]
            for texts in (compared.bad, compared.good)
        )
        try:
            found = tracker.contrast(
                bad,
                good,
                bad_where=bad_where,
                good_where=good_where,
                depth=within.depth,
                ignore=within.ignore or (),
                strict=within.strict,
            )
        except InvalidInput:
            for where in (bad_where, good_where):
                _tell_unknown(tracker, where)
            raise
    if as_json:
        say_json(found.to_dict())
    elif found.explanations:
        _show(found, found.explanations if everything else _best(found), _MOST_OF_A_KIND if not everything else None)
    _tell_limits(found)
    best = found.explanations[0] if found.explanations else None
    if best is None or best.good or best.bad < len(found.bad):
        raise typer.Exit(NOT_FOUND)


def _best(found: Contrast) -> list[Explanation]:
    """The best that bad runs bear more often than good ones, and all that explain a run that no better one does."""
    bad, good = len(found.bad), len(found.good)
    favoured = [each for each in found.explanations if not good or each.bad * good > each.good * bad]
    first = set(map(id, favoured[:_MOST_LINES]))
    return [each for each in found.explanations if id(each) in first or each.explains]


def _show(found: Contrast, shown: Sequence[Explanation], most: int | None) -> None:
    page(headed(_lines(found, shown, most, columns())))
    left = found.compared - len(shown)
    if left:
        tell(f"{left:,} more {'is' if left == 1 else 'are'} no better; --all prints {'it' if left == 1 else 'them'}")


def _lines(found: Contrast, shown: Sequence[Explanation], most: int | None, room: int | None) -> Iterator[str]:
    """A heading, a line each, what was compared; on a terminal a line goes on below itself."""
    cells = [("bad", "good", "p"), *(_numbers(found, each) for each in shown)]
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)][: 3 if found.good else 1]
    begin = sum(wide) + 2 * len(wide)
    shares = [["what they share upstream"], *(each.texts(found.called, most) for each in shown)]
    for numbers, texts in zip(cells, shares, strict=True):
        before = "".join(f"{text:>{size}}  " for text, size in zip(numbers, wide, strict=False))
        for part in _wrapped(texts, room and max(room - begin, _LEAST_ROOM)):
            yield before + part
            before = " " * begin
    yield from wrapped(_compared(found), room)


def _numbers(found: Contrast, each: Explanation) -> tuple[str, str, str]:
    return f"{each.bad}/{len(found.bad)}", f"{each.good}/{len(found.good)}", p_text(each.p)


def _wrapped(texts: Sequence[str], room: int | None) -> Iterator[str]:
    """The texts with commas between them, as many on a line as have room; one that has none is shortened."""
    line = ""
    for place, text in enumerate(texts):
        comma = "," if place < len(texts) - 1 else ""
        piece = fitted(printable(text), room and room - len(comma)) + comma
        if line and room is not None and width(line) + 1 + width(piece) > room:
            yield line
            line = ""
        line += f" {piece}" if line else piece
    yield line


def _compared(found: Contrast) -> str:
    were = "cause was" if found.compared == 1 else "causes were"
    how = (
        "p is Fisher's exact test, one-sided, not corrected for that"
        if found.good
        else "without good runs there is no p: those that most bad runs share come first"
    )
    return f"{found.compared:,} distinguishable {were} compared; {how}"


def _tell_unknown(tracker: GraphTracker, where: Condition | None) -> None:
    tell_unknown(tracker, [] if where is None else [each.field for each in comparisons_of(where)])


def _tell_limits(found: Contrast) -> None:
    """Says on stderr that nothing was found, and that the answer is not whole."""
    if not found.explanations:
        tell("no two of the bad runs share anything" if len(found.bad) > 1 else "nothing is upstream of the bad run")
    note = Answer(reasons=found.reasons).cut_note()
    if note is not None:
        tell(f"this is not the whole lineage: {note}")
