"""What people see on a terminal: lines that fit it, in its own colours, in the order in which they were written."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.cli.demo_pipeline import START, record_demo
from graphtracker.cli.tree import tree
from tests.support.hostile import HOSTILE, obeyed
from tests.support.tools import environment, run

COLUMNS = [80, 200]
MARK = "\u200e"
_STYLE = re.compile(r"\x1b\[([0-9;]*)m")


def on_a_terminal(folder: Path, *command: str, columns: int = 80, term: str = "xterm") -> str:
    """What a command writes to a terminal of 24 lines, with a pager that marks what it was given."""
    ours, theirs = pty.openpty()
    size = {"LINES": "24", "COLUMNS": str(columns)}
    surroundings = environment(folder, {"PAGER": "sed s/^/paged:/", "TERM": term, **size})
    program = shutil.which(command[0], path=surroundings["PATH"]) or command[0]
    process = subprocess.Popen([program, *command[1:]], stdin=theirs, stdout=theirs, cwd=folder, env=surroundings)
    os.close(theirs)
    written = b""
    with suppress(OSError):  # how the end of a terminal is told
        while piece := os.read(ours, 65536):
            written += piece
    os.close(ours)
    assert process.wait(60) == 0
    return written.decode().replace("\r\n", "\n")


def plain(text: str) -> str:
    """The text without styles and marks: what a pipe is given."""
    return _STYLE.sub("", text).replace(MARK, "")


def cells(line: str) -> int:
    """Columns that a terminal gives to a line, by Unicode's own tables (UAX 11); none to what combines or joins."""
    none = {"Mn", "Me", "Cf"}
    wide = [1 + (unicodedata.east_asian_width(c) in "WF") for c in line if unicodedata.category(c) not in none]
    return sum(wide)


@pytest.fixture
def store(tmp_path: Path) -> str:
    path = tmp_path / "demo.db"
    with GraphTracker(path) as tracker:
        record_demo(tracker)
        long = "s3://bucket/" + "a-folder/" * 30
        for name in "abcd":
            tracker.add_source(START, long, f"{name}-file-" * 30 + ".csv")
        tracker.add_metadata(START, note="n" * 500, **{"漢字" * 8: "かな" * 100})
        tracker.add_artifact(START, "weights", "/models/weights.pt", {"sha": "f" * 300})
    return str(path)


def shown(tmp_path: Path, store: str, *words: str, columns: int) -> list[str]:
    return on_a_terminal(tmp_path, "graphtracker", "--store", store, *words, columns=columns).splitlines()


@pytest.mark.parametrize("columns", COLUMNS)
def test_a_tree_keeps_its_branches_on_a_narrow_terminal(store: str, tmp_path: Path, columns: int) -> None:
    lines = [plain(line) for line in shown(tmp_path, store, "lineage", START, columns=columns)]
    piped = run(tmp_path, "graphtracker", "--store", store, "lineage", START).stdout.splitlines()
    assert max(map(cells, lines)) <= columns < max(map(cells, piped))
    assert len(lines) == len(piped)
    for line, whole in zip(lines, piped, strict=True):
        assert line == whole or "…" in line
        if "…" in line:
            begin, end = line.split("…", 1)[0], line.rsplit("…", 1)[1]
            assert whole.startswith(begin)
            assert whole.endswith(end)
    assert sum("[external]" in line for line in lines) == sum("[external]" in line for line in piped)


@pytest.mark.parametrize("columns", COLUMNS)
def test_a_card_keeps_ids_and_paths_whole_and_shortens_values(store: str, tmp_path: Path, columns: int) -> None:
    lines = [plain(line) for line in shown(tmp_path, store, "show", START, columns=columns)]
    piped = run(tmp_path, "graphtracker", "--store", store, "show", START).stdout.splitlines()
    assert len(lines) == len(piped)
    note = next(line for line in lines if line.startswith("    note = "))
    assert cells(note) == min(columns, len("    note = ") + 200)
    wide = next(line for line in lines if line.startswith("    漢字"))
    assert cells(wide) <= columns
    for line, whole in zip(lines, piped, strict=True):
        assert line == whole or cells(line) <= columns
    assert any(line.strip().startswith("s3://bucket/" + "a-folder/" * 30) for line in lines)
    assert any("  /models/weights.pt  sha=" in line for line in lines)


@pytest.mark.parametrize("columns", COLUMNS)
def test_a_list_of_runs_is_a_line_a_run(store: str, tmp_path: Path, columns: int) -> None:
    lines = shown(tmp_path, store, "runs", columns=columns)
    assert max(map(cells, lines)) <= columns
    assert len(lines) == len(run(tmp_path, "graphtracker", "--store", store, "runs").stdout.splitlines())


