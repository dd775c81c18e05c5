"""The page of a lineage, opened in a real Chromium, with what tests ask it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from graphtracker import GraphTracker, Lineage
from graphtracker.drawing.options import PLAIN, PictureOptions
from graphtracker.export import export
from tests.support.remembered import record_remembered

Opened = Callable[..., Page]


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Opened:
    """Opens the page of a lineage; nothing but this one file may be asked for, nothing may go wrong in it."""
    wrong: list[str] = []
    path = tmp_path / "lineage.html"

    def open_(lineage: Lineage, options: PictureOptions = PLAIN, *, address: str = "") -> Page:
        path.write_bytes(b"".join(export(lineage, "html", options)))
        page.on("request", lambda request: None if request.url.startswith(path.as_uri()) else wrong.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text))  # a policy that is not kept is told there
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.goto("about:blank")
        page.goto(path.as_uri() + address)
        assert wrong == []
        return page

    return open_


@pytest.fixture
def remembered() -> GraphTracker:
    tracker = GraphTracker(":memory:")
    record_remembered(tracker)
    return tracker


def node(page: Page, label: str) -> Locator:
    """The text of the first node of this label."""
    return page.locator("g.node text", has_text=re.compile(f"^\\s*{re.escape(label)}\\s*$")).first


def rows(page: Page) -> dict[str, str]:
    """Key with value in the tables of what is chosen."""
    return {line[0]: line[1] for line in table(page, "table:not(.sorted)")}


def near(page: Page) -> set[str]:
    """The labels of the nodes that are not dimmed."""
    return set(page.evaluate("[...document.querySelectorAll('g.node.near text')].map(text => text.textContent)"))


def middle(page: Page, label: str) -> tuple[float, float]:
    """Where the text of the node is seen."""
    box = node(page, label).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def table(page: Page, of: str = ".sorted") -> list[list[str]]:
    """The cells of a table in the panel, line by line."""
    cells: list[list[str]] = page.evaluate(
        "of => [...document.querySelectorAll(`#panel ${of} tr`)].map(r => [...r.cells].map(c => c.textContent))", of
    )
    return cells


def settled(page: Page) -> None:
    """Waits for two frames: what follows an event has been laid out then."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
