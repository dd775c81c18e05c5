"""The page to explore a lineage in, in a real Chromium: it needs no network, and nothing that was recorded runs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timezone
from pathlib import Path

import pytest
from playwright.sync_api import Page

from graphtracker import GraphTracker
from graphtracker.drawing import style
from graphtracker.drawing.options import PictureOptions
from graphtracker.export import export
from graphtracker.model.display import printable
from tests.support.hostile import HOSTILE, random_texts
from tests.support.pages import Opened, middle, near, node, rows
from tests.support.remembered import CONTEXT, FAILURE, PREPARE, remember
from tests.support.six_jobs import record_six_jobs
from tests.support.tools import run

TUNED = "local_cwd://torchx/fine-tune-h8rc"

pytestmark = pytest.mark.usefixtures("dot")


def test_a_click_shows_what_a_node_is_and_what_it_is_joined_to(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.graph())
    node(page, "fine-tune-h8rc").click()
    recorded = six_jobs.lineage(TUNED).runs[TUNED]
    assert rows(page)["run_id"] == TUNED
    assert {key: str(value) for key, value in recorded.metadata.items()}.items() <= rows(page).items()
    lineage = six_jobs.lineage(TUNED)
    names = {
        lineage.runs[node].name if isinstance(node, str) else node[1]
        for node in lineage.ancestors() | lineage.descendants()
    }
    assert near(page) == names | {"fine-tune-h8rc"}
    before, after = counted(lineage.ancestors()), counted(lineage.descendants())
    assert page.locator("summary").all_inner_texts() == [f"came from: {before}", f"made from it: {after}"]
    page.keyboard.press("Escape")
    assert page.is_hidden("#panel")
    assert near(page) == set()


def counted(nodes: Collection[str | tuple[str, str]]) -> str:
    runs = sum(isinstance(one, str) for one in nodes)
    counts = (runs, "run"), (len(nodes) - runs, "artifact")
    return ", ".join(f"{count} {word}{'s' * (count > 1)}" for count, word in counts if count)


def test_an_artifact_shows_its_path(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.lineage("local_cwd://torchx/prepare-k3v9", direction="upstream", artifact_name="train"))
    node(page, "train").click()
    assert rows(page)["path"] == "s3://lab/reviews/train.parquet"
    node(page, "reviews-2026.csv").click()
    assert "declared artifact" in page.inner_text("#panel")


def test_a_run_shows_its_context_and_how_it_ended(opened: Opened, remembered: GraphTracker) -> None:
    page = opened(remembered.graph())
    node(page, "prepare").click()
    assert page.inner_text("#panel p") == "run · succeeded"
    assert page.locator("#panel h3").all_inner_texts() == ["context", "metadata"]
    shown = rows(page)
    assert list(shown)[-11:] == [*(key for key in CONTEXT if key != "dirty"), "n"]
    assert shown["directory"] == CONTEXT["directory"]
    assert shown["commit"] == f"{CONTEXT['commit']} (dirty)"
    assert shown["ended_at"] == "2026-01-02 04:04:10Z, after 1:00:05"
    assert shown["reported_at"] == "2026-01-02 03:04:05Z"
    node(page, "✗ broken").click()
    assert page.inner_text("#panel p") == f"run · {FAILURE}"
    assert page.inner_text("#panel h2") == "broken"


def test_nested_metadata_is_shown_key_by_key(opened: Opened, six_jobs: GraphTracker) -> None:
    six_jobs.record(TUNED, metadata={"optim": {"name": "adam", "betas": [0.9, 0.99]}, "none": {}})
    page = opened(six_jobs.lineage(TUNED))
    node(page, "fine-tune-h8rc").click()
    assert {"optim.name": "adam", "optim.betas": "[0.9, 0.99]", "none": "{}"}.items() <= rows(page).items()


def test_an_artifact_shows_its_place_and_times(opened: Opened, remembered: GraphTracker) -> None:
    page = opened(remembered.lineage(PREPARE))
    node(page, "rows").click()
    shown = rows(page)
    assert (shown["path"], shown["place"]) == ("out/rows.parquet", str(Path("out/rows.parquet").absolute()))
    assert shown["logged_at"] == "2026-01-02 03:04:05Z"


@pytest.mark.parametrize(("label", "kind"), [("old", "forgotten run"), ("gone", "forgotten external run")])
def test_a_forgotten_run_says_so(opened: Opened, remembered: GraphTracker, label: str, kind: str) -> None:
    page = opened(remembered.graph())
    node(page, label).click()
    assert page.inner_text("#panel p") == kind
    assert page.locator("#panel h3").count() == 0
    assert "abc" not in page.content()


def test_a_page_says_of_when_it_is(opened: Opened, six_jobs: GraphTracker) -> None:
    facts = opened(six_jobs.graph(as_of=datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc))).inner_text("#facts")
    assert "as of 2026-01-02 03:04:05Z" in facts.splitlines()


def test_a_page_says_what_it_is_of_and_what_occurs_in_it(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.lineage(TUNED))
    assert page.inner_text("h1").startswith("what fine-tune-h8rc came from")
    assert page.title() == page.inner_text("h1")
    words = page.locator("#legend li").all_inner_texts()
    assert {"run", "external run", "artifact", "what was asked about", "used"} <= set(words)
    assert "failed" not in words
    assert page.locator("#legend path").count() == len(words)


def test_a_bare_page_has_neither_title_nor_legend(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.lineage(TUNED, depth=1), PictureOptions(bare=True))
    assert page.is_hidden("h1")
    assert page.is_hidden("#legend")
    assert "cut by depth 1" in page.inner_text("#facts")


def test_the_colours_are_those_of_the_other_pictures(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.graph())
    fills = set(
        page.evaluate("[...document.querySelectorAll('g.node path, g.node polygon')].map(s => s.getAttribute('fill'))")
    )
    assert {style.NODES[kind]["fillcolor"] for kind in ("run", "external", "artifact")} <= fills


def test_a_cut_lineage_and_a_stack_say_so(opened: Opened, six_jobs: GraphTracker) -> None:
    assert "cut by depth 1" in opened(six_jobs.lineage(TUNED, depth=1)).inner_text("#facts")
    with six_jobs.batch() as batch:
        for number in range(20):
            batch.add_source(f"sweep-{number}", TUNED, "model")
    page = opened(six_jobs.lineage(TUNED))
    node(page, "sweep-… \u00d7 20").click()
    assert page.inner_text("#panel h2") == "sweep-… \u00d7 20"
    assert page.inner_text("#panel p") == "20 runs alike"


def test_the_page_of_a_whole_store_opens_at_the_run_that_reported_last(opened: Opened) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.add_source("other", "last")  # which is known from then on
        tracker.record("newest")
        tracker.record("last")
        tracker.add_source("other", "external")
        page = opened(tracker.graph())
    assert page.evaluate("nodes.get(data.start).key.run") == "last"


@pytest.fixture
def large_sweep() -> GraphTracker:
    """Each run has an artifact."""
    tracker = GraphTracker(":memory:")
    with tracker.batch() as batch:
        for number in range(1200):
            batch.record(f"sweep-{number:04}", metadata={"lr": number}, artifacts={"model": f"/m/{number}"})
            batch.add_source(f"sweep-{number:04}", "start")
        batch.record("other", metadata={"lr": 1})
    return tracker


@pytest.mark.parametrize("of", ["!node.key.artifact", "node.key.artifact"], ids=["runs", "artifacts"])
def test_a_page_holds_the_first_of_a_large_stack_and_says_how_many_more_there_are(
    opened: Opened, large_sweep: GraphTracker, of: str
) -> None:
    page = opened(large_sweep.graph())
    page.evaluate(f"go([...nodes.values()].find(node => node.members && {of}))")
    assert page.evaluate("chosen.one.members.length") == 1000
    assert page.inner_text(".sorted td[colspan]") == "… 500 more"
    assert page.inner_text("#panel p.none") == "200 more are not on this page; export -o FILE.json writes all."
    assert page.locator("#panel h3", has_text="the same in").inner_text() == "the same in these 1000"
    page.evaluate("go(chosen.one, [...nodes.values()].find(node => node.name === 'other'))")
    assert "(of the first 1000)" in page.inner_text("#differences")
    page.fill("#search", "sweep-1100")
    assert page.inner_text("#said") == "0 found, 400 of stacks are not on this page"


def test_an_empty_lineage_is_a_page_too(opened: Opened) -> None:
    with GraphTracker(":memory:") as tracker:
        page = opened(tracker.graph())
    page.keyboard.press("ArrowRight")
    page.fill("#search", "anything")
    assert page.inner_text("#said") == "0 found"


@pytest.mark.parametrize("texts", [list(HOSTILE.values()), random_texts(seed=8, count=600)], ids=["by hand", "random"])
def test_hostile_text_is_shown_and_never_run(opened: Opened, texts: list[str]) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for text in texts:
                batch.record(text, metadata={text: text})
                batch.add_artifact(text, text, text)
                remember(batch, text, {"user": text, "command": text, "status": text})
        lineage = tracker.graph()
    page = opened(lineage, PictureOptions(everything=True))
    held = page.evaluate("[...nodes.values()].map(node => [node.key, node.rows, node.metadata, node.context])")
    runs = {key["run"]: told for key, *told in held if "artifact" not in key}
    assert set(runs) == set(texts)
    for text in texts:
        lines, metadata, context = runs[text]
        assert ["run_id", printable(text)] in lines
        assert [printable(text), printable(text)] in metadata
        assert ["command", printable(text)] in context
    assert page.evaluate("nodes.size") == 2 * len(texts)
    for name in ("n0", f"n{len(texts) // 2}"):
        page.evaluate("name => go(nodes.get(name))", name)
        assert len(rows(page)) >= 1
    assert page.evaluate("document.querySelectorAll('script, img, image, iframe, [onclick], b').length") == 2


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_title_is_text(text: str) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record(text)
        page = b"".join(export(tracker.lineage(text), "html")).decode()
    assert page.count("<script") == page.count("</script>") == 2
    assert "<b>x</b>" not in page


def test_equal_answers_are_equal_pages(six_jobs: GraphTracker) -> None:
    assert [*export(six_jobs.lineage(TUNED), "html")] == [*export(six_jobs.lineage(TUNED), "html")]


def test_2000_nodes_are_all_there_and_more_are_left_out(opened: Opened) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(1500):
                batch.add_artifact(f"run-{number:04}", "model", "/m")
                batch.add_source(f"run-{number:04}", f"run-{max(0, number - 7):04}", "model")
        lineage = tracker.lineage("run-0000")
    page = opened(lineage)
    assert 1990 <= page.evaluate("nodes.size") <= 2000
    assert "of 1,500 runs nearest to the start" in page.inner_text("#facts")
    x, y = middle(page, "run-0000")
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
    node(page, "fine-tune-h8rc").click()
    assert rows(page)["run_id"] == TUNED
