"""`export` writes the format that is asked for, or that the file names."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.command import command, failure, output
from tests.support.small_pipeline import LARGE


def test_export_without_a_run_is_the_whole_store(store: str, opened: GraphTracker) -> None:
    graph = opened.graph()
    assert output("export", "--store", store) == output("export", "--dot", "--store", store) == graph.to_dot()
    assert json.loads(output("export", "--format", "json", "--store", store)) == graph.to_dict()


@pytest.mark.parametrize(
    "option", [["--upstream"], ["--downstream"], ["--depth=1"], ["--max-runs=1"], ["--artifact=a"]]
)
def test_export_without_a_run_takes_no_bound(option: list[str], store: str) -> None:
    failure(2, "export", *option, "--store", store)


@pytest.mark.parametrize("suffix", [".dot", ".json", ".svg", ".DOT", ".Json"])
def test_the_suffix_of_the_file_names_the_format(suffix: str, store: str, tmp_path: Path, dot: str) -> None:
    path = tmp_path / f"picture{suffix}"
    assert output("export", LARGE, "-o", str(path), "--store", store) == ""
    assert path.read_text(encoding="utf-8") == output("export", LARGE, "--format", suffix[1:].lower(), "--store", store)


def test_a_named_format_counts_more_than_the_suffix(store: str, tmp_path: Path) -> None:
    output("export", LARGE, "--format", "json", "-o", str(tmp_path / "data.txt"), "--store", store)
    output("export", LARGE, "--dot", "--output", str(tmp_path / "picture.gv"), "--store", store)
    assert json.loads((tmp_path / "data.txt").read_text(encoding="utf-8"))["start"] == LARGE
    assert (tmp_path / "picture.gv").read_text(encoding="utf-8").startswith("digraph")


def test_a_format_and_a_suffix_that_contradict_each_other_are_usage(store: str, tmp_path: Path) -> None:
    said = failure(2, "export", "--dot", "-o", str(tmp_path / "picture.svg"), "--store", store)
    assert "is named like svg, but dot is asked for" in said
    assert not (tmp_path / "picture.svg").exists()


def test_a_dash_is_stdout(store: str) -> None:
    assert output("export", LARGE, "-o", "-", "--store", store) == output("export", LARGE, "--store", store)


@pytest.mark.parametrize(
    "options",
    [["--format", "tar"], ["--format", ""], ["-o", "x.tar"], ["-o", "x"], ["-o", ""], ["--dot", "--format", "svg"]],
    ids=" ".join,
)
def test_unknown_formats_and_suffixes_are_usage_and_write_nothing(
    options: list[str], store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    assert failure(2, "export", LARGE, *options, "--store", store)
    assert set(tmp_path.iterdir()) == before


def test_options_that_say_nothing_are_refused(store: str) -> None:
    assert "-o names no file" in failure(2, "export", "--store", store, "-o", "")
    assert "leave --artifact out" in failure(2, "export", "--store", store, "--path", "/x", "--artifact", "a")
    assert output("export", "--store", store, "--format", "DOT").startswith("digraph")


def test_a_label_that_nothing_there_has_is_named_with_what_is_near(store: str, opened: GraphTracker) -> None:
    opened.add_metadata(LARGE, optim={"name": "adam"})
    asked = ["export", LARGE, "--dot", "--store", store]
    done = command(*asked, "--labels", "optim.nam,optim.name,optim, nosuch\x1b,nosuch\x1b")
    assert (done.code, done.err) == (
        0,
        "graphtracker: no run or artifact here has the key 'optim.nam'; near it: 'optim.name', 'optim'\n"
        "graphtracker: no run or artifact here has the key 'nosuch\\u001b'\n",
    )
    assert done.out.startswith("digraph")


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_a_binary_picture_is_not_sent_to_a_terminal(store: str, format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(io, "TextIOWrapper", Terminal)
    assert "name a file with -o" in failure(2, "export", "--format", format, "--store", store)


@pytest.mark.parametrize(
    ("options", "look"),
    [
        (["-o", "x.json", "--dark"], "dark"),
        (["-o", "x.graphml", "--labels", "lr"], "labels"),
        (["--json", "--horizontal"], "vertical"),
        (["--dot", "--bare"], "bare"),
        (["--size", "a4"], "size"),
        (["-o", "x.html", "--size", "a4"], "size"),
    ],
    ids=str,
)
def test_what_the_format_does_not_take_is_usage_and_writes_nothing(
    options: list[str], look: str, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    assert f"takes no '{look}'" in failure(2, "export", LARGE, *options, "--store", store)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("format", ["json", "graphml", "dot"])
def test_data_and_dot_are_whole_whether_that_is_asked_for_or_not(format: str, store: str) -> None:
    asked = ["export", LARGE, "--format", format, "--store", store]
    assert output(*asked, "--all", "--expand") == output(*asked)
