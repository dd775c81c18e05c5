"""How many there are is said with the word for one, or for several."""

from __future__ import annotations

import pytest

from graphtracker.model.counted import counted


@pytest.mark.parametrize(("count", "text"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs"), (12_000, "12,000 runs")])
def test_one_is_not_said_as_several(count: int, text: str) -> None:
    assert counted(count, "run") == text
