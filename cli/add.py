"""The commands that record: ``add-artifact``, ``add-metadata``, ``add-source``."""

from __future__ import annotations

from typing import Annotated

import typer

from graphtracker import GraphTracker, file_metadata
from graphtracker.api import TrackerSource
from graphtracker.cli.asking import tell_several
from graphtracker.cli.key_values import values_by_key
from graphtracker.cli.options import StoreOption
from graphtracker.cli.output import tell
from graphtracker.cli.progress import working
from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.stores.finding import NamedRun

_METADATA = "Metadata: JSON where VALUE reads as JSON, else text. May be repeated."
_RUN = "Run id, or the name of exactly one run; any other text is the id of a new run."
_Run = Annotated[str, typer.Argument(metavar="RUN", help=_RUN)]


def add_artifact(
    run: _Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the artifact.")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="Where it lies.")],
    metadata: Annotated[list[str] | None, typer.Option("--metadata", metavar="KEY=VALUE", help=_METADATA)] = None,
    sha256: Annotated[
        bool, typer.Option("--sha256", help="Record the sha256 and size of the file or folder as it is now.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Record an artifact of a run.

    Example: graphtracker add-artifact train model model.pt --sha256
    """
    values = values_by_key(metadata)
    if sha256:
        values |= _contents(path, values)
    with GraphTracker(store) as tracker:
        named = tracker.named_run(run)
        tracker.add_artifact(named.run_id, name, path, values or None)
    _tell_new(named)


def _contents(path: str, given: dict[str, object]) -> dict[str, object]:
    for key in given.keys() & {"sha256", "size"}:
        raise InvalidInput(f"--sha256 records {key}, too; leave one of them out")
    with working("reading what is recorded", seen=False):
        return file_metadata(path)


def add_metadata(
    run: _Run,
    metadata: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help=_METADATA, show_default=False)
    ] = None,
    store: StoreOption = None,
) -> None:
    """Record metadata of a run; without any, report the run.

    Example: graphtracker add-metadata train lr=0.01 'layers=[64, 32]'
    """
    values = values_by_key(metadata)
    with GraphTracker(store) as tracker:
        named = tracker.named_run(run)
        tracker.record(named.run_id, metadata=values)
    _tell_new(named)


def add_source(
    run: _Run,
    source: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help=f"The run it was made from. {_RUN}", show_default=False)
    ] = None,
    artifact: Annotated[
        str | None, typer.Option("--artifact", metavar="NAME", help="The artifact of SOURCE that it used.")
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(
            "--path", metavar="FILE", help="What it used: the artifact that another run last logged there, or the file."
        ),
    ] = None,
    store: StoreOption = None,
) -> None:
    """Record what a run was made from.

    With --path it says on stderr what it took: an artifact, or, where no other run logged one there, the place itself.

    Example: graphtracker add-source train prepare --artifact rows
    """
    if (source is None) == (path is None):
        raise InvalidInput("give either SOURCE or --path FILE")
    if path is not None and artifact is not None:
        raise InvalidInput("--path names the artifact itself; leave --artifact out, or give SOURCE in its place")
    with GraphTracker(store) as tracker:
        if path is None:
            named, origin = tracker.named_run(run), tracker.named_run(source or "")
            tracker.add_source(named.run_id, origin.run_id, artifact)
            _tell_new(named, origin)
        else:
            named = tracker.named_run(run)
            _tell_taken(tracker, tracker.add_source_at(named.run_id, path), path, named.run_id)
            _tell_new(named)


def _tell_taken(tracker: GraphTracker, taken: TrackerSource, path: str, run_id: str) -> None:
    """Says on stderr which source lies at the path, and which others were logged there by others than the run."""
    if taken.artifact_name is None:
        tell(f"no other run logged an artifact there: the source is {quoted(taken.source_run_id)}, an external run")
        return
    tell(f"the source is artifact {quoted(taken.artifact_name)} of run {quoted(taken.source_run_id)}")
    tell_several([item for item in tracker.find_artifacts(path) if item.run_id != run_id])


def _tell_new(*named: NamedRun) -> None:
    for run_id in dict.fromkeys(each.run_id for each in named if each.new):
        tell(f"new run {quoted(run_id)}")
