r"""Records as PROV-N (https://www.w3.org/TR/prov-n/).

Strings have no character that acts on a terminal: such is written as ``\uXXXX``, or ``\UXXXXXXXX``, as section 6 says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from graphtracker.exchange.prov.literals import Literal
from graphtracker.exchange.prov.records import NAMESPACES, Record, records
from graphtracker.model.display import printable
from graphtracker.model.question import Answer


def prov_n(answer: Answer) -> Iterator[str]:
    """The document, record by record; the same for equal answers."""
    yield "document\n"
    yield from (f"  prefix {prefix} <{uri}>\n" for prefix, uri in NAMESPACES.items())
    for kind, some in records(answer).items():
        yield from (f"  {kind}({', '.join(_items(record))})\n" for record in some)
    yield "endDocument\n"


def _items(record: Record) -> Iterator[str]:
    if record.name is not None:
        yield _name(record.name)
    yield from ("-" if argument is None else _name(argument) for argument in record.arguments.values())
    if record.attributes:
        yield f"[{', '.join([f'{_name(name)}={_value(literal)}' for name, literal in record.attributes.items()])}]"


@lru_cache(1000)  # a name comes again soon
def _name(name: str) -> str:
    """The name, or time, as grammar [53] has it, which takes these characters in the middle alone."""
    return _AT_AN_END.sub(r"\\\g<0>", name)


_AT_AN_END = re.compile(r"(?<=:)[-.]|\.\Z")


def _value(literal: Literal) -> str:
    text, datatype = literal
    if datatype is None:
        return _string(text)
    return text if datatype == "xsd:int" else f"{_string(text)} %% {datatype}"


def _string(text: str) -> str:
    plain = text.isascii() and text.isprintable() and '"' not in text and "\\" not in text
    return f'"{text}"' if plain else f'"{_UNUSUAL.sub(_escape, text)}"'


_UNUSUAL = re.compile(r"[^ !#-\[\]-~]")  # all but what stands as it is in ASCII
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    if printable(character) == character:
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code < 1 << 16 else f"\\U{code:08X}"
