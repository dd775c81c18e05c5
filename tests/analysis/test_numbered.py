"""Names that differ only in their numbers are one."""

from __future__ import annotations

import pytest

from graphtracker.analysis.numbered import numbered


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([f"checkpoint-{number}" for number in range(100)], [("checkpoint-…", 100)]),
        (["part-0-of-3.csv", "log", "part-1-of-3.csv", "part-2-of-3.csv"], [("part-…-of-….csv", 3), ("log", 1)]),
        (["fold-1", "fold-2", "model"], [("fold-1", 1), ("fold-2", 1), ("model", 1)]),
        (["1", "2", "30"], [("…", 3)]),
        (["a", "b", "c"], [("a", 1), ("b", 1), ("c", 1)]),
        (["step-…", "step-1", "step-2", "step-3"], [("step-…", 1), ("step-…", 3)]),
        (["one"], [("one", 1)]),
        ([], []),
    ],
)
def test_three_and_more_that_differ_in_their_numbers_are_told_once(
    names: list[str], expected: list[tuple[str, int]]
) -> None:
    assert numbered(names) == expected
