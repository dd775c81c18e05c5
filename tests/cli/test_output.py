"""What people see on a terminal: lines that fit it, in its own colours, in the order in which they were written."""

from __future__ import annotations

import re
import shlex
import unicodedata
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.hostile import HOSTILE, obeyed, record
from tests.support.recording import remember
from tests.support.six_jobs import START, record_six_jobs
from tests.support.terminal import MARK, STYLE, cells, on_a_terminal, plain
from tests.support.tools import run

COLUMNS = [80, 200]


@pytest.fixture
def store(tmp_path: Path) -> str:
    path = tmp_path / "jobs.db"
    with GraphTracker(path) as tracker:
        record_six_jobs(tracker)
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
        assert whole.partition("  named ")[0] == line or cells(line) <= columns or line == whole
    assert any(line.strip().startswith("s3://bucket/" + "a-folder/" * 30) for line in lines)
    assert any("  /models/weights.pt  sha=" in line for line in lines)


@pytest.mark.parametrize("columns", COLUMNS)
def test_a_list_of_runs_is_a_line_a_run(store: str, tmp_path: Path, columns: int) -> None:
    lines = [plain(line) for line in shown(tmp_path, store, "runs", columns=columns)]
    assert max(map(cells, lines)) <= columns
    assert len(lines) == len(run(tmp_path, "graphtracker", "--store", store, "runs").stdout.splitlines())


@pytest.mark.parametrize("columns", [1, 10, 30])
def test_a_terminal_of_hardly_any_columns_is_no_error(store: str, tmp_path: Path, columns: int) -> None:
    for words in (["lineage", START], ["show", START], ["runs"]):
        assert shown(tmp_path, store, *words, columns=columns)


@pytest.mark.parametrize(
    ("words", "headings"),
    [(["lineage"], ["fine-tune-h8rc", "came from:", "made:"]), (["show"], [START]), (["lineage", "--all"], None)],
)
def test_headings_are_bold_notes_dim_failures_red_and_nothing_is_styled_elsewhere(
    store: str, tmp_path: Path, words: list[str], headings: list[str] | None
) -> None:
    asked = ["graphtracker", "--store", store, *words, START]
    remember(store, START, status="failed: MemoryError")
    seen = on_a_terminal(tmp_path, *asked)
    assert set(STYLE.findall(seen)) == {"1", "2", "31", "0"}  # readable on a dark ground as on a light one
    bold = [line for line in seen.splitlines() if line.startswith("\x1b[1m")]
    assert headings is None or [re.sub(r" \[failed\]", "", plain(line)) for line in bold] == headings
    red = re.findall(r"\x1b\[31m(.*?)\x1b\[0m", seen)
    assert red == ([" [failed]"] if words[0] == "lineage" else ["failed: MemoryError"])
    assert "\x1b" not in on_a_terminal(tmp_path, *asked, term="dumb")
    assert "\x1b" not in on_a_terminal(tmp_path, "env", "NO_COLOR=1", *asked)
    assert "\x1b" not in run(tmp_path, *asked).stdout


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
        seen = STYLE.sub("", on_a_terminal(tmp_path, "graphtracker", "--store", store, *words))
        assert words == ["runs"] or seen.replace(MARK, "") == piped
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
    seen = on_a_terminal(tmp_path, "graphtracker", "--store", store, "lineage", "start", "--all")
    assert obeyed(plain(seen)) == []
    assert len(seen.splitlines()) == 2 + len(HOSTILE)


def test_ten_thousand_runs_are_a_tree_on_a_terminal(tmp_path: Path) -> None:
    store = str(tmp_path / "chain.db")
    with GraphTracker(store) as tracker:
        with tracker.batch() as batch:
            for number in range(1, 10_000):
                batch.add_source(f"run-{number}", f"run-{number - 1}", "漢字")
        whole = tracker.lineage("run-5000").tree(everything=True).splitlines()
    lines = shown(tmp_path, store, "lineage", "run-5000", "--all", columns=80)
    assert len(lines) == len(whole) == 10_002
    assert max(cells(plain(line)) for line in lines) <= 80


@pytest.mark.parametrize("count", [5, 100])
def test_many_runs_are_paged_on_a_terminal_and_only_there(tmp_path: Path, count: int) -> None:
    store = str(tmp_path / "store.db")
    with GraphTracker(store) as tracker, tracker.batch() as batch:
        for number in range(count):
            batch.add_metadata(f"run-{number}\x1b[31m", lr=number)
    names = [f"run-{number}\\u001b[31m" for number in reversed(range(count))]
    piped = run(tmp_path, "graphtracker", "runs", "--store", store).stdout
    assert [line.split("\t")[0] for line in piped.splitlines()] == ["name", *names]
    shown = on_a_terminal(tmp_path, "graphtracker", "runs", "--store", store)
    mark, bold = ("paged:", set()) if count > 24 else ("", {"1", "0"})
    assert [plain(line).split()[0] for line in shown.splitlines()] == [f"{mark}{name}" for name in ["name", *names]]
    assert set(STYLE.findall(shown)) == bold


