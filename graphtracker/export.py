"""An answer in each of the formats, which are imported on use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from graphtracker.analysis.difference import Comparison
from graphtracker.drawing.options import PLAIN, PictureOptions
from graphtracker.drawing.paired import MOST, Paired
from graphtracker.drawing.picture import LARGEST_PAGE, Picture, as_fits, most_fitting, readable
from graphtracker.drawing.room import LARGEST
from graphtracker.errors import InvalidInput
from graphtracker.exchange.json import difference_json
from graphtracker.files import write_file, write_folder
from graphtracker.formats import (
    BOUNDED,
    DATA,
    DIFFERENCES,
    FOLDERS,
    FORMATS,
    LOOKS,
    OF_DIFFERENCES,
    PICTURES,
    UNSAID,
    format_of,
    named_format,
)
from graphtracker.model.display import listed, quoted
from graphtracker.model.question import Answer

_PIECE = 1 << 16  # bytes


def save(
    answer: Answer,
    path: str,
    format: str | None = None,
    options: PictureOptions = PLAIN,
    *,
    tell: Callable[[str], None] | None = None,
) -> None:
    """Writes the answer to a file, or to a folder where the format is several files, whole or not at all.

    Without a format the suffix names it; a folder is named without one. What ``export`` would tell is told of what has
    been written. Raises InvalidInput, also for a path that cannot be written, and as ``export``.
    """
    chosen = format_of(path) if format is None else format
    said: list[str] = []
    if chosen not in FOLDERS or named_format(path) == chosen:
        write_file(path, export(answer, chosen, options, tell=None if tell is None else said.append))
    else:
        _check(chosen, FORMATS, options, LOOKS)
        write_folder(path, _function(FOLDERS[chosen])(answer))
        said.extend(() if tell is None else _unsaid(answer, chosen))
    if tell is not None:
        for what in said:
            tell(what)


def export(
    answer: Answer,
    format: str,
    options: PictureOptions = PLAIN,
    *,
    tell: Callable[[str], None] | None = None,
) -> Iterator[bytes]:
    """The answer in a format, in pieces of about 64 kB as they are made.

    Text is UTF-8; data, and DOT, whole. Any other picture is what ``readable`` makes of the answer with the options;
    ``tell`` is told, behind the last piece, what it leaves out or cannot say, or with ``options.everything`` what is
    more than its readers draw. Raises InvalidInput for an unknown format, for one of several files, for an option that
    it does not take and, from its first piece on, MissingExtra where a tool or library is missing.
    """
    _check(format, FORMATS, options, LOOKS)
    if format in DATA:
        return _telling(_pieces(_function(DATA[format])(answer)), lambda: _unsaid(answer, format), tell)
    if format in FOLDERS:
        raise InvalidInput(f"{format} is several files; name a folder for them")
    return _drawn(_picture(answer, format, options), format, PICTURES, tell)


def _telling(
    pieces: Iterator[bytes], said: Callable[[], Iterable[str]], tell: Callable[[str], None] | None
) -> Iterator[bytes]:
    """The pieces; then, of what has been written, ``tell`` is told what is to be said."""
    yield from pieces
    if tell is not None:
        for what in said():
            tell(what)


def _unsaid(answer: Answer, format: str) -> list[str]:
    """What the format cannot say."""
    unsaid = _function(UNSAID[format])(answer) if format in UNSAID else None
    return [] if unsaid is None else [unsaid]


def _picture(answer: Answer, format: str, options: PictureOptions) -> Picture:
    if format == "dot":  # for programs, which have their own ways to draw much
        return Picture(answer, options=options)
    largest = LARGEST_PAGE if format == "html" else LARGEST
    picture = readable(answer, options, largest=largest, on_edges=format != "html")
    return as_fits(picture, _fits(format)) if format in BOUNDED and not options.everything else picture


def export_difference(
    comparison: Comparison,
    format: str,
    options: PictureOptions = PLAIN,
    *,
    tell: Callable[[str], None] | None = None,
) -> Iterator[bytes]:
    """The difference as JSON, or both lineages in one picture, in pieces of about 64 kB.

    A large picture has the first differences and what leads to them, unless ``options.everything``; ``tell`` is told
    what it leaves out. Raises as ``export``.
    """
    _check(format, OF_DIFFERENCES, options, {**LOOKS, "labels": ()})
    if format == "json":
        return _pieces(difference_json(comparison))
    return _drawn(_paired(comparison, format, options), format, DIFFERENCES, tell)


def _check(format: str, formats: Sequence[str], options: PictureOptions, looks: Mapping[str, Sequence[str]]) -> None:
    """Raises InvalidInput for what is none of the formats, and for looks that it does not take."""
    if format not in formats:
        raise InvalidInput(f"unknown format {quoted(format)}; use one of {', '.join(formats)}")
    for look, takers in looks.items():
        if format not in takers and getattr(options, look) != getattr(PLAIN, look):
            owners = listed(name for name in formats if name in takers) or "pictures of one lineage"
            raise InvalidInput(f"{format} takes no {quoted(look)}, which is an option of {owners}; leave it out")


def _paired(comparison: Comparison, format: str, options: PictureOptions) -> Paired:
    most = MOST
    if format in BOUNDED and not options.everything:
        fits = _fits(format)
        most = most_fitting(MOST, lambda number: fits(Paired(comparison, options, most=number)))
    return Paired(comparison, options, most=most)


def _fits(format: str) -> Callable[[Picture | Paired], bool]:
    beyond = _function(BOUNDED[format])
    return lambda picture: beyond(picture) is None


def _drawn(
    picture: Picture | Paired, format: str, formats: Mapping[str, str], tell: Callable[[str], None] | None
) -> Iterator[bytes]:
    return _telling(_pieces(_function(formats[format])(picture)), lambda: _left_out(picture, format), tell)


def _left_out(picture: Picture | Paired, format: str) -> Iterator[str]:
    """What a picture does not show, or is more than its readers draw."""
    too_much = _function(BOUNDED[format])(picture) if format in BOUNDED and picture.options.everything else None
    return filter(None, (picture.left_out, too_much))


def _function(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


def _pieces(parts: Iterator[str | bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for part in parts:
        waiting += part.encode() if isinstance(part, str) else part
        if len(waiting) >= _PIECE:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)
