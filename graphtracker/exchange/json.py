"""An answer as JSON text, which ``Lineage.from_dict`` reads back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from graphtracker.analysis.difference import Comparison
from graphtracker.exchange.dicts import artifact_to_dict, asked_to_dict, run_to_dict, source_to_dict
from graphtracker.model.display import printable_json
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
        yield f"{comma}\n  " + _indented(to_dict(item)).replace("\n", "\n  ")
        comma = ","
    yield "\n ]" if comma else "]"


def difference_json(comparison: Comparison) -> Iterator[str]:
    """``Difference.to_dict()`` as indented JSON with a closing newline."""
    yield pretty(comparison.to_dict())


def json_array(items: Iterable[object]) -> Iterator[str]:
    """What ``pretty`` writes of a list of these JSON types, item by item."""
    beginning = "[\n "
    for item in items:
        yield beginning + _indented(item).replace("\n", "\n ")
        beginning = ",\n "
    yield "[]\n" if beginning.startswith("[") else "\n]\n"


def pretty(value: object) -> str:
    """JSON types as indented text with a closing newline, in which no character acts on a terminal."""
    return _indented(value) + "\n"


def _indented(value: object) -> str:
    return printable_json(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1))
