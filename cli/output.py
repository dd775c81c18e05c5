"""What commands write to a terminal or a pipe."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TextIO, TypeVar

import typer

from graphtracker import environment
from graphtracker.exchange.json import json_array, pretty
from graphtracker.model.cells import fitted, width
from graphtracker.model.display import printable, quoted

Item = TypeVar("Item")

_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff"
_WORDS = re.compile(f"[{_RIGHT_TO_LEFT}]+(?: [{_RIGHT_TO_LEFT}]+)*")
_BRANCHES = ("", " ", "├", "└", "│", "⋯")
_MUCH = 1 << 16  # characters
_MARK = "\u200e"  # left-to-right mark: it has no width


def is_terminal(stream: TextIO | None) -> bool:
    """Whether someone looks at it; a stream that was closed before the start is None."""
    return stream is not None and stream.isatty()


def columns() -> int | None:
    """Columns of the terminal that stdout is; None where it is none."""
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None


def wrapped(text: str, room: int | None) -> Iterator[str]:
    """The lines of a sentence, in at most ``room`` columns each; a word that has no room is shortened.

    >>> list(wrapped("nothing is stale: 4 uses compared", 18))
    ['nothing is stale:', '4 uses compared']
    """
    line = ""
    for word in printable(text).split(" "):
        piece = fitted(word, room)
        if line and room is not None and width(line) + 1 + width(piece) > room:
            yield line
            line = ""
        line += f" {piece}" if line else piece
    yield line


def say(text: str = "") -> None:
    """A line of data on stdout, with nothing in it that a terminal would obey."""
    typer.echo(_shown(text))


def say_all(lines: Iterable[str]) -> None:
    """Lines of data on stdout; on a terminal those that neither branch nor are indented are bold."""
    shown = [_shown(line) for line in lines]
    typer.echo("\n".join(map(_bold, shown) if _styled() else shown))


def page(lines: Iterable[str], *, heading: bool = False) -> None:
    """Lines of data on stdout; on a terminal that is shorter than they are, in the user's pager ($PAGER, less).

    A heading, the first line, is bold on a terminal; not every pager shows that.
    """
    shown = [_shown(line) for line in lines]
    if is_terminal(sys.stdout) and len(shown) >= shutil.get_terminal_size().lines:
        import pydoc  # 30 ms, for long lists on a terminal

        environment.less_shows_as_git_does()
        pydoc.pager("\n".join(shown) + "\n")
        return
    if heading and shown and _styled():
        shown[0] = _bold(shown[0])
    _say_pieces(f"{line}\n" for line in shown)


def say_rows(rows: Iterable[Iterable[str]]) -> None:
    """Lines of data on stdout, a tab between the cells."""
    _say_pieces("\t".join(map(printable, row)) + "\n" for row in rows)


def say_json(document: object) -> None:
    """JSON types as indented text on stdout."""
    typer.echo(pretty(document), nl=False)


def say_json_array(items: Iterable[object]) -> None:
    """JSON types as an indented list on stdout, which is never held as a whole."""
    _say_pieces(json_array(items))


def _say_pieces(pieces: Iterable[str]) -> None:
    """Text on stdout, much of it at a time: each time the stream is flushed."""
    gathered: list[str] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece)
        if size >= _MUCH:
            typer.echo("".join(gathered), nl=False)
            gathered, size = [], 0
    if gathered:
        typer.echo("".join(gathered), nl=False)


def write(pieces: Iterable[bytes]) -> None:
    """Data on stdout as it is made."""
    for piece in pieces:
        typer.echo(piece, nl=False)


def tell(text: str) -> None:
    """A line for the reader on stderr."""
    typer.echo(f"graphtracker: {printable(text)}", err=True)


def tell_some(what: str, items: Sequence[Item], named: Callable[[Item], str] = quoted, *, most: int = 20) -> None:
    """Lines for the reader on stderr: how many items there are, then the names of the first ones, one a line."""
    tell(f"{what}: {len(items):,}")
    more = [f"and {len(items) - most:,} more"] if 0 < most < len(items) else []
    for line in [*map(named, items[:most]), *more]:
        typer.echo(f"  {printable(line)}", err=True)


def _styled() -> bool:
    return columns() is not None and environment.read("TERM") != "dumb"


def _shown(text: str) -> str:
    """Words of right-to-left scripts turn nothing around them on a terminal, such as the arrow between two of them."""
    safe = printable(text)
    return safe if safe.isascii() or columns() is None else _WORDS.sub(rf"{_MARK}\g<0>{_MARK}", safe)


def _bold(line: str) -> str:
    """No colours: whether one can be read depends on the terminal's own."""
    return line if line[:1] in _BRANCHES else typer.style(line, bold=True)
