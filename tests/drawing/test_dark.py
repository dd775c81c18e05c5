"""Pictures that are light on dark: what can be read on white can be read there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from playwright.sync_api import Page

from graphtracker import GraphTracker, Lineage
from graphtracker.drawing import style
from graphtracker.drawing.options import PictureOptions
from graphtracker.export import export
from tests.support.chromium import page as page  # a fixture
from tests.support.colours import channels, css
from tests.support.remembered import record_remembered
from tests.support.tools import dot_program  # noqa: F401  # a fixture is used by its name, dot

LOOKS = [*style.NODES.values(), *style.PAIR_NODES.values(), *style.MARKS.values()]
LINES = [*style.EDGES.values(), *style.PAIR_EDGES.values()]
FONTS = [style.FONT, *style.FONTS.values()]
_COLOUR = re.compile(r"white|#[0-9a-f]{6}")


@pytest.fixture
def lineage() -> Lineage:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        return tracker.graph()


def colours() -> set[str]:
    tables = chain([style.GRAPH, style.NODE, style.EDGE], LOOKS, LINES, FONTS)
    return {value for looks in tables for value in looks.values() if _COLOUR.fullmatch(value)}


def brightness(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    parts = [each / 255 for each in channels(colour)]
    red, green, blue = (each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    least, greatest = sorted(map(brightness, (one, other)))
    return (greatest + 0.05) / (least + 0.05)


def read_on() -> Iterator[tuple[str, str]]:
    """Every colour of text with one that it may stand on."""
    for looks in LOOKS:
        ground, text = looks.get("fillcolor", style.GRAPH["bgcolor"]), looks.get("fontcolor", style.FONT["fontcolor"])
        yield text, ground
        yield style.FONTS["tail"]["color"], ground
    for font in FONTS:
        yield font.get("color", style.FONT["fontcolor"]), style.GRAPH["bgcolor"]


def test_every_colour_has_one_that_stands_for_it_on_dark() -> None:
    assert set(style.DARK) == colours()
    assert len(set(style.DARK.values())) == len(style.DARK)


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_can_be_read_where_it_stands(dark: bool) -> None:
    """As https://www.w3.org/TR/WCAG21/#contrast-minimum asks."""
    shown = {(style.DARK[text], style.DARK[ground]) if dark else (text, ground) for text, ground in read_on()}
    assert {pair: round(contrast(*pair), 2) for pair in shown if contrast(*pair) < 4.5} == {}


@pytest.mark.parametrize("dark", [False, True])
def test_every_line_can_be_seen(dark: bool) -> None:
    """As https://www.w3.org/TR/WCAG21/#non-text-contrast asks."""
    lines = {looks["color"] for looks in (*LOOKS, *LINES) if "color" in looks} - {style.PAIR_NODES["same"]["color"]}
    ground = style.GRAPH["bgcolor"]
    shown = {(style.DARK[line], style.DARK[ground]) if dark else (line, ground) for line in lines}
    assert {pair: round(contrast(*pair), 2) for pair in shown if contrast(*pair) < 3} == {}


@pytest.mark.usefixtures("dot")
@pytest.mark.parametrize("format", ["dot", "svg"])
def test_a_dark_picture_has_no_colour_of_a_light_one(lineage: Lineage, format: str) -> None:
    def of(dark: bool) -> str:
        return (
            b"".join(export(lineage, format, PictureOptions(dark=dark)))
            .decode()
            .partition("<g id")[2 if format == "svg" else 0]
        )

    there = set(_COLOUR.findall(of(True)))
    assert there <= set(style.DARK.values())
    assert set(_COLOUR.findall(of(False))) <= set(style.DARK)
    assert len(there) > 5


SEEN = """() => [...document.querySelectorAll("svg.graphtracker :is(polygon, path, text)")].map(item => {
    const seen = getComputedStyle(item);
    return [item.getAttribute("fill"), seen.fill, item.getAttribute("stroke"), seen.stroke];
})"""


@pytest.mark.usefixtures("dot")
def test_an_svg_is_light_or_dark_as_its_readers_screen_is(page: Page, lineage: Lineage, tmp_path: Path) -> None:
    path = tmp_path / "picture.svg"
    path.write_bytes(b"".join(export(lineage, "svg")))
    page.goto(path.as_uri())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = {
            (name, seen)
            for fill, is_fill, stroke, is_stroke in page.evaluate(SEEN)
            for name, seen in ((fill, is_fill), (stroke, is_stroke))
            if name in style.DARK
        }
        assert len(found) > 5
        assert {name: seen for name, seen in found if seen != css(style.DARK[name] if scheme == "dark" else name)} == {}


@pytest.mark.usefixtures("dot")
def test_and_changes_nothing_else_on_a_page(page: Page, lineage: Lineage) -> None:
    svg = b"".join(export(lineage, "svg")).decode().partition("<svg")
    other = '<svg id="other"><rect fill="white" stroke="#0072b2"/></svg>'
    page.goto("about:blank")
    page.set_content(f"{other}{svg[1]}{svg[2]}")
    page.emulate_media(color_scheme="dark")
    seen = page.evaluate("getComputedStyle(document.querySelector('#other rect')).fill")
    assert seen == css("white")
    assert css(style.DARK["white"]) in {fill for _, fill, _, _ in page.evaluate(SEEN)}
