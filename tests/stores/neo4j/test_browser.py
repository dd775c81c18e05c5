"""Exploring a Neo4j store in the real Neo4j Browser, in headless Chromium: the link, the style, the saved queries."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import neo4j
import pytest
from playwright.sync_api import Page

from graphtracker import GraphTracker, InvalidInput, StoreError
from graphtracker.cypher import statement
from graphtracker.drawing.style import EDGES, NODES
from graphtracker.stores.neo4j.browser import address, literal
from graphtracker.stores.neo4j.browser_files import PREFIX, archive, queries, style
from graphtracker.stores.neo4j.url import neo4j_url
from graphtracker.stores.urls import parse
from tests.support.hostile import HOSTILE
from tests.support.neo4j_server import GENERATIONS
from tests.support.servers import driver, emptied, rows
from tests.support.six_jobs import record_six_jobs
from tests.support.terminal import on_a_terminal
from tests.support.tools import run

CONNECTED = "text=You have a working connection"
RUN_BUTTON = '[data-testid="editor-Run"]'
ODD = "a'b\"c&d#e\\u0027f%41g+h`i}\nj<b>\U0001f600 RETURN 1 //"

# What a person does who drags a file onto the window.
DROP = """([name, content]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(content), each => each.charCodeAt(0))], name));
    for (const kind of ["dragenter", "dragover", "drop"])
        document.elementFromPoint(800, 300).dispatchEvent(
            new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture(scope="module", params=GENERATIONS)
def tracker(request: pytest.FixtureRequest) -> Iterator[GraphTracker]:
    """A tracker on a server of this generation that holds the pipeline of six jobs, and a run with an odd id."""
    with GraphTracker(emptied(request.param)) as opened:
        record_six_jobs(opened)
        opened.add_source(ODD, "s3://datasets/slang")
        yield opened


def drop(page: Page, name: str, content: bytes) -> None:
    page.evaluate(DROP, [name, base64.b64encode(content).decode()])


def opened(page: Page, address: str) -> None:
    """Follows a link and waits until Browser is connected."""
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(CONNECTED)
    page.wait_for_selector(RUN_BUTTON)


def nodes(page: Page) -> dict[str, set[str]]:
    """Runs what is in the editor; name → fill colours of the nodes that it draws, each captioned with its name.

    How much of a caption Browser shows, on how many lines, and which words it leaves out hang on the font's width
    and on what it has drawn so far; what node it is does not.
    """
    page.click(RUN_BUTTON)
    page.wait_for_selector("svg g.node text")
    found: dict[str, set[str]] = {}
    for node in page.query_selector_all("svg g.node"):
        name = node.evaluate("node => node.__data__.propertyMap.name")
        lines = [str(line.text_content()).strip().rstrip("…") for line in node.query_selector_all("text")]
        shown = [word for line in lines for word in line.split()]
        assert shown or not name.strip(), name
        assert re.match(r"\s*" + ".*".join(map(re.escape, shown)), name, re.DOTALL), (name, lines)
        found.setdefault(name, set()).add(fill(node))
    return found


def fill(node: Any) -> str:
    colours = (circle.get_attribute("fill") for circle in node.query_selector_all("circle"))
    return str(next(filter(None, colours)))


def test_the_link_shows_the_lineage_of_a_run(page: Page, tracker: GraphTracker) -> None:
    opened(page, tracker.browser_url("local_cwd://torchx/fine-tune-h8rc"))
    found = nodes(page)
    lineage = tracker.lineage("local_cwd://torchx/fine-tune-h8rc")
    names = {run.name for run in lineage.runs.values()} | {artifact.name for artifact in lineage.artifacts.values()}
    assert set(found) == names
    assert page.locator("svg g.node").count() == len(lineage)
    assert len(set().union(*found.values())) >= 3  # externals, runs and artifacts, before any style


def test_the_link_without_a_run_shows_the_recent_ones(page: Page, tracker: GraphTracker) -> None:
    opened(page, tracker.browser_url())
    assert "evaluate-w4tz" in nodes(page)


def test_an_id_with_quotes_ampersands_and_cypher_arrives_as_data(page: Page, tracker: GraphTracker) -> None:
    opened(page, tracker.browser_url(ODD))
    assert "slang" in nodes(page)
    assert page.locator("svg g.node").count() == len(tracker.lineage(ODD))


def test_hostile_names_are_drawn_as_they_are_and_do_nothing(page: Page, tracker: GraphTracker) -> None:
    long_ago = datetime(2001, 1, 1, tzinfo=timezone.utc)
    tracker.record("of odd things", artifacts=dict.fromkeys(HOSTILE.values(), "/odd"), at=long_ago)
    opened(page, tracker.browser_url("of odd things"))
    before = page.locator("script, iframe, img").count()
    page.click(RUN_BUTTON)
    page.wait_for_selector("svg g.node text")
    found = page.eval_on_selector_all("svg g.node", "all => all.map(each => each.__data__.propertyMap.name)")
    assert set(found) == {"of odd things", *HOSTILE.values()}
    assert page.locator("svg g.node :not(circle, path, text, g, title)").count() == 0
    assert page.locator("script, iframe, img").count() == before


def test_the_style_gives_everything_the_colours_of_our_other_pictures(page: Page, tracker: GraphTracker) -> None:
    opened(page, tracker.browser_url("local_cwd://torchx/fine-tune-h8rc"))
    drop(page, "graphtracker.grass", style().encode())
    page.wait_for_selector("text=node.Declared")
    found = nodes(page)
    assert found["report"] == {NODES["artifact"]["fillcolor"]}
    assert found["prepare-k3v9"] == {NODES["run"]["fillcolor"]}
    assert found["slang"] == found["reviews"] == {NODES["external"]["fillcolor"]}
    assert {"#ffffff"} in found.values()  # the declared artifact, which DOT calls white
    drawn = {str(each.text_content()): each for each in page.query_selector_all("svg g.relationship")}
    paths = {kind: each.query_selector("path") for kind, each in drawn.items()}
    assert {kind: path and path.get_attribute("fill") for kind, path in paths.items()} == {
        "USED": EDGES["used"]["color"],
        "GENERATED_BY": EDGES["generated"]["color"],
        "DERIVED_FROM": EDGES["derived"]["color"],
    }


@pytest.fixture
def nothing_joined(page: Page, tracker: GraphTracker) -> Iterator[None]:
    """Browser does not join the nodes of a result itself (its setting "Connect result nodes")."""
    page.goto(tracker.browser_url().partition("?")[0])
    setting = "neo4j.settings"
    page.evaluate(f"() => localStorage.setItem('{setting}', JSON.stringify({{autoComplete: false}}))")
    yield
    page.evaluate(f"() => localStorage.removeItem('{setting}')")


@pytest.mark.usefixtures("nothing_joined")
def test_the_links_of_a_lineage_are_drawn_without_the_help_of_browser(page: Page, tracker: GraphTracker) -> None:
    for run_id in ("local_cwd://torchx/fine-tune-h8rc", ODD):
        opened(page, tracker.browser_url(run_id))
        nodes(page)
        lineage = tracker.lineage(run_id)
        page.wait_for_function(
            "count => document.querySelectorAll('svg g.relationship').length == count",
            arg=lineage.graph.number_of_edges(),
        )


def test_the_frame_of_a_result_is_headed_by_the_run_that_was_asked_about(page: Page, tracker: GraphTracker) -> None:
    opened(page, tracker.browser_url("local_cwd://torchx/fine-tune-h8rc"))
    nodes(page)
    # Browser's own commands, such as the choice of the database, have frames, too.
    headings = [text.replace("\xa0", " ") for text in page.locator('[data-testid="frameCommand"]').all_text_contents()]
    begins = [heading.find("start:Run {run_id: 'local_cwd://torchx/fine-tune-h8rc'}") for heading in headings]
    assert [begin for begin in begins if begin in range(20)] != []


GIVEN = {
    "run_id": "local_cwd://torchx/train-large-p2qd",
    "other_run_id": "local_cwd://torchx/deploy-n6bf",
    "text": "train-",
    "name": "model",
    "place": "s3://lab/models/large.pt",
    "key": "lr",
    "value": 0.001,
}
# Saved query → names that must be shown, and such as it must not.
EXPECTED: dict[str, tuple[set[str], set[str]]] = {
    "recent_runs": ({"prepare-k3v9", "deploy-n6bf", "report"}, {"slang"}),
    "lineage_of_a_run": ({"train-large-p2qd", "reviews", "fine-tune-h8rc", "report"}, {"train-small-x7mw"}),
    "upstream_of_a_run": ({"train-large-p2qd", "prepare-k3v9", "reviews"}, {"fine-tune-h8rc", "report"}),
    "downstream_of_a_run": ({"train-large-p2qd", "fine-tune-h8rc", "deploy-n6bf"}, {"prepare-k3v9"}),
    "neighbourhood_of_a_run": ({"prepare-k3v9", "fine-tune-h8rc", "reviews"}, {"train-small-x7mw"}),
    "consumers_of_an_artifact": ({"train-large-p2qd", "model", "fine-tune-h8rc"}, {"prepare-k3v9"}),
    "runs_that_made_a_path": ({"train-large-p2qd", "model"}, {"fine-tune-h8rc"}),
    "runs_by_metadata": ({"train-large-p2qd"}, {"fine-tune-h8rc", "prepare-k3v9"}),
    "external_sources": ({"reviews", "slang", "prepare-k3v9"}, {"train-large-p2qd"}),
    "declared_but_never_logged": (set(), {"reviews", "model"}),
    "dead_ends": ({"log", "train-large-p2qd"}, {"report", "train"}),
    "most_used_artifacts": ({"model", "train"}, set()),
    "runs_of_the_last_week": ({"prepare-k3v9", "train"}, set()),
    "between_two_runs": ({"train-large-p2qd", "fine-tune-h8rc", "deploy-n6bf"}, {"log", "report", "prepare-k3v9"}),
    "common_ancestors_of_two_runs": ({"train-large-p2qd", "deploy-n6bf"}, {"prepare-k3v9", "reviews", "model"}),
    "difference_of_two_runs": (set(), {"train-large-p2qd"}),
    "downstream_of_an_artifact": ({"model", "fine-tune-h8rc", "deploy-n6bf"}, {"train-large-p2qd", "log"}),
    "failed_runs": (set(), {"train-large-p2qd"}),
    "find": ({"train-large-p2qd", "train-small-x7mw"}, {"fine-tune-h8rc", "train"}),
    "impact_of_a_run": (set(), {"train-large-p2qd"}),
    "newest_at_a_place": ({"train-large-p2qd", "model", "fine-tune-h8rc"}, {"prepare-k3v9"}),
    "runs_nothing_was_made_from": ({"deploy-n6bf", "slang"}, {"prepare-k3v9", "reviews"}),
    "stale_uses": (set(), {"train"}),
}


def named(value: Any) -> Iterator[str]:
    if isinstance(value, neo4j.graph.Node):
        yield value["name"]
    elif isinstance(value, list):
        for item in value:
            yield from named(item)


def test_every_saved_query_is_expected_here() -> None:
    assert {f"browser_{name}.cypher" for name in EXPECTED} == set(queries())


@pytest.mark.parametrize("name", EXPECTED)
def test_a_saved_query_finds_what_the_demo_holds(name: str, tracker: GraphTracker) -> None:
    with neo4j.GraphDatabase.driver(tracker.url) as bare:
        found = set(named(rows(bare, statement(f"browser_{name}"), **GIVEN)))
    there, absent = EXPECTED[name]
    assert there <= found
    assert not absent & found


@pytest.mark.parametrize("tracker", ["5"], indirect=True)  # both generations serve the same Browser
def test_the_saved_queries_are_loaded_at_once_and_run_as_they_are_in_browser(page: Page, tracker: GraphTracker) -> None:
    opened(page, tracker.browser_url())
    drop(page, "graphtracker.zip", archive())
    page.click('[data-testid="navigationFavorites"]')
    page.click('[data-testid="expandFolder-graphtracker"]')
    titles = [text.splitlines()[0].removeprefix("// ") for text in queries().values()]
    assert set(page.locator('[data-testid^="scriptTitle-"]').all_text_contents()) == set(titles)
    for line in {line for text in queries().values() for line in PARAMETER.findall(text)}:
        name = line.split()[1]
        typed(page, f":param {name} => {written(GIVEN[name])}")
    for title, name in zip(titles, queries(), strict=True):
        page.click(f'[data-testid="scriptTitle-{title}"]')
        there, _ = EXPECTED[name.removeprefix(PREFIX).removesuffix(".cypher")]
        if there:
            assert there <= set(nodes(page)), name
        page.click('[data-testid="frame"] [title="Close"]')


PARAMETER = re.compile(r"^//     (:param \w+ => .+)$", re.MULTILINE)


def typed(page: Page, command: str) -> None:
    """Runs a command that is typed into the editor."""
    page.click('[data-testid="activeEditor"]')
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(command)
    page.click(RUN_BUTTON)
    page.wait_for_selector("text=Successfully set your parameters")


def written(value: object) -> str:
    return literal(value) if isinstance(value, str) else repr(value)


# -- the literal and the address ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("generation", GENERATIONS)
def test_any_text_is_a_literal_that_the_server_reads_as_that_text(generation: str) -> None:
    texts = [*HOSTILE.values(), ODD, "\\u0027", "\\\\u0027", "\\", "'", "\\'", "%41", "\x7f", "\u2028"]
    found = rows(driver(generation), "RETURN [" + ", ".join(map(literal, texts)) + "]")
    assert found == [[texts]]


def test_nothing_in_a_literal_splits_an_address() -> None:
    assert not set("&#?=+%\n") & set(literal("a&b#c?d=e+f%g\nh"))


class Settings:
    """A server that serves Browser where it is told."""

    def __init__(self, http: str | None, https: str | None = None) -> None:
        self.rows = []
        for scheme, place in (("http", http), ("https", https)):
            self.rows += [[f"server.{scheme}.enabled", "true" if place else "false"]]
            self.rows += [[f"server.{scheme}.advertised_address", place or ":0"]]

    def __call__(self, name: str, parts: Mapping[str, str] | None = None, /, **parameters: Any) -> list[list[Any]]:
        return self.rows


@pytest.fixture
def begin() -> Callable[..., str]:
    """Gives the address without its query, for a store URL and what its server says."""

    def give(url: str, settings: Settings, browser: str | None = None) -> str:
        return address(settings, neo4j_url(parse(url)), None, browser).partition("?")[0]

    return give


@pytest.mark.parametrize("said", ["localhost:7474", "0.0.0.0:7474", "127.0.0.1:7474", ":7474"])
def test_a_server_that_names_no_host_is_reached_where_its_store_is(said: str, begin: Callable[..., str]) -> None:
    assert begin("neo4j://db.example:7687", Settings(said)) == "http://db.example:7474/browser/"
    assert begin("bolt://ada:secret@[::1]:7687", Settings(said)) == "http://[::1]:7474/browser/"


def test_a_server_that_names_its_host_is_believed(begin: Callable[..., str]) -> None:
    assert begin("neo4j://10.0.0.1", Settings("graph.example:80")) == "http://graph.example:80/browser/"
    assert begin("neo4j+s://h", Settings(None, "graph.example:443")) == "https://graph.example:443/browser/"


def test_a_server_without_browser_says_how_to_name_one(begin: Callable[..., str]) -> None:
    with pytest.raises(StoreError, match="--browser URL"):
        begin("neo4j://h", Settings(None))
    assert begin("neo4j://h", Settings(None), "https://b.example/x/") == "https://b.example/x/"
    with pytest.raises(InvalidInput, match="no address of Neo4j Browser"):
        begin("neo4j://h", Settings(None), "javascript:alert(1)")


def test_the_address_holds_the_user_and_never_the_password() -> None:
    found = address(Settings("h:1"), neo4j_url(parse("neo4j+s://ada:secret@h:7687/lineage")), "run", None)
    options = {name: values[0] for name, values in parse_qs(urlsplit(found).query).items()}
    assert "secret" not in found
    assert (options["dbms"], options["db"]) == ("neo4j+s://h:7687", "lineage")


# -- the command -------------------------------------------------------------------------------------------------------


def test_the_command_prints_the_address(tracker: GraphTracker, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", "--store", tracker.url, "browse", "fine-tune-h8rc")
    assert done.stdout == f"{tracker.browser_url('local_cwd://torchx/fine-tune-h8rc')}\n"


def test_the_command_refuses_an_sqlite_store_and_says_where_to_go(tmp_path: Path) -> None:
    run(tmp_path, "graphtracker", "--store", "a.db", "add-metadata", "run")
    assert "graphtracker copy" in run(tmp_path, "graphtracker", "--store", "a.db", "browse", code=3).stderr


def test_the_command_prints_and_saves_the_style_and_the_queries(tmp_path: Path) -> None:
    printed = run(tmp_path, "graphtracker", "browse", "--style")
    styled = run(tmp_path, "graphtracker", "browse", "--style", "-o", "style.grass")
    saved = run(tmp_path, "graphtracker", "browse", "--queries", "-o", "queries")
    packed = run(tmp_path, "graphtracker", "browse", "--queries", "-o", "all.zip")
    assert printed.stdout == (tmp_path / "style.grass").read_text(encoding="utf-8") == style()
    assert "-o graphtracker.grass" in printed.stderr
    assert "wrote style.grass: drag it onto the window" in styled.stderr
    assert f"wrote {len(queries())} queries into queries: drag them" in saved.stderr
    assert "-o graphtracker.zip" in saved.stderr
    assert f"wrote {len(queries())} queries to all.zip: drag it onto the window" in packed.stderr
    assert styled.stdout == saved.stdout == packed.stdout == ""
    assert (tmp_path / "all.zip").read_bytes() == archive()
    assert {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "queries").iterdir()} == queries()
    assert all(text in run(tmp_path, "graphtracker", "browse", "--queries").stdout for text in queries().values())
    assert "exclude" in run(tmp_path, "graphtracker", "browse", "--queries", "--style", code=2).stderr


def test_a_style_gets_a_name_that_browser_loads(tmp_path: Path) -> None:
    assert ".grass" in run(tmp_path, "graphtracker", "browse", "--style", "-o", "style.css", code=2).stderr
    assert not list(tmp_path.glob("style*"))


def test_the_address_alone_goes_into_a_pipe_and_people_are_told_of_the_style(
    tracker: GraphTracker, tmp_path: Path
) -> None:
    command = ("graphtracker", "--store", tracker.url, "browse")
    assert run(tmp_path, *command).stderr == ""
    told = on_a_terminal(tmp_path, "sh", "-c", '"$0" "$@" 2>&1', *command)
    assert "browse --style -o" in told.splitlines()[-1]
