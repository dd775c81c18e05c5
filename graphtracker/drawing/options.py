"""How a picture is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted


class Size(NamedTuple):
    """Width and height, in inches."""

    width: float
    height: float


SIZES = {"a4": Size(11.69, 8.27), "slide": Size(13.33, 7.5)}
"""By name; paper (ISO 216) may be turned, a slide may not."""

PIXELS_AN_INCH = 96
"""Of CSS, https://www.w3.org/TR/css-values-4/#absolute-lengths."""

_LEAST, _MOST = 100, 20_000  # pixels; 16x9 is meant as a ratio, which a picture of 16 pixels is not
_PIXELS = re.compile(r"([0-9]{1,9})[x\u00d7]([0-9]{1,9})")


def size_of(asked: object) -> Size:
    """The size that a name, or WxH in pixels, means; raises InvalidInput.

    >>> size_of("slide"), size_of("960x480")
    (Size(width=13.33, height=7.5), Size(width=10.0, height=5.0))
    """
    text = asked.lower() if isinstance(asked, str) else ""
    named = SIZES.get(text)
    pixels = _PIXELS.fullmatch(text)
    if named is not None:
        return named
    if pixels is None or not all(_LEAST <= int(side) <= _MOST for side in pixels.groups()):
        names = " or ".join(SIZES)
        raise InvalidInput(
            f"{quoted(asked)} is no size; use {names}, or WIDTHxHEIGHT in pixels from {_LEAST} to {_MOST:,}, "
            "such as '1200x800'"
        )
    return Size(*(int(side) / PIXELS_AN_INCH for side in pixels.groups()))


@dataclass(frozen=True)
class PictureOptions:
    """What a picture shows of an answer, and how."""

    everything: bool = False
    """All of a large answer, not the neighbourhood of the start."""
    expand: bool = False
    """Each run of a sweep and each artifact, not stacks of them."""
    labels: tuple[str, ...] = ()
    """Metadata keys whose values stand in the nodes; nested ones are dotted."""
    bare: bool = False
    """Neither title nor legend; what a picture leaves out is said all the same."""
    dark: bool = False
    """Light on dark."""
    vertical: bool | None = None
    """From top to bottom (False: from left to right); None: as it fits."""
    size: Size | None = None
    """What it has to fit: it is laid out for this, and scaled down into it, never up. None: a picture is laid out for a
    screen, and as large as it is."""


PLAIN = PictureOptions()
"""Of a picture of which nothing was asked."""


def options_of(
    *,
    everything: bool = False,
    expand: bool = False,
    labels: Iterable[str] | None = None,
    bare: bool = False,
    dark: bool = False,
    vertical: bool | None = None,
    size: str | None = None,
) -> PictureOptions:
    """The options that people ask for in these words; raises InvalidInput."""
    if not (vertical is None or isinstance(vertical, bool)):
        raise InvalidInput(f"vertical is True, False, or None for what fits, not {quoted(vertical)}")
    keys = () if labels is None else _keys(labels)
    return PictureOptions(everything, expand, keys, bare, dark, vertical, None if size is None else size_of(size))


def _keys(labels: Iterable[str]) -> tuple[str, ...]:
    """Metadata keys as they are given."""
    try:
        found = (None,) if isinstance(labels, (str, bytes)) else tuple(labels)  # a text would be a key a letter
    except TypeError:
        found = (None,)
    if not all(isinstance(key, str) for key in found):
        raise InvalidInput(f"labels are metadata keys, such as ['lr', 'optim.name'], not {quoted(labels)}")
    return tuple(map(str, found))
