"""How the gallery draws: with the programs that people have, Graphviz, Chromium, Mermaid."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import pytest
from playwright.sync_api import Error, Page

from graphtracker import GraphTracker, GraphTrackerError, Lineage
from graphtracker.drawing.tree import tree
from graphtracker.export import export, export_difference
from graphtracker.model.styled import plain
from tests.gallery.shown import Shown
from tests.gallery.stores import STORES
from tests.support import mermaid
from tests.support.chromium import NoBrowser, opened

CANNOT = (
    *(GraphTrackerError, NoBrowser, Error, OSError, subprocess.SubprocessError, AssertionError),
    *(pytest.skip.Exception, pytest.fail.Exception),
)
"""What is raised where this machine cannot draw something."""

_SUFFIXES = {"mermaid": "mmd", "tree": "txt"}
_RENDER = """async text => {
    document.getElementById("picture").innerHTML = (await mermaid.render("drawn", text)).svg;
}"""


class Seen(NamedTuple):
    """What became of one thing: the files to look at, the file that it is, and what was said on stderr."""

    pictures: list[str]
    file: str
    told: list[str]


class Studio:
    """Draws into a folder; Chromium is opened when it is needed first."""

    def __init__(self, folder: Path, trackers: dict[str, GraphTracker]) -> None:
        self._folder, self._trackers = folder, trackers
        self._open = ExitStack()
        self._page: Page | None = None

    def __enter__(self) -> Studio:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def draw(self, item: Shown, name: str) -> Seen:
        """Draws one, into files of this name; raises CANNOT."""
        file = f"{name}.{_SUFFIXES.get(item.format, item.format)}"
        told: list[str] = []
        (self._folder / file).write_bytes(b"".join(self._written(item, told.append)))
        seen = {"mermaid": self._mermaid, "html": self._html, "pdf": _nothing, "dot": _nothing}.get(
            item.format, _itself
        )
        return Seen(list(seen(item, file)), file, told)

    def _written(self, item: Shown, tell: Callable[[str], None]) -> Iterator[bytes]:
        tracker = self._trackers[item.store]
        if item.format == "tree":
            return _tree(item, item.lineage(tracker), tell)
        if item.other is not None:
            difference = tracker.diff(STORES[item.store].start, item.other)
            return export_difference(difference, item.format, item.options, tell=tell)
        return export(item.lineage(tracker), item.format, item.options, tell=tell)

    def _mermaid(self, item: Shown, file: str) -> Iterator[str]:
        page = self._browser()
        page.emulate_media(color_scheme="dark" if item.options.dark else "light")
        page.goto("about:blank")
        page.set_content(f"<body style='background: {'#0d1117' if item.options.dark else 'white'}'><div id=picture>")
        page.add_script_tag(path=str(mermaid.script()))
        page.evaluate("mermaid.initialize({startOnLoad: false, securityLevel: 'strict'})")
        page.evaluate(_RENDER, (self._folder / file).read_text(encoding="utf-8"))
        page.locator("#picture").screenshot(path=self._folder / f"{file}.png")
        yield f"{file}.png"

    def _html(self, item: Shown, file: str) -> Iterator[str]:
        page = self._browser()
        sides = {"light": (1600, 1000), "dark": (1600, 1000), "phone": (390, 844)}
        for seen, (width, height) in sides.items():
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="dark" if seen == "dark" else "light")
            page.goto((self._folder / file).as_uri())
            page.screenshot(path=self._folder / f"{file}.{seen}.png")
            yield f"{file}.{seen}.png"
        page.set_viewport_size({"width": 1600, "height": 1100})

    def _browser(self) -> Page:
        if self._page is None:
            self._page = self._open.enter_context(opened())
        return self._page


def _tree(item: Shown, lineage: Lineage, tell: Callable[[str], None]) -> Iterator[bytes]:
    shown = tree(lineage, expand=item.options.expand, everything=item.options.everything)
    if shown.left_out is not None:
        tell(f"left out: {shown.left_out}")
    yield from (f"{plain(line)}\n".encode() for line in shown.lines(item.columns))


def _itself(_: Shown, file: str) -> Iterator[str]:
    yield file


def _nothing(_: Shown, __: str) -> Iterator[str]:
    yield from ()
