"""What waits in this user's spools, for ``graphtracker doctor``."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.errors import StoreError
from graphtracker.model.events import Forgotten, Reported, SourceNamed, stamps
from graphtracker.spool.file import SpoolFile
from graphtracker.spool.lines import to_line
from graphtracker.spool.waiting import WaitingSpool, waiting_spools


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRAPHTRACKER_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "spool").mkdir()
    return tmp_path / "spool"


def waiting() -> list[WaitingSpool | StoreError]:
    return list(waiting_spools())


def test_a_spool_of_a_living_process_waits_and_nothing_is_wrong_with_it(folder: Path) -> None:
    file = SpoolFile(str(folder), "lineage.db")
    file.append(to_line([Reported("train", *stamps(1))]))
    (found,) = waiting()
    assert isinstance(found, WaitingSpool)
    assert (found.path, found.store, found.events, found.doubt, list(found.wrong)) == (
        file.path, "lineage.db", 1, "its process still runs", []
    )  # fmt: skip
    assert found.size == Path(file.path).stat().st_size
    file.forget()
    assert [spool.doubt for spool in waiting() if isinstance(spool, WaitingSpool)] == [None]


def test_damage_and_losses_are_told(folder: Path) -> None:
    file = SpoolFile(str(folder), "lineage.db")
    file.append(to_line([Reported("train", *stamps(1))]))
    file.append(b"not JSON\n")
    file.tell_lost(3, "the disk was full")
    (found,) = waiting()
    assert isinstance(found, WaitingSpool)
    assert [line.partition(":")[0] for line in found.wrong] == ["line 3 is damaged", "its process lost 3 events"]
    file.forget()


def test_what_a_store_has_forgotten_and_a_spool_still_holds_is_told(folder: Path, tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        for run_id in ("values", "all", "kept", "elsewhere"):
            tracker.add_metadata(run_id, secret=1)
        tracker.forget(["values"], links=False)
        tracker.forget(["all", "elsewhere"])
        other = tmp_path / "other.db"
        GraphTracker(other).copy_from(tracker)
    file = SpoolFile(str(folder), str(tmp_path / "lineage.db"))
    file.append(to_line([Reported(run_id, *stamps(1)) for run_id in ("values", "kept", "all", "new")]))
    file.append(to_line([SourceNamed("kept", "elsewhere", None, *stamps(1)), Forgotten("elsewhere", True, *stamps(1))]))
    [found] = waiting_spools(str(tmp_path / "lineage.db"))
    assert isinstance(found, WaitingSpool)
    assert found.forgotten == ("all", "values")
    for another in (None, str(other)):  # which has forgotten the same, but is not where the spool goes
        [found] = waiting_spools(another)
        assert isinstance(found, WaitingSpool)
        assert found.forgotten == ()
    file.forget()


def test_what_is_no_spool_is_an_error_among_them(folder: Path) -> None:
    (folder / "other.jsonl").write_text("not a spool\n", encoding="utf-8")
    (found,) = waiting()
    assert isinstance(found, StoreError)
    assert "other.jsonl" in str(found)
