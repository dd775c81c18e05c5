"""What a notebook shows of a lineage in a real browser: a picture that fits its cell, a page that stays in it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from graphtracker import GraphTracker, InvalidInput, Lineage
from graphtracker.drawing.cell import fitted
from tests.support.hostile import HOSTILE
from tests.support.six_jobs import START as TUNED

pytestmark = pytest.mark.usefixtures("dot")

INLINE = "<div>{svg}</div>"  # as classic notebooks, VS Code and exported notebooks have it
IMAGE = '<div><img src="data:image/svg+xml,{quoted}"></div>'  # as JupyterLab has it


@pytest.fixture
def wide() -> Lineage:
    with GraphTracker(":memory:") as tracker:
        for number in range(1, 12):
            tracker.add_source(f"run-{number:03}", f"run-{number - 1:03}", "model")
        return tracker.graph()


def shown(page: Page, tmp_path: Path, html: str) -> Page:
    path = tmp_path / "notebook.html"
    path.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><body style="width: 700px; margin: 0">{html}', encoding="utf-8"
    )
    page.goto("about:blank")
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("way", [INLINE, IMAGE], ids=["inline", "image"])
def test_a_wide_picture_fits_the_cell_and_keeps_its_shape(page: Page, tmp_path: Path, wide: Lineage, way: str) -> None:
    svg = wide._repr_svg_()
    assert svg is not None
    shown(page, tmp_path, way.format(svg=svg, quoted=quote(svg)))
    width, height, natural = page.evaluate("""() => {
        const box = document.querySelector('body > div > *').getBoundingClientRect();
        return [box.width, box.height, document.querySelector('svg')?.viewBox.baseVal.width ?? 0];
    }""")
    assert width == pytest.approx(700, abs=1)
    assert height < width
    assert natural == 0 or natural > 700


@pytest.mark.parametrize("way", [INLINE, IMAGE], ids=["inline", "image"])
def test_a_small_picture_keeps_its_size(page: Page, tmp_path: Path, way: str) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("run")
        svg = tracker.graph()._repr_svg_()
    assert svg is not None
    shown(page, tmp_path, way.format(svg=svg, quoted=quote(svg)))
    assert page.evaluate("document.querySelector('body > div > *').getBoundingClientRect().width") < 600


def test_a_picture_of_no_known_size_is_fitted_too() -> None:
    assert fitted('<?xml version="1.0"?>\n<svg viewBox="0 0 1 1"/>').startswith('<svg style="max-width: 100%')


def test_the_page_stands_in_the_cell_and_can_be_explored(page: Page, tmp_path: Path, six_jobs: GraphTracker) -> None:
    shown(page, tmp_path, six_jobs.lineage(TUNED).page()._repr_html_())
    frame = page.frames[1]
    frame.fill("#search", "prepare")
    frame.press("#search", "Enter")
    assert frame.inner_text("#panel h2") == "prepare-k3v9"
    box = page.locator("iframe").bounding_box()
    assert box is not None
    assert [box["width"], box["height"]] == pytest.approx([700, 600], abs=3)


def test_the_page_reaches_nothing_of_the_notebook(page: Page, tmp_path: Path, six_jobs: GraphTracker) -> None:
    shown(page, tmp_path, f"<script>window.secret = 1</script>{six_jobs.lineage(TUNED).page()._repr_html_()}")
    frame, address, steps = page.frames[1], page.url, page.evaluate("history.length")
    reach = "what => { try { return String(Function(`return ${what}`)()); } catch (error) { return error.name; } }"
    for what in ("parent.secret", "parent.document", "localStorage", "document.cookie"):
        assert page.frames[1].evaluate(reach.replace("Function(`return ${what}`)()", what), what) == "SecurityError"
    frame.locator("g.node").first.dispatch_event("focus")
    frame.evaluate("go(nodes.values().next().value)")
    assert frame.is_visible("#panel")
    assert (page.url, page.evaluate("history.length")) == (address, steps)


def test_a_wheel_over_the_page_scrolls_the_notebook(page: Page, tmp_path: Path, six_jobs: GraphTracker) -> None:
    cell = six_jobs.lineage(TUNED).page()._repr_html_()
    shown(page, tmp_path, f'{cell}<div style="height: 3000px"></div>')
    before = page.frames[1].evaluate("view.scale")
    page.mouse.move(300, 300)
    page.mouse.wheel(0, 200)
    page.wait_for_function("scrollY > 100")
    assert page.frames[1].evaluate("view.scale") == before


@pytest.mark.parametrize(
    "text", [HOSTILE["script"], HOSTILE["quotes"], HOSTILE["entity lt"], HOSTILE["every C0 control"]]
)
def test_hostile_texts_do_not_leave_the_frame(page: Page, tmp_path: Path, text: str) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record(text, metadata={text: text})
        cell = tracker.lineage(text).page()._repr_html_()
    shown(page, tmp_path, cell)
    assert page.evaluate("document.querySelectorAll('body > *, body > div > *').length") == 2
    assert page.frames[1].evaluate("nodes.get('n0').key.run") == text


def test_what_is_drawn_on_the_page_is_asked_for_as_for_a_file(six_jobs: GraphTracker) -> None:
    for number in range(5):
        six_jobs.record(f"sweep-{number}")
        six_jobs.add_source(f"sweep-{number}", TUNED, "model")
    lineage = six_jobs.lineage(TUNED)
    assert "sweep-… \u00d7 5" in lineage.page().html
    assert "sweep-… \u00d7 5" not in lineage.page(expand=True).html
    assert len(repr(lineage.page())) < 60
    with pytest.raises(InvalidInput, match="labels are metadata keys"):
        lineage.page(labels="lr")
