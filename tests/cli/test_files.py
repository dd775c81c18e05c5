"""A file, or a folder of files, is written whole or not at all, and stays what it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from graphtracker.errors import InvalidInput
from graphtracker.files import write_file, write_folder
from tests.support.command import failure, output, remark
from tests.support.small_pipeline import LARGE
from tests.support.tools import run


def test_a_file_is_written_through_its_link_and_keeps_its_mode(store: str, tmp_path: Path) -> None:
    real, link = tmp_path / "real.dot", tmp_path / "link.dot"
    real.write_text("old", encoding="utf-8")
    real.chmod(0o600)
    link.symlink_to(real)
    assert output("export", "--store", store, "-o", str(link)) == ""
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8").startswith("digraph")
    assert real.stat().st_mode & 0o777 == 0o600


def test_what_a_format_cannot_say_is_told(store: str, tmp_path: Path) -> None:
    told = remark("export", "--store", store, "-o", str(tmp_path / "all.ro-crate.zip"))
    assert told.startswith("graphtracker: a Process Run Crate does not say when runs were recorded")
    assert "--all" not in told, "which is of pictures"


@pytest.mark.parametrize("place", ["missing/all.ro-crate.zip", "missing/all", "pipeline.db"])
def test_nothing_is_said_of_what_is_not_written(place: str, store: str, tmp_path: Path) -> None:
    message = failure(2, "export", "--store", store, "--format", "ro-crate", "-o", str(tmp_path / place))
    assert "does not say" not in message
    assert message.startswith("graphtracker: ")
    assert len(message.splitlines()) == 1


def test_a_pipe_is_written_to_and_stays_one(store: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    assert output("export", "--store", store, "--format", "dot", "-o", str(pipe)) == ""
    assert reader.communicate(timeout=60)[0].startswith(b"digraph")
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1"])
def test_a_pipe_that_only_a_link_of_the_system_leads_to_is_written_to(name: str, store: str, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", "export", "--store", store, "--format", "dot", "-o", name)
    assert done.stdout == output("export", "--store", store, "--format", "dot")


@pytest.mark.parametrize("place", ["missing/x.dot", "pipeline.db/x.dot", "/proc/x.dot", "folder.dot"])
def test_a_file_that_cannot_be_written_is_named(
    place: str, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.dot").mkdir()
    before = set(tmp_path.rglob("*"))
    message = failure(2, "export", LARGE, "-o", place, "--store", store)
    assert place in message
    assert set(tmp_path.rglob("*")) == before


def test_a_file_is_written_whole_or_stays_as_it_was(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "picture.dot"
    path.write_text("before", encoding="utf-8")
    before = set(tmp_path.iterdir())
    failure(1, "export", "nobody", "-o", str(path), "--store", store)
    with monkeypatch.context() as patched:
        patched.setattr("os.replace", mock.Mock(side_effect=OSError(28, "No space left on device")))
        assert "No space left" in failure(2, "export", LARGE, "-o", str(path), "--store", store)
    assert path.read_text(encoding="utf-8") == "before"
    assert set(tmp_path.iterdir()) == before
    output("export", LARGE, "-o", str(path), "--store", store)
    assert path.read_text(encoding="utf-8").startswith("digraph")
    assert set(tmp_path.iterdir()) == before


def test_export_writes_over_no_store(store: str) -> None:
    before = Path(store).read_bytes()
    assert "maybe a store" in failure(2, "export", "--dot", "-o", store, "--store", store)
    assert Path(store).read_bytes() == before


def test_what_making_a_file_raises_says_nothing_of_the_file(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise TimeoutError("a handler's")

    path = tmp_path / "kept.svg"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(TimeoutError, match="a handler's"):
        write_file(str(path), pieces())
    assert [each.name for each in tmp_path.iterdir()] == ["kept.svg"]
    assert path.read_text(encoding="utf-8") == "old"


def test_a_name_that_no_file_can_have_is_named() -> None:
    with pytest.raises(InvalidInput, match="null byte; name another"):
        write_file("a\0.svg", [b""])


# -- folders -----------------------------------------------------------------------------------------------------------

FILES = {"nodes.parquet": b"PAR1", "edges.parquet": b"PAR1"}
"""The files of an export, and what each begins with."""


def parquet(store: str, folder: Path | str, *more: str) -> list[str]:
    """The arguments that write it there."""
    return ["export", *more, "--format", "parquet", "-o", str(folder), "--store", store]


def beginnings(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes()[:4] for path in folder.iterdir()}


def tree_of(folder: Path) -> dict[Path, bytes | None]:
    """Everything below it, files with what is in them."""
    return {path: None if path.is_dir() else path.read_bytes() for path in folder.rglob("*") if not path.is_fifo()}


def one_then(raised: BaseException) -> Iterator[tuple[str, Iterator[bytes]]]:
    """A file, and a second that fails in its middle."""

    def pieces() -> Iterator[bytes]:
        yield b"PAR1"
        raise raised

    yield "nodes.parquet", iter([b"PAR1"])
    yield "edges.parquet", pieces()


def test_a_folder_is_written_through_its_link_replaced_and_keeps_its_mode(store: str, tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(real)
    for _ in range(2):
        assert output(*parquet(store, f"{link}/")) == ""
        assert beginnings(real) == FILES
        real.chmod(0o750)
        (real / "nodes.parquet").write_bytes(b"old")
    assert output(*parquet(store, real)) == ""
    assert beginnings(real) == FILES
    assert real.stat().st_mode & 0o777 == 0o750
    assert link.is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {"real", "link", Path(store).name}


def test_a_new_folder_has_the_rights_of_any_other(store: str, tmp_path: Path) -> None:
    (tmp_path / "any").mkdir()
    assert output(*parquet(store, tmp_path / "new")) == ""
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "any").stat().st_mode
    (tmp_path / "any" / "file").touch()
    assert (tmp_path / "new" / "nodes.parquet").stat().st_mode == (tmp_path / "any" / "file").stat().st_mode


def _with_another_file(folder: Path) -> None:
    folder.mkdir()
    (folder / "nodes.parquet").write_bytes(b"PAR1")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")


def _with_an_empty_folder(folder: Path) -> None:
    (folder / "mine").mkdir(parents=True)


def _with_a_link(folder: Path) -> None:
    folder.mkdir()
    (folder.parent / "elsewhere").write_bytes(b"PAR1")
    (folder / "nodes.parquet").symlink_to(folder.parent / "elsewhere")


def _with_a_folder_called_as_a_file(folder: Path) -> None:
    (folder / "nodes.parquet").mkdir(parents=True)


OTHERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a folder with another file": (_with_another_file, "'notes.txt', which is not of this export"),
    "a folder with an empty folder": (_with_an_empty_folder, "'mine', which is not of this export"),
    "a folder with a link": (_with_a_link, "'nodes.parquet', which is not of this export"),
    "a folder called as a file": (_with_a_folder_called_as_a_file, "'nodes.parquet', which is not of this export"),
    "a file": (Path.touch, "is no folder, which this format needs"),
    "a pipe": (os.mkfifo, "is no folder, which this format needs"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_is_not_of_an_export_is_not_replaced(other: str, store: str, tmp_path: Path) -> None:
    make, message = OTHERS[other]
    make(tmp_path / "there")
    before = tree_of(tmp_path)
    assert message in failure(2, *parquet(store, tmp_path / "there"))
    assert tree_of(tmp_path) == before


@pytest.mark.parametrize("place", ["missing/folder", "pipeline.db/folder", "/proc/folder", "/dev/null", ".", ".."])
def test_a_folder_that_cannot_be_written_is_named(
    place: str, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside" if place.startswith(".") else tmp_path)
    before = tree_of(tmp_path)
    message = failure(2, *parquet(store, place))
    assert place in message
    assert "name a" in message
    assert tree_of(tmp_path) == before


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), TimeoutError("a handler's"), MemoryError()], ids=repr)
@pytest.mark.parametrize("there", [True, False])
def test_a_folder_is_written_whole_or_stays_as_it_was(raised: BaseException, there: bool, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    if there:
        write_folder(str(folder), [("nodes.parquet", [b"old"]), ("edges.parquet", [b"old"])])
    before = tree_of(tmp_path)
    with pytest.raises(type(raised)):
        write_folder(str(folder), one_then(raised))
    assert tree_of(tmp_path) == before


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), OSError(28, "No space left on device")], ids=repr)
def test_a_folder_that_cannot_be_put_in_its_place_leaves_what_was_there(raised: BaseException, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_folder(str(folder), [("nodes.parquet", [b"old"])])
    before = tree_of(tmp_path)
    rename = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if path.name == "made":
            raise raised
        return rename(path, target)

    with mock.patch.object(Path, "rename", failing), pytest.raises((KeyboardInterrupt, InvalidInput)):
        write_folder(str(folder), [("nodes.parquet", [b"new"])])
    assert tree_of(tmp_path) == before


def test_a_process_that_is_killed_in_the_middle_leaves_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_folder(str(folder), [("nodes.parquet", [b"old"])])
    program = (
        "import os, signal, sys\nfrom graphtracker.files import write_folder\n"
        "def pieces():\n    yield b'new'\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_folder(sys.argv[1], [('nodes.parquet', [b'new']), ('edges.parquet', pieces())])"
    )
    done = subprocess.run([sys.executable, "-c", program, folder], check=False)
    assert done.returncode == -signal.SIGKILL
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"nodes.parquet": b"old"}


def test_files_may_lie_in_folders_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    for content in (b"old", b"new"):
        write_folder(str(folder), [("a/b/c.json", [content]), ("d.json", [])])
        assert tree_of(folder) == {
            folder / "a": None, folder / "a/b": None, folder / "a/b/c.json": content, folder / "d.json": b""
        }  # fmt: skip


def test_a_format_of_several_files_goes_to_no_stdout(store: str) -> None:
    for more in ([], ["-o", "-"]):
        message = failure(2, "export", "--format", "parquet", *more, "--store", store)
        assert "parquet is several files" in message
        assert "-o" in message


def test_an_interrupt_in_the_moment_in_which_the_file_is_there_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def opening(*arguments: Any, **options: Any) -> int:
        os.close(opened(*arguments, **options))
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "open", opening)
    with pytest.raises(KeyboardInterrupt):
        write_file(str(tmp_path / "new.dot"), [b"text"])
    assert list(tmp_path.iterdir()) == []
