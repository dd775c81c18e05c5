"""Text is measured, and shortened, in the columns that it takes on a terminal."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from graphtracker.model.cells import end_of, fitted, width
from tests.support.hostile import HOSTILE

TEXTS = {**HOSTILE, "hangul": "모델 \u1112\u1161\u11ab", "combined": "e\u0301a", "full": "\uff21\uff22\uff23"}


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("train", 5),
        ("データ", 6),
        ("ﾃﾞｰﾀ", 4),
        ("\uff21\uff22\uff23", 6),
        ("모델", 4),
        ("\u1112\u1161\u11ab", 2),
        ("e\u0301a", 2),
        ("שלום", 4),
    ],
)
def test_a_text_is_as_wide_as_terminals_show_it(text: str, columns: int) -> None:
    assert width(text) == cell_len(text) == columns


@pytest.mark.parametrize("text", [text for text in TEXTS.values() if text.isprintable() and len(text) < 1000])
def test_nothing_is_wider_than_it_is_measured(text: str) -> None:
    """Of emoji that join, which not every terminal does, each is measured."""
    assert cell_len(text) <= width(text)


@pytest.mark.parametrize("room", [1, 2, 7, 20])
@pytest.mark.parametrize("text", [text for text in TEXTS.values() if len(text) < 1000])
def test_what_is_shortened_fits_and_keeps_its_ends(text: str, room: int) -> None:
    for shown in (fitted(text, room), end_of(text, room)):
        assert width(shown) <= room
        begin, ellipsis, end = shown.partition("…") if shown != text else ("", "", shown)
        assert text.startswith(begin)
        assert text.endswith(end)
        assert width(text) <= room or ellipsis
    assert fitted(text, None) == text
