"""What can be asked of a Neo4j store, inside a read transaction that the caller holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from graphtracker.model.events import Event
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.question import Answer, Question
from graphtracker.model.values import Artifact, Run, Source
from graphtracker.stores.filters import candidates, matching
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.lineage import answer, artifact_consumers, sources_between
from graphtracker.stores.neo4j.loose_ends import loose_ends
from graphtracker.stores.neo4j.replay import PAGE, events_of
from graphtracker.stores.neo4j.rows import Rows, from_property, indexed_path, to_key
from graphtracker.stores.snapshot import LooseEnds, Snapshot

_LARGEST = 1 << 62  # what LIMIT takes


class Neo4jSnapshot(Snapshot):
    """What a read transaction sees: Neo4j reads what is committed, and may see more of it from question to question."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def run(self, run_id: str) -> Run | None:
        """The run, or None."""
        return self._runs([run_id]).get(run_id)

    def runs(self, where: Mapping[str, object], parent_run_id: str | None, limit: int | None) -> list[Run]:
        """Reported runs that match, newest first, then by id."""
        wanted = self._matching(where, parent_run_id, limit)
        found = self._runs(wanted)
        return [found[run_id] for run_id in wanted if run_id in found]

    def run_ids(self, where: Mapping[str, object], parent_run_id: str | None) -> list[str]:
        """The ids of reported runs that match, newest first, then by id."""
        return self._matching(where, parent_run_id, None)

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
        found = self._ask("sources", run_id=run_id)
        ends = {(source, "") for whole, _ in found for source in whole if type(source) is str}
        ends.update(
            (source, name) for _, named in found for source, name in named if type(source) is str and type(name) is str
        )
        return [Source(run_id, source, name or None) for source, name in sorted(ends)]

    def consumers(self, run_id: str, artifact_name: str | None) -> list[str]:
        """Ids of the runs one step downstream, in order."""
        if artifact_name is not None:
            return artifact_consumers(self._ask, run_id, artifact_name) or []
        return sorted(self._ask("run_consumers", run_id=run_id)[0][0])

    def find_artifacts(self, paths: Sequence[str]) -> list[Artifact]:
        """The logged artifacts at these paths."""
        found = self._logged("artifacts_at", paths=sorted(set(map(indexed_path, paths))))
        return [artifact for artifact in found if artifact.path in paths]

    def lineage(self, question: Question) -> Answer | None:
        """The answer, or None."""
        with gc_paused():
            return answer(self._ask, question)

    def graph(self) -> Answer:
        """Everything."""
        with gc_paused():
            rows = Rows()
            rows.add_artifacts(self._ask("graph_artifacts"))
            rows.add_runs(self._ask("graph_runs"))
            runs = {run_id: rows.runs[run_id] for run_id in sorted(rows.runs)}
            artifacts = {key: rows.artifacts[key] for key in sorted(rows.artifacts) if key[0] in runs}
            return Answer(None, runs, artifacts, sources_between(rows, runs, artifacts))

    def loose_ends(self, place: Callable[[str], str], limit: int) -> LooseEnds:
        """What leads nowhere."""
        return loose_ends(self._ask, place, limit)

    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Every event of these runs (None: of all), page by page."""
        if run_ids is None:
            run_ids = self.run_ids({}, None)
        for begin in range(0, len(run_ids), PAGE):
            yield events_of(self._ask, run_ids[begin : begin + PAGE])

    def _runs(self, run_ids: Sequence[str]) -> dict[str, Run]:
        rows = Rows()
        rows.add_runs(self._ask("runs", run_ids=list(run_ids)))
        return rows.runs

    def _logged(self, name: str, **parameters: object) -> list[Artifact]:
        rows = Rows()
        rows.add_artifacts(self._ask(name, **parameters))
        return [artifact for _, artifact in sorted(rows.artifacts.items()) if not artifact.declared]

    def _matching(self, where: Mapping[str, object], parent_run_id: str | None, limit: int | None) -> list[str]:
        if limit == 0:
            return []
        kept = matching(where, self._values_of)
        dated = [
            (-(created_at or 0), run_id)
            for run_id, created_at in self._dated(parent_run_id, limit if kept is None else None)
            if kept is None or run_id in kept
        ]
        return [run_id for _, run_id in sorted(dated)][:limit]

    def _dated(self, parent_run_id: str | None, limit: int | None) -> list[list[Any]]:
        """[run id, created at in us] pairs of reported runs: with this source, else the newest ones, else all."""
        if parent_run_id is not None:
            ((found,),) = self._ask("run_ids_with_source", run_id=parent_run_id)
        elif limit is None:
            ((found,),) = self._ask("run_ids")
        else:
            ((found,),) = self._ask("newest_run_ids", limit=min(limit, _LARGEST))
        return list(found)

    def _values_of(self, key: str, wanted: object) -> Iterable[tuple[str, object]]:
        values = candidates(wanted)
        ((rows,),) = self._ask("values_of_key", key=to_key(key), any=values is None, values=values or [])
        return ((run_id, from_property(value)) for run_id, value in rows)
