"""`browse` saves what Neo4j Browser takes where it is told to, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from zipfile import is_zipfile

import pytest

from tests.support.command import command, failure


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, in which there is nothing."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("what", ["--style", "--queries"])
def test_no_name_is_no_file(what: str, folder: Path) -> None:
    assert "-o names no file" in failure(2, "browse", what, "-o", "")
    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", ["all.zip", "ALL.ZIP"])
def test_the_suffix_of_an_archive_is_known_however_it_is_written(name: str, folder: Path) -> None:
    assert command("browse", "--queries", "-o", name).code == 0
    assert [path.name for path in folder.iterdir()] == [name]
    assert is_zipfile(folder / name)


def test_an_address_is_printed_and_not_saved(folder: Path) -> None:
    assert "--style or --queries" in failure(2, "browse", "-o", "address.txt")
    assert not list(folder.iterdir())
