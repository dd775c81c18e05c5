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
from graphtracker.model.styled import Emphasis, Line, plain

Item = TypeVar("Item")

_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff"
_WORDS = re.compile(f"[{_RIGHT_TO_LEFT}]+(?: [{_RIGHT_TO_LEFT}]+)*")
_MUCH = 1 << 16  # characters
_EMPHASIS: dict[Emphasis, str] = {"bold": "\x1b[1m", "dim": "\x1b[2m", "red": "\x1b[31m"}  # readable on any ground
_NO_LOOK = "\x1b[0m"
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


def say_all(lines: Iterable[str | Line]) -> None:
    """Lines of data on stdout, on a terminal as they should look."""
    dressed = _dressed if _styled() else _undressed
    _say_pieces(f"{dressed(line)}\n" for line in lines)


def page(lines: Iterable[str | Line]) -> None:
    """Lines of data on stdout, on a terminal as they should look; where that is shorter than they are, in the user's
    pager ($PAGER, less), of which not every one shows looks."""
    shown = list(lines)
    if is_terminal(sys.stdout) and len(shown) >= shutil.get_terminal_size().lines:
        import pydoc  # 30 ms, for long lists on a terminal

        environment.less_shows_as_git_does()
        pydoc.pager("".join(f"{_undressed(line)}\n" for line in shown))
        return
    say_all(shown)


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
    """Whether stdout is a terminal that knows styles, and nobody asked for none (https://no-color.org)."""
    return columns() is not None and environment.read("TERM") != "dumb" and not environment.read("NO_COLOR")


def _undressed(line: str | Line) -> str:
    return _shown(line if isinstance(line, str) else plain(line))


def _dressed(line: str | Line) -> str:
    """What would act is taken out of each part before its look is put around it."""
    if isinstance(line, str):
        return _shown(line)
    return "".join(
        _shown(text) if look == "plain" or not text else f"{_EMPHASIS[look]}{_shown(text)}{_NO_LOOK}"
        for text, look in line
    )


def _shown(text: str) -> str:
    """Words of right-to-left scripts turn nothing around them on a terminal, such as the arrow between two of them."""
    safe = printable(text)
    return safe if safe.isascii() or columns() is None else _WORDS.sub(rf"{_MARK}\g<0>{_MARK}", safe)
