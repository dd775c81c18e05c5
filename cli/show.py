"""What the commands print and write beside trees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from graphtracker import Lineage, Run
from graphtracker.cli.output import fitted, width
from graphtracker.exchange.dicts import artifact_to_dict, run_to_dict, source_to_dict
from graphtracker.model.display import printable, shorten
from graphtracker.model.encoding import dumps


def run_line(run: Run, columns: int | None = None) -> str:
    """A run on one line: when it was created (UTC), its id, and its metadata as far as it fits."""
    beginning = f"{time_line(run.created_at)}  {printable(run.run_id)}  "
    metadata = " ".join(f"{key}={value_text(value, 40)}" for key, value in run.metadata.items())
    return (beginning + _rest(beginning, shorten(metadata, 120), columns)).rstrip()


def run_card(lineage: Lineage, columns: int | None = None) -> Iterator[str]:
    """The start of a lineage of depth 1, for people; ids and paths stay whole, since they are there to be copied."""
    card = _Card(lineage)
    run = card.run
    yield run.run_id
    yield f"  name      {run.name}" + ("  (external: it never reported)" if run.external else "")
    yield f"  created   {time_line(run.created_at)}"
    if run.updated_at is not None:
        yield f"  updated   {time_line(run.updated_at)}"
    yield from _section("metadata", [_value_line(*item, columns) for item in run.metadata.items()])
    yield from _section("artifacts", [_artifact_line(item, columns) for item in card.artifacts])
    yield from _section("sources", [_link_line(item.source_run_id, item.artifact_name) for item in card.sources])
    yield from _section("consumers", [_link_line(item.run_id, item.artifact_name) for item in card.consumers])


def run_card_dict(lineage: Lineage) -> dict[str, Any]:
    """The same in plain JSON types."""
    card = _Card(lineage)
    return {
        **run_to_dict(card.run),
        "artifacts": [artifact_to_dict(item) for item in card.artifacts],
        "sources": [source_to_dict(item) for item in card.sources],
        "consumers": [source_to_dict(item) for item in card.consumers],
    }


class _Card:
    def __init__(self, lineage: Lineage) -> None:
        self.run = lineage.runs[str(lineage.start)]
        run_id = self.run.run_id
        self.artifacts = [artifact for key, artifact in lineage.artifacts.items() if key[0] == run_id]
        self.sources = [source for source in lineage.sources if source.run_id == run_id]
        self.consumers = [source for source in lineage.sources if source.source_run_id == run_id]


_INDENT = " " * 4
_LEAST_ROOM = 16  # columns for what is shortened; where less is left of a line, it goes on in the next


def _rest(beginning: str, text: str, columns: int | None) -> str:
    """The text, shortened to what the beginning leaves of a line."""
    room = None if columns is None else (columns - width(beginning)) % columns
    return text if room is None else fitted(printable(text), max(room, _LEAST_ROOM))


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"  {title}"
        yield from (_INDENT + line for line in lines)


def _value_line(key: str, value: object, columns: int | None) -> str:
    beginning = f"{printable(key)} = "
    return beginning + _rest(_INDENT + beginning, value_text(value, 200), columns)


def _artifact_line(artifact: Any, columns: int | None) -> str:
    if artifact.declared:
        return f"{artifact.name}  (declared: a source names it, nobody logged it)"
    metadata = " ".join(f"{key}={value_text(value, 40)}" for key, value in artifact.metadata.items())
    beginning = f"{printable(artifact.name)}  {printable(artifact.path)}  "
    return (beginning + _rest(_INDENT + beginning, metadata, columns)).rstrip()


def _link_line(run_id: str, artifact_name: str | None) -> str:
    return run_id if artifact_name is None else f"{run_id}  ({artifact_name})"


def time_line(at: datetime) -> str:
    """A time in UTC, to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def value_text(value: object, length: int) -> str:
    """A metadata value for people: text as it is, anything else as JSON, shortened."""
    shown = value if isinstance(value, str) else value.isoformat() if isinstance(value, date) else dumps(value)
    return shorten(shown, length)
