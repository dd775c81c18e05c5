"""The commands that forget: ``forget``, ``prune``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from graphtracker import GraphTracker
from graphtracker.cli import completion
from graphtracker.cli.asking import open_existing, tell_named_so
from graphtracker.cli.exit_codes import STOPPED
from graphtracker.cli.filtering import Filtered, conditions, tell_unknown
from graphtracker.cli.options import AsJSON, StoreOption, Where, moment
from graphtracker.cli.output import is_terminal, say, say_json, tell, tell_some
from graphtracker.cli.progress import counting, working
from graphtracker.cli.stopping import Stopped, stoppable
from graphtracker.errors import InvalidInput
from graphtracker.model.counted import counted
from graphtracker.model.display import quoted
from graphtracker.stores.filters.conditions import comparisons_of

if TYPE_CHECKING:
    from graphtracker.recording.forgetting import Forgetting

_Forget = Callable[[bool, Callable[[int], None] | None], "Forgetting"]
"""Whether it is a dry run, and what to tell the number of runs that are done."""

_RUNS = "Run id, or the name of exactly one run. May be repeated."
_NOTHING = "there is nothing to forget"
_NONE_FORGOTTEN = "nothing was forgotten"
_OUT_OF_REACH = (
    "out of reach are backups, copies of the store, and spools that still hold something (`graphtracker doctor` "
    "names them)"
)


@dataclass(frozen=True)
class Asked:
    """Whether to do it, or only to tell."""

    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be forgotten.")] = False
    yes: Annotated[bool, typer.Option("--yes", help="Forget without asking.")] = False


def forget(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN", help=_RUNS, autocompletion=completion.runs, show_default=False)
    ],
    keep_links: Annotated[
        bool, typer.Option("--keep-links", help="Forget values only: ids, names and links stay.")
    ] = False,
    *,
    asked: Asked,
    as_json: AsJSON = False,
    store: StoreOption = None,
) -> None:
    """Take runs out of the store for ever.

    Prints the paths of their files, which are never touched. Exit code 1 where a RUN is not found, and then none is
    forgotten; 130 where somebody who is asked does not answer y.

    Example: graphtracker forget train --dry-run
    """
    with open_existing(store) as tracker:
        ids = [_known(tracker, text) for text in runs]
        _carry_out(
            lambda dry_run, progress: tracker.forget(ids, links=not keep_links, dry_run=dry_run, progress=progress),
            asked,
            as_json,
        )


def prune(
    older_than: Annotated[
        str,
        typer.Option(
            "--older-than",
            metavar="TIME",
            help="Last updated before: a date or time (UTC, or with its offset), or an age (90d, 12w).",
        ),
    ],
    where: Where = None,
    *,
    asked: Asked,
    as_json: AsJSON = False,
    store: StoreOption = None,
) -> None:
    """Forget old runs that nothing younger came from.

    Prints the paths of their files, which are never touched. Exit code 0 where there is none, too; 130 where somebody
    who is asked does not answer y.

    Example: graphtracker prune --older-than 90d --dry-run
    """
    before, wanted = moment(older_than), conditions(Filtered(where))
    with open_existing(store) as tracker:
        found = _carry_out(
            lambda dry_run, progress: tracker.prune(before, where=wanted, dry_run=dry_run, progress=progress),
            asked,
            as_json,
        )
        if not found:
            tell_unknown(tracker, [] if wanted is None else [each.field for each in comparisons_of(wanted)])


def _known(tracker: GraphTracker, text: str) -> str:
    """The id that the text means; one that nobody has may be that of a run which is forgotten already."""
    named = tracker.named_run(text)
    tell_named_so(text, named.others)
    return named.run_id


def _carry_out(forget: _Forget, asked: Asked, as_json: bool) -> bool:
    """Forgets, or only tells, and prints the paths of the files, or all that is known, as data; whether there are runs
    to forget."""
    done = _carried_out(forget, asked)
    if as_json:
        say_json(done.to_dict())
    else:
        for path in done.paths:
            say(path)
    return bool(done.runs)


def _carried_out(forget: _Forget, asked: Asked) -> Forgetting:
    if asked.dry_run or not asked.yes:
        with working("looking for what to forget", seen=False):
            planned = forget(True, None)
        _tell_plan(planned, with_paths=not asked.dry_run)
        if asked.dry_run or not planned.runs:
            return planned
        _ask()
    with counting("runs forgotten") as progress:
        done = forget(False, progress)
    _tell_done(done, told_plan=not asked.yes)
    return done


def _tell_plan(planned: Forgetting, *, with_paths: bool) -> None:
    """Says what would be forgotten; of paths their number alone where they are printed as data."""
    if not planned.runs:
        tell(_NOTHING)
        return
    how = "with their sources and artifacts" if planned.links else "values only, so that ids, names and links stay"
    tell_some(f"runs to forget, {how}", planned.runs)
    tell_some("their artifacts", planned.artifacts, lambda artifact: f"{quoted(artifact[1])} of {quoted(artifact[0])}")
    tell_some("runs that were made from them, which stay", planned.consumers)
    tell_some("paths of their files, which are never touched", planned.paths, most=20 if with_paths else 0)
    tell(_OUT_OF_REACH)


def _tell_done(done: Forgetting, *, told_plan: bool) -> None:
    if not done.runs:
        tell(_NOTHING)
        return
    runs = counted(len(done.runs), "run")
    artifacts = counted(len(done.artifacts), "artifact")
    tell(f"forgot {runs} and {artifacts}" if done.links else f"forgot the values of {runs} and {artifacts}")
    if not told_plan:
        tell(_OUT_OF_REACH)


def _ask() -> None:
    """Returns where somebody at a terminal agrees; raises InvalidInput where nobody can be asked."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise InvalidInput("nothing was forgotten, since there is no terminal to ask on; --yes forgets without asking")
    typer.echo("Forget all of this for ever? Type y, or n: ", nl=False, err=True)
    with stoppable(_NONE_FORGOTTEN):
        answer = sys.stdin.buffer.readline()
    if answer.strip().lower() != b"y":
        raise Stopped(_NONE_FORGOTTEN, STOPPED)
