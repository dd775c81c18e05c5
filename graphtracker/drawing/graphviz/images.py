"""A picture drawn by Graphviz: the one that pygraphviz carries, else the system's."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from math import sqrt

import graphviz

from graphtracker.drawing.graphviz import process, pygraphviz
from graphtracker.drawing.graphviz.colour_scheme import follows_scheme
from graphtracker.drawing.graphviz.dot import captioned_graph, dot_text, drawn_elements
from graphtracker.drawing.graphviz.html_labels import centred
from graphtracker.drawing.layout.fit import Layout, layout
from graphtracker.drawing.layout.parts import placed
from graphtracker.drawing.options import PIXELS_AN_INCH, SIZES, Size
from graphtracker.drawing.paired import Paired
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.style import Style
from graphtracker.errors import GraphTrackerError, MissingExtra
from graphtracker.model.display import quoted

_DOTS_PER_INCH = 144  # twice Graphviz's own: text stays sharp on the screens of today
_LARGEST_SIDE = 32_000  # pixels; Cairo draws none that has more than 32,767
_LARGEST_AREA = 100_000_000  # pixels, of four bytes each

# What libraries of Graphviz say about this machine's fonts. Cairo's word is not among it: where it gives up, Graphviz
# ends as if all were well, with the rest of the picture missing.
_NOISE = re.compile(r"^(Fontconfig (warning|error): |\(.*:\d+\): |\*\* ).*\n?", re.MULTILINE)
_FAILED = re.compile(r"^(Error|cairo): ", re.MULTILINE)

# Graphviz 2 writes the scale of a picture with two digits, so that some of it is beyond its edge.
_ROUNDED = re.compile(
    rb'(viewBox="0.00 0.00 [0-9.]+ ([0-9.]+)".*?)scale\((0.[0-9]{1,2}) \3\) '
    rb"(rotate\(0\) translate\(([0-9.]+) ([0-9.]+)\))",
    re.DOTALL,
)


def svg(picture: Picture | Paired) -> Iterator[bytes]:
    """The SVG text; raises MissingExtra where there is no Graphviz."""
    text = centred(_ROUNDED.sub(_scaled, b"".join(drawn("svg", _fitted(picture))), count=1))
    yield text if picture.options.dark else follows_scheme(text)


def png(picture: Picture | Paired) -> Iterator[bytes]:
    """The PNG; raises MissingExtra where there is no Graphviz.

    It has 144 dots an inch; where a size in pixels is asked for, no more pixels than that; where it could not be drawn
    otherwise, fewer.
    """
    return drawn("png", _fitted(picture, _dots))


def pdf(picture: Picture | Paired) -> Iterator[bytes]:
    """The PDF, of one page as large as the picture; raises MissingExtra where there is no Graphviz."""
    return drawn("pdf", _fitted(picture))


def _scaled(found: re.Match[bytes]) -> bytes:
    """With the scale at which the whole height, which begins after the padding, is that of the view."""
    before, height, _, after, padding, below = found.groups()
    scale = f"{float(height) / (float(padding) + float(below)):.6g}".encode()
    return b"%bscale(%b %b) %b" % (before, scale, scale, after)


def _fitted(
    picture: Picture | Paired, more: Callable[[Layout, Size | None], Style] = lambda way, size: {}
) -> Iterator[str]:
    """The DOT text of a picture that fits: in parts where it is far from that and Graphviz places them, scaled down to
    the size it is to have, with ``more`` attributes of the graph."""
    shown, asked, dark = drawn_elements(picture), picture.options.size, picture.options.dark
    said, caption = captioned_graph(picture, shown)
    way = layout(shown, picture.options, caption, whole=False)
    added = placed(shown, way, lambda text: b"".join(drawn("json0", text))) if way.parts else None
    if way.parts and added is None:
        way = layout(shown, picture.options, caption, whole=True)
    fitting = {"size": _written(way.frame)} if asked is not None else {}
    # Graphviz leaves half an inch around a page of a PDF, beyond the size that it is asked for.
    attributes = {**said, "margin": "0", **fitting, **more(way, asked)}
    if added is None:
        yield from dot_text(shown, {"rankdir": way.direction, **attributes}, dark=dark)
    else:
        yield from dot_text(shown, {"layout": "nop2", **attributes}, added, dark=dark)


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
    """What Graphviz makes of DOT text, in a process of its own; raises MissingExtra where there is none."""
    command = pygraphviz.command(kind) or [str(graphviz.DOT_BINARY), f"-T{kind}"]
    try:
        done = process.run(command, text)
    except process.NotStarted as error:
        raise _not_started(command[0], error.reason) from error
    said = _NOISE.sub("", done.stderr.decode(errors="replace"))
    if done.returncode or _FAILED.search(said) or not done.stdout:
        raise GraphTrackerError(f"Graphviz could not draw this lineage: {_reason(done, said)}")
    yield done.stdout


def _not_started(program: str, reason: OSError) -> GraphTrackerError:
    if isinstance(reason, FileNotFoundError):
        return MissingExtra(
            "drawing needs Graphviz: pip install 'graphtracker[draw]', or install the system's (apt-get install "
            "graphviz, brew install graphviz), or export the DOT text and draw it elsewhere"
        )
    if isinstance(reason, PermissionError):
        return MissingExtra(f"drawing needs Graphviz, whose program {program} cannot be run: {reason.strerror}")
    # Of this machine, which has no more files, processes or memory to give.
    return GraphTrackerError(f"{quoted(program)} could not be started to draw: {reason.strerror}")


def _reason(done: subprocess.CompletedProcess[bytes], said: str) -> str:
    told = " ".join(said.split())
    if done.returncode < 0:
        end = f"{signal.strsignal(-done.returncode)} ended its process, which may need more memory than there is"
        return f"{end}; draw less of it" + (f" ({told})" if told else "")
    return told or f"its process ended with code {done.returncode}" + ("" if done.stdout else " and wrote nothing")
