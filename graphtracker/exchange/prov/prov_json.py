"""Records as PROV-JSON (https://www.w3.org/submissions/prov-json/)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from graphtracker.exchange.prov.literals import Literal
from graphtracker.exchange.prov.records import NAMESPACES, Record, records
from graphtracker.model.display import printable_json
from graphtracker.model.encoding import compact
from graphtracker.model.question import Answer


def prov_json(answer: Answer) -> Iterator[str]:
    """The document, record by record; the same for equal answers."""
    yield f'{{\n "prefix": {compact(NAMESPACES)}'
    blanks = (f"_:id{number}" for number in count(1))  # an object's members have names, relations none
    for kind, some in records(answer).items():
        before = f',\n "{kind}": {{'
        for record in some:
            yield f"{before}\n  {_member(record.name or next(blanks), record)}"
            before = ","
        if before == ",":
            yield "\n }"
    yield "\n}\n"


def _member(name: str, record: Record) -> str:
    arguments = {name: text for name, text in record.arguments.items() if text is not None}
    attributes = {name: _value(literal) for name, literal in record.attributes.items()}
    return printable_json(f"{compact(name)}: {compact({**arguments, **attributes})}")


def _value(literal: Literal) -> object:
    text, datatype = literal
    if datatype is None:
        return text
    return text == "true" if datatype == "xsd:boolean" else {"$": text, "type": datatype}
