"""The Cypher statements: each is used, documented as it is, taken by both servers without a warning, and linear."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphtracker.cypher import statement

from tests.neo4j_server import GENERATIONS
from tests.servers import driver, emptied

ROOT = Path(__file__).parents[1]
FILES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "cypher").glob("*.cypher"))}
SENT = {name: text for name, text in FILES.items() if not name.startswith("browser_")}
WALKS = [
    name for name in FILES if name.startswith(("lineage_", "ahead_", "browser_query_lineage", "browser_query_what"))
]

# What each parameter may be, so that EXPLAIN plans as it does for real calls.
VALUES: dict[str, Any] = {"limit": 10, "any": False}
LISTS = {
    "run_ids",
    "keys",
    "paths",
    "kept",
    "whole",
    "values",
    "reported",
    "mentioned",
    "logged",
    "declared",
    "used",
    "derived",
}


def head(text: str) -> str:
    """The comment at the head of a file."""
    lines = text.splitlines()
    return "\n".join(lines[: next(number for number, line in enumerate(lines) if not line.startswith("//"))])


def parameters(text: str) -> set[str]:
    return set(re.findall(r"\$(\w+)", text))


def used() -> Iterator[str]:
    """Every text in the store's code that is a name, as what it asks for is."""
    for path in (ROOT / "graphtracker" / "stores").glob("neo4j*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                yield node.value


def asked() -> Iterator[str]:
    """What the store's code asks for by name."""
    for path in (ROOT / "graphtracker" / "stores").glob("neo4j*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in ("ask", "statement", "write", "_logged", "_Part"):
                    yield node.args[0].value


def test_every_statement_is_used_and_every_use_has_a_statement() -> None:
    assert set(SENT) <= set(used())
    assert set(asked()) <= set(SENT)


@pytest.mark.parametrize("name", FILES)
def test_a_statement_says_what_it_answers_its_parameters_and_its_columns(name: str) -> None:
    said = head(FILES[name])
    assert re.search(r"\w", said.splitlines()[0])
    assert parameters(said) == parameters(statement(name))
    assert "// Parameters" in said
    assert ("// Columns" in said) == (name in SENT)


def explained(generation: str, name: str) -> tuple[list[str], str]:
    """The warnings and the plan of a statement on a server with our schema."""
    text = statement(name)
    values = {key: [] if key in LISTS else VALUES.get(key, "x") for key in parameters(text)}
    with driver(generation).session(database="neo4j", notifications_min_severity="WARNING") as session:
        for part in ("schema_run", "schema_artifact", "schema_path", "schema_created_at"):
            session.run(statement(part)).consume()
        prefix = "" if text.startswith(("SHOW", "CREATE")) else "EXPLAIN "
        summary = session.run(f"{prefix}{text}", values).consume()  # type: ignore[arg-type]
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
    from graphtracker.demo import record_demo

    with GraphTracker(emptied(request.param)) as tracker:
        record_demo(tracker)
    return str(request.param)


@pytest.mark.parametrize("name", FILES)
def test_a_statement_is_planned_without_a_warning(name: str, generation: str) -> None:
    warnings, _ = explained(generation, name)
    assert not [warning for warning in warnings if not warning.startswith("00N")]  # it exists already


@pytest.mark.parametrize("name", WALKS)
def test_a_walk_visits_each_node_once(name: str, generation: str) -> None:
    _, plan = explained(generation, name)
    walks = re.findall(r"\+(VarLengthExpand\S*|ShortestPath\S*|Repeat\S*|Trail\S*)", plan)
    assert walks
    assert all(walk.startswith("VarLengthExpand(Pruning,BFS") for walk in walks), plan


def test_a_page_of_facts_comes_in_the_order_of_the_index(generation: str) -> None:
    _, plan = explained(generation, "facts")
    assert "Sort" not in plan
    assert "NodeUniqueIndexSeekByRange" in plan or "NodeIndexSeekByRange" in plan


ABOUT_SOME = [name for name, text in SENT.items() if "{run_id: " in text or "artifacts_at" in name or name == "facts"]


@pytest.mark.parametrize("name", ABOUT_SOME)
def test_a_statement_about_some_runs_never_goes_over_all_of_them(name: str, generation: str) -> None:
    _, plan = explained(generation, name)
    assert "Scan" not in plan, plan
