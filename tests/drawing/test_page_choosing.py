"""Choosing in the page of a lineage: a node, a stack as a table, two to compare, and the address that names them."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest
from playwright.sync_api import Locator, Page

from graphtracker import GraphTracker
from graphtracker.drawing.options import PictureOptions
from graphtracker.model.display import printable
from tests.support.hostile import HOSTILE
from tests.support.pages import Opened, near, node, rows, settled, table
from tests.support.six_jobs import START as TUNED

pytestmark = pytest.mark.usefixtures("dot")

SWEEP = [(0.1, "9", True), (0.02, "10", False), (3, "b", True), (None, "a", None)]
"""lr, note, warm of each run."""


@pytest.fixture
def swept(six_jobs: GraphTracker) -> GraphTracker:
    for number, values in enumerate(SWEEP):
        metadata = {key: value for key, value in zip(("lr", "note", "warm"), values, strict=True) if value is not None}
        six_jobs.record(f"sweep-{number}", metadata={**metadata, "optim": {"name": "adam"}})
        six_jobs.add_source(f"sweep-{number}", TUNED, "model")
    return six_jobs


def column(page: Page, name: str) -> list[str]:
    head, *lines = table(page)
    return [line[head.index(name)] for line in lines]


def member(page: Page, ending: str) -> Locator:
    return page.get_by_role("rowheader", name=ending, exact=True).get_by_role("button")


def test_a_stack_is_a_table_of_its_runs_and_what_differs(opened: Opened, swept: GraphTracker) -> None:
    page = opened(swept.lineage(TUNED))
    node(page, "sweep-… \u00d7 4").click()
    assert "optim.name" not in table(page)[0]
    assert column(page, "name") == ["0", "1", "2", "3"]  # the heading has what they all begin with
    assert column(page, "lr") == ["0.1", "0.02", "3", "—"]
    assert column(page, "note") == ["9", "10", "b", "a"]
    assert column(page, "warm") == ["True", "False", "True", "—"]
    assert rows(page)["optim.name"] == "adam"  # the same in all


def test_what_was_chosen_stands_before_what_was_measured(opened: Opened, six_jobs: GraphTracker) -> None:
    for number, lr in enumerate((0.1, 0.01, 0.1, 0.01)):
        six_jobs.record(f"sweep-{number}", metadata={"accuracy": 0.8712345 + number / 1000, "lr": lr})
        six_jobs.add_source(f"sweep-{number}", TUNED, "model")
    page = opened(six_jobs.lineage(TUNED))
    page.evaluate("go([...nodes.values()].find(node => node.members))")
    assert table(page)[0][:3] == ["name", "lr", "accuracy"]


def test_a_table_is_sorted_by_click_and_by_keyboard_numbers_as_numbers(opened: Opened, swept: GraphTracker) -> None:
    page = opened(swept.lineage(TUNED))
    node(page, "sweep-… \u00d7 4").click()
    heads = page.locator(".sorted th button")
    heads.filter(has_text="lr").click()
    assert column(page, "lr") == ["0.02", "0.1", "3", "—"]
    heads.filter(has_text="lr").press("Enter")
    assert column(page, "lr") == ["3", "0.1", "0.02", "—"]  # what has none stays below
    heads.filter(has_text="note").focus()
    page.keyboard.press("Enter")
    assert column(page, "note") == ["9", "10", "a", "b"]
    assert page.locator(".sorted th[aria-sort=ascending]").inner_text() == "note"
    assert page.locator(".sorted th[aria-sort=descending]").count() == 0


def test_a_run_of_a_stack_is_told_of_and_leads_back(opened: Opened, swept: GraphTracker) -> None:
    page = opened(swept.lineage(TUNED))
    node(page, "sweep-… \u00d7 4").click()
    member(page, "2").click()
    assert rows(page)["run_id"] == "sweep-2"
    page.locator("#panel p [role=button]").press("Enter")
    assert len(table(page)) == 5


def test_ids_can_be_selected(opened: Opened, swept: GraphTracker) -> None:
    page = opened(swept.lineage(TUNED))
    node(page, "fine-tune-h8rc").click()
    page.locator("#panel td", has_text=TUNED).click(click_count=3)
    assert page.evaluate("getSelection().toString().trim()") == TUNED
    node(page, "sweep-… \u00d7 4").click()
    member(page, "2").click(click_count=1)
    assert page.inner_text("#panel h2") == "sweep-2"


def both(page: Page, how: str, first: str, second: str) -> None:
    node(page, first).click()
    if how == "shift":
        node(page, second).click(modifiers=["Shift"])
    elif how == "control":
        node(page, second).click(modifiers=["Control"])
    elif how == "button":
        page.click("#compare")
        node(page, second).click()
    elif how == "search":
        page.keyboard.press("c")
        page.fill("#search", second)
        page.press("#search", "Enter")


@pytest.mark.parametrize("how", ["shift", "control", "button", "search"])
def test_two_nodes_are_compared(opened: Opened, how: str) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("one", metadata={"lr": 1, "text": "1", "same": [1], "only one": "x", "nest": {"a": 1}})
        tracker.record("two", metadata={"lr": 2, "text": 1, "same": [1], "nest": {"a": 1.0, "b": None}})
        page = opened(tracker.graph())
    both(page, how, "one", "two")
    lines = {line[0]: line[1:] for line in table(page, "#differences")}
    expected = {"lr": ["1", "2"], "text": ["1", "1"], "only one": ["x", "—"], "nest.b": ["—", "None"]}
    assert expected.items() <= lines.items()
    assert not {"same", "nest.a", "run_id"} & set(lines)
    assert page.inner_text("#panel h2") == "one ↔ two"
    page.keyboard.press("Escape")
    assert page.inner_text("#panel h2") == "one"


def test_a_stack_is_compared_by_all_that_its_runs_have(opened: Opened, swept: GraphTracker) -> None:
    page = opened(swept.lineage(TUNED))
    both(page, "shift", "sweep-… \u00d7 4", "fine-tune-h8rc")
    lines = {line[0]: line[1:] for line in table(page, "#differences")}
    assert lines["note"] == ["9, 10, b, a", "—"]


def test_members_of_a_stack_are_compared_from_its_table_and_said_to_be_in_it(
    opened: Opened, swept: GraphTracker
) -> None:
    page = opened(swept.lineage(TUNED))
    node(page, "sweep-… \u00d7 4").click()
    member(page, "1").click(modifiers=["Shift"])
    assert page.inner_text("#panel h2") == "sweep-… \u00d7 4 ↔ sweep-1"
    assert page.inner_text("#differences + p") == "sweep-1 is in sweep-… \u00d7 4."
    assert page.evaluate("getSelection().isCollapsed")
    page.evaluate("go(chosen.one.members[0], chosen.one.members[3])")
    assert page.inner_text("#differences + p") == "Both are in sweep-… \u00d7 4."
    assert page.locator("#panel details").count() == 0


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["run-1", "run-12"], ["1", "12"]),
        (["run-1a", "run-1b"], ["1a", "1b"]),
        (["one", "other"], ["one", "other"]),
        (["run", "run-1"], ["run", "run-1"]),
        (["a/run-", "a/run-1"], ["a/run-", "a/run-1"]),
    ],
)
def test_in_a_table_names_lack_what_they_all_begin_with(
    opened: Opened, six_jobs: GraphTracker, names: list[str], shown: list[str]
) -> None:
    assert opened(six_jobs.graph()).evaluate("names => endings(names)", names) == shown


def test_the_names_stay_in_view_while_a_table_is_scrolled(opened: Opened, six_jobs: GraphTracker) -> None:
    for number in range(4):
        six_jobs.record(f"sweep-{number}", metadata={f"a long key {key}": number + 0.5 for key in range(20)})
        six_jobs.add_source(f"sweep-{number}", TUNED, "model")
    page = opened(six_jobs.lineage(TUNED))
    alone = node(page, "fine-tune-h8rc")
    alone.click()
    before = page.evaluate("panel.offsetWidth")
    page.evaluate("go([...nodes.values()].find(node => node.members))")
    assert page.evaluate("panel.offsetWidth") > before  # a table needs more room
    x = member(page, "2").bounding_box()
    page.evaluate("document.querySelector('.wide').scrollLeft = 500")
    settled(page)
    assert member(page, "2").bounding_box() == x
    ends = "[...document.querySelectorAll('.sorted .number')].map(cell => getComputedStyle(cell).textAlign)"
    assert set(page.evaluate(ends)) == {"right"}


def test_times_are_told_below_and_are_no_differences(opened: Opened) -> None:
    with GraphTracker(":memory:") as tracker:
        for day, name in enumerate(("one", "two"), 1):
            tracker.record(name, metadata={"lr": day}, at=datetime(2026, 3, day, tzinfo=timezone.utc))
        page = opened(tracker.graph())
    both(page, "shift", "one", "two")
    assert page.inner_text("#panel h2 + p") == "1 difference"
    assert [line[0] for line in table(page, "#differences")][1:5] == ["metadata", "lr", "times", "created_at"]
    colours = "of => [...document.querySelectorAll(of)].map(each => getComputedStyle(each).color)"
    assert page.evaluate(colours, "thead .plain") == page.evaluate(colours, "h2 bdi")


def test_what_it_came_from_counts_the_runs_in_stacks(opened: Opened, swept: GraphTracker) -> None:
    for number in range(4):
        swept.add_artifact(f"sweep-{number}", "model", f"/models/{number}.pt")
        swept.add_source("best", f"sweep-{number}", "model")
    page = opened(swept.lineage("best", depth=2))
    node(page, "best").click()
    assert page.locator("summary").all_inner_texts() == ["came from: 5 runs, 5 artifacts", "made from it: nothing"]


def test_long_words_break_after_what_joins_their_parts(opened: Opened) -> None:
    key = "trainer.optimizer/very_long.max_epochs"
    with GraphTracker(":memory:") as tracker:
        tracker.record("run", metadata={key: "s3://bucket/a,b"})
        page = opened(tracker.graph())
    node(page, "run").click()
    broken = page.evaluate("[...document.querySelectorAll('#panel th')].at(-1).innerHTML.split('<wbr>')")
    assert broken == ["trainer.", "optimizer/", "very_", "long.", "max_", "epochs"]
    page.locator("#panel th", has_text=key).click(click_count=3)
    assert page.evaluate("getSelection().toString()").strip().startswith(key)


def test_a_message_moves_nothing(opened: Opened, six_jobs: GraphTracker) -> None:
    page = opened(six_jobs.graph())
    for width in (1200, 400):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("go(nodes.get('n0'))")
        settled(page)
        before = page.locator("#picture").bounding_box()
        page.keyboard.press("c")
        assert page.locator("#picture").bounding_box() == before
        page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1600, "height": 1100})


def test_the_choice_of_a_second_can_be_given_up(opened: Opened, swept: GraphTracker) -> None:
    page = opened(swept.graph())
    node(page, "fine-tune-h8rc").click()
    page.click("#compare")
    assert "choose the second" in page.inner_text("#said")
    page.keyboard.press("Escape")
    node(page, "prepare-k3v9").click()
    assert page.inner_text("#panel h2") == "prepare-k3v9"


def test_the_paths_between_two_are_lit_whichever_was_chosen_first(opened: Opened, six_jobs: GraphTracker) -> None:
    whole = six_jobs.graph()
    between = six_jobs.lineage(TUNED).between("local_cwd://torchx/prepare-k3v9", TUNED)
    names = {run.name for run in between.runs.values()} | {name for _, name in between.artifacts}
    page = opened(whole)
    for first, second in (("prepare-k3v9", "fine-tune-h8rc"), ("fine-tune-h8rc", "prepare-k3v9")):
        both(page, "shift", first, second)
        assert near(page) == names
        assert page.inner_text("summary") == "on the paths between them: 1 run, 2 artifacts"
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")


def test_where_there_is_no_path_the_page_says_so(opened: Opened) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("one")
        tracker.record("two")
        page = opened(tracker.graph())
    both(page, "shift", "one", "two")
    assert "No path leads from one to the other." in page.inner_text("#panel")
    assert near(page) == {"one", "two"}


def test_ancestors_and_descendants_are_lists_that_light_their_own(opened: Opened, six_jobs: GraphTracker) -> None:
    lineage = six_jobs.lineage(TUNED)
    page = opened(lineage)
    node(page, "fine-tune-h8rc").click()
    page.locator("summary").first.click()
    names = {lineage.runs[one].name if isinstance(one, str) else one[1] for one in lineage.ancestors()}
    told = {
        lineage.runs[one].name if isinstance(one, str) else f"{one[1]} of {lineage.runs[one[0]].name}"
        for one in lineage.ancestors()
    }
    assert set(page.locator("details[open] li").all_inner_texts()) == told
    assert near(page) == names | {"fine-tune-h8rc"}
    page.locator("summary").last.press("Enter")
    settled(page)
    names = {lineage.runs[one].name if isinstance(one, str) else one[1] for one in lineage.descendants()}
    assert near(page) == names | {"fine-tune-h8rc"}
    page.locator("details[open] li [role=button]", has_text="report of evaluate-w4tz").click()
    assert page.inner_text("#panel h2") == "report"
    page.locator("#panel p [role=button]").click()
    assert page.inner_text("#panel h2") == "evaluate-w4tz"


def test_the_address_names_what_is_chosen_and_leads_back_to_it(opened: Opened, six_jobs: GraphTracker) -> None:
    lineage = six_jobs.lineage(TUNED)
    page = opened(lineage)
    node(page, "fine-tune-h8rc").click()
    one = page.evaluate("location.hash")
    node(page, "prepare-k3v9").click(modifiers=["Shift"])
    two = page.evaluate("location.hash")
    page.go_back()
    assert page.inner_text("#panel h2") == "fine-tune-h8rc"
    page.go_back()
    assert page.is_hidden("#panel")
    page.go_forward()
    page.go_forward()
    assert page.inner_text("#panel h2") == "fine-tune-h8rc ↔ prepare-k3v9"
    assert opened(lineage, address=one).inner_text("#panel h2") == "fine-tune-h8rc"
    assert opened(lineage, address=two).inner_text("#panel h2") == "fine-tune-h8rc ↔ prepare-k3v9"
    assert opened(six_jobs.graph(), address=one).inner_text("#panel h2") == "fine-tune-h8rc"  # of another picture, too


def test_the_address_of_an_artifact_and_of_a_run_in_a_stack(opened: Opened, swept: GraphTracker) -> None:
    page = opened(swept.lineage(TUNED))
    node(page, "train").click()
    artifact = page.evaluate("location.hash")
    node(page, "sweep-… \u00d7 4").click()
    member(page, "2").click()
    address = page.evaluate("location.hash")
    assert rows(opened(swept.lineage(TUNED), address=artifact))["path"] == "s3://lab/reviews/train.parquet"
    for options in (PictureOptions(), PictureOptions(expand=True)):
        assert rows(opened(swept.lineage(TUNED), options, address=address))["run_id"] == "sweep-2"


@pytest.mark.parametrize(
    "address", ["#", "#run=nobody", "#%", "#%ZZ=%", "#run=a/run=b/run=c", "#<script>alert(1)</script>"]
)
def test_an_address_that_names_nothing_chooses_nothing(opened: Opened, six_jobs: GraphTracker, address: str) -> None:
    page = opened(six_jobs.graph(), address=address)
    assert page.is_hidden("#panel")
    assert ("nothing" in page.inner_text("#said")) == (address != "#")


def test_hostile_ids_stand_in_the_address_and_are_found_again(opened: Opened) -> None:
    texts = list(HOSTILE.values())
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for text in texts:
                batch.add_artifact(text, text, text)
        page = opened(tracker.graph(), PictureOptions(everything=True))
    linked = page.evaluate("""() => [...nodes.values()].map(node => {
        go(node);
        const address = location.hash;
        show(null, null);
        follow();
        return [node.key, chosen.one && chosen.one.key, address];
    })""")
    assert len(linked) == 2 * len(texts)
    assert all(key == found for key, found, _ in linked)
    assert all(re.fullmatch(r"#[\w.*+%&=-]+", address) for _, _, address in linked)
    assert len({address for _, _, address in linked}) == len(linked)


@pytest.mark.parametrize("text", [HOSTILE["script"], HOSTILE["broken HTML label"], HOSTILE["bidi override"]])
def test_hostile_texts_in_tables_are_text(opened: Opened, text: str) -> None:
    with GraphTracker(":memory:") as tracker:
        for number in range(4):
            tracker.record(f"{text}{number}", metadata={text: f"{text}{number % 2}", f"{text}{number}": text})
            tracker.add_source(f"{text}{number}", text, text)
        tracker.record("other", metadata={text: "x"})
        page = opened(tracker.graph())
    stack, other = "[...nodes.values()].find(node => node.members)", "[...nodes.values()].find(n => n.name === 'other')"
    page.evaluate(f"go({stack})")
    assert column(page, printable(text)) == [printable(f"{text}{number % 2}") for number in range(4)]
    page.evaluate(f"go({stack}, {other})")
    assert printable(text) in [line[0] for line in table(page, "#differences")]
    page.evaluate(f"go({stack}.members[0], {stack}.members[1])")
    allowed = "h2, h3, p, button, div, table, thead, tbody, tr, th, td, bdi, span, details, summary, ul, li, wbr"
    assert page.locator(f"#panel *:not({allowed})").count() == 0


def test_a_stack_of_artifacts_is_a_table_too(opened: Opened) -> None:
    with GraphTracker(":memory:") as tracker:
        for step in (1, 2, 10):
            tracker.add_artifact("train", f"checkpoint-{step}", f"/models/{step}.pt", {"step": step})
        page = opened(tracker.lineage("train"))
    page.evaluate("go([...nodes.values()].find(node => node.members))")
    assert page.inner_text("#panel p") == "3 artifacts that nobody used"
    page.locator(".sorted th button", has_text="step").click()
    assert column(page, "name") == ["1", "2", "10"]
    member(page, "10").click()
    assert rows(page)["path"] == "/models/10.pt"
    page.go_back()
    assert column(page, "step") == ["1", "2", "10"]


def test_the_artifacts_of_a_stack_of_runs_are_told_apart_by_their_runs(opened: Opened, swept: GraphTracker) -> None:
    for number in range(4):
        swept.add_artifact(f"sweep-{number}", "model", f"/models/{number}.pt")
    page = opened(swept.lineage(TUNED))
    page.evaluate("go([...nodes.values()].find(node => node.members && node.key.artifact))")
    assert page.inner_text("#panel p") == "artifact of each of 4 runs alike"
    assert column(page, "name") == ["0", "1", "2", "3"]
    assert "run_id" not in table(page)[0]  # it would only say the same
    assert column(page, "path") == [f"/models/{number}.pt" for number in range(4)]
