"""Forked children that do some work."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable

import pytest

WAIT = 60
"""Seconds until a test that hangs fails."""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def in_fork(work: Callable[[], None]) -> None:
    """Runs ``work`` in a forked child, and fails unless it ends well there."""
    assert await_child(fork(work)) == 0


def fork(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        signal.alarm(WAIT)  # the alarm ends a child that hangs
        work()
        code = 0
    except BaseException:  # noqa: BLE001  # nothing of pytest may go on in the child
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def await_child(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
