"""The empty snapshot: what is asked of a store that is not there is answered as by one that holds nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graphtracker.model.question import JointQuestion, Question
from graphtracker.stores.filters.parsing import condition
from graphtracker.stores.filters.selection import Selection, order
from graphtracker.stores.opening import memory_store, open_store
from graphtracker.stores.snapshot import EmptySnapshot, Snapshot
from tests.support.recording import NOON

QUESTIONS: dict[str, Callable[[Snapshot], object]] = {
    "run": lambda snapshot: snapshot.run("train"),
    "runs": lambda snapshot: snapshot.runs(Selection(condition("lr < 0.1"), "data", order("-lr"), 5)),
    "run_ids": lambda snapshot: snapshot.run_ids(Selection()),
    "named": lambda snapshot: snapshot.named("a", beginning=True, limit=10),
    "containing": lambda snapshot: snapshot.containing("a", lambda text: True, 10),
    "find": lambda snapshot: snapshot.find("a", lambda text: True, 10),
    "keys": lambda snapshot: snapshot.keys("", 10),
    "metadata": lambda snapshot: snapshot.metadata("train"),
    "artifacts": lambda snapshot: snapshot.artifacts("train"),
    "sources": lambda snapshot: snapshot.sources("train"),
    "consumers": lambda snapshot: snapshot.consumers("train", "model"),
    "find_artifacts": lambda snapshot: snapshot.find_artifacts("/m.pt"),
    "newest_at": lambda snapshot: snapshot.newest_at(["/m.pt"]),
    "lineage": lambda snapshot: snapshot.lineage(Question("train")),
    "lineages": lambda snapshot: snapshot.lineages(JointQuestion(("train", ("data", "rows")), "upstream")),
    "lineages as of a time": lambda snapshot: snapshot.lineages(JointQuestion(("train",), "downstream", 1, 1, NOON)),
    "graph": lambda snapshot: snapshot.graph(),
    "graph as of a time": lambda snapshot: snapshot.graph(NOON),
    "loose_ends": lambda snapshot: snapshot.loose_ends(str, 10),
    "belongings": lambda snapshot: snapshot.belongings(["train"]),
    "outdated": lambda snapshot: snapshot.outdated(NOON, condition("lr < 0.1")),
    "events": lambda snapshot: [event for page in snapshot.events() for event in page],
}


def test_every_question_is_asked_here() -> None:
    assert {name.split()[0] for name in QUESTIONS} == {name for name in vars(Snapshot) if not name.startswith("_")}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_empty_snapshot_answers_as_an_empty_store(question: str) -> None:
    ask = QUESTIONS[question]
    assert ask(EmptySnapshot()) == memory_store().read(ask)


@pytest.mark.parametrize("question", QUESTIONS)
def test_reading_a_missing_store_is_reading_the_empty_snapshot_and_makes_none(question: str, tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    assert open_store(missing).read(QUESTIONS[question]) == QUESTIONS[question](EmptySnapshot())
    assert not missing.exists()
