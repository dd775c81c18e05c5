"""How a batch of events is merged into Neo4j: folded to the rows of the statements that write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain, pairwise
from typing import Any

from graphtracker.model.events import NOW, ArtifactLogged, Event, Said, stamp_time
from graphtracker.model.values import run_name
from graphtracker.stores.contract import refused
from graphtracker.stores.fold import LINKS, Fold
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.properties import (
    CONTEXT,
    FORGOTTEN_RUN,
    FORGOTTEN_VALUES,
    LONG_PLACE,
    clock_entry,
    indexed_place,
    to_key,
    to_property,
)


class Beaten(Exception):
    """Some of these events lost to later ones in the store: run id → the greatest time of those, in ns."""

    def __init__(self, by: dict[str, int]) -> None:
        super().__init__(by)
        self.by = by


def merge(ask: Ask, events: Sequence[Event], *, said: Said | None) -> None:
    """Merges the events; raises Beaten where calls made now are not the latest, InvalidInput for a call on a run that
    is forgotten."""
    fold = Fold(events)
    lost: list[list[Any]] = []
    if len(fold.forgotten) < len(events):
        lost = ask("write", rows=rows_of(fold))
    forgotten = {run_id: scope for run_id, _, scope in lost if scope is not None}
    if said and forgotten:
        raise refused(forgotten)
    beaten = _greatest([[run_id, stamp] for run_id, stamp, _ in lost if stamp is not None])
    if beaten and said == "now":
        raise Beaten(beaten)
    if forgotten or fold.forgotten:
        ask("forget", forgotten=_forgotten(fold, forgotten))


def _forgotten(fold: Fold, again: Mapping[str, str]) -> list[list[Any]]:
    """The rows of ``forget``: runs that are to be forgotten, and those that were and of which something came again."""
    rows = {run_id: [run_id, run_name(run_id), scope, NOW // 1000] for run_id, scope in again.items()}
    for run_id, (scope, time) in fold.forgotten.items():
        what = FORGOTTEN_RUN if scope == LINKS else FORGOTTEN_VALUES
        rows[run_id] = [run_id, run_name(run_id), what, time // 1000]
    return [row for _, row in sorted(rows.items())]


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


def rows_of(fold: Fold) -> dict[str, list[list[Any]]]:
    """What ``write`` merges: one row a run, an artifact and a link, each list sorted by key, times in us."""
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
    """Of each property of a run the last value: [run id, name, first and last time, [clock entry, value] lists]."""
    values: dict[str, dict[str, tuple[bytes, object]]] = {}
    for run_id, key, value, stamp in fold.metadata:
        _set(values.setdefault(run_id, {}), to_key(key), value, stamp)
    for run_id, context, stamp in chain.from_iterable(fold.context.values()):
        for key, value in context.items():
            _set(values.setdefault(run_id, {}), CONTEXT + key, value, stamp)
    return [
        [
            run_id,
            run_name(run_id),
            first // 1000,
            last // 1000,
            [[clock_entry(stamp, name), to_property(value)] for name, (stamp, value) in values.get(run_id, {}).items()],
        ]
        for run_id, (first, last) in sorted(fold.reported.items())
    ]


def _set(values: dict[str, tuple[bytes, object]], name: str, value: object, stamp: bytes) -> None:
    before = values.get(name)
    if before is None or stamp > before[0]:
        values[name] = stamp, value


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
    place = indexed_place(event.place)
    properties = {to_key(key): to_property(value) for key, value in (event.metadata or {}).items()}
    if place != event.place:
        properties[LONG_PLACE] = event.place
    last = stamp_time(event.stamp)
    stamp = event.stamp.hex()
    return [event.run_id, event.name, first // 1000, stamp, last // 1000, event.path, place, properties]


def _rows(times: Mapping[Any, int]) -> list[list[Any]]:
    return [[*key, time // 1000] for key, time in sorted(times.items())]
