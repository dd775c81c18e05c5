"""How long runs take to be found on a real Neo4j, beside Cypher written by hand for the same server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import neo4j

from graphtracker import Artifact, GraphTracker, Run
from graphtracker.model.times import nanoseconds
from tests.benchmarks.finding import TARGET
from tests.benchmarks.graphs import run_id_of, sweep
from tests.benchmarks.measuring import Result, in_turn, ratio, taken
from tests.benchmarks.recording import fill

_HITS = 100
_WITH_INDEX = "CREATE INDEX by_hand_loss IF NOT EXISTS FOR (r:Run) ON (r.loss)"
_WITHOUT_INDEX = "DROP INDEX by_hand_loss IF EXISTS"
_SHOWN = "RETURN collect([r.run_id, r.created_at.epochMillis * 1000 + r.created_at.microsecond % 1000, properties(r)])"
_REPORTED = "NOT r:External AND datetime('1678') <= r.created_at < datetime('2262')"
_NEWEST = f"WITH r ORDER BY r.created_at DESC, r.run_id LIMIT 20 {_SHOWN}"
_BY_HAND = {
    "newest": f"MATCH (r:Run) WHERE {_REPORTED} {_NEWEST}",
    "page": f"""MATCH (r:Run) WHERE NOT r:External AND datetime('1678') <= r.created_at <= $at
        AND (r.created_at < $at OR r.run_id > $run_id) {_NEWEST}""",
    "range": f"""MATCH (r:Run) WHERE r.loss >= $least AND r.loss < $end AND NOT r:External
        WITH r ORDER BY r.created_at DESC, r.run_id {_SHOWN}""",
    "common": f"MATCH (r:Run) WHERE {_REPORTED} AND r.optimizer = 'adam' {_NEWEST}",
    "best": f"""MATCH (r:Run) WHERE r.loss <= 1.0e308 AND NOT r:External
        WITH r ORDER BY r.loss, r.created_at DESC, r.run_id LIMIT 1 {_SHOWN}""",
    "text": f"""MATCH (r:Run) WHERE r.run_id CONTAINS $text {_SHOWN.replace("RETURN", "WITH")} AS runs
        MATCH (a:Artifact) WHERE a.name CONTAINS $text OR a.path CONTAINS $text OR a.place CONTAINS $text
        RETURN runs, collect(properties(a))""",
}


class Asked(NamedTuple):
    """A question to the tracker and by hand, with what it finds."""

    name: str
    ours: Callable[[], Sequence[Run | Artifact]]
    statement: str
    parameters: dict[str, Any]


def of_a_store(emptied: Callable[[], str], *, runs: int = 100_000, rounds: int = 9) -> Iterator[Result]:
    """Finding runs among so many, without and with an index of the user's own on the key."""
    url = emptied()
    with GraphTracker(url) as tracker, neo4j.GraphDatabase.driver(url) as driver:
        fill(tracker, sweep(0, runs, runs))

        def by_hand(statement: str, parameters: dict[str, Any]) -> list[Any]:
            with driver.session() as session:
                return session.execute_read(lambda work: work.run(statement, parameters).values())

        for asked in [*_by_time(tracker, runs), *_by_value(tracker, runs)]:
            yield _compared(asked, by_hand, runs, rounds)
        try:
            with driver.session() as session:
                session.run(_WITH_INDEX).consume()
                session.run("CALL db.awaitIndexes()").consume()
            for asked in _by_value(tracker, runs):
                yield _compared(asked._replace(name=f"{asked.name}, indexed"), by_hand, runs, rounds)
        finally:
            with driver.session() as session:
                session.run(_WITHOUT_INDEX).consume()
        yield _by_a_beginning(tracker, runs, rounds)


def _by_time(tracker: GraphTracker, runs: int) -> Iterator[Asked]:
    yield Asked("newest 20", lambda: tracker.runs(limit=20), _BY_HAND["newest"], {})
    passed = min(10_000, runs // 2)
    before = tracker.run(run_id_of(runs - passed, "-x7mw"))
    behind = {"at": before.created_at, "run_id": before.run_id}
    yield Asked(f"page after {passed:,}", lambda: tracker.runs(limit=20, after=before), _BY_HAND["page"], behind)
    common = lambda: tracker.runs(where="optimizer == 'adam'", limit=20)  # noqa: E731
    yield Asked("newest 20 of a common value", common, _BY_HAND["common"], {})
    rare = run_id_of(runs // 3, "-x7mw")[-11:]
    yield Asked("find of a rare text", lambda: tracker.find(rare), _BY_HAND["text"], {"text": rare})


def _by_value(tracker: GraphTracker, runs: int) -> Iterator[Asked]:
    least, end = 0.5, 0.5 + _HITS / runs
    between = f"{least} <= loss < {end!r}"
    bounds = {"least": least, "end": end}
    yield Asked(f"range of {_HITS} hits", lambda: tracker.runs(where=between), _BY_HAND["range"], bounds)
    yield Asked("best of one key", lambda: tracker.runs(order_by="loss", limit=1), _BY_HAND["best"], {})


def _compared(asked: Asked, by_hand: Callable[[str, dict[str, Any]], list[Any]], runs: int, rounds: int) -> Result:
    found = by_hand(asked.statement, asked.parameters)[0][0]
    ours = [run for run in asked.ours() if isinstance(run, Run)]
    assert [(run.run_id, nanoseconds(run.created_at) // 1000) for run in ours] == [tuple(row[:2]) for row in found]
    times = in_turn(
        rounds,
        lambda _: taken(asked.ours),
        lambda _: taken(lambda: by_hand(asked.statement, asked.parameters)),
    )
    return ratio(f"Neo4j: runs, {asked.name} of {runs:,}", times, TARGET)


def _by_a_beginning(tracker: GraphTracker, runs: int, rounds: int) -> Result:
    run_id = run_id_of(runs // 2, "-x7mw")
    name = run_id.rpartition("/")[2]
    assert tracker.find_run(name[:-3]) == run_id
    times = in_turn(
        rounds, lambda _: taken(lambda: tracker.find_run(name[:-3])), lambda _: taken(lambda: tracker.run(run_id))
    )
    return ratio(f"Neo4j: find_run, a beginning in {runs:,}, to run() of an id", times, "<= 2.00 x")
