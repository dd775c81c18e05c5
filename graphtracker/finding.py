"""Which run a text means: an id, or a name or ending that only one run has."""

from __future__ import annotations

from graphtracker.display import quoted
from graphtracker.errors import InvalidInput, RunNotFound
from graphtracker.stores.contract import Store
from graphtracker.values import run_name

_MOST_LISTED = 10


def find_run(store: Store, text: str) -> str:
    """The id of the one run, external ones too, that has this id, else this name, else an id that ends so.

    Raises RunNotFound, and InvalidInput that lists the ids where several runs do.
    """
    if store.run(text) is not None:
        return text
    found = store.ids_containing(text, lambda run_id: run_name(run_id) == text, _MOST_LISTED + 1)
    found = found or store.ids_containing(text, lambda run_id: run_id.endswith(text), _MOST_LISTED + 1)
    if not found:
        near = store.ids_containing(text, lambda run_id: run_name(run_id).startswith(text), _MOST_LISTED + 1)
        hint = f"; names that begin so: {_listed(near)}" if near else "; run_ids() (or `graphtracker runs`) lists them"
        raise RunNotFound(f"no run in {store.url} has the id or name {quoted(text)}, nor an id that ends so{hint}")
    if len(found) > 1:
        raise InvalidInput(f"{quoted(text)} is the name or ending of several runs: {_listed(found)}; give more")
    return found[0]


def _listed(run_ids: list[str]) -> str:
    more = ", and more" if len(run_ids) > _MOST_LISTED else ""
    return ", ".join(quoted(run_id) for run_id in run_ids[:_MOST_LISTED]) + more
