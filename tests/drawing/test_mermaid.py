"""Mermaid: the flowchart that the real Mermaid draws."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone

import pytest
from playwright.sync_api import Page

from graphtracker import GraphTracker, Lineage
from graphtracker.drawing.style import LONGEST_LABEL
from graphtracker.model.display import printable, shorten
from tests.support import mermaid
from tests.support.hostile import HOSTILE, obeyed, random_texts
from tests.support.lineages import of_texts
from tests.support.six_jobs import START
from tests.support.tools import exported


@pytest.fixture(scope="module")
def drawing(page: Page) -> Page:
    """A page with Mermaid in it, set as strictly as GitHub sets it, but for the sizes."""
    page.goto("about:blank")
    page.set_content("<div id=picture></div>")
    page.add_script_tag(path=str(mermaid.script()))
    page.evaluate("mermaid.initialize({startOnLoad: false, securityLevel: 'strict', maxTextSize: 1e9, maxEdges: 1e9})")
    return page


DRAW = """async text => {
    const drawn = await mermaid.render("drawn" + performance.now().toFixed(3).replace(".", ""), text);
    document.getElementById("picture").innerHTML = drawn.svg;
    const name = node => (node.id.match(/flowchart-(\\w+)-/) || [])[1];
    return [...document.querySelectorAll("g.node")].map(node => [name(node), node.textContent]);
}"""


# The nodes and links of a text that Mermaid has only parsed, which it does much faster.
PARSE = """async text => {
    const db = (await mermaid.mermaidAPI.getDiagramFromText(text)).db;
    return [[...db.getVertices().keys()], db.getEdges().map(edge => [edge.start, edge.end])];
}"""


def labels_of(lineage: Lineage) -> dict[str, str]:
    """Name of each node → its label, white space as a browser shows it."""
    runs = [run.name for run in lineage.runs.values()]
    labels = [run.name if runs.count(run.name) == 1 else run.run_id for run in lineage.runs.values()]
    labels += [name for _, name in lineage.artifacts]
    return {
        f"n{number}": " ".join(printable(shorten(text, LONGEST_LABEL)).split()) for number, text in enumerate(labels)
    }


def commented(text: str) -> list[list[str]]:
    """What the comments say of the nodes, in order."""
    return [json.loads(line) for line in re.findall(r"^  %% n\d+ (.*)$", text, re.MULTILINE)]


def recorded(lineage: Lineage) -> list[list[str | None]]:
    rows: list[list[str | None]] = [[run_id] for run_id in lineage.runs]
    return rows + [[*key, each.path] for key, each in lineage.artifacts.items()]


def links_of(lineage: Lineage) -> list[list[str]]:
    numbers = {node: f"n{number}" for number, node in enumerate([*lineage.runs, *lineage.artifacts])}
    return sorted([numbers[begin], numbers[end]] for begin, end in lineage.graph.edges())


def test_mermaid_draws_the_lineage(six_jobs: GraphTracker, drawing: Page) -> None:
    lineage = six_jobs.graph()
    text = exported(lineage, "mermaid")
    assert dict(drawing.evaluate(DRAW, text)) == labels_of(lineage)
    vertices, links = drawing.evaluate(PARSE, text)
    assert set(vertices) == set(labels_of(lineage))
    assert sorted(links) == links_of(lineage)
    assert commented(text) == recorded(lineage)


def test_mermaid_says_that_a_lineage_is_cut(six_jobs: GraphTracker, drawing: Page) -> None:
    lineage = six_jobs.lineage(START, depth=1)
    drawing.evaluate(DRAW, exported(lineage, "mermaid"))
    shown = drawing.text_content("#picture") or ""
    assert "not the whole lineage: cut by depth 1" in shown
    assert shown.count("…") == sum(map(len, lineage.frontier.values()))
    drawing.evaluate(DRAW, exported(six_jobs.lineage(START), "mermaid"))
    assert "…" not in (drawing.text_content("#picture") or "")


def test_mermaid_says_of_when_it_is_in_the_same_title(six_jobs: GraphTracker, drawing: Page) -> None:
    now = datetime.now(timezone.utc)
    lineage = six_jobs.lineage(START, depth=1, as_of=now)
    drawing.evaluate(DRAW, exported(lineage, "mermaid"))
    shown = drawing.text_content("#picture") or ""
    assert f"as of {now:%Y-%m-%d %H:%M:%S}Z; not the whole lineage: cut by depth 1" in shown


def test_mermaid_shows_hostile_text_as_it_is(drawing: Page) -> None:
    lineage = of_texts(list(HOSTILE.values()))
    text = exported(lineage, "mermaid")
    assert not obeyed(text)
    shown = {name: " ".join(label.split()) for name, label in drawing.evaluate(DRAW, text)}
    wanted = labels_of(lineage)
    assert {name: (shown.get(name), wanted[name]) for name in wanted if shown.get(name) != wanted[name]} == {}
    assert (
        drawing.evaluate("document.querySelectorAll('#picture script, #picture a, #picture b, #picture img').length")
        == 0
    )
    assert commented(text) == recorded(lineage)


def test_mermaid_parses_10000_random_texts(drawing: Page) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for text in random_texts(seed=7, count=10_000):
                batch.add_metadata(text)
        lineage = tracker.graph()
    text = exported(lineage, "mermaid")
    assert not obeyed(text)
    assert commented(text) == recorded(lineage)
    vertices, links = drawing.evaluate(PARSE, text)
    assert len(vertices) == 10_000
    assert links == []
