"""How a command that is told to stop ends."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from graphtracker.cli.exit_codes import STOPPED, TERMINATED

REPEATABLE = "stopped; the same command does the rest"
"""What is said of work that doubles nothing where it is done again."""


class Stopped(SystemExit):
    """The end of a command before it has done everything, and what is said of that."""

    code: int

    def __init__(self, said: str, code: int) -> None:
        super().__init__(code)
        self.said = said


class _Terminated(SystemExit):
    """SIGTERM came."""


@contextmanager
def stoppable(said: str = "stopped") -> Iterator[None]:
    """Ctrl-C and SIGTERM in the block are Stopped, which Typer passes on as it is."""
    try:
        yield
    except KeyboardInterrupt:
        raise Stopped(said, STOPPED) from None
    except _Terminated:
        raise Stopped(said, TERMINATED) from None


@contextmanager
def unwinding() -> Iterator[None]:
    """SIGTERM unwinds the block as Ctrl-C does, so that nothing half-written stays beside a file."""

    def end(number: int, frame: FrameType | None) -> None:
        raise _Terminated(TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
