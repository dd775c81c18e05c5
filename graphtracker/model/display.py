"""Text of others, made safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from graphtracker.model.signals import pass_on

# C0, C1 and line separators would act on a terminal or break a line; the bidirectional controls would reorder
# what stands around them. Letters of right-to-left scripts themselves are shown as they are. Noncharacters are no text
# (Unicode 23.7; Cairo ends a PDF at the first one), and tags are text that nobody sees (23.9).
_C0 = "\x00-\x1f"
_BEYOND = "\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\uffff\ud800-\udfff"
_BEYOND += "\ufdd0-\ufdef\U000e0000-\U000e007f"
_BEYOND += "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
_ACTIVE = re.compile(f"[{_C0}{_BEYOND}]")
_ACTIVE_IN_JSON = re.compile(f"[{_BEYOND}]")


def printable(text: str) -> str:
    r"""The text with every character that acts instead of showing written as ``\uXXXX`` (two of them, as in JSON).

    >>> printable("a\x1b[31mb")
    'a\\u001b[31mb'
    """
    return text if text.isascii() and text.isprintable() else _ACTIVE.sub(_escape, text)


def printable_json(text: str) -> str:
    r"""JSON text of the same value without such characters: JSON escapes C0 itself, and reads ``\uXXXX`` back."""
    return text if text.isascii() and "\x7f" not in text else _ACTIVE_IN_JSON.sub(_escape, text)


def _escape(character: re.Match[str]) -> str:
    units = character[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def shorten(text: str, length: int) -> str:
    """The text itself, or its two ends around an ellipsis, at most ``length`` characters in all.

    >>> shorten("s3://bucket/a/very/long/path/train.csv", 20)
    's3://buck…/train.csv'
    """
    if len(text) <= length:
        return text
    tail = length // 2
    return f"{text[: length - tail - 1]}…{text[-tail:]}"


def listed(words: Iterable[str]) -> str:
    """The words as a sentence has them.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *others, last = [*words] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def quoted(text: object) -> str:
    """The text in quotes, printable and short: how messages name a value. Of objects only the type is named."""
    if type(text) is bytes:
        return printable(shorten(repr(text), 200))
    try:
        shown = str(text) if isinstance(text, _TRUSTED) else f"<{type(text).__name__}>"
    except Exception as error:  # noqa: BLE001  # a subclass, a member of a tuple, or an integer of too many digits
        pass_on(error)
        shown = f"<{type(text).__name__}>"
    return f"'{printable(shorten(shown, 200))}'"


# Others may have a __str__ that raises, or changes from call to call.
_TRUSTED = (str, int, float, tuple, date, BaseException, type(None))
