"""What can be asked of a Neo4j store, inside a read transaction that the caller holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from graphtracker.analysis.newest import newest_first
from graphtracker.model.events import Event
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.question import Answer, JointQuestion, Question
from graphtracker.model.times import nanoseconds
from graphtracker.model.values import Artifact, Run, Source
from graphtracker.stores.filters.conditions import Condition
from graphtracker.stores.filters.selection import Selection
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.lineage import answer, artifact_consumers, is_there, sources_between, step_downstream
from graphtracker.stores.neo4j.loose_ends import loose_ends
from graphtracker.stores.neo4j.properties import indexed_place
from graphtracker.stores.neo4j.replay import PAGE, events_of, page_after
from graphtracker.stores.neo4j.rows import Rows
from graphtracker.stores.neo4j.selecting import Selecting
from graphtracker.stores.neo4j.texts import containing, found_by_text, keys, named
from graphtracker.stores.snapshot import Belongings, Known, LooseEnds, Snapshot


class Neo4jSnapshot(Snapshot):
    """What a read transaction sees: Neo4j reads what is committed, and may see more of it from question to question."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def run(self, run_id: str) -> Run | None:
        """The run, or None."""
        rows = self._runs([run_id])
        return rows.runs[run_id] if is_there(self._ask, rows, run_id, None) else None

    def runs(self, selection: Selection) -> list[Run]:
        """The runs that are asked for, in order."""
        return Selecting(self._ask, selection).runs()

    def run_ids(self, selection: Selection) -> list[str]:
        """Their ids."""
        return Selecting(self._ask, selection).run_ids()

    def named(self, text: str, *, beginning: bool, limit: int) -> list[Known]:
        """Runs of this name, or of one that begins so, the latest first."""
        return named(self._ask, text, beginning=beginning, limit=limit)

    def containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[Known]:
        """Runs whose ids contain the text and match, the latest first."""
        return containing(self._ask, text, matches, limit)

    def find(self, text: str, matches: Callable[[str], bool], limit: int) -> list[Run | Artifact]:
        """Runs and artifacts that contain the text and match, the newest first."""
        return found_by_text(self._ask, text, matches, limit)

    def keys(self, beginning: str, limit: int) -> list[str]:
        """Metadata keys of runs that begin so, in order."""
        return keys(self._ask, beginning, limit)

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

    def lineages(self, question: JointQuestion) -> Answer:
        """What is in the lineage of any of the starts."""
        raise NotImplementedError

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

    def outdated(self, before: datetime, where: Condition | None) -> list[str]:
        """Ids of reported runs that match, last updated before then, and from which nothing younger descends."""
        kept = None if where is None else set(self.run_ids(Selection(where)))
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
