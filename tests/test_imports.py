"""What imports what: the layers of the library, what a path through it loads, the names it offers."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pytest

import graphtracker
from graphtracker import errors

ROOT = Path(__file__).parents[1]
HEAVY = {
    "alembic",
    "graphviz",
    "huggingface_hub",
    "mcp",
    "mcp_types",
    "mlflow",
    "neo4j",
    "networkx",
    "numpy",
    "pandas",
    "pyarrow",
    "rich",
    "rocrate",
    "sqlalchemy",
    "torchx",
    "typer",
    "wandb",
}

# From the bottom up: a module imports from its own layer and from those below it, wherever the import stands: at the
# top, in a function, for type checkers alone. A dot at the end: all in the room. (Tables of import strings, by which
# stores and formats are loaded on use, are no imports: they may name what lies above.)
LAYERS = {
    "errors": ["errors"],
    "model": ["model", "model."],
    "surroundings": ["cypher", "entry_points", "environment", "logs"],
    "analysis": ["analysis", "analysis."],
    "stores, drawing, exchange": ["stores", "stores.", "drawing", "drawing.", "exchange", "exchange."],
    "spool, export": ["spool", "spool.", "export", "files", "formats", "imports"],
    "recording, lineage": ["recording", "recording.", "difference", "lineage"],
    "jobs, api": ["jobs", "jobs.", "api", "items"],
    "tracker": [
        "contrast_verb",
        "finding_verbs",
        "question_verbs",
        "sameness_verbs",
        "torchx_verbs",
        "tracker",
        "unknown_fields",
    ],
    "mcp": ["mcp", "mcp."],
    "torchx, cli": ["torchx", "torchx_plugins.", "cli", "cli.", "__main__"],
}
ROOMS = ["analysis", "drawing", "exchange", "jobs", "mcp", "model", "recording", "spool", "stores"]
SURFACE = ""  # the package itself, which offers names of every layer and is imported by those around the library only

# Who may import it, in a function or not: modules whose name begins so.
ONLY: dict[str, str | tuple[str, ...]] = {
    "alembic": "exchange.mlflow.",
    "graphviz": "drawing.",
    "huggingface_hub": "exchange.model_card",
    "mcp": "mcp.",
    "mcp_types": "mcp.",
    "mlflow": "exchange.mlflow.",
    "neo4j": "stores.neo4j.",
    "networkx": ("analysis.", "lineage"),
    "numpy": "exchange.frames",
    "openlineage": (),
    "pandas": ("exchange.frames", "exchange.lists", "lineage"),
    "platformdirs": "environment",
    "prov": (),
    "pyarrow": "exchange.parquet.",
    "rich": "cli.",
    "rocrate": "exchange.ro_crate",
    "sqlalchemy": "exchange.mlflow.",
    "sqlite3": ("exchange.ml_metadata.", "exchange.openlineage.", "stores.sqlite."),
    "torchx": ("exchange.torchx", "torchx"),
    "typer": "cli",
    "wandb": "exchange.wandb",
}


class Module(NamedTuple):
    """A module of the library, by its name behind ``graphtracker.`` ('' is the package itself)."""

    name: str
    path: Path
    tree: ast.Module


def _modules() -> Iterator[Module]:
    packages: list[tuple[str, list[str]]] = [("graphtracker", [])]
    packages += [(beside, [beside]) for beside in ("cli", "cypher")]
    for folder, prefix in ((ROOT / name, prefix) for name, prefix in packages):
        for path in sorted(folder.rglob("*.py")):
            parts = [*prefix, *path.relative_to(folder).with_suffix("").parts]
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            yield Module(name, path, ast.parse(path.read_text(encoding="utf-8")))


MODULES = {module.name: module for module in _modules()}


def _imports(module: Module) -> set[str]:
    """The full names of what the module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.update(_target(node, alias.name) for alias in node.names)
    return found


