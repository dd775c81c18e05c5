"""An answer as a Process Run Crate (https://w3id.org/ro/wfrun/process/0.5), whose files stay where they are.

====================================  ==================================================================================
graphtracker                          RO-Crate
====================================  ==================================================================================
run that reported                     ``CreateAction``; ``identifier`` is its id
external run                          ``CreativeWork``, of which its declared artifacts are parts
artifact                              ``File``, ``result`` of its run; the URI of its place where no other is there
source                                ``object``: the file, or the action (or work) where it is a whole run
``started_at``, ``ended_at``          ``startTime``, ``endTime``
``status``                            ``actionStatus``, and ``error`` of what failed; else as the rest
``command`` and ``commit``            ``instrument``, a ``SoftwareApplication``, and ``description``
``user``                              ``agent``, a ``Person``
path, first and last log              ``alternateName``, ``dateCreated``, ``dateModified``
metadata and the rest of the context  ``additionalProperty``: a ``PropertyValue`` each
====================================  ==================================================================================

Where a ``propertyID`` ends in ``:json`` the value is JSON as in ``model.encoding``. All else is not said: ``unsaid``.
The library holds the whole crate in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from hashlib import blake2b
from itertools import chain
from math import isfinite
from typing import Any

from graphtracker.analysis.names import Labels
from graphtracker.exchange.crate_ids import artifact_ids, fragment
from graphtracker.exchange.extras import library
from graphtracker.exchange.zipped import zipped
from graphtracker.model.display import listed, printable_json
from graphtracker.model.encoding import compact, dumps
from graphtracker.model.question import Answer
from graphtracker.model.values import Artifact, Node, Run

_FILE = "ro-crate-metadata.json"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MAPPED = frozenset({"user", "command", "started_at", "ended_at"})
"""Keys of the context that have terms of their own; the commit, as a version of a program, is said of that alone."""


def folder(answer: Answer) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The one file of the crate: it names all others by their URIs. Raises MissingExtra."""
    yield _FILE, _metadata(answer)


def archive(answer: Answer) -> Iterator[bytes]:
    """The crate as one zip file, the same for equal answers. Raises MissingExtra."""
    return zipped(_FILE, _metadata(answer))


def unsaid(answer: Answer) -> str | None:
    """What of the answer a Process Run Crate has no terms for; None where that is nothing."""
    kinds = {
        "what was asked": answer.question is not None or answer.as_of is not None,
        "that not all is there": not answer.complete,
        "when runs were recorded": any(run.reported_at for run in answer.runs.values()),
        "when sources were named": bool(answer.sources),
        "that runs are forgotten": any(run.forgotten for run in answer.runs.values()),
    }
    missing = listed(kind for kind, there in kinds.items() if there)
    return f"a Process Run Crate does not say {missing}" if missing else None


