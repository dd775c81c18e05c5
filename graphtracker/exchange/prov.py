r"""An answer in W3C PROV (https://www.w3.org/TR/prov-dm/), as PROV-JSON or as PROV-N.

==================================  ====================================================================================
graphtracker                        PROV
==================================  ====================================================================================
run                                 ``activity``, from ``started_at`` to ``ended_at`` of its context
artifact                            ``entity``; ``prov:location`` is its path
source that names an artifact       ``used``, at the time at which it was named
source that is a whole run          ``wasInformedBy``
artifact of a run                   ``wasGeneratedBy``, at the time of the first log
user of the context                 ``agent``, ``wasAssociatedWith``
metadata, context, all else         attributes ``metadata:<key>``, ``context:<key>`` and ``graphtracker:<field>``
what was asked, and whether whole   the entity ``graphtracker:answer``, which nothing leads to
==================================  ====================================================================================

Names are ``run:<id>``, ``artifact:<run id>#<name>`` and ``user:<name>``, percent-encoded as in URLs (``%23`` is a ``#``
of an id); ids stand as they are in attributes, too. A value is a literal of the XSD type that holds it exactly; any
other is a ``graphtracker:json``, its JSON as in ``model.encoding``. Fields of ours that are None or False are left out.
"""

from __future__ import annotations

import gc
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from itertools import chain, islice
from typing import Any, TypeVar
from urllib.parse import quote

from graphtracker.analysis.names import Labels
from graphtracker.exchange.dicts import asked_to_dict
from graphtracker.exchange.extras import library
from graphtracker.model.display import printable, printable_json
from graphtracker.model.encoding import compact, dumps
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.question import Answer
from graphtracker.model.values import Artifact, Run, Source

_URN = "urn:graphtracker:"
_NAMESPACES = {
    "graphtracker": _URN,
    **{prefix: f"{_URN}{prefix}:" for prefix in ("run", "artifact", "user", "metadata", "context")},
}
_AT_ONCE = 100  # records, which the library holds in memory


def prov_json(answer: Answer) -> Iterator[str]:
    """The document as PROV-JSON, some records at a time; the same for equal answers. Raises MissingExtra."""
    writer = _Writer()
    encode = library("prov.serializers.provjson", "prov", "PROV-JSON").encode_json_document
    yield f'{{\n "prefix": {compact(_NAMESPACES)}'
    for kind, records in _kinds(answer, writer).items():
        number, end = 0, ""
        for encoded in writer.written(kind, records, encode):
            members = encoded[_KINDS[kind]]
            yield "," if number else f',\n "{_KINDS[kind]}": {{'
            yield from _members(members, number)
            number, end = number + len(members), "\n }"
        yield end
    yield "\n}\n"


def _members(encoded: Mapping[str, object], number: int) -> Iterator[str]:
    """The members of an object; names that are only numbers go on from those that were before."""
    comma = ""
    for place, (name, record) in enumerate(encoded.items(), number):
        called = f"_:id{place}" if name.startswith("_:") else name
        yield printable_json(f"{comma}\n  {compact(called)}: {compact(record)}")
        comma = ","


def prov_n(answer: Answer) -> Iterator[str]:
    """The document as PROV-N, some records at a time; the same for equal answers. Raises MissingExtra."""
    writer = _Writer()
    yield writer.document().get_provn().removesuffix("endDocument")
    for kind, records in _kinds(answer, writer).items():
        for lines in writer.written(kind, records, _lines):
            yield from lines
    yield "endDocument\n"


def _lines(document: Any) -> list[str]:
    return [f"  {_escaped(record.get_provn())}\n" for record in document.records]


def _escaped(text: str) -> str:
    """A record in whose strings, which alone have such, no character acts on a terminal; readers see the same."""
    return text if text.isascii() and text.isprintable() else _UNUSUAL.sub(_escape, text)


_UNUSUAL = re.compile(r"[^\n -~]")


def _escape(character: re.Match[str]) -> str:
    return character[0] if printable(character[0]) == character[0] else f"\\U{ord(character[0]):08X}"