def _needs(name: str) -> set[str]:
    """The modules of the library that a module imports."""
    found = (target.partition(".") for target in _imports(MODULES[name]))
    return {behind for package, _, behind in found if package == "graphtracker"}


def _target(statement: ast.ImportFrom, name: str) -> str:
    """The submodule where the name is one, else the module that it is imported from."""
    assert statement.level == 0, "imports are absolute"
    within = f"{statement.module}.{name}"
    return within if within.removeprefix("graphtracker.") in MODULES else str(statement.module)


def _is_one_of(name: str, entries: list[str]) -> bool:
    return any(name == entry or (entry.endswith(".") and name.startswith(entry)) for entry in entries)


def _layer(name: str) -> int:
    found = [number for number, entries in enumerate(LAYERS.values()) if _is_one_of(name, entries)]
    assert len(found) == 1, f"give the module {name!r} a layer"
    return found[0]


@pytest.mark.parametrize("name", sorted(set(MODULES) - {SURFACE}))
def test_a_module_imports_nothing_of_a_higher_layer(name: str) -> None:
    assert {own for own in _needs(name) - {SURFACE} if _layer(own) > _layer(name)} == set()


def test_only_those_around_the_library_import_its_surface() -> None:
    users = {name for name in MODULES if SURFACE in _needs(name)}
    assert {name for name in users if _layer(name) < _layer("cli")} == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert set(TopologicalSorter({name: _needs(name) for name in MODULES}).static_order()) == set(MODULES)


def test_every_package_is_installed() -> None:
    listed = set(
        re.findall(
            r'^    "(graphtracker[a-z0-9_.]*)",$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    folders = {
        path.parent.relative_to(ROOT)
        for top in ("graphtracker", "cli", "cypher")
        for path in (ROOT / top).rglob("__init__.py")
    }
    names = {".".join(folder.parts) for folder in folders}
    assert listed == {name if name.startswith("graphtracker") else f"graphtracker.{name}" for name in names}


def test_the_top_level_has_no_other_folders() -> None:
    left_behind = {"build", "dist"}  # by a build
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name.isidentifier()}
    assert folders - left_behind == {"cli", "cypher", "graphtracker", "tests"}


def test_every_module_is_in_a_room_or_on_the_ground_floor() -> None:
    folders = {name.partition(".")[0] for name in MODULES if "." in name}
    assert folders == {*ROOMS, "cli", "torchx_plugins"}
    assert {name for name in MODULES if "." not in name} == {
        *ROOMS, "", "__main__", "api", "cli", "contrast_verb", "cypher", "difference", "entry_points", "environment",
        "errors", "export", "files", "finding_verbs", "formats", "imports", "items",
        "lineage",
        "logs",
        "question_verbs",
        "sameness_verbs",
        "torchx", "torchx_verbs", "tracker", "unknown_fields",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(MODULES) - {SURFACE}))
def test_a_module_says_in_one_sentence_what_it_is(name: str) -> None:
    said = ast.get_docstring(MODULES[name].tree)
    assert said is not None
    first = said.partition("\n\n")[0]
    assert first.endswith((".", "::"))
    assert " and " not in first.replace("\n", " "), "a module that needs an 'and' is two"


@pytest.mark.parametrize("package", ONLY)
def test_a_heavy_package_is_imported_in_one_place(package: str) -> None:
    users = {
        name for name, module in MODULES.items() if package in {target.partition(".")[0] for target in _imports(module)}
    }
    assert {name for name in users if not name.startswith(ONLY[package])} == set()


def test_the_neo4j_store_alone_reads_the_statements() -> None:
    users = {name for name in MODULES if "cypher" in _needs(name)}
    assert {name for name in users if not name.startswith("stores.neo4j.")} == set()


def test_one_module_reads_the_environment() -> None:
    variables = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    readers = {
        name
        for name, module in MODULES.items()
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Attribute) and node.attr in variables)
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and variables & {alias.name for alias in node.names}
        )
    }
    assert readers == {"environment"}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_short_enough_to_read(name: str) -> None:
    assert len(MODULES[name].path.read_text(encoding="utf-8").splitlines()) <= 300


