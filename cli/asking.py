"""How commands ask a store for a lineage."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from graphtracker import Artifact, GraphTracker, Lineage
from graphtracker.cli.options import Beginning, Bounds, Subject
from graphtracker.cli.output import tell
from graphtracker.cli.shell_words import shell_line, shell_word
from graphtracker.cli.values import moment_text
from graphtracker.errors import ArtifactNotFound, InvalidInput, NotFound, RunNotFound, StoreError
from graphtracker.model.display import quoted
from graphtracker.model.places import place_of
from graphtracker.model.question import Answer
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Node, run_name

_MOST_LISTED = 10
_MOST_SLASHES = 16  # of what may be RUN/ARTIFACT


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


def word_for(tracker: GraphTracker, run_id: str) -> str:
    """What a shell takes for this run: its name, or its id where that names others, too."""
    name = run_name(run_id)
    try:
        named = tracker.find_run(name) == run_id
    except (InvalidInput, NotFound):
        named = False
    return shell_word(name if named else run_id)


def tell_named_so(text: str, others: list[str]) -> None:
    """Says on stderr which runs have as their name what was taken as an id."""
    if others:
        listed = ", ".join(map(quoted, others))
        tell(f"{quoted(text)} is taken as an id; it is also the name of {listed}: give that id to mean it")


def ask(tracker: GraphTracker, subject: Subject, bounds: Bounds, beginning: Beginning) -> Lineage:
    """The lineage of a run, of an artifact, or of the artifact at a path; or the part that lies on paths to it."""
    if bounds.upstream and bounds.downstream:
        raise InvalidInput("--upstream and --downstream exclude each other; leave both out to ask for both")
    if beginning != Beginning():
        return _between(tracker, subject, bounds, beginning)
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


def _between(tracker: GraphTracker, subject: Subject, bounds: Bounds, beginning: Beginning) -> Lineage:
    """Every path to the subject; raises NotFound where there is none."""
    if bounds.upstream or bounds.downstream or bounds.max_runs is not None:
        raise InvalidInput("--from asks for every path to RUN; leave --upstream, --downstream and --max-runs out")
    then = bounds.then
    run_id, name = _start(tracker, subject, bounds.artifact, then)
    target: Node = run_id if name is None else (run_id, name)
    source = _source(tracker, beginning, then, latest=subject.latest)
    found = tracker.between(source, target, depth=bounds.depth, as_of=then, strict=bounds.strict)
    if not len(found):
        cut = "" if found.complete else f" in what was asked about, which is not the whole lineage: {found.cut_note()}"
        back = tracker.between(target, source, depth=bounds.depth, as_of=then)
        hint = (
            f"; the other way round there is one: {_reversed(subject, bounds, beginning, source)}" if back.runs else ""
        )
        raise NotFound(f"no path leads from {_called(source)} to {_called(target)}{cut}{hint}")
    return found


def _reversed(subject: Subject, bounds: Bounds, beginning: Beginning, source: Node) -> str:
    """The command that asks for every path from the subject to the beginning."""
    if beginning.node is None:
        words = ["--path", beginning.from_path or ""]
    else:
        words = [beginning.node] if isinstance(source, str) else [source[0], "--artifact", source[1]]
    if subject.run is None:
        words += ["--from-path", subject.path or ""]
    else:
        words += ["--from", subject.run if bounds.artifact is None else f"{subject.run}/{bounds.artifact}"]
    words += [] if bounds.depth is None else ["--depth", f"{bounds.depth}"]
    words += [] if bounds.as_of is None else ["--as-of", bounds.as_of]
    words += ["--latest"] if subject.latest else []
    return shell_line(["lineage", *words])


def _called(node: Node) -> str:
    return quoted(node) if isinstance(node, str) else f"{quoted(node[1])} of {quoted(node[0])}"


def _source(tracker: GraphTracker, beginning: Beginning, then: datetime | None, *, latest: bool) -> Node:
    if beginning.node is None:
        return at_path(tracker, beginning.from_path or "", then)
    if beginning.from_path is not None:
        raise InvalidInput("--from and --from-path exclude each other; give one")
    try:
        return find(tracker, beginning.node, latest=latest)
    except RunNotFound as error:
        return _artifact(tracker, beginning.node, error, then, latest=latest)


def _artifact(tracker: GraphTracker, text: str, unknown: RunNotFound, then: datetime | None, *, latest: bool) -> Node:
    """The artifact that is meant by RUN/ARTIFACT; ids and names, too, may have slashes."""
    found: dict[Node, None] = {}
    wrong: list[Exception] = []
    for run, name in _halves(text):
        try:
            run_id = tracker.find_run(run, latest=latest)
            tracker.lineage(run_id, artifact_name=name, direction="upstream", depth=0)  # raises where there is none
            found[run_id, name] = None
        except RunNotFound:
            continue
        except (ArtifactNotFound, InvalidInput) as error:
            wrong.append(error)
    if len(found) > 1:
        raise InvalidInput(f"{quoted(text)} may be {' or '.join(map(_called, found))}; ask by --from-path")
    if not found and tracker.find_artifacts(text, as_of=then):
        way_out = f"an artifact lies at that path: --from-path {shell_word(text)} asks from it"
        raise RunNotFound(f"no run has the id or name {quoted(text)}; {way_out}")
    if not found:
        raise wrong[0] if wrong else unknown
    return next(iter(found))


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """What stands before and behind each slash, the last slash first."""
    place = len(text)
    for _ in range(_MOST_SLASHES):
        place = text.rfind("/", 0, place)
        if place < 0:
            return
        if text[:place] and text[place + 1 :]:
            yield text[:place], text[place + 1 :]


def tell_limits(lineage: Lineage) -> None:
    """Says on stderr as of when an answer is, and that it is not whole."""
    tell_as_of(lineage.as_of)
    tell_cut(lineage.reasons)


def tell_cut(reasons: frozenset[str]) -> None:
    """Says on stderr that an answer is not whole, where there are reasons."""
    if reasons:
        tell(f"this is not the whole lineage: {Answer(reasons=reasons).cut_note()}")


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
    return at_path(tracker, path or "", then)


def at_path(tracker: GraphTracker, path: str, then: datetime | None) -> tuple[str, str]:
    """The artifact that was logged last at a path, as (run id, name); says on stderr which others were."""
    found = tracker.find_artifacts(path, as_of=then)
    if not found:
        raise _nothing_at(tracker, path, then)
    tell_several(found)
    return found[0].run_id, found[0].name


@contextmanager
def asking_of_all_at(tracker: GraphTracker, path: str | None, then: datetime | None = None) -> Iterator[None]:
    """Where the library finds nothing at the path, its error names what the shell has."""
    try:
        yield
    except ArtifactNotFound:
        if path is None:
            raise
        raise _nothing_at(tracker, path, then) from None


def _nothing_at(tracker: GraphTracker, path: str, then: datetime | None) -> ArtifactNotFound:
    """What to say of a path at which no artifact lies."""
    place = place_of(path, os.getcwd)
    until = "" if then is None else f" by {moment_text(then)} and has not been logged anew since"
    name = shell_word(posixpath.basename(place) or place)
    way_out = f"`graphtracker find {name}` looks for it anywhere"
    if _is_a_run(tracker, place):
        way_out = f"it is known as a run that others name: ask about {quoted(place)} without --path"
    return ArtifactNotFound(f"no artifact was logged at {quoted(place)}{until}; {way_out}")


def _is_a_run(tracker: GraphTracker, place: str) -> bool:
    try:
        return not tracker.named_run(place).new
    except InvalidInput:  # it can be the id of none
        return False


def tell_several(found: list[Artifact]) -> None:
    """Says on stderr, of several, what was logged at the place of the first of these artifacts, the newest."""
    if len(found) < 2:
        return
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
