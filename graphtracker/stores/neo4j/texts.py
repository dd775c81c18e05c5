"""What in a Neo4j store has a text in its id, its name or its path, inside the caller's read transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import nsmallest
from typing import Any

from graphtracker.model.limits import LARGEST_INT
from graphtracker.model.times import utc
from graphtracker.model.values import Artifact, Run
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.properties import CONTEXT, OWN, from_key
from graphtracker.stores.neo4j.rows import Rows
from graphtracker.stores.snapshot import Known, newest_found_first


def named(ask: Ask, name: str, *, beginning: bool, limit: int) -> list[Known]:
    """Runs of this name, or of one that begins so, in the order of ``latest_first``."""
    most = min(limit, LARGEST_INT)
    ((rows,),) = ask("beginning" if beginning else "named", text=name, limit=most)
    return _latest(rows, limit)


def containing(ask: Ask, part: str, matches: Callable[[str], bool], limit: int) -> list[Known]:
    """Runs whose ids contain the text and match, in the order of ``latest_first``."""
    ((rows,),) = ask("containing", text=part)
    return _latest((row for row in rows if matches(row[0])), limit)


def _latest(rows: Iterable[Any], limit: int) -> list[Known]:
    least = nsmallest(limit, rows, key=lambda row: (row[2], -row[1], row[0]))
    return [Known(run_id, utc(created_at * 1000), external) for run_id, created_at, external in least]


def keys(ask: Ask, beginning: str, limit: int) -> list[str]:
    """Metadata keys of runs that begin so, in order."""
    ((names,),) = ask("property_keys")
    wanted = [name for name in names if _is_metadata(name) and from_key(name).startswith(beginning)]
    ((used,),) = ask("properties_in_use", names=wanted) if wanted else (([],),)
    return sorted(map(from_key, used))[:limit]


def _is_metadata(name: str) -> bool:
    return name not in OWN and not name.startswith((CONTEXT, "graphtracker."))


def found_by_text(ask: Ask, part: str, matches: Callable[[str], bool], limit: int) -> list[Run | Artifact]:
    """Runs and artifacts that contain the text and match, in the order of ``newest_found_first``."""
    ((runs,),) = ask("containing", text=part)
    found = [(created_at, run_id, "") for run_id, created_at, _ in runs if matches(run_id)]
    ((artifacts,),) = ask("artifacts_containing", text=part)
    for run_id, name, path, place, time in artifacts:
        if any(isinstance(each, str) and matches(each) for each in (name, path, place)):
            found.append((time, run_id, name))
    newest = nsmallest(limit, found, key=lambda each: (-each[0], *each[1:]))
    rows = Rows()
    if run_ids := [run_id for _, run_id, name in newest if not name]:
        rows.add_runs(ask("runs", run_ids=run_ids))
    if named := [[run_id, name] for _, run_id, name in newest if name]:
        rows.add_artifacts(ask("artifacts", keys=named))
    return newest_found_first([*rows.runs.values(), *rows.artifacts.values()])
