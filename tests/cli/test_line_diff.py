"""Long values of two sides as the lines in which they differ."""

from __future__ import annotations

import pytest

from graphtracker.cli.line_diff import line_diff, lines_of


def told(lines: list[str], others: list[str], room: int | None = None, most: int | None = None) -> list[str]:
    return list(line_diff(lines, others, room, most))


def test_a_hunk_stands_behind_the_number_of_its_line_with_a_line_around() -> None:
    lines = [f"line {number}" for number in range(1, 21)]
    others = [*lines[:4], "new", *lines[5:15], *lines[16:], "end"]
    assert told(lines, others) == [
        "@@ line 4 @@", "  line 4", "- line 5", "+ new", "  line 6",
        "@@ line 15 @@", "  line 15", "- line 16", "  line 17",
        "@@ line 20 @@", "  line 20", "+ end",
    ]  # fmt: skip


def test_one_line_has_no_number() -> None:
    assert told(["a"], ["b"]) == ["- a", "+ b"]


def test_lines_fit_and_show_where_they_differ() -> None:
    assert told(["a" * 30 + "x" + "c" * 30], ["a" * 30 + "y" + "c" * 30], room=22) == [
        f"- …{'a' * 5}x{'c' * 3}…{'c' * 9}",
        f"+ …{'a' * 5}y{'c' * 3}…{'c' * 9}",
    ]
    assert max(map(len, told(["a" * 90], ["b" * 70], room=22))) == 22


def test_more_lines_than_are_asked_for_are_counted() -> None:
    assert told(["a"], [f"{number}" for number in range(20)], most=4) == [
        "@@ line 1 @@", "- a", "+ 0", "+ 1", "… 18 more lines",
    ]  # fmt: skip


def test_no_line_is_told_as_different_that_is_not_and_none_that_is_is_left_out() -> None:
    lines = [f"L{number}" for number in range(2_000)]
    found = told(lines, ["new", *lines[:-1], "end"])
    assert [line for line in found if line[0] in "-+"] == ["+ new", "- L1999", "+ end"]


def test_of_texts_that_are_too_long_to_be_compared_it_is_said_where_they_may_differ() -> None:
    found = told(["same", *map(str, range(100_000))], ["same", *(f"-{number}" for number in range(1, 100_000))])
    assert found == ["\u2026 100,001 lines on one side, 100,000 on the other, from line 1 on"]


def test_what_acts_on_a_terminal_is_shown() -> None:
    assert told(["\x1b[2J", "\r"], ["\x1b[2J", "\t"]) == ["@@ line 1 @@", "  \\u001b[2J", "- \\u000d", "+ \\u0009"]


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ("two\nlines\n", ["two", "lines", ""]),
        (1, None),
        ([1, 2], ["[1, 2]"]),
        ({"b": "x" * 10, "a": [1]}, ["{", "  'a': [1],", "  'b': 'xxxxxxxxxx',", "}"]),
        (
            [{"b": ["y" * 20], 1: None}],
            ["[", "  {", "    'b': [", f"      '{'y' * 20}',", "    ],", "    1: None,", "  },", "]"],
        ),
        ({"c" * 12, "b" * 12}, ["{", f"  '{'b' * 12}',", f"  '{'c' * 12}',", "}"]),
    ],
)
def test_the_lines_of_a_value(value: object, lines: list[str] | None) -> None:
    assert lines_of(value, 20) == lines
