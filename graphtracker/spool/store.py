"""Spools as a store: the recorded events themselves, read by merging them into memory."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from graphtracker.errors import StoreError
from graphtracker.model.display import quoted
from graphtracker.model.events import Event
from graphtracker.model.question import Answer, Question
from graphtracker.model.values import Artifact, Run, Source
from graphtracker.spool.file import SUFFIX
from graphtracker.spool.reader import SpoolReader, spools_in
from graphtracker.spool.writer import SpoolWriter
from graphtracker.stores.contract import Store
from graphtracker.stores.opening import memory_store
from graphtracker.stores.urls import StoreURL

logger = logging.getLogger("graphtracker")

Seen = tuple[tuple[str, int, int], ...]
"""What tells the files of one moment from those of another: path, size and time of the last change of each."""


class SpoolStore(Store):
    """The spools of a folder, or one spool file; made from its URL.

    What is recorded into a folder goes to a spool of this process there, which is safe on network file systems, too.
    """

    def __init__(self, url: StoreURL) -> None:
        self.url = url.shown
        self._place = url.rest
        self._writer = SpoolWriter([url.rest], None)
        self._seen: Seen | None = None
        self._merged: Store | None = None

    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "_seen": None, "_merged": None}

    def write(self, events: Sequence[Event]) -> None:
        """Appends the events to this process's spool in the folder."""
        if self._place.endswith(SUFFIX):
            raise StoreError(
                f"{quoted(self.url)} is the spool of one process, which nobody else writes to; record into a store, "
                "and merge it there with `graphtracker sync`"
            )
        if not self._writer.append(events):
            raise StoreError(f"nothing can be written in the spool folder {quoted(self.url)}; name another")

    def exists(self) -> bool:
        """Whether there is anything to read."""
        return next(iter(spools_in(self._place)), None) is not None

    def _read(self) -> Store:
        """All the events there now, merged."""
        spools = list(self._spools())
        seen = tuple((spool.path, *_changed(spool.path)) for spool in spools)
        if self._merged is None or seen != self._seen:
            self._merged, self._seen = memory_store(), seen
            for spool in spools:
                for events in spool.batches():
                    self._merged.write(events)
                for item in spool.damage:
                    logger.warning("%s, line %d is left out: %s", quoted(spool.path), item.number, item.reason)
        return self._merged

    def _spools(self) -> Iterator[SpoolReader]:
        for found in spools_in(self._place):
            if isinstance(found, StoreError):
                raise found
            yield found

    def run(self, run_id: str) -> Run | None:
        """The run, or None."""
        return self._read().run(run_id)

    def runs(self, where: Mapping[str, object], parent_run_id: str | None, limit: int | None) -> list[Run]:
        """Reported runs that match, newest first, then by id."""
        return self._read().runs(where, parent_run_id, limit)

    def run_ids(self, where: Mapping[str, object], parent_run_id: str | None) -> list[str]:
        """The ids of reported runs that match, newest first, then by id."""
        return self._read().run_ids(where, parent_run_id)

    def ids_containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[str]:
        """Ids of runs that contain the text and match, in order."""
        return self._read().ids_containing(text, matches, limit)

    def metadata(self, run_id: str) -> dict[str, object]:
        """The metadata of a run, by key."""
        return self._read().metadata(run_id)

    def artifacts(self, run_id: str) -> list[Artifact]:
        """The logged artifacts of a run, by name."""
        return self._read().artifacts(run_id)

    def sources(self, run_id: str) -> list[Source]:
        """The sources of a run, by source run id and artifact name."""
        return self._read().sources(run_id)

    def consumers(self, run_id: str, artifact_name: str | None) -> list[str]:
        """Ids of the runs one step downstream, in order."""
        return self._read().consumers(run_id, artifact_name)

    def find_artifacts(self, paths: Sequence[str]) -> list[Artifact]:
        """The logged artifacts at these paths."""
        return self._read().find_artifacts(paths)

    def lineage(self, question: Question) -> Answer | None:
        """The answer, or None."""
        return self._read().lineage(question)

    def graph(self) -> Answer:
        """Everything."""
        return self._read().graph()

    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Every fact (of these runs) as it was recorded."""
        if run_ids is not None:
            yield from self._read().events(run_ids)
            return
        for spool in self._spools():
            yield from spool.batches()

    def health(self) -> dict[str, object]:
        """Counts, and what is damaged."""
        spools = list(self._spools())
        facts = {"store": "spool", "spools": len(spools), "facts": sum(spool.counted() for spool in spools)}
        damaged = [f"{spool.path}, line {item.number}" for spool in spools for item in spool.damage]
        return {**facts, **({"damaged": ", ".join(damaged)} if damaged else {})}

    def close(self) -> None:
        """Ends this process's spool, which stays in the folder."""
        self._writer.close()
        self._seen = self._merged = None


def _changed(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
