"""Where model cards lie, which tells of what model they are."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from graphtracker.exchange.given import FILE_OR_FOLDER, given
from graphtracker.exchange.model_card.fields import is_id
from graphtracker.exchange.report import Report

CARD = "README.md"
"""The name of a model card's file."""

_WANTED = f"give a {CARD} or a folder of them"
_CACHED = re.compile(r"(models|datasets|spaces)--(.+)")
_TICK = 1000  # ns of what a datetime holds


class Card(NamedTuple):
    """A card, the time (ns) of its last change, and the model's id and revision where its folders tell them."""

    path: Path
    changed: int
    model: str | None
    revision: str | None


def cards(source: str, report: Report) -> Iterator[Card]:
    """The card that is named, or each one in a folder and below it, in the order of names.

    Links to files are followed, as the Hub's cache is made of them, those to folders are not. Raises as ``given``.
    """
    path = given(source, FILE_OR_FOLDER, _WANTED)
    for file, folders in _files(path, report) if path.is_dir() else [(path, _as_given(path.parent))]:
        try:
            status = file.stat()
        except OSError:
            report.leave_out("files that cannot be read")
            continue
        if stat.S_ISREG(status.st_mode):
            yield from _card(file, folders, status.st_mtime_ns // _TICK * _TICK, report)
        else:
            report.leave_out("files that cannot be read")


def _files(path: Path, report: Report) -> Iterator[tuple[Path, Sequence[str]]]:
    """Each card with the folders by which it may be known."""
    for folder, below, files in os.walk(path, onerror=lambda _: report.leave_out("folders that cannot be read")):
        below.sort()
        if CARD in files:
            yield Path(folder, CARD), Path(folder).relative_to(path).parts or _as_given(path)


def _as_given(folder: Path) -> Sequence[str]:
    """The parts of a relative path; those of an absolute one are anybody's."""
    return () if folder.is_absolute() else folder.parts


def _card(file: Path, folders: Sequence[str], changed: int, report: Report) -> Iterator[Card]:
    parts = file.absolute().parent.parts
    cached = [number for number, part in enumerate(parts) if _CACHED.fullmatch(part)]
    if not cached:
        name = "/".join(folders)
        yield Card(file, changed, name if len(folders) == 2 and is_id(name) else None, None)
        return
    inside = parts[cached[-1] + 1 :]
    kind, _, name = parts[cached[-1]].partition("--")
    if kind != "models":
        report.leave_out("cards of datasets or spaces")
    elif len(inside) == 2 and inside[0] == "snapshots" and is_id(model := name.replace("--", "/", 1)):
        yield Card(file, changed, model, inside[1])
    else:
        report.leave_out("files below the top of a model")
