"""Sources that lead nowhere, told with what was perhaps meant."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import partial

from graphtracker.model.counted import MOST_TOLD, some_of
from graphtracker.model.display import quoted
from graphtracker.model.places import place_of
from graphtracker.model.values import Run
from graphtracker.stores.snapshot import LooseEnds, Snapshot

_PLACED_ADVICE = "run.use(path), or `graphtracker add-source RUN --path FILE`, names the artifact"
_DECLARED_ADVICE = (
    "that is well for data which no run here made, such as datasets of imports; else log it, or name what that run did "
    "log, as `graphtracker show RUN` lists it"
)

_place = partial(place_of, folder=os.getcwd)


def loose_ends(snapshot: Snapshot) -> dict[str, str]:
    """What is to be said of them, by what they are; empty where there are none.

    An external run may be named by the path of an artifact, from this working folder where it is a relative one.
    """
    ends = snapshot.loose_ends(_place, MOST_TOLD)
    told = {}
    if ends.placed_in_all:
        placed = some_of(_placed(snapshot, ends), ends.placed_in_all, _PLACED_ADVICE)
        told["externals named by an artifact's place"] = placed
    if ends.declared_in_all:
        declared = some_of(_declared(snapshot, ends), ends.declared_in_all, _DECLARED_ADVICE)
        told["declared artifacts that nobody logged"] = declared
    return told


def _placed(snapshot: Snapshot, ends: LooseEnds) -> Iterator[str]:
    for run_id in ends.placed:
        for artifact in snapshot.find_artifacts(_place(run_id))[:1]:  # none where others have written meanwhile
            meant = f"artifact {quoted(artifact.name)} of run {quoted(artifact.run_id)}"
            yield f"{quoted(run_id)}{_named_by(snapshot.consumers(run_id, None))}, lies where {meant} does"


def _declared(snapshot: Snapshot, ends: LooseEnds) -> Iterator[str]:
    for run_id, name in ends.declared:
        users = snapshot.consumers(run_id, name)  # with those that name the whole run
        named_by = _named_by(user for user in users if _names(snapshot, user, run_id, name))
        yield f"{quoted(name)} of {_owner(run_id, snapshot.run(run_id))}{named_by}"


def _owner(run_id: str, run: Run | None) -> str:
    if run is None or not (run.external or run.forgotten):
        return f"run {quoted(run_id)}"
    return f"run {quoted(run_id)}, which {'is forgotten' if run.forgotten else 'never reported'}"


def _names(snapshot: Snapshot, user: str, run_id: str, name: str) -> bool:
    return any((end.source_run_id, end.artifact_name) == (run_id, name) for end in snapshot.sources(user))


def _named_by(users: Iterable[str]) -> str:
    first = next(iter(users), None)
    return "" if first is None else f", named by {quoted(first)}"
