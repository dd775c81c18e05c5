"""A run that a block of a program is: ``with`` ends it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING

from graphtracker import logs
from graphtracker.api import AppRun
from graphtracker.errors import GraphTrackerError, reason_of
from graphtracker.jobs.ending import status_of

if TYPE_CHECKING:
    from typing_extensions import Self

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none is easily taken for another
_LENGTH = 10  # 50 bits: a million runs of one name on one host share an id once in two thousand times


def new_run_id(name: str) -> str:
    """An id for a run of this name that starts here: ``local://<host>/<name>-<random>``."""
    return f"local://{os.uname().nodename}/{name}-{''.join(secrets.choice(_LETTERS) for _ in range(_LENGTH))}"


@dataclass
class StartedRun(AppRun):
    """An AppRun that ends: leaving its block, or ``end()``, records when that was, and how.

    ``succeeded``, or ``failed:`` with the type of the exception, which goes on; ``sys.exit`` with 0 or None succeeds.
    Whatever ends the process without leaving the block (SIGKILL, ``os._exit``) leaves the run ``running``.
    """

    record_status: Callable[[str], None] = field(repr=False, compare=False)
    """Records how it ended."""
    add_source_at: Callable[[str | os.PathLike[str]], object] = field(repr=False, compare=False)
    """Records as a source what lies at a path."""

    def __post_init__(self) -> None:
        self._pid: int | None = os.getpid()  # of whoever is to end it; None once that is done

    def use(self, path: str | os.PathLike[str]) -> str:
        """Records that this run uses what lies at this path, and returns the path as text.

        The source is the artifact that another run logged there last; where none did, the place itself, as an external
        run.
        """
        self.add_source_at(path)
        return os.fspath(path) if isinstance(path, (str, os.PathLike)) else str(path)

    def end(self, status: str = "succeeded") -> None:
        """Ends the run where there is no block to leave, as in a notebook; once it has ended this changes nothing."""
        if self._pid == os.getpid():  # a forked child leaves the block, too, which is its parent's
            self._pid = None
            self.record_status(status)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.end(status_of(error))
        except GraphTrackerError as trouble:
            if error is None:
                raise
            logs.loss("graphtracker cannot record that a run failed: %s", reason_of(trouble))
