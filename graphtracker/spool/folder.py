"""The spools that lie in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from graphtracker.environment import spool_folder
from graphtracker.errors import StoreError
from graphtracker.spool.file import SUFFIX
from graphtracker.spool.laid_out import Folder, open_plain, opened_folder
from graphtracker.spool.reader import SpoolReader
from graphtracker.spool.state import UnreadableSpool, unreadable
from graphtracker.spool.writer import temporary_folder


def spools_in(place: str, *, own: bool = False) -> Iterator[SpoolReader | UnreadableSpool]:
    """The spools of a folder, by name (which begins with the time), or the one at the path of a file.

    For what cannot be read as one, the error that says so; what is gone by now is passed by. With ``own`` it must be a
    folder of this user's.
    """
    try:
        with opened_folder(place, own=own) as (folder, descriptor):
            for name in sorted(os.listdir(descriptor)):
                if name.endswith(SUFFIX):
                    yield from _spool_or_error(folder, descriptor, name)
    except FileNotFoundError:
        return
    except OSError as error:
        if own:
            why = f"stands where spools of this user would, and is passed by ({error.strerror})"
            yield UnreadableSpool(place, f"{why}; have it removed, or set TMPDIR")
        elif isinstance(error, NotADirectoryError):
            yield from _spool_at(place)
        else:
            yield unreadable(place, error)


def _spool_at(path: str) -> Iterator[SpoolReader | UnreadableSpool]:
    above, name = os.path.split(path)
    try:
        with opened_folder(above or os.curdir) as (folder, descriptor):
            yield from _spool_or_error(replace(folder, path=above), descriptor, name)
    except OSError as error:
        yield unreadable(path, error)


def _spool_or_error(folder: Folder, descriptor: int, name: str) -> Iterator[SpoolReader | UnreadableSpool]:
    with suppress(FileNotFoundError):
        try:
            yield _spool(folder, descriptor, name)
        except UnreadableSpool as error:
            yield error


def _spool(folder: Folder, descriptor: int, name: str) -> SpoolReader:
    path = os.path.join(folder.path, name)
    try:
        file = open_plain(name, os.O_RDONLY, descriptor)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        return SpoolReader(folder, path, file)
    finally:
        os.close(file)


def default_spools() -> Iterator[SpoolReader | UnreadableSpool]:
    """The spools of this user: those in the default folder, and in the temporary one that stands in for it."""
    with suppress(StoreError):  # this user has no home, and so no spool there
        yield from spools_in(spool_folder())
    with suppress(OSError):  # there is no folder for temporary files
        yield from spools_in(temporary_folder(), own=True)