# -- what a process loads ----------------------------------------------------------------------------------------------

RECORD = "from graphtracker import GraphTracker; tracker = GraphTracker(sys.argv[1])"
USES = {
    "import": ("import graphtracker", HEAVY | {"sqlite3", "platformdirs"}),
    "all names": ("from graphtracker import *", HEAVY | {"platformdirs"}),
    "record": (f"{RECORD}; tracker.record('run', metadata=dict(lr=0.1))", HEAVY | {"platformdirs"}),
    "batch": (f"{RECORD}\nwith tracker.batch(): tracker.add_source('run', 'data')", HEAVY | {"platformdirs"}),
    "lineage": (f"{RECORD}; tracker.add_source('run', 'data'); tracker.lineage('run').to_dict()", HEAVY),
    "walk": (f"{RECORD}; tracker.add_source('run', 'data'); tracker.lineage('run').ancestors()", HEAVY),
    "graph": (f"{RECORD}; tracker.add_source('run', 'data'); repr(tracker.graph())", HEAVY),
}


@pytest.mark.parametrize("use", USES)
def test_a_process_loads_no_more_than_it_uses(use: str, tmp_path: Path) -> None:
    program, unwanted = USES[use]
    report = "import json; print(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-c", f"import sys\n{program}\n{report}", str(tmp_path / "lineage.db")]
    loaded = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert {name for name in loaded if name in unwanted} == set()


def test_the_graph_of_a_lineage_loads_networkx_on_first_use(tmp_path: Path) -> None:
    program = (
        f"{RECORD}; tracker.add_source('run', 'data'); lineage = tracker.lineage('run')\n"
        "before = 'networkx' in sys.modules; lineage.graph; print(before, 'networkx' in sys.modules)"
    )
    command = [sys.executable, "-c", f"import sys\n{program}", str(tmp_path / "lineage.db")]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout.split() == ["False", "True"]


@pytest.mark.parametrize("command", [["runs"], ["show", "run"], ["lineage", "run"], ["add-metadata", "run", "lr=0.1"]])
def test_a_command_that_draws_nothing_loads_no_graph_library(command: list[str], tmp_path: Path) -> None:
    with graphtracker.GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_source("run", "data")
    program = (
        "import sys\nfrom graphtracker.cli import main\n"
        "try: main()\nexcept SystemExit as end: assert not end.code, end.code\n"
        "assert not {'graphviz', 'neo4j', 'networkx', 'torchx'} & set(sys.modules), sorted(sys.modules)"
    )
    line = [sys.executable, "-c", program, "--store", str(tmp_path / "lineage.db"), *command]
    done = subprocess.run(line, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


# -- what users write behind "graphtracker." ---------------------------------------------------------------------------


def test_all_is_sorted_and_every_name_in_it_is_there() -> None:
    assert graphtracker.__all__ == sorted(set(graphtracker.__all__))
    assert [name for name in graphtracker.__all__ if getattr(graphtracker, name).__name__ != name] == []
    assert set(graphtracker.__all__) <= set(dir(graphtracker))


def test_all_holds_every_error_and_what_type_checkers_see() -> None:
    tree = [node for node in ast.walk(MODULES[""].tree) if isinstance(node, ast.If)]
    seen = {alias.name for node in ast.walk(tree[0]) if isinstance(node, ast.ImportFrom) for alias in node.names}
    raised = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert seen == set(graphtracker.__all__)
    assert raised <= set(graphtracker.__all__)
    assert all(issubclass(getattr(errors, name), graphtracker.GraphTrackerError) for name in raised)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Tracker'"):
        graphtracker.Tracker  # type: ignore[attr-defined]  # noqa: B018  # there is none, which type checkers see too


def test_the_version_is_that_of_the_distribution() -> None:
    assert graphtracker.__version__ == version("graphtracker")
