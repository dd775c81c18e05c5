"""The arguments of tools: how a schema describes them, how what came is checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.mcp.budget import DEFAULT, LARGEST, ROOM_OF_A_NODE
from graphtracker.model.display import listed, quoted

_LONGEST = 100  # characters of a value that a message shows


@dataclass(frozen=True)
class Kind:
    """What an argument may be: its JSON schema, its words, and what reads it, which returns None for what it is not."""

    schema: Mapping[str, Any]
    words: str
    read: Callable[[Any], Any]


@dataclass(frozen=True)
class Argument:
    """One argument of a tool; ``default`` is what holds where it is not given."""

    kind: Kind
    description: str
    default: Any = None
    required: bool = False

    def schema(self) -> dict[str, Any]:
        """Its JSON schema."""
        default = {} if self.default in (None, ()) else {"default": self.default}
        return {**self.kind.schema, "description": self.description, **default}


Arguments = Mapping[str, Argument]


def schema_of(arguments: Arguments) -> dict[str, Any]:
    """The JSON schema of all of them."""
    return {
        "type": "object",
        "properties": {name: argument.schema() for name, argument in arguments.items()},
        "required": [name for name, argument in arguments.items() if argument.required],
        "additionalProperties": False,
    }


def checked(tool: str, arguments: Arguments, given: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each argument; null is one that is not given. Raises InvalidInput that says what is wrong."""
    for name in given:
        if name not in arguments:
            near = get_close_matches(name, arguments, 1)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise InvalidInput(f"{tool} has no argument {quoted(name)}{hint} It has {listed(arguments)}")
    return {name: _value(tool, name, argument, given.get(name)) for name, argument in arguments.items()}


def _value(tool: str, name: str, argument: Argument, value: Any) -> Any:
    if value is None:
        if argument.required:
            raise InvalidInput(f"{tool} needs {name}: {argument.description}")
        return argument.default
    read = argument.kind.read(value)
    if read is None:
        raise InvalidInput(f"{name} must be {argument.kind.words}, not {quoted(_written(value))}")
    return read


def _written(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _texts(value: Any) -> list[str] | None:
    several = [value] if isinstance(value, str) else value
    return several if isinstance(several, list) and all(isinstance(item, str) for item in several) else None


def _node(value: Any) -> str | tuple[str, str] | None:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(item, str) for item in value):
        return value[0], value[1]
    return _text(value)


def _filter(value: Any) -> str | dict[str, Any] | None:
    return value if isinstance(value, (str, dict)) else None


def whole_number(least: int, greatest: int | None = None) -> Kind:
    """Whole numbers between two bounds, both included; JSON's 10.0 is one."""

    def read(value: Any) -> int | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
            return None
        return int(value) if least <= value and (greatest is None or value <= greatest) else None

    most = {} if greatest is None else {"maximum": greatest}
    words = f"of at least {least}" if greatest is None else f"from {least} to {greatest:,}"
    return Kind({"type": "integer", "minimum": least, **most}, f"a whole number {words}", read)


def one_of(words: Sequence[str]) -> Kind:
    """One of these words."""
    return Kind(
        {"type": "string", "enum": list(words)},
        f"one of {', '.join(words)}",
        lambda value: value if isinstance(value, str) and value in words else None,
    )


TEXT = Kind({"type": "string"}, "text", _text)
FLAG = Kind({"type": "boolean"}, "true or false", _flag)
TEXTS = Kind(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}, "text, or a list of texts", _texts
)
NODE = Kind(
    {
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
        ]
    },
    "a run, or an artifact as [run, name]",
    _node,
)
FILTER = Kind(
    {"anyOf": [{"type": "string"}, {"type": "object"}]}, "a filter as text, or metadata keys with their values", _filter
)

RUN = "A run: its id, or what only one run has: its name, the beginning of its name, the ending of its id."
WHERE = (
    "A comparison as Python has it, of metadata keys and of what the run is: \"lr < 0.01 and optim.name in ['adam', "
    "'sgd']\", \"'failed' in context.status\", \"created > '-7d'\"; or metadata keys with the values they must equal."
)

LATEST: Arguments = {
    "latest": Argument(FLAG, "Where a name is that of several runs, take the newest that reported.", False)
}
ARTIFACT: Arguments = {"artifact_name": Argument(TEXT, "Ask about this artifact of the run, not the whole run.")}
AS_OF: Arguments = {
    "as_of": Argument(
        TEXT, "Answer as of this time: a date or time (ISO 8601, UTC unless it says its offset), or an age: 7d, 12h."
    )
}
DEPTH: Arguments = {
    "depth": Argument(whole_number(0), "At most so many sources away; not given: all the way. It cuts the answer.")
}
AFTER: Arguments = {
    "after": Argument(
        TEXT, "Where the page before ended: the text that it says gives the next page, with the same other arguments."
    )
}
VALUE: Arguments = {
    "value": Argument(
        TEXTS, 'All of one long value, in pieces: the "value" that stands beside its beginning in an answer.', ()
    )
}
IGNORE: Arguments = {
    "ignore": Argument(
        TEXTS, "Patterns (as in fnmatch) of metadata keys to leave out: KEY, of artifacts NAME.KEY, too.", ()
    )
}


def max_nodes(counted: str) -> Arguments:
    """The budget, with what counts as a node."""
    description = (
        f"The budget: at most so many are listed, and some {ROOM_OF_A_NODE} characters of text each. Counted are "
        f"{counted}."
    )
    return {"max_nodes": Argument(whole_number(1, LARGEST), description, DEFAULT)}
