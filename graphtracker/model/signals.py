"""Errors that come out of a signal handler, not out of what it interrupted."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import CodeType


def pass_on(error: BaseException) -> None:
    """Raises the error where a signal handler of Python raised it: it is meant for whoever was interrupted, not for us.

    For whoever is about to take any error for one of the code that it called.
    """
    handlers = set(_handlers())
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code in handlers:
            raise error
        traceback = traceback.tb_next


def _handlers() -> Iterator[CodeType]:
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        # A function, a method, a partial of one, an object that can be called.
        called = vars(type(handler)).get("__call__")
        for function in (handler, getattr(handler, "__func__", None), getattr(handler, "func", None), called):
            code = getattr(function, "__code__", None)
            if isinstance(code, CodeType):
                yield code
