"""Which run a text means: an id, a name or ending that only one run has, or another handle of it."""

from __future__ import annotations

from graphtracker.errors import InvalidInput, RunNotFound
from graphtracker.model.display import quoted
from graphtracker.model.handles import reported_as
from graphtracker.model.values import run_name
from graphtracker.stores.snapshot import Snapshot

_MOST_LISTED = 10
_MOST_HANDLES = 10_000


def find_run(snapshot: Snapshot, text: str, url: str) -> str:
    """The id of the one run, external ones too, that has this id, else this name, else an id that ends so.

    A handle as `torchx run` prints it is the id that its job has. ``url`` is how messages name the store. Raises
    RunNotFound, and InvalidInput that lists the ids where several runs do.
    """
    for run_id in dict.fromkeys([text, reported_as(text)]):
        if snapshot.run(run_id) is not None:
            return run_id
    found = snapshot.ids_containing(text, lambda run_id: run_name(run_id) == text, _MOST_LISTED + 1)
    found = found or snapshot.ids_containing(text, lambda run_id: run_id.endswith(text), _MOST_LISTED + 1)
    if not found:
        near = snapshot.ids_containing(text, lambda run_id: run_name(run_id).startswith(text), _MOST_LISTED + 1)
        hint = f"; names that begin so: {_listed(near)}" if near else "; run_ids() (or `graphtracker runs`) lists them"
        raise RunNotFound(f"no run in {url} has the id or name {quoted(text)}, nor an id that ends so{hint}")
    if len(found) > 1:
        raise InvalidInput(f"{quoted(text)} is the name or ending of several runs: {_listed(found)}; give more")
    return found[0]


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
