"""How this process ended, told at its end.

CPython runs exit handlers after the last frame of the main thread: how that frame was left tells how the program ended.
"""

from __future__ import annotations

import atexit
import builtins
import functools
import opcode
import os
import sys
import threading
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

from graphtracker.model.unpacking import type_name

_SUCCEEDED = "succeeded"
_NOTED = "_graphtracker_noted"


def status_of(error: BaseException | None) -> str:
    """The status of what this has ended: ``failed`` with its type; by nothing, or an exit without a code, succeeded."""
    if error is None or (isinstance(error, SystemExit) and _is_success(error.code)):
        return _SUCCEEDED
    return f"failed: {type_name(type(error))}"


def _is_success(code: object) -> bool:
    return code is None or (isinstance(code, int) and int(code) == 0)


def watch(tell: Callable[[str], None]) -> None:
    """Has ``tell`` called when this process ends, with ``succeeded`` or ``failed: <type of the exception>``.

    It is not called where nothing tells how it ended: killed, by ``os._exit``, by a ``raise SystemExit`` of its own, in
    an interpreter that people talk to, in a program that embeds Python. Children that are forked from here do not call
    it. It is to be called from the main thread or while that runs, and raises nothing. A SystemExit of its
    own that is raised while one of ``sys.exit`` is being handled cannot be told from that.
    """
    global _program
    frame = _outermost()
    if frame is None:
        return
    if _program is None or _program.pid != os.getpid():
        _program = _Program(frame)
        atexit.register(_program.end)
        _note_exits()
    _program.listeners.append(tell)


class _Program:
    """What the main thread of this process runs, and who is to be told how it ends."""

    def __init__(self, frame: FrameType) -> None:
        self.pid = os.getpid()
        self.frame = frame
        self.listeners: list[Callable[[str], None]] = []

    def end(self) -> None:
        """Tells it."""
        status = self._status() if self.pid == os.getpid() and not _is_interactive() else None
        listeners, self.listeners = self.listeners, []
        if status is not None:
            for tell in listeners:
                tell(status)

    def _status(self) -> str | None:
        if opcode.opname[self.frame.f_code.co_code[self.frame.f_lasti]] in ("RETURN_VALUE", "RETURN_CONST"):
            return _SUCCEEDED  # it ran to its end
        error = _uncaught()
        if error is not None and _left_by(error, self.frame):
            return status_of(error)
        return _exit.status if _exit is not None and _exit.ended_all else None


_program: _Program | None = None


def _outermost() -> FrameType | None:
    """The frame that the main program of this process runs in; None where somebody talks to it, or embeds it."""
    frame: FrameType | None = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    if frame is None or _is_interactive():
        return None
    is_script = frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__"
    is_module = frame.f_code.co_name == "_run_module_as_main" and frame.f_globals.get("__name__") == "runpy"
    return frame if is_script or is_module else None


def _is_interactive() -> bool:
    return hasattr(sys, "ps1") or bool(sys.flags.inspect) or hasattr(builtins, "__IPYTHON__")


def _uncaught() -> BaseException | None:
    """The exception that the interpreter reported last; it reports no SystemExit."""
    error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    return error if isinstance(error, BaseException) else None


def _left_by(error: BaseException, frame: FrameType) -> bool:
    """Whether the exception came out of this frame: the outermost one that it passed stands first."""
    traceback = error.__traceback__
    return traceback is not None and traceback.tb_frame is frame


# -- sys.exit ----------------------------------------------------------------------------------------------------------


class _Exit:
    """A call of ``sys.exit`` by the main thread, and whether what it raised was caught by nobody."""

    def __init__(self, error: SystemExit) -> None:
        self.status = status_of(error)
        self.ended_all = False
        # It must not be held, with all the frames that it came through: others wait for what lies there to be freed.
        companion = _Companion()
        BaseException.__setattr__(error, _NOTED, companion)  # which ends with the exception
        self._end = weakref.ref(companion, self._ended)

    def _ended(self, _: object) -> None:
        # Whoever caught it lets go of it in a frame; the interpreter does after the last one.
        self.ended_all = sys._getframe().f_back is None


class _Companion:
    """What is carried by an exception, and lost when that is copied."""

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return object, ()


_exit: _Exit | None = None


def _note_exits() -> None:
    """From now on it is known with which code ``sys.exit`` was called last."""
    if hasattr(sys.exit, _NOTED):
        return
    original = sys.exit

    @functools.wraps(original)
    def exit(*arguments: Any, **more: Any) -> NoReturn:  # its name
        global _exit
        try:
            original(*arguments, **more)
        except SystemExit as error:
            if threading.get_ident() == threading.main_thread().ident:
                _exit = _Exit(error)
            raise

    setattr(exit, _NOTED, True)
    sys.exit = exit
