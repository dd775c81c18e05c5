"""A picture drawn by the system's Graphviz."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from math import sqrt

import graphviz

from graphtracker.drawing.dot import dot_text, drawn_elements, noted
from graphtracker.drawing.fit import Layout, layout
from graphtracker.drawing.options import PIXELS_AN_INCH, SIZES, Size
from graphtracker.drawing.paired import Paired
from graphtracker.drawing.parts import placed
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.style import Style
from graphtracker.errors import GraphTrackerError, MissingExtra

_DOTS_PER_INCH = 144  # twice Graphviz's own: text stays sharp on the screens of today
_LARGEST_SIDE = 32_000  # pixels; Cairo draws none that has more than 32,767
_LARGEST_AREA = 100_000_000  # pixels, of four bytes each


def svg(picture: Picture | Paired) -> Iterator[bytes]:
    """The SVG text; raises MissingExtra where there is no ``dot`` on the PATH."""
    return drawn("svg", _fitted(picture))


def png(picture: Picture | Paired) -> Iterator[bytes]:
    """The PNG; raises MissingExtra where there is no ``dot`` on the PATH.

    It has 144 dots an inch; where a size in pixels is asked for, no more pixels than that; where it could not be drawn
    otherwise, fewer.
    """
    return drawn("png", _fitted(picture, _dots))


def pdf(picture: Picture | Paired) -> Iterator[bytes]:
    """The PDF, of one page as large as the picture; raises MissingExtra where there is no ``dot`` on the PATH."""
    return drawn("pdf", _fitted(picture))


def _fitted(
    picture: Picture | Paired, more: Callable[[Layout, Size | None], Style] = lambda way, size: {}
) -> Iterator[str]:
    """The DOT text of a picture that fits: in parts where it is far from that, scaled down to the size it is to have,
    with ``more`` attributes of the graph."""
    shown, asked = drawn_elements(picture), picture.options.size
    way = layout(shown, picture.options, whole=False)
    fitting = {"size": _written(way.frame)} if asked is not None else {}
    attributes = {**noted(picture.notes), **fitting, **more(way, asked)}
    if way.parts:
        added = placed(shown, way, lambda text: b"".join(drawn("json0", text)))
        yield from dot_text(shown, {"layout": "nop2", **attributes}, added)
    else:
        yield from dot_text(shown, {"rankdir": way.direction, **attributes})


def _dots(way: Layout, asked: Size | None) -> Style:
    if asked is not None:
        return {"dpi": str(_DOTS_PER_INCH if asked in SIZES.values() else PIXELS_AN_INCH)}
    width, height = (side * _DOTS_PER_INCH for side in way.size)
    most = min(1.0, _LARGEST_SIDE / max(width, height, 1.0), sqrt(_LARGEST_AREA / max(width * height, 1.0)))
    dots = max(1, int(_DOTS_PER_INCH * most))
    longest = _LARGEST_SIDE / dots
    return {"dpi": str(dots), "size": _written(Size(longest, longest))}


def _written(size: Size) -> str:
    return f"{size.width:.2f},{size.height:.2f}"


def drawn(kind: str, text: Iterator[str]) -> Iterator[bytes]:
    """What ``dot`` makes of DOT text; raises MissingExtra where there is none on the PATH."""
    command = [graphviz.DOT_BINARY, f"-T{kind}"]
    try:
        done = subprocess.run(command, input="".join(text).encode(), capture_output=True)  # noqa: S603  # our own words
    except FileNotFoundError as error:
        raise MissingExtra(
            "drawing needs Graphviz, whose program dot is not on the PATH; install it (apt-get install graphviz, "
            "brew install graphviz), or export the DOT text and draw it elsewhere"
        ) from error
    except OSError as error:
        raise MissingExtra(f"drawing needs Graphviz, whose program dot cannot be run: {error.strerror}") from error
    said = done.stderr.decode(errors="replace")
    # Where Cairo gives up, dot ends as if all were well, with the rest of the picture missing.
    if done.returncode or said.startswith("cairo: ") or "\ncairo: " in said:
        reason = " ".join(said.split()) or f"dot ended with code {done.returncode}"
        raise GraphTrackerError(f"Graphviz could not draw this lineage: {reason}")
    yield done.stdout
