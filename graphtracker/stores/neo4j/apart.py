"""Work of the main thread done by another one, so that no signal handler's exception comes into the middle of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from graphtracker.stores.contract import Answered
from graphtracker.stores.neo4j.threads import IDLE, begin

_LOOK = 1.0  # seconds between looks whether the worker is there at all

_Outcome = tuple[Any, BaseException | None]

_free: list[_Worker] = []
os.register_at_fork(after_in_child=_free.clear)


def apart(work: Callable[[], Answered]) -> Answered:
    """Returns what the work returns, raises what it raises.

    Python calls signal handlers in the main thread alone, whatever that is doing: an exception of theirs (Ctrl-C)
    inside the driver leaves it with half an answer read, for which it then waits for ever. The main thread only waits
    here, so that such an exception ends nothing but the waiting.
    """
    if threading.get_ident() != threading.main_thread().ident:
        return work()
    answer: Answered
    answer, error = _outcome(work)
    if error is not None:
        raise error
    return answer


def _outcome(work: Callable[[], Any]) -> _Outcome:
    process = os.getpid()
    outcome: SimpleQueue[_Outcome] = SimpleQueue()
    try:
        worker = _free.pop() if _free else _Worker()
    except RuntimeError:  # the interpreter is ending, and begins no threads
        return _done(work)
    worker.works.put((work, outcome))
    try:
        while True:
            with suppress(Empty):
                found = outcome.get(timeout=_LOOK)
                _free.append(worker)
                return found
            if os.getpid() != process:  # a child that a signal handler forked, where there is no worker
                return _done(work)
    except BaseException:
        worker.wanted = False
        raise


def _done(work: Callable[[], Any]) -> _Outcome:
    try:
        return work(), None
    except BaseException as error:  # noqa: BLE001  # it is raised to whoever waits
        return None, error


class _Worker:
    """A thread that does one work after the other."""

    def __init__(self) -> None:
        self.wanted = True
        self.works: SimpleQueue[tuple[Callable[[], Any], SimpleQueue[_Outcome]]] = SimpleQueue()
        begin(self._run)

    def _run(self) -> None:
        while True:
            try:
                work, outcome = self.works.get(timeout=IDLE)
            except Empty:
                try:
                    _free.remove(self)
                except ValueError:
                    if self.wanted:
                        continue  # somebody is about to give it something to do
                return
            outcome.put(_done(work))
            del work, outcome
