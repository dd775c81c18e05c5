"""Lineage on Neo4j: the walks on the server, their bounds, the answer made of what they met."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from graphtracker.model.question import Answer, JointQuestion, Question
from graphtracker.model.values import Node, run_of
from graphtracker.stores.bounds import Chosen, choose, choose_jointly
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.rows import Rows
from graphtracker.stores.neo4j.walk import Walk

_NO_LIMIT = 1 << 40
_FEW_STARTS = 8  # from each of which the server walks on its own, however much it has in common with the others
_FEW = 8  # runs; a frontier of so few is asked for many steps at once
_AHEAD = 1000  # runs of those steps
_ALL_NEXT = 100  # ids one step on of each of those runs; of one that has more, they are asked for when it is reached


def answer(ask: Ask, question: Question) -> Answer | None:
    """The answer to a question, None where the run is unknown."""
    return _bounded(ask, question) if question.bounded else _whole(ask, question)


def joint_answer(ask: Ask, question: JointQuestion) -> Answer:
    """The answer about those of several starts that are there."""
    rows = Rows(question.as_of)
    starts = _known(ask, rows, question)
    runs = {run_of(start) for start in starts}
    downs = _downs(ask, question, starts) if question.downstream else {}
    walked = runs if question.upstream else {start for start in starts if isinstance(start, str)}
    first = set().union(*downs.values())
    if not question.bounded and len(walked | first) <= _FEW_STARTS:
        walk = "lineage_upstream" if question.upstream else "lineage_downstream"
        rows.add_walk(ask(walk, run_ids=sorted(walked | first), as_of=question.as_of))
        if unmet := sorted(runs - rows.runs.keys()):  # no walk began at those whose artifacts are asked about
            rows.add_runs(ask("runs_with_sources", run_ids=unmet, as_of=question.as_of))
        return _answered(ask, Walk(rows, question, starts))
    step = _Steps(ask, question.direction, question)
    chosen = choose_jointly(question, runs, walked, first, step, _first)
    kept = [start for start in starts if run_of(start) in chosen.kept]
    downs = {run_id: first for run_id, first in downs.items() if run_id in chosen.kept}
    found = _of_chosen(ask, rows, question, kept, downs, chosen)
    return found if len(kept) == len(starts) else replace(found, reasons=found.reasons | chosen.reasons)


def _known(ask: Ask, rows: Rows, question: JointQuestion) -> list[Node]:
    """The starts that are there, the artifacts among them with their rows."""
    keys = [list(start) for start in question.starts if isinstance(start, tuple)]
    rows.add_artifacts(ask("artifacts", keys=keys, as_of=question.as_of) if keys else (), there=True)
    run_ids = sorted({run_of(start) for start in question.starts})
    there = set(_ids(ask("known_runs", run_ids=run_ids, as_of=question.as_of)))
    known = dict.fromkeys(start for start in question.starts if run_of(start) in there)
    return [start for start in known if isinstance(start, str) or start in rows.artifacts]


def _downs(ask: Ask, question: JointQuestion, starts: Iterable[Node]) -> dict[str, set[str]]:
    """Of each run whose artifacts are asked about, the runs one step after those."""
    downs: dict[str, set[str]] = {}
    keys = [start for start in starts if isinstance(start, tuple)]
    for (run_id, _), (consumers, _) in artifact_consumers(ask, keys, question.as_of).items():
        downs.setdefault(run_id, set()).update(consumers)
    return downs


def _whole(ask: Ask, question: Question) -> Answer | None:
    start, name, as_of = question.run_id, question.artifact_name, question.as_of
    rows = Rows(as_of)
    walk = partial(ask, run_ids=[start], as_of=as_of)
    if question.upstream:
        rows.add_walk(walk("lineage_upstream"))
    if question.downstream and name is None:
        rows.add_walk(walk("lineage_downstream"))
    elif question.downstream:
        whole = dict(walk("whole_run_consumers")).get(start, [])
        rows.add_walk(ask("lineage_downstream_of_artifact", run_id=start, name=name, whole=whole, as_of=as_of))
        if start in rows.links and start in Walk(rows, question, [question.start]).down:
            rows.add_walk(walk("lineage_downstream"))
    if not is_there(ask, rows, start, as_of):
        return None
    return _answered(ask, Walk(rows, question, [question.start]))


def is_there(ask: Ask, rows: Rows, run_id: str, as_of: datetime | None) -> bool:
    """Whether a run of the rows is there; one that did not report is as long as a source names it."""
    run = rows.runs.get(run_id)
    if run is None or not run.external:
        return run is not None
    return bool(_ids(ask("known_runs", run_ids=[run_id], as_of=as_of)))


def _answered(ask: Ask, walk: Walk) -> Answer:
    """What the walk reaches, with the artifacts that only the runs reached tell the need of."""
    rows, as_of = walk.rows, walk.question.as_of
    if lacking := walk.whole - walk.down:
        rows.add_artifacts(ask("artifacts_of_runs", run_ids=sorted(lacking), as_of=as_of), there=True)
    if unmet := sorted(walk.artifacts - (rows.artifacts.keys() & rows.named)):
        rows.add_artifacts(ask("artifacts", keys=[list(key) for key in unmet], as_of=as_of), there=True)
    return walk.answer()


def _bounded(ask: Ask, question: Question) -> Answer | None:
    start, name, as_of = question.run_id, question.artifact_name, question.as_of
    first_down: set[str] = set()
    if name is not None and question.downstream:
        key = (start, name)
        first_down, _ = artifact_consumers(ask, [key], as_of)[key]
    chosen = choose(
        question, start, first_down, _Steps(ask, "upstream", question), _Steps(ask, "downstream", question), _first
    )
    rows = Rows(as_of)
    found = _of_chosen(ask, rows, question, [question.start], {start: first_down}, chosen)
    return found if is_there(ask, rows, start, as_of) else None


def _of_chosen(
    ask: Ask,
    rows: Rows,
    question: Question | JointQuestion,
    starts: Collection[Node],
    downs: Mapping[str, set[str]],
    chosen: Chosen[str],
) -> Answer:
    """The answer of a store that would hold only the runs that were chosen, and what it leaves out."""
    as_of = question.as_of
    rows.add_runs(ask("runs_with_sources", run_ids=sorted(chosen.kept), as_of=as_of))
    walk = Walk(rows, question, starts)
    rows.add_artifacts(ask("artifacts_of_runs", run_ids=sorted(walk.down), as_of=as_of), there=True)
    named = [list(key) for key in sorted(walk.named) if key[0] not in walk.down]
    rows.add_artifacts(ask("artifacts", keys=named, as_of=as_of), there=True)
    found = _answered(ask, walk)
    frontier = _frontier(ask, walk, downs, chosen.followed) if question.bounded else {}
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

    def __init__(self, ask: Ask, direction: str, question: Question | JointQuestion) -> None:
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


def _frontier(ask: Ask, walk: Walk, downs: Mapping[str, set[str]], followed: set[str]) -> dict[str, frozenset[str]]:
    """Runs from which a walk would have gone on to a run that was not kept, with the directions of those walks.

    ``downs`` has, of the runs whose artifacts are asked about, those one step after these.
    """
    kept, links = walk.rows.runs, walk.rows.links
    cut: dict[str, set[str]] = {}
    for run_id in walk.up:
        whole, named = links[run_id]
        if not all(source in kept for source in whole) or not all(source in kept for source, _ in named):
            cut.setdefault(run_id, set()).add("upstream")
    if open_ones := walk.down - followed:
        asked = {"run_ids": sorted(open_ones), "kept": sorted(kept), "as_of": walk.question.as_of}
        for run_id in _ids(ask("open_downstream", **asked)):
            cut.setdefault(run_id, set()).add("downstream")
    for run_id, first in downs.items():
        if not kept.keys() >= first:
            cut.setdefault(run_id, set()).add("downstream")
    return {run_id: frozenset(cut[run_id]) for run_id in sorted(cut)}


def artifact_consumers(
    ask: Ask, keys: Collection[tuple[str, str]], as_of: datetime | None = None
) -> dict[tuple[str, str], tuple[set[str], bool]]:
    """Of each of these artifacts the runs one step after it, and whether it is there: logged, or named by a source."""
    if not keys:
        return {}
    found = ask("artifact_consumers", keys=[list(key) for key in keys], as_of=as_of)
    named = {(run_id, name): (run_ids, logged) for (run_id, name), run_ids, logged in found}
    whole = dict(ask("whole_run_consumers", run_ids=sorted({run_id for run_id, _ in keys}), as_of=as_of))
    consumers: dict[tuple[str, str], tuple[set[str], bool]] = {}
    for key in keys:
        run_ids, logged = named.get(key, ([], False))
        consumers[key] = ({*run_ids, *whole.get(key[0], ())}, logged or bool(run_ids))
    return consumers


def step_downstream(ask: Ask, run_ids: Iterable[str]) -> set[str]:
    """The runs one source after any of these."""
    return set(_ids(ask("step_downstream", run_ids=sorted(run_ids), limit=_NO_LIMIT)))


def _ids(records: list[list[list[str]]]) -> list[str]:
    """The ids of a row."""
    return records[0][0] if records else []
