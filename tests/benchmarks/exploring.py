"""How soon the page to explore a lineage in is there, how smooth it is: against a page with the picture alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from playwright.sync_api import Page

from graphtracker import GraphTracker
from graphtracker.export import export
from tests.benchmarks.measuring import Result, in_turn, ratio
from tests.support.chromium import opened

_RECORD = """() => {
    window.frames = [];
    let last = performance.now();
    const tick = now => { frames.push(now - last); last = now; window.ticking = requestAnimationFrame(tick); };
    window.ticking = requestAnimationFrame(tick);
}"""
_STOP = "() => { cancelAnimationFrame(ticking); return frames; }"
_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
_ROUNDS = 5
_SOON = 2000  # ms in which a page of 2,000 nodes is there


class _Frames(NamedTuple):
    """Of some time, in ms: the frame in the middle, and the one that 19 of 20 are not longer than."""

    median: float
    p95: float


def of_a_large_page(folder: Path, *, runs: int = 1500, moves: int = 60) -> Iterator[Result]:
    """The page of some 2,000 nodes, in the processor's own rendering: opened beside the picture alone, then moved."""
    path, alone = folder / "lineage.html", folder / "alone.html"
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(runs):
                batch.record(f"run-{number:04}", metadata={"lr": number / 1000, "optim": {"name": "adam"}})
                batch.add_artifact(f"run-{number:04}", "model", "/m")
                batch.add_source(f"run-{number:04}", f"run-{max(0, number - 7):04}", "model")
        text = b"".join(export(tracker.lineage("run-0000"), "html")).decode()
    path.write_text(text, encoding="utf-8")
    alone.write_text(f"<!DOCTYPE html>{_picture(text)}", encoding="utf-8")
    with opened() as page:
        times = in_turn(_ROUNDS, lambda _: _open(page, path), lambda _: _open(page, alone))
        _open(page, path)
        nodes = page.evaluate("nodes.size")
        yield ratio(f"a page of {nodes:,} nodes opened, to its picture alone", times, f"≤ {_SOON:,} ms")
        rest = _frames(page, lambda: page.wait_for_timeout(moves * 16))
        for name, move in (("panned", _pan), ("zoomed", _zoom), ("a node dragged", _drag)):
            moved = _frames(page, partial(move, page, moves))
            words = f"of a page of {nodes:,} nodes, {name}, to the page at rest"
            yield ratio(f"frame {words}", (moved.median, rest.median))
            yield ratio(f"long frame (p95) {words}", (moved.p95, rest.p95))


def _picture(page: str) -> str:
    found = re.search("<svg width=.*?</svg>", page, re.DOTALL)
    assert found is not None
    return found[0]


def _open(page: Page, path: Path) -> float:
    """The ms until what is in it was drawn."""
    page.goto("about:blank")
    page.goto(path.as_uri())
    return float(page.evaluate(_DRAWN))


def _frames(page: Page, act: Callable[[], None]) -> _Frames:
    page.evaluate(_RECORD)
    act()
    times: list[float] = page.evaluate(_STOP)
    return _Frames(median(times), quantiles(times, n=20)[-1] if len(times) > 1 else max(times))


def _pan(page: Page, moves: int) -> None:
    _pull(page, 5, 700, moves)


def _zoom(page: Page, moves: int) -> None:
    page.mouse.move(700, 450)
    for number in range(moves):
        page.mouse.wheel(0, -60 if number < moves / 2 else 60)


def _drag(page: Page, moves: int) -> None:
    box = page.locator("g.node").first.bounding_box()
    assert box is not None
    _pull(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, moves)


def _pull(page: Page, x: float, y: float, moves: int) -> None:
    page.mouse.move(x, y)
    page.mouse.down()
    for number in range(moves):
        page.mouse.move(x + number * 3, y - number)
    page.mouse.up()