def _metadata(answer: Answer) -> Iterator[bytes]:
    written = _Crate(answer).generate()
    yield f'{{"@context": {compact(written["@context"])},\n "@graph": ['.encode()
    comma = ""
    for entity in written["@graph"]:
        yield printable_json(f"{comma}\n  {compact(entity)}").encode()
        comma = ","
    yield b"\n]}\n"


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
        root["conformsTo"] = _ref(_PROFILE)
        runs = self._answer.runs.values()
        root["mentions"] = _refs(fragment("run", run.run_id) for run in runs if not run.external) or []

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
        return _ref(identifier)

    def _action(self, run: Run, objects: list[str], results: list[str]) -> None:
        context, identifier = run.context, fragment("run", run.run_id)
        said = {
            "instrument": self._instrument(context),
            "startTime": _time(context.get("started_at")),
            "endTime": _time(context.get("ended_at")),
            "description": context.get("command"),
            "object": _refs(objects),
            "result": _refs(results),
            "agent": self._agent(context),
            "additionalProperty": _refs(self._properties(run)),
            **_status(context),
        }
        action = {"@type": "CreateAction", "name": self._labels[run], "identifier": run.run_id}
        self._add(identifier, action | {key: value for key, value in said.items() if value is not None})

    def _agent(self, context: Mapping[str, object]) -> dict[str, str] | None:
        if "user" not in context:
            return None
        user = str(context["user"])
        return self._once(fragment("user", user), {"@type": "Person", "name": user})

    def _instrument(self, context: Mapping[str, object]) -> dict[str, str]:
        program, commit = _program(context.get("command")), context.get("commit")
        said = {"@type": "SoftwareApplication", "name": program or "not recorded"}
        key = blake2b(dumps([program, commit]).encode(), digest_size=8).hexdigest()
        version = {} if commit is None else {"softwareVersion": str(commit)}
        return self._once(fragment("program", key), {**said, **version})

    def _artifact(self, artifact: Artifact) -> str:
        identifier = self._ids[artifact.run_id, artifact.name]
        said: dict[str, Any] = {
            "name": artifact.name,
            "alternateName": artifact.path,
            "dateCreated": _time(artifact.logged_at),
            "dateModified": _time(artifact.updated_at),
            "additionalProperty": _refs(self._properties(artifact)),
        }
        if self._answer.runs[artifact.run_id].external:
            said["isPartOf"] = _ref(fragment("run", artifact.run_id))
        properties = {key: value for key, value in said.items() if value is not None}
        if identifier.startswith("#"):
            return self._add(identifier, {"@type": "File", **properties})
        self._crate.add_file(identifier, properties=properties)
        return identifier

    def _properties(self, node: Run | Artifact) -> list[str]:
        """The ids of its metadata, and of what of its context has no term of its own."""
        name = ("run", node.run_id) if isinstance(node, Run) else ("artifact", node.run_id, node.name)
        context = node.context if isinstance(node, Run) else {}
        mapped = _MAPPED | {"status"} if _status(context) else _MAPPED
        rest = {key: value for key, value in context.items() if key not in mapped}
        return [
            self._add(fragment(*name, kind, key), _property(kind, key, value))
            for kind, values in (("context", rest), ("metadata", node.metadata))
            for key, value in values.items()
        ]


def _property(kind: str, key: str, value: object) -> dict[str, Any]:
    plain = _is_json_ld(value)
    meant = f"urn:graphtracker:{kind}{'' if plain else ':json'}"
    return {"@type": "PropertyValue", "name": key, "propertyID": meant, "value": value if plain else dumps(value)}


def _is_json_ld(value: object) -> bool:
    """Whether JSON-LD reads the very value: of its numbers those that are exact as doubles."""
    if isinstance(value, float):
        return isfinite(value)
    return isinstance(value, (str, bool)) or (isinstance(value, int) and abs(value) <= 1 << 53)


def _status(context: Mapping[str, object]) -> dict[str, str]:
    """The terms of its status; none where they do not say all of it."""
    status, colon, error = str(context.get("status", "")).partition(": ")
    if status not in _STATUSES or (colon and not (error and status == "failed")):
        return {}
    return {"actionStatus": f"http://schema.org/{_STATUSES[status]}", **({"error": error} if error else {})}


_STATUSES = {"succeeded": "CompletedActionStatus", "failed": "FailedActionStatus", "running": "ActiveActionStatus"}


def _program(command: object) -> str | None:
    """A command without its options, the module of ``python -m`` excepted.

    >>> _program("python -m train --lr 0.1"), _program("prepare.py --seed 7")
    ('python -m train', 'prepare.py')
    """
    if command is None:
        return None
    words: list[str] = []
    for word in str(command).split():
        if word.startswith("-") and word != "-m":
            break
        words.append(word)
    return " ".join(words) or str(command)


def _shown(node: Node) -> str:
    return node if isinstance(node, str) else f"{node[1]} of {node[0]}"


def _time(at: object) -> str | None:
    return at.isoformat() if isinstance(at, datetime) else None


def _ref(identifier: str) -> dict[str, str]:
    return {"@id": identifier}


def _refs(identifiers: Iterable[str]) -> Any:
    """References to them: a list of several, one alone, None where there is none, as RO-Crate wants it."""
    found = [_ref(identifier) for identifier in identifiers]
    return found if len(found) > 1 else next(iter(found), None)
