"""The ``show`` command, which prints a run's card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphtracker import Artifact, Lineage, Run, Source
from graphtracker.cli.asking import find, open_existing
from graphtracker.cli.options import AsJSON, Latest, RunArgument, StoreOption
from graphtracker.cli.output import columns, say_all, say_json
from graphtracker.cli.values import metadata_lines, metadata_text, rest_of_line
from graphtracker.exchange.dicts import artifact_to_dict, run_to_dict, source_to_dict
from graphtracker.model.cells import width
from graphtracker.model.context_rows import context_rows, has_failed
from graphtracker.model.display import printable
from graphtracker.model.styled import Line, Part, bold
from graphtracker.model.times import to_the_second

_INDENT = " " * 4


def show(run: RunArgument, latest: Latest = False, as_json: AsJSON = False, store: StoreOption = None) -> None:
    """Show a run: its values, artifacts, sources and consumers.

    Exit code 1 where there is none.

    Example: graphtracker show train
    """
    with open_existing(store) as tracker:
        card = _Card(tracker.lineage(find(tracker, run, latest=latest), depth=1))
    if as_json:
        say_json(card.to_dict())
    else:
        say_all(card.lines(columns()))


class _Card:
    """What stands around the start of a lineage of depth 1."""

    def __init__(self, lineage: Lineage) -> None:
        self.run = lineage.runs[str(lineage.start)]
        run_id = self.run.run_id
        self.artifacts = [artifact for key, artifact in lineage.artifacts.items() if key[0] == run_id]
        self.sources = [source for source in lineage.sources if source.run_id == run_id]
        self.consumers = [source for source in lineage.sources if source.source_run_id == run_id]

    def to_dict(self) -> dict[str, Any]:
        """In plain JSON types."""
        return {
            **run_to_dict(self.run),
            "artifacts": [artifact_to_dict(item) for item in self.artifacts],
            "sources": [source_to_dict(item) for item in self.sources],
            "consumers": [source_to_dict(item) for item in self.consumers],
        }

    def lines(self, columns: int | None) -> Iterator[str | Line]:
        """For people; ids and paths stay whole, since they are there to be copied."""
        run = self.run
        yield bold(run.run_id)
        yield (Part(f"  name      {run.name}"), Part(_why_external(run), "dim"))
        known = {"created": run.created_at, "reported": run.reported_at, "updated": run.updated_at}
        yield from (f"  {what:<9} {to_the_second(at)}" for what, at in known.items() if at is not None)
        if run.forgotten:
            yield "  forgotten its values were taken out of the store for ever"
        yield from _section("context", _context_lines(run.context))
        yield from _section("metadata", metadata_lines(run.metadata, _INDENT, columns))
        yield from _section("artifacts", (line for item in self.artifacts for line in _artifact_lines(item, columns)))
        yield from _section("sources", (_link_line(item.source_run_id, item, columns) for item in self.sources))
        yield from _section("consumers", (_link_line(item.run_id, item, columns) for item in self.consumers))


def _section(title: str, lines: Iterable[str | Line]) -> Iterator[str | Line]:
    for place, line in enumerate(lines):
        if not place:
            yield f"  {title}"
        yield line


def _context_lines(context: Mapping[str, object]) -> Iterator[Line]:
    """Whole, so that a command can be copied."""
    for key, text in context_rows(context):
        failed = key == "status" and has_failed(context)
        yield (Part(f"{_INDENT}{key} = "), Part(text, "red" if failed else "plain"))


def _why_external(run: Run) -> str:
    if not run.external:
        return ""
    return f"  (external: {'others name it' if run.forgotten else 'it never reported'})"


def _artifact_lines(artifact: Artifact, columns: int | None) -> Iterator[str | Line]:
    """Its metadata on the same line, but where that is nested."""
    if artifact.path is None:
        why = "declared: a source names it, nobody logged it" if artifact.declared else "forgotten"
        yield (Part(f"{_INDENT}{artifact.name}"), Part(f"  ({why})", "dim"))
        return
    there = "" if artifact.place in (None, artifact.path) else f"(at {printable(artifact.place)})  "
    beginning = f"{_INDENT}{printable(artifact.name)}  {printable(artifact.path)}  {there}"
    if any(isinstance(value, Mapping) and value for value in artifact.metadata.values()):
        yield beginning.rstrip()
        yield from metadata_lines(artifact.metadata, _INDENT * 2, columns)
    else:
        yield (beginning + rest_of_line(beginning, metadata_text(artifact.metadata), columns)).rstrip()


def _link_line(run_id: str, link: Source, columns: int | None) -> Line:
    """With its time where there is room."""
    name = "" if link.artifact_name is None else f"  ({printable(link.artifact_name)})"
    beginning, named = f"{_INDENT}{printable(run_id)}{name}", f"  named {to_the_second(link.created_at)}"
    fits = columns is None or width(beginning) + len(named) <= columns
    return (Part(beginning), Part(named if fits else "", "dim"))
