"""The store for teams: a graph in Neo4j."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from graphtracker.model.events import Event
from graphtracker.model.gc_paused import no_collection
from graphtracker.model.question import Answer, Question
from graphtracker.model.values import Artifact, Run, Source
from graphtracker.stores.contract import Store
from graphtracker.stores.filters import candidates, matcher
from graphtracker.stores.neo4j.browser import address
from graphtracker.stores.neo4j.connection import Ask, Neo4jConnection
from graphtracker.stores.neo4j.lineage import answer, artifact_consumers, sources_between
from graphtracker.stores.neo4j.merge import write_parameters
from graphtracker.stores.neo4j.replay import events_of
from graphtracker.stores.neo4j.rows import Rows, from_property, indexed_path, to_key
from graphtracker.stores.neo4j.url import neo4j_url
from graphtracker.stores.urls import StoreURL

_PAGE = 500  # runs

Dated = list[list[Any]]
"""[run id, created at in us] pairs."""


class Neo4jStore(Store):
    """A store in a database of a Neo4j server; made from its URL."""

    def __init__(self, url: StoreURL) -> None:
        target = neo4j_url(url)
        self._connection = Neo4jConnection(target)
        self.url = target.shown

    def write(self, events: Sequence[Event]) -> None:
        """Merges the events in one transaction."""
        self._connection.write("write", write_parameters(events))

    def close(self) -> None:
        """Ends the connections."""
        self._connection.close()

    def exists(self) -> bool:
        """Always: a database that nobody has written to is an empty store."""
        return True

    def run(self, run_id: str) -> Run | None:
        """The run, or None."""
        return self._connection.read(lambda ask: _runs(ask, [run_id]).get(run_id))

    def runs(self, where: Mapping[str, object], parent_run_id: str | None, limit: int | None) -> list[Run]:
        """Reported runs that match, newest first, then by id."""

        def read(ask: Ask) -> list[Run]:
            wanted = _matching(ask, where, parent_run_id, limit)
            found = _runs(ask, wanted)
            return [found[run_id] for run_id in wanted if run_id in found]

        return self._connection.read(read)

    def run_ids(self, where: Mapping[str, object], parent_run_id: str | None) -> list[str]:
        """The ids of reported runs that match, newest first, then by id."""
        return self._connection.read(lambda ask: _matching(ask, where, parent_run_id, None))

    def ids_containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[str]:
        """Ids of runs that contain the text and match, in order."""
        ((found,),) = self._connection.read(lambda ask: ask("ids_containing", text=text))
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
        found = self._connection.read(lambda ask: ask("sources", run_id=run_id))
        ends = [(source, "") for whole, _ in found for source in whole if source is not None]
        ends += [
            (source, name) for _, named in found for source, name in named if source is not None and name is not None
        ]
        return [Source(run_id, source, name or None) for source, name in sorted(ends)]

    def consumers(self, run_id: str, artifact_name: str | None) -> list[str]:
        """Ids of the runs one step downstream, in order."""

        def read(ask: Ask) -> list[str]:
            if artifact_name is not None:
                return artifact_consumers(ask, run_id, artifact_name) or []
            return sorted(ask("run_consumers", run_id=run_id)[0][0])

        return self._connection.read(read)

    def find_artifacts(self, paths: Sequence[str]) -> list[Artifact]:
        """The logged artifacts at these paths."""
        found = self._logged("artifacts_at", paths=sorted(set(map(indexed_path, paths))))
        return [artifact for artifact in found if artifact.path in paths]

    def _logged(self, statement: str, **parameters: object) -> list[Artifact]:
        rows = Rows()
        rows.add_artifacts(self._connection.read(lambda ask: ask(statement, **parameters)))
        return [artifact for _, artifact in sorted(rows.artifacts.items()) if not artifact.declared]

    def lineage(self, question: Question) -> Answer | None:
        """The answer, or None."""

        def read(ask: Ask) -> Answer | None:
            with no_collection():
                return answer(ask, question)

        return self._connection.read(read)

    def graph(self) -> Answer:
        """Everything."""

        def read(ask: Ask) -> Answer:
            with no_collection():
                rows = Rows()
                rows.add_artifacts(ask("graph_artifacts"))
                rows.add_runs(ask("graph_runs"))
                runs = {run_id: rows.runs[run_id] for run_id in sorted(rows.runs)}
                artifacts = {key: rows.artifacts[key] for key in sorted(rows.artifacts) if key[0] in runs}
                return Answer(runs, artifacts, sources_between(rows, runs, artifacts))

        return self._connection.read(read)

    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Every fact (of these runs), as events, run by run."""
        for page in self._pages() if run_ids is None else _in_pages(run_ids):
            rows = self._connection.read(lambda ask, page=page: ask("facts", run_ids=page))  # type: ignore[misc]
            yield [event for row in rows for event in events_of(*row)]

    def _pages(self) -> Iterator[list[str]]:
        after: str | None = ""
        while after is not None:
            ((page,),) = self._connection.read(lambda ask, after=after: ask("page", after=after, limit=_PAGE))  # type: ignore[misc]
            after = page[-1] if page else None
            if page:
                yield page

    def browser(self, run_id: str | None, browser: str | None) -> str:
        """The address of Neo4j Browser with the lineage of a run, or the recent runs, in its editor."""
        return self._connection.read(lambda ask: address(ask, self._connection.url, run_id, browser))

    def health(self) -> dict[str, object]:
        """Version, edition, schema and counts."""

        def read(ask: Ask) -> dict[str, object]:
            version, edition = ask("version")[0]
            runs, external, artifacts, declared, values, used, derived, others, unknown = ask("counts")[0]
            return {
                "store": "Neo4j",
                "Neo4j version": f"{version} ({edition})",
                "database": self._connection.url.database,
                "constraints": "present" if self._connection.has_schema else "none yet; the first write makes them",
                "runs": runs,
                "external runs": external,
                "artifacts": artifacts,
                "declared artifacts": declared,
                "metadata values": values,
                "sources": used + derived,
                "nodes of others": others,
                "nodes and links like ours that are not": unknown,
            }

        return self._connection.read(read)


def _in_pages(run_ids: Sequence[str]) -> Iterator[list[str]]:
    for begin in range(0, len(run_ids), _PAGE):
        yield list(run_ids[begin : begin + _PAGE])


def _runs(ask: Ask, run_ids: Sequence[str]) -> dict[str, Run]:
    rows = Rows()
    rows.add_runs(ask("runs", run_ids=list(run_ids)))
    return rows.runs


def _matching(ask: Ask, where: Mapping[str, object], parent_run_id: str | None, limit: int | None) -> list[str]:
    if limit == 0:
        return []
    if parent_run_id is not None:
        ((found,),) = ask("run_ids_with_source", run_id=parent_run_id)
    elif where or limit is None:
        ((found,),) = ask("run_ids")
    else:
        ((found,),) = ask("newest_run_ids", limit=min(limit, (1 << 62)))
    kept: set[str] | None = None
    for key, wanted in where.items():
        values = candidates(wanted)
        ((rows,),) = ask("values_of_key", key=to_key(key), any=values is None, values=values or [])
        matches = matcher(wanted)
        mine = {run_id for run_id, value in rows if matches(from_property(value))}
        kept = mine if kept is None else kept & mine
    dated = [(-(created_at or 0), run_id) for run_id, created_at in found if kept is None or run_id in kept]
    return [run_id for _, run_id in sorted(dated)][:limit]
