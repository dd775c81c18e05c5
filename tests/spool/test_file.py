"""The file that a process appends to, line by line."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from graphtracker import GraphTracker, InvalidInput
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.events import Event
from graphtracker.spool.lines import Header, from_line, header_line, read_header, to_line
from tests.support.hostile import HOSTILE
from tests.support.spools import content, files, lines
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
    assert header["graphtracker.spool"] == 1
    assert header["store"] == str(tmp_path / "store.db")
    assert [{key: value for key, value in event.items() if key != "stamp"} for event in call] == [
        {"run": "train", "key": "lr", "value": 0.1},
        {"run": "train", "artifact": "model", "path": "/m", "metadata": {"size": 3}},
        {"run": "train", "source": "data", "artifact": "rows"},
        {"run": "train", "source": "base", "artifact": None},
    ]
    tracker.add_metadata("train")
    assert [set(event) for event in lines(path)[2]] == [{"run", "stamp"}]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@given(event_sets())
def test_a_line_is_read_back_as_its_events(events: list[Event]) -> None:
    line = to_line(events)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert repr(from_line(line)) == repr(events)


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
    assert len(header_line(header)) == len(header_line(lost))
    assert read_header(header_line(header)) == header
    assert read_header(header_line(lost)).lost == 10**9
    newer = json.dumps({"graphtracker.spool": 2}).encode()
    with pytest.raises(InvalidInput, match="newer graphtracker"):
        read_header(newer)


def test_a_password_is_never_in_a_spool(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", "hidden")
    for url in ("bolt://ada:secret@127.0.0.1:1/graph?connection_timeout=1", "neo4j"):
        monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
        with GraphTracker(url, spool=folder) as tracker:
            monkeypatch.setenv("GRAPHTRACKER_EXIT_TIMEOUT", "0")
            tracker.add_metadata("train")
    texts = [path.read_text() for path in files(folder)]
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
