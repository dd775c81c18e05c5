"""An answer as JSON text, which ``Lineage.from_dict`` reads back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from graphtracker.analysis.difference import Comparison
from graphtracker.exchange.dicts import artifact_to_dict, asked_to_dict, run_to_dict, source_to_dict
from graphtracker.model.display import printable_json
from graphtracker.model.encoding import compact
from graphtracker.model.question import Answer


def json_text(answer: Answer) -> Iterator[str]:
    """``Lineage.to_dict()`` as indented JSON with a closing newline, item by item."""
    yield pretty(asked_to_dict(answer)).removesuffix("\n}\n")
    yield from _items("runs", answer.runs.values(), run_to_dict)
    yield from _items("artifacts", answer.artifacts.values(), artifact_to_dict)
    yield from _items("sources", answer.sources, source_to_dict)
    yield "\n}\n"


def _items(name: str, items: Iterable[Any], to_dict: Callable[[Any], dict[str, Any]]) -> Iterator[str]:
    yield f',\n "{name}": ['
    comma = ""
    for item in items:
        yield f"{comma}\n  " + _printable(to_dict(item), "\n  ")
        comma = ","
    yield "\n ]" if comma else "]"


def difference_json(comparison: Comparison) -> Iterator[str]:
    """``Difference.to_dict()`` as indented JSON with a closing newline."""
    yield pretty(comparison.to_dict())


def json_array(items: Iterable[object]) -> Iterator[str]:
    """What ``pretty`` writes of a list of these JSON types, item by item."""
    beginning = "[\n "
    for item in items:
        yield beginning + _printable(item, "\n ")
        beginning = ",\n "
    yield "[]\n" if beginning.startswith("[") else "\n]\n"


def pretty(value: object) -> str:
    """JSON types as indented text with a closing newline, in which no character acts on a terminal."""
    return _printable(value, "\n") + "\n"


def _printable(value: object, line: str) -> str:
    return printable_json(_indented(value, line))


# Not json.dumps(indent=1): it is not the compiled one, and leaves a cycle of garbage behind each call; where no
# collector runs, as in a command, these come to eight times the text.
def _indented(value: object, line: str) -> str:
    """JSON types as text; ``line`` is what a line begins with at this depth, with the line feed before it."""
    inner = line + " "
    between = "," + inner
    if isinstance(value, dict) and value:
        members = [f"{compact(key)}: {_indented(item, inner)}" for key, item in value.items()]
        return f"{{{inner}{between.join(members)}{line}}}"
    if isinstance(value, (list, tuple)) and value:
        return f"[{inner}{between.join([_indented(item, inner) for item in value])}{line}]"
    return compact(value)
