"""Searching in the page of a lineage: what is found, where it was found, how one gets there."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from playwright.sync_api import Page

from graphtracker import GraphTracker
from graphtracker.drawing.options import PictureOptions
from tests.support.hostile import HOSTILE
from tests.support.pages import Opened, middle, node, rows, settled
from tests.support.remembered import FAILURE, remember
from tests.support.six_jobs import START as TUNED

pytestmark = pytest.mark.usefixtures("dot")


def found(page: Page, words: str) -> dict[str, str]:
    """The name of each hit with what is said of it."""
    page.fill("#search", words)
    return dict(page.evaluate("[...hits.children].map(hit => [hit.firstChild.textContent, hit.lastChild.textContent])"))


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("BOB", {"train", "broken", "going"}),
        ("node7", {"prepare"}),
        ("--seed 7", {"prepare"}),
        ("5eba5eba", {"prepare"}),
        ("running", {"going"}),
        ("outofmemory", {"broken"}),
        ("succeeded", {"train", "prepare"}),
        ("rows.parquet", {"rows"}),
    ],
)
def test_search_finds_by_context_and_place(
    opened: Opened, remembered: GraphTracker, words: str, names: set[str]
) -> None:
    assert set(found(opened(remembered.graph()), words)) == names


def test_search_finds_keys_and_values_of_metadata_and_says_where(opened: Opened, six_jobs: GraphTracker) -> None:
    six_jobs.record(TUNED, metadata={"optim": {"name": "adamw"}})
    page = opened(six_jobs.graph())
    assert found(page, "adamw") == {"fine-tune-h8rc": "run · metadata: optim.name = adamw"}
    assert found(page, "optim.n") == {"fine-tune-h8rc": "run · metadata: optim.name = adamw"}
    assert page.inner_text("#hits mark") == "optim.n"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("adamw 512", {"one"}),
        ("512  adamw", {"one"}),
        ("adamw 256 trial", {"two-trial"}),
        ("trial two", {"two-trial"}),
        ("optim.lr=0.000139", {"one"}),
        ("optim.lr: 0.000139", {"one"}),
        ("hidden: 512 optim.name = adamw", {"one"}),
        ("hidden=256 sgd", set()),
        ("2026-03-02", {"two-trial"}),
        ("s3://lab/a:b", {"model"}),
    ],
)
def test_all_words_are_found_and_keys_with_their_values(opened: Opened, words: str, names: set[str]) -> None:
    with GraphTracker(":memory:") as tracker:
        for day, (name, lr, hidden) in enumerate((("one", 0.000139, 512), ("two-trial", 0.1, 256)), 1):
            metadata = {"optim": {"name": "adamw", "lr": lr}, "hidden": hidden}
            tracker.record(name, metadata=metadata, at=datetime(2026, 3, day, tzinfo=timezone.utc))
        tracker.add_artifact("one", "model", "s3://lab/a:b")
        page = opened(tracker.graph())
    assert set(found(page, words)) == names


def test_words_found_in_several_places_are_told_together(opened: Opened, six_jobs: GraphTracker) -> None:
    six_jobs.record(TUNED, metadata={"optim": {"name": "adamw"}, "hidden": 512})
    page = opened(six_jobs.graph())
    assert found(page, "adamw 512") == {"fine-tune-h8rc": "run · metadata: optim.name = adamw, hidden = 512"}


def test_enter_goes_from_hit_to_hit_and_back(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.graph())
    names = list(found(page, "train-"))
    for key, place in (("Enter", 0), ("Enter", 1), ("Shift+Enter", 0), ("Shift+Enter", -1), ("Enter", 0)):
        page.press("#search", key)
        assert page.inner_text("#panel h2") == names[place]
        assert page.inner_text("#said") == f"{place % len(names) + 1} of {len(names)}"


@pytest.mark.parametrize("how", ["cleared", "escape", "escape from the list"])
def test_the_borders_of_hits_go_with_the_search(opened: Opened, six_jobs: GraphTracker, how: str) -> None:
    page = opened(six_jobs.graph())
    found(page, "train-")
    assert page.locator("g.node.found").count() > 1
    if how == "cleared":
        page.fill("#search", "")
    else:
        page.press("#search", "Enter" if how == "escape" else "ArrowDown")
        page.keyboard.press("Escape")
    assert page.locator("g.node.found").count() == 0


def test_what_was_found_in_a_long_text_is_shown_with_what_stands_around_it(
    opened: Opened, six_jobs: GraphTracker
) -> None:
    six_jobs.record(TUNED, metadata={"log": f"{'before ' * 500}needle{' after' * 500}"})
    (said,) = found(opened(six_jobs.graph()), "NEEDLE").values()
    assert "before needle after" in said
    assert len(said) < 200


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("İİİİ needle here", "NEEDLE", "needle"),
        ("a needle in İstanbul", "istanbul", None),
        ("before İ after", "İ", "İ"),
        ("𝒳İ𝒳 Straße", "straße", "Straße"),
    ],
)
def test_what_was_found_is_marked_whatever_letters_stand_before_it(
    opened: Opened, six_jobs: GraphTracker, text: str, words: str, marked: str | None
) -> None:
    six_jobs.record(TUNED, metadata={"note": text})
    page = opened(six_jobs.graph())
    said = found(page, words)
    assert list(said) == ([] if marked is None else ["fine-tune-h8rc"])
    if marked is not None:
        assert page.inner_text("#hits mark") == marked
        assert said["fine-tune-h8rc"].endswith(f"note = {text}")


def test_names_come_before_what_only_mentions_them(opened: Opened, six_jobs: GraphTracker) -> None:
    six_jobs.record("a-note", metadata={"about": "the zebra"})
    six_jobs.record("zebra")
    assert list(found(opened(six_jobs.graph()), "zebra")) == ["zebra", "a-note"]


def test_search_finds_by_id_and_by_name(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.graph())
    page.fill("#search", "local_cwd://torchx/TRAIN")
    assert page.inner_text("#said") == "2 found"
    page.fill("#search", "report")
    page.press("#search", "Enter")
    assert page.inner_text("#said") == "1 of 1"
    assert page.inner_text("#panel h2") == "report"
    page.fill("#search", "nothing like it")
    assert page.inner_text("#said") == "0 found"
    assert page.is_hidden("#hits")


def test_arrows_move_in_the_list_and_enter_goes_there(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.graph())
    names = list(found(page, "train-"))
    assert len(names) >= 2
    for key, chosen in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", len(names) - 1)):
        page.keyboard.press(key)
        assert page.inner_text("#hits [aria-selected=true] > :first-child") == names[chosen]
        selected = page.get_attribute("#hits [aria-selected=true]", "id")
        assert page.get_attribute("#search", "aria-activedescendant") == selected
    page.keyboard.press("Enter")
    assert page.inner_text("#panel h2") == names[-1]
    assert page.is_hidden("#hits")
    page.keyboard.press("ArrowDown")  # opens it again, and goes on
    page.keyboard.press("Enter")
    assert page.inner_text("#panel h2") == names[0]


def test_what_was_found_is_brought_to_the_middle_at_a_readable_size(opened: Opened) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(1, 300):
                batch.add_source(f"run-{number:03}", f"run-{number // 3:03}")
        page = opened(tracker.graph(), PictureOptions(expand=True))
    page.click("#fit")
    page.fill("#search", "run-222")
    page.press("#search", "Enter")
    settled(page)
    x, y = middle(page, "run-222")
    there = page.locator("#picture").bounding_box()
    assert there is not None
    assert there["x"] < x < there["x"] + there["width"]
    assert there["y"] < y < there["y"] + there["height"]
    assert page.evaluate("12 * view.scale") >= 11


def test_search_finds_a_run_of_a_stack(opened: Opened, six_jobs: GraphTracker) -> None:
    for number in range(20):
        six_jobs.add_source(f"sweep-{number}", TUNED, "model")
        remember(six_jobs, f"sweep-{number}", {"user": "eve", "host": f"node-{number}", "status": FAILURE})
    page = opened(six_jobs.lineage(TUNED))
    assert found(page, "node-17") == {"sweep-17": f"run · {FAILURE} in ✗ sweep-… \u00d7 20 · context: host = node-17"}
    page.press("#search", "Enter")
    assert page.inner_text("#panel h2") == "sweep-17"
    assert rows(page)["host"] == "node-17"
    assert page.evaluate("chosen.one.node.name") == "✗ sweep-… \u00d7 20"


def test_escape_closes_the_list_first(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.graph())
    node(page, "fine-tune-h8rc").click()
    page.keyboard.press("/")
    page.keyboard.type("train")
    page.keyboard.press("Escape")
    assert page.is_hidden("#hits")
    assert page.is_visible("#panel")


@pytest.mark.parametrize("text", [text for text in HOSTILE.values() if text.strip() and len(text) < 100])
def test_hostile_texts_in_the_list_are_text(opened: Opened, text: str) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("run", metadata={"note": text, text: "value"})
        page = opened(tracker.graph())
    page.evaluate("words => { search.value = words; look(); }", page.evaluate("nodes.get('n0').metadata[0][0]"))
    assert page.locator("#hits li").count() >= 1
    assert page.locator("#hits *:not(li, small, bdi, mark)").count() == 0
