"""The formats for other tools say what the lineage says, whatever ids, names and metadata are."""

from __future__ import annotations

import json
import re
import struct
import tracemalloc
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from playwright.sync_api import Page

from graphtracker import GraphTracker, InvalidInput, Lineage
from graphtracker.cli.demo_pipeline import START, record_demo
from graphtracker.drawing.style import LONGEST_LABEL
from graphtracker.export import FORMATS, SUFFIXES, export, format_of
from graphtracker.model.display import printable, shorten
from graphtracker.model.encoding import loads
from tests.support import mermaid
from tests.support.hostile import HOSTILE, obeyed, random_texts
from tests.support.tools import exported

TEXT = ["dot", "graphml", "json", "mermaid"]


@pytest.fixture
def demo() -> GraphTracker:
    tracker = GraphTracker(":memory:")
    record_demo(tracker)
    return tracker


def of_texts(texts: list[str]) -> Lineage:
    """A store where each text is the id, the artifact, the path, the metadata and the source of a run."""
    with GraphTracker(":memory:") as tracker:
        with tracker.batch():
            for number, text in enumerate(texts):
                tracker.record(text, metadata={text: text, "text": text})
                tracker.add_artifact(text, text, text, {text: text})
                tracker.add_source(text, texts[number - 1], texts[number - 1])
        return tracker.graph()


# GraphML


def read_graphml(text: str) -> Any:
    """The graph that networkx reads, with attributes and names as they were recorded."""
    graph = nx.parse_graphml(text, force_multigraph=True)
    for _, attributes in [("", graph.graph), *graph.nodes(data=True)]:
        for name, value in list(attributes.items()):
            del attributes[name]
            attributes[unescaped(name)] = unescaped(value) if isinstance(value, str) else value
    return graph


def unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)


def value_of(value: object) -> object:
    """A metadata value, from an attribute."""
    return loads(value[5:]) if isinstance(value, str) and value.startswith("json:") else value


def metadata_of(attributes: dict[str, Any]) -> dict[str, object]:
    own = {"kind", "run_id", "name", "external", "declared", "path", "created_at", "updated_at", "left_out"}
    return {name.removeprefix("metadata."): value_of(value) for name, value in attributes.items() if name not in own}


def node_of(attributes: dict[str, Any]) -> Any:
    return attributes["run_id"] if attributes["kind"] == "run" else (attributes["run_id"], attributes["name"])


def assert_graphml_says(text: str, lineage: Lineage) -> None:
    graph = read_graphml(text)
    nodes = {name: node_of(attributes) for name, attributes in graph.nodes(data=True)}
    assert set(nodes.values()) == set(lineage.graph)
    for name, attributes in graph.nodes(data=True):
        recorded = lineage.graph.nodes[nodes[name]]
        assert metadata_of(attributes) == recorded["metadata"]
        same = ("kind", "name", "external") if recorded["kind"] == "run" else ("kind", "name", "declared", "path")
        assert {key: attributes.get(key) for key in same} == {key: recorded[key] for key in same}
        assert datetime.fromisoformat(attributes["created_at"].replace("Z", "+00:00")) == recorded["created_at"]
    edges = sorted((str(nodes[a]), str(nodes[b]), kind) for a, b, kind in graph.edges(data="kind"))
    assert edges == sorted((str(a), str(b), kind) for a, b, kind in lineage.graph.edges(keys=True))


def test_graphml_is_what_networkx_has(demo: GraphTracker) -> None:
    assert_graphml_says(exported(demo.graph(), "graphml"), demo.graph())


def test_graphml_gives_numbers_as_numbers_and_other_values_exactly() -> None:
    same_kind: dict[str, list[object]] = {
        "int": [1, -(2**63), 2**63 - 1],
        "float": [0.1, float("inf"), -1e300],
        "both": [1, 2.5],
        "flag": [True, False],
        "text": ["1", "true", "json:1", ""],
    }
    mixed: list[object] = [
        1, True, None, 2**70, "json:x", b"\x00", [1, 2.5], {"a": None}, datetime(2024, 1, 1, tzinfo=timezone.utc),
    ]  # fmt: skip
    with GraphTracker(":memory:") as tracker:
        for key, values in same_kind.items():
            for number, value in enumerate(values):
                tracker.add_metadata(f"{key} {number}", **{key: value})
        for number, value in enumerate(mixed):
            tracker.record(f"mixed {number}", metadata={"mixed": value, "name": number, "metadata.name": value})
        tracker.add_metadata("large", both_large=2**53 + 1)
        tracker.add_metadata("small", both_large=0.5)
        lineage = tracker.graph()
    found = {
        attributes["run_id"]: attributes
        for _, attributes in read_graphml(exported(lineage, "graphml")).nodes(data=True)
    }
    for key, values in same_kind.items():
        assert [found[f"{key} {number}"][key] for number in range(len(values))] == [
            "json:" + json.dumps(value) if value == "json:1" else value for value in values
        ]
        assert {type(found[f"{key} {number}"][key]) for number in range(len(values))} == {
            float if key == "both" else type(values[0])
        }
    assert [value_of(found[f"mixed {number}"]["mixed"]) for number in range(len(mixed))] == mixed
    assert [found[f"mixed {number}"]["metadata.name"] for number in range(len(mixed))] == list(range(len(mixed)))
    assert value_of(found["large"]["both_large"]) == 2**53 + 1


