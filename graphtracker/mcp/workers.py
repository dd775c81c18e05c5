"""Threads that answer questions while the loop of messages goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")


class Workers:
    """A few threads that stay, and that no end of the process waits for.

    Those of ``concurrent.futures`` are joined when Python ends: a slow question would keep a server alive whose client
    has gone.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._waiting: SimpleQueue[tuple[asyncio.Future[Any], Callable[[], Any]]] = SimpleQueue()

    async def run(self, work: Callable[[], Result]) -> Result:
        """What the work returns or raises; one that is cancelled while it waits is never begun."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.put((future, work))
        if self._started < self._most:
            self._started += 1
            Thread(target=self._answer, name=f"question-{self._started}", daemon=True).start()
        return await future

    def _answer(self) -> None:
        while True:
            future, work = self._waiting.get()
            if not future.cancelled():
                _answer(future, work)


def _answer(future: asyncio.Future[Any], work: Callable[[], Any]) -> None:
    try:
        result, error = work(), None
    except Exception as raised:  # noqa: BLE001  # it goes to whoever asked
        result, error = None, raised
    with suppress(RuntimeError):  # the loop has ended: nobody waits
        future.get_loop().call_soon_threadsafe(_settle, future, result, error)


def _settle(future: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
