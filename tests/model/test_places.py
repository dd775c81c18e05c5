"""A path's place: one for all the ways to write it, and none that holds two files."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import combinations
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphtracker.model.places import place_of
from tests.support.hostile import HOSTILE


def working_folder() -> str:
    return "/jobs"


def gone() -> str:
    raise FileNotFoundError(2, "No such file or directory")


def not_asked() -> str:
    raise AssertionError("the working folder has nothing to do with it")


# What is written → its place, by the reason.
LOCAL = {
    "/m.pt": "/m.pt",
    "/": "/",
    "//": "/",
    "//srv/share/m.pt": "/srv/share/m.pt",  # two slashes in front mean nothing here
    "///srv//share///m.pt": "/srv/share/m.pt",
    "/a/": "/a",
    "/a/.": "/a",
    "/a/./b/../c": "/a/c",
    "/../../a": "/a",
    "/a/..": "/",
    "/.cache/..data/...": "/.cache/..data/...",  # names that begin with dots
    "/a b/c\nd?e#f%20g": "/a b/c\nd?e#f%20g",
    "/A/s3://b": "/A/s3:/b",
    "/a\0b/": "/a\0b",
    "/cafe\u0301": "/caf\u00e9",
    "/\u212b": "/\u00c5",
}
RELATIVE = {
    "m.pt": "/jobs/m.pt",
    "./m.pt": "/jobs/m.pt",
    "../m.pt": "/m.pt",
    "../../../m.pt": "/m.pt",
    ".": "/jobs",
    "a//b/": "/jobs/a/b",
    "~/m.pt": "/jobs/~/m.pt",
    "~": "/jobs/~",
    "./-": "/jobs/-",
    "./C:\\x": "/jobs/C:\\x",
    "./s3://b/k": "/jobs/s3:/b/k",
    "./data:x": "/jobs/data:x",
    "model:v1": "/jobs/model:v1",
    "2024-01-01T10:00": "/jobs/2024-01-01T10:00",
    "%41": "/jobs/%41",
    "$HOME/m.pt": "/jobs/$HOME/m.pt",
    " ": "/jobs/ ",
    "://x": "/jobs/:/x",
    "file:m%20n.pt": "/jobs/m n.pt",
    "e\u0301": "/jobs/\u00e9",
}
FILE_URLS = {
    "file:///a/m.pt": "/a/m.pt",
    "FILE:///a/m.pt": "/a/m.pt",
    "file:/a/m.pt": "/a/m.pt",
    "file://localhost/a/m.pt": "/a/m.pt",
    "file://LocalHost/a/m.pt": "/a/m.pt",
    "file:////a//m.pt/": "/a/m.pt",
    "file://": "/",
    "file://localhost": "/",
    "file:///a%20b%2Fc/%2e%2e/d": "/a b/d",
    "file:///100%25%2520": "/100%%20",  # decoded once
    "file:///100%/%zz": "/100%/%zz",
    "file:///a+b": "/a+b",
    "file:///run#1/m?x=1": "/run#1/m?x=1",  # nothing behind a file's name is a query
    "file:///caf%C3%A9": "/caf\u00e9",
    "file:///cafe%CC%81": "/caf\u00e9",
    "file:///%FF%C3": "/\\udcff\\udcc3",
    "file:///a%00b": "/a\0b",
    "file:///C:/x": "/C:/x",
    "file://NAS/a%20b//c/": "file://nas/a%20b/c",
    "file://ada@localhost/a": "file://ada@localhost/a",
}
OBJECTS = {
    "s3://bucket/k": "s3://bucket/k",
    "S3A://Bucket/Key": "s3://bucket/Key",
    "s3n://bucket/k": "s3://bucket/k",
    "s3:/bucket/k": "s3://bucket/k",
    "s3://bucket/k/": "s3://bucket/k",
    "s3://bucket/k///": "s3://bucket/k",
    "s3://bucket/": "s3://bucket",
    "s3://bucket//a/../b/./c": "s3://bucket//a/../b/./c",
    "s3://bucket/a%20b?versionId=X#F": "s3://bucket/a%20b?versionId=X#F",
    "s3://bucket?Q": "s3://bucket?Q",
    "s3://": "s3://",
    "s3:///": "s3://",
    "s3:///Key": "s3:///Key",
    "gs://Bucket/a//b": "gs://bucket/a//b",
    "gcs://bucket/k": "gs://bucket/k",
    "abfss://Container@Account.dfs.core.windows.net/A//b": "abfss://Container@account.dfs.core.windows.net/A//b",
    "az://container/k/": "az://container/k",
    "WASBS://c@a.blob.core.windows.net/k": "wasbs://c@a.blob.core.windows.net/k",
    "oss://b/..": "oss://b/..",
    "s3://b/cafe\u0301": "s3://b/caf\u00e9",
}
URLS = {
    "HTTP://Ada:Secret@Host.Example:80/A/../b//c/?q=1/../2#f/": "http://Ada:Secret@host.example:80/b/c?q=1/../2#f/",
    "https://h/": "https://h",
    "https://h": "https://h",
    "https://H?Q": "https://h?Q",
    "https://h/../..": "https://h",
    "https://[2001:DB8::1]:8080/a": "https://[2001:db8::1]:8080/a",
    "https://B\u00dcCHER.example/B\u00dc": "https://b\u00fccher.example/B\u00dc",
    "http://h/%2e%2E/a%2f": "http://h/%2e%2E/a%2f",
    "hdfs://NameNode:8020/a//b": "hdfs://namenode:8020/a/b",
    "hdfs:///a//b": "hdfs:///a/b",
    "hdfs:///": "hdfs://",
    "dbfs:/a/../b/": "dbfs:/b",
    "dbfs:/": "dbfs:/",
    "runs:/0a1b/model": "runs:/0a1b/model",
    "hf://Qwen/Qwen3//README.md": "hf://Qwen/Qwen3/README.md",
    "hf://datasets/Org/set@main": "hf://datasets/Org/set@main",
    "local_cwd://TorchX/train-x7k": "local_cwd://torchx/train-x7k",
}
AS_WRITTEN = [
    "", "-", "C:\\data\\x", "C:/data//x", "c:/", "\\\\srv\\share", "data:text/plain;base64,AA//BB==", "data:,a/../b",
    "arn:aws:s3:::bucket/k", "urn:uuid:0a1b", "azureml:credit:1", "doi:10.1000/182",
]  # fmt: skip

PLACES = LOCAL | RELATIVE | FILE_URLS | OBJECTS | URLS | dict(zip(AS_WRITTEN, AS_WRITTEN, strict=True))


@pytest.mark.parametrize("path", PLACES)
def test_the_place_of_a_path(path: str) -> None:
    assert place_of(path, working_folder) == PLACES[path]


@pytest.mark.parametrize("path", sorted(PLACES.keys() - RELATIVE.keys()))
def test_only_a_relative_path_asks_for_the_working_folder(path: str) -> None:
    assert place_of(path, not_asked) == PLACES[path]


# -- the working folder ------------------------------------------------------------------------------------------------


def test_one_relative_path_in_two_folders_is_two_places() -> None:
    assert place_of("m.pt", lambda: "/home/ada") == "/home/ada/m.pt"
    assert place_of("m.pt", lambda: "/home/bob") == "/home/bob/m.pt"
    assert place_of("../bob/m.pt", lambda: "/home/ada") == place_of("m.pt", lambda: "/home/bob")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("./a//../m.pt", "m.pt"),
        ("../../a/../m.pt", "../../m.pt"),
        ("a/../..", ".."),
        ("a/..", "."),
        ("./-", "./-"),  # and not what is no file
        ("./s3:/b", "./s3:/b"),
        ("./C:/x", "./C:/x"),
        ("file:C%3A/x", "./C:/x"),
        ("file:file%3A%2525", "./file:%25"),
        ("file:", "."),
        ("/a/../b", "/b"),
        ("s3://b/k", "s3://b/k"),
    ],
)
def test_without_a_working_folder_a_relative_path_is_its_own_place(path: str, place: str) -> None:
    assert place_of(path, gone) == place
    assert place_of(place, gone) == place


def test_a_working_folder_may_be_called_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = os.fsencode(tmp_path) + b"/cafe\xcc\x81 %41 \xff"
    os.mkdir(odd)
    monkeypatch.chdir(os.fsdecode(odd))
    place = place_of("m.pt", os.getcwd)
    assert place == f"{tmp_path}/caf\u00e9 %41 \\udcff/m.pt"
    assert place.encode().decode() == place  # which can be stored
    assert place_of("m.pt", lambda: "/") == "/m.pt"


def test_no_link_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "latest").symlink_to("models")
    monkeypatch.chdir(tmp_path)
    assert place_of("latest/m.pt", os.getcwd) == f"{tmp_path}/latest/m.pt"
    assert place_of("latest/../m.pt", os.getcwd) == f"{tmp_path}/m.pt"


# -- any text ----------------------------------------------------------------------------------------------------------

PIECES = [
    *"/.:~%@?#\\-\0aZ ", "..", "//", "s3:", "s3a://", "gcs:/", "file:", "File://", "localhost", "http://", "dbfs:/",
    "data:", "hf://", "C:", "%2F", "%2e", "%25", "%FF", "e\u0301", "\u0345", "\u0130", "\u03a3", "\u2126", "\u0338",
    "\ud800", "\udcff", "\U0001f600",
]  # fmt: skip
paths = (
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
    | st.text()
    | st.text(st.characters(categories=["Cs", "Lu", "Mn"]))
    | st.sampled_from(sorted(HOSTILE.values()))
)
folders = st.sampled_from([working_folder, gone, lambda: "/", lambda: "/\udcff/e\u0301"])


@given(paths, folders)
@example("\\\ud800", gone)
def test_a_place_is_its_own_place_and_can_be_stored(path: str, folder: Callable[[], str]) -> None:
    place = place_of(path, folder)
    assert place_of(place, folder) == place
    assert place.encode().decode() == place
    assert bool(place) == bool(path)


def test_every_character_has_a_place_wherever_it_stands() -> None:
    for form in ("{}", "/{}", "{0}/{0}", "s3://{0}/{0}", "http://{0}@{0}/{0}?{0}", "file:///{}", "{}:/x", "a{}:/x"):
        for character in map(chr, range(0x3000)):
            place = place_of(form.format(character), working_folder)
            assert place_of(place, not_asked) == place, ascii(character)


parts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1).filter(
    lambda part: part not in (".", "..")
)
files = st.lists(parts, min_size=1, max_size=4).map(lambda names: "/" + "/".join(names))


@given(files, files)
def test_all_ways_to_write_a_file_are_one_place(folder: str, name: str) -> None:
    path = folder + name
    ways = [
        path, f"/{path}", f"{path}/", f"{path}/.", path.replace("/", "//"), path.replace("/", "/./"), f"{path}/x/..",
        PurePosixPath(path).as_uri(), PurePosixPath(path).as_uri().replace("://", ":"), f"file://localhost{path}",
    ]  # fmt: skip
    if "%" in path:
        ways.pop()  # not escaped as it must be
    places = {place_of(way, not_asked) for way in ways}
    assert places | {place_of(f".{name}", lambda: folder)} == {place_of(path, not_asked)}


@given(files.filter(str.isascii))
def test_a_plain_path_is_its_own_place(path: str) -> None:
    assert place_of(path, not_asked) == path == os.path.normpath(path)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("s3://bucket/a//../b", "s3://bucket/a//../b"),
        ("s3://bucket/a/", "s3://bucket/a"),
        ("s3://bucket/a\n", "s3://bucket/a\n"),
        ("s3://ada@Bucket/a", "s3://ada@bucket/a"),
        ("s3:///a", "s3:///a"),
        ("s3://bucket//", "s3://bucket"),
        ("s3://bucket/e\u0301", "s3://bucket/\xe9"),
        ("s3a://bucket/a", "s3://bucket/a"),
    ],
)
def test_what_looks_like_a_plain_url_of_an_object_store_has_the_place_of_its_parts(path: str, place: str) -> None:
    assert place_of(path, not_asked) == place


def test_no_two_places_of_note_are_one() -> None:
    """Ways to write one file are listed with equal places above, and what is not listed so is something else."""
    apart = [
        "/a",
        "/A",
        "/a%20b",
        "/a b",
        "s3://b/a",
        "s3://b//a",
        "s3://b/./a",
        "gs://b/a",
        "http://h/a",
        "a",
        "/-",
        "-",
    ]
    assert [
        pair for pair in combinations(apart, 2) if len({place_of(path, working_folder) for path in pair}) == 1
    ] == []


def test_a_path_may_be_of_any_length() -> None:
    for piece in ("/a", "../", "/.", "%", "%41", "s3://", "file:", "é", "a/./"):
        path = piece * 200_000
        assert place_of(path, working_folder) == place_of(place_of(path, working_folder), not_asked)
