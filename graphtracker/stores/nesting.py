"""Calls inside calls of the same thread: a signal handler's, a finalizer's, put off until the outer one is through.

A signal handler may raise after any call of a Python function, which would leave a lock held that was taken in one: so
a lock is taken by ``with`` on the lock itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from graphtracker.errors import GraphTrackerError
from graphtracker.stores.contract import Answered

_MOST_TRIES = 1000  # of one thing that was put off, each cut off by an interrupt


Item = TypeVar("Item")


class Stack(threading.local, Generic[Item]):
    """What this thread is in the middle of, inner ones last."""

    def __init__(self) -> None:
        self.items: list[Item] = []


class Nesting(threading.local):
    """Whether this thread is in the middle of a call, and what calls inside that one have put off."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begins anew, in a forked child: what the parent is in the middle of, and has put off, is the parent's."""
        self._inside = threading.Lock()
        self._put_off: deque[Callable[[], object]] = deque()

    @property
    def in_call(self) -> bool:
        """Whether this thread is in the middle of a call."""
        return self._inside.locked()

    def do(self, work: Callable[..., Answered], *arguments: Any) -> Answered:
        """Does the work as a call, then what was put off meanwhile."""
        try:
            with self._inside:
                return work(*arguments)
        finally:
            if self._put_off:
                self._catch_up()

    def put_off(self, work: Callable[[], object]) -> None:
        """Does the work when the call is through that this thread is in."""
        self._put_off.append(work)

    def _catch_up(self) -> None:
        """Does what was put off, whatever comes in between, then raises the first of what did."""
        raised: BaseException | None = None
        tries = 0
        while self._put_off:
            try:
                with self._inside:
                    if self._put_off:  # else an inner call has just caught up
                        self._put_off[0]()
                        self._put_off.popleft()
                    tries = 0
            except BaseException as error:  # noqa: BLE001  # of the store, or of a signal handler: it is raised below
                raised, tries = raised or error, tries + 1
                if isinstance(error, GraphTrackerError) or tries > _MOST_TRIES:
                    self._put_off.popleft()
                    tries = 0
        if raised is not None:
            raise raised
