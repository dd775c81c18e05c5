"""The runs of a Neo4j store that a selection asks for.

Newest first is the order of an index, and so may be that of a metadata key. Where few of the newest runs match, all
that match are looked for. The order of the database is taken as far as it tells which runs come first; these are put in
order in Python, and where it does not tell, all are, by the properties that their order is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import Any

from graphtracker.model.limits import LARGEST_INT
from graphtracker.model.values import Artifact, Run
from graphtracker.stores.filters.conditions import comparisons_of
from graphtracker.stores.filters.meaning import asks_for_artifacts, matches, no_artifacts
from graphtracker.stores.filters.selection import Ranked, Selection, keep_rank, page_of, ranked
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.comparing import joined
from graphtracker.stores.neo4j.filtering import Filter, properties_of
from graphtracker.stores.neo4j.ranking import Ranking, Way, ranking_of
from graphtracker.stores.neo4j.rows import Rows

_SINCE = datetime(1678, 1, 1, tzinfo=timezone.utc)
_UNTIL = datetime(2262, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)

_WALKED = 1_000
"""Runs of which it is told, from the newest on, whether they match, before all that match are looked for."""

_GROWS = 4
"""How many times as long each next page is where Python tells which runs match, and they do not yet suffice."""


class Selecting:
    """What one selection asks for, inside a read transaction that the caller holds."""

    def __init__(self, ask: Ask, selection: Selection) -> None:
        self._ask = ask
        self._selection = selection
        self._filter = Filter(selection.where, selection.as_of)
        self._limit = LARGEST_INT if selection.limit is None else min(selection.limit, LARGEST_INT)

    def runs(self) -> list[Run]:
        """The runs, in order."""
        if self._selection.order_by is None:
            return list(islice(self._newest(None), self._limit))
        if self._selection.limit is None:
            return self._ordered(None)
        found = self._ranked(None)
        return self._whole(self._ordered(self._light())) if found is None else found

    def run_ids(self) -> list[str]:
        """Their ids."""
        only = self._light()
        if self._selection.order_by is None:
            return [run.run_id for run in islice(self._newest(only), self._limit)]
        found = None if self._selection.limit is None else self._ranked(only)
        return [run.run_id for run in (self._ordered(only) if found is None else found)]

    def _light(self) -> list[str]:
        """The properties that tell which runs match, and their order."""
        order = self._selection.order_by
        told = [] if self._filter.exact else self._filter.properties
        return sorted({*told, *([] if order is None else properties_of(order.field))})

    # -- newest first --------------------------------------------------------------------------------------------------

    def _newest(self, only: list[str] | None) -> Iterator[Run]:
        """Those that match, from behind the run before on."""
        if self._limit == 0:
            return
        after = self._selection.after
        until = _UNTIL if after is None else after.created_at + _MICROSECOND
        size = min(self._limit + 2, LARGEST_INT)  # beside those that are wanted the run before, and one more
        while True:
            page = self._page(only, _SINCE, until, size)
            full = len(page) >= size
            if full:
                # There may be more of the time of the last, which come before it by their ids.
                last = page[-1].created_at
                before = [run for run in page if run.created_at != last]
                page = before or self._page(only, last, last + _MICROSECOND, LARGEST_INT)
                until = last + _MICROSECOND if before else last
            for run in self._matching(page):
                if after is None or (run.created_at, after.run_id) < (after.created_at, run.run_id):
                    yield run
            if not full:
                return
            size = min(size * _GROWS, LARGEST_INT)

    def _page(self, only: list[str] | None, since: datetime, until: datetime, size: int) -> list[Run]:
        """At most so many of the newest runs that may match, of a time; all of a time where ``since`` is not _SINCE."""
        holds = self._filter.clause.may
        if holds == "false":
            return []
        asked = {**self._asked_of(only, size), "since": since, "until": until}
        if self._selection.parent_run_id is not None:
            return self._asked("matching_with_source", holds, run_id=self._selection.parent_run_id, **asked)
        if holds == "true" or since != _SINCE:
            return self._asked("newest", holds, walked=LARGEST_INT if since != _SINCE else size, **asked)
        if size < LARGEST_INT:
            found = self._asked("newest", holds, walked=max(_WALKED, _GROWS * size), **asked)
            if len(found) >= size:
                return found
        return self._asked("matching", holds, **asked)

    def _asked_of(self, only: list[str] | None, limit: int) -> dict[str, Any]:
        return {**self._filter.parameters, "as_of": self._selection.as_of, "only": only, "limit": limit}

    def _asked(self, name: str, where: str, **parameters: Any) -> list[Run]:
        """The runs that a statement finds, the newest first, then by id."""
        by_id = sorted(self._made(self._ask(name, {"where": where}, **parameters)), key=lambda run: run.run_id)
        return sorted(by_id, key=lambda run: run.created_at, reverse=True)

    def _made(self, records: list[list[Any]]) -> list[Run]:
        rows = Rows(self._selection.as_of)
        rows.add_runs(records)
        return list(rows.runs.values())

    def _matching(self, runs: list[Run]) -> list[Run]:
        """Those that match, where Cypher alone could not tell."""
        where = self._selection.where
        if where is None or self._filter.exact or not runs:
            return runs
        if not any(asks_for_artifacts(each.field) for each in comparisons_of(where)):
            return [run for run in runs if matches(where, run)]
        found = self._artifacts(runs)
        return [run for run in runs if matches(where, run, lambda run=run: found[run.run_id])]  # type: ignore[misc]

    def _artifacts(self, runs: Iterable[Run]) -> dict[str, dict[str, Artifact]]:
        """The artifacts of each of these runs, by name."""
        by_run: dict[str, dict[str, Artifact]] = {run.run_id: {} for run in runs}
        rows = Rows(self._selection.as_of)
        rows.add_artifacts(self._ask("artifacts_of_runs", run_ids=list(by_run), as_of=self._selection.as_of))
        for (run_id, name), artifact in rows.artifacts.items():
            by_run[run_id][name] = artifact
        return by_run

    # -- in another order ----------------------------------------------------------------------------------------------

    def _ranked(self, only: list[str] | None) -> list[Run] | None:
        """The runs, where the order of the database tells which they are; None where it does not."""
        selection = self._selection
        if self._limit == 0 or self._filter.clause.may == "false":
            return []
        ranking = ranking_of(selection, self._ask) if selection.parent_run_id is None else None
        if ranking is None:
            return None
        for way in ranking.ways(self._filter.parameter):
            found = self._ranked_by(ranking, way, only)
            if found is not None:
                return found
        return None

    def _ranked_by(self, ranking: Ranking, way: Way, only: list[str] | None) -> list[Run] | None:
        """The runs, where this way leads to them: by the value alone, by more only where several are equal."""
        found, full = self._first(way.holds, way.order, only)
        last = ranking.last(found) if full else None
        if full and last is None:
            return None
        page = self._paged(ranking.before(found, last) if full else found)
        if len(page) < self._limit and full:
            holds = joined("AND", [way.holds, ranking.until(last, way, self._filter.parameter)])
            found, full = self._first(holds, ranking.tied(way), only)
            if ranking.is_odd(found):
                return None
            page = self._paged(ranking.before_oldest(found, last) if full else found)
        return page if len(page) == self._limit else None

    def _first(self, holds: str, order: str, only: list[str] | None) -> tuple[list[Run], bool]:
        """The first few runs in this order, and whether there may be more."""
        size = self._limit + 2  # beside those that are wanted the run before, and one more
        parts = {"where": joined("AND", [holds, self._filter.clause.may]), "order": order}
        records = self._ask("ranked", parts, **self._asked_of(only, size))
        return self._made(records), sum(len(rows) for _, rows in records) >= size

    def _paged(self, runs: list[Run]) -> list[Run]:
        """The page of what is found."""
        field = self._selection.order_by.field  # type: ignore[union-attr]
        after = self._selection.after
        kept = self._matching(runs)
        artifacts: Mapping[str, Mapping[str, Artifact]] = {}
        if asks_for_artifacts(field):
            artifacts = self._artifacts([*kept, *([] if after is None else [after])])

        def rank(run: Run) -> Ranked:
            value = ranked(run, field, lambda: artifacts.get(run.run_id, no_artifacts()))
            return Ranked(value, run.created_at, run.run_id, run)

        behind = None if after is None else rank(after)
        return [each.run for each in page_of(map(rank, kept), self._selection, behind)]

    def _ordered(self, only: list[str] | None) -> list[Run]:
        """The runs, from all that match."""
        if self._limit == 0:
            return []
        return self._paged(self._page(only, _SINCE, _UNTIL, LARGEST_INT))

    def _whole(self, runs: list[Run]) -> list[Run]:
        """The same runs with all that is known of them."""
        rows = Rows(self._selection.as_of)
        rows.add_runs(self._ask("runs", run_ids=[run.run_id for run in runs], as_of=self._selection.as_of))
        there = [(rows.runs[run.run_id], run) for run in runs if run.run_id in rows.runs]
        order = self._selection.order_by
        if order is None:
            return [whole for whole, _ in there]
        return [keep_rank(whole, ranked(run, order.field, no_artifacts), order.field) for whole, run in there]
