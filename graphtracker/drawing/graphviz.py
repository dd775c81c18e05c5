"""A picture drawn by the system's Graphviz."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import graphviz

from graphtracker.drawing.colour_scheme import follows_scheme
from graphtracker.drawing.dot import dot_of
from graphtracker.drawing.paired import Paired
from graphtracker.drawing.picture import Picture
from graphtracker.errors import GraphTrackerError, MissingExtra

_DOTS_PER_INCH = "144"  # twice Graphviz's own: text stays sharp on the screens of today


def svg(picture: Picture | Paired) -> Iterator[bytes]:
    """The SVG text; raises MissingExtra where there is no ``dot`` on the PATH."""
    text = b"".join(drawn("svg", dot_of(picture)))
    yield text if picture.options.dark else follows_scheme(text)


def png(picture: Picture | Paired) -> Iterator[bytes]:
    """The PNG at 144 dots an inch; raises MissingExtra where there is no ``dot`` on the PATH."""
    return drawn("png", dot_of(picture, dpi=_DOTS_PER_INCH))


def pdf(picture: Picture | Paired) -> Iterator[bytes]:
    """The PDF, of one page as large as the picture; raises MissingExtra where there is no ``dot`` on the PATH."""
    return drawn("pdf", dot_of(picture))


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
