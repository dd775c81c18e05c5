"""The ``show`` command, which prints a run's card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphtracker import Artifact, Lineage, Run, Source
from graphtracker.cli.asking import find, open_existing
from graphtracker.cli.options import AsJSON, Latest, RunArgument, StoreOption
from graphtracker.cli.output import columns, say_all, say_json
from graphtracker.cli.values import metadata_text, rest_of_line, value_text
from graphtracker.exchange.dicts import artifact_to_dict, run_to_dict, source_to_dict
from graphtracker.model.context_rows import context_rows
from graphtracker.model.display import printable
from graphtracker.model.times import to_the_second

_INDENT = " " * 4


def show(run: RunArgument, latest: Latest = False, as_json: AsJSON = False, store: StoreOption = None) -> None:
    """Show a run: context, metadata, artifacts, sources and consumers."""
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

    def lines(self, columns: int | None) -> Iterator[str]:
        """For people; ids and paths stay whole, since they are there to be copied."""
        run = self.run
        yield run.run_id
        yield f"  name      {run.name}{_why_external(run)}"
        known = {"created": run.created_at, "reported": run.reported_at, "updated": run.updated_at}
        yield from (f"  {what:<9} {to_the_second(at)}" for what, at in known.items() if at is not None)
        if run.forgotten:
            yield "  forgotten its values were taken out of the store for ever"
        # Whole, so that a command can be copied.
        yield from _section("context", [f"{key} = {text}" for key, text in context_rows(run.context)])
        yield from _section("metadata", [_value_line(*item, columns) for item in run.metadata.items()])
        yield from _section("artifacts", [_artifact_line(item, columns) for item in self.artifacts])
        yield from _section("sources", [_link_line(item.source_run_id, item) for item in self.sources])
        yield from _section("consumers", [_link_line(item.run_id, item) for item in self.consumers])


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"  {title}"
        yield from (_INDENT + line for line in lines)


def _value_line(key: str, value: object, columns: int | None) -> str:
    beginning = f"{printable(key)} = "
    return beginning + rest_of_line(_INDENT + beginning, value_text(value, 200), columns)


def _why_external(run: Run) -> str:
    if not run.external:
        return ""
    return f"  (external: {'others name it' if run.forgotten else 'it never reported'})"


def _artifact_line(artifact: Artifact, columns: int | None) -> str:
    if artifact.declared:
        return f"{artifact.name}  (declared: a source names it, nobody logged it)"
    if artifact.path is None:
        return f"{artifact.name}  (forgotten)"
    there = "" if artifact.place in (None, artifact.path) else f"(at {printable(artifact.place)})  "
    beginning = f"{printable(artifact.name)}  {printable(artifact.path)}  {there}"
    return (beginning + rest_of_line(_INDENT + beginning, metadata_text(artifact.metadata), columns)).rstrip()


def _link_line(run_id: str, link: Source) -> str:
    name = "" if link.artifact_name is None else f"  ({link.artifact_name})"
    return f"{run_id}{name}  named {to_the_second(link.created_at)}"
