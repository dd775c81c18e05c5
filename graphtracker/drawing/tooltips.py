"""What a picture says of a node or an edge to those who point at it, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from graphtracker.model.context_rows import context_rows
from graphtracker.model.display import shorten
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Artifact, Run, Source

_LONGEST = 160  # characters of a value of the context, such as a command
_MOST = 20  # lines about artifacts that are drawn as one
_OF_EACH = ("failed", "running", "forgotten")  # marks of a stack that are those of its runs
_DETAILS = frozenset({"directory", "python"})  # of which pages and `show` tell, but no tooltip


def of_run(run: Run, stacked: list[str] | None, marks: Sequence[str]) -> list[str]:
    """Its id, that it is forgotten, its context; or the ids of the runs that it stands for, and what each is."""
    if stacked is not None:
        return [", ".join(stacked), *(f"each {mark}" for mark in marks if mark in _OF_EACH)]
    rows = context_rows(run.context) if run.context else ()
    context = [f"{key}: {shorten(text, _LONGEST)}" for key, text in rows if key not in _DETAILS]
    return [run.run_id, *([run.described] if run.forgotten else []), *context]


def of_artifact(artifact: Artifact, stacked: list[str] | None, members: Sequence[tuple[str, str]]) -> list[str]:
    """Its name with its path, its place where that is written otherwise, when it was logged; the names of those that it
    stands for; or how many runs that its run stands for have it."""
    if members:
        names = _first([name for _, name in members])
        return names if stacked is None else [*names, f"of each of {len(stacked):,} runs"]
    if stacked is not None:
        return [f"{artifact.name} of each of {len(stacked):,} runs"]
    lines = [artifact.name if artifact.path is None else f"{artifact.name}: {artifact.path}"]
    if artifact.place != artifact.path:
        lines.append(f"place: {artifact.place}")
    logged, updated = artifact.logged_at, artifact.updated_at
    if logged is not None:
        lines.append(f"logged_at: {to_the_second(logged)}")
    if updated is not None and updated != logged:
        lines.append(f"updated_at: {to_the_second(updated)}")
    return lines


def of_source(source: Source, what: str) -> list[str]:
    """What it is, with the time at which it was named."""
    return [what, f"named at {to_the_second(source.created_at)}"]


def of_sources(sources: Sequence[Source]) -> list[str]:
    """The artifacts that are named on one edge, each with the time at which it was."""
    if len(sources) == 1:
        return of_source(sources[0], sources[0].artifact_name or "")
    return _first([f"{source.artifact_name}, named at {to_the_second(source.created_at)}" for source in sources])


def _first(lines: list[str]) -> list[str]:
    more = len(lines) - _MOST
    return lines if more <= 0 else [*lines[:_MOST], f"… {more:,} more"]
