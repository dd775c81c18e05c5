"""Lineage on Neo4j: the walks on the server, their bounds, the answer made of what they met."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from graphtracker.model.question import Answer, Question
from graphtracker.model.values import Source
from graphtracker.stores.bounds import choose
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.rows import Rows

_NO_LIMIT = 1 << 40
_FEW = 8  # runs; a frontier of so few is asked for many steps at once
_AHEAD = 1000  # runs of those steps
_ALL_NEXT = 100  # ids one step on of each of those runs; of one that has more, they are asked for when it is reached


def answer(ask: Ask, question: Question) -> Answer | None:
    """The answer to a question, None where the run is unknown."""
    return _bounded(ask, question) if question.bounded else _whole(ask, question)


def _whole(ask: Ask, question: Question) -> Answer | None:
    rows = Rows()
    start, name = question.run_id, question.artifact_name
    if question.upstream:
        rows.add_walk(ask("lineage_upstream", run_id=start))
    if question.downstream and name is None:
        rows.add_walk(ask("lineage_downstream", run_id=start))
    elif question.downstream:
        whole = _ids(ask("whole_run_consumers", run_id=start))
        rows.add_walk(ask("lineage_downstream_of_artifact", run_id=start, name=name, whole=whole))
        if start in rows.links and start in _Walk(rows, question).down:
            rows.add_walk(ask("lineage_downstream", run_id=start))
    if start not in rows.runs:
        return None
    return _answered(ask, question, rows)


def _answered(ask: Ask, question: Question, rows: Rows) -> Answer:
    """What the question reaches in the rows, with the artifacts that only the runs reached tell the need of."""
    walk = _Walk(rows, question)
    lacking = walk.whole - walk.down
    if lacking:
        rows.add_artifacts(ask("artifacts_of_runs", run_ids=sorted(lacking)))
    if question.artifact_name is not None and (question.run_id, question.artifact_name) not in rows.artifacts:
        rows.add_artifacts(ask("artifacts", keys=[[question.run_id, question.artifact_name]]))
    return walk.answer()


def _bounded(ask: Ask, question: Question) -> Answer | None:
    start, name = question.run_id, question.artifact_name
    first_down: list[str] = []
    if name is not None and question.downstream:
        first_down = artifact_consumers(ask, start, name) or []
    chosen = choose(
        question, start, first_down, _Steps(ask, "upstream", question), _Steps(ask, "downstream", question), _first
    )
    rows = Rows()
    rows.add_runs(ask("runs_with_sources", run_ids=sorted(chosen.kept)))
    if start not in rows.runs:
        return None
    walk = _Walk(rows, question)
    rows.add_artifacts(ask("artifacts_of_runs", run_ids=sorted(walk.down)))
    rows.add_artifacts(ask("artifacts", keys=[list(key) for key in sorted(walk.named) if key[0] not in walk.down]))
    found = _answered(ask, question, rows)
    frontier = _frontier(ask, question, walk, first_down, chosen.followed)
    if not frontier:
        return found
    return replace(found, reasons=chosen.reasons, frontier=frontier)


def _first(runs: set[str], count: int) -> set[str]:
    return set(sorted(runs)[:count])


_STATEMENTS = {
    "upstream": ("step_upstream", "ahead_upstream"),
    "downstream": ("step_downstream", "ahead_downstream"),
}


class _Steps:
    """The runs one step on in a direction; a long chain is asked for many steps at once."""

    def __init__(self, ask: Ask, direction: str, question: Question) -> None:
        one, many = _STATEMENTS[direction]
        self._step, self._ahead = partial(ask, one), partial(ask, many)
        # Of the runs one step on, as many as may have been seen before and as may be kept, and one to tell of more.
        self._limit = _NO_LIMIT if question.max_runs is None else 2 * question.max_runs + 1
        self._look_ahead = question.depth is None or question.depth > 2
        self._known: dict[str, list[str]] = {}

    def __call__(self, runs: set[str]) -> set[str]:
        known = self._known
        asked = {run for run in runs if run not in known}
        if asked and self._look_ahead and len(asked) <= _FEW:
            ((steps,),) = self._ahead(run_ids=sorted(asked), limit=min(_AHEAD, self._limit), next=_ALL_NEXT + 1)
            known.update((run_id, ids) for run_id, ids in steps if len(ids) <= _ALL_NEXT)
            asked = {run for run in asked if run not in known}
        found = {run_id for run in runs for run_id in known.get(run, ())}
        if asked:
            found.update(_ids(self._step(run_ids=sorted(asked), limit=self._limit)))
        return found


def _frontier(
    ask: Ask, question: Question, walk: _Walk, first_down: Iterable[str], followed: set[str]
) -> dict[str, frozenset[str]]:
    """Runs from which a walk would have gone on to a run that was not kept, with the directions of those walks."""
    kept, links = walk.rows.runs, walk.rows.links
    cut: dict[str, set[str]] = {}
    for run_id in walk.up:
        whole, named = links[run_id]
        if not all(source in kept for source in whole) or not all(source in kept for source, _ in named):
            cut.setdefault(run_id, set()).add("upstream")
    if open_ones := walk.down - followed:
        for run_id in _ids(ask("open_downstream", run_ids=sorted(open_ones), kept=sorted(kept))):
            cut.setdefault(run_id, set()).add("downstream")
    if not all(run_id in kept for run_id in first_down):
        cut.setdefault(question.run_id, set()).add("downstream")
    return {run_id: frozenset(cut[run_id]) for run_id in sorted(cut)}


def artifact_consumers(ask: Ask, run_id: str, name: str) -> list[str] | None:
    """The runs one step after an artifact; None where nobody logged or named it."""
    named = ask("artifact_consumers", run_id=run_id, name=name)
    if not named:
        return None
    return sorted({*named[0][0], *_ids(ask("whole_run_consumers", run_id=run_id))})


def _ids(records: list[list[list[str]]]) -> list[str]:
    """The ids of a row."""
    return records[0][0] if records else []


class _Walk:
    """What a question reaches in rows: the server's walk may also have met what others put between our nodes.

    ``up`` and ``down`` are runs, the start among them where the walk begins there; ``named`` the artifacts that runs of
    ``up`` name, ``whole`` the runs of which all artifacts are ancestors.
    """

    def __init__(self, rows: Rows, question: Question) -> None:
        self.rows = rows
        self._question = question
        self.up: set[str] = set()
        self.down: set[str] = set()
        self.named: set[tuple[str, str]] = set()
        self.whole: set[str] = set()
        if question.upstream:
            self._walk_up(question.run_id)
        if question.downstream:
            self._walk_down()

    def _walk_up(self, start: str) -> None:
        runs, links = self.rows.runs, self.rows.links
        self.up = {start} & runs.keys()
        waiting = list(self.up)
        while waiting:
            whole, named = links[waiting.pop()]
            chosen = {source for source, _ in named}
            self.named.update(named)
            self.whole.update(source for source in whole if source not in chosen and source in runs)
            for source in {*whole, *chosen}:
                if source in runs and source not in self.up:
                    self.up.add(source)
                    waiting.append(source)

    def _walk_down(self) -> None:
        consumers: dict[str, list[str]] = {}
        for run_id, (whole, named) in self.rows.links.items():
            for source in {*whole, *(source for source, _ in named)}:
                consumers.setdefault(source, []).append(run_id)
        self.down = self._first_down(consumers)
        waiting = list(self.down)
        while waiting:
            for run_id in consumers.get(waiting.pop(), ()):
                if run_id not in self.down:
                    self.down.add(run_id)
                    waiting.append(run_id)

    def _first_down(self, consumers: dict[str, list[str]]) -> set[str]:
        start, name = self._question.run_id, self._question.artifact_name
        if name is None:
            return {start} & self.rows.runs.keys()
        return {run_id for run_id in consumers.get(start, ()) if self._means(run_id, start, name)}

    def _means(self, run_id: str, source: str, name: str) -> bool:
        """Whether a consumer of the run means this artifact of it: it names it, or none."""
        named = {artifact for run, artifact in self.rows.links[run_id][1] if run == source}
        return name in named or not named

    def answer(self) -> Answer:
        """The answer, sorted by id."""
        rows, question = self.rows, self._question
        runs = {run_id: rows.runs[run_id] for run_id in sorted({*self.up, *self.down, question.run_id})}
        asked = None if question.artifact_name is None else (question.run_id, question.artifact_name)
        keys = sorted(
            key
            for key in rows.artifacts
            if key[0] in self.down or key == asked or (key[0] in runs and (key in self.named or key[0] in self.whole))
        )
        artifacts = {key: rows.artifacts[key] for key in keys}
        return Answer(question, runs, artifacts, sources_between(rows, runs, artifacts))


def sources_between(rows: Rows, runs: Iterable[str], artifacts: Iterable[tuple[str, str]]) -> list[Source]:
    """The sources of these runs whose other end is among these runs or artifacts, sorted."""
    known = set(runs)
    there = set(artifacts)
    found: list[Source] = []
    for run_id in runs:
        whole, named = rows.links[run_id]
        ends = {(source, "") for source in whole if source in known}  # links of others may stand twice
        ends.update(key for key in named if key in there)
        found += [Source(run_id, source, name or None) for source, name in sorted(ends)]
    return found
