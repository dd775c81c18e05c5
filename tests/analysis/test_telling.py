"""Of the keys in which runs differ, what was chosen comes before what was measured."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest

from graphtracker.analysis.telling import columns_of, telling_keys

DRAW = random.Random(5)
RUNS = 24

CHOSEN: dict[str, Sequence[object]] = {
    "a grid": [0.1, 0.01, 0.001] * 8,
    "drawn from logarithms": [round(10 ** DRAW.uniform(-5, -2), 6) for _ in range(RUNS)],
    "drawn from logarithms in full": [10 ** DRAW.uniform(-5, -2) for _ in range(RUNS)],
    "round": [DRAW.randint(1, 9) / 10 for _ in range(RUNS)],
    "powers of two": [2**exponent for exponent in range(RUNS)],
    "names": ["adam", "sgd"] * 12,
    "switches": [True, False, None] * 8,
    "many names": [f"resnet-{number % 6}" for number in range(RUNS)],
    "optim.lr": [DRAW.uniform(0.01, 0.02) for _ in range(RUNS)],
    "batchSize": [DRAW.randint(100, 999) for _ in range(RUNS)],
    "optim.weight_decay": [DRAW.random() for _ in range(RUNS)],
    "criterion_loss": ["mse", "huber", "mae"] * 8,
    "trainer.precision": ["bf16", "fp32"] * 12,
    "loss_scale": [1, 128] * 12,
}
MEASURED: dict[str, Sequence[object]] = {
    "anything": [0.3 + DRAW.random() for _ in range(RUNS)],
    "counted": [DRAW.randint(40_000, 60_000) for _ in range(RUNS)],
    "exact": [Decimal(DRAW.randint(40_000, 60_000)) / 7 for _ in range(RUNS)],
    "val.f1": [0.81, 0.82] * 12,
    "valLoss": [10 ** DRAW.uniform(-5, 2) for _ in range(RUNS)],
    "test_accuracy_top_1": [round(DRAW.random(), 1) for _ in range(RUNS)],
    "epoch_time": [DRAW.randint(1, 9) for _ in range(RUNS)],
}
NUMBERED: dict[str, Sequence[object]] = {
    "whatever": range(100, 100 + RUNS),
    "with gaps": [number + number // 3 for number in range(RUNS)],
    "seed": [1, 2, 3] * 8,
    "Trial": [DRAW.randint(0, 10**9) for _ in range(RUNS)],
}
TEXTS: dict[str, Sequence[object]] = {"log": [f"/logs/{number}" for number in range(RUNS)]}


def order_of(columns: Mapping[str, Sequence[object]]) -> list[str]:
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return telling_keys(columns_of(rows), len(rows))


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param(*each, id=" before ".join(each))
        for one, others in ((CHOSEN, MEASURED), (CHOSEN, NUMBERED), (MEASURED, NUMBERED), (NUMBERED, TEXTS))
        for each in ((key, other) for key in one for other in others)
    ],
)
def test_the_first_is_told_before_the_other_whatever_the_order_in_the_metadata(first: str, then: str) -> None:
    every = CHOSEN | MEASURED | NUMBERED | TEXTS
    for pair in ((first, then), (then, first)):
        assert order_of({key: every[key] for key in pair}) == [first, then]


def test_of_what_was_chosen_that_of_the_most_values_is_first() -> None:
    assert order_of({"b": [1, 2] * 6, "a": [1, 2, 3] * 4, "c": [1, 2, 3, 4] * 3}) == ["c", "a", "b"]


def test_keys_that_most_of_the_runs_lack_are_the_last_of_their_kind() -> None:
    rows = [{"lr": number % 2, "loss": number / 7} | ({"warmup": number} if number < 4 else {}) for number in range(12)]
    assert telling_keys(columns_of(rows), 12) == ["lr", "warmup", "loss"]


def test_keys_in_which_no_run_differs_are_none() -> None:
    assert order_of({"one": [1, 1.0, Decimal(1)], "other": ["a", "a", "a"]}) == []


def test_numbers_of_any_size_have_a_place() -> None:
    assert set(order_of({"a": [10**5000, -(10**5000), 1], "b": [float("inf"), float("nan"), 0.0]})) == {"a", "b"}
