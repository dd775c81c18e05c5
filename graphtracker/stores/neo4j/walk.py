"""What a question reaches in the rows that Neo4j sent: its runs, its artifacts, the sources between them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from graphtracker.model.question import Answer, JointQuestion, Question
from graphtracker.model.values import Node, Source, run_of
from graphtracker.stores.neo4j.rows import Rows


class Walk:
    """What a question with these starts reaches: the server's walk may also have met what others put between our nodes.

    ``artifacts`` are the starts that are artifacts; ``up`` and ``down`` are runs, a start among them where a walk
    begins there; ``named`` the artifacts that runs of ``up`` name, ``whole`` the runs of which all artifacts are
    ancestors.
    """

    def __init__(self, rows: Rows, question: Question | JointQuestion, starts: Collection[Node]) -> None:
        self.rows = rows
        self.named: set[tuple[str, str]] = set()
        self.whole: set[str] = set()
        self.question = question
        self._runs = {run_of(start) for start in starts} & rows.runs.keys()
        self.artifacts = {start for start in starts if isinstance(start, tuple) and start[0] in rows.runs}
        self.up: set[str] = self._walk_up() if question.upstream else set()
        self.down: set[str] = self._walk_down(starts) if question.downstream else set()

    def _walk_up(self) -> set[str]:
        runs, links = self.rows.runs, self.rows.links
        up = set(self._runs)
        waiting = list(up)
        while waiting:
            whole, named = links[waiting.pop()]
            chosen = {source for source, _ in named}
            self.named.update(named)
            self.whole.update(source for source in whole if source not in chosen and source in runs)
            for source in {*whole, *chosen}:
                if source in runs and source not in up:
                    up.add(source)
                    waiting.append(source)
        return up

    def _walk_down(self, starts: Iterable[Node]) -> set[str]:
        consumers: dict[str, list[str]] = {}
        down = {start for start in starts if isinstance(start, str)} & self._runs
        owners = {run_id for run_id, _ in self.artifacts}
        for run_id, (whole, named) in self.rows.links.items():
            chosen = {source for source, _ in named}
            for source in {*whole, *chosen}:
                consumers.setdefault(source, []).append(run_id)
            if owners and not (self.artifacts.isdisjoint(named) and owners.isdisjoint(whole.keys() - chosen)):
                down.add(run_id)  # it names one of the artifacts, or the whole run and none
        waiting = list(down)
        while waiting:
            for run_id in consumers.get(waiting.pop(), ()):
                if run_id not in down:
                    down.add(run_id)
                    waiting.append(run_id)
        return down

    def answer(self) -> Answer:
        """The answer, sorted by id."""
        rows, question = self.rows, self.question
        runs = {run_id: rows.runs[run_id] for run_id in sorted({*self.up, *self.down, *self._runs})}
        keys = sorted(
            key
            for key in rows.known_artifacts()
            if key[0] in self.down
            or key in self.artifacts
            or (key[0] in runs and (key in self.named or key[0] in self.whole))
        )
        artifacts = {key: rows.artifacts[key] for key in keys}
        sources = sources_between(rows, runs, artifacts)
        alone = question if isinstance(question, Question) else None
        return Answer(alone, runs, artifacts, sources, rows.reasons(runs, artifacts), as_of=question.as_of)


def sources_between(rows: Rows, runs: Iterable[str], artifacts: Iterable[tuple[str, str]]) -> list[Source]:
    """The sources of these runs whose other end is among these runs or artifacts, sorted."""
    known = set(runs)
    there = set(artifacts)
    found: list[Source] = []
    for run_id in runs:
        whole, named = rows.links[run_id]
        ends = [(source, "", whole[source]) for source in whole if source in known]
        ends += [(*key, named[key]) for key in named if key in there]
        found += [rows.source(run_id, *end) for end in sorted(ends)]
    return found
