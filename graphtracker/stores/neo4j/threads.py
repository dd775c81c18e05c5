"""Threads of ours: the end of a program neither waits for them nor is held up by what they wait for."""

from __future__ import annotations

import _thread
import sys
import threading
from collections.abc import Callable

IDLE = 30.0
"""Seconds after which one with nothing to do ends."""


def begin(work: Callable[..., None], *arguments: object) -> None:
    """Has a new thread do the work; raises RuntimeError where there can be none, as when the interpreter ends."""
    _thread.start_new_thread(_traced, (work, arguments))


def _traced(work: Callable[..., None], arguments: tuple[object, ...]) -> None:
    sys.settrace(threading.gettrace())  # a debugger of threads is one of this thread, too
    work(*arguments)
