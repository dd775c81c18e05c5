"""How a batch of events is merged into Neo4j: folded to the rows of ``cypher/write.cypher``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from graphtracker.model.events import ArtifactLogged, Event, Said, stamp_time
from graphtracker.model.values import run_name
from graphtracker.stores.fold import Fold
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.rows import LONG_PATH, indexed_path, to_key, to_property

Parameters = dict[str, list[list[Any]]]


class Beaten(Exception):
    """Some of these events lost to later ones in the store: run id → the greatest time of those, in ns."""

    def __init__(self, by: dict[str, int]) -> None:
        super().__init__(by)
        self.by = by


def merge(ask: Ask, events: Sequence[Event], *, said: Said | None) -> None:
    """Merges the events; raises Beaten where calls made now are not the latest."""
    lost = ask("write", **write_parameters(Fold(events)))
    if lost and said == "now" and (by := _greatest(lost)):
        raise Beaten(by)


def _greatest(lost: list[list[str]]) -> dict[str, int]:
    """Run id → the greatest time of its [run id, stamp] pairs, in ns."""
    by: dict[str, int] = {}
    for run_id, stamp in lost:
        with suppress(ValueError):  # a stamp that somebody wrote by hand, and that nothing is later than
            by[run_id] = max(by.get(run_id, 0), stamp_time(bytes.fromhex(stamp)))
    return by


def middle_between_calls(events: Sequence[Event]) -> int | None:
    """Where to cut the events in two, as near to the middle as can be; None where they are those of one call.

    What one run recorded at one time is one call.
    """
    cuts = [
        place
        for place, (event, following) in enumerate(pairwise(events), 1)
        if event[0] != following[0] or event[-1][:8] != following[-1][:8]
    ]
    return min(cuts, key=lambda place: abs(2 * place - len(events)), default=None)


def write_parameters(fold: Fold) -> Parameters:
    """The parameters of ``write``: one row a run, an artifact and a link, each list sorted by key, times in us."""
    return {
        "reported": _reported(fold),
        "mentioned": [
            [run_id, run_name(run_id), time // 1000]
            for run_id, time in sorted(fold.mentioned.items())
            if run_id not in fold.reported or time < fold.reported[run_id][0]
        ],
        "logged": _logged(fold),
        "declared": _rows(fold.declared),
        "used": _rows({link: time for link, time in fold.sources.items() if link[2]}),
        "derived": _rows({link[:2]: time for link, time in fold.sources.items() if not link[2]}),
    }


def _reported(fold: Fold) -> list[list[Any]]:
    """Of each key of a run the last value: [run id, name, first and last time, [stamp and key, value] lists]."""
    values: dict[str, dict[str, tuple[bytes, object]]] = {}
    for run_id, key, value, stamp in fold.metadata:
        own = values.setdefault(run_id, {})
        before = own.get(key)
        if before is None or stamp > before[0]:
            own[key] = stamp, value
    return [
        [
            run_id,
            run_name(run_id),
            first // 1000,
            last // 1000,
            [
                [f"{stamp.hex()} {to_key(key)}", to_property(value)]
                for key, (stamp, value) in values.get(run_id, {}).items()
            ],
        ]
        for run_id, (first, last) in sorted(fold.reported.items())
    ]


def _logged(fold: Fold) -> list[list[Any]]:
    """Of each artifact the last log, with the time of the first."""
    last: dict[tuple[str, str], ArtifactLogged] = {}
    first: dict[tuple[str, str], int] = {}
    for event in fold.logged:
        key, time = (event.run_id, event.name), stamp_time(event.stamp)
        if key not in last or event.stamp > last[key].stamp:
            last[key] = event
        first[key] = min(time, first.get(key, time))
    return [_logged_row(event, first[key]) for key, event in sorted(last.items())]


def _logged_row(event: ArtifactLogged, first: int) -> list[Any]:
    path = indexed_path(event.path)
    properties = {to_key(key): to_property(value) for key, value in (event.metadata or {}).items()}
    if path != event.path:
        properties[LONG_PATH] = event.path
    last = stamp_time(event.stamp)
    return [event.run_id, event.name, first // 1000, event.stamp.hex(), last // 1000, path, properties]


def _rows(times: Mapping[Any, int]) -> list[list[Any]]:
    return [[*key, time // 1000] for key, time in sorted(times.items())]
