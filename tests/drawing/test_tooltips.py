"""What pictures say to those who point at a node or an edge, as Graphviz's own SVG holds it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from graphtracker import GraphTracker, Lineage
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.context import KEYS
from graphtracker.model.display import printable
from tests.drawing.test_dot import numbered, read_one, tooltips
from tests.support.hostile import HOSTILE, obeyed, random_texts
from tests.support.oracle import Node
from tests.support.remembered import (
    CONTEXT,
    FAILED,
    FAILURE,
    GONE,
    OLD,
    PREPARE,
    RAW,
    RUNNING,
    STARTED,
    record_remembered,
    remember,
)
from tests.support.tools import exported

pytestmark = pytest.mark.usefixtures("dot")


@pytest.fixture
def tracker() -> GraphTracker:
    return GraphTracker(":memory:")


def lines(lineage: Lineage, node: Node) -> list[str]:
    """The tooltip of a node."""
    return tooltips(exported(lineage, "svg"))[numbered(lineage)[node]].replace("\u00a0", " ").split("\n")


def edge_lines(lineage: Lineage) -> list[list[str]]:
    """The tooltips of all edges."""
    svg, link = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}title"
    groups = ElementTree.fromstring(exported(lineage, "svg")).iter(f"{svg}g")  # noqa: S314  # our own picture
    anchors = (group.find(f".//{svg}a") for group in groups if group.get("class") == "edge")
    return [anchor.get(link, "").split("\n") for anchor in anchors if anchor is not None]


# -- runs --------------------------------------------------------------------------------------------------------------


def test_a_run_tells_its_context_in_the_order_in_which_people_read_it(tracker: GraphTracker) -> None:
    record_remembered(tracker)
    assert lines(tracker.graph(), PREPARE) == [
        PREPARE,
        "user: ada",
        "host: node7",
        "command: python prepare.py --seed 7 --name 'first try'",
        f"commit: {CONTEXT['commit']} (dirty)",
        "branch: main",
        "started_at: 2026-01-02 03:04:05Z",
        "ended_at: 2026-01-02 04:04:10Z, after 1:00:05",
        "status: succeeded",
    ]


def test_in_whatever_order_and_calls_it_was_recorded(tracker: GraphTracker) -> None:
    for key in reversed(KEYS):
        remember(tracker, PREPARE, {key: CONTEXT[key]})
    together = GraphTracker(":memory:")
    remember(together, PREPARE, CONTEXT)
    assert lines(tracker.graph(), PREPARE) == lines(together.graph(), PREPARE)
    assert len(lines(tracker.graph(), PREPARE)) == 9


def test_a_run_without_context_tells_its_id_alone(tracker: GraphTracker) -> None:
    tracker.record("run", metadata={"lr": 0.1})
    assert lines(tracker.graph(), "run") == ["run"]


def test_failed_running_and_forgotten_are_told_in_words(tracker: GraphTracker) -> None:
    record_remembered(tracker)
    whole = tracker.graph()
    assert lines(whole, FAILED)[-1] == f"status: {FAILURE}"
    assert lines(whole, RUNNING)[-1] == "status: running"
    assert lines(whole, OLD) == [OLD, "forgotten run"]
    assert lines(whole, GONE) == [GONE, "forgotten external run"]


def test_a_clean_commit_is_not_called_dirty(tracker: GraphTracker) -> None:
    remember(tracker, "run", {"commit": "5eba", "dirty": False})
    assert lines(tracker.graph(), "run") == ["run", "commit: 5eba"]


def test_no_run_takes_less_than_no_time(tracker: GraphTracker) -> None:
    """Clocks of two machines may say so."""
    remember(tracker, "run", {"started_at": STARTED, "ended_at": STARTED - timedelta(seconds=1)})
    assert lines(tracker.graph(), "run")[-1] == "ended_at: 2026-01-02 03:04:04Z"


def test_a_long_command_loses_its_middle(tracker: GraphTracker) -> None:
    remember(tracker, "run", {"command": f"python train.py {'--more ' * 1000}--last"})
    (_, command) = lines(tracker.graph(), "run")
    assert command.startswith("command: python train.py --more")
    assert command.endswith("--more --last")
    assert "…" in command
    assert len(command) < 200


TEXTS = list(dict.fromkeys([*HOSTILE.values(), *random_texts(seed=12, count=3000)]))
TEXT_KEYS = [key for key, kind in KEYS.items() if kind is str]


def test_hostile_text_in_a_context_is_only_text(dot: str, tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for text in TEXTS:
            remember(batch, text, dict.fromkeys(TEXT_KEYS, text))
    whole = tracker.graph()
    assert len(read_one(dot, whole).nodes) == len(TEXTS)
    svg = exported(whole, "svg")
    assert not obeyed(svg)
    found, names = tooltips(svg), numbered(whole)
    assert [ascii(text) for text in TEXTS if not tells_of(found[names[text]], text)] == []


def tells_of(tooltip: str, text: str) -> bool:
    """Whether it has the text as an id and as every key of a context, each whole or without its middle."""
    (run_id, *context), shown = tooltip.replace("\u00a0", " ").split("\n"), printable(text).replace("\u00a0", " ")
    keys, values = zip(*(line.split(": ", 1) for line in context), strict=True)
    in_tooltips = tuple(key for key in TEXT_KEYS if key not in ("directory", "python"))
    return keys == in_tooltips and all(_is_of(words, shown) for words in (run_id, *values))


def _is_of(words: str, shown: str) -> bool:
    begin, cut, end = words.partition("…")
    return words == shown or bool(cut and begin and shown.startswith(begin) and shown.endswith(end))


# -- artifacts ---------------------------------------------------------------------------------------------------------


def test_an_artifact_tells_its_path_its_place_and_when_it_was_logged(tracker: GraphTracker) -> None:
    record_remembered(tracker)
    place = Path("out/rows.parquet").absolute()
    assert lines(tracker.graph(), (PREPARE, "rows")) == [
        "rows: out/rows.parquet",
        f"place: {place}",
        "logged_at: 2026-01-02 03:04:05Z",
    ]


def test_a_place_that_is_the_path_is_not_told_twice_and_a_second_log_is(tracker: GraphTracker) -> None:
    for hours in (0, 2):
        model = TrackerArtifact("model", "/lab/model.pt", None)
        tracker.record("run", artifacts=[model], at=STARTED + timedelta(hours=hours))
    assert lines(tracker.graph(), ("run", "model")) == [
        "model: /lab/model.pt",
        "logged_at: 2026-01-02 03:04:05Z",
        "updated_at: 2026-01-02 05:04:05Z",
    ]


def test_a_declared_artifact_and_one_of_a_forgotten_run_tell_what_is_left(tracker: GraphTracker) -> None:
    record_remembered(tracker)
    tracker.add_source("evaluate", PREPARE, "statistics")
    whole = tracker.graph()
    assert lines(whole, (PREPARE, "statistics")) == ["statistics"]
    name, logged = lines(whole, (OLD, "model"))
    assert (name, logged[:11]) == ("model", "logged_at: ")


# -- edges -------------------------------------------------------------------------------------------------------------


def test_an_edge_tells_when_its_source_was_named(tracker: GraphTracker) -> None:
    for hours, (source_id, name) in enumerate([(RAW, "csv"), ("prepare", "rows"), ("settings", None)]):
        tracker.add_artifact("prepare", "rows", "/lab/rows")
        tracker.record("train", sources=[TrackerSource(source_id, name)], at=STARTED + timedelta(hours=hours))
    assert sorted(edge_lines(tracker.graph())) == [
        ["csv", "named at 2026-01-02 03:04:05Z"],
        ["derived from the whole run", "named at 2026-01-02 05:04:05Z"],
        ["generated"],
        ["used", "named at 2026-01-02 04:04:05Z"],
    ]
