"""A table fits its terminal, whatever stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtracker.cli.table import Column, fitting, lines, rows, widths
from tests.support.hostile import HOSTILE, obeyed
from tests.support.terminal import cells


def shown(columns: list[Column], room: int) -> list[str]:
    return list(lines(columns, room))


def test_columns_stand_below_each_other_and_numbers_on_the_right() -> None:
    table = [Column("name", ["a", "bcd"]), Column("lr", ["0.1", "1e-05"]), Column("optimizer", ["sgd", ""])]
    assert shown(table, 80) == [
        "name     lr  optimizer",
        "a       0.1  sgd",
        "bcd   1e-05",
    ]


@pytest.mark.parametrize(
    ("texts", "right"),
    [(["1", "", "2.5"], True), (["nan", "1"], True), (["nan", "inf"], False), (["1", "x"], False), (["", ""], False)],
)
def test_numbers_are_what_a_column_of_nothing_else_has(texts: list[str], right: bool) -> None:
    assert Column("a", texts).of_numbers is right


@pytest.mark.parametrize("room", [1, 2, 7, 20, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_none_is_obeyed(room: int) -> None:
    joined = ("\u200d", "\U0001f3fd")  # emoji that some terminals join to one, and others do not
    texts = [text for text in HOSTILE.values() if not any(each in text for each in joined)]
    table = [Column("name", texts), *(Column(text, texts[::-1]) for text in texts[:20])]
    found = shown(table, room)
    assert len(found) == 1 + len(texts)
    assert obeyed("".join(found)) == []
    if room > 7:  # a wide character finds no place in one column
        assert max(map(cells, found)) <= room


@given(st.lists(st.lists(st.text("ab漢1.e", max_size=30), min_size=3, max_size=3), min_size=1), st.integers(1, 90))
def test_a_table_of_any_text_fits_any_terminal(texts: list[list[str]], room: int) -> None:
    table = [Column(str(number), text) for number, text in enumerate(texts)]
    found = shown(table, room)
    assert len(found) == 4
    assert all(cells(line) <= room for line in found)
    assert sum(widths(table, room)) <= room


def test_what_fits_is_never_cut() -> None:
    table = [Column("name", ["n" * 50]), Column("note", ["t" * 48])]
    assert shown(table, 100) == [f"name{' ' * 48}note", "n" * 50 + "  " + "t" * 48]


def test_wide_columns_leave_room_for_others_before_any_is_left_out() -> None:
    name, note, lr = Column("name", ["n" * 90]), Column("note", ["t" * 200]), Column("lr", ["0.1"])
    assert fitting([name], [note, lr], 80) == [note, lr]
    assert fitting([name], [note, lr], 60) == [note, lr]
    assert fitting([name], [note, lr], 40) == [lr]
    assert fitting([name], [note, lr], 26) == [lr]
    assert fitting([name], [note, lr], 10) == []


def test_the_first_columns_are_kept_where_not_all_that_were_chosen_fit() -> None:
    table = [Column(str(number), ["x" * 20]) for number in range(9)]
    assert len(widths(table, 80)) == 9
    assert len(widths(table, 30)) == 4
    assert [cells(line) for line in shown(table, 30)][1] <= 30


@pytest.mark.parametrize(
    ("number", "room", "cut"),
    [
        ("0.1", 3, "0.1"),
        ("0.03333333333333333", 10, "0.0333333…"),
        ("1.2345678901e-05", 10, "1.234…e-05"),
        ("123456789012345", 10, "1234…12345"),
        ("-0.12345678", 7, "-0.123…"),
    ],
)
def test_of_a_number_only_decimals_are_left_out(number: str, room: int, cut: str) -> None:
    wider = Column("a", [number, "1"])
    [_, line, _] = lines([Column("n", ["", ""]), wider], room + 3)
    assert line.strip() == cut


def test_names_that_would_look_alike_show_where_they_differ() -> None:
    names = [f"{'a-long-sweep-' * 5}lr={lr}{'-of-the-same-kind' * 5}" for lr in (0.1, 0.2)]
    _, first, second = shown([Column("name", names)], 40)
    assert "lr=0.1" in first
    assert "lr=0.2" in second
    assert [cells(line) <= 40 for line in (first, second)] == [True, True]


def test_titles_keep_their_ends_and_are_told_apart() -> None:
    titles = ["config.model.first.layers", "config.model.other.layers", "config.optim.lr"]
    table = [Column("n", ["1"]), *(Column(title, ["1"]) for title in titles)]
    head = shown(table, 40)[0].split()
    assert len(set(head)) == 4
    assert head[3].endswith("optim.lr")


def test_programs_get_all_of_it() -> None:
    table = [Column("a", ["x" * 1000, ""]), Column("b", ["1\t2", "\n"])]
    assert list(rows(table)) == [("a", "b"), ("x" * 1000, "1\\u00092"), ("", "\\u000a")]
