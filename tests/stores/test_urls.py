"""Which file a URL names."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from graphtracker import (
    GraphTracker,
    InvalidInput,
)
from graphtracker.stores.neo4j.url import neo4j_url
from graphtracker.stores.urls import parse
from tests.support.sqlite_files import content, limited
from tests.support.tools import run

URLS = {
    "lineage.db": "lineage.db",
    "sub/lineage.db": "sub/lineage.db",
    "sub/../lineage.db": "lineage.db",
    "sqlite:///lineage.db": "lineage.db",
    "sqlite:///sub/lineage.db": "sub/lineage.db",
    "SQLite:///lineage.db": "lineage.db",
    "sqlite:///a%20b%3F%23%25.db": "a b?#%.db",
    "sqlite:///lineage.db?timeout=5": "lineage.db",
    "sqlite:///lineage.db?synchronous=full&timeout=0.5": "lineage.db",
    "~/lineage.db": "home/lineage.db",
    "sqlite:///~/lineage.db": "home/lineage.db",
}


PLAIN_PATHS = [
    "why?.db", "why?timeout=abc", "a#b.db", "a%20b.db", "100%.db", "a b.db", " a.db ", "it's.db", 'say "hi".db',
    "two\nlines.db", "tab\t.db", "naïve.db", "日本.db", "🦜.db", "a&b=c;d.db", "-dash", "c:d.db", "file:a.db",
    "[x]*.db", "$HOME.db", "back\\slash.db", "noending", ".hidden", "wide\u2028line.db",
]  # fmt: skip


def names(url: str | os.PathLike[str], path: Path, folder: Path) -> None:
    """Asserts that recording to the URL makes this file and nothing else."""
    before = set(content(folder))
    with GraphTracker(url) as tracker:
        tracker.add_metadata("run")
    assert set(content(folder)) - before == {str(path.relative_to(folder))}
    with GraphTracker(url) as tracker:
        assert tracker.run_ids() == ["run"]


@pytest.mark.parametrize("url", URLS)
def test_a_url_names_a_file(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "home").mkdir()
    names(url, tmp_path / URLS[url], tmp_path)


ANY_TEXT_IS_A_PATH = sys.getfilesystemencoding() == "utf-8"


@pytest.mark.parametrize("name", [name for name in PLAIN_PATHS if ANY_TEXT_IS_A_PATH or name.isascii()])
def test_a_plain_path_is_taken_as_it_is(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names(name, tmp_path / name, tmp_path)
    (tmp_path / name).unlink()
    names(tmp_path / name, tmp_path / name, tmp_path)


def test_a_path_that_the_locale_cannot_say_is_a_store_error(tmp_path: Path) -> None:
    program = """
from graphtracker import GraphTracker, StoreError
for verb in ("add_metadata", "lineage"):
    try:
        getattr(GraphTracker("na\\u00efve.db"), verb)("run")
    except StoreError as error:
        print(error)
