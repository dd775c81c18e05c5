"""The Cypher statements: each is used, documented as it is, taken by both servers without a warning, and linear."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from graphtracker.cypher import statement
from graphtracker.stores.filters.parsing import condition
from graphtracker.stores.neo4j.ask import completed
from graphtracker.stores.neo4j.filtering import Filter
from tests.support.neo4j_server import GENERATIONS
from tests.support.servers import driver, emptied

ROOT = Path(__file__).parents[3]
FILES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "cypher").glob("*.cypher"))}
SENT = {name: text for name, text in FILES.items() if not name.startswith("browser_")}
WALKS = [name for name in FILES if re.search(r"\)(\*|\{0,)", statement(name))]

# What each parameter may be, so that EXPLAIN plans as it does for real calls.
VALUES: dict[str, Any] = {
    "limit": 10,
    "next": 101,
    "walked": 1000,
    "only": None,
    "since": datetime(1678, 1, 1, tzinfo=timezone.utc),
    "until": datetime(2262, 1, 1, tzinfo=timezone.utc),
    **{key: ["x", "y"] for key in ("names", "kept", "whole", "own")},
    "rows": {
        "run_ids": ["x", "y"],
        "places": ["x", "y"],
        "keys": [["x", "y"]],
        "wanted": [["x", "x"]],
        "forgotten": [["x", "x", "run", 1]],
        "reported": [["x", "x", 1, 2, [["stamp key", 1]]]],
        "mentioned": [["x", "x", 1]],
        "logged": [["x", "x", 1, "stamp", 2, "path", "place", {"key": 1}]],
        "declared": [["x", "x", 1]],
        "used": [["x", "x", "x", 1]],
        "derived": [["x", "x", 1]],
    },
}
SOME_FILTERS = {
    "any": None,
    "a range": "0.001 < lr <= 0.01",
    "several of many kinds": "optimizer in ['adam', 1, None] and not (a.b < '2026-03-01' or 'x' in tags) or n != nan",
    "its own": "created >= '2026-03-01' and name > 'a' and not forgotten and context.user == 'ada'",
    "artifacts": "artifact.model and not artifact.model.path == '/m' or artifact.model.loss < 1",
    "a key of any text": 'metadata["`\\\\u0060 /* order */ true"] is not None',
}


def parts_of(where: str | None = "lr < 0.01") -> tuple[dict[str, str], dict[str, Any]]:
    """Parts as filters make them, with their parameters."""
    made = Filter(None if where is None else condition(where))
    return {"where": made.clause.may, "order": "r.`lr` DESC", "value": "r.`lr`"}, made.parameters


AS_OF = [None, datetime(2024, 1, 1, tzinfo=timezone.utc)]


def head(text: str) -> str:
    """The comment at the head of a file."""
    lines = text.splitlines()
    return "\n".join(lines[: next(number for number, line in enumerate(lines) if not line.startswith("//"))])


def parameters(text: str) -> set[str]:
    return set(re.findall(r"\$(\w+)", text))


def places(text: str) -> set[str]:
    """The names of the parts for which a statement has places."""
    return set(re.findall(r"/\* (\w+) \*/ true", text))


def used() -> Iterator[str]:
    """Every text in the store's code that is a name, as what it asks for is."""
    for path in (ROOT / "graphtracker" / "stores" / "neo4j").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                yield node.value


def asked() -> Iterator[str]:
    """What the store's code asks for by name."""
    for path in (ROOT / "graphtracker" / "stores" / "neo4j").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in ("ask", "_ask", "statement", "write", "_logged", "_Part"):
                    yield str(node.args[0].value)


def test_every_statement_is_used_and_every_use_has_a_statement() -> None:
    assert set(SENT) <= set(used())
    assert set(asked()) <= set(SENT)


@pytest.mark.parametrize("name", FILES)
def test_a_statement_says_what_it_answers_its_parameters_and_its_columns(name: str) -> None:
    said = head(FILES[name])
    assert re.search(r"\w", said.splitlines()[0])
    assert parameters(said) == parameters(statement(name))
    parts = re.search(r"// Parts: (.*)", said)
    assert set(re.findall(r"(\w+)(?: \([^)]*\))?(?:, |$)", parts[1] if parts else "")) == places(statement(name))
    assert "// Parameters" in said
    assert ("// Columns" in said) == (name in SENT)


