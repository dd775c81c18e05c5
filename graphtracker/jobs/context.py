"""What a run is remembered by without being told: who started what, where, when."""

from __future__ import annotations

import functools
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone

from graphtracker import environment
from graphtracker.jobs.git import work_tree
from graphtracker.model.masking import command_text

RUNNING = "running"
_LONGEST_WAIT = 0.05  # seconds for another thread that looks at the work tree: twice what that takes


def started(at: datetime) -> dict[str, object]:
    """The context of a run that began at this (aware) time in this process, without what cannot be known.

    The keys are those of ``graphtracker.model.context``, in their order, without ``ended_at``. Nothing is raised.
    """
    known = {
        "user": _tried(_user),
        "host": _tried(lambda: os.uname().nodename),
        "directory": _tried(os.getcwd),
        "command": _tried(lambda: _command(tuple(sys.orig_argv))),
        **_work_tree(_program_folder()),
        "python": sys.version.partition(" ")[0],
        "started_at": at,
        "status": RUNNING,
    }
    return {key: _printable(value) for key, value in known.items() if value is not None and value != ""}


def ended(status: str) -> dict[str, object]:
    """The context of a run that ends now."""
    return {"ended_at": datetime.now(timezone.utc), "status": _printable(status)}


@functools.cache
def process_started() -> datetime:
    """When this process was started, to 10 ms; where the system does not tell, the time of the first call."""
    now = datetime.now(timezone.utc)
    with suppress(OSError, ValueError, IndexError, AttributeError):  # other systems than Linux have none of it
        with open("/proc/self/stat", "rb") as file:
            ticks = int(file.read().rpartition(b")")[2].split()[19])  # field 22 of proc_pid_stat(5)
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
        if age >= 0:
            return now - timedelta(seconds=age)
    return now


def _tried(read: Callable[[], str | None]) -> str | None:
    """What the system says; None where it does not, or where the program has changed what Python keeps of it."""
    with suppress(OSError, LookupError, ImportError, AttributeError, TypeError, ValueError):
        return read()
    return None


def _user() -> str | None:
    named = environment.user_name()
    if named:
        return named
    import pwd  # not on every system

    return pwd.getpwuid(os.getuid()).pw_name


_command = functools.lru_cache(maxsize=1)(command_text)


def _program_folder() -> str | None:
    """The folder of the program's own file, links followed; without one (in a notebook) the working folder."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return _tried(lambda: _folder_of(file)) if isinstance(file, str) else _tried(os.getcwd)


@functools.lru_cache(maxsize=1)
def _folder_of(file: str) -> str:
    return os.path.dirname(os.path.realpath(file))


_looking = threading.Lock()


def _work_tree(folder: str | None) -> dict[str, object]:
    """That of the folder, as it was when this process first looked."""
    # Git is started by one thread. A signal handler that comes in its midst, or a child forked then, goes without.
    if folder is None or not _looking.acquire(timeout=_LONGEST_WAIT):
        return {}
    try:
        return _seen(folder)
    finally:
        _looking.release()


_seen = functools.cache(work_tree)


def _printable(value: object) -> object:
    """Text without lone surrogates."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