@pytest.mark.parametrize("columns", [1, 10, 30])
def test_a_terminal_of_hardly_any_columns_is_no_error(store: str, tmp_path: Path, columns: int) -> None:
    for words in (["lineage", START], ["show", START], ["runs"]):
        assert shown(tmp_path, store, *words, columns=columns)


@pytest.mark.parametrize("words", [["lineage", START], ["show", START]], ids=["lineage", "show"])
def test_headings_are_bold_in_the_terminals_own_colours_and_nothing_is_styled_elsewhere(
    store: str, tmp_path: Path, words: list[str]
) -> None:
    seen = on_a_terminal(tmp_path, "graphtracker", "--store", store, *words)
    assert set(_STYLE.findall(seen)) == {"1", "0"}  # readable on a dark ground as on a light one
    bold = [line for line in seen.splitlines() if line.startswith("\x1b[1m")]
    assert [plain(line) for line in bold] == (
        ["fine-tune-h8rc", "came from:", "made:"] if words[0] == "lineage" else [START]
    )
    assert "\x1b" not in on_a_terminal(tmp_path, "graphtracker", "--store", store, *words, term="dumb")
    assert "\x1b" not in run(tmp_path, "graphtracker", "--store", store, *words).stdout


def test_words_from_right_to_left_leave_arrows_and_commas_where_they_are(tmp_path: Path) -> None:
    store = str(tmp_path / "rtl.db")
    hebrew, arabic = HOSTILE["right to left"], HOSTILE["arabic"]
    with GraphTracker(store) as tracker:
        tracker.add_metadata(hebrew, **{arabic: hebrew})
        tracker.add_source(arabic, hebrew, arabic)
        tracker.add_source(arabic, hebrew, hebrew)
    for words in (["lineage", hebrew], ["show", hebrew], ["runs"]):
        piped = run(tmp_path, "graphtracker", "--store", store, *words).stdout
        assert MARK not in piped
        seen = _STYLE.sub("", on_a_terminal(tmp_path, "graphtracker", "--store", store, *words))
        assert seen.replace(MARK, "") == piped
        # The bidirectional algorithm (UAX 9) turns neutrals between two right-to-left words, unless a mark parts them.
        kinds = [unicodedata.bidirectional(character) for character in seen.replace(MARK, "L")]
        for place, kind in enumerate(kinds):
            if kind in ("R", "AL") and kinds[place + 1] not in ("R", "AL"):
                after = next(later for later in kinds[place + 1 :] if later in ("L", "R", "AL", "B"))
                assert after in ("L", "B") or seen.replace(MARK, "L")[place + 1] == " "


def test_hostile_ids_show_alike_on_a_terminal(tmp_path: Path) -> None:
    store = str(tmp_path / "hostile.db")
    with GraphTracker(store) as tracker, tracker.batch() as batch:
        for text in HOSTILE.values():
            batch.add_source("start", text, text)
    seen = on_a_terminal(tmp_path, "graphtracker", "--store", store, "lineage", "start")
    assert obeyed(plain(seen)) == []
    assert len(seen.splitlines()) == 2 + len(HOSTILE)


def test_ten_thousand_runs_are_a_tree_on_a_terminal(tmp_path: Path) -> None:
    store = str(tmp_path / "chain.db")
    with GraphTracker(store) as tracker:
        with tracker.batch() as batch:
            for number in range(1, 10_000):
                batch.add_source(f"run-{number}", f"run-{number - 1}", "漢字")
        whole = list(tree(tracker.lineage("run-5000")))
    lines = shown(tmp_path, store, "lineage", "run-5000", columns=80)
    assert len(lines) == len(whole) == 10_002
    assert max(cells(plain(line)) for line in lines) <= 80


@pytest.mark.parametrize("count", [5, 100])
def test_many_runs_are_paged_on_a_terminal_and_only_there(tmp_path: Path, count: int) -> None:
    store = str(tmp_path / "store.db")
    with GraphTracker(store) as tracker, tracker.batch() as batch:
        for number in range(count):
            batch.add_metadata(f"run-{number}\x1b[31m", lr=number)
    piped = run(tmp_path, "graphtracker", "runs", "--store", store).stdout
    assert len(piped.splitlines()) == count
    shown = on_a_terminal(tmp_path, "graphtracker", "runs", "--store", store)
    paged = "".join(f"paged:{line}\n" for line in piped.splitlines())
    assert shown == (paged if count > 24 else piped)
