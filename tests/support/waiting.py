"""Waiting for what another thread, or a server, is about to bring about."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tests.support.forking import WAIT


def wait_for(condition: Callable[[], bool]) -> None:
    """Returns once it is met; the test fails where that takes too long."""
    deadline = time.monotonic() + WAIT
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.01)
