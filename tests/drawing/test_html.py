"""The page to explore a lineage in, in a real Chromium: it needs no network, and nothing that was recorded runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest
from playwright.sync_api import Page

from graphtracker import GraphTracker, Lineage
from graphtracker.drawing import style
from graphtracker.drawing.options import PictureOptions
from graphtracker.export import export
from graphtracker.model.display import printable
from tests.support.hostile import HOSTILE, random_texts
from tests.support.remembered import CONTEXT, FAILURE, PREPARE, record_remembered, remember
from tests.support.six_jobs import record_six_jobs
from tests.support.tools import run

TUNED = "local_cwd://torchx/fine-tune-h8rc"
Opened = Callable[..., Page]

pytestmark = pytest.mark.usefixtures("dot")


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Opened:
    """Opens the page of a lineage; nothing but this one file may be asked for, nothing may go wrong in it."""
    wrong: list[str] = []

    def open_(lineage: Lineage, *, everything: bool = False) -> Page:
        path = tmp_path / "lineage.html"
        path.write_bytes(b"".join(export(lineage, "html", PictureOptions(everything=everything))))
        page.on("request", lambda request: None if request.url == path.as_uri() else wrong.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.goto("about:blank")
        page.goto(path.as_uri())
        assert wrong == []
        return page

    return open_


@pytest.fixture
def remembered() -> GraphTracker:
    tracker = GraphTracker(":memory:")
    record_remembered(tracker)
    return tracker


def click(page: Page, label: str) -> None:
    page.locator("g.node text", has_text=re.compile(f"^\\s*{re.escape(label)}\\s*$")).first.click()


def rows(page: Page) -> dict[str, str]:
    """What the panel says of the chosen node."""
    return dict(
        page.evaluate("[...document.querySelectorAll('#panel tr')].map(r => [...r.cells].map(c => c.textContent))")
    )


def near(page: Page) -> set[str]:
    """The labels of the nodes that are not dimmed."""
    return set(page.evaluate("[...document.querySelectorAll('g.node.near text')].map(text => text.textContent)"))


def place(page: Page, label: str) -> tuple[float, float]:
    box = page.locator("g.node text", has_text=re.compile(f"^\\s*{re.escape(label)}\\s*$")).first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_click_shows_what_a_node_is_and_what_it_is_joined_to(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.graph())
    click(page, "fine-tune-h8rc")
    recorded = six_jobs.lineage(TUNED).runs[TUNED]
    assert rows(page)["run_id"] == TUNED
    assert {key: str(value) for key, value in recorded.metadata.items()}.items() <= rows(page).items()
    lineage = six_jobs.lineage(TUNED)
    names = {
        lineage.runs[node].name if isinstance(node, str) else node[1]
        for node in lineage.ancestors() | lineage.descendants()
    }
    assert near(page) == names | {"fine-tune-h8rc"}
    before, after = len(lineage.ancestors()), len(lineage.descendants())
    assert f"run · {before} before it, {after} after it" in page.inner_text("#panel")
    page.keyboard.press("Escape")
    assert page.is_hidden("#panel")
    assert near(page) == set()


def test_an_artifact_shows_its_path(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.lineage("local_cwd://torchx/prepare-k3v9", direction="upstream", artifact_name="train"))
    click(page, "train")
    assert rows(page)["path"] == "s3://lab/reviews/train.parquet"
    click(page, "reviews-2026.csv")
    assert "declared artifact" in page.inner_text("#panel")


def test_a_run_shows_its_context_and_how_it_ended(opened: Opened, remembered: GraphTracker) -> None:
    page = opened(remembered.graph())
    click(page, "prepare")
    assert "run · succeeded · " in page.inner_text("#panel")
    assert page.locator("#panel h2").all_inner_texts() == ["context", "metadata"]
    shown = rows(page)
    assert list(shown)[-11:] == [*(key for key in CONTEXT if key != "dirty"), "n"]
    assert shown["directory"] == CONTEXT["directory"]
    assert shown["commit"] == f"{CONTEXT['commit']} (dirty)"
    assert shown["ended_at"] == "2026-01-02 04:04:10Z, after 1:00:05"
    assert shown["reported_at"] == "2026-01-02 03:04:05Z"
    click(page, "✗ broken")
    assert f"run · {FAILURE} · " in page.inner_text("#panel")
    assert page.inner_text("#panel h1") == "broken"


def test_an_artifact_shows_its_place_and_times(opened: Opened, remembered: GraphTracker) -> None:
    page = opened(remembered.lineage(PREPARE))
    click(page, "rows")
    shown = rows(page)
    assert (shown["path"], shown["place"]) == ("out/rows.parquet", str(Path("out/rows.parquet").absolute()))
    assert shown["logged_at"] == "2026-01-02 03:04:05Z"


@pytest.mark.parametrize(("label", "kind"), [("old", "forgotten run"), ("gone", "forgotten external run")])
def test_a_forgotten_run_says_so(opened: Opened, remembered: GraphTracker, label: str, kind: str) -> None:
    page = opened(remembered.graph())
    click(page, label)
    assert f"{kind} · " in page.inner_text("#panel")
    assert page.locator("#panel h2").count() == 0
    assert "abc" not in page.content()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("BOB", {"train", "broken", "going"}),
        ("node7", {"prepare"}),
        ("--seed 7", {"prepare"}),
        ("5eba5eba", {"prepare"}),
        ("running", {"going"}),
        ("outofmemory", {"broken"}),
        ("succeeded", {"train", "prepare"}),
    ],
)
def test_search_finds_by_user_host_command_commit_and_status(
    opened: Opened, remembered: GraphTracker, words: str, found: set[str]
) -> None:
    page = opened(remembered.graph())
    page.fill("#search", words)
    assert set(page.evaluate("matches.map(name => data.nodes[name].name)")) == found


def test_search_finds_a_stack_by_what_one_of_its_runs_is_remembered_by(opened: Opened, six_jobs: GraphTracker) -> None:
    for number in range(20):
        six_jobs.add_source(f"sweep-{number}", TUNED, "model")
        remember(six_jobs, f"sweep-{number}", {"user": "eve", "host": f"node-{number}", "status": FAILURE})
    page = opened(six_jobs.lineage(TUNED))
    page.fill("#search", "node-17")
    page.press("#search", "Enter")
    assert page.inner_text("#panel h1") == "✗ sweep-… \u00d7 20"
    assert "20 runs alike · each failed" in page.inner_text("#panel")
    assert rows(page)["user"] == "eve"


def test_a_page_says_of_when_it_is(opened: Opened, six_jobs: GraphTracker) -> None:
    note = opened(six_jobs.graph(as_of=datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc))).inner_text("#note")
    assert note.splitlines()[0] == "as of 2026-01-02 03:04:05Z"


def test_search_finds_by_id_and_by_name(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.graph())
    page.fill("#search", "local_cwd://torchx/TRAIN")
    assert page.inner_text("#found") == "2 found"
    page.fill("#search", "report")
    page.press("#search", "Enter")
    assert page.inner_text("#found") == "1 of 1"
    assert page.inner_text("#panel h1") == "report"
    page.fill("#search", "nothing like it")
    assert page.inner_text("#found") == "0 found"


def test_a_node_is_dragged_with_its_edges_and_the_ground_with_everything(
    opened: Opened, six_jobs: GraphTracker
) -> None:
    page = opened(six_jobs.graph())
    x, y = place(page, "evaluate-w4tz")
    still = place(page, "prepare-k3v9")
    drawn = page.evaluate("[...document.querySelectorAll('g.edge path')].map(path => path.getAttribute('d'))")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 60, steps=3)
    page.mouse.up()
    assert place(page, "evaluate-w4tz") == pytest.approx((x + 20, y + 60), abs=1)
    assert place(page, "prepare-k3v9") == still
    now = page.evaluate("[...document.querySelectorAll('g.edge path')].map(path => path.getAttribute('d'))")
    assert sum(a != b for a, b in zip(drawn, now, strict=True)) == len(
        [
            source
            for source in six_jobs.graph().sources
            if "evaluate" in source.run_id or "evaluate" in source.source_run_id
        ]
    ) + len(six_jobs.artifacts("local_cwd://torchx/evaluate-w4tz"))
    page.mouse.move(5, 700)
    page.mouse.down()
    page.mouse.move(105, 720, steps=3)
    page.mouse.up()
    assert place(page, "prepare-k3v9") == pytest.approx((still[0] + 100, still[1] + 20), abs=1)


def test_the_wheel_and_the_buttons_zoom(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.graph())

    def width() -> float:
        box = page.locator("g.node").first.bounding_box()
        assert box is not None
        return box["width"]

    before = width()
    page.click("#in")
    assert width() > before * 1.3
    page.mouse.move(500, 500)
    page.mouse.wheel(0, 300)
    page.wait_for_function(
        "limit => document.querySelector('g.node').getBoundingClientRect().width < limit", arg=before
    )
    page.click("#fit")
    assert width() == pytest.approx(before, rel=0.01)


def test_the_colours_are_those_of_the_other_pictures(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.graph())
    fills = set(
        page.evaluate("[...document.querySelectorAll('g.node path, g.node polygon')].map(s => s.getAttribute('fill'))")
    )
    assert {
        style.NODES["run"]["fillcolor"],
        style.NODES["external"]["fillcolor"],
        style.NODES["artifact"]["fillcolor"],
    } <= fills


def test_a_cut_lineage_and_a_stack_say_so(opened: Opened, six_jobs: GraphTracker) -> None:
    assert "cut by depth 1" in opened(six_jobs.lineage(TUNED, depth=1)).inner_text("#note")
    with six_jobs.batch() as batch:
        for number in range(20):
            batch.add_source(f"sweep-{number}", TUNED, "model")
    page = opened(six_jobs.lineage(TUNED))
    click(page, "sweep-… \u00d7 20")
    assert "20 runs alike" in page.inner_text("#panel")
    assert "sweep-19" in rows(page).values()
    assert page.inner_text("#panel h1") == "sweep-… \u00d7 20"
    assert page.inner_text("#note") == ""


@pytest.mark.parametrize("texts", [list(HOSTILE.values()), random_texts(seed=8, count=600)], ids=["by hand", "random"])
def test_hostile_text_is_shown_and_never_run(opened: Opened, texts: list[str]) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for text in texts:
                batch.record(text, metadata={text: text})
                batch.add_artifact(text, text, text)
                remember(batch, text, {"user": text, "command": text, "status": text})
        lineage = tracker.graph()
    page = opened(lineage, everything=True)
    held = page.evaluate("Object.values(data.nodes).map(node => [node.kind, node.id, node.metadata])")
    runs = {node_id: table for kind, node_id, table in held if kind.startswith("run · ")}
    assert set(runs) == set(map(printable, texts))
    contexts = dict(
        page.evaluate("Object.values(data.nodes).filter(n => n.context.length).map(n => [n.id, n.context])")
    )
    for text in texts:
        assert [printable(text), printable(text)] in runs[printable(text)]
        assert ["command", printable(text)] in contexts[printable(text)]
    assert (
        page.evaluate("document.querySelectorAll('#picture script, #picture image, #picture [onclick], iframe').length")
        == 0
    )
    assert page.evaluate("nodes.size") == 2 * len(texts)
    for name in ("n0", f"n{len(texts) // 2}"):
        page.evaluate("name => choose(name)", name)
        assert len(rows(page)) >= 1


def test_2000_nodes_are_all_there_and_more_are_left_out(opened: Opened) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(1500):
                batch.add_artifact(f"run-{number:04}", "model", "/m")
                batch.add_source(f"run-{number:04}", f"run-{max(0, number - 7):04}", "model")
        lineage = tracker.lineage("run-0000")
    page = opened(lineage)
    assert 1990 <= page.evaluate("nodes.size") <= 2000
    assert "of 1,500 runs nearest to the start" in page.inner_text("#note")
    x, y = place(page, "run-0000")
    assert 0 < x < 1600
    assert 0 < y < 1100
    page.fill("#search", "run-0900")
    page.press("#search", "Enter")
    assert rows(page)["run_id"] == "run-0900"


def test_the_command_writes_the_page(tmp_path: Path, page: Page) -> None:
    with GraphTracker(tmp_path / "store.db") as tracker:
        record_six_jobs(tracker)
    run(tmp_path, "graphtracker", "--store", "store.db", "export", TUNED, "-o", "lineage.html")
    page.goto((tmp_path / "lineage.html").as_uri())
    click(page, "fine-tune-h8rc")
    assert rows(page)["run_id"] == TUNED