# -- the table of runs -------------------------------------------------------------------------------------------------


@pytest.fixture
def sweep(tmp_path: Path) -> str:
    """A store of twelve trainings that differ in two keys, an hour apart, the newest as old as it takes to look."""
    path = str(tmp_path / "sweep.db")
    now = datetime.now(timezone.utc)
    with GraphTracker(path) as tracker:
        for hour in range(12):
            metadata = {"lr": 0.1 / 3**hour, "config": {"optim": {"name": "adam" if hour % 2 else "sgd"}}, "epochs": 10}
            tracker.record(f"local_cwd://torchx/train-x{hour}", metadata=metadata, at=now - timedelta(hours=hour))
    return path


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_a_sweep_shows_what_its_trainings_differ_in(sweep: str, tmp_path: Path, columns: int) -> None:
    lines = [plain(line) for line in shown(tmp_path, sweep, "runs", columns=columns)]
    assert lines[0].split() == ["name", "age", "config.optim.name", "lr"]
    assert [line.split()[0] for line in lines[1:]] == [f"train-x{hour}" for hour in range(12)]
    assert lines[4].split()[1:3] == ["3", "h"]
    assert [line.split()[-2] for line in lines[1:]] == ["sgd", "adam"] * 6
    assert max(map(cells, lines)) <= columns


def test_the_age_is_that_of_the_time_that_is_asked_about(sweep: str, tmp_path: Path) -> None:
    lines = shown(tmp_path, sweep, "runs", "--as-of", "6h", columns=80)
    assert [plain(line).split()[1:3] for line in lines if "train-x8" in line] == [["2", "h"]]


def test_a_status_and_what_was_updated_since_have_columns_where_there_is_any(sweep: str, tmp_path: Path) -> None:
    assert "status" not in shown(tmp_path, sweep, "runs", columns=80)[0]
    remember(sweep, "local_cwd://torchx/train-x3", status="failed: RuntimeError")
    assert "status" in shown(tmp_path, sweep, "runs", columns=80)[0]
    asked = ["runs", "--as-of", "2h", "--limit", "3"]
    titles, *lines = [plain(line) for line in shown(tmp_path, sweep, *asked, columns=80)]
    assert titles.split()[:3] == ["name", "age", "updated"]
    assert [line.split()[0] for line in lines if "since then" in line] == ["train-x3"]


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_what_finds_no_room_is_said_and_may_be_chosen(store: str, tmp_path: Path, columns: int) -> None:
    everything = run(tmp_path, "graphtracker", "runs", "--store", store).stdout.splitlines()[0].split("\t")[3:]
    there, said = on_a_terminal_with_messages(tmp_path, "graphtracker", "runs", "--store", store, columns=columns)
    left = len(everything) - len(re.split("  +", plain(there.splitlines()[0]))) + 2
    told = re.search("no room for (.*): --columns chooses", said)
    assert (told is not None) == (left > 0)
    if told is not None:
        names = told[1].split(", ")
        assert len(names) == min(left, 10) + (left > 10)
        chosen = shown(tmp_path, store, "runs", "--columns", "lr", columns=columns)
        assert plain(chosen[0]).split() == ["name", "age", "lr"]


def on_a_terminal_with_messages(folder: Path, *command: str, columns: int) -> tuple[str, str]:
    """What a command writes to a terminal, and what it says beside that."""
    messages = folder / "messages"
    script = f"{shlex.join(command)} 2> {shlex.quote(str(messages))}"
    return on_a_terminal(folder, "sh", "-c", script, columns=columns), messages.read_text(encoding="utf-8")


def test_nothing_breaks_the_table_or_is_obeyed(tmp_path: Path) -> None:
    store = str(tmp_path / "hostile.db")
    with GraphTracker(store) as tracker, tracker.batch() as batch:
        for text in HOSTILE.values():
            record(batch, text)
    seen = on_a_terminal(tmp_path, "graphtracker", "--store", store, "runs", "--columns", "key", columns=100)
    assert obeyed(plain(seen).replace("paged:", "")) == []
    assert len(seen.splitlines()) == 2 + len(HOSTILE)
    assert "[red]" in seen
