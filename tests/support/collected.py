"""All pages of an answer, put together as an agent does that follows what each answer says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from graphtracker import GraphTracker
from graphtracker.mcp.tools import answer

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
"""A tool and its arguments → its answer as data."""
_IDENTITY = ("run_id", "other_run_id", "artifact_name", "name", "number")
_CUT_INTO_PAGES = ("runs", "pairs", "explanations", "artifacts")


def asking(tracker: GraphTracker) -> Ask:
    """The tools themselves, without a server."""
    return lambda tool, arguments: json.loads(json.dumps(answer(tracker, tool, arguments).to_dict()))


def collected(ask: Ask, tool: str, **arguments: Any) -> dict[str, Any]:
    """The answer in full: of each row that goes on behind a page all its parts, of long values all that is known."""
    told = ask(tool, arguments)
    whole = deepcopy(told)
    while any("gives the next page" in way for way in told["for_more"]):
        assert not told["complete"]
        call = told["more"][0]
        told = ask(call["tool"], call["arguments"])
        _add(whole, told)
    return whole


def pieced_together(ask: Ask, tool: str, **arguments: Any) -> str:
    """The text of a long value."""
    pieces = []
    after = None
    while True:
        told = ask(tool, {**arguments, "after": after})
        pieces.append(told["piece"])
        if told["complete"]:
            return "".join(pieces)
        after = told["more"][0]["arguments"]["after"]


def _add(whole: dict[str, Any], part: dict[str, Any]) -> None:
    for key, value in part.items():
        there = whole.get(key)
        if isinstance(value, dict) and isinstance(there, dict):
            _add(there, value)
        elif isinstance(value, list) and isinstance(there, list) and key not in ("left_out", "more", "for_more"):
            _add_rows(there, value, key in _CUT_INTO_PAGES)
        else:
            whole[key] = value


def _add_rows(there: list[Any], rows: Iterable[Any], cut: bool) -> None:
    known = {_known_by(row): row for row in there if isinstance(row, dict)} if cut else {}
    for row in rows:
        if isinstance(row, dict) and _known_by(row) in known:
            _add(known[_known_by(row)], row)
        else:
            there.append(row)


def _known_by(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(key) for key in _IDENTITY)
