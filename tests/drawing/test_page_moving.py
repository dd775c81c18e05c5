"""Moving in the page of a lineage: by mouse, wheel, fingers, keys; how it opens, on screens of any size, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from playwright.sync_api import CDPSession, Page
from pypdf import PdfReader

from graphtracker import GraphTracker, Lineage
from graphtracker.drawing import style
from graphtracker.drawing.options import PictureOptions
from tests.support import shapes
from tests.support.colours import css
from tests.support.pages import Opened, middle, node, settled
from tests.support.six_jobs import START as TUNED

pytestmark = pytest.mark.usefixtures("dot")


@pytest.fixture
def sized(page: Page) -> Iterator[Page]:
    """The page, which has its own size and looks again afterwards."""
    before = page.viewport_size
    yield page
    page.emulate_media(media="null", color_scheme="null")
    if before is not None:
        page.set_viewport_size(before)


@pytest.fixture
def chain() -> Lineage:
    """A hundred runs one after the other."""
    return shapes.chain(100, called="run-{:03}", start=50)


def letters(page: Page) -> float:
    """The height of the letters of a node, in pixels."""
    return float(page.evaluate("12 * view.scale"))


def seen(page: Page, label: str) -> bool:
    """Whether the middle of a node is inside of the picture's part of the window."""
    (x, y), there = middle(page, label), page.locator("#picture").bounding_box()
    assert there is not None
    return there["x"] < x < there["x"] + there["width"] and there["y"] < y < there["y"] + there["height"]


def test_a_small_picture_opens_whole(opened: Opened, six_jobs: GraphTracker, sized: Page) -> None:
    sized.set_viewport_size({"width": 1900, "height": 1000})
    page = opened(six_jobs.lineage(TUNED, direction="upstream", depth=1))
    box, there = page.locator("#picture svg").bounding_box(), page.locator("#picture").bounding_box()
    assert box is not None
    assert there is not None
    assert there["x"] <= box["x"]
    assert box["x"] + box["width"] <= there["x"] + there["width"]
    assert letters(page) >= 11


@pytest.mark.parametrize("size", [(1600, 1100), (700, 500), (400, 800)])
def test_a_large_picture_opens_readable_around_the_start(
    opened: Opened, chain: Lineage, sized: Page, size: tuple[int, int]
) -> None:
    sized.set_viewport_size({"width": size[0], "height": size[1]})
    page = opened(chain)
    assert letters(page) >= 11
    assert seen(page, "run-050")
    page.click("#fit")
    settled(page)
    assert seen(page, "run-000")
    assert seen(page, "run-099")


@pytest.mark.parametrize(("runs", "whole"), [(14, True), (40, False)])
def test_a_column_opens_whole_while_its_names_can_be_read(
    opened: Opened, sized: Page, runs: int, *, whole: bool
) -> None:
    sized.set_viewport_size({"width": 1280, "height": 800})
    with GraphTracker(":memory:") as tracker:
        for number in range(1, runs):
            tracker.add_source(f"run-{number:03}", f"run-{number - 1:03}")
        page = opened(tracker.lineage(f"run-{runs - 1:03}"), PictureOptions(vertical=True))
    assert letters(page) >= (8 if whole else 11)
    assert seen(page, f"run-{runs - 1:03}")
    assert seen(page, "run-000") == whole
    bottom = page.evaluate("picture.getBoundingClientRect().bottom - svg.getBoundingClientRect().bottom")
    assert bottom == pytest.approx(0, abs=60)  # no empty ground below what is cut above


def test_beside_a_new_panel_no_ground_is_empty_where_the_drawing_is_cut_on_the_other_side(
    opened: Opened, chain: Lineage, sized: Page
) -> None:
    sized.set_viewport_size({"width": 1280, "height": 800})
    page = opened(chain)
    page.evaluate("center([...nodes.values()].find(node => node.name === 'run-000'))")
    page.evaluate("see(view.x + 500, view.y, view.scale)")  # dragged, with empty ground on one side
    page.evaluate("show([...nodes.values()].find(node => node.name === 'run-000'), null)")
    settled(page)
    settled(page)
    assert page.evaluate("svg.getBoundingClientRect().left") <= 1


def test_a_whole_store_opens_at_its_newest_run(opened: Opened) -> None:
    with GraphTracker(":memory:") as tracker:
        for number in range(1, 100):
            tracker.add_source(f"run-{number:03}", f"run-{number - 1:03}", "model")
        page = opened(tracker.graph())
    assert letters(page) >= 11
    assert seen(page, "run-099")


