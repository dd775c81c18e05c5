"""What leads nowhere in a Neo4j store."""

from __future__ import annotations

from collections.abc import Callable

from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.properties import indexed_place
from graphtracker.stores.snapshot import LooseEnds

_PAGE = 1000  # external runs whose places are looked up together


def loose_ends(ask: Ask, place: Callable[[str], str], limit: int) -> LooseEnds:
    """The first of each, and how many there are."""
    ((run_ids,),) = ask("externals")
    placed = []
    for begin in range(0, len(run_ids), _PAGE):
        places = {run_id: place(run_id) for run_id in run_ids[begin : begin + _PAGE]}
        ((found,),) = ask("taken_places", places=sorted(set(map(indexed_place, places.values()))))
        taken = set(found)
        placed += [run_id for run_id, there in places.items() if there in taken]
    ((keys,),) = ask("declared")
    declared = sorted((run_id, name) for run_id, name in keys)
    return LooseEnds(sorted(placed)[:limit], len(placed), declared[:limit], len(declared))
