"""What tells a file's contents from others, and what is no file."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from graphtracker import InvalidInput, file_metadata
from graphtracker.recording import files
from graphtracker.recording.files import NothingThere, Unreadable, contents_of, status_of

EMPTY = hashlib.sha256().hexdigest()


@pytest.mark.parametrize("size", [0, 1, files._CHUNK - 1, files._CHUNK, files._CHUNK + 1, 2 * files._CHUNK + 7])
def test_it_is_the_sha256_and_the_size_of_the_file(size: int, tmp_path: Path) -> None:
    data = os.urandom(size)
    (tmp_path / "file").write_bytes(data)
    found = file_metadata(tmp_path / "file")
    assert found == {"sha256": hashlib.sha256(data).hexdigest(), "size": size}


@pytest.mark.parametrize(
    "name", ["a b", "--sha256", "-", "100%20", "a\nb", "#?&", "nai\u0308ve", "na\u00efve", "C:\\x", "s3:x", "[bold]"]
)
def test_a_file_may_have_any_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(tmp_path, name).write_bytes(b"x")
    for path in (str(tmp_path / name), f"./{name}"):
        assert file_metadata(path)["size"] == 1


def test_the_url_of_a_local_file_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "a b").write_bytes(b"xy")
    assert file_metadata(f"file://{tmp_path}/a%20b")["size"] == 2


def test_a_way_back_goes_through_links_as_open_does(tmp_path: Path) -> None:
    (tmp_path / "far" / "inner").mkdir(parents=True)
    (tmp_path / "far" / "file").write_bytes(b"far")
    (tmp_path / "file").write_bytes(b"near by")
    (tmp_path / "link").symlink_to(tmp_path / "far" / "inner")
    assert file_metadata(f"{tmp_path}/link/../file")["size"] == 3


@pytest.mark.parametrize("path", ["s3://bucket/key", "file://elsewhere/a", "", "-", "hf://a/b", "C:\\x"])
def test_what_is_not_on_this_machine_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput, match="is no path of this machine"):
        file_metadata(path)


def unlinked(path: Path) -> None:
    """Nothing."""


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def below_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_bytes(b"")


@pytest.mark.parametrize("make", [unlinked, dangling, below_a_file])
def test_where_nothing_lies_is_said(make: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "in" / "file"
    path.parent.mkdir()
    make(path)
    with pytest.raises(NothingThere, match="there is no file"):
        contents_of(str(path))
    with pytest.raises(InvalidInput, match="there is no file"):
        file_metadata(path)


def test_a_path_with_a_nul_is_that_of_no_file() -> None:
    with pytest.raises(InvalidInput, match="there is no file"):
        file_metadata("/a\0b")


def fifo(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("make", [fifo, a_socket, device, loop])
def test_what_is_no_file_is_never_opened(
    make: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(Path("odd"))
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("it was opened"))
    for ask in (contents_of, status_of):
        with pytest.raises(Unreadable):
            ask(str(tmp_path / "odd"))


def test_what_became_a_fifo_meanwhile_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").write_bytes(b"x")
    as_a_file = os.stat(tmp_path / "file")
    monkeypatch.setattr(os, "stat", lambda _: as_a_file)
    with pytest.raises(Unreadable, match="no file any more"):
        contents_of(str(tmp_path / "fifo"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(Unreadable, match="Permission denied"):
        contents_of(str(path))


def test_and_so_is_one_of_which_the_system_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "file").write_bytes(b"x")
    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(InvalidInput, match="Permission denied"):
        file_metadata(tmp_path / "file")


def test_a_file_that_grows_while_it_is_read_is_none_to_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)

    class Growing:
        """A digest that adds to the file as soon as some of it has been read."""

        def update(self, _: object) -> None:
            if path.stat().st_size == 100:
                path.write_bytes(b"y" * 101)

    monkeypatch.setattr(hashlib, "sha256", Growing)
    with pytest.raises(InvalidInput, match="it changed while it was read"):
        file_metadata(path)


# -- folders -----------------------------------------------------------------------------------------------------------


def part(text: bytes) -> bytes:
    return len(text).to_bytes(8, "big") + text


def entry(kind: bytes, name: bytes, told: bytes = b"") -> bytes:
    return part(kind) + part(name) + part(told)


def test_a_folder_is_its_entries_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x").write_bytes(b"1")
    (tmp_path / "b.txt").write_bytes(b"23")
    (tmp_path / "empty").mkdir()
    (tmp_path / "to a file").symlink_to("b.txt")
    (tmp_path / "to a folder").symlink_to("b")
    (tmp_path / "to nothing").symlink_to("nowhere")
    one, two = hashlib.sha256(b"1").digest(), hashlib.sha256(b"23").digest()
    entries = [
        entry(b"folder", b"b"),
        entry(b"file", b"b.txt", two),
        entry(b"file", b"b/x", one),
        entry(b"folder", b"empty"),
        entry(b"file", b"to a file", two),
        entry(b"link", b"to a folder", b"b"),
        entry(b"link", b"to nothing", b"nowhere"),
    ]
    assert file_metadata(tmp_path) == {"sha256": hashlib.sha256(b"".join(entries)).hexdigest(), "size": 5}


def test_an_empty_folder_is_no_less_than_an_empty_file(tmp_path: Path) -> None:
    assert file_metadata(tmp_path) == {"sha256": EMPTY, "size": 0}


def a_file_more(folder: Path) -> None:
    (folder / "more").write_bytes(b"")


def other_contents(folder: Path) -> None:
    (folder / "a" / "x").write_bytes(b"2")


def another_name(folder: Path) -> None:
    (folder / "a" / "x").rename(folder / "a" / "y")


def another_place(folder: Path) -> None:
    (folder / "a" / "x").rename(folder / "x")


def a_folder_less(folder: Path) -> None:
    (folder / "empty").rmdir()


@pytest.mark.parametrize("change", [a_file_more, other_contents, another_name, another_place, a_folder_less])
def test_any_change_in_a_folder_is_one_of_its_sha256(change: Callable[[Path], None], tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"1")
    before = file_metadata(tmp_path)["sha256"]
    assert file_metadata(tmp_path)["sha256"] == before
    change(tmp_path)
    assert file_metadata(tmp_path)["sha256"] != before


def test_a_folder_that_links_into_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "up").symlink_to(tmp_path)
    (tmp_path / "in" / "self").symlink_to("self")
    assert file_metadata(tmp_path)["size"] == 0


def test_a_folder_with_a_fifo_in_it_cannot_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "in\n")
    with pytest.raises(InvalidInput, match=r"in\\u000a' in it is neither a file nor a folder"):
        file_metadata(tmp_path)


def test_names_in_a_folder_may_be_no_text(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")).write_bytes(b"x")
    expected = hashlib.sha256(entry(b"file", b"\xff", hashlib.sha256(b"x").digest())).hexdigest()
    assert file_metadata(tmp_path) == {"sha256": expected, "size": 1}


def test_a_folder_of_very_many_folders_in_each_other_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folders = ["/".join(["d"] * depth) for depth in range(1, 1501)]
    for folder in folders:
        os.mkdir(folder)
    try:
        assert file_metadata(tmp_path)["size"] == 0
    finally:
        for folder in reversed(folders):  # what pytest itself would not get rid of
            os.rmdir(folder)
