"""Whose turn it is to look through a folder in which many processes have their spools.

Each process looks once for what ended ones left. Ten thousand that did so in one folder would open a hundred million
files, so a folder of many is looked through at a pace: a look at so many spools in vain puts the next one, whoever's,
off by so much time. The time is that of an empty file in the folder, of this user and for this store: what another user
or another store finds there may be something else. Nobody is kept from anything by it but from looking: ``sync`` never
asks, and who cannot believe it, or cannot write it, looks at once.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from graphtracker.spool.file import SUFFIX
from graphtracker.spool.laid_out import open_plain

_FEW = 100  # spools that everyone looks at: in most folders everything is as if there were no turns
_PACE = 0.01  # seconds for each spool that is looked at in vain, far longer than that takes
_LONGEST = 600.0  # seconds; what is put off for longer was so by a clock that is wrong


@dataclass
class Turn:
    """The turn of this process; whoever has it calls ``end`` when the look is over, or is broken off.

    ``in_vain`` is how many spools it has looked at in vain.
    """

    mark: str
    in_vain: int = 0
    _pid: int = field(default_factory=os.getpid)

    def end(self) -> None:
        """Lets the next one have its turn: later, where there was much to look at in vain, else at once."""
        if self._pid == os.getpid():  # not in a forked child, which has no part in it
            with contextlib.suppress(OSError), _opened(self.mark) as mark:
                _put_off(mark, self.in_vain)


def turn_in(folder: str, store: str) -> Turn | None:
    """The turn of this process to look for spools of a store; None while others look, or have just done so."""
    mark = os.path.join(folder, f".looked-{os.geteuid()}-{_digest(store)}")
    try:
        with contextlib.suppress(FileNotFoundError), _opened(mark) as descriptor:
            if _is_put_off(descriptor):
                return None
        count = sum(name.endswith(SUFFIX) for name in os.listdir(folder))
        return Turn(mark) if count <= _FEW or _claimed(mark, count) else None
    except OSError:  # it cannot be read or written, or another has laid it out
        return Turn(mark)


def _digest(store: str) -> str:
    return hashlib.sha256(store.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _claimed(mark: str, count: int) -> bool:
    """Whether nobody was quicker to take the turn, for as long as a look at so many spools in vain is worth."""
    try:
        created = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        os.close(created)
    except FileExistsError:
        pass
    with _opened(mark) as descriptor:
        try:
            # Not flock: a child that is forked at this moment would keep that lock for as long as it lives.
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                return False  # else a file system without locks, where the time has to do
        if _is_put_off(descriptor):
            return False
        _put_off(descriptor, count)
        return True


@contextlib.contextmanager
def _opened(mark: str) -> Iterator[int]:
    """A descriptor of the file with the time; raises OSError, also where it is not this user's."""
    descriptor = open_plain(mark, os.O_RDWR)
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "it belongs to someone else")
        yield descriptor
    finally:
        os.close(descriptor)


def _is_put_off(mark: int) -> bool:
    return 0 < os.fstat(mark).st_mtime - time.time() < _LONGEST


def _put_off(mark: int, in_vain: int) -> None:
    due = time.time() + min(_LONGEST / 2, _PACE * in_vain if in_vain > _FEW else 0.0)
    os.utime(mark, (due, due))
