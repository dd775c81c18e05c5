"""What filters and orders find as of an earlier time is what they say of the runs as they were then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graphtracker import Artifact, GraphTracker, Run, TrackerArtifact
from graphtracker.stores.filters.meaning import matches, value_of
from graphtracker.stores.filters.parsing import condition
from graphtracker.stores.filters.selection import Ranked, Selection, order, page_of
from tests.support.recording import after
from tests.support.strategies import examples

values = st.sampled_from(
    [1, 2.5, "a", "b", None, True, float("nan"), {"deep": 1}, {"deep": "a"}, [1], 2**70, "x" * 200]
)
records = st.lists(
    st.tuples(
        st.sampled_from("abcde"),
        st.integers(0, 5),
        st.dictionaries(st.sampled_from(["k", "other", "k.deep"]), values, max_size=2),
        st.dictionaries(st.sampled_from(["model", "rows"]), st.none() | values, max_size=1),
        st.sampled_from([(), ("a",), ("e",)]),
    ),
    max_size=12,
)
TIMES = [None, *map(after, range(6))]
FILTERS = [
    *("k", "not k", "k == 1", "k != 1", "k > 1", "k < 'b'", "k is None", "k == nan", "'x' in k", "k in [1, 'a', True]"),
    *("k.deep", "k.deep == 1", "not k.deep == 1", "k == 1180591620717411303424", "k and not other", "k == 1 or other"),
    *(
        "artifact.model",
        "not artifact.model",
        "artifact.model.path == '/p'",
        "artifact.model.loss",
        "artifact.rows.loss > 1",
    ),
    *("created < '2024-01-01T14:00'", "reported >= '2024-01-01T13:00'", "updated", "updated < '2024-01-01T15:00'"),
    *("id == 'a' or name > 'c'", "forgotten", "external", "context.user"),
]
ORDERS = [
    "k",
    "-k",
    "k.deep",
    "other",
    "created",
    "updated",
    "-reported",
    "id",
    "-name",
    "artifact.model.loss",
    "forgotten",
]


def test_runs_are_as_they_were_then(kind: str, new_url: Callable[[], str]) -> None:
    @settings(examples(kind), max_examples=3 if kind == "neo4j" else 50)  # each asks some 500 questions
    @given(records, st.lists(st.sampled_from("abcde"), max_size=1))
    def compare(calls: list[Any], forgotten: list[str]) -> None:
        with GraphTracker(new_url()) as tracker:
            with tracker.batch() as batch:
                for run_id, hours, metadata, artifacts, sources in calls:
                    batch.record(run_id, metadata=metadata, sources=sources, at=after(hours))
                    for name, value in artifacts.items():
                        logged = TrackerArtifact(name, "/p", {"loss": value})
                        batch.record(run_id, artifacts=[logged], at=after(hours))
            for run_id in forgotten:
                if run_id in tracker.graph().runs:
                    tracker.forget(run_id, links=False)
            for then in TIMES:
                check(tracker, then)

    compare()


def check(tracker: GraphTracker, then: datetime | None) -> None:
    runs = tracker.runs(as_of=then)

    def artifacts(run: Run) -> Callable[[], dict[str, Artifact]]:
        def found() -> dict[str, Artifact]:
            alone = tracker.lineage(run.run_id, depth=0, direction="downstream", as_of=then)
            return {artifact.name: artifact for artifact in alone.artifacts.values()}

        return found

    for text in FILTERS:
        asks = condition(text)
        expected = [run.run_id for run in runs if matches(asks, run, artifacts(run))]
        assert [run.run_id for run in tracker.runs(where=text, as_of=then)] == expected, text
        assert [run.run_id for run in tracker.runs(where=text, as_of=then, limit=2)] == expected[:2], text
    for text in ORDERS:
        by = order(text)
        ranked = [Ranked(value_of(by.field, run, artifacts(run)), run.created_at, run.run_id, run) for run in runs]
        expected = [each.run_id for each in page_of(ranked, Selection(order_by=by), None)]
        assert [run.run_id for run in tracker.runs(order_by=text, as_of=then)] == expected, text
        assert [run.run_id for run in tracker.runs(order_by=text, as_of=then, limit=2)] == expected[:2], text
