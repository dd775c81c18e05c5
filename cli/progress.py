"""How long work shows on a terminal that it goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

from graphtracker.cli.output import is_terminal


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """A function to call with the number so far; a terminal shows it on stderr while the block lasts."""
    from rich.console import Console  # rich takes as long as many a command
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda completed: progress.update(task, completed=completed)


@contextmanager
def working(what: str, *, seen: bool) -> Iterator[None]:
    """A terminal shows on stderr that something goes on, once it has taken a second, while the block lasts.

    Not where it is ``seen`` anyway, because what is made goes to the terminal itself.
    """
    if seen or not is_terminal(sys.stderr):
        yield
        return
    from rich.console import Console

    status = Console(stderr=True).status(what)
    later = Timer(1, status.start)
    later.daemon = True
    later.start()
    try:
        yield
    finally:
        later.cancel()
        later.join()  # it may be starting at this very moment
        status.stop()
