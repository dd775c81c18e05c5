"""The ``lineage`` command."""

from __future__ import annotations

from graphtracker.cli.asking import ask, open_existing, tell_limits
from graphtracker.cli.options import AsJSON, Beginning, Bounds, StoreOption, Subject
from graphtracker.cli.output import columns, say_all, write
from graphtracker.cli.tree import tree
from graphtracker.export import export


def lineage(
    subject: Subject, beginning: Beginning, bounds: Bounds, as_json: AsJSON = False, store: StoreOption = None
) -> None:
    """Print what a run came from and what was made from it.

    Exit code 1 where what is asked about is not found, and with --from where no path leads to it.
    """
    with open_existing(store) as tracker:
        answer = ask(tracker, subject, bounds, beginning)
    if as_json:
        write(export(answer, "json"))
    else:
        say_all(tree(answer, columns()))
    tell_limits(answer)