_Text = TypeVar("_Text")
_Attributes = dict[Any, Any]
_Record = tuple[Any, _Attributes]
"""The name of a record, or None, with its attributes."""

_KINDS = {
    "PROV_ENTITY": "entity",
    "PROV_ACTIVITY": "activity",
    "PROV_AGENT": "agent",
    "PROV_ASSOCIATION": "wasAssociatedWith",
    "PROV_GENERATION": "wasGeneratedBy",
    "PROV_USAGE": "used",
    "PROV_COMMUNICATION": "wasInformedBy",
}
"""The library's word for a kind of record → that of PROV-N."""


def _kinds(answer: Answer, writer: _Writer) -> dict[str, Iterator[_Record]]:
    """Records by the library's word for their kind, as they are needed."""
    labels = Labels(answer)
    runs, artifacts, sources = answer.runs.values(), answer.artifacts.values(), answer.sources
    users = {str(run.context["user"]) for run in runs if "user" in run.context}
    return {
        "PROV_ENTITY": chain([_asked(answer, writer)], (_entity(artifact, writer) for artifact in artifacts)),
        "PROV_ACTIVITY": (_activity(run, labels[run], answer, writer) for run in runs),
        "PROV_AGENT": (_agent(user, writer) for user in sorted(users)),
        "PROV_ASSOCIATION": (_association(run, writer) for run in runs if "user" in run.context),
        "PROV_GENERATION": (_generation(artifact, writer) for artifact in artifacts),
        "PROV_USAGE": (_usage(source, writer) for source in sources if source.artifact_name is not None),
        "PROV_COMMUNICATION": (_communication(source, writer) for source in sources if source.artifact_name is None),
    }


def _asked(answer: Answer, writer: _Writer) -> _Record:
    said = {key: value for key, value in asked_to_dict(answer).items() if key != "graphtracker"}
    return writer.name("graphtracker", "answer"), writer.own(said)


def _entity(artifact: Artifact, writer: _Writer) -> _Record:
    own = {
        "run_id": artifact.run_id,
        "name": artifact.name,
        "declared": artifact.declared or None,
        "place": artifact.place,
        "created_at": artifact.created_at,
        "logged_at": artifact.logged_at,
        "updated_at": artifact.updated_at,
    }
    attributes = writer.prov({"label": artifact.name, "location": artifact.path}) | writer.own(own)
    return writer.node(artifact), attributes | writer.values("metadata", artifact.metadata)


def _activity(run: Run, label: str, answer: Answer, writer: _Writer) -> _Record:
    own = {
        "run_id": run.run_id,
        "name": run.name,
        "external": run.external or None,
        "forgotten": run.forgotten or None,
        "created_at": run.created_at,
        "reported_at": run.reported_at,
        "updated_at": run.updated_at,
        "left_out": " ".join(sorted(answer.frontier.get(run.run_id, ()))) or None,
    }
    times = {"startTime": run.context.get("started_at"), "endTime": run.context.get("ended_at")}
    attributes = writer.prov({**times, "label": label}) | writer.own(own)
    attributes |= writer.values("context", run.context) | writer.values("metadata", run.metadata)
    return writer.node(run), attributes


def _agent(user: str, writer: _Writer) -> _Record:
    return writer.name("user", user), writer.prov({"label": user})


def _association(run: Run, writer: _Writer) -> _Record:
    return None, writer.prov({"activity": writer.node(run), "agent": writer.name("user", str(run.context["user"]))})


def _generation(artifact: Artifact, writer: _Writer) -> _Record:
    run = writer.name("run", artifact.run_id)
    return None, writer.prov({"entity": writer.node(artifact), "activity": run, "time": artifact.logged_at})


def _usage(source: Source, writer: _Writer) -> _Record:
    run, artifact = writer.name("run", source.run_id), writer.name("artifact", *source.node)
    return None, writer.prov({"activity": run, "entity": artifact, "time": source.created_at})


