"""What several runs and artifacts came from, or led to: every answer is that of networkx on the full graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtracker import GraphTracker
from graphtracker.model.events import Event
from graphtracker.model.question import Answer, JointQuestion, Question
from graphtracker.stores.neo4j import lineage
from graphtracker.stores.snapshot import Snapshot
from tests.support.event_oracle import Whole, at, model_of, value_differences, whole
from tests.support.oracle import Model, Node, differences
from tests.support.strategies import LAST, NAMES, RUN_IDS, arrangements, examples, told

NewUrl = Callable[[], str]
WAYS = ["upstream", "downstream"]

nodes: st.SearchStrategy[Node] = st.sampled_from(RUN_IDS) | st.tuples(st.sampled_from(RUN_IDS), st.sampled_from(NAMES))
"""Most of them are in few of the stores."""


def questions(model: Model, as_of: datetime | None) -> st.SearchStrategy[list[JointQuestion]]:
    """About what is there, and what is not, some of it twice."""
    starts = st.lists(st.sampled_from(model.nodes) | nodes if model.nodes else nodes, max_size=6)
    question = st.builds(
        lambda starts, way, depth, max_runs: JointQuestion(tuple(starts), way, depth, max_runs, as_of),
        starts,
        st.sampled_from(WAYS),
        st.none() | st.integers(0, 3),
        st.none() | st.integers(1, 6),
    )
    return st.lists(question, min_size=6, max_size=10)


def wrong(there: Whole, snapshot: Snapshot, question: JointQuestion) -> Iterator[str]:
    """Where an answer differs from the oracle's, and that about one start from the answer about it alone."""
    model = model_of(there)
    answer = snapshot.lineages(question)
    want = model.joint(question.starts, question.direction, question.depth, question.max_runs)
    shape = replace(answer, reasons=answer.reasons - {"overwritten"})
    yield from (f"{question}: {line}" for line in [*differences(want, shape), *value_differences(there, answer)])
    sources = [(source.run_id, source.source_run_id, source.artifact_name or "") for source in answer.sources]
    if (list(answer.runs), list(answer.artifacts), sources) != (
        sorted(answer.runs),
        sorted(answer.artifacts),
        sorted(sources),
    ):
        yield f"{question}: it is not sorted"
    if (answer.question, answer.as_of) != (None, question.as_of):
        yield f"{question}: it says that it answers {answer.question} as of {answer.as_of}"
    for start in sorted({*question.starts} & {*model.nodes}, key=str)[:1]:
        if snapshot.lineages(replace(question, starts=(start,))) != alone(snapshot, start, question):
            yield f"{question}: the answer about {start!r} is another one than that about it alone"


def alone(snapshot: Snapshot, start: Node, question: JointQuestion) -> Answer:
    """The answer about one start, but for its question."""
    run_id, name = (start, None) if isinstance(start, str) else start
    answer = snapshot.lineage(
        Question(run_id, name, question.direction, question.depth, question.max_runs, question.as_of)
    )
    assert answer is not None
    return replace(answer, question=None, as_of=question.as_of)


def test_what_several_have_in_their_lineages_is_the_oracles(
    kind: str, new_url: NewUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Neo4j both by the walks of the server and, from more than two, by steps."""
    monkeypatch.setattr(lineage, "_FEW_STARTS", 2)

    @settings(examples(kind), max_examples=10 if kind == "neo4j" else 50)
    @given(told(), st.data())
    def of(events: list[Event], data: st.DataObject) -> None:
        found: list[str] = []
        with GraphTracker(new_url()) as tracker:
            for transaction in data.draw(arrangements(events), label="transactions"):
                tracker._recorder.store.write(transaction)
            for time in (None, data.draw(st.integers(0, LAST), label="time")):
                there = whole(events, None if time is None else time * 1000)
                asked = data.draw(questions(model_of(there), None if time is None else at(time * 1000)))
                found += tracker._recorder.read(partial(all_wrong, there, asked))
        assert not found

    of()


def all_wrong(there: Whole, asked: list[JointQuestion], snapshot: Snapshot) -> list[str]:
    return [line for question in asked for line in wrong(there, snapshot, question)]
