"""An environment of its own for each peer, made when it is needed and kept in ``.benchmarks/``."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import venv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
KEPT = ROOT / ".benchmarks"
_LIMIT = 900  # seconds for an installation
_making: defaultdict[Path, Lock] = defaultdict(Lock)


class NoEnvironment(Exception):
    """It cannot be made here; the text says why."""


class Column(NamedTuple):
    """Something that is measured: the module that drives it, and what must be installed for that (None: nothing)."""

    name: str
    module: str
    packages: tuple[str, ...] | None = None
    heavy: bool = False  # takes minutes to install
    on_neo4j: bool = False
    ours: bool = False  # ours, or a floor of ours: it is given all the time that it needs
    finds: bool = False  # it can be asked for runs by their values
    fills: bool = True  # it has a store of its own; else it asks the one that graphtracker has filled


OURS = "graphtracker"
COLUMNS = (
    Column(OURS, "graphtracker_store", ours=True, finds=True),
    Column("bare SQL", "bare_sql", ours=True),
    Column("FsspecTracker", "fsspec_tracker", ("torchx",)),
    Column("NetworkX pickle", "networkx_pickle", ("networkx",)),
    Column("ml-metadata", "ml_metadata_store", ("ml-metadata",)),
    Column("MLflow", "mlflow_runs", ("mlflow",), heavy=True, finds=True),
    Column("prov", "prov_document", ("prov", "networkx")),
    Column("OpenLineage file", "openlineage_file", ("openlineage-python",)),
)
_RUST = ("neo4j-rust-ext", "-e", str(ROOT))
ON_NEO4J = (
    Column("graphtracker, Neo4j", "graphtracker_store", on_neo4j=True, ours=True),
    Column("bare Cypher", "bare_cypher", on_neo4j=True, ours=True, fills=False),
    Column("graphtracker, Neo4j, rust", "graphtracker_store", _RUST, on_neo4j=True, ours=True, fills=False),
    Column("bare Cypher, rust", "bare_cypher", _RUST, on_neo4j=True, ours=True, fills=False),
)


def python_of(column: Column, tell: Callable[[str], None], *, heavy_too: bool) -> str:
    """The interpreter that has what the column needs; raises NoEnvironment."""
    if column.packages is None:
        return sys.executable
    if column.heavy and not heavy_too:
        raise NoEnvironment("left out of --quick")
    place = KEPT / f"{column.packages[0]}-{platform.python_version()}"
    python = place / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    ready = place / "ready"
    if ready.exists():
        return str(python)
    with _making[place]:  # two columns may share one
        if not ready.exists():
            _make(column.packages, place, python, tell)
            ready.touch()
    return str(python)


def _make(packages: tuple[str, ...], place: Path, python: Path, tell: Callable[[str], None]) -> None:
    tell(f"installing {packages[0]}")
    shutil.rmtree(place, ignore_errors=True)
    try:
        venv.create(place)
        pip = [sys.executable, "-m", "pip", "--python", str(python), "--quiet", "--disable-pip-version-check"]
        command = [*pip, "install", *packages]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_LIMIT)
    except subprocess.CalledProcessError as error:
        raise NoEnvironment(f"cannot be installed: {_last_line(error.stderr)}") from error
    except subprocess.TimeoutExpired as error:
        raise NoEnvironment(f"cannot be installed in {_LIMIT} seconds") from error


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "pip says nothing"
