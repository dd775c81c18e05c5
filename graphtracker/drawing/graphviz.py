"""A picture drawn by Graphviz: the one that pygraphviz carries, else the system's."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator

import graphviz

from graphtracker.drawing import process, pygraphviz
from graphtracker.drawing.dot import dot_of
from graphtracker.drawing.paired import Paired
from graphtracker.drawing.picture import Picture
from graphtracker.errors import GraphTrackerError, MissingExtra

_DOTS_PER_INCH = "144"  # twice Graphviz's own: text stays sharp on the screens of today

# What libraries of Graphviz say about this machine's fonts. Cairo's word is not among it: where it gives up, Graphviz
# ends as if all were well, with the rest of the picture missing.
_NOISE = re.compile(r"^(Fontconfig (warning|error): |\(.*:\d+\): |\*\* ).*\n?", re.MULTILINE)
_FAILED = re.compile(r"^(Error|cairo): ", re.MULTILINE)


def svg(picture: Picture | Paired) -> Iterator[bytes]:
    """The SVG text; raises MissingExtra where there is no Graphviz."""
    return drawn("svg", dot_of(picture, picture.notes))


def png(picture: Picture | Paired) -> Iterator[bytes]:
    """The PNG at 144 dots an inch; raises MissingExtra where there is no Graphviz."""
    return drawn("png", dot_of(picture, picture.notes, dpi=_DOTS_PER_INCH))


def pdf(picture: Picture | Paired) -> Iterator[bytes]:
    """The PDF, of one page as large as the picture; raises MissingExtra where there is no Graphviz."""
    return drawn("pdf", dot_of(picture, picture.notes))


def drawn(kind: str, text: Iterator[str]) -> Iterator[bytes]:
    """What Graphviz makes of DOT text, in a process of its own; raises MissingExtra where there is none."""
    command = pygraphviz.command(kind) or [graphviz.DOT_BINARY, f"-T{kind}"]
    try:
        done = process.run(command, text)
    except FileNotFoundError as error:
        raise MissingExtra(
            "drawing needs Graphviz: pip install 'graphtracker[draw]', or install the system's (apt-get install "
            "graphviz, brew install graphviz), or export the DOT text and draw it elsewhere"
        ) from error
    except OSError as error:
        raise MissingExtra(f"drawing needs Graphviz, whose program dot cannot be run: {error.strerror}") from error
    said = _NOISE.sub("", done.stderr.decode(errors="replace"))
    if done.returncode or _FAILED.search(said):
        raise GraphTrackerError(f"Graphviz could not draw this lineage: {_reason(done, said)}")
    yield done.stdout


def _reason(done: subprocess.CompletedProcess[bytes], said: str) -> str:
    told = " ".join(said.split())
    if done.returncode < 0:
        end = f"{signal.strsignal(-done.returncode)} ended its process, which may need more memory than there is"
        return f"{end}; draw less of it" + (f" ({told})" if told else "")
    return told or f"its process ended with code {done.returncode}"
