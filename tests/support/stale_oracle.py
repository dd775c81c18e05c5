"""The reference model of staleness: a replay of what happened, in the order of its times, place by place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import networkx as nx

from graphtracker import GraphTracker, TrackerArtifact, TrackerSource
from tests.support.oracle import ArtifactKey
from tests.support.recording import after


class Logged(NamedTuple):
    """A run wrote an artifact to a place, with this sum of what it wrote, if it knew."""

    run_id: str
    name: str
    place: str
    sha256: object


class Used(NamedTuple):
    """A run named another, or an artifact of it, as its source."""

    run_id: str
    source_run_id: str
    artifact_name: str | None


Happening = Logged | Used
Row = tuple[str, str, str | None, str, int, int, ArtifactKey]
"""Run, source run, artifact name, place, when it was used, when it was renewed, by which artifact."""


def tell(tracker: GraphTracker, happened: Iterable[tuple[int, Happening]]) -> None:
    """Records what happened at these hours, in the order given."""
    for hour, each in happened:
        if isinstance(each, Logged):
            metadata = None if each.sha256 is None else {"sha256": each.sha256}
            artifact = TrackerArtifact(each.name, each.place, metadata)
            tracker.record(each.run_id, artifacts=[artifact], at=after(hour))
        else:
            tracker.record(each.run_id, sources=[TrackerSource(*each[1:])], at=after(hour))


@dataclass
class Replay:
    """What is known after all has happened."""

    lying: dict[str, dict[ArtifactKey, int]] = field(default_factory=dict)
    """Place → of each artifact that lies there when it was logged last."""
    place_of: dict[ArtifactKey, str] = field(default_factory=dict)
    first: dict[ArtifactKey, int] = field(default_factory=dict)
    sums: dict[ArtifactKey, object] = field(default_factory=dict)
    used: dict[Used, int] = field(default_factory=dict)
    """Use → when it was named first."""

    @staticmethod
    def of(happened: Iterable[tuple[int, Happening]]) -> Replay:
        """The replay, in the order of time."""
        replay = Replay()
        for hour, each in sorted(happened, key=lambda item: item[0]):
            if isinstance(each, Used):
                replay.used.setdefault(each, hour)
            else:
                replay._log(hour, each)
        return replay

    def _log(self, hour: int, logged: Logged) -> None:
        key = (logged.run_id, logged.name)
        if key in self.place_of:
            del self.lying[self.place_of[key]][key]
        self.lying.setdefault(logged.place, {})[key] = hour
        self.place_of[key] = logged.place
        self.first.setdefault(key, hour)
        self.sums[key] = logged.sha256

    def forget(self, run_id: str) -> None:
        """Takes out where the artifacts of a run lay, and what they carried."""
        for key in [key for key in self.place_of if key[0] == run_id]:
            del self.lying[self.place_of.pop(key)][key]

    def rows(self) -> set[Row]:
        """The uses that are superseded."""
        choosy = {(use.run_id, use.source_run_id) for use in self.used if use.artifact_name is not None}
        found: set[Row] = set()
        for use, hour in self.used.items():
            if use.artifact_name is not None:
                read = [(use.source_run_id, use.artifact_name)]
            elif (use.run_id, use.source_run_id) in choosy:
                read = []
            else:
                read = [key for key in self.place_of if key[0] == use.source_run_id]
            for key in read:
                renewal = self._renewal(use.run_id, key, hour)
                if renewal is not None:
                    place = self.place_of[key]
                    found.add((*use, place, hour, self.lying[place][renewal], renewal))
        return found

    def _renewal(self, run_id: str, key: ArtifactKey, hour: int) -> ArtifactKey | None:
        """The newest that lies where the artifact does and is not the run's own, if it makes the use out of date."""
        if key not in self.place_of or self.first[key] > hour:
            return None
        there = self.lying[self.place_of[key]]
        of_others = {logged: other for other, logged in there.items() if other[0] != run_id}
        if not of_others or max(of_others) <= hour:
            return None
        newest = of_others[max(of_others)]
        logged_again = there[key] > hour
        same = self.sums[key] is not None and self.sums[key] == self.sums[newest]
        return None if same and not logged_again else newest

    def graph(self) -> nx.DiGraph[str]:
        """Which run was made from which, with the data."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(key[0] for key in self.first)
        graph.add_edges_from((use.source_run_id, use.run_id) for use in self.used)
        return graph