def test_a_node_is_dragged_with_its_edges_and_the_ground_with_everything(
    opened: Opened, six_jobs: GraphTracker
) -> None:
    page = opened(six_jobs.graph())
    page.click("#fit")
    settled(page)
    x, y = middle(page, "evaluate-w4tz")
    still = middle(page, "prepare-k3v9")
    drawn = page.evaluate("[...document.querySelectorAll('g.edge path')].map(path => path.getAttribute('d'))")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 60, steps=3)
    page.mouse.up()
    assert middle(page, "evaluate-w4tz") == pytest.approx((x + 20, y + 60), abs=1)
    assert middle(page, "prepare-k3v9") == still
    now = page.evaluate("[...document.querySelectorAll('g.edge path')].map(path => path.getAttribute('d'))")
    sources = [
        source
        for source in six_jobs.graph().sources
        if "evaluate" in source.run_id or "evaluate" in source.source_run_id
    ]
    moved = len(sources) + len(six_jobs.artifacts("local_cwd://torchx/evaluate-w4tz"))
    assert sum(a != b for a, b in zip(drawn, now, strict=True)) == moved
    page.mouse.move(25, 900)
    page.mouse.down()
    page.mouse.move(125, 920, steps=3)
    page.mouse.up()
    assert middle(page, "prepare-k3v9") == pytest.approx((still[0] + 100, still[1] + 20), abs=1)
    assert page.is_hidden("#panel")


def test_a_node_that_was_dragged_out_of_the_drawing_is_seen_and_belongs_to_everything(
    opened: Opened, six_jobs: GraphTracker
) -> None:
    page = opened(six_jobs.graph())
    page.click("#fit")
    settled(page)
    x, y = middle(page, "evaluate-w4tz")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 2000, steps=3)
    page.mouse.up()
    assert page.evaluate("getComputedStyle(svg).overflow") == "visible"
    assert not seen(page, "evaluate-w4tz")
    page.click("#fit")
    settled(page)
    assert seen(page, "evaluate-w4tz")
    assert seen(page, "prepare-k3v9")


def test_the_wheel_the_buttons_and_the_keys_zoom(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.graph())
    page.click("#fit")
    before = letters(page)
    page.click("#in")
    assert letters(page) > before * 1.3
    page.click("#out")
    assert letters(page) == pytest.approx(before)
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.keyboard.press("-")
    assert letters(page) > before * 1.3
    x, y = middle(page, "prepare-k3v9")
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    page.wait_for_function("limit => 12 * view.scale > limit", arg=before * 1.5)
    assert middle(page, "prepare-k3v9") == pytest.approx((x, y), abs=2)  # what is under the pointer stays there
    page.keyboard.press("0")
    assert letters(page) == pytest.approx(before)


def test_arrow_keys_follow_the_links(opened: Opened) -> None:
    with GraphTracker(":memory:") as tracker:
        for name in ("b", "c", "d"):
            tracker.add_source(name, "a")
        tracker.add_source("e", "c")
        page = opened(tracker.lineage("a"), PictureOptions(expand=True, vertical=False))
    page.locator("#picture").press("ArrowRight")  # nothing is chosen: the start
    assert page.inner_text("#panel h2") == "a"
    heights = sorted("bcd", key=lambda name: middle(page, name)[1])
    page.keyboard.press("ArrowRight")
    first = page.inner_text("#panel h2")
    assert first == heights[1]
    page.keyboard.press("ArrowDown")
    assert page.inner_text("#panel h2") == heights[2]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.inner_text("#panel h2") == heights[0]
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#panel h2") == "a"
    assert page.evaluate("document.activeElement.dataset.name") == page.evaluate("chosen.one.drawnAs")


