"""The ``verify`` command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from graphtracker import Checked, Verification
from graphtracker.cli.asking import asking_of_all_at, find, open_existing
from graphtracker.cli.exit_codes import DIFFERENT
from graphtracker.cli.options import AsJSON, Latest, OptionalRun, StoreOption
from graphtracker.cli.output import columns, page, say, say_json, tell
from graphtracker.cli.progress import working
from graphtracker.cli.values import value_text
from graphtracker.errors import InvalidInput
from graphtracker.model.cells import fitted, width
from graphtracker.model.counted import counted
from graphtracker.model.display import printable
from graphtracker.model.values import run_name
from graphtracker.recording.verification import BAD, Verdict

_LONGEST = 16  # characters of a value on a terminal
_WIDEST = 40  # columns of what an artifact is called, so that the paths stand below each other
_IN_TOTAL: dict[Verdict, str] = {
    "matches": "as recorded",
    "differs": "not as recorded",
    "missing": "missing",
    "unreadable": "unreadable",
    "elsewhere": "not on this machine",
    "unrecorded": "with nothing recorded to compare with",
}


def verify(
    run: OptionalRun = None,
    path: Annotated[
        str | None, typer.Option("--path", metavar="FILE", help="The artifacts that were last logged at this path.")
    ] = None,
    artifact: Annotated[str | None, typer.Option("--artifact", metavar="NAME", help="This artifact of RUN.")] = None,
    latest: Latest = False,
    as_json: AsJSON = False,
    store: StoreOption = None,
) -> None:
    """Compare files with what was recorded of them.

    That is sha256, else size and mtime, in the metadata of artifacts: those of RUN, at a path, or all in the store.
    Exit code 1 if a file is another, missing or unreadable, or if not all is known; artifacts that are not on this
    machine (s3://...) or have nothing recorded to compare with are told, and do not fail. `add-artifact --sha256`
    records it.

    Example: graphtracker verify --path model.pt
    """
    if run is not None and path is not None:
        raise InvalidInput("give either RUN or --path FILE, or neither for all that the store has")
    with open_existing(store) as tracker:
        run_id = None if run is None else find(tracker, run, latest=latest)
        with working("reading files", seen=False), asking_of_all_at(tracker, path):
            found = tracker.verify(run_id, artifact_name=artifact, path=path)
    if as_json:
        say_json(found.to_dict())
    else:
        everything = run is not None or path is not None
        page(_lines([item for item in found.artifacts if everything or item.verdict in BAD], columns()))
        say(_total(found, run_id))
    if not found.complete:
        tell("this may not be all: events that this machine recorded are still on their way to the store")
    if found.same is False or not found.complete:
        raise typer.Exit(DIFFERENT)


def _lines(items: Sequence[Checked], columns: int | None) -> Iterator[str]:
    labels = [f"{printable(item.artifact_name)} of {printable(run_name(item.run_id))}" for item in items]
    wide = min(max(map(width, labels), default=0), _WIDEST)
    for item, label in zip(items, labels, strict=True):
        beginning = f"{item.verdict:<10}  {label}{' ' * (wide - width(label))}  "
        path = printable(item.path or "")
        yield (beginning + (path if columns is None else fitted(path, max(16, columns - width(beginning))))).rstrip()
        if item.verdict == "differs":
            for key, value in item.recorded.items():
                yield f"{'':12}{key}: {_shown(value, columns)} → {_shown(item.found[key], columns)}"
        if item.reason is not None:
            yield f"{'':12}{item.reason}"


def _shown(value: object, columns: int | None) -> str:
    return value_text(value, 200 if columns is None else _LONGEST)


def _total(found: Verification, run_id: str | None) -> str:
    number = len(found.artifacts)
    if not number:
        return f"{'the store' if run_id is None else run_name(run_id)} has no artifacts"
    counts = ", ".join(f"{count:,} {_IN_TOTAL[verdict]}" for verdict, count in found.counts().items())
    nothing = "; nothing was compared" if not found.compared and found.same is None else ""
    return f"{counted(number, 'artifact')}: {counts}{nothing}"