def explained(
    generation: str, name: str, as_of: datetime | None = None, where: str | None = "lr < 0.01"
) -> tuple[list[str], str]:
    """The warnings and the plan of a statement on a server with our schema."""
    parts, more = parts_of(where)
    values = {key: VALUES.get(key, "x") for key in parameters(statement(name))} | {"as_of": as_of} | more
    text = completed(statement(name), parts)
    with driver(generation).session(database="neo4j", notifications_min_severity="WARNING") as session:
        prefix = "" if text.startswith(("SHOW", "CREATE")) else "CYPHER replan=force EXPLAIN "
        summary = session.run(f"{prefix}{text}", values).consume()
    plan = (summary.plan or {}).get("args", {}).get("string-representation", "")
    # An empty database knows none of our labels and properties yet, which is no fault of a statement.
    warnings = [
        f"{status.gql_status}: {status.status_description}"
        for status in summary.gql_status_objects
        if status.is_notification and "does not exist" not in status.status_description
    ]
    return warnings, plan


@pytest.fixture(scope="module", params=GENERATIONS)
def generation(request: pytest.FixtureRequest) -> str:
    from graphtracker import GraphTracker
    from graphtracker.cli.demo_pipeline import record_demo

    with GraphTracker(emptied(request.param)) as tracker:
        record_demo(tracker)  # which makes the schema, too
    return str(request.param)


@pytest.mark.parametrize("name", FILES)
def test_a_statement_is_planned_without_a_warning(name: str, generation: str) -> None:
    warnings, _ = explained(generation, name)
    assert not [warning for warning in warnings if not warning.startswith("00N")]  # it exists already


@pytest.mark.parametrize("name", [name for name, text in SENT.items() if "UNWIND $" in text and "MERGE" not in text])
def test_a_server_plans_what_it_is_asked_about_any_number_once(name: str, generation: str) -> None:
    """It plans a list among the parameters anew for each order of magnitude of its length, but not one in a map."""
    forget_plans = "CALL db.clearQueryCaches()"
    values = {key: VALUES.get(key, "x") for key in parameters(statement(name))} | {"as_of": None}
    with driver(generation).session(database="neo4j") as session, session.begin_transaction() as transaction:
        transaction.run(forget_plans).consume()
        for count in (0, 1, 2, 11, 101):
            lists = {key: value * count for key, value in VALUES["rows"].items()}
            transaction.run(statement(name), values | {"rows": lists}).consume()
        assert transaction.run(forget_plans).values() == [["Query caches successfully cleared of 1 queries."]]


@pytest.mark.parametrize("where", SOME_FILTERS)
@pytest.mark.parametrize("name", [name for name in SENT if "where" in places(statement(name))])
def test_a_statement_about_what_matches_is_planned_without_a_warning(name: str, where: str, generation: str) -> None:
    warnings, plan = explained(generation, name, where=SOME_FILTERS[where])
    assert warnings == []
    assert plan


@pytest.mark.parametrize("as_of", AS_OF, ids=["now", "as of a time"])
@pytest.mark.parametrize("name", WALKS)
def test_a_walk_visits_each_node_once(name: str, as_of: datetime | None, generation: str) -> None:
    _, plan = explained(generation, name, as_of)
    assert_each_node_once(plan)


def assert_each_node_once(plan: str) -> None:
    walks = re.findall(r"\+(VarLengthExpand\S*|ShortestPath\S*|Repeat\S*|Trail\S*)", plan)
    assert walks
    assert all(walk.startswith("VarLengthExpand(Pruning,BFS") for walk in walks), plan


def test_a_page_of_events_comes_in_the_order_of_the_index(generation: str) -> None:
    _, plan = explained(generation, "page")
    assert "Sort" not in plan
    assert "NodeUniqueIndexSeekByRange" in plan or "NodeIndexSeekByRange" in plan


ABOUT_SOME = [
    name
    for name, text in SENT.items()
    if "{run_id: " in text or name in ("artifacts_at", "newest_at", "taken_places") or name == "page"
]


