"""Text of others as a model may be shown it: no character acts or hides, long values are cut."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphtracker.model.display import printable
from graphtracker.model.encoding import to_json

# What nobody sees, beside what ``printable`` writes out: text for models alone can be hidden in it. Joiners (U+200C,
# U+200D) and the emoji style (U+FE0F) are part of what people write.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u206f\u3164\ufe00-\ufe0e\uffa0\U000e0080-\U000e0fff]"
)
_WRITTEN = re.compile(r"\\u([0-9a-f]{4})")
LONGEST_TEXT = 300
"""Characters of a path or a command that are shown of it."""


def shown(text: str) -> str:
    r"""The text with every character that acts, or that nobody sees, written as ``\uXXXX``; no other is written so.

    A backslash is, too, where what it begins looks like such a character.

    >>> shown("a\u200bb\x1b[31m"), shown(r"a\u200bb")
    ('a\\u200bb\\u001b[31m', 'a\\u005cu200bb')
    """
    literal = _WRITTEN.sub(r"\\u005cu\1", text) if r"\u" in text else text
    return message_shown(literal)


def message_shown(text: str) -> str:
    """As ``shown`` has it of a text of ours, in which texts of others may be written out already."""
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub(_escape, printable(text))


def meant(text: str) -> str:
    r"""The text that ``shown`` wrote, read back.

    >>> meant(shown("a\x1b\U000e0041")) == "a\x1b\U000e0041", meant(shown(r"a\u200bb")) == r"a\u200bb"
    (True, True)
    """
    units = _WRITTEN.sub(lambda found: chr(int(found[1], 16)), text)
    return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def _escape(character: re.Match[str]) -> str:
    units = character[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


class Beginning(dict[str, Any]):
    """What is shown of a text or value that is too long: its beginning, and how many characters it has.

    Under ``value`` stands what show is asked for the whole of it by, where that is known.
    """

    def __init__(self, text: str, longest: int, characters: int, way: Sequence[str] = ()) -> None:
        super().__init__(beginning=text[:longest], characters=characters)
        if way:
            self["value"] = list(way)


def value_shown(value: object, longest: int = LONGEST_TEXT, way: Sequence[str] = ()) -> Any:
    """A metadata value in JSON's types, safe to show; of a long one the Beginning as text.

    >>> value_shown([1, "a"]), value_shown("x" * 400, 3)
    ([1, 'a'], {'beginning': 'xxx', 'characters': 400})
    """
    if isinstance(value, str):
        return text_shown(value, longest, way)
    plain = _all_shown(to_json(value))
    text = json.dumps(plain, ensure_ascii=False)
    return plain if len(text) <= longest else Beginning(text, longest, len(text), way)


def text_shown(text: str, longest: int = LONGEST_TEXT, way: Sequence[str] = ()) -> Any:
    """A text, safe to show; of a long one the Beginning."""
    safe = shown(text[: longest + 1])
    if len(safe) <= longest:
        return safe
    return Beginning(safe, longest, len(text), way)


def written_out(value: object) -> tuple[str, str]:
    """The whole value as a text that is safe to show, behind what that is: ``"text"``, or ``"JSON"``.

    >>> written_out("a"), written_out([1, 2])
    (('text', 'a'), ('JSON', '[1, 2]'))
    """
    if isinstance(value, str):
        return "text", shown(value)
    return "JSON", json.dumps(_all_shown(to_json(value)), ensure_ascii=False)


def piece_of(text: str, begin: int, longest: int) -> str:
    r"""The piece of a text that is safe to show from a character on; no character that is written out is divided.

    >>> piece_of(r"ab\u001b", 0, 5), piece_of(r"ab\u001b", 2, 6)
    ('ab', '\\u001b')
    """
    piece = text[begin : begin + longest]
    divided = _DIVIDED.search(piece) if begin + longest < len(text) else None
    return piece[: divided.start()] if divided and divided.start() else piece


_DIVIDED = re.compile(r"\\(u[0-9a-f]{0,3})?\Z")


def _all_shown(value: Any) -> Any:
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list):
        return [_all_shown(item) for item in value]
    if isinstance(value, Mapping):
        return {shown(key): _all_shown(item) for key, item in value.items()}
    return value
