"""A server for all tests of a file, about a store that they only read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graphtracker import GraphTracker
from tests.support.agent import Agent, agent_on
from tests.support.shapes import links_of_chain, record_hub, record_links
from tests.support.two_pipelines import record_two

RUNS = 260


def record_all(tracker: GraphTracker) -> None:
    """Two pipelines, a long chain, a hub of many consumers, many that went wrong, much that is stale."""
    record_two(tracker)
    record_links(tracker, links_of_chain(RUNS))
    record_hub(tracker, RUNS)
    with tracker.batch() as batch:
        for number in range(RUNS):
            bad = number % 2
            batch.record(f"step-{number:03}", metadata={"seed": number, "tokenizer": f"v{bad}", "k" * 40: "v" * 40})
            batch.record(f"fit-{number:03}", metadata={"loss": float(bad)}, sources=[f"step-{number:03}"])
            batch.add_artifact(f"old-{number:03}", "rows", f"/data/{number:03}.parquet")
            batch.add_source("reader", f"old-{number:03}", "rows")
            batch.add_artifact("wide", f"part-{number:03}", f"/parts/{number:03}")
        for side in "ab":
            for number in range(RUNS):
                batch.record(f"{side}-{number:03}", metadata={"x": f"{side}{number}"}, artifacts={"out": f"/{side}"})
                batch.add_source(f"end-{side}", f"{side}-{number:03}", f"as-{number:03}")
    with tracker.batch() as batch:
        for number in range(RUNS):
            batch.add_artifact(f"new-{number:03}", "rows", f"/data/{number:03}.parquet")


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphTracker]:
    with GraphTracker(tmp_path_factory.mktemp("store") / "lineage.db") as opened:
        record_all(opened)
        yield opened


@pytest.fixture(scope="module")
def agent(tracker: GraphTracker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    with agent_on(tracker.url, tmp_path_factory.mktemp("agent")) as started:
        yield started
