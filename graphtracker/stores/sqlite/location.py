"""Where a store's file lies: what keeps this user from it, said with the way out."""

from __future__ import annotations

import errno
import os
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from graphtracker.errors import AccessDenied, StoreError, StoreUnavailable
from graphtracker.model.display import quoted

_BESIDE = ("-wal", "-shm")  # what SQLite calls its other files
_DESCRIPTORS = 4  # of the file, of the two beside it, and one to spare
_LONGEST_PATH = 500  # bytes; MAX_PATHNAME of SQLite, less what it appends


@dataclass(frozen=True)
class Location:
    """The path of a store's file; ``shown`` is how messages name the store."""

    path: str
    shown: str

    @property
    def real(self) -> str:
        """The path with its links followed, as SQLite follows them: its other files lie there, too."""
        return os.path.realpath(self.path)

    def check_kind(self) -> None:
        """Raises StoreError where it is a folder."""
        if os.path.isdir(self.path):
            raise StoreError(f"{self._store} is a folder; name a file in it, such as lineage.db")

    def check(self, begun: bool) -> None:
        """Raises a StoreError that says why no store can be written here, where one has been ``begun`` or not."""
        self.check_kind()
        real = self.real
        if os.path.exists(real) and not os.path.isfile(real):
            raise StoreError(f"{self._store} is no regular file; name another")
        if not os.path.isdir(os.path.dirname(real)):
            raise StoreError(f"{self._folder(real)} does not exist; make it, or name another")
        hindrance = self.unwritable("written" if begun else "written (or made)")
        if hindrance is not None:
            raise hindrance

    def make_file(self) -> None:
        """Makes an empty file with the rights that the umask gives, where there is none; SQLite would give fewer.

        It is not opened: to close a file ends all locks that this process has on it (fcntl(2)), and another thread may
        have made it by now and be writing. Where only root may do so (macOS), it is left to SQLite.
        """
        try:
            os.mknod(self.real, 0o666)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise self.full() from error

    def unwritable(self, what: str) -> StoreError | None:
        """Why this user may not write to the file and make others beside it; None where nothing is in the way."""
        real = self.real
        places = [os.path.dirname(real), *([real] if os.path.exists(real) else [])]
        if all(os.access(place, os.W_OK) for place in places):
            return None
        with suppress(OSError):
            if any(os.statvfs(place).f_flag & os.ST_RDONLY for place in places):
                return StoreError(f"{self._store} lies on a file system that can only be read; name another")
        return self.denied(what)

    def unopened(self) -> StoreError:
        """Why SQLite could not open the file or one beside it, of which it says no more."""
        real = self.real
        try:
            with ExitStack() as stack:
                for _ in range(_DESCRIPTORS):  # not of the store's file, whose locks would go (see make_file)
                    stack.callback(os.close, os.open(os.devnull, os.O_RDONLY))
            for path in (os.path.dirname(real), *(real + suffix for suffix in _BESIDE)):
                with suppress(FileNotFoundError):
                    os.stat(path)
        except OSError as error:
            return self.failed(error, "opened")
        if len(os.fsencode(real)) > _LONGEST_PATH:
            return StoreError(f"{self._store} has a path that is longer than SQLite takes; name another")
        if os.path.exists(real) and not os.access(real, os.R_OK):
            return self.denied("opened")
        return self.unwritable("opened") or StoreError(
            f"{self._store} cannot be opened, and SQLite does not say why; try again, or name another"
        )

    def failed(self, error: OSError, what: str) -> StoreError:
        """What the system refused, as one of our errors; ``what`` could not be done to the store."""
        if error.errno in (errno.EACCES, errno.EPERM):
            return self.denied(what)
        if error.errno in (errno.EMFILE, errno.ENFILE):
            return StoreUnavailable(
                f"{self._store} cannot be {what} ({error.strerror}); close some files, or allow more (ulimit -n)"
            )
        return StoreError(f"{self._store} cannot be {what} ({error.strerror}); name another")

    def full(self) -> StoreError:
        """The error that says that there is no room."""
        return StoreError(f"the disk of {self._store} is full; make room and record again")

    def denied(self, what: str) -> AccessDenied:
        """The error that says that this user has not the rights."""
        return AccessDenied(
            f"{self._store} may not be {what} by this user; change its rights (and its folder's), or name another"
        )

    @property
    def _store(self) -> str:
        return f"the store {quoted(self.shown)}"

    def _folder(self, real: str) -> str:
        if os.path.islink(self.path):
            return f"{self._store} is a link to {quoted(real)}, whose folder"
        return f"the folder of {self._store}"
