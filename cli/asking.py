"""How commands ask a store for a lineage."""

from __future__ import annotations

import os
import posixpath
from datetime import datetime

from graphtracker import Artifact, GraphTracker, Lineage
from graphtracker.cli.options import Bounds, Subject
from graphtracker.cli.output import tell
from graphtracker.cli.values import moment_text
from graphtracker.errors import ArtifactNotFound, InvalidInput, StoreError
from graphtracker.model.display import quoted
from graphtracker.model.places import place_of
from graphtracker.model.times import to_the_second

_MOST_LISTED = 10


def open_existing(store: str | None) -> GraphTracker:
    """The tracker on a store that must be there; raises StoreError where it is not."""
    tracker = GraphTracker(store)
    if not tracker.exists():
        raise StoreError(
            f"there is no store at {quoted(tracker.url)} yet; record something, or name another with --store"
        )
    return tracker


def find(tracker: GraphTracker, text: str, *, latest: bool = False) -> str:
    """The id of the run that RUN means, of several the latest where that is asked for; says on stderr which others have
    that id as their name."""
    run_id = tracker.find_run(text, latest=latest)
    if run_id == text:
        tell_named_so(text, tracker.named_run(text).others)
    return run_id


def tell_named_so(text: str, others: list[str]) -> None:
    """Says on stderr which runs have as their name what was taken as an id."""
    if others:
        listed = ", ".join(map(quoted, others))
        tell(f"{quoted(text)} is taken as an id; it is also the name of {listed}: give that id to mean it")


def ask(tracker: GraphTracker, subject: Subject, bounds: Bounds) -> Lineage:
    """The lineage of a run, of an artifact, or of the artifact at a path."""
    if bounds.upstream and bounds.downstream:
        raise InvalidInput("--upstream and --downstream exclude each other; leave both out to ask for both")
    then = bounds.then
    run_id, artifact_name = _start(tracker, subject, bounds.artifact, then)
    return tracker.lineage(
        run_id,
        direction="upstream" if bounds.upstream else "downstream" if bounds.downstream else "both",
        depth=bounds.depth,
        artifact_name=artifact_name,
        max_runs=bounds.max_runs,
        as_of=then,
        strict=bounds.strict,
    )


def tell_limits(lineage: Lineage) -> None:
    """Says on stderr as of when an answer is, and that it is not whole."""
    tell_as_of(lineage.as_of)
    if not lineage.complete:
        tell(f"this is not the whole lineage: {lineage.cut_note()}")


def tell_as_of(then: datetime | None) -> None:
    """Says on stderr as of when an answer is, unless it is as of now."""
    if then is not None:
        tell(f"as of {moment_text(then)}")


def _start(
    tracker: GraphTracker, subject: Subject, artifact: str | None, then: datetime | None
) -> tuple[str, str | None]:
    """The id of the run, and the name of its artifact if one is asked about."""
    run, path = subject.run, subject.path
    if (run is None) == (path is None):
        raise InvalidInput("give either RUN or --path FILE")
    if run is not None:
        return find(tracker, run, latest=subject.latest), artifact
    if artifact is not None:
        raise InvalidInput("--path names the artifact itself; leave --artifact out, or give RUN in its place")
    found = tracker.find_artifacts(path or "", as_of=then)
    if not found:
        place = place_of(path or "", os.getcwd)
        until = "" if then is None else f" by {moment_text(then)} and has not been logged anew since"
        way_out = f"`graphtracker find {posixpath.basename(place) or place}` looks for it anywhere"
        if _is_a_run(tracker, place):
            way_out = f"it is known as a run that others name: ask about {quoted(place)} without --path"
        raise ArtifactNotFound(f"no artifact was logged at {quoted(place)}{until}; {way_out}")
    if len(found) > 1:
        _tell_others(found)
    return found[0].run_id, found[0].name


def _is_a_run(tracker: GraphTracker, place: str) -> bool:
    try:
        return not tracker.named_run(place).new
    except InvalidInput:  # it can be the id of none
        return False


def _tell_others(found: list[Artifact]) -> None:
    """Says on stderr what else was logged at the place of the first of these artifacts, the newest."""
    newest, *others = found[: 1 + _MOST_LISTED]
    tell(f"{len(found):,} artifacts were logged there; the newest is {_logged(newest)}, before it:")
    for other in others:
        tell(f"  {_logged(other)}")
    if len(found) > 1 + _MOST_LISTED:
        tell(f"  and {len(found) - 1 - _MOST_LISTED:,} more")


def _logged(artifact: Artifact) -> str:
    """How to ask about it, and when it was logged."""
    at = "" if artifact.updated_at is None else f" ({to_the_second(artifact.updated_at)})"
    return f"{quoted(artifact.run_id)} --artifact {quoted(artifact.name)}{at}"
