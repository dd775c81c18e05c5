r"""An answer as GraphML (http://graphml.graphdrawing.org), for Gephi, Cytoscape, yEd, ``networkx.read_graphml``.

``label`` is the name of a node, of runs that share one the id; Gephi takes it for its labels, Cytoscape and yEd have it
among the properties. Attributes are typed: a metadata key whose values are all numbers is a number. Other values are
text, or ``json:`` and their JSON. What XML cannot carry stands as ``\uXXXX`` in the text; a backslash before a ``u`` is
written so, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from xml.sax.saxutils import escape

from graphtracker.analysis.names import Labels, Names
from graphtracker.model.context import KEYS
from graphtracker.model.encoding import dumps
from graphtracker.model.question import Answer
from graphtracker.model.times import time_text
from graphtracker.model.values import Artifact, Run

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
"""
_OWN: dict[str, dict[str, str]] = {
    "graph": {
        "start": "string",
        "start_artifact": "string",
        "direction": "string",
        "depth": "long",
        "max_runs": "long",
        "as_of": "string",
        "complete": "boolean",
        "reasons": "string",
    },
    "node": {
        "label": "string",
        "kind": "string",
        "run_id": "string",
        "name": "string",
        "external": "boolean",
        "forgotten": "boolean",
        "declared": "boolean",
        "path": "string",
        "place": "string",
        "created_at": "string",
        "reported_at": "string",
        "logged_at": "string",
        "updated_at": "string",
        "left_out": "string",
    },
    "edge": {"kind": "string", "created_at": "string"},
}
"""What has it → attribute → GraphML type."""

_CONTEXT = "context."  # before a key of the context
_PREFIX = "metadata."  # of a metadata key that is called like an attribute of ours
_NETWORKX = ("self", "node_for_adding")  # arguments of its add_node(), which takes attributes as others of them
_JSON = "json:"
_LONG = range(-(1 << 63), 1 << 63)
_EXACT = 1 << 53  # integers up to here are floats, too
_TYPES = {
    frozenset({"boolean"}): "boolean",
    frozenset({"int"}): "long",
    frozenset({"long"}): "long",
    frozenset({"int", "long"}): "long",
    frozenset({"double"}): "double",
    frozenset({"int", "double"}): "double",
}
"""Kinds of the values of one key → the type that holds them all."""

# https://www.w3.org/TR/xml/#charsets, and the backslash that would make text look like an escape.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\\\\(?=u)")
# Characters that an XML reader would change, and those that would act on a terminal.
_REFERRED = re.compile('[\t\n\r"\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]')

_Attributes = Mapping[str, object]
_NONE: _Attributes = {}


def graphml(answer: Answer) -> Iterator[str]:
    """The document, element by element; the same for equal answers. Edges point with the data."""
    keys = _Keys(answer)
    yield _HEAD
    yield from keys.declared()
    yield '  <graph edgedefault="directed">\n'
    yield keys.data("graph", _graph_attributes(answer))
    names, labels = Names(answer), Labels(answer)
    for run in answer.runs.values():
        own = {"label": labels[run], **_run_attributes(answer, run)}
        yield _node(names[run.run_id], keys.data("node", own, run.metadata))
    for key, artifact in answer.artifacts.items():
        yield _node(names[key], keys.data("node", _artifact_attributes(artifact), artifact.metadata))
        yield _edge(names[key[0]], names[key], keys.data("edge", {"kind": "generated"}))
    for source in answer.sources:
        said = {"kind": source.kind, "created_at": time_text(source.created_at)}
        yield _edge(names[source.node], names[source.run_id], keys.data("edge", said))
    yield "  </graph>\n</graphml>\n"


def _node(name: str, data: str) -> str:
    return f'    <node id="{name}">{data}</node>\n'


def _edge(begin: str, end: str, data: str) -> str:
    return f'    <edge source="{begin}" target="{end}">{data}</edge>\n'


