"""A shell completes what there is, and nothing that it would obey."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from unittest import mock

import pytest

from graphtracker import GraphTracker
from graphtracker.formats import FORMATS
from tests.support.command import command
from tests.support.tools import run


def asked(*words: str, **more: str) -> dict[str, str]:
    """The variables by which bash asks what the last of these words may be."""
    line = shlex.join(["graphtracker", *words]) if words[-1] else shlex.join(["graphtracker", *words[:-1]]) + " "
    return {
        "_GRAPHTRACKER_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words)),
        "LC_ALL": "C.UTF-8",
        **more,
    }


def completed(*words: str, **more: str) -> list[str]:
    """What bash is given for the last of these words."""
    with mock.patch.dict(os.environ, asked(*words, **more)):
        done = command()
    assert (done.code, done.err) == (0, "")
    return done.out.split()


def test_the_program_answers_a_shell(store: str, tmp_path: Path) -> None:
    for words in (("expo",), ("show", "")):
        done = run(tmp_path, "graphtracker", env=asked(*words, GRAPHTRACKER_URL=store))
        assert done.stderr == ""
        assert done.stdout.split() == completed(*words, GRAPHTRACKER_URL=store) != []


def test_a_shell_completes_commands_options_formats_and_runs(store: str) -> None:
    assert completed("expo") == ["export"]
    assert completed("export", "--dep") == ["--depth"]
    assert completed("export", "--format", "") == list(FORMATS)
    assert completed("export", "--format", "p") == [name for name in FORMATS if name.startswith("p")]
    with GraphTracker(store) as opened:
        names = {each.name for each in opened.runs()}
    assert names
    assert set(completed("show", "", GRAPHTRACKER_URL=store)) == names
    first = sorted(names)[0]
    assert first in completed("lineage", first[:3], GRAPHTRACKER_URL=store)
    assert first in completed("--store", store, "export", first[:3])
    assert first in completed("export", "--store", store, first[:3])
    assert first in completed("forget", "--store", store, "other", first[:3])
    assert completed("prune", "--old") == ["--older-than"]
    assert completed("forg") == ["forget"]


def test_names_are_completed_once_and_ids_where_one_begins_so(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "store.db") as tracker:
        for run_id in ("a://x/train", "b://x/train", "c://x/other", "odd\n\x1b[31mid"):
            tracker.add_metadata(run_id)
    url = str(tmp_path / "store.db")
    assert completed("show", "", GRAPHTRACKER_URL=url) == ["other", "train"]
    assert completed("show", "tr", GRAPHTRACKER_URL=url) == ["train"]
    assert completed("runs", "--after", "ot", GRAPHTRACKER_URL=url) == ["other"]
    assert completed("show", "a:", GRAPHTRACKER_URL=url) == ["a://x/train"]


def test_nothing_is_completed_that_a_shell_would_obey(tmp_path: Path) -> None:
    obeyed = ["x\\$(id)", "x$(id)", "x`id`", "x'y", 'x"y', "x;y", "x y", "x*", "x?", "x[a]", "x|y", "x&y", "x>y", "--x"]
    with GraphTracker(tmp_path / "store.db") as tracker:
        for run_id in [*obeyed, "x-1.b@c:d+e=f,g%h", "x漢字"]:
            tracker.add_metadata(run_id)
    url = str(tmp_path / "store.db")
    assert set(completed("show", "x", GRAPHTRACKER_URL=url)) == {"x-1.b@c:d+e=f,g%h", "x漢字"}
    assert not {"--x"} & set(completed("show", "-", GRAPHTRACKER_URL=url))


@pytest.mark.parametrize("url", ["missing.db", "nonsense://x", "bolt://127.0.0.1:1?connection_timeout=0.2"])
def test_where_there_is_no_store_nothing_is_completed_or_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert completed("show", "t", GRAPHTRACKER_URL=url) == []


def test_a_shell_completes_keys_of_metadata_and_the_words_of_a_filter(store: str) -> None:
    with GraphTracker(store) as tracker:
        odd = dict.fromkeys(["a b", "a-b", "a;b", "x$(id)", "x`id`", "name", "lambda", "créé", "x[0]", "x.y"], 1)
        tracker.add_metadata("odd", **odd)
    for option in ("--where", "--sort", "--columns"):
        assert completed("runs", option, "r", GRAPHTRACKER_URL=store) == ["rows", "reported"]
        assert completed("runs", option, "context.s", GRAPHTRACKER_URL=store) == [
            "context.started_at",
            "context.status",
        ]
        assert completed("runs", option, "x", GRAPHTRACKER_URL=store) == ["x.y"]
        assert completed("runs", option, "a", GRAPHTRACKER_URL=store) == []
        whole = completed("runs", option, "", GRAPHTRACKER_URL=store)
        assert {"kind", "lr", "rows", "créé", "id", "created", "context.user"} <= set(whole)
        assert whole.count("name") == 1
        assert "lambda" not in whole
    assert completed("prune", "--where", "k", GRAPHTRACKER_URL=store) == ["kind"]


def test_columns_are_completed_behind_a_comma(store: str) -> None:
    assert completed("runs", "--columns", "lr,r", GRAPHTRACKER_URL=store) == ["lr,rows", "lr,reported"]
    assert completed("runs", "--columns", "$(id),r", GRAPHTRACKER_URL=store) == []


def test_no_more_than_a_hundred_are_completed(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "store.db") as tracker, tracker.batch() as batch:
        for number in range(200):
            batch.add_metadata(f"run-{number:03}", **{f"key_{number:03}": 1})
    url = str(tmp_path / "store.db")
    assert len(completed("show", "run-", GRAPHTRACKER_URL=url)) == 100
    assert "run-007" in completed("show", "run-0", GRAPHTRACKER_URL=url)
    assert completed("runs", "--sort", "key_19", GRAPHTRACKER_URL=url) == [f"key_19{n}" for n in range(10)]