def _communication(source: Source, writer: _Writer) -> _Record:
    runs = {"informed": source.run_id, "informant": source.source_run_id}
    names = {end: writer.name("run", run_id) for end, run_id in runs.items()}
    return None, writer.prov(names) | writer.own({"created_at": source.created_at})


class _Writer:
    """Makes names, values and documents of the library."""

    def __init__(self) -> None:
        self._model: Any = library("prov.model", "prov", "PROV")
        constants: Any = library("prov.constants", "prov", "PROV")
        self._types = {kind: getattr(constants, kind) for kind in _KINDS}
        own = {prefix: self._model.Namespace(prefix, uri) for prefix, uri in _NAMESPACES.items()}
        self._own = own.values()
        self._spaces = {**own, "prov": constants.PROV, "xsd": constants.XSD}
        self.name = lru_cache(1000)(self._name)  # names come again soon; the library takes long to make one

    def document(self) -> Any:
        """A document without records."""
        return self._model.ProvDocument(namespaces=self._own)

    def written(self, kind: str, records: Iterator[_Record], write: Callable[[Any], _Text]) -> Iterator[_Text]:
        """What ``write`` makes of documents that hold all of the records, each some of them."""
        while some := list(islice(records, _AT_ONCE)):
            with gc_paused():
                text = write(self._filled(kind, some))
                gc.collect(0)  # the document, which holds itself; else each is gone over again with all of the answer
            yield text

    def _filled(self, kind: str, records: list[_Record]) -> Any:
        document = self.document()
        for name, attributes in records:
            document.new_record(self._types[kind], name, attributes)
        return document

    def _name(self, prefix: str, *parts: str) -> Any:
        """The name in this namespace that is made of texts, and of no others."""
        return self._model.QualifiedName(self._spaces[prefix], "#".join(quote(part, safe="/") for part in parts))

    def node(self, node: Run | Artifact) -> Any:
        """The name of a run or an artifact."""
        return self.name("run", node.run_id) if isinstance(node, Run) else self.name("artifact", node.run_id, node.name)

    def prov(self, values: Mapping[str, Any]) -> _Attributes:
        """Attributes of PROV itself."""
        return {self.name("prov", key): value for key, value in values.items()}

    def own(self, values: Mapping[str, object]) -> _Attributes:
        """Attributes of ours, without those that are None."""
        return self.values("graphtracker", {key: value for key, value in values.items() if value is not None})

    def values(self, prefix: str, values: Mapping[str, object]) -> _Attributes:
        """Attributes whose names are the keys, in this namespace."""
        return {self.name(prefix, key): self._value(value) for key, value in values.items()}

    def _value(self, value: object) -> Any:
        """What the library writes as a literal of this very value."""
        kind = type(value)
        if kind is str or kind is bool or kind is float:
            return value
        if kind is int and value.bit_length() <= _LONGEST:  # type: ignore[attr-defined]  # kind says that it is an int
            return value
        if isinstance(value, datetime):
            return value if _is_xsd(value) else self._literal(dumps(value), "graphtracker", "json")
        if isinstance(value, date):
            return self._literal(value.isoformat(), "xsd", "date")
        if isinstance(value, bytes):
            return self._literal(b64encode(value).decode("ascii"), "xsd", "base64Binary")
        return self._literal(dumps(value), "graphtracker", "json")

    def _literal(self, text: str, prefix: str, kind: str) -> Any:
        return self._model.Literal(text, self.name(prefix, kind))


_LONGEST = 2000  # bits; of an int of more, Python may not print the digits
_FARTHEST = timedelta(hours=14)  # https://www.w3.org/TR/xmlschema11-2/#dateTime


def _is_xsd(at: datetime) -> bool:
    """Whether XSD's dateTime is this very value: with no zone, or an offset of minutes."""
    if at.fold or not (at.tzinfo is None or type(at.tzinfo) is timezone):
        return False
    offset = at.utcoffset() or timedelta()
    return abs(offset) <= _FARTHEST and not offset % timedelta(minutes=1)
