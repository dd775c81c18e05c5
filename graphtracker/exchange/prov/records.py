"""The records of PROV that an answer is, whatever they are written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from urllib.parse import quote

from graphtracker.analysis.names import Labels
from graphtracker.exchange.dicts import asked_to_dict
from graphtracker.exchange.prov.literals import Literal, literal
from graphtracker.model.question import Answer
from graphtracker.model.values import Artifact, Run, Source

_URN = "urn:graphtracker:"
NAMESPACES = {
    "graphtracker": _URN,
    **{prefix: f"{_URN}{prefix}:" for prefix in ("run", "artifact", "user", "metadata", "context")},
}
"""Prefix → URI; ``prov`` and ``xsd`` are everybody's."""


class Record(NamedTuple):
    """An element by its name, or a relation, which has none.

    ``arguments`` are the names and times that PROV-N knows by their places, in this order; those that are not known are
    None. Names are ``prefix:local``, with nothing in ``local`` but what ``quote`` leaves, and ``#``.
    """

    name: str | None
    arguments: Mapping[str, str | None]
    attributes: Mapping[str, Literal]


_NONE: Mapping[str, Literal] = {}


def records(answer: Answer) -> dict[str, Iterator[Record]]:
    """What PROV-N calls a kind of records → these, as they are needed; the same for equal answers."""
    labels = Labels(answer)
    runs, artifacts, sources = answer.runs.values(), answer.artifacts.values(), answer.sources
    users = {str(run.context["user"]) for run in runs if "user" in run.context}
    return {
        "entity": chain([_asked(answer)], map(_entity, artifacts)),
        "activity": (_activity(run, labels[run], answer) for run in runs),
        "agent": map(_agent, sorted(users)),
        "wasAssociatedWith": (_association(run) for run in runs if "user" in run.context),
        "wasGeneratedBy": map(_generation, artifacts),
        "used": (_usage(source) for source in sources if source.artifact_name is not None),
        "wasInformedBy": (_communication(source) for source in sources if source.artifact_name is None),
    }


def _asked(answer: Answer) -> Record:
    said = {f"graphtracker:{key}": value for key, value in asked_to_dict(answer).items() if key != "graphtracker"}
    return Record("graphtracker:answer", {}, _known(said))


def _entity(artifact: Artifact) -> Record:
    own = {
        "prov:label": artifact.name,
        "prov:location": artifact.path,
        "graphtracker:run_id": artifact.run_id,
        "graphtracker:name": artifact.name,
        "graphtracker:declared": artifact.declared or None,
        "graphtracker:place": artifact.place,
        "graphtracker:created_at": artifact.created_at,
        "graphtracker:logged_at": artifact.logged_at,
        "graphtracker:updated_at": artifact.updated_at,
    }
    return Record(_node(artifact), {}, _known(own) | _keyed("metadata", artifact.metadata))


def _activity(run: Run, label: str, answer: Answer) -> Record:
    times = {
        "prov:startTime": _time(run.context.get("started_at")),
        "prov:endTime": _time(run.context.get("ended_at")),
    }
    own = {
        "prov:label": label,
        "graphtracker:run_id": run.run_id,
        "graphtracker:name": run.name,
        "graphtracker:external": run.external or None,
        "graphtracker:forgotten": run.forgotten or None,
        "graphtracker:created_at": run.created_at,
        "graphtracker:reported_at": run.reported_at,
        "graphtracker:updated_at": run.updated_at,
        "graphtracker:left_out": " ".join(sorted(answer.frontier.get(run.run_id, ()))) or None,
    }
    said = _known(own) | _keyed("context", run.context) | _keyed("metadata", run.metadata)
    return Record(_named("run", run.run_id), times, said)


def _agent(user: str) -> Record:
    return Record(_named("user", user), {}, _known({"prov:label": user}))


def _association(run: Run) -> Record:
    user = _named("user", str(run.context["user"]))
    return Record(None, {"prov:activity": _named("run", run.run_id), "prov:agent": user, "prov:plan": None}, _NONE)


def _generation(artifact: Artifact) -> Record:
    ends = {"prov:entity": _node(artifact), "prov:activity": _named("run", artifact.run_id)}
    return Record(None, {**ends, "prov:time": _time(artifact.logged_at)}, _NONE)


def _usage(source: Source) -> Record:
    ends = {"prov:activity": _named("run", source.run_id), "prov:entity": _named("artifact", *source.node)}
    return Record(None, {**ends, "prov:time": _time(source.created_at)}, _NONE)


def _communication(source: Source) -> Record:
    ends = {"prov:informed": _named("run", source.run_id), "prov:informant": _named("run", source.source_run_id)}
    return Record(None, ends, _known({"graphtracker:created_at": source.created_at}))


def _node(artifact: Artifact) -> str:
    return _named("artifact", artifact.run_id, artifact.name)


def _named(prefix: str, *parts: str) -> str:
    """The name in this namespace that is made of texts, and of no others."""
    return f"{prefix}:{'#'.join(map(_quoted, parts))}"


@lru_cache(1000)  # an id comes again soon
def _quoted(part: str) -> str:
    return quote(part, safe="/")


def _time(at: object) -> str | None:
    return None if at is None else literal(at).text


def _known(values: Mapping[str, object]) -> dict[str, Literal]:
    """Those that are not None, by their names."""
    return {name: literal(value) for name, value in values.items() if value is not None}


def _keyed(prefix: str, values: Mapping[str, object]) -> dict[str, Literal]:
    """All of them, None too; their keys are made names."""
    return {_named(prefix, key): literal(value) for key, value in values.items()}
