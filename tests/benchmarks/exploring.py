"""How smooth the page to explore a lineage in is: its frames while it is moved, against those of the page at rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import quantiles

from playwright.sync_api import Page

from graphtracker import GraphTracker
from graphtracker.export import export
from tests.benchmarks.measuring import Result, ratio
from tests.support.chromium import opened

_RECORD = """() => {
    window.frames = [];
    let last = performance.now();
    const tick = now => { frames.push(now - last); last = now; window.ticking = requestAnimationFrame(tick); };
    window.ticking = requestAnimationFrame(tick);
}"""
_STOP = "() => { cancelAnimationFrame(ticking); return frames; }"


def of_a_large_page(folder: Path, *, runs: int = 1500, moves: int = 60) -> Iterator[Result]:
    """The page of some 2,000 nodes, in the processor's own rendering: nine of ten frames take less than this."""
    path = folder / "lineage.html"
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(runs):
                batch.add_artifact(f"run-{number:04}", "model", "/m")
                batch.add_source(f"run-{number:04}", f"run-{max(0, number - 7):04}", "model")
        path.write_bytes(b"".join(export(tracker.lineage("run-0000"), "html")))
    with opened() as page:
        page.goto(path.as_uri())
        nodes = page.evaluate("nodes.size")
        rest = _frame(page, lambda: page.wait_for_timeout(moves * 16))
        for name, move in (("panned", _pan), ("zoomed", _zoom), ("a node dragged", _drag)):
            times = (_frame(page, partial(move, page, moves)), rest)
            yield ratio(f"frame of a page of {nodes:,} nodes, {name}, to the page at rest", times)


def _frame(page: Page, act: Callable[[], None]) -> float:
    page.evaluate(_RECORD)
    act()
    times: list[float] = page.evaluate(_STOP)
    return quantiles(times, n=10)[-1] if len(times) > 1 else max(times)  # one frame, where the machine is busy


def _pan(page: Page, moves: int) -> None:
    _pull(page, 5, 700, moves)


def _zoom(page: Page, moves: int) -> None:
    page.mouse.move(700, 450)
    for number in range(moves):
        page.mouse.wheel(0, -60 if number < moves / 2 else 60)


def _drag(page: Page, moves: int) -> None:
    page.click("#fit")
    box = page.locator("g.node").first.bounding_box()
    assert box is not None
    _pull(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, moves)


def _pull(page: Page, x: float, y: float, moves: int) -> None:
    page.mouse.move(x, y)
    page.mouse.down()
    for number in range(moves):
        page.mouse.move(x + number * 3, y - number)
    page.mouse.up()