def test_the_second_of_two_can_be_chosen_by_keys_alone(opened: Opened, chain: Lineage) -> None:
    page = opened(chain)
    page.keyboard.press("ArrowRight")
    for key in ("c", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert page.inner_text("#panel h2") == "run-050 ↔ run-051"


def test_the_tab_key_goes_through_the_page_and_not_through_every_node(opened: Opened, chain: Lineage) -> None:
    page = opened(chain)
    stops = []
    for _ in range(7):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.dataset.name ?? document.activeElement.id"))
    assert stops[:5] == ["search", "in", "out", "fit", "ask"]
    assert stops[5] == page.evaluate("data.start")
    assert page.evaluate("document.querySelectorAll('g.node[tabindex=\"0\"]').length") == 1
    node(page, "run-050").click()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "divider"


def test_the_help_tells_the_keys(opened: Opened, chain: Lineage) -> None:
    page = opened(chain)
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert page.is_hidden("#help")


@pytest.mark.parametrize(("width", "beside"), [(1200, True), (400, False)])
def test_the_panel_takes_room_from_the_picture_and_never_lies_over_it(
    opened: Opened, chain: Lineage, sized: Page, width: int, beside: bool
) -> None:
    sized.set_viewport_size({"width": width, "height": 800})
    page = opened(chain)
    node(page, "run-050").click()
    settled(page)
    picture, panel = page.locator("#picture").bounding_box(), page.locator("#panel").bounding_box()
    assert picture is not None
    assert panel is not None
    if beside:
        assert picture["x"] + picture["width"] <= panel["x"]
    else:
        assert picture["y"] + picture["height"] <= panel["y"]
    assert panel["x"] + panel["width"] <= width
    assert seen(page, "run-050")
    before = panel["width"] if beside else panel["height"]
    page.locator("#divider").press("ArrowLeft" if beside else "ArrowUp")
    after = page.locator("#panel").bounding_box()
    assert after is not None
    assert (after["width"] if beside else after["height"]) == pytest.approx(before + 30, abs=1)


def test_a_drawing_that_shows_everything_goes_on_doing_so_beside_the_panel(
    opened: Opened, six_jobs: GraphTracker, sized: Page
) -> None:
    sized.set_viewport_size({"width": 1200, "height": 800})
    page = opened(six_jobs.graph())
    page.click("#fit")
    settled(page)
    node(page, "fine-tune-h8rc").click()
    settled(page)
    assert all(seen(page, label) for label in ("prepare-k3v9", "fine-tune-h8rc", "report"))


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_one_finger_moves_two_come_closer_and_a_tap_chooses(opened: Opened, chain: Lineage, sized: Page) -> None:
    sized.set_viewport_size({"width": 400, "height": 800})
    page = opened(chain)
    session = page.context.new_cdp_session(page)
    x, y = middle(page, "run-050")
    touch(session, "touchStart", (x, y))
    touch(session, "touchMove", (x + 30, y + 40))
    touch(session, "touchEnd")
    page.wait_for_function("fingers.size === 0")
    assert middle(page, "run-050") == pytest.approx((x + 30, y + 40), abs=2)
    assert page.is_hidden("#panel")
    before = letters(page)
    touch(session, "touchStart", (150, 400), (250, 400))
    touch(session, "touchMove", (100, 400), (300, 400))
    touch(session, "touchEnd")
    page.wait_for_function("fingers.size === 0")
    assert letters(page) == pytest.approx(2 * before, rel=0.05)
    x, y = middle(page, "run-050")
    touch(session, "touchStart", (x, y))
    touch(session, "touchEnd")
    page.wait_for_selector("#panel h2")
    assert page.inner_text("#panel h2") == "run-050"


@pytest.mark.parametrize("how", ["asked for", "preferred"])
def test_in_the_dark_every_colour_of_the_picture_is_that_of_the_dark(
    opened: Opened, remembered: GraphTracker, sized: Page, how: str
) -> None:
    sized.emulate_media(color_scheme="dark" if how == "preferred" else "light")
    page = opened(remembered.graph(), PictureOptions(dark=how == "asked for"))
    painted = page.evaluate("""() => [...document.querySelectorAll('g.node *, g.edge *, #legend path')].flatMap(shape =>
        ['fill', 'stroke'].map(what => [shape.getAttribute(what), getComputedStyle(shape)[what]]))""")
    colours = {(said, rgb) for said, rgb in painted if said not in (None, "none", "transparent")}
    assert {said for said, _ in colours} <= set(style.DARK)
    assert all(rgb == css(style.DARK[said]) for said, rgb in colours)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == css(style.DARK["white"])


def test_on_paper_all_of_the_picture_stands_on_one_page_in_the_light(
    opened: Opened, chain: Lineage, sized: Page
) -> None:
    sized.emulate_media(color_scheme="dark")
    page = opened(chain, PictureOptions(dark=True))
    node(page, "run-050").click()
    (paper,) = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert paper.mediabox.width > paper.mediabox.height  # a chain is broad
    text = paper.extract_text()
    assert all(f"run-{number:03}" in text for number in (0, 50, 99))
    assert "compare with" not in text
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.is_hidden("#panel")
    assert page.is_hidden("#search")
    assert page.is_visible("#facts")
    assert (
        page.evaluate(
            "new Set([...document.querySelectorAll('g.node')].map(n => getComputedStyle(n).fillOpacity)).size"
        )
        == 1
    )


def test_every_part_has_a_role_or_a_name(opened: Opened, chain: Lineage) -> None:
    page = opened(chain)
    assert page.get_by_role("combobox", name="Search ids, names, places, metadata and context").count() == 1
    assert page.get_by_role("button", name="run-050 run").count() == 1
    assert page.get_by_role("application").count() == 1
    assert page.get_by_role("list", name="Legend").count() == 1
    for button in page.get_by_role("button").all()[:4]:
        assert button.get_attribute("aria-label") or button.inner_text()
