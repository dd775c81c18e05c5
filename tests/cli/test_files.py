"""A file is written whole or not at all, and stays what it is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from graphtracker.errors import InvalidInput
from graphtracker.files import write_file
from tests.support.command import failure, output
from tests.support.small_pipeline import LARGE


def test_a_file_is_written_through_its_link_and_keeps_its_mode(store: str, tmp_path: Path) -> None:
    real, link = tmp_path / "real.dot", tmp_path / "link.dot"
    real.write_text("old", encoding="utf-8")
    real.chmod(0o600)
    link.symlink_to(real)
    assert output("export", "--store", store, "-o", str(link)) == ""
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8").startswith("digraph")
    assert real.stat().st_mode & 0o777 == 0o600


def test_a_pipe_is_written_to_and_stays_one(store: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    assert output("export", "--store", store, "--format", "dot", "-o", str(pipe)) == ""
    assert reader.communicate(timeout=60)[0].startswith(b"digraph")
    assert pipe.is_fifo()


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