class _Keys:
    """The attributes of a document: (what has it, name) → its id and type."""

    def __init__(self, answer: Answer) -> None:
        owned = {
            "graph": {**_OWN["graph"], **dict.fromkeys(_begin_attributes(answer), "string")},
            "node": {**_OWN["node"], **_context_types(answer), **_metadata_types(answer)},
            "edge": _OWN["edge"],
        }
        named = [(owner, name, kind) for owner, names in owned.items() for name, kind in names.items()]
        self._keys = {(owner, name): (f"d{number}", kind) for number, (owner, name, kind) in enumerate(named)}

    def declared(self) -> Iterator[str]:
        for (owner, name), (key, kind) in self._keys.items():
            yield f'  <key id="{key}" for="{owner}" attr.name="{_escaped(name)}" attr.type="{kind}"/>\n'

    def data(self, owner: str, own: _Attributes, metadata: _Attributes = _NONE) -> str:
        """The attributes that are not None, and the metadata."""
        given = [
            (name, value if isinstance(value, str) else _text(value, ""))
            for name, value in own.items()
            if value is not None
        ]
        given += [(name := _name(key), _text(value, self._keys[owner, name][1])) for key, value in metadata.items()]
        return "".join(f'<data key="{self._keys[owner, name][0]}">{_escaped(text)}</data>' for name, text in given)


def _graph_attributes(answer: Answer) -> _Attributes:
    return {
        "start": answer.start_run,
        "start_artifact": None if answer.question is None else answer.question.artifact_name,
        "direction": answer.direction,
        "depth": answer.depth,
        "max_runs": answer.max_runs,
        "as_of": time_text(answer.as_of),
        "complete": answer.complete,
        "reasons": " ".join(sorted(answer.reasons)) or None,
        **_begin_attributes(answer),
    }


def _begin_attributes(answer: Answer) -> dict[str, str]:
    """Where the paths begin, if they alone were asked for."""
    begin = None if answer.question is None else answer.question.begin
    if begin is None:
        return {}
    return {"begin": begin} if isinstance(begin, str) else {"begin": begin[0], "begin_artifact": begin[1]}


def _run_attributes(answer: Answer, run: Run) -> _Attributes:
    return {
        "kind": "run",
        "run_id": run.run_id,
        "name": run.name,
        "external": run.external,
        "forgotten": run.forgotten,
        "created_at": time_text(run.created_at),
        "reported_at": time_text(run.reported_at),
        "updated_at": time_text(run.updated_at),
        "left_out": " ".join(sorted(answer.frontier.get(run.run_id, ()))) or None,
        **{_CONTEXT + key: _context_value(value) for key, value in run.context.items()},
    }


def _artifact_attributes(artifact: Artifact) -> _Attributes:
    return {
        "label": artifact.name,
        "kind": "artifact",
        "run_id": artifact.run_id,
        "name": artifact.name,
        "declared": artifact.declared,
        "path": artifact.path,
        "place": artifact.place,
        "created_at": time_text(artifact.created_at),
        "logged_at": time_text(artifact.logged_at),
        "updated_at": time_text(artifact.updated_at),
    }


def _context_value(value: object) -> object:
    return time_text(value) if isinstance(value, datetime) else value


def _context_types(answer: Answer) -> dict[str, str]:
    """Name → GraphML type of each key of a context that is there."""
    there = {key for run in answer.runs.values() for key in run.context}
    return {_CONTEXT + key: "boolean" if kind is bool else "string" for key, kind in KEYS.items() if key in there}


def _metadata_types(answer: Answer) -> dict[str, str]:
    """Name → GraphML type of each metadata key, sorted."""
    kinds: dict[str, set[str]] = {}
    nodes: tuple[Iterable[Run | Artifact], ...] = (answer.runs.values(), answer.artifacts.values())
    for node in chain.from_iterable(nodes):
        for key, value in node.metadata.items():
            kinds.setdefault(_name(key), set()).add(_kind(value))
    return {name: _TYPES.get(frozenset(kinds[name]), "string") for name in sorted(kinds)}


def _name(key: str) -> str:
    return _PREFIX + key if key in _OWN["node"] or key in _NETWORKX or key.startswith((_PREFIX, _CONTEXT)) else key


def _kind(value: object) -> str:
    if type(value) is int:
        return "int" if abs(value) <= _EXACT else "long" if value in _LONG else "text"
    return "boolean" if type(value) is bool else "double" if type(value) is float else "text"


def _text(value: object, kind: str) -> str:
    if kind == "string":
        return value if isinstance(value, str) and not value.startswith(_JSON) else _JSON + dumps(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _escaped(text: str) -> str:
    if text.isalnum() and text.isascii():
        return text
    carried = _NO_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return _REFERRED.sub(lambda match: f"&#{ord(match[0])};", escape(carried))
