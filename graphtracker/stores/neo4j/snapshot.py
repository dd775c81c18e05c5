"""What can be asked of a Neo4j store, inside a read transaction that the caller holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from graphtracker.model.events import Event, stamp_after
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.question import Answer, Question, moment
from graphtracker.model.times import nanoseconds
from graphtracker.model.values import Artifact, Run, Source
from graphtracker.stores.filters import candidates, matching
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.lineage import answer, artifact_consumers, is_there, sources_between, step_downstream
from graphtracker.stores.neo4j.loose_ends import loose_ends
from graphtracker.stores.neo4j.properties import from_property, indexed_place, stamps_of, to_key
from graphtracker.stores.neo4j.replay import PAGE, events_of, page_after
from graphtracker.stores.neo4j.rows import Rows
from graphtracker.stores.snapshot import Belongings, LooseEnds, Snapshot, newest_first

_LARGEST = 1 << 62  # what LIMIT takes


class Neo4jSnapshot(Snapshot):
    """What a read transaction sees: Neo4j reads what is committed, and may see more of it from question to question."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def run(self, run_id: str) -> Run | None:
        """The run, or None."""
        rows = self._runs([run_id])
        return rows.runs[run_id] if is_there(self._ask, rows, run_id, None) else None

    def runs(
        self, where: Mapping[str, object], parent_run_id: str | None, limit: int | None, as_of: datetime | None = None
    ) -> list[Run]:
        """Reported runs that match, newest first, then by id."""
        wanted = self._matching(where, parent_run_id, limit, as_of)
        found = self._runs(wanted, as_of).runs
        return [found[run_id] for run_id in wanted if run_id in found]

    def run_ids(self, where: Mapping[str, object], parent_run_id: str | None) -> list[str]:
        """The ids of reported runs that match, newest first, then by id."""
        return self._matching(where, parent_run_id, None, None)

    def ids_containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[str]:
        """Ids of runs that contain the text and match, in order."""
        ((found,),) = self._ask("ids_containing", text=text)
        return list(islice(filter(matches, sorted(found)), limit))

    def metadata(self, run_id: str) -> dict[str, object]:
        """The metadata of a run, by key."""
        found = self.run(run_id)
        return {} if found is None else dict(found.metadata)

    def artifacts(self, run_id: str) -> list[Artifact]:
        """The logged artifacts of a run, by name."""
        return self._logged("artifacts_of_runs", run_ids=[run_id])

    def sources(self, run_id: str) -> list[Source]:
        """The sources of a run, by source run id and artifact name."""
        rows = Rows()
        for created_at, derived, used in self._ask("sources", run_id=run_id):
            rows.add_links(run_id, created_at, derived, used)
        whole, named = rows.links.get(run_id, ({}, {}))
        ends = [(source, "", time) for source, time in whole.items()]
        ends += [(source, name, time) for (source, name), time in named.items()]
        return [rows.source(run_id, *end) for end in sorted(ends)]

    def consumers(self, run_id: str, artifact_name: str | None) -> list[str]:
        """Ids of the runs one step downstream, in order."""
        if artifact_name is None:
            return sorted(self._ask("run_consumers", run_id=run_id)[0][0])
        found, there = artifact_consumers(self._ask, run_id, artifact_name)
        return sorted(found) if there else []

    def find_artifacts(self, place: str) -> list[Artifact]:
        """The logged artifacts at this place, the newest log first."""
        found = self._logged("artifacts_at", place=indexed_place(place))
        return newest_first(artifact for artifact in found if artifact.place == place)

    def lineage(self, question: Question) -> Answer | None:
        """The answer, or None."""
        with gc_paused():
            return answer(self._ask, question)

    def graph(self, as_of: datetime | None = None) -> Answer:
        """Everything."""
        with gc_paused():
            rows = Rows(as_of)
            rows.add_artifacts(self._ask("graph_artifacts", as_of=as_of))
            rows.add_runs(self._ask("graph_runs", as_of=as_of))
            named = {source for whole, _ in rows.links.values() for source in whole}
            named.update(source for source, _ in rows.named)
            there = sorted(run_id for run_id, run in rows.runs.items() if not run.external or run_id in named)
            runs = {run_id: rows.runs[run_id] for run_id in there}
            artifacts = {key: rows.artifacts[key] for key in sorted(rows.known_artifacts()) if key[0] in runs}
            sources = sources_between(rows, runs, artifacts)
            return Answer(None, runs, artifacts, sources, rows.reasons(runs, artifacts), as_of=as_of)

    def belongings(self, run_ids: Sequence[str]) -> Belongings:
        """What these runs have, and who uses it."""
        ((there,),) = self._ask("known_runs", run_ids=list(run_ids))
        ((forgotten,),) = self._ask("forgotten_runs", run_ids=list(run_ids))
        met = {*there, *forgotten}
        known = [run_id for run_id in run_ids if run_id in met]
        artifacts = self._logged("artifacts_of_runs", run_ids=list(run_ids))
        consumers = step_downstream(self._ask, run_ids) - set(run_ids)
        return Belongings(known, artifacts, sorted(consumers))

    def outdated(self, before: datetime, where: Mapping[str, object]) -> list[str]:
        """Ids of reported runs that match, last updated before then, and from which nothing younger descends."""
        kept = matching(where, self._values_of)
        oldest = nanoseconds(before) // 1000
        ((rows,),) = self._ask("ages")
        sources = {run_id: named for run_id, _, named in rows}
        waiting = [run_id for run_id, updated_at, _ in rows if updated_at is None or updated_at >= oldest]
        needed = set(waiting)
        while waiting:
            for source in sources.get(waiting.pop(), ()):
                if source in sources and source not in needed:
                    needed.add(source)
                    waiting.append(source)
        return sorted(run_id for run_id in sources if run_id not in needed and (kept is None or run_id in kept))

    def loose_ends(self, place: Callable[[str], str], limit: int) -> LooseEnds:
        """What leads nowhere."""
        return loose_ends(self._ask, place, limit)

    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Every event of these runs (None: of all), page by page."""
        if run_ids is None:
            yield from self._all_events()
            return
        for begin in range(0, len(run_ids), PAGE):
            yield events_of(self._ask, run_ids[begin : begin + PAGE])

    def _all_events(self) -> Iterator[list[Event]]:
        after: str | None = ""
        while after is not None:
            events, after = page_after(self._ask, after)
            yield events

    def _runs(self, run_ids: Sequence[str], as_of: datetime | None = None) -> Rows:
        rows = Rows(as_of)
        rows.add_runs(self._ask("runs", run_ids=list(run_ids), as_of=as_of))
        return rows

    def _logged(self, name: str, **parameters: object) -> list[Artifact]:
        rows = Rows()
        rows.add_artifacts(self._ask(name, **parameters))
        return [artifact for _, artifact in sorted(rows.artifacts.items()) if not artifact.declared]

    def _matching(
        self, where: Mapping[str, object], parent_run_id: str | None, limit: int | None, as_of: datetime | None
    ) -> list[str]:
        if limit == 0:
            return []
        kept = matching(where, partial(self._values_of, as_of=as_of))
        dated = [
            (-(created_at or 0), run_id)
            for run_id, created_at in self._dated(parent_run_id, limit if kept is None else None, as_of)
            if kept is None or run_id in kept
        ]
        return [run_id for _, run_id in sorted(dated)][:limit]

    def _dated(self, parent_run_id: str | None, limit: int | None, as_of: datetime | None) -> list[list[Any]]:
        """[run id, created at in us] pairs of reported runs: with this source, else the newest ones, else all."""
        if parent_run_id is not None:
            ((found,),) = self._ask("run_ids_with_source", run_id=parent_run_id, as_of=as_of)
        elif limit is None:
            ((found,),) = self._ask("run_ids", as_of=as_of)
        else:
            ((found,),) = self._ask("newest_run_ids", limit=min(limit, _LARGEST), as_of=as_of)
        return list(found)

    def _values_of(self, key: str, wanted: object, as_of: datetime | None = None) -> Iterable[tuple[str, object]]:
        """Runs with their values of a key, without those of a later stamp."""
        values, name = candidates(wanted), to_key(key)
        later = stamp_after(moment(as_of)).hex()
        ((rows,),) = self._ask("values_of_key", key=name, any=values is None, values=values or [], as_of=as_of)
        return (
            (run_id, from_property(value))
            for run_id, value, *clock in rows
            if not clock or stamps_of(clock[0]).get(name, "") < later
        )
