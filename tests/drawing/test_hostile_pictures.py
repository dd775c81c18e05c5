"""A picture of thousands of random texts holds every one of them, as its format's own strict parser reads it."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page
from pypdf import PdfReader

from graphtracker import GraphTracker, GraphTrackerError, Lineage
from graphtracker.drawing.options import PictureOptions, Size
from graphtracker.export import export
from graphtracker.model.display import printable
from tests.drawing.test_dot import assert_says, assert_tooltips, expected_nodes, read_one
from tests.support.hostile import HOSTILE, obeyed, random_texts
from tests.support.tools import exported

pytestmark = pytest.mark.usefixtures("dot")

_RANDOM = random_texts(seed=11, count=5_000)
TEXTS = list(dict.fromkeys([*HOSTILE.values(), *_RANDOM]))
SOME = list(dict.fromkeys([*HOSTILE.values(), *_RANDOM[:700]]))
"""For formats that are slow to draw, or to read: of what they are made every one of TEXTS is in the SVG."""
NONCHARACTERS = "\ufdd0\ufdef\ufffe\uffff\U0001fffe\U000fffff\U0010ffff"


def of_runs(texts: list[str]) -> Lineage:
    """A store of runs with such ids, which a picture shows one beside the other."""
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for text in texts:
                batch.record(text, metadata={text: text})
        return tracker.graph()


@pytest.fixture(scope="module")
def lineage() -> Lineage:
    return of_runs(TEXTS)


def test_dot(dot: str, lineage: Lineage) -> None:
    assert set(obeyed(exported(lineage, "dot"))) == {"U+0009"}  # the library's indentation
    assert_says(read_one(dot, lineage), lineage)


@pytest.mark.usefixtures("engine")
def test_svg(lineage: Lineage) -> None:
    assert_tooltips(exported(lineage, "svg"), lineage)


# A PDF tells glyphs: of letters that the font joins its ligature, of hyphens that it draws alike any one, and for white
# space a character that is drawn as nothing.
WRITTEN = {
    **{number: None for number in range(0x10000) if unicodedata.category(chr(number)) == "Cf"},
    **{ligature: unicodedata.normalize("NFKC", chr(ligature)) for ligature in range(0xFB00, 0xFB07)},
    **dict.fromkeys(map(ord, "\u00ad\u2010\u2011"), "-"),
}


def lines_of(pdf: Iterable[bytes]) -> set[str]:
    """The lines of its text, whatever font drew them, without the white space that is where a font leaves room."""
    [page] = PdfReader(io.BytesIO(b"".join(pdf)), strict=True).pages
    lines = {"".join(line.translate(WRITTEN).split()) for line in page.extract_text().split("\n")}
    assert lines != {""}, "Graphviz draws no text: install a font, such as fonts-dejavu-core"
    return lines


def glyphs(line: str) -> str:
    return "".join(sorted("".join(line.split())))


@pytest.mark.usefixtures("engine")
def test_pdf() -> None:
    """Its text is glyphs at places: what ASCII can say is compared, white space and the order in a line aside."""
    part = of_runs(SOME)
    one_below_the_other = PictureOptions(everything=True, size=Size(30.0, 2000.0))
    lines = set(map(glyphs, lines_of(export(part, "pdf", one_below_the_other))))
    labels = {glyphs(label) for label, _ in expected_nodes(part).values() if label.isascii()}
    assert labels - {""} <= lines
    assert len(labels) > 80


@pytest.mark.usefixtures("engine")
def test_png(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text is pixels: of as many boxes as there are runs."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with Image.open(io.BytesIO(b"".join(export(of_runs(SOME), "png", PictureOptions(everything=True))))) as picture:
        assert picture.format == "PNG"
        picture.load()  # checks every checksum
        assert picture.width * picture.height > 2_000_000


def test_html(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "lineage.html"
    path.write_bytes(b"".join(export(of_runs(SOME), "html", PictureOptions(everything=True))))
    wrong: list[str] = []
    page.on("request", lambda request: None if request.url == path.as_uri() else wrong.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.goto(path.as_uri())
    held = page.evaluate("Object.values(data.nodes).map(node => [node.key.run, node.metadata])")
    assert {run_id for run_id, _ in held} == set(SOME)
    for run_id, table in held:
        assert [printable(run_id), printable(run_id)] in table
    assert page.evaluate("nodes.size") == len(SOME)
    elements = "script, image, iframe, [onclick], [onload], [href^=javascript]"
    assert page.evaluate(f"document.querySelectorAll('#picture :is({elements})').length") == 0
    assert wrong == []


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("character", NONCHARACTERS, ids=ascii)
def test_what_is_no_character_does_not_end_a_pdf(character: str) -> None:
    part = of_runs([f"a{character}b", "c"])
    assert {printable(f"a{character}b"), "c"} <= lines_of(export(part, "pdf"))


@pytest.mark.usefixtures("no_pygraphviz")
def test_a_picture_that_cairo_leaves_unfinished_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho %PDF-1.5\necho 'cairo: out of memory' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GraphTrackerError, match="cairo: out of memory"):
        b"".join(export(of_runs(["a"]), "pdf"))
