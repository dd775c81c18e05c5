"""Which run a text means: an id, a name or ending that only one run has, or another handle of it."""

from __future__ import annotations

from typing import NamedTuple

from graphtracker.errors import InvalidInput, RunNotFound
from graphtracker.model.display import quoted
from graphtracker.model.handles import reported_as
from graphtracker.model.values import run_name
from graphtracker.stores.snapshot import Snapshot

_MOST_LISTED = 10
_MOST_HANDLES = 10_000


class NamedRun(NamedTuple):
    """The run that an id or a name names; ``new`` where there is none yet; ``others`` have this id as their name."""

    run_id: str
    new: bool
    others: list[str]


def find_run(snapshot: Snapshot, text: str, url: str) -> str:
    """The id of the one run, external ones too, that has this id, else this name, else an id that ends so.

    A handle as `torchx run` prints it is the id that its job has. ``url`` is how messages name the store. Raises
    RunNotFound, and InvalidInput that lists the ids where several runs do.
    """
    known = _known(snapshot, text)
    if known is not None:
        return known
    found = _named(snapshot, text)
    found = found or snapshot.ids_containing(text, lambda run_id: run_id.endswith(text), _MOST_LISTED + 1)
    if not found:
        near = snapshot.ids_containing(text, lambda run_id: run_name(run_id).startswith(text), _MOST_LISTED + 1)
        hint = f"; names that begin so: {_listed(near)}" if near else "; run_ids() (or `graphtracker runs`) lists them"
        raise RunNotFound(f"no run in {url} has the id or name {quoted(text)}, nor an id that ends so{hint}")
    if len(found) > 1:
        raise InvalidInput(f"{quoted(text)} is the name or ending of several runs: {_listed(found)}; give more")
    return found[0]


def named_run(snapshot: Snapshot, text: str) -> NamedRun:
    """The run, external ones too, that has this id, else the only one that has this name, else a new one of this id.

    Beginnings and endings are not tried: a new run may be called as another begins. Raises InvalidInput that lists the
    ids where several runs have the name.
    """
    known, named = _known(snapshot, text), _named(snapshot, text)
    if known is not None:
        return NamedRun(known, False, named)
    if len(named) > 1:
        raise InvalidInput(f"{quoted(text)} is the name of several runs: {_listed(named)}; give the id of one")
    return NamedRun(named[0], False, []) if named else NamedRun(text, True, [])


def _named(snapshot: Snapshot, text: str) -> list[str]:
    """Ids of the runs that have this name and another id, in order; no more than can be listed."""
    if "/" in text:  # no name has one
        return []
    return snapshot.ids_containing(text, lambda run_id: run_id != text and run_name(run_id) == text, _MOST_LISTED + 1)


def names_of_others(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Ids that are the name of another run, too, each with the id of one such run."""
    named: dict[str, str] = {}

    def note(run_id: str) -> bool:
        named.setdefault(run_name(run_id), run_id)
        return False

    snapshot.ids_containing("/", note, 1)
    found = snapshot.ids_containing("", lambda run_id: run_id in named and "/" not in run_id, _MOST_LISTED + 1)
    return [(run_id, named[run_id]) for run_id in found]


def _known(snapshot: Snapshot, text: str) -> str | None:
    """The id that the text is, or the one under which the job of this handle reported; None where neither is known."""
    handles = dict.fromkeys([text, reported_as(text)])
    return next((run_id for run_id in handles if snapshot.run(run_id) is not None), None)


def printed_handles(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Externals that are only another handle of a run that reported, each with that run's id."""
    found = snapshot.ids_containing("://", lambda run_id: reported_as(run_id) != run_id, _MOST_HANDLES)
    pairs = [(printed, reported_as(printed)) for printed in found]
    return [(printed, own) for printed, own in pairs if _reported(snapshot, own) and not _reported(snapshot, printed)]


def _reported(snapshot: Snapshot, run_id: str) -> bool:
    run = snapshot.run(run_id)
    return run is not None and not run.external


def _listed(run_ids: list[str]) -> str:
    more = ", and more" if len(run_ids) > _MOST_LISTED else ""
    return ", ".join(quoted(run_id) for run_id in run_ids[:_MOST_LISTED]) + more
