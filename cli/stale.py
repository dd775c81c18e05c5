"""The ``stale`` command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from graphtracker import Stale, Staleness
from graphtracker.analysis.names import labelled
from graphtracker.cli.asking import find, open_existing, tell_cut
from graphtracker.cli.exit_codes import DIFFERENT
from graphtracker.cli.options import AsJSON, Latest, OptionalRun, StoreOption, Strict, number_option
from graphtracker.cli.output import columns, page, say_json, wrapped
from graphtracker.cli.values import age_text
from graphtracker.model.cells import fitted, width
from graphtracker.model.counted import counted
from graphtracker.model.display import printable

_LEAST_ROOM = 16  # columns for a place, however narrow the terminal

_Cause = tuple[str, str | None, str, tuple[str, str]]
"""Source run, artifact name, place, what was logged there since."""


def stale(
    run: OptionalRun = None,
    latest: Latest = False,
    depth: Annotated[int | None, number_option("--depth", "At most N sources above RUN.")] = None,
    strict: Strict = False,
    as_json: AsJSON = False,
    store: StoreOption = None,
) -> None:
    """List what is out of date: what it used was written anew.

    Of RUN and all that it came from, or of the whole store. A use is out of date when the newest artifact at the place
    that was read was logged later, by another run, unless both carry the same `sha256` in their metadata. Exit
    code 1 if any is, or if not all is known.

    A use counts from when the run first named it; a run that is recorded again under the same id keeps that time, so
    give each run its own id. A run that names its source only after reading it can be missed; the clocks of machines
    are compared as they are.

    Example: graphtracker stale deploy
    """
    with open_existing(store) as tracker:
        run_id = None if run is None else find(tracker, run, latest=latest)
        found = tracker.stale(run_id, depth=depth, strict=strict)
    if as_json:
        say_json(found.to_dict())
    else:
        page(_lines(found, run_id, columns()))
    tell_cut(found.reasons)
    if found.stale is not False:
        raise typer.Exit(DIFFERENT)


def _lines(found: Staleness, run_id: str | None, room: int | None) -> Iterator[str]:
    """A line a cause, with the uses of several below it; then a total."""
    asked = [] if run_id is None else [run_id]
    mentioned = ((use.run_id, use.source_run_id, use.renewed_by[0]) for use in found.uses)
    labels = labelled([*asked, *(each for ids in mentioned for each in ids)])
    for cause, uses in _by_cause(found.uses).items():
        yield from _told(cause, uses, labels, room)
    yield from wrapped(_total(found, None if run_id is None else labels[run_id]), room)


def _by_cause(uses: Iterable[Stale]) -> dict[_Cause, list[Stale]]:
    causes: dict[_Cause, list[Stale]] = {}
    for use in uses:
        causes.setdefault((use.source_run_id, use.artifact_name, use.place, use.renewed_by), []).append(use)
    return causes


def _told(cause: _Cause, uses: list[Stale], labels: dict[str, str], room: int | None) -> Iterator[str]:
    source, name, place, (renewed_by, _) = cause
    who = labels[uses[0].run_id] if len(uses) == 1 else f"{len(uses):,} runs"
    what = f"all of {labels[source]}" if name is None else f"{name} of {labels[source]}"
    used = printable(f"{who} used {what} at ")
    renewed = printable(f"; {labels[renewed_by]} wrote it anew {_later(uses[0]) if len(uses) == 1 else 'later'}")
    shown = printable(place)
    if room is None or width(used + shown + renewed) <= room:
        yield used + shown + renewed
    else:
        yield used + fitted(shown, max(room - width(used) - 1, _LEAST_ROOM)) + ";"
        yield f"  {renewed[2:]}"
    for use in uses if len(uses) > 1 else ():
        yield f"  {labels[use.run_id]}  {_later(use)}"


def _later(use: Stale) -> str:
    return f"{age_text(use.used_at, use.renewed_at)} later"


def _total(found: Staleness, label: str | None) -> str:
    uses = counted(found.compared, "use")
    above = "" if label is None else ", by it and all that it came from"
    if not found.uses:
        known, rest = ("", "") if found.complete else (" known to be", "; not all was asked about")
        who = f"nothing is{known} stale" if label is None else f"{label} is not{known} stale"
        return f"{who}: {uses} compared{above}{rest}"
    are = "is" if len(found.uses) == 1 else "are"
    if label is not None:
        return f"{label} is stale: {len(found.uses):,} of {uses}{above}, {are} out of date"
    runs = f"{len(found.runs):,} run{' is' if len(found.runs) == 1 else 's are'} stale"
    return f"{len(found.uses):,} of {uses} {are} out of date; {runs}"
