"""The ``graphtracker`` command."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any

from graphtracker.cli.exit_codes import NOT_FOUND, STORE, USAGE
from graphtracker.cli.stopping import Stopped, stoppable, unwinding
from graphtracker.errors import GraphTrackerError, NotFound, StoreError
from graphtracker.lineage import IncompleteLineage
from graphtracker.model.display import printable
from graphtracker.model.gc_paused import gc_paused


def main() -> None:
    """Runs the command, and ends the process: its help has the exit codes, those of what is stopped are 130 and 143."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        with stoppable(), unwinding(), gc_paused():  # a command ends before its garbage matters
            code = _run()
    except Stopped as stop:
        code = _failed(stop.said, stop.code)
    raise SystemExit(code)


def _run() -> int:
    import typer  # in here, where the collector is paused: it makes many objects that stay

    from graphtracker.cli.app import app

    # Typer carries its own copy of click or uses the one installed; this is its UsageError in either case.
    usage_error: Any = typer.BadParameter.__mro__[1]
    try:
        code = app(standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except GraphTrackerError as error:
        return _failed(str(error), _exit_code(error))
    except usage_error as error:
        return _failed(_usage(error), USAGE)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # how click ends where whoever read has seen enough
            return 0
        raise
    except BrokenPipeError:
        # Whoever read has seen enough; what is left goes nowhere (Python's documentation, "Note on SIGPIPE").
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _failed(f"cannot write the output: {error.strerror or error}; send it elsewhere", USAGE)
    return code if isinstance(code, int) else 0


def _usage(error: Any) -> str:
    """What was wrong, and where to read on."""
    message: str = error.format_message()
    if not getattr(error, "possibilities", "another error"):  # an option that is not there, nor one that is near
        message += "; an id, a name or a path that begins with - goes behind --"
    return f"{message}\nSee {error.ctx.command_path} --help" if error.ctx else message


def _failed(message: str, code: int) -> int:
    lines = [printable(line) for line in message.split("\n")]
    if sys.stderr is not None:
        with suppress(OSError):  # who can read nothing is told by the exit code
            print(f"graphtracker: {lines[0]}", *lines[1:], sep="\n", file=sys.stderr)
    return code


def _exit_code(error: GraphTrackerError) -> int:
    if isinstance(error, StoreError):
        return STORE
    return NOT_FOUND if isinstance(error, (NotFound, IncompleteLineage)) else USAGE
