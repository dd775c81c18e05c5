"""The ``impact`` command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from graphtracker import GraphTracker, Impact
from graphtracker.analysis.impact import Affected
from graphtracker.analysis.names import labelled
from graphtracker.cli.asking import asking_of_all_at, find, open_existing, tell_as_of, tell_cut
from graphtracker.cli.exit_codes import DIFFERENT
from graphtracker.cli.filtering import Filtered, conditions, tell_unknown
from graphtracker.cli.options import (
    ArtifactName,
    AsJSON,
    AsOf,
    Latest,
    MaxRuns,
    OptionalRun,
    StoreOption,
    Strict,
    Where,
    moment,
    number_option,
)
from graphtracker.cli.output import columns, page, say_json, wrapped, write
from graphtracker.cli.plan import plan
from graphtracker.errors import InvalidInput
from graphtracker.model.cells import fitted, width
from graphtracker.model.display import printable, shorten
from graphtracker.stores.filters.conditions import Condition, comparisons_of

_LONGEST_STATUS = 30  # characters
_LEAST_ROOM = 16  # columns for a name, however narrow the terminal


@dataclass(frozen=True)
class Start:
    """What it is asked of, and how far."""

    run: OptionalRun = None
    path: Annotated[
        str | None, typer.Option("--path", metavar="FILE", help="Ask about every artifact logged at this path.")
    ] = None
    latest: Latest = False
    artifact: ArtifactName = None
    depth: Annotated[int | None, number_option("--depth", "At most N sources away.")] = None
    max_runs: MaxRuns = None
    as_of: AsOf = None
    strict: Strict = False


@dataclass(frozen=True)
class Shape:
    """What is printed."""

    commands: Annotated[
        bool,
        typer.Option(
            "--commands", help="Print what each was started with, once, in that order, to be read and pasted."
        ),
    ] = False
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 if anything was made from it, or not all is known.")
    ] = False
    as_json: AsJSON = False


def impact(start: Start, shape: Shape, where: Where = None, store: StoreOption = None) -> None:
    """List what was made from a run, an artifact or a path.

    Each run comes after all that it was made from, which is an order in which they can be made again, behind its
    distance: the sources between it and the start. `end` is a run that nothing was made from. Exit code 1 where what is
    asked about is not found; with --exit-code also if anything was made from it.

    Example: graphtracker impact --path /data/rows.parquet
    """
    if shape.as_json and shape.commands:
        raise InvalidInput("--json and --commands exclude each other; --json has each command as it is")
    condition = conditions(Filtered(where))
    then = None if start.as_of is None else moment(start.as_of)
    with open_existing(store) as tracker:
        found = _asked(tracker, start, condition, then)
        if condition is not None and not found.runs:
            tell_unknown(tracker, [each.field for each in comparisons_of(condition)])
    if shape.as_json:
        say_json(found.to_dict())
    elif shape.commands:
        write(f"{line}\n".encode() for line in plan(found.runs, _labels(found)))  # as it is: it is there to be copied
    else:
        page(_lines(found, start.path, columns(), filtered=condition is not None))
    tell_as_of(then)
    tell_cut(found.reasons)
    if shape.exit_code and (found.runs or not found.complete):
        raise typer.Exit(DIFFERENT)


def _asked(tracker: GraphTracker, start: Start, where: Condition | None, then: datetime | None) -> Impact:
    if (start.run is None) == (start.path is None):
        raise InvalidInput("give either RUN or --path FILE")
    if start.path is not None and start.artifact is not None:
        raise InvalidInput("--path names the artifacts itself; leave --artifact out, or give RUN in its place")
    with asking_of_all_at(tracker, start.path, then):
        return tracker.impact(
            None if start.run is None else find(tracker, start.run, latest=start.latest),
            artifact_name=start.artifact,
            path=start.path,
            where=where,
            depth=start.depth,
            max_runs=start.max_runs,
            as_of=then,
            strict=start.strict,
        )


def _labels(found: Impact) -> dict[str, str]:
    starts = (start if isinstance(start, str) else start[0] for start in found.starts)
    return labelled([*starts, *(row.run_id for row in found.runs)])


def _lines(found: Impact, path: str | None, room: int | None, *, filtered: bool) -> Iterator[str]:
    """A row a run, names as wide as the widest where there is room; then a total."""
    labels = _labels(found)
    names = [printable(labels[row.run_id]) for row in found.runs]
    digits = max((len(f"{row.distance}") for row in found.runs), default=0)
    widest = max(map(width, names), default=0)
    for row, name in zip(found.runs, names, strict=True):
        beginning, notes = f"{row.distance:>{digits}}  ", _notes(row)
        left = widest if room is None else min(widest, max(room - len(beginning) - width(notes), _LEAST_ROOM))
        shown = fitted(name, left)
        yield f"{beginning}{shown}{' ' * (left - width(shown))}{notes}".rstrip()
    yield from wrapped(_total(found, labels, path, filtered=filtered), room)


def _notes(row: Affected) -> str:
    status = "forgotten" if row.run.forgotten else str(row.run.context.get("status", ""))
    notes = [note for note in (shorten(printable(status), _LONGEST_STATUS), "end" if row.ends else "") if note]
    return f"  [{', '.join(notes)}]" if notes else ""


def _total(found: Impact, labels: dict[str, str], path: str | None, *, filtered: bool) -> str:
    runs, ends = len(found.runs), sum(row.ends for row in found.runs)
    which = " that match" if filtered else ""
    if not runs:
        return f"no run{which and ' that matches'} was made from {_what(found, labels, path)}"
    many = f"{runs:,} runs{which} were" if runs > 1 else f"1 run{which and ' that matches'} was"
    some = f" ({ends:,} of them ends)" if 0 < ends < runs else ""
    return f"{many} made from {_what(found, labels, path)}{some}"


def _what(found: Impact, labels: dict[str, str], path: str | None) -> str:
    if len(found.starts) > 1:
        return f"the {len(found.starts):,} artifacts at {path}"
    (start,) = found.starts
    return labels[start] if isinstance(start, str) else f"{start[1]} of {labels[start[0]]}"
