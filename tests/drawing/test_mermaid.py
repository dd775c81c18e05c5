"""Mermaid: the flowchart that the real Mermaid draws."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page

from graphtracker import GraphTracker, Lineage
from graphtracker.analysis.stacks import Links
from graphtracker.drawing.caption import caption
from graphtracker.drawing.mermaid import MOST_CHARACTERS, MOST_EDGES
from graphtracker.drawing.options import PLAIN, PictureOptions
from graphtracker.drawing.picture import Picture, artifacts_on_edges
from graphtracker.drawing.style import LONGEST_LABEL
from graphtracker.drawing.value_lines import ValueLines
from graphtracker.export import export, export_difference
from graphtracker.model.display import printable, shorten
from graphtracker.model.question import Answer
from graphtracker.model.values import Node
from tests.support import mermaid
from tests.support.hostile import HOSTILE, LONGEST, obeyed, random_texts
from tests.support.lineages import of_texts
from tests.support.shapes import chain, hub
from tests.support.six_jobs import START
from tests.support.tools import exported, run
from tests.support.two_pipelines import FIRST, JOBS, SECOND, record_two


@pytest.fixture(scope="module")
def drawing(page: Page) -> Page:
    """A page with Mermaid in it, set as strictly as GitHub sets it, but for the sizes."""
    page.goto("about:blank")
    page.set_content("<div id=picture></div>")
    page.add_script_tag(path=str(mermaid.script()))
    page.evaluate(UNBOUNDED)
    return page


UNBOUNDED = "mermaid.initialize({startOnLoad: false, securityLevel: 'strict', maxTextSize: 1e9, maxEdges: 1e9})"
BY_DEFAULT = "mermaid.initialize({startOnLoad: false, securityLevel: 'strict'})"


@pytest.fixture
def default(drawing: Page) -> Iterator[Page]:
    """The page as GitHub, GitLab and editors set it, sizes too."""
    drawing.evaluate(BY_DEFAULT)
    yield drawing
    drawing.evaluate(UNBOUNDED)


DRAW = """async text => {
    const drawn = await mermaid.render("drawn" + performance.now().toFixed(3).replace(".", ""), text);
    document.getElementById("picture").innerHTML = drawn.svg;
    const name = node => (node.id.match(/flowchart-(\\w+)-/) || [])[1];
    return [...document.querySelectorAll("g.node")].map(node => [name(node), node.textContent]);
}"""


# The nodes, with their labels, and the links of a text that Mermaid has only parsed, which it does much faster.
PARSE = """async text => {
    const db = (await mermaid.mermaidAPI.getDiagramFromText(text)).db;
    const labels = [...db.getVertices()].map(([name, node]) => [name, node.text]);
    return [Object.fromEntries(labels), db.getEdges().map(edge => [edge.start, edge.end])];
}"""


def labels_of(lineage: Lineage) -> dict[str, str]:
    """Name of each node → its label, white space as a browser shows it."""
    runs, hidden = [run.name for run in lineage.runs.values()], artifacts_on_edges(lineage)
    named: dict[Node, str] = {key: key[1] for key in lineage.artifacts if key not in hidden}
    named |= {run.run_id: run.name if runs.count(run.name) == 1 else run.run_id for run in lineage.runs.values()}
    return {
        name: " ".join(printable(shorten(named[node], LONGEST_LABEL)).split())
        for node, name in names_of(lineage).items()
        if node in named
    }


def names_of(lineage: Lineage) -> dict[Node, str]:
    nodes: list[Node] = [*lineage.runs, *lineage.artifacts]
    return {node: f"n{number}" for number, node in enumerate(nodes)}


def commented(text: str) -> list[list[str]]:
    """What the comments say of the nodes, in order."""
    return [json.loads(line) for line in re.findall(r"^  %% n\d+ (.*)$", text, re.MULTILINE)]


def recorded(lineage: Lineage) -> list[list[str | None]]:
    rows: list[list[str | None]] = [[run_id] for run_id in lineage.runs]
    return rows + [[*key, each.path] for key, each in lineage.artifacts.items()]


def links_of(lineage: Lineage) -> list[list[str]]:
    """The names of both ends of each: an artifact on edges stands on the link of its run."""
    names, hidden = names_of(lineage), artifacts_on_edges(lineage)
    ends = [(begin, end) for begin, end in lineage.graph.edges() if end not in hidden]
    return sorted([names[begin[0] if begin in hidden else begin], names[end]] for begin, end in ends)


def asked(lineage: Lineage, options: PictureOptions = PLAIN) -> tuple[str, list[str]]:
    """The flowchart that people get, and what they are told of it."""
    told: list[str] = []
    return b"".join(export(lineage, "mermaid", options, tell=told.append)).decode(), told


def title_of(page: Page) -> str:
    return str(page.text_content("#picture .flowchartTitleText"))


def front(text: str) -> str:
    """What stands above the chart: its title."""
    found = re.match(r"---\n.*?\n---\n", text, re.DOTALL)
    assert found is not None
    return found[0]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


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


def test_mermaid_parses_2000_random_texts(drawing: Page) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for text in random_texts(seed=7, count=2_000):
                batch.add_metadata(text)
        lineage = tracker.graph()
    text = exported(lineage, "mermaid")
    assert not obeyed(text)
    assert commented(text) == recorded(lineage)
    vertices, links = drawing.evaluate(PARSE, text)
    assert len(vertices) == 2_000
    assert links == []


# -- what it says of itself --------------------------------------------------------------------------------------------


def test_the_title_says_what_was_asked_unless_it_is_bare(six_jobs: GraphTracker, drawing: Page) -> None:
    drawing.evaluate(DRAW, asked(six_jobs.lineage(START, direction="upstream"))[0])
    assert title_of(drawing) == "what fine-tune-h8rc came from"
    bare, _ = asked(six_jobs.lineage(START), PictureOptions(bare=True))
    assert "title" not in bare
    drawing.evaluate(DRAW, asked(six_jobs.lineage(START, depth=0), PictureOptions(bare=True))[0])
    assert title_of(drawing) == "not the whole lineage: cut by depth 0"


# What Mermaid makes of the front matter of each, above a chart that is drawn fast.
TITLES = """async fronts => {
    const titles = [];
    for (const [number, front] of fronts.entries()) {
        const drawn = await mermaid.render(`titled${number}`, front + "flowchart LR\\n  a\\n");
        const there = new DOMParser().parseFromString(drawn.svg, "text/html");
        titles.push(there.querySelector(".flowchartTitleText").textContent);
    }
    return titles;
}"""

WITHOUT_TAGS = str.maketrans("<>", "\u2039\u203a")


def test_a_title_has_hostile_text_as_it_is_but_for_angles(drawing: Page) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for text in HOSTILE.values():
                batch.add_source(text, "their source")
        lineages = [tracker.lineage(text, direction="upstream") for text in HOSTILE.values()]
    written = [asked(lineage)[0] for lineage in lineages]
    assert not obeyed("".join(written))
    for text in written:
        drawing.evaluate(PARSE, text)
    titles = drawing.evaluate(TITLES, [front(text) for text in written])
    said = [printable(shorten(caption(Picture(lineage), (), ()).title, 100)) for lineage in lineages]
    wanted = [title.translate(WITHOUT_TAGS).split() for title in said]
    assert [(shown, title) for shown, title in zip(titles, wanted, strict=True) if shown.split() != title] == []


def test_it_reads_from_left_to_right_or_from_top_to_bottom(drawing: Page) -> None:
    lineage = chain(3, start=1)
    shapes = {}
    for vertical in (None, False, True):
        drawing.evaluate(DRAW, asked(lineage, PictureOptions(vertical=vertical, bare=True))[0])
        _, _, width, height = str(drawing.get_attribute("#picture svg", "viewBox")).split()
        shapes[vertical] = float(width) > float(height)
    assert shapes == {None: True, False: True, True: False}


def test_dark_is_light_on_dark(default: Page, six_jobs: GraphTracker) -> None:
    lights = {}
    for dark in (False, True):
        default.evaluate(DRAW, asked(six_jobs.lineage(START), PictureOptions(dark=dark, bare=True))[0])
        stroke = "getComputedStyle(document.querySelector('#picture .edgePaths path')).stroke"
        lights[dark] = sum(map(int, re.findall(r"\d+", default.evaluate(stroke))[:3]))
    assert lights[False] < 200
    assert lights[True] > 550


def test_declared_artifacts_of_an_external_run_are_a_label_as_in_other_pictures(drawing: Page) -> None:
    with GraphTracker(":memory:") as tracker:
        for number in range(40):
            tracker.add_source("train", "data", f"part-{number:02}.csv")
        lineage = tracker.lineage("train")
    text, _ = asked(lineage)
    assert dict(drawing.evaluate(DRAW, text)) == {"n0": "data", "n1": "train"}
    assert "\u00d7 40" in str(drawing.text_content("#picture .edgeLabels"))
    assert commented(text) == recorded(lineage)


def test_a_node_has_no_colours_but_ours(drawing: Page) -> None:
    """Mermaid fills what has no fill of its own."""
    with GraphTracker(":memory:") as tracker:
        record_two(tracker)
        tracker.add_source(SECOND, f"{JOBS}extra", "more")
        difference = tracker.diff(FIRST, SECOND)
    drawing.evaluate(DRAW, b"".join(export_difference(difference, "mermaid")).decode())
    fill = "node => getComputedStyle(node.querySelector('rect, path, polygon')).fill"
    fills = drawing.evaluate(f"[...document.querySelectorAll('g.node.only_second')].map({fill})")
    assert fills == ["none"]
    assert title_of(drawing).endswith("only in the second")  # a legend is not shortened


def test_a_stack_has_a_shape_of_its_own(drawing: Page) -> None:
    drawing.evaluate(DRAW, asked(hub(5, alike=True))[0])
    runs = drawing.evaluate("[...document.querySelectorAll('g.node.run')].map(node => node.textContent)")
    boxes = drawing.evaluate("[...document.querySelectorAll('g.node.run:has(> rect)')].map(node => node.textContent)")
    assert runs == ["c00… \u00d7 5", "hub"]
    assert boxes == ["hub"]


# -- what Mermaid draws by default -------------------------------------------------------------------------------------


def with_artifacts(count: int, *, used: bool = False, start: str = "evaluate") -> Lineage:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(count):
                batch.add_artifact("evaluate", f"plot {number}", "")
                if used:
                    batch.add_source("report", "evaluate", f"plot {number}")
        return tracker.lineage(start)


def of_long_texts(count: int) -> Lineage:
    """Runs whose ids, and labels, are as long as they may be, of signs that are longer when they are written."""
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(count):
                batch.record(f"{number}" + "]" * (LONGEST - 10), artifacts=[])
                batch.add_artifact(f"{number}" + "]" * (LONGEST - 10), f'{number}"' + "%" * (LONGEST - 10), "")
                batch.add_source(f"{number}" + "]" * (LONGEST - 10), "data")
        return tracker.lineage("data")


def test_the_bounds_are_those_of_mermaid(drawing: Page) -> None:
    bounds = drawing.evaluate(
        "[mermaid.mermaidAPI.defaultConfig.maxEdges, mermaid.mermaidAPI.defaultConfig.maxTextSize]"
    )
    assert bounds == [MOST_EDGES, MOST_CHARACTERS]


LONG = "local_cwd://torchx/train-{:05}"

LARGE = {
    "a chain": lambda: chain(260, start=130),
    "a long chain": lambda: chain(2000, called=LONG, start=1000),
    "a hub": lambda: hub(2000, alike=True),
    "artifacts": lambda: with_artifacts(1000, used=True),
    "long texts": lambda: of_long_texts(200),
}


@pytest.mark.parametrize(("name", "expand"), [*((name, False) for name in LARGE), ("a hub", True)])
def test_a_large_lineage_is_taken_by_default(default: Page, name: str, expand: bool) -> None:
    lineage = LARGE[name]()
    text, told = asked(lineage, PictureOptions(expand=expand))
    assert units(text) <= MOST_CHARACTERS
    vertices, links = default.evaluate(PARSE, text)
    assert 0 < len(links) <= MOST_EDGES
    assert len(vertices) > 1
    stacked = name == "a hub" and not expand
    assert len(told) == (0 if stacked else 1)
    assert all(note in front(text) for note in told)
    assert asked(lineage, PictureOptions(expand=expand)) == (text, told)


def test_a_large_lineage_is_drawn_by_default(default: Page) -> None:
    text, told = asked(LARGE["a chain"]())
    assert {name for name, _ in default.evaluate(DRAW, text)} == set(default.evaluate(PARSE, text)[0])
    assert told[0] in title_of(default)


def test_as_much_is_drawn_as_mermaid_takes(default: Page) -> None:
    for count in (MOST_EDGES // 2, MOST_EDGES // 2 + 1):
        text, told = asked(with_artifacts(count, used=True, start="report"))
        assert len(default.evaluate(PARSE, text)[1]) == MOST_EDGES
        assert told == ([] if count == MOST_EDGES // 2 else ["drawn are 250 of 251 artifacts"])
    everything, told = asked(with_artifacts(MOST_EDGES + 1), PictureOptions(everything=True, expand=True))
    with pytest.raises(Error, match="Edge limit exceeded"):
        default.evaluate(PARSE, everything)
    assert told == [
        f"501 edges in {units(everything):,} characters; unless its page raises maxEdges and maxTextSize, Mermaid "
        "draws only up to 500 in 50,000"
    ]


def test_what_depends_on_the_whole_answer_is_found_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Links] = []

    def counted(answer: Answer, links: Links, keys: Sequence[str]) -> ValueLines:
        made.append(links)
        return ValueLines(answer, links, keys)

    monkeypatch.setattr("graphtracker.drawing.picture.ValueLines", counted)
    _, told = asked(of_long_texts(200))
    assert told != [], "so that several parts are tried"
    assert len(made) == 1


def test_the_artifact_that_was_asked_about_is_drawn(default: Page) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(MOST_EDGES + 50):
                batch.add_artifact("evaluate", f"plot {number:04}", "")
                batch.add_source("report", "evaluate", f"plot {number:04}")
            batch.add_source("evaluate", "report")  # a cycle, so that all of it is in the lineage
        lineage = tracker.lineage("evaluate", artifact_name="plot 0549")
    text, _ = asked(lineage)
    assert "plot 0549" in default.evaluate(PARSE, text)[0].values()


def test_the_longest_comments_give_way_to_what_is_drawn() -> None:
    with GraphTracker(":memory:") as tracker:
        for number in range(20):
            tracker.add_source(f"{number}".ljust(LONGEST, "x"), f"short-{number}")
        lineage = tracker.graph()
    text, told = asked(lineage)
    assert told == []
    assert units(text) <= MOST_CHARACTERS
    assert units(text) + LONGEST > MOST_CHARACTERS
    said = [run_id for run_id, *_ in commented(text)]
    assert set(said) <= set(lineage.runs)
    assert {f"short-{number}" for number in range(20)} < set(said)


def test_everything_is_written_where_it_is_asked_for(drawing: Page) -> None:
    lineage = chain(300, start=150)
    text, told = asked(lineage, PictureOptions(everything=True))
    assert sorted(drawing.evaluate(PARSE, text)[1]) == links_of(lineage)
    assert commented(text) == recorded(lineage)
    assert len(told) == 1


def test_a_difference_is_drawn_by_default_too(default: Page) -> None:
    with GraphTracker(":memory:") as tracker:
        for side in "ab":
            with tracker.batch() as batch:
                for number in range(38):
                    batch.record(f"{side}/{number}", metadata={"]" * 40 + f"{key}": side for key in range(5)})
                    for source in range(number):
                        batch.add_source(f"{side}/{number}", f"{side}/{source}", "]" * 40)
        difference = tracker.diff("a/37", "b/37")
    told: list[str] = []
    text = b"".join(export_difference(difference, "mermaid", tell=told.append)).decode()
    assert units(text) <= MOST_CHARACTERS
    vertices, links = default.evaluate(PARSE, text)
    assert 10 < len(vertices) < 38
    assert len(links) <= MOST_EDGES
    assert told == [f"drawn are {len(vertices)} of 38 pairs and runs, first differences first"]
    assert told[0] in front(text)
    list(export_difference(difference, "mermaid", PictureOptions(everything=True), tell=told.append))
    assert told[1].startswith("703 edges in ")


def test_the_command_says_what_mermaid_does_not_draw(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "store.db") as tracker, tracker.batch() as batch:
        for number in range(600):
            batch.add_artifact("evaluate", f"plot {number}", "")
    where = {"GRAPHTRACKER_URL": str(tmp_path / "store.db")}
    part = run(tmp_path, "graphtracker", "export", "evaluate", "-o", "a.mmd", "--expand", env=where)
    assert part.stderr == "graphtracker: drawn are 299 of 600 artifacts; --all draws all\n"
    whole = run(tmp_path, "graphtracker", "export", "evaluate", "-o", "a.mmd", "--expand", "--all", env=where)
    assert whole.stderr.startswith("graphtracker: 600 edges in ")
    assert whole.stderr.endswith("only up to 500 in 50,000; without --all a part is drawn\n")
