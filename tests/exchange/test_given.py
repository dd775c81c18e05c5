"""A file or folder that cannot be read is refused in one wording, with the way out, by every import."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graphtracker import InvalidInput
from graphtracker.exchange.given import FILE, FILE_OR_FOLDER, FOLDER, given, naming


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file and a pipe."""
    (tmp_path / "file").write_text("text", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


def refusal(name: str, kinds: tuple[str, ...]) -> str:
    with pytest.raises(InvalidInput, match=r"; give another$") as caught:
        given(name, kinds, "give another")
    return str(caught.value).removesuffix("; give another")


def test_what_is_there_is_given(folder: Path) -> None:
    for kinds in (FILE, FILE_OR_FOLDER):
        assert given(str(folder / "file"), kinds, "") == folder / "file"
    for kinds in (FOLDER, FILE_OR_FOLDER):
        assert given(str(folder), kinds, "") == folder


def test_what_is_not_there_or_of_another_kind_is_refused(folder: Path) -> None:
    file, pipe, none = (str(folder / name) for name in ("file", "pipe", "none"))
    assert refusal(none, FILE_OR_FOLDER) == f"there is no file or folder '{none}'"
    assert refusal(f"{file}/below", FILE) == f"there is no file '{file}/below'"
    assert refusal(file, FOLDER) == f"'{file}' is a file, no folder"
    assert refusal(str(folder), FILE) == f"'{folder}' is a folder, no file"
    assert refusal(pipe, FILE_OR_FOLDER) == f"'{pipe}' is a pipe or a device, no file or folder"


def test_a_name_that_is_none_is_refused_and_shown_as_text() -> None:
    assert refusal("a\0b", FILE) == r"'a\u0000b' cannot be read (embedded null byte)"
    assert refusal("a\ud800\x1b", FILE).startswith(r"'a\ud800\u001b' cannot be read (")
    assert refusal("x" * 5000, FILE).endswith("cannot be read (File name too long)")


def test_what_this_user_may_not_read_is_a_matter_of_rights() -> None:
    said = "'rows' may not be read by this user; change its rights"
    with pytest.raises(InvalidInput, match=said), naming("rows", FILE, "give another"):
        raise PermissionError
