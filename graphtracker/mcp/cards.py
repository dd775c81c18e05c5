"""One run with all that is known of it, within a budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from graphtracker.errors import InvalidInput
from graphtracker.lineage import Lineage
from graphtracker.mcp.lineages import is_cut
from graphtracker.mcp.pages import Item, Page, Way, by_number, by_turns, laid_out, said_of
from graphtracker.mcp.reply import Reply, wider
from graphtracker.mcp.rows import run_head, source_row
from graphtracker.mcp.texts import LONGEST_TEXT, shown, value_shown
from graphtracker.model.context_rows import context_rows
from graphtracker.model.counted import counted
from graphtracker.model.display import quoted
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Artifact, Run, Source

_VALUES_A_TURN = 5
_RUN: Way = ("run",)
_LONGER = 'ask show about the run with the "value" that stands beside a beginning, for all of it'


class Card(NamedTuple):
    """A run with all that it has, and what is one step away, as far as it was read."""

    run: Run
    sources: Sequence[Source]
    artifacts: Sequence[Artifact]
    consumers: Sequence[Source]
    more_sources: bool
    more_consumers: bool
    reasons: frozenset[str]

    @property
    def cut(self) -> bool:
        """Whether there are more sources or consumers than were read."""
        return self.more_sources or self.more_consumers


def card(above: Lineage, below: Lineage) -> Card:
    """The start of two lineages of depth 1, one of each direction."""
    run = below.runs[str(below.start)]
    return Card(
        run,
        [each for each in above.sources if each.run_id == run.run_id],
        [each for node, each in below.artifacts.items() if node[0] == run.run_id],
        [each for each in below.sources if each.source_run_id == run.run_id],
        is_cut(above),
        is_cut(below),
        (above.reasons | below.reasons) - {"max_runs", "depth"},
    )


def card_reply(card: Card, page: Page, given: Mapping[str, Any]) -> Reply:
    """A page of it."""
    data: dict[str, Any] = {"run": {}, "sources": [], "artifacts": [], "consumers": []}
    laid_out(page, data, lambda way: _stub(card.run, way))
    values = len(_values(card.run)) + sum(len(artifact.metadata) for artifact in card.artifacts)
    totals = {"source": len(card.sources), "artifact": len(card.artifacts), "consumer": len(card.consumers)}
    left = page.left(**totals, value=values)
    left_out = said_of(left, page, cut=card.cut)
    return Reply(
        f"1 run with {', '.join(counted(page.count(thing), thing) for thing in totals)}",
        data,
        left_out,
        card.reasons,
        wider(given["max_nodes"], 1 + sum(totals.values())) if left_out else None,
        longer=_LONGER,
        after=page.after,
    )


def _stub(run: Run, way: Way) -> dict[str, Any]:
    return {"run_id": shown(run.run_id)} if way == _RUN else {"name": shown(way[1])}


def card_items(card: Card, longest: int) -> Iterator[Item]:
    """The run with its values, its artifacts with the first of theirs, sources and consumers, by turns; at the end the
    values of artifacts beyond the first."""
    yield Item("run", _RUN, partial(_head, card.run))
    values = (_value_item(_RUN, *each, longest) for each in _values(card.run))
    artifacts = (
        [_artifact_item(each, longest), *_metadata_items(each, longest)[:_VALUES_A_TURN]] for each in card.artifacts
    )
    sources = (_link_item("source", each.source_run_id, each) for each in card.sources)
    consumers = (_link_item("consumer", each.run_id, each) for each in card.consumers)
    yield from by_turns(by_number(values, _VALUES_A_TURN), by_number(sources), artifacts, by_number(consumers))
    for artifact in card.artifacts:
        yield from _metadata_items(artifact, longest)[_VALUES_A_TURN:]


def longest_of(max_nodes: int) -> int:
    """How many characters of a value come with the run."""
    return max(LONGEST_TEXT, 20 * max_nodes)


def _values(run: Run) -> list[tuple[Way, object]]:
    context = [(("context", key), text) for key, text in context_rows(run.context)]
    return [*context, *((("metadata", key), value) for key, value in run.metadata.items())]


def _value_item(row: Way, way: Way, value: object, longest: int) -> Item:
    whole = [shown(part) for part in (*(() if row == _RUN else row), *way)]
    inside = (way[0], shown(way[1]))
    return Item("value", (*row, *way), partial(value_shown, value, longest, whole), 0, row, inside, listed=False)


def _metadata_items(artifact: Artifact, longest: int) -> list[Item]:
    row = ("artifacts", artifact.name)
    return [_value_item(row, ("metadata", key), value, longest) for key, value in artifact.metadata.items()]


def _artifact_item(artifact: Artifact, longest: int) -> Item:
    return Item("artifact", ("artifacts", artifact.name), partial(_artifact, artifact, longest))


def _link_item(thing: str, run_id: str, source: Source) -> Item:
    way = (f"{thing}s", (run_id, source.artifact_name))
    return Item(thing, way, partial(_link, run_id, source))


def _head(run: Run) -> dict[str, Any]:
    known = {"created_at": run.created_at, "reported_at": run.reported_at, "updated_at": run.updated_at}
    times = {key: to_the_second(at) for key, at in known.items() if at is not None}
    return {**run_head(run), "name": shown(run.name), "external": run.external, **times}


def _link(run_id: str, source: Source) -> dict[str, Any]:
    return {**source_row(run_id, source.artifact_name), "named_at": to_the_second(source.created_at)}


def _artifact(artifact: Artifact, longest: int) -> dict[str, Any]:
    row: dict[str, Any] = {"name": shown(artifact.name), **({"declared": True} if artifact.declared else {})}
    for kind in ("path", "place"):
        text = getattr(artifact, kind)
        if text is not None and (kind == "path" or text != artifact.path):
            row[kind] = value_shown(text, longest, ["artifacts", shown(artifact.name), kind])
    return row | ({} if artifact.updated_at is None else {"updated_at": to_the_second(artifact.updated_at)})


def value_at(lineage: Lineage, way: Sequence[str]) -> object:
    """The value of its start that an answer about it calls so; raises InvalidInput."""
    run = lineage.runs[str(lineage.start)]
    artifacts = {name: artifact for (run_id, name), artifact in lineage.artifacts.items() if run_id == run.run_id}
    match way:
        case ["context", key] if key in (context := dict(context_rows(run.context))):
            return context[key]
        case ["metadata", key] if key in run.metadata:
            return run.metadata[key]
        case ["artifacts", name, ("path" | "place") as kind] if name in artifacts:
            return getattr(artifacts[name], kind) or ""
        case ["artifacts", name, "metadata", key] if name in artifacts and key in artifacts[name].metadata:
            return artifacts[name].metadata[key]
    raise InvalidInput(
        f"the run has no value {quoted(list(way))}; one is given as it stands beside a beginning: ['metadata', KEY], "
        "['context', KEY], ['artifacts', NAME, 'path'] or ['artifacts', NAME, 'metadata', KEY]"
    )
