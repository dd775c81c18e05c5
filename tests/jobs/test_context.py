"""What a run is remembered by without being told."""

from __future__ import annotations

import functools
import json
import os
import pwd
import shlex
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from graphtracker.jobs import context
from graphtracker.jobs.context import ended, process_started, started
from graphtracker.model.context import KEYS, checked_context

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)

SAY = """\
import json
from datetime import datetime, timezone
from graphtracker.jobs.context import started
print(json.dumps(started(datetime.now(timezone.utc)), default=str))
"""


def said(folder: Path, *command: str) -> dict[str, object]:
    """What a program says that is started so."""
    done = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, check=True, text=True)
    known: dict[str, object] = json.loads(done.stdout)
    return known


def test_it_has_the_closed_keys_in_their_order() -> None:
    known = started(NOW)
    assert checked_context(known) == known
    assert list(known) == [key for key in KEYS if key in known]
    assert {"host", "directory", "command", "python", "started_at", "status"} <= set(known)


def test_it_says_who_started_what_where_and_when(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "ada")
    known = started(NOW)
    assert known["user"] == "ada"
    assert known["host"] == os.uname().nodename
    assert known["directory"] == str(tmp_path)
    assert known["python"] == sys.version.split()[0]
    assert known["started_at"] == NOW
    assert known["status"] == "running"


def test_the_command_can_be_read_again(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SAY, encoding="utf-8")
    known = said(tmp_path, "train.py", "--lr", "0.1", "--name", "a b", "--api-key", "x")
    assert shlex.split(str(known["command"])) == [
        sys.executable, "train.py", "--lr", "0.1", "--name", "a b", "--api-key", "***",
    ]  # fmt: skip


def test_without_variables_the_system_names_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    assert started(NOW)["user"] == pwd.getpwuid(os.getuid()).pw_name


def test_what_cannot_be_known_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
    monkeypatch.setattr(sys, "orig_argv", None)
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert {"user", "directory", "command"}.isdisjoint(started(NOW))
    monkeypatch.chdir(tmp_path)


def test_bytes_that_are_no_text_are_escaped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)
    monkeypatch.chdir(os.fsdecode(folder))
    monkeypatch.setenv("LOGNAME", "zo\udceb")
    known = started(NOW)
    assert str(known["directory"]).endswith(r"caf\udce9")
    assert known["user"] == r"zo\udceb"
    assert checked_context(known) == known


def repository(folder: Path) -> Path:
    """One that says of itself that its branch is called as its folder."""
    folder.mkdir()
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text(f"ref: refs/heads/{folder.name}\n", encoding="utf-8")
    return folder


def test_the_work_tree_is_that_of_the_program(tmp_path: Path) -> None:
    here, there = repository(tmp_path / "here"), repository(tmp_path / "there")
    (there / "train.py").write_text(SAY, encoding="utf-8")
    assert said(here, str(there / "train.py"))["branch"] == "there"
    (here / "link.py").symlink_to(there / "train.py")
    assert said(here, "link.py")["branch"] == "there"
    assert said(there, "-m", "train")["branch"] == "there"
    (tmp_path / "train.py").write_text(SAY, encoding="utf-8")
    assert "branch" not in said(here, str(tmp_path / "train.py"))


def test_a_program_without_a_file_has_the_work_tree_of_its_folder(tmp_path: Path) -> None:
    assert said(repository(tmp_path / "here"), "-c", SAY)["branch"] == "here"


def test_a_process_looks_at_its_work_tree_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def look(folder: str) -> dict[str, object]:
        looked.append(folder)
        inner.update(started(NOW))  # as a signal handler would that comes now
        return {"branch": "main"}

    inner: dict[str, object] = {}
    monkeypatch.setattr(context, "_seen", functools.cache(look))
    monkeypatch.setattr(context, "_LONGEST_WAIT", 0.001)
    assert [started(NOW)["branch"], started(NOW)["branch"]] == ["main", "main"]
    assert len(looked) == 1
    assert inner["status"] == "running"
    assert "branch" not in inner


def test_a_process_knows_when_it_was_started(tmp_path: Path) -> None:
    before = datetime.now(timezone.utc)
    program = "from graphtracker.jobs.context import process_started; print(process_started().isoformat())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    at = datetime.fromisoformat(done.stdout.strip())
    tick = timedelta(milliseconds=20)
    assert before - tick <= at <= datetime.now(timezone.utc)
    assert process_started() <= before  # of this one, which is older


def test_where_the_system_does_not_tell_it_was_started_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    before = datetime.now(timezone.utc)
    assert before <= process_started.__wrapped__() <= datetime.now(timezone.utc)


def test_the_end_has_a_time_and_a_status() -> None:
    before = datetime.now(timezone.utc)
    known = ended("failed: ValueError")
    assert checked_context(known) == known
    assert list(known) == ["ended_at", "status"]
    assert known["status"] == "failed: ValueError"
    assert before <= checked_context(known)["ended_at"]  # type: ignore[operator]