"""
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "utf-8"}
    told = run(tmp_path, "python", "-c", program, env=plain).stdout.splitlines()
    assert len(told) == 2
    assert all("'naïve.db' has a name that is no path in this locale's encoding (ascii)" in line for line in told)
    assert content(tmp_path) == {}


def test_a_url_may_be_absolute(tmp_path: Path) -> None:
    assert str(tmp_path).startswith("/")
    names(f"sqlite:///{tmp_path}/lineage.db", tmp_path / "lineage.db", tmp_path)


def test_a_relative_path_stays_where_it_was_when_the_process_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tracker = GraphTracker("lineage.db")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with tracker:
        tracker.add_metadata("run")
    assert set(content(tmp_path)) == {"elsewhere", "lineage.db"}


@pytest.mark.parametrize("url", [":memory:", "sqlite:///:memory:"])
def test_memory_leaves_no_file_and_belongs_to_its_tracker(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with GraphTracker(url) as tracker, GraphTracker(url) as other:
        tracker.add_metadata("run")
        assert (tracker.run_ids(), other.run_ids()) == (["run"], [])
    assert content(tmp_path) == {}


@pytest.mark.parametrize(("option", "level"), [("", 1), ("?synchronous=NORMAL", 1), ("?synchronous=FULL", 2)])
def test_synchronous_is_an_option(option: str, level: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[sqlite3.Connection] = []
    limited(monkeypatch, opened.append)
    with GraphTracker(f"sqlite:///{tmp_path}/lineage.db{option}") as tracker:
        tracker.add_metadata("run")
        assert [connection.execute("PRAGMA synchronous").fetchone() for connection in opened] == [(level,)]


REFUSED = {
    "": "give a path",
    "\0": "give a path",
    "sqlite:///lineage.db?mode=ro": "timeout and synchronous",
    "sqlite:///lineage.db?timeout=abc": "must be seconds",
    "sqlite:///lineage.db?timeout=": "must be seconds",
    "sqlite:///lineage.db?timeout=nan": "must be seconds",
    "sqlite:///lineage.db?timeout=inf": "must be seconds",
    "sqlite:///lineage.db?timeout=-1": "must be seconds",
    "sqlite:///lineage.db?synchronous=OFF": "use NORMAL or FULL",
    "sqlite://lineage.db": "sqlite:///",
    "mysql://host/lineage": "give a path",
    "http://host/lineage.db": "give a path",
    '"lineage.db"': "write it without them: lineage.db",
    "'/data/lineage.db'": "write it without them: /data/lineage.db",
    '"sqlite:///lineage.db"': "write it without them: sqlite:///lineage.db",
    "'neo4j://localhost'": "write it without them: neo4j://localhost",
    '""': "write it without them",
}


@pytest.mark.parametrize("url", REFUSED)
def test_a_url_that_names_no_store_is_invalid_input_that_says_what_would(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        GraphTracker(url)
    assert REFUSED[url] in str(caught.value)


@pytest.mark.parametrize(("name", "url"), [("GRAPHTRACKER_URL", None), ("NEO4J_URI", "neo4j")])
def test_a_variable_in_quotes_is_refused(name: str, url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "'bolt://ada:secret@h'")
    with (
        pytest.raises(InvalidInput, match=r"write it without them: bolt://ada:\*\*\*@h$"),
        GraphTracker(url) as tracker,
    ):
        tracker.run_ids()


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_variable_of_neo4js_has_no_line_break_at_its_end(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"URI": "bolt://h", "USERNAME": "ada", "PASSWORD": " secret ", "DATABASE": "db"}.items():
        monkeypatch.setenv(f"NEO4J_{name}", value + ending)
    found = neo4j_url(parse("neo4j"))
    assert (found.address, found.username, found.password, found.database) == ("bolt://h", "ada", " secret ", "db")


@pytest.mark.parametrize("url", [5, b"lineage.db", ["lineage.db"], "lone\ud800.db"])
def test_what_is_no_text_is_invalid_input(url: Any) -> None:
    with pytest.raises(InvalidInput):
        GraphTracker(url)


@pytest.mark.parametrize(
    "url",
    [
        "neo4j+s://ada:secret@h:7687/db?timeout=abc",
        "neo4j://ada:secret@",
        "bolt://ada:secret:with/any?char#acter@h:port",
        "mysql://ada:secret@h/lineage",
        "sqlite://ada:secret@h/lineage.db",
        "sqlite:///lineage.db?password=secret",
        "sqlite:///lineage.db?timeout=abc&token=secret",
        "neo4j://ada:secret@h\0",
        "'neo4j://ada:secret@h'",
        '"neo4j://ada:secret@h"',
        "neo4j://ada:secret@h\ud800",
    ],
)
def test_no_password_is_shown(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        GraphTracker(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["neo4j://ada:secret@h", "bolt://ada:secret:with/any?char#acter@h"])
def test_no_password_is_shown_of_a_store_that_is_not_opened(url: str) -> None:
    tracker = GraphTracker(url)
    assert "secret" not in f"{tracker!r} {tracker.url} {vars(tracker._recorder.store)}"


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///", "sqlite:///?timeout=3", "sqlite:a.db"])
def test_a_url_without_a_file_is_refused_and_nothing_is_lost_in_memory(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"lineage\.db"):
        GraphTracker(url)


def test_the_url_of_a_tracker_is_printable() -> None:
    assert repr(GraphTracker("two\nlines\x1b[31m.db")) == r"<GraphTracker on two\u000alines\u001b[31m.db>"
