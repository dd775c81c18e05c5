"""Files, alone or a folder of them, that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.signals import pass_on


def file_name(path: object) -> str:
    """The name of a file, of text, bytes or an ``os.PathLike``; raises InvalidInput."""
    try:
        return os.fsdecode(path)  # type: ignore[arg-type]  # refused below
    except Exception as error:  # the path's own code
        pass_on(error)
        raise InvalidInput(f"{quoted(path)} names no file; give its path as text or an os.PathLike") from error


def write_file(name: str, pieces: Iterable[bytes]) -> None:
    """Writes a whole file or nothing (a device or a pipe as it comes).

    Raises InvalidInput that names it, and whatever making the pieces does.
    """
    with _named(name, "file"):
        if os.path.exists(name) and not os.path.isfile(name):
            with open(name, "wb") as file:  # by this name: the pipe that /dev/stdout leads to has no other
                _write(file, pieces)
            return
        path = Path(os.path.realpath(name))
        if path.is_file() and _begins(path, b"SQLite format 3"):
            raise InvalidInput(f"{quoted(name)} is an SQLite file, maybe a store; name another file")
        _replace(path, pieces)


def write_folder(name: str, files: Iterable[tuple[str, Iterable[bytes]]]) -> None:
    """Writes a whole folder of files, each with its name in it, or nothing.

    A folder that holds nothing but plain files of these names is replaced. Raises InvalidInput that names it, and
    whatever making the pieces does.
    """
    import tempfile  # loads random and hashlib, which most commands never need

    with _named(name, "folder"):
        target = Path(os.path.realpath(name))
        _check_folder(target, name)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".graphtracker-") as beside:
            made = Path(beside) / "made"
            made.mkdir()
            names = [_write_inside(made, called, pieces) for called, pieces in _each(files)]
            if not os.path.lexists(target):
                made.rename(target)
                return
            _check_replaceable(target, name, names)
            made.chmod(target.stat().st_mode & 0o7777)
            _exchange(made, target, Path(beside) / "before")


@contextlib.contextmanager
def _named(name: str, kind: str) -> Iterator[None]:
    """Raises InvalidInput that names what cannot be written; what making the pieces raised, as it is."""
    try:
        yield
    except InvalidInput:
        raise
    except _NotMade as made_not:
        raise made_not.reason from made_not.reason.__cause__
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidInput(f"cannot write {quoted(name)}: {reason}; name another {kind}") from error


def _write_inside(folder: Path, called: str, pieces: Iterable[bytes]) -> str:
    path = folder / called
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        _write(file, pieces)
    return called


def _check_folder(target: Path, name: str) -> None:
    """Raises InvalidInput where no folder can be put in its place."""
    if os.path.lexists(target) and not target.is_dir():
        raise InvalidInput(f"{quoted(name)} is no folder, which this format needs; name another")
    here = Path.cwd()
    if target in (here, *here.parents):
        raise InvalidInput(f"{quoted(name)} is where this process is, which it would lose; name a folder in it")


def _check_replaceable(target: Path, name: str, names: Iterable[str]) -> None:
    """Raises InvalidInput where replacing it would take away more than an earlier export."""
    _check_folder(target, name)
    ours = {target / called for called in names}
    around = {folder for path in ours for folder in path.parents}
    for path in target.rglob("*"):
        if path.is_symlink() or path not in (around if path.is_dir() else ours):
            raise InvalidInput(f"{quoted(name)} holds {quoted(path.name)}, which is not of this export; name another")


def _exchange(made: Path, target: Path, before: Path) -> None:
    """Puts one folder in the place of another, which goes elsewhere, or stays where that fails."""
    try:
        target.rename(before)
        made.rename(target)
    except BaseException:  # an interrupt, too
        if not os.path.lexists(target):
            before.rename(target)
        raise


class _NotMade(Exception):
    """What making the pieces raised, which says nothing of the file."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(reason)
        self.reason = reason


_T = TypeVar("_T")


def _each(made: Iterable[_T]) -> Iterator[_T]:
    """What is made, one after another; raises _NotMade."""
    making = iter(made)
    while True:
        try:
            one = next(making)
        except StopIteration:
            return
        except (OSError, ValueError) as error:
            raise _NotMade(error) from error
        yield one


def _write(file: BinaryIO, pieces: Iterable[bytes]) -> None:
    for piece in _each(pieces):
        file.write(piece)


def _replace(path: Path, pieces: Iterable[bytes]) -> None:
    """Writes beside the file first, so that it is there as it was until all of the new one is written."""
    temporary = path.parent / f".graphtracker-{os.urandom(8).hex()}{path.suffix}"  # known before it is there
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            _write(file, pieces)
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else _new_file_mode())
        os.replace(temporary, path)
    except BaseException:  # an interrupt, too, leaves nothing beside the file
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _begins(path: Path, words: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(words)) == words


def _new_file_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
