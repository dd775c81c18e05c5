"""An answer read from plain JSON types, or what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

from graphtracker.errors import InvalidInput
from graphtracker.exchange import fields
from graphtracker.exchange.dicts import FORMAT
from graphtracker.model.display import quoted
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.limits import checked_name, checked_run_id
from graphtracker.model.question import Answer, Question, checked_question
from graphtracker.model.values import Artifact, Node, Run, Source


def from_dict(data: Mapping[str, Any]) -> Answer:
    """The answer of what ``to_dict`` wrote; raises InvalidInput that says where it is something else.

    Nothing is taken that a store would not answer: what a source, an artifact or the frontier speaks of is there.
    """
    if not fields.has_text_keys(data) or type(data.get("graphtracker")) is not int or data["graphtracker"] != FORMAT:
        raise InvalidInput(f"this is no lineage of format {FORMAT}: {quoted(data)}; give what Lineage.to_dict() wrote")
    try:
        with gc_paused():
            return _answer(data)
    except fields.Misshapen as error:
        raise InvalidInput(f"this is no lineage: {error}; give what Lineage.to_dict() wrote") from error


def part_from_dict(data: Mapping[str, Any]) -> Part:
    """The runs, artifacts and sources of a dict that has such lists and no others, as ``to_dict`` writes them; sources
    may lead out of it. Raises fields.Misshapen."""
    return _part(fields.read_dict(data, _PART), whole=False)


def _answer(data: Mapping[str, Any]) -> Answer:
    wanted = _ANSWER if "begin" not in data else {**_ANSWER, "begin": fields.node}
    found = {"begin": None, **dict(zip(wanted, fields.read_dict(data, wanted), strict=True))}
    runs, artifacts, sources = _part([found[name] for name in _PART], whole=True)
    question = _question(**{name: found[name] for name in _QUESTION})
    _check_ends(question, runs, artifacts, empty=not runs)
    _check_cut(found["complete"], found["reasons"], found["frontier"], runs)
    return Answer(question, runs, artifacts, sources, found["reasons"], found["frontier"], found["as_of"])


Part = tuple[dict[str, Run], dict[tuple[str, str], Artifact], list[Source]]
"""Runs by id, artifacts by (run id, name), sources, each in their order."""


def _part(found: list[list[Any]], *, whole: bool) -> Part:
    """What is made of the lists of runs, artifacts and sources; of a whole lineage sources lead to what is in it."""
    repeated = fields.Repeated()
    runs = _by_key("runs", found[0], partial(_run, _run_fields(repeated)), attrgetter("run_id"))
    made = partial(_artifact, _artifact_fields(repeated), runs)
    artifacts = _by_key("artifacts", found[1], made, attrgetter("run_id", "name"))
    wanted = _source_fields(repeated) if whole else {**_source_fields(repeated), **_LEADING_OUT}
    made_source = partial(_source, wanted, runs, artifacts if whole else None)
    return runs, artifacts, list(_by_key("sources", found[2], made_source, _source_key).values())


_Item = TypeVar("_Item", Run, Artifact, Source)


def _by_key(
    place: str, items: list[Any], made: Callable[[Any], _Item], key_of: Callable[[_Item], Any]
) -> dict[Any, _Item]:
    """What is made of a list, sorted by a key that no two of them share."""
    found: dict[Any, _Item] = {}
    number = 0
    try:
        for number, item in enumerate(items):
            value = made(item)
            found[key_of(value)] = value
            if len(found) == number:
                raise fields.Misshapen("", f"is {quoted(key_of(value))} once more")
    except fields.Misshapen as error:
        inner = f".{error.place}" if error.place else ""
        raise fields.Misshapen(f"{place}[{number}]{inner}", error.what) from error
    order = sorted(found)
    return found if order == list(found) else {key: found[key] for key in order}


# -- values ------------------------------------------------------------------------------------------------------------


def _run(wanted: fields.Fields, item: Any) -> Run:
    run = Run(*fields.read_dict(item, wanted))
    known = run.metadata or run.context
    if run.external != (run.reported_at is None) or (run.external and (run.updated_at is not None or known)):
        raise fields.Misshapen("external", f"is {run.external}, which its times or its metadata contradict")
    if run.forgotten and known:
        raise fields.Misshapen("forgotten", "is True, which its metadata or its context contradicts")
    return run


def _artifact(wanted: fields.Fields, runs: Mapping[str, Run], item: Any) -> Artifact:
    artifact = Artifact(*fields.read_dict(item, wanted))
    has_values = artifact.path is not None or artifact.place is not None or bool(artifact.metadata)
    if artifact.declared != (artifact.logged_at is None):
        raise fields.Misshapen("declared", f"is {artifact.declared}, which its logged_at contradicts")
    if artifact.declared and (has_values or artifact.updated_at is not None):
        raise fields.Misshapen("declared", "is True, which its path, updated_at or metadata contradicts")
    if (artifact.path is None) != (artifact.place is None) or (has_values and artifact.path is None):
        raise fields.Misshapen("path", f"is {quoted(artifact.path)}, which its place or its metadata contradicts")
    if artifact.run_id not in runs:
        raise fields.Misshapen("run_id", f"is {quoted(artifact.run_id)}, which is not among the runs")
    return artifact


def _source(
    wanted: fields.Fields, runs: Mapping[str, Run], artifacts: Mapping[tuple[str, str], Artifact] | None, item: Any
) -> Source:
    """Without the artifacts of a whole lineage it may lead anywhere."""
    source = Source(*fields.read_dict(item, wanted))
    if source.run_id not in runs:
        raise fields.Misshapen("run_id", f"is {quoted(source.run_id)}, which is not among the runs")
    if artifacts is not None and source.node not in (runs if source.artifact_name is None else artifacts):
        raise fields.Misshapen("source_run_id", f"leads to {quoted(source.node)}, which is not in it")
    return source


def _source_key(source: Source) -> tuple[str, str, str]:
    return source.run_id, source.source_run_id, source.artifact_name or ""


def _question(
    start: Node | None,
    begin: Node | None,
    direction: str,
    depth: int | None,
    max_runs: int | None,
    as_of: datetime | None,
) -> Question | None:
    if begin is not None and (start is None or direction != "upstream"):
        raise fields.Misshapen("begin", "goes with a start and the direction 'upstream'")
    if start is None:
        if (direction, depth, max_runs) != ("both", None, None):
            raise fields.Misshapen("start", "is None, which goes with the direction 'both' and no bounds")
        return None
    run_id, name = (start, None) if isinstance(start, str) else start
    try:
        return replace(checked_question(run_id, name, direction, depth, max_runs, as_of), begin=begin)
    except InvalidInput as error:
        raise fields.Misshapen("start", f"was asked about with what is none: {error}") from error


def _check_ends(question: Question | None, runs: Container[Node], artifacts: Container[Node], *, empty: bool) -> None:
    """What was asked about is there; but where no path lies between two nodes, nothing is, they neither."""
    if question is None or (empty and question.begin is not None):
        return
    for place, node in (("start", question.start), ("begin", question.begin)):
        if node is not None and node not in (runs if isinstance(node, str) else artifacts):
            raise fields.Misshapen(place, f"is {quoted(node)}, which is not in it")


def _check_cut(
    complete: bool, reasons: frozenset[str], frontier: Mapping[str, frozenset[str]], runs: Mapping[str, Run]
) -> None:
    if complete is bool(reasons):
        raise fields.Misshapen("complete", f"is {complete}, which its reasons contradict")
    if bool(frontier) is not bool(runs and reasons & _BOUNDS):
        raise fields.Misshapen("frontier", "and reasons contradict each other")
    for run_id in frontier:
        if run_id not in runs:
            raise fields.Misshapen("frontier", f"has {quoted(run_id)}, which is not among the runs")


# -- fields: what reads each of them, or raises one of fields.MALFORMED

_BOUNDS = frozenset({"depth", "max_runs"})
_REASONS = _BOUNDS | {"overwritten", "unsynced"}
_DIRECTIONS = frozenset({"upstream", "downstream"})

_QUESTION = ("start", "begin", "direction", "depth", "max_runs", "as_of")

_PART: fields.Fields = {name: fields.of_type(list) for name in ("runs", "artifacts", "sources")}

_ANSWER: fields.Fields = {
    "graphtracker": fields.of_type(int),
    "start": fields.node_or_none,
    "direction": fields.of_type(str),
    "depth": fields.of_type(int, type(None)),
    "max_runs": fields.of_type(int, type(None)),
    "as_of": lambda text: fields.Repeated().time_or_none(text),
    "complete": fields.of_type(bool),
    "reasons": fields.words(_REASONS),
    "frontier": fields.words_by_id(_DIRECTIONS),
    **_PART,
}


def _run_fields(repeated: fields.Repeated) -> fields.Fields:
    return {
        "run_id": checked_run_id,
        "name": fields.name,
        "external": fields.of_type(bool),
        "forgotten": fields.of_type(bool),
        "metadata": repeated.metadata,
        "context": fields.context,
        "created_at": repeated.time,
        "reported_at": repeated.time_or_none,
        "updated_at": repeated.time_or_none,
    }


# Ids that must be those of runs above need no other check.
def _artifact_fields(repeated: fields.Repeated) -> fields.Fields:
    return {
        "run_id": fields.of_type(str),
        "name": checked_name,
        "path": fields.path_or_none,
        "place": fields.path_or_none,
        "declared": fields.of_type(bool),
        "metadata": repeated.metadata,
        "created_at": repeated.time,
        "logged_at": repeated.time_or_none,
        "updated_at": repeated.time_or_none,
    }


def _source_fields(repeated: fields.Repeated) -> fields.Fields:
    return {
        "run_id": fields.of_type(str),
        "source_run_id": fields.of_type(str),
        "artifact_name": fields.of_type(str, type(None)),
        "created_at": repeated.time,
    }


_LEADING_OUT: fields.Fields = {"source_run_id": checked_run_id, "artifact_name": fields.name_or_none}
