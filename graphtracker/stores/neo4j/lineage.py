"""Lineage on Neo4j: the walks on the server, their bounds, the answer made of what they met."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
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
    start, name, as_of = question.run_id, question.artifact_name, question.as_of
    rows = Rows(as_of)
    walk = partial(ask, run_id=start, as_of=as_of)
    if question.upstream:
        rows.add_walk(walk("lineage_upstream"))
    if question.downstream and name is None:
        rows.add_walk(walk("lineage_downstream"))
    elif question.downstream:
        whole = _ids(walk("whole_run_consumers"))
        rows.add_walk(walk("lineage_downstream_of_artifact", name=name, whole=whole))
        if start in rows.links and start in _Walk(rows, question).down:
            rows.add_walk(walk("lineage_downstream"))
    if not is_there(ask, rows, start, as_of):
        return None
    return _answered(ask, question, rows)


def is_there(ask: Ask, rows: Rows, run_id: str, as_of: datetime | None) -> bool:
    """Whether a run of the rows is there; one that did not report is as long as a source names it."""
    run = rows.runs.get(run_id)
    if run is None or not run.external:
        return run is not None
    return bool(_ids(ask("known_runs", run_ids=[run_id], as_of=as_of)))


def _answered(ask: Ask, question: Question, rows: Rows) -> Answer:
    """What the question reaches in the rows, with the artifacts that only the runs reached tell the need of."""
    walk = _Walk(rows, question)
    lacking = walk.whole - walk.down
    as_of = question.as_of
    if lacking:
        rows.add_artifacts(ask("artifacts_of_runs", run_ids=sorted(lacking), as_of=as_of), there=True)
    asked = (question.run_id, question.artifact_name)
    if question.artifact_name is not None and asked not in rows.artifacts.keys() & rows.named:
        rows.add_artifacts(ask("artifacts", keys=[list(asked)], as_of=as_of), there=True)
    return walk.answer()


def _bounded(ask: Ask, question: Question) -> Answer | None:
    start, name, as_of = question.run_id, question.artifact_name, question.as_of
    first_down: set[str] = set()
    if name is not None and question.downstream:
        first_down, _ = artifact_consumers(ask, start, name, as_of)
    chosen = choose(
        question, start, first_down, _Steps(ask, "upstream", question), _Steps(ask, "downstream", question), _first
    )
    rows = Rows(as_of)
    rows.add_runs(ask("runs_with_sources", run_ids=sorted(chosen.kept), as_of=as_of))
    if not is_there(ask, rows, start, as_of):
        return None
    walk = _Walk(rows, question)
    rows.add_artifacts(ask("artifacts_of_runs", run_ids=sorted(walk.down), as_of=as_of), there=True)
    named = [list(key) for key in sorted(walk.named) if key[0] not in walk.down]
    rows.add_artifacts(ask("artifacts", keys=named, as_of=as_of), there=True)
    found = _answered(ask, question, rows)
    frontier = _frontier(ask, question, walk, first_down, chosen.followed)
    if not frontier:
        return found
    return replace(found, reasons=found.reasons | chosen.reasons, frontier=frontier)


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
        self._step, self._ahead = partial(ask, one, as_of=question.as_of), partial(ask, many, as_of=question.as_of)
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
        asked = {"run_ids": sorted(open_ones), "kept": sorted(kept), "as_of": question.as_of}
        for run_id in _ids(ask("open_downstream", **asked)):
            cut.setdefault(run_id, set()).add("downstream")
    if not all(run_id in kept for run_id in first_down):
        cut.setdefault(question.run_id, set()).add("downstream")
    return {run_id: frozenset(cut[run_id]) for run_id in sorted(cut)}


def artifact_consumers(ask: Ask, run_id: str, name: str, as_of: datetime | None = None) -> tuple[set[str], bool]:
    """The runs one step after an artifact, and whether that is there: logged, or named by a source."""
    found = ask("artifact_consumers", run_id=run_id, name=name, as_of=as_of)
    named, logged = found[0] if found else ([], False)
    whole = _ids(ask("whole_run_consumers", run_id=run_id, as_of=as_of))
    return {*named, *whole}, logged or bool(named)


def step_downstream(ask: Ask, run_ids: Iterable[str]) -> set[str]:
    """The runs one source after any of these."""
    return set(_ids(ask("step_downstream", run_ids=sorted(run_ids), limit=_NO_LIMIT)))


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
            for key in rows.known_artifacts()
            if key[0] in self.down or key == asked or (key[0] in runs and (key in self.named or key[0] in self.whole))
        )
        artifacts = {key: rows.artifacts[key] for key in keys}
        sources = sources_between(rows, runs, artifacts)
        return Answer(question, runs, artifacts, sources, rows.reasons(runs, artifacts))


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
