"""A shell completes what there is, and nothing that it would obey."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.export import FORMATS
from tests.support.tools import run


def completed(folder: Path, *words: str, **more: str) -> list[str]:
    """What bash is given for the last of these words."""
    line = {"COMP_WORDS": shlex.join(["graphtracker", *words]), "COMP_CWORD": str(len(words))}
    if words[-1] == "":
        line["COMP_WORDS"] = shlex.join(["graphtracker", *words[:-1]]) + " "
    done = run(folder, "graphtracker", env={"_GRAPHTRACKER_COMPLETE": "complete_bash", **line, **more})
    assert done.stderr == ""
    return done.stdout.split()


def test_a_shell_completes_commands_options_formats_and_runs(store: str, tmp_path: Path) -> None:
    assert completed(tmp_path, "expo") == ["export"]
    assert completed(tmp_path, "export", "--dep") == ["--depth"]
    assert completed(tmp_path, "export", "--format", "") == list(FORMATS)
    assert completed(tmp_path, "export", "--format", "p") == ["pdf", "png"]
    with GraphTracker(store) as opened:
        names = {each.name for each in opened.runs()}
    assert names
    assert set(completed(tmp_path, "show", "", GRAPHTRACKER_URL=store)) == names
    first = sorted(names)[0]
    assert first in completed(tmp_path, "lineage", first[:3], GRAPHTRACKER_URL=store)
    assert first in completed(tmp_path, "--store", store, "export", first[:3])
    assert first in completed(tmp_path, "export", "--store", store, first[:3])
    assert first in completed(tmp_path, "forget", "--store", store, "other", first[:3])
    assert completed(tmp_path, "prune", "--old") == ["--older-than"]
    assert completed(tmp_path, "forg") == ["forget"]


def test_names_are_completed_once_and_ids_where_one_begins_so(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "store.db") as tracker:
        for run_id in ("a://x/train", "b://x/train", "c://x/other", "odd\n\x1b[31mid"):
            tracker.add_metadata(run_id)
    url = str(tmp_path / "store.db")
    assert completed(tmp_path, "show", "", GRAPHTRACKER_URL=url) == ["other", "train"]
    assert completed(tmp_path, "show", "tr", GRAPHTRACKER_URL=url) == ["train"]
    assert completed(tmp_path, "runs", "--after", "ot", GRAPHTRACKER_URL=url) == ["other"]
    assert completed(tmp_path, "show", "a:", GRAPHTRACKER_URL=url) == ["a://x/train"]


def test_nothing_is_completed_that_a_shell_would_obey(tmp_path: Path) -> None:
    obeyed = ["x\\$(id)", "x$(id)", "x`id`", "x'y", 'x"y', "x;y", "x y", "x*", "x?", "x[a]", "x|y", "x&y", "x>y", "--x"]
    with GraphTracker(tmp_path / "store.db") as tracker:
        for run_id in [*obeyed, "x-1.b@c:d+e=f,g%h", "x漢字"]:
            tracker.add_metadata(run_id)
    url = str(tmp_path / "store.db")
    assert set(completed(tmp_path, "show", "x", GRAPHTRACKER_URL=url)) == {"x-1.b@c:d+e=f,g%h", "x漢字"}
    assert not {"--x"} & set(completed(tmp_path, "show", "-", GRAPHTRACKER_URL=url))


@pytest.mark.parametrize("url", ["missing.db", "nonsense://x", "bolt://127.0.0.1:1"])
def test_where_there_is_no_store_nothing_is_completed_or_said(tmp_path: Path, url: str) -> None:
    assert completed(tmp_path, "show", "t", GRAPHTRACKER_URL=url) == []


def test_a_shell_completes_keys_of_metadata_and_the_words_of_a_filter(store: str, tmp_path: Path) -> None:
    with GraphTracker(store) as tracker:
        odd = dict.fromkeys(["a b", "a-b", "a;b", "x$(id)", "x`id`", "name", "lambda", "créé", "x[0]", "x.y"], 1)
        tracker.add_metadata("odd", **odd)
    for option in ("--where", "--sort", "--columns"):
        assert completed(tmp_path, "runs", option, "r", GRAPHTRACKER_URL=store) == ["rows", "reported"]
        assert completed(tmp_path, "runs", option, "context.s", GRAPHTRACKER_URL=store) == [
            "context.started_at",
            "context.status",
        ]
        assert completed(tmp_path, "runs", option, "x", GRAPHTRACKER_URL=store) == ["x.y"]
        assert completed(tmp_path, "runs", option, "a", GRAPHTRACKER_URL=store) == []
        whole = completed(tmp_path, "runs", option, "", GRAPHTRACKER_URL=store)
        assert {"kind", "lr", "rows", "créé", "id", "created", "context.user"} <= set(whole)
        assert whole.count("name") == 1
        assert "lambda" not in whole
    assert completed(tmp_path, "prune", "--where", "k", GRAPHTRACKER_URL=store) == ["kind"]


def test_columns_are_completed_behind_a_comma(store: str, tmp_path: Path) -> None:
    assert completed(tmp_path, "runs", "--columns", "lr,r", GRAPHTRACKER_URL=store) == ["lr,rows", "lr,reported"]
    assert completed(tmp_path, "runs", "--columns", "$(id),r", GRAPHTRACKER_URL=store) == []


def test_no_more_than_a_hundred_are_completed(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "store.db") as tracker, tracker.batch() as batch:
        for number in range(200):
            batch.add_metadata(f"run-{number:03}", **{f"key_{number:03}": 1})
    url = str(tmp_path / "store.db")
    assert len(completed(tmp_path, "show", "run-", GRAPHTRACKER_URL=url)) == 100
    assert "run-007" in completed(tmp_path, "show", "run-0", GRAPHTRACKER_URL=url)
    assert completed(tmp_path, "runs", "--sort", "key_19", GRAPHTRACKER_URL=url) == [f"key_19{n}" for n in range(10)]
