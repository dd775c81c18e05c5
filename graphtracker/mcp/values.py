"""One long value, piece by piece."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.mcp.budget import room_of
from graphtracker.mcp.reply import Reply, wider
from graphtracker.mcp.texts import piece_of, shown, written_out
from graphtracker.model.counted import counted
from graphtracker.model.display import quoted


def value_reply(value: object, way: Sequence[str], given: Mapping[str, Any]) -> Reply:
    """The piece of a value from behind so many characters, ``after``, as many as have room."""
    form, text = written_out(value)
    begin = _begin(given["after"], text)
    piece = piece_of(text, begin, room_of(given["max_nodes"]))
    end = begin + len(piece)
    left_out = [counted(len(text) - end, "character")] if end < len(text) else []
    return Reply(
        f"characters {begin:,} to {end:,} of {len(text):,} of one value, as {form}",
        {"value": [shown(part) for part in way], "form": form, "characters": len(text), "piece": piece},
        left_out,
        wider=wider(given["max_nodes"], 0) if left_out else None,
        after=str(end) if left_out else None,
    )


def _begin(after: str | None, text: str) -> int:
    if after is None:
        return 0
    if after.isascii() and after.isdigit() and len(after) < len(str(len(text))) + 1 and int(after) <= len(text):
        return int(after)
    raise InvalidInput(
        f"after is {quoted(after)}; of a value of {counted(len(text), 'character')} it is how many of them came before"
    )
