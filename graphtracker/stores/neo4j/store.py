"""The store for teams: a graph in Neo4j."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from graphtracker.errors import TooLarge
from graphtracker.model.events import Event, Said, stamped_later
from graphtracker.stores.contract import Answered, Store
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.browser import address
from graphtracker.stores.neo4j.connection import Neo4jConnection
from graphtracker.stores.neo4j.merge import Beaten, merge, middle_between_calls
from graphtracker.stores.neo4j.replay import page_after
from graphtracker.stores.neo4j.snapshot import Neo4jSnapshot
from graphtracker.stores.neo4j.url import neo4j_url
from graphtracker.stores.snapshot import Snapshot
from graphtracker.stores.urls import StoreURL


class Neo4jStore(Store):
    """A store in a database of a Neo4j server; made from its URL."""

    def __init__(self, url: StoreURL) -> None:
        target = neo4j_url(url)
        self._connection = Neo4jConnection(target)
        self.url = target.shown

    def write(self, events: Sequence[Event], *, said: Said | None = None) -> None:
        """Merges the events in one transaction; several calls that the server cannot take at once, in several.

        In the middle of another call of the same thread it is done at the end of that.
        """
        self._connection.alone(lambda: self._write(events, said))

    def _write(self, events: Sequence[Event], said: Said | None) -> None:
        try:
            self._connection.write(lambda ask: merge(ask, events, said=said))
        except Beaten as beaten:
            self._write(stamped_later(events, beaten.by), said)
        except TooLarge:
            middle = middle_between_calls(events)
            if middle is None:
                raise
            self._write(events[:middle], said)
            self._write(events[middle:], said)

    def read(self, work: Callable[[Snapshot], Answered]) -> Answered:
        """Returns what ``work`` makes of one read transaction, which is tried again where others stood in its way."""
        return self._connection.read(lambda ask: work(Neo4jSnapshot(ask)))

    def events(self) -> Iterator[list[Event]]:
        """Every event, page by page, each page in a transaction of its own."""
        after: str | None = ""
        while after is not None:
            events, after = self._connection.read(lambda ask, last=after: page_after(ask, last))  # type: ignore[misc]
            if events:
                yield events

    def exists(self) -> bool:
        """Always: a database that nobody has written to is an empty store."""
        return True

    def browser_url(self, run_id: str | None, browser: str | None) -> str:
        """The address of Neo4j Browser with the lineage of a run, or the recent runs, in its editor."""
        return self._connection.read(lambda ask: address(ask, self._connection.url, run_id, browser))

    def health(self) -> dict[str, object]:
        """Version, edition, schema and counts."""
        return self._connection.read(self._examined)

    def _examined(self, ask: Ask) -> dict[str, object]:
        version, edition = ask("version")[0]
        runs, external, artifacts, declared, values, used, derived, forgotten, others, unrecognised = ask("counts")[0]
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
            "forgotten runs": forgotten,
            "nodes of others": others,
            "unrecognised nodes and links": unrecognised,
        }

    def close(self) -> None:
        """Ends the connections."""
        self._connection.close()
