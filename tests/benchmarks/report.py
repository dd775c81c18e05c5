"""What came out, for people and for programs: aligned tables, and JSON with the versions and the machine."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.field.side_by_side import Figure
from tests.benchmarks.growth import Growth
from tests.benchmarks.measuring import Result, aligned

_SHOWN = 22  # characters of the words that stand for a figure in the table; the notes below it have them all


def machine() -> dict[str, str | int | float]:
    """What it was measured on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "memory, GiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def side_by_side(figures: Sequence[Figure]) -> str:
    """A table for each measure: a row for each graph, a column for each contender."""
    columns = list(dict.fromkeys(figure.column for figure in figures))
    notes: list[str] = []
    tables = []
    for measure in dict.fromkeys(figure.measure for figure in figures):
        mine = [figure for figure in figures if figure.measure == measure]
        there = [column for column in columns if any(figure.column == column for figure in mine)]
        cells = {(each.shape, each.runs, each.column): _cell(each, notes) for each in mine}
        lines = [(f"{measure}{', ' if mine[0].unit else ''}{mine[0].unit}", *there)]
        for shape, runs in dict.fromkeys((each.shape, each.runs) for each in mine):
            lines.append((f"{shape} {runs:,}".strip(), *(cells.get((shape, runs, column), "") for column in there)))
        tables.append(aligned(lines))
    return "\n\n".join([*tables, *(["\n".join(notes)] if notes else [])])


def _cell(figure: Figure, notes: list[str]) -> str:
    if figure.value is not None:
        return f"{figure.value:,.3f}" if figure.value < 10 and figure.unit else f"{figure.value:,.0f}"
    if len(figure.words) > _SHOWN:
        notes.append(f"{figure.column}, {figure.shape} {figure.runs:,}: {figure.words}".replace(",  ", ", "))
    return figure.words if len(figure.words) <= _SHOWN else f"{figure.words.split(':')[0][: _SHOWN - 1]}*"


def growth(those: Iterable[Growth]) -> str:
    """A table of exponents; what is neither linear in the answer nor flat in the store is marked."""
    lines = [("grows as size to the power of", "figure", "graph", "against", "sizes", "exponent", "")]
    for each in those:
        told = "" if each.kept else f"NOT {'linear in the answer' if each.against == 'answer' else 'flat in the store'}"
        sizes = f"{each.sizes[0]:,} to {each.sizes[-1]:,}"
        lines.append((each.column, each.measure, each.shape, each.against, sizes, f"{each.exponent:.2f}", told))
    return aligned(lines)


def as_json(
    results: Iterable[Result],
    figures: Iterable[Figure],
    grown: Iterable[Growth],
    versions: Mapping[str, str],
    how: Mapping[str, str],
    absent: Mapping[str, str],
) -> str:
    """All of it; times in ms, ratios as they stand in the table."""
    packages = {name: version(name) for name in ("graphtracker", "neo4j", "networkx", "typer")}
    return json.dumps(
        {
            "measured": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "machine": machine(),
            "versions": {**packages, **versions},
            "how": dict(how),
            "absent": dict(absent),
            "floors": [result._asdict() for result in results],
            "side by side": [figure._asdict() for figure in figures],
            "growth": [{**each._asdict(), "kept": each.kept} for each in grown],
        },
        indent=1,
    )
