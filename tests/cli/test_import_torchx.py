"""`import torchx` reads a TorchX tracker, and ends with a line that says what it read and what it could not map."""

from __future__ import annotations

import json
from pathlib import Path

import fsspec
import pytest
from torchx.tracker.backend.fsspec import FsspecTracker

from tests.support.terminal import on_a_terminal
from tests.support.tools import run


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of an FsspecTracker that holds two runs."""
    folder = tmp_path / "runs"
    folder.mkdir()
    source = FsspecTracker(fsspec.filesystem("file"), str(folder))
    source.add_metadata("local://torchx/prepare", rows=3)
    source.add_artifact("local://torchx/prepare", "rows", "/rows.parquet")
    source.add_metadata("local://torchx/train", lr=0.1, odd="\ud800")
    source.add_source("local://torchx/train", "local://torchx/prepare", "rows")
    path = tmp_path / "fsspec.conf"
    path.write_text(f"protocol=file\nroot_path={folder}\n", encoding="utf-8")
    return path


READ = "read 2 runs, 1 artifact and 1 source; not mapped: 1 value of metadata that cannot be stored"


def test_it_imports_and_says_so_and_again_changes_nothing(tmp_path: Path, config: Path) -> None:
    store = ["--store", "lineage.db"]
    exports = []
    for _ in range(2):
        done = run(tmp_path, "graphtracker", "import", "torchx", f"fsspec={config}", *store)
        assert (done.stdout, done.stderr) == ("", f"graphtracker: lineage.db: {READ}\n")
        exports.append(run(tmp_path, "graphtracker", "export", "--json", *store).stdout)
    assert exports[0] == exports[1]
    assert json.loads(run(tmp_path, "graphtracker", "show", "train", "--json", *store).stdout)["metadata"] == {
        "lr": 0.1
    }


def test_a_terminal_shows_how_far_it_is(tmp_path: Path, config: Path) -> None:
    command = ["graphtracker", "--store", "lineage.db", "import", "torchx", f"fsspec={config}"]
    shown = on_a_terminal(tmp_path, *command, columns=120, errors=True)
    assert "events read" in shown
    assert shown.endswith(f"graphtracker: lineage.db: {READ}\n")


def test_a_tracker_of_ours_is_copied(tmp_path: Path) -> None:
    run(tmp_path, "graphtracker", "--store", "a.db", "add-metadata", "train", "lr=0.1")
    done = run(tmp_path, "graphtracker", "--store", "b.db", "import", "torchx", "graphtracker=a.db")
    assert done.stderr == "graphtracker: b.db: read 2 events\n"
    exports = [run(tmp_path, "graphtracker", "--store", name, "export", "--json").stdout for name in ("a.db", "b.db")]
    assert exports[0] == exports[1]


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("nobody=x", 2, "no TorchX tracker is called 'nobody'; name an entry point ('fsspec', 'graphtracker')"),
        ("fsspec=absent.conf", 2, "'fsspec' makes no tracker: FileNotFoundError: "),
        ("graphtracker=absent.db", 3, "there is no store at 'absent.db' to copy from; name another"),
    ],
)
def test_what_cannot_be_read_is_said_without_a_traceback(source: str, code: int, said: str, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", "--store", "lineage.db", "import", "torchx", source, code=code)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "lineage.db").exists()
