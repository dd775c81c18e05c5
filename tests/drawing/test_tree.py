"""The tree of a lineage holds every link and every run of it, each run's branches where it is nearest to the start."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given

from graphtracker import GraphTracker, Lineage
from graphtracker.drawing.picture import readable
from graphtracker.drawing.tree import MOST_LINES, tree
from graphtracker.model.cells import width
from tests.support.hostile import HOSTILE, obeyed
from tests.support.oracle import Call, tell
from tests.support.remembered import remember
from tests.support.strategies import STORE_PER_EXAMPLE, histories

_LINE = re.compile(
    r"(?P<branch>(?:⋯ *\d+ )?(?:[│ ] {2})*[├└]─ )(?P<names>.*?)(?: (?P<arrow>[←→]) (?P<run>.*?))?"
    r"(?: \[[a-z ,-]+\])?(?: \((?P<place>above|below)\))?"
)


class Said(NamedTuple):
    """A line of a tree, read again."""

    depth: int
    names: list[str]
    arrow: str | None
    run: str | None
    place: str | None


def sections(text: str) -> dict[str, list[Said]]:
    """Heading → its lines."""
    found: dict[str, list[Said]] = {}
    inside: list[Said] = []
    for line in text.splitlines()[1:]:
        if line in ("came from:", "made:"):
            inside = found.setdefault(line, [])
            continue
        said = _LINE.fullmatch(line)
        assert said, line
        names, depth = said["names"].split(", "), len(said["branch"]) // 3
        inside.append(Said(depth, names, said["arrow"], said["run"], said["place"]))
    return found


def words(lineage: Lineage) -> dict[str, str]:
    """Id → what the run is called."""
    names = Counter(run.name for run in lineage.runs.values())
    return {run_id: run.name if names[run.name] == 1 else run_id for run_id, run in lineage.runs.items()}


def whole(lineage: Lineage) -> str:
    return lineage.tree(expand=True, everything=True)


def expected_links(lineage: Lineage, start: str) -> dict[str, list[str]]:
    """Every source of the start and of its ancestors once; every product of it and of its descendants once.

    A consumer that names artifacts of a run has said which it meant: the whole run is not told beside them.
    """
    word = words(lineage)
    above = {start, *lineage.ancestors()}
    below = {start, *lineage.descendants()}
    used = {(source.source_run_id, source.artifact_name) for source in lineage.sources}
    choosy = {(source.run_id, source.source_run_id) for source in lineage.sources if source.artifact_name is not None}
    named = {
        source: source.artifact_name or "(whole run)"
        for source in lineage.sources
        if source.artifact_name is not None or (source.run_id, source.source_run_id) not in choosy
    }
    came = [f"{name} ← {word[source.source_run_id]}" for source, name in named.items() if source.run_id in above]
    made = [f"{name} → {word[source.run_id]}" for source, name in named.items() if source.source_run_id in below]
    made += [name for run_id, name in lineage.artifacts if (run_id, name) not in used and run_id in below]
    asked = {"came from:": came if lineage.direction != "downstream" else []}
    asked["made:"] = made if lineage.direction != "upstream" else []
    return {heading: lines for heading, lines in asked.items() if lines}


def asked(calls: list[Call]) -> Iterator[Lineage]:
    """Many lineages of the graph that these calls make."""
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        for start in tracker.graph().runs:
            yield tracker.lineage(start)
            yield tracker.lineage(start, direction="upstream")
            yield tracker.lineage(start, direction="downstream")
            yield tracker.lineage(start, depth=1)
            yield tracker.lineage(start, max_runs=2)


@STORE_PER_EXAMPLE
@given(histories)
def test_every_link_of_the_answer_stands_in_the_whole_tree_once(calls: list[Call]) -> None:
    for lineage in asked(calls):
        assert lineage.start_run is not None
        found = {
            heading: Counter(
                name if line.run is None else f"{name} {line.arrow} {line.run}" for line in lines for name in line.names
            )
            for heading, lines in sections(whole(lineage)).items()
        }
        expected = expected_links(lineage, lineage.start_run)
        assert found == {heading: Counter(lines) for heading, lines in expected.items()}


def distances(lineage: Lineage, *, upstream: bool) -> dict[str, int]:
    """Run → the least number of sources between it and the start, one way."""
    assert lineage.start_run is not None
    found = {lineage.start_run: 0}
    for distance in range(1, len(lineage.runs) + 1):
        for source in lineage.sources:
            near, far = (source.run_id, source.source_run_id)[:: 1 if upstream else -1]
            if found.get(near) == distance - 1:
                found.setdefault(far, distance)
    return found


@STORE_PER_EXAMPLE
@given(histories)
def test_every_run_has_its_branches_once_where_it_is_nearest_to_the_start(calls: list[Call]) -> None:
    for lineage in asked(calls):
        ids = {word: run_id for run_id, word in words(lineage).items()}
        for heading, lines in sections(whole(lineage)).items():
            nearest = distances(lineage, upstream=heading == "came from:")
            expanded: dict[str, int] = {}
            for place, (line, after) in enumerate(pairwise([*lines, None])):
                if line is not None and line.run is not None and after is not None and after.depth > line.depth:
                    assert ids[line.run] not in expanded
                    expanded[ids[line.run]] = place
                    assert line.depth == nearest[ids[line.run]]
            forks = {source.run_id if heading == "came from:" else source.source_run_id for source in lineage.sources}
            forks |= {run_id for run_id, _ in lineage.artifacts} if heading == "made:" else set()
            assert {run_id for run_id in nearest if run_id in forks} == {*expanded, lineage.start_run} & forks
            for place, line in enumerate(lines):
                if line.place is not None and line.run is not None:
                    own = expanded.get(ids[line.run], -1)  # of the start: the beginning
                    assert (own < place) == (line.place == "above")


@STORE_PER_EXAMPLE
@given(histories)
def test_every_run_of_an_artifacts_lineage_stands_in_its_tree(calls: list[Call]) -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        for run_id, name in tracker.graph().artifacts:
            lineage = tracker.lineage(run_id, artifact_name=name)
            text = whole(lineage)
            told = {line.run for lines in sections(text).values() for line in lines}
            title = re.sub(r" \[[a-z ,-]+\]$", "", text.splitlines()[0]).partition(" of ")[2]
            assert set(words(lineage).values()) <= {*told, title}


@STORE_PER_EXAMPLE
@given(histories)
def test_every_run_of_a_whole_store_stands_in_its_tree_and_in_a_folded_one_alone_or_in_a_stack(
    calls: list[Call],
) -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        graph = tracker.graph()
    for expand in (True, False):
        shown = tree(graph, expand=expand)
        assert shown.left_out is None
        ((_, _, section),) = shown.sections
        runs = [each for run_id in section.there if run_id for each in shown.forks.stacks.get(run_id, [run_id])]
        assert sorted(runs) == sorted(graph.runs)


def test_a_stack_is_called_as_it_is_in_a_picture(tracker: GraphTracker) -> None:
    for tail in ("fk3zr1pqb9wd2", "hn7cvd0mw64fk", "xk3zr1pqb9wd2"):
        tracker.add_source(f"train-{tail}", "data")
    [line] = tracker.lineage("data").tree().splitlines()[2:]
    assert line == "└─ (whole run) → train \u00d7 3"


# -- what is folded ----------------------------------------------------------------------------------------------------


@pytest.fixture
def tracker() -> Iterator[GraphTracker]:
    with GraphTracker(":memory:") as tracker:
        yield tracker


def record_sweep(tracker: GraphTracker, numbers: Iterable[int]) -> None:
    for number in numbers:
        run_id = f"train-{number:02}"
        tracker.record(
            run_id,
            metadata={"lr": (0.003, 0.1)[number % 2], "seed": number, "epochs": 10},
            artifacts={"model": f"/{number}.pt"},
            sources=[("clean", "features")],
        )
        tracker.add_source("select", run_id, "model")


def test_a_sweep_is_one_line_that_says_how_many_and_in_what_they_differ(tracker: GraphTracker) -> None:
    record_sweep(tracker, range(1, 14))
    assert tracker.lineage("select").tree().splitlines() == [
        "select",
        "came from:",
        "└─ model ← train-… \u00d7 13  (lr 0.003 … 0.1, seed 1 … 13)",
        "   └─ features ← clean [external]",
    ]
    assert tracker.lineage("clean").tree().splitlines()[2:] == [
        "└─ features → train-… \u00d7 13  (lr 0.003 … 0.1, seed 1 … 13)",
        "   └─ model → select",
    ]
    assert tracker.lineage("select").tree(60).splitlines()[2].endswith("\u00d7 13  (lr 0.003 … 0.1, seed 1 … 13)")
    assert tracker.lineage("select").tree(45).splitlines()[2].endswith("\u00d7 13  (lr 0.003 … 0.1)")
    assert tracker.lineage("select").tree(40).splitlines()[2:] == [
        "└─ model ← train-… \u00d7 13",
        "   │  (lr 0.003 … 0.1, seed 1 … 13)",
        "   └─ features ← clean [external]",
    ], "where there is no room beside it, it is told below"
    assert tracker.lineage("select").tree(28).splitlines()[3] == "   │  (lr 0.003 … 0.1)"
    assert tracker.lineage("select").tree(20).splitlines()[3].startswith("   └─ ")


def test_each_run_of_a_sweep_is_a_line_where_that_is_asked_for(tracker: GraphTracker) -> None:
    record_sweep(tracker, range(3))
    assert tracker.lineage("select").tree(expand=True).splitlines()[2:] == [
        "├─ model ← train-00",
        "│  └─ features ← clean [external]",
        "├─ model ← train-01",
        "│  └─ features ← clean [external]",
        "└─ model ← train-02",
        "   └─ features ← clean [external]",
    ]


def test_stacks_of_one_sweep_name_the_same_keys_in_the_same_order(tracker: GraphTracker) -> None:
    for number, rate in enumerate((0.0312, 0.0318, 0.0325, 0.00011, 0.00098, 0.0056)):
        run_id = f"train-{number}"
        metadata = {"step": rate, "kernel": ("a", "b")[number % 2], "seed": number * number}
        tracker.record(run_id, metadata=metadata, sources=[("clean", "features")])
        if number < 3:
            remember(tracker, run_id, {"status": "failed: MemoryError"})
        else:
            tracker.add_artifact(run_id, "model", f"/{number}.pt")
    assert [line.partition("  (")[2] for line in tracker.lineage("clean").tree().splitlines()[2:]] == [
        "step 0.0312 … 0.0325; kernel a, b; seed 0 … 4)",
        "step 0.00011 … 0.0056; kernel a, b; seed 9 … 25)",
        "",
    ]


def test_a_sweep_at_a_cut_is_one_line_and_one_stub(tracker: GraphTracker) -> None:
    record_sweep(tracker, range(1, 14))
    lineage = tracker.lineage("select", depth=1)
    assert lineage.tree().splitlines()[2:] == [
        "└─ model ← train-… \u00d7 13 [more upstream left out]  (lr 0.003 … 0.1, seed 1 … 13)",
    ]
    assert readable(lineage).answer.frontier == {"train-01": frozenset(["upstream"])}


def test_of_a_whole_store_that_is_cut_each_run_stands_in_one_place(tracker: GraphTracker) -> None:
    record_sweep(tracker, range(1, 14))
    graph = tracker.graph()
    kept = {run_id: run for run_id, run in graph.runs.items() if run_id != "clean"}
    cut = replace(
        graph,
        runs=kept,
        artifacts={key: value for key, value in graph.artifacts.items() if key[0] in kept},
        sources=[source for source in graph.sources if source.source_run_id in kept],
        frontier={run_id: frozenset(["upstream"]) for run_id in kept if run_id != "select"},
    )
    assert cut.tree().splitlines()[1:] == [
        "└─ train-… \u00d7 13 [more upstream left out]  (lr 0.003 … 0.1, seed 1 … 13)",
        "   └─ model → select",
    ]


def test_a_run_says_that_it_failed_or_goes_on(tracker: GraphTracker) -> None:
    for name, status in (("broken", "failed: MemoryError"), ("going", "running"), ("good", "succeeded")):
        tracker.record(name, sources=[("clean", "features")])
        remember(tracker, name, {"status": status})
    assert tracker.lineage("clean").tree().splitlines()[2:] == [
        "├─ features → broken [failed]",
        "├─ features → going [running]",
        "└─ features → good",
    ]


def test_artifacts_that_differ_in_their_numbers_are_one_line(tracker: GraphTracker) -> None:
    names = [f"checkpoint-{number}.pt" for number in range(100)]
    tracker.record("train", artifacts={name: f"/{name}" for name in [*names, "log", "model-1", "model-2"]})
    for number in range(12):
        tracker.add_source("average", "train", f"checkpoint-{number}.pt")
    assert tracker.lineage("train").tree().splitlines() == [
        "train",
        "made:",
        "├─ checkpoint-….pt \u00d7 12 → average",
        "├─ checkpoint-….pt \u00d7 88",
        "├─ log",
        "├─ model-1",
        "└─ model-2",
    ]
    assert len(tracker.lineage("train").tree(expand=True, everything=True).splitlines()) == 2 + 1 + 88 + 3


# -- what is left out --------------------------------------------------------------------------------------------------


def record_hub(tracker: GraphTracker, count: int) -> None:
    """Consumers of which each has a consumer of its own, so that they are not alike."""
    with tracker.batch() as batch:
        for number in range(count):
            batch.add_source(f"train-{number:05}", "data", "rows")
            batch.add_source(f"evaluate-{number:05}", f"train-{number:05}", "model")


def test_many_branches_beside_each_other_are_told_by_their_number(tracker: GraphTracker) -> None:
    record_hub(tracker, 500)
    lineage = tracker.lineage("data")
    lines = lineage.tree().splitlines()
    assert lines[-1] == "└─ … and 481 more runs, 481 behind them"
    assert lines[2:4] == ["├─ rows → train-00000", "│  └─ model → evaluate-00000"]
    assert len(lines) == 2 + 2 * 19 + 1
    assert tree(lineage).left_out == "962 of 1,001 runs"
    assert len(lineage.tree(everything=True).splitlines()) == 2 + 1_000


def test_as_many_branches_as_find_room_are_all_shown(tracker: GraphTracker) -> None:
    record_hub(tracker, 20)
    assert tree(tracker.lineage("data")).left_out is None
    record_hub(tracker, 21)
    assert "└─ … and 2 more runs, 2 behind them" in tracker.lineage("data").tree()


def test_many_artifacts_that_nobody_used_are_told_by_their_number(tracker: GraphTracker) -> None:
    tracker.record("run", artifacts={"".join(chr(97 + int(digit)) for digit in f"{n:03}"): "/" for n in range(100)})
    lineage = tracker.lineage("run")
    assert lineage.tree().splitlines()[-2:] == ["├─ abi", "└─ … and 81 more artifacts"]
    assert tree(lineage).left_out == "81 artifacts"
    assert len(lineage.tree(everything=True).splitlines()) == 102


def test_of_many_artifacts_on_one_line_the_first_are_named(tracker: GraphTracker) -> None:
    for letter in "abcdefghijkl":
        tracker.add_source("evaluate", "prepare", letter)
    lineage = tracker.lineage("evaluate")
    assert lineage.tree().splitlines()[2] == "└─ a, b, c, d, e, f, g, h, … 4 more ← prepare [external]"
    assert lineage.tree(everything=True).splitlines()[2].startswith("└─ a, b, c, d, e, f, g, h, i, j, k, l ← ")


def test_of_many_lines_those_nearest_to_the_start_are_shown(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for earlier, later in pairwise(range(2000)):
            batch.add_source(f"run-{later:04}", f"run-{earlier:04}", "out")
    lineage = tracker.lineage("run-1000")
    lines = lineage.tree().splitlines()
    assert len(lines) == 3 + MOST_LINES
    assert lines[MOST_LINES // 2 + 1].endswith("out ← run-0900 (900 more runs left out)")
    assert lines[-1].endswith("out → run-1100 (899 more runs left out)")
    assert tree(lineage).left_out == "1,799 of 2,000 runs"
    lines = tracker.lineage("run-1980").tree().splitlines()
    assert len(lines) == 3 + MOST_LINES
    assert lines[-1].endswith("out → run-1999"), "what one direction does not need the other has"


def test_a_run_whose_place_is_left_out_points_nowhere(tracker: GraphTracker) -> None:
    for number in range(30):
        tracker.add_source(f"train-{number:02}", "data", "rows")
        tracker.add_source(f"evaluate-{number:02}", f"train-{number:02}", "model")
    tracker.add_source("train-25", "train-03", "weights")
    lines = tracker.lineage("data").tree().splitlines()
    assert [line for line in lines if "train-25" in line] == ["│  └─ weights → train-25 (more left out)"]


# -- whole stores, and what is odd -------------------------------------------------------------------------------------


def test_of_a_whole_store_it_shows_what_was_made_from_the_runs_without_a_source(tracker: GraphTracker) -> None:
    tracker.add_source("prepare", "raw", "csv")
    tracker.add_source("train", "prepare", "rows")
    tracker.add_metadata("alone")
    for earlier, later in pairwise("abca"):
        tracker.add_source(later, earlier)
    assert tracker.graph().tree().splitlines() == [
        "the whole store",
        "├─ alone",
        "├─ raw [external]",
        "│  └─ csv → prepare",
        "│     └─ rows → train",
        "└─ a",
        "   └─ (whole run) → b",
        "      └─ (whole run) → c",
        "         └─ (whole run) → a (above)",
    ]


def test_of_nothing_it_says_so(tracker: GraphTracker) -> None:
    tracker.add_metadata("one")
    tracker.add_metadata("other")
    assert Lineage().tree() == "nothing"
    assert tracker.between("one", "other").tree() == "no path from one to other"


def test_a_cycle_and_a_run_that_used_its_own_artifact_end(tracker: GraphTracker) -> None:
    for earlier, later in pairwise("abcaa"):
        tracker.add_source(later, earlier, "out")
    assert tracker.lineage("a").tree().splitlines() == [
        "a",
        "came from:",
        "├─ out ← a (above)",
        "└─ out ← c",
        "   └─ out ← b",
        "      └─ out ← a (above)",
        "made:",
        "├─ out → a (above)",
        "└─ out → b",
        "   └─ out → c",
        "      └─ out → a (above)",
    ]


def test_equal_answers_have_equal_trees() -> None:
    texts = set()
    for numbers in (range(9), reversed(range(9))):
        with GraphTracker(":memory:") as tracker:
            record_sweep(tracker, numbers)
            texts.add((tracker.lineage("clean").tree(), tracker.graph().tree()))
    assert len(texts) == 1


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_it_fits_the_columns_and_nothing_in_it_acts(tracker: GraphTracker, columns: int) -> None:
    with tracker.batch() as batch:
        for number, text in enumerate(HOSTILE.values()):
            batch.add_source("start", text, text)
            batch.add_source(text, f"{text[:100]}-{number}")
            batch.add_metadata(text, key=text)
    for text in (
        tracker.lineage("start").tree(columns, everything=True),
        tracker.graph().tree(columns, everything=True),
    ):
        assert obeyed(text) == []
        assert max(map(width, text.split("\n"))) <= columns
    narrow = tracker.lineage("start").tree(columns, everything=True)
    assert len(narrow.split("\n")) == len(tracker.lineage("start").tree(everything=True).split("\n"))


def test_a_run_that_goes_on_both_ways_says_so_within_sixty_columns() -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.add_source("training-of-the-big-model", "a")
        tracker.add_source("b", "training-of-the-big-model")
        [line] = tracker.lineage("training-of-the-big-model", depth=0).tree(60).splitlines()
    assert line == "training-of-the-big-model [more up- and downstream left out]"
