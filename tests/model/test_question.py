"""An answer: what it says of itself, that it is never changed, that it survives pickling and copying."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError
from datetime import datetime, timezone
from typing import Any

import pytest

from graphtracker import Lineage, Run
from graphtracker.model.question import Answer, Question, asked_in_words

AT = datetime(2026, 1, 1, tzinfo=timezone.utc)
RUNS = {"train": Run("train", "train", False, False, {"lr": 0.1}, {}, AT, AT, AT)}
CUT = Answer(
    Question("train", "model", depth=0, max_runs=3), RUNS, {}, [], frozenset({"depth"}), {"train": frozenset()}
)


def test_an_answer_without_anything_is_of_a_whole_store_and_complete() -> None:
    answer = Answer()
    assert (answer.start, answer.start_run, answer.direction, answer.depth, answer.max_runs) == (
        None, None, "both", None, None
    )  # fmt: skip
    assert (answer.complete, answer.cut_note(), dict(answer.runs), answer.sources) == (True, None, {}, ())


def test_an_answer_says_what_cut_it_in_one_wording() -> None:
    assert CUT.cut_note() == "cut by depth"
    assert CUT.cut_note(bounds=True) == "cut by depth 0"
    assert CUT.unsynced().cut_note(bounds=True) == "cut by depth 0, unsynced"
    assert (CUT.start, CUT.start_run) == (("train", "model"), "train")


@pytest.mark.parametrize(
    ("question", "said", "said_without_runs"),
    [
        (None, "the whole store", "nothing"),
        (Question("train"), "TRAIN", "TRAIN"),
        (Question("train", "model", "upstream"), "model! of TRAIN", "model! of TRAIN"),
        (Question("train", begin="clean"), "every path from CLEAN to TRAIN", "no path from CLEAN to TRAIN"),
        (
            Question("train", "model", begin=("clean", "rows")),
            "every path from rows! of CLEAN to model! of TRAIN",
            "no path from rows! of CLEAN to model! of TRAIN",
        ),
    ],
)
def test_what_was_asked_is_said_in_the_names_of_who_reads_it(
    question: Question | None, said: str, said_without_runs: str
) -> None:
    assert asked_in_words(Answer(question, RUNS), str.upper, "{}!".format) == said
    assert asked_in_words(Answer(question), str.upper, "{}!".format) == said_without_runs


@pytest.mark.parametrize("kind", [Answer, Lineage])
def test_an_answer_is_never_changed(kind: type[Answer]) -> None:
    answer: Any = kind(None, dict(RUNS))
    with pytest.raises(FrozenInstanceError):
        answer.reasons = frozenset({"depth"})
    with pytest.raises(TypeError):
        answer.runs["other"] = RUNS["train"]
    with pytest.raises(TypeError):
        del answer.frontier["train"]


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda answer: pickle.loads(pickle.dumps(answer))])  # noqa: S301
def test_an_answer_survives_copies_and_pickling(twin: Any) -> None:
    lineage = Lineage.from_answer(CUT)
    assert len(lineage.graph) == 1
    again = twin(lineage)
    assert type(again) is Lineage
    assert again == lineage
    assert (again.question, again.reasons, again.frontier) == (CUT.question, CUT.reasons, CUT.frontier)


def test_unsynced_adds_its_reason_and_keeps_the_class() -> None:
    lineage = Lineage.from_answer(CUT).unsynced()
    assert type(lineage) is Lineage
    assert lineage.reasons == {"depth", "unsynced"}
