"""What an import read and what it left out, counted by kind."""

from __future__ import annotations

from graphtracker.exchange.report import Report


def test_nothing_read_is_said() -> None:
    assert Report().sentence() == "read nothing"


def test_kinds_come_in_the_order_in_which_they_were_met() -> None:
    report = Report()
    for kind in ("runs", "artifacts", "runs", "sources"):
        report.add(kind)
    for kind in ("traces", "prompts", "traces"):
        report.leave_out(kind)
    assert report.sentence() == "read 2 runs, 1 artifact and 1 source; not mapped: 2 traces and 1 prompt"


def test_large_numbers_are_grouped_and_none_is_not_said() -> None:
    report = Report()
    report.add("runs", 1_234_567)
    report.add("artifacts", 0)
    report.leave_out("traces", 0)
    assert report.sentence() == "read 1,234,567 runs"


def test_something_left_out_is_said_where_nothing_was_read() -> None:
    report = Report()
    report.leave_out("lines", 2)
    assert report.sentence() == "read nothing; not mapped: 2 lines"