# These go over all of something, and from there over nothing of which they know no neighbour.
OVER_ALL = [
    *("containing", "artifacts_containing", "externals", "declared", "graph_runs", "graph_artifacts", "ages"),
    *("matching", "ranked", "properties_in_use"),
]


# Of how many (runs, artifacts, USED, DERIVED_FROM) the planner may know when it plans; each misled some form of these.
KNOWN = [
    (30, 1, 2, 900),
    (30, 30, 900, 900),
    (3, 2000, 0, 0),
    (3, 2000, 2000, 0),
    (2000, 1, 2, 0),
    (2000, 2000, 2000, 2000),
]
MADE = (
    "UNWIND range(1, $runs) AS i CREATE (:Run {run_id: 'r' + i})",
    """UNWIND range(1, $artifacts) AS i MATCH (r:Run {run_id: 'r' + (1 + i % $runs)})
       CREATE (:Artifact {run_id: r.run_id, name: 'a' + i, place: 'p' + i})-[:GENERATED_BY]->(r)""",
    """UNWIND range(1, $used) AS i MATCH (r:Run {run_id: 'r' + (1 + i % $runs)})
       MATCH (a:Artifact {place: 'p' + (1 + i / $runs % $artifacts)}) CREATE (r)-[:USED]->(a)""",
    """UNWIND range(1, $derived) AS i MATCH (r:Run {run_id: 'r' + (1 + i % $runs)})
       MATCH (p:Run {run_id: 'r' + (1 + i / $runs % $runs)}) CREATE (r)-[:DERIVED_FROM]->(p)""",
)


def test_the_newest_and_names_that_begin_with_a_text_are_found_by_their_indexes(generation: str) -> None:
    for name, index in (("newest", "created_at"), ("named", "name"), ("beginning", "name")):
        _, plan = explained(generation, name)
        (begun,) = re.findall(r"\+(NodeIndexSeek\w*|\w*Scan)[^|]*\|[^|]*\|([^|]*)", plan)
        assert begun[0].startswith("NodeIndexSeek"), plan
        assert f"r:Run({index})" in begun[1]
    _, plan = explained(generation, "newest")
    assert not re.findall(r"\+(?:Sort|Top)\b", plan), plan


def test_a_range_is_found_by_an_index_of_the_users(generation: str) -> None:
    with driver(generation).session(database="neo4j") as session:
        session.run("CREATE INDEX users FOR (r:Run) ON (r.lr)").consume()
        try:
            session.run("CALL db.awaitIndexes()").consume()
            plans = {name: explained(generation, name)[1] for name in ("matching", "any_run")}
        finally:
            session.run("DROP INDEX users").consume()
    for plan in plans.values():
        assert "NodeIndexSeekByRange" in plan
        assert "Scan" not in plan


@pytest.mark.parametrize("known", KNOWN)
def test_a_statement_about_some_runs_never_goes_over_all_of_them(
    known: tuple[int, int, int, int], generation: str
) -> None:
    """Whatever the planner knows: a plan made for a small store is kept for ten seconds while the store grows."""
    emptied(generation)
    with driver(generation).session(database="neo4j") as session:
        for text in MADE:
            session.run(text, dict(zip(("runs", "artifacts", "used", "derived"), known, strict=True))).consume()
        session.run("CALL db.prepareForReplanning(60)").consume()  # else what it knows of an index is chance
    for as_of in AS_OF:
        plans = {name: explained(generation, name, as_of)[1] for name in {*ABOUT_SOME, *WALKS}}
        scans = {name: re.findall(r"\w*Scan\b[^|]*\|[^|]*\|[^|]*", plans[name]) for name in ABOUT_SOME}
        assert {name: found for name, found in scans.items() if found} == {}
        for name in WALKS:
            assert_each_node_once(plans[name])
        over_all = {name: explained(generation, name, as_of)[1] for name in OVER_ALL}
        begun = {name: len(re.findall(r"\+\w*(?:Scan|Seek)", plan)) for name, plan in over_all.items()}
        assert begun == dict.fromkeys(OVER_ALL, 1)