def test_graphml_says_what_was_asked_and_what_was_left_out(demo: GraphTracker) -> None:
    lineage = demo.lineage(START, depth=1, direction="upstream")
    graph = read_graphml(exported(lineage, "graphml"))
    assert graph.graph["start"] == START
    assert (graph.graph["depth"], graph.graph["direction"]) == (1, "upstream")
    assert (graph.graph["complete"], graph.graph["reasons"]) == (False, "depth")
    left_out = {data["run_id"]: data["left_out"] for _, data in graph.nodes(data=True) if "left_out" in data}
    assert left_out == {run_id: " ".join(sorted(directions)) for run_id, directions in lineage.frontier.items()}
    artifact = read_graphml(exported(demo.lineage("s3://datasets/reviews"), "graphml")).graph
    assert artifact["complete"] is True
    assert "start_artifact" not in artifact


@pytest.mark.parametrize("name", HOSTILE)
def test_graphml_reads_back_hostile_text(name: str) -> None:
    lineage = of_texts([HOSTILE[name], "other"])
    text = exported(lineage, "graphml")
    assert_graphml_says(text, lineage)
    assert not obeyed(text)


def test_graphml_reads_back_10000_random_texts() -> None:
    texts = random_texts(seed=6, count=10_000)
    with GraphTracker(":memory:") as tracker:
        with tracker.batch():
            for number, text in enumerate(texts):
                tracker.record(text, metadata={"text": text, f"key {number % 100}": text})
                tracker.add_artifact(text, text, text)
        lineage = tracker.graph()
    written = exported(lineage, "graphml")
    assert_graphml_says(written, lineage)
    assert not obeyed(written)


# Mermaid


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


def test_mermaid_draws_the_lineage(demo: GraphTracker, drawing: Page) -> None:
    lineage = demo.graph()
    text = exported(lineage, "mermaid")
    assert dict(drawing.evaluate(DRAW, text)) == labels_of(lineage)
    vertices, links = drawing.evaluate(PARSE, text)
    assert set(vertices) == set(labels_of(lineage))
    assert sorted(links) == links_of(lineage)
    assert commented(text) == recorded(lineage)


def test_mermaid_says_that_a_lineage_is_cut(demo: GraphTracker, drawing: Page) -> None:
    lineage = demo.lineage(START, depth=1)
    drawing.evaluate(DRAW, exported(lineage, "mermaid"))
    shown = drawing.text_content("#picture") or ""
    assert "not the whole lineage: cut by depth 1" in shown
    assert shown.count("…") == sum(map(len, lineage.frontier.values()))
    drawing.evaluate(DRAW, exported(demo.lineage(START), "mermaid"))
    assert "…" not in (drawing.text_content("#picture") or "")


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
        with tracker.batch():
            for text in random_texts(seed=7, count=10_000):
                tracker.add_metadata(text)
        lineage = tracker.graph()
    text = exported(lineage, "mermaid")
    assert not obeyed(text)
    assert commented(text) == recorded(lineage)
    vertices, links = drawing.evaluate(PARSE, text)
    assert len(vertices) == 10_000
    assert links == []


# Every format


def test_equal_lineages_give_equal_text(demo: GraphTracker) -> None:
    restored = Lineage.from_dict(json.loads(exported(demo.graph(), "json")))
    for format in TEXT:
        assert exported(demo.graph(), format) == exported(restored, format)
        assert exported(Lineage(), format)


def test_json_is_what_to_dict_gives(demo: GraphTracker) -> None:
    for lineage in (demo.graph(), demo.lineage(START, depth=1), Lineage()):
        written = json.dumps(lineage.to_dict(), ensure_ascii=False, indent=1) + "\n"
        assert exported(lineage, "json") == written


@pytest.mark.parametrize("format", TEXT)
def test_a_large_text_is_made_piece_by_piece(format: str) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch():
            for number in range(3000):
                tracker.add_metadata(f"run-{number}", lr=number / 7, note="x" * 200)
                tracker.add_artifact(f"run-{number}", "model", f"s3://bucket/{number}/" + "y" * 200)
                tracker.add_source(f"run-{number}", f"run-{number - 1}", "model")
        lineage = tracker.graph()
    total = sum(map(len, export(lineage, format)))
    tracemalloc.start()
    largest = max(map(len, export(lineage, format)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert largest < 100_000
    assert peak < total / 3


@pytest.mark.usefixtures("dot")
@pytest.mark.parametrize("format", ["png", "pdf"])
def test_pictures_are_drawn(demo: GraphTracker, format: str) -> None:
    drawn = b"".join(export(demo.graph(), format))
    if format == "pdf":
        assert drawn.startswith(b"%PDF-")
        assert drawn.rstrip().endswith(b"%%EOF")
    else:
        assert drawn.startswith(b"\x89PNG\r\n")
        width, height = struct.unpack(">II", drawn[16:24])
        assert width > height > 400


def test_a_suffix_names_a_format() -> None:
    assert {format_of(f"a{suffix}") for suffix in SUFFIXES} == set(FORMATS)
    assert format_of("x.MMD") == "mermaid"
    with pytest.raises(InvalidInput, match=r"\.dot, \.graphml, \.html, \.json, \.mmd, \.pdf, \.png, \.svg"):
        format_of("picture.tar")
    with pytest.raises(InvalidInput):
        format_of(str(Path("a") / "mermaid"))
