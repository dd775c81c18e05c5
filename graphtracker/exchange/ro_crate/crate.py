"""The crate of an answer, as rocrate builds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from hashlib import blake2b
from itertools import chain
from typing import Any

from graphtracker.analysis.names import Labels
from graphtracker.exchange.extras import library
from graphtracker.exchange.ro_crate.ids import artifact_ids, fragment
from graphtracker.exchange.ro_crate.terms import program_of, property_value, ref, refs, status_terms, time_or_none
from graphtracker.model.encoding import dumps
from graphtracker.model.question import Answer
from graphtracker.model.values import Artifact, Node, Run

_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MAPPED = frozenset({"user", "command", "started_at", "ended_at"})
"""Keys of the context that have terms of their own; the commit, as a version of a program, is said of that alone."""


def json_ld(answer: Answer) -> dict[str, Any]:
    """The crate's ``@context`` and ``@graph``, all in memory; raises MissingExtra."""
    return _Crate(answer).generate()


class _Crate:
    """The crate of an answer, as the library builds it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._labels = Labels(answer)
        self._library: Any = library("rocrate.rocrate", "rocrate", "RO-Crate")
        self._crate = self._library.ROCrate(version="1.1")  # which the profile extends
        self._ids = artifact_ids(answer.artifacts.values(), frozenset({_PROFILE}))

    def generate(self) -> dict[str, Any]:
        """Its JSON-LD: ``@context`` and ``@graph``."""
        objects = self._objects()
        results: dict[str, list[str]] = {run_id: [] for run_id in self._answer.runs}
        for key, artifact in self._answer.artifacts.items():
            results[key[0]].append(self._artifact(artifact))
        for run_id, run in self._answer.runs.items():
            if run.external:
                work = {"@type": "CreativeWork", "name": self._labels[run], "identifier": run_id}
                self._add(fragment("run", run_id), work)
            else:
                self._action(run, objects[run_id], results[run_id])
        self._root()
        generated: dict[str, Any] = self._crate.metadata.generate()
        return generated

    def _root(self) -> None:
        profile = {"@type": "CreativeWork", "name": "Process Run Crate", "version": _PROFILE.rpartition("/")[2]}
        self._add(_PROFILE, profile)
        root = self._crate.root_dataset
        root["name"] = "Lineage" if self._answer.start is None else f"Lineage of {_shown(self._answer.start)}"
        root["description"] = "Runs with what they were made from, and what was made of them."
        root["datePublished"] = max(self._times(), default=_EPOCH).isoformat()
        root["license"] = "not stated"
        root["conformsTo"] = ref(_PROFILE)
        runs = self._answer.runs.values()
        root["mentions"] = refs(fragment("run", run.run_id) for run in runs if not run.external) or []

    def _times(self) -> Iterator[datetime]:
        nodes: Iterable[Run | Artifact] = chain(self._answer.runs.values(), self._answer.artifacts.values())
        return (node.updated_at or node.created_at for node in nodes)

    def _objects(self) -> dict[str, list[str]]:
        """Run id → ids of what it was made from."""
        objects: dict[str, list[str]] = {run_id: [] for run_id in self._answer.runs}
        for source in self._answer.sources:
            node = source.node
            objects[source.run_id].append(self._ids[node] if isinstance(node, tuple) else fragment("run", node))
        return objects

    def _add(self, identifier: str, properties: dict[str, Any]) -> str:
        """Adds something that is no file; returns its id."""
        self._crate.add(self._library.ContextEntity(self._crate, identifier, properties))
        return identifier

    def _once(self, identifier: str, properties: dict[str, Any]) -> dict[str, str]:
        """Adds what several name, unless it is there; returns a reference to it."""
        if identifier not in self._crate:
            self._add(identifier, properties)
        return ref(identifier)

    def _action(self, run: Run, objects: list[str], results: list[str]) -> None:
        context, identifier = run.context, fragment("run", run.run_id)
        said = {
            "instrument": self._instrument(context),
            "startTime": time_or_none(context.get("started_at")),
            "endTime": time_or_none(context.get("ended_at")),
            "description": context.get("command"),
            "object": refs(objects),
            "result": refs(results),
            "agent": self._agent(context),
            "additionalProperty": refs(self._properties(run)),
            **status_terms(context),
        }
        action = {"@type": "CreateAction", "name": self._labels[run], "identifier": run.run_id}
        self._add(identifier, action | {key: value for key, value in said.items() if value is not None})

    def _agent(self, context: Mapping[str, object]) -> dict[str, str] | None:
        if "user" not in context:
            return None
        user = str(context["user"])
        return self._once(fragment("user", user), {"@type": "Person", "name": user})

    def _instrument(self, context: Mapping[str, object]) -> dict[str, str]:
        program, commit = program_of(context.get("command")), context.get("commit")
        said = {"@type": "SoftwareApplication", "name": program or "not recorded"}
        key = blake2b(dumps([program, commit]).encode(), digest_size=8).hexdigest()
        version = {} if commit is None else {"softwareVersion": str(commit)}
        return self._once(fragment("program", key), {**said, **version})

    def _artifact(self, artifact: Artifact) -> str:
        identifier = self._ids[artifact.run_id, artifact.name]
        said: dict[str, Any] = {
            "name": artifact.name,
            "alternateName": artifact.path,
            "dateCreated": time_or_none(artifact.logged_at),
            "dateModified": time_or_none(artifact.updated_at),
            "additionalProperty": refs(self._properties(artifact)),
        }
        if self._answer.runs[artifact.run_id].external:
            said["isPartOf"] = ref(fragment("run", artifact.run_id))
        properties = {key: value for key, value in said.items() if value is not None}
        if identifier.startswith("#"):
            return self._add(identifier, {"@type": "File", **properties})
        self._crate.add_file(identifier, properties=properties)
        return identifier

    def _properties(self, node: Run | Artifact) -> list[str]:
        """The ids of its metadata, and of what of its context has no term of its own."""
        name = ("run", node.run_id) if isinstance(node, Run) else ("artifact", node.run_id, node.name)
        context = node.context if isinstance(node, Run) else {}
        mapped = _MAPPED | {"status"} if status_terms(context) else _MAPPED
        rest = {key: value for key, value in context.items() if key not in mapped}
        return [
            self._add(fragment(*name, kind, key), property_value(kind, key, value))
            for kind, values in (("context", rest), ("metadata", node.metadata))
            for key, value in values.items()
        ]


def _shown(node: Node) -> str:
    return node if isinstance(node, str) else f"{node[1]} of {node[0]}"
