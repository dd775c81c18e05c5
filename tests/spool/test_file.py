"""The file that a process appends to, line by line."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from graphtracker import GraphTracker, InvalidInput
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.events import Event
from graphtracker.spool.lines import Header, from_line, header_line, read_header, to_line
from tests.support.hostile import HOSTILE
from tests.support.sameness import same
from tests.support.spools import content, files, leave, lines
from tests.support.strategies import event_sets


def test_a_call_is_a_line_on_the_disk_when_it_returns(tmp_path: Path, folder: Path, away: object) -> None:
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)
    assert files(folder) == []
    tracker.record(
        "train",
        metadata={"lr": 0.1},
        artifacts=[TrackerArtifact("model", "/m", {"size": 3})],
        sources=[TrackerSource("data", "rows"), TrackerSource("base", None)],
    )
    [path] = files(folder)
    header, call = lines(path)
    assert header["graphtracker.spool"] == 2
    assert header["store"] == str(tmp_path / "store.db")
    assert [{key: value for key, value in event.items() if key != "stamp"} for event in call] == [
        {"run": "train", "key": "lr", "value": 0.1},
        {"run": "train", "artifact": "model", "path": "/m", "place": "/m", "metadata": {"size": 3}},
        {"run": "train", "source": "data", "artifact": "rows"},
        {"run": "train", "source": "base", "artifact": None},
    ]
    tracker.add_metadata("train")
    assert [set(event) for event in lines(path)[2]] == [{"run", "stamp"}]


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.parametrize("umask", [0o002, 0o022, 0o077], indirect=True)
@pytest.mark.parametrize("how", ["spool", "environment", "store"])
def test_a_folder_that_somebody_named_has_the_rights_of_the_umask(
    tmp_path: Path, umask: int, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = tmp_path / "team"
    team.mkdir()
    team.chmod(0o2770)
    named = team / "lineage.spool"
    monkeypatch.setenv("GRAPHTRACKER_SPOOL", str(named))
    monkeypatch.setenv("GRAPHTRACKER_EXIT_TIMEOUT", "0")
    spools: dict[str, bool | Path] = {"spool": named, "environment": True, "store": False}
    with GraphTracker("bolt://127.0.0.1:1" if spools[how] else named, spool=spools[how]) as tracker:
        tracker.add_metadata("train")
    assert rights(named) == 0o2777 & ~umask
    assert [rights(path) for path in files(named)] == [0o666 & ~umask]


@pytest.mark.parametrize("umask", [0o000], indirect=True)
def test_the_default_folder_is_of_this_user_alone(
    tmp_path: Path, umask: int, monkeypatch: pytest.MonkeyPatch, away: object
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("GRAPHTRACKER_SPOOL", raising=False)
    tracker = GraphTracker(tmp_path / "store.db", spool=True)
    tracker.add_metadata("train")
    folder = tmp_path / "data" / "graphtracker" / "spool"
    assert [rights(folder), *map(rights, files(folder))] == [0o700, 0o600]
    leave(tracker)


@given(event_sets())
def test_a_line_is_read_back_as_its_events(events: list[Event]) -> None:
    line = to_line(events)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert same(from_line(line), events)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"x\n", b"{}\n", b"[1]\n", b'[{"run": "a"}]\n', b'[{"run": "a", "stamp": "00"}]\n', b"\xff\n", b"[" * 9999,
        b'[{"run": "", "stamp": "' + b"00" * 20 + b'"}]\n', b'[{"run": 1, "stamp": "' + b"00" * 20 + b'"}]\n',
        b'[{"run": "a", "key": "k", "value": {"$type": "x"}, "stamp": "' + b"00" * 20 + b'"}]\n',
    ],
)  # fmt: skip
def test_a_line_that_holds_no_events_is_refused(line: bytes) -> None:
    with pytest.raises(InvalidInput):
        from_line(line)


def test_a_header_is_as_long_whatever_was_lost() -> None:
    header = Header("neo4j://ada@host/neo4j", "host", 7, "2026-11-25T00:00:00+00:00")
    lost = replace(header, lost=10**9, reason="\x1b\"'é" * 500)
    for reason in ("\x1b", '"', "\U0001f600"):
        assert len(header_line(header)) == len(header_line(replace(lost, reason=reason * 500)))
    assert b"\\u001b" in header_line(lost)
    assert read_header(header_line(header)) == header
    assert read_header(header_line(lost)).lost == 10**9
    newer = json.dumps({"graphtracker.spool": 3}).encode()
    with pytest.raises(InvalidInput, match="newer graphtracker"):
        read_header(newer)


def test_a_password_is_never_in_a_spool(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", "hidden")
    for url in ("bolt://ada:secret@127.0.0.1:1/graph?connection_timeout=1", "neo4j"):
        monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
        with GraphTracker(url, spool=folder) as tracker:
            monkeypatch.setenv("GRAPHTRACKER_EXIT_TIMEOUT", "0")
            tracker.add_metadata("train")
    texts = [path.read_text(encoding="utf-8") for path in files(folder)]
    assert len(texts) == 2
    assert not any("secret" in text or "hidden" in text for text in texts)
    assert {json.loads(text.splitlines()[0])["store"] for text in texts} == {
        "bolt://ada@127.0.0.1:1/graph",
        "bolt://127.0.0.1:1/neo4j",
    }


def test_hostile_text_goes_through(tmp_path: Path, folder: Path) -> None:
    with GraphTracker(tmp_path / "direct.db") as direct, GraphTracker(tmp_path / "store.db", spool=folder) as spooled:
        for tracker in (direct, spooled):
            for text in HOSTILE.values():
                tracker.add_source(text, text[::-1], text)
                tracker.add_artifact(text, text, text, {text: text})
    with GraphTracker(tmp_path / "direct.db") as direct, GraphTracker(tmp_path / "store.db") as spooled:
        assert content(direct.graph()) == content(spooled.graph())
