"""How the tables of notebooks are laid out in a browser: no caption in a tower, no picture wider than its cell."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from graphtracker import GraphTracker
from tests.support.tools import dot_program  # noqa: F401  # a fixture is used by its name, dot


def test_a_caption_is_one_line_however_narrow_the_table(page: Page) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("a", metadata={"k": 1})
        tables = [
            tracker.stale(),
            tracker.impact("a"),
            tracker.contrast(["a"]),
            tracker.verify("a"),
            tracker.runs(),
            tracker.run("a"),
        ]
        shown = [table._repr_html_() for table in tables]  # type: ignore[attr-defined]
    page.set_content(f"<div id='line'>A</div>{''.join(shown)}")
    heights = page.evaluate("[...document.querySelectorAll('caption')].map(each => each.clientHeight)")
    assert len(heights) == len(shown)
    line = page.evaluate("document.getElementById('line').clientHeight")
    assert max(heights) <= line


@pytest.mark.usefixtures("dot")
def test_the_picture_of_a_difference_fits_its_cell(page: Page) -> None:
    with GraphTracker(":memory:") as tracker:
        for side in "xy":
            for step in range(20):
                tracker.add_source(f"{side}{step}", f"{side}{step + 1}", "artifact")
        shown = tracker.diff("x0", "y0")._repr_html_()
    page.set_content(f"<div id='cell' style='width: 600px'>{shown}</div>")
    wide, high = page.evaluate(
        "(({width, height}) => [width, height])(document.querySelector('svg').getBoundingClientRect())"
    )
    assert 500 < wide <= 600
    assert high < wide / 2, "a picture keeps its shape"
