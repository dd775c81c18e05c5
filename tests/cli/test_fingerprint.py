"""``fingerprint`` prints what is equal for equal provenance, and fails where runs differ."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.command import command, failure, output


@pytest.fixture
def pipelines(tmp_path: Path) -> str:
    """A store with three runs of a pipeline, of which one cleaned otherwise."""
    store = str(tmp_path / "pipelines.db")
    with GraphTracker(store) as tracker, tracker.batch() as batch:
        for suffix, dedupe in {"x7mw": True, "k3v9": True, "h8rc": False}.items():
            clean, train = f"local://torchx/clean-{suffix}", f"local://torchx/train-{suffix}"
            batch.record(clean, metadata={"dedupe": dedupe}, sources=["s3://bucket/raw"])
            batch.add_artifact(clean, "rows", f"/{suffix}.parquet", {"rows": 48_000, "sha256": "ab"})
            batch.record(train, metadata={"lr": 0.1}, sources=[(clean, "rows"), clean])
    return store


def hashes(printed: str) -> dict[str, str]:
    """What is printed for each run, by how it is called."""
    found = {label: value for value, label in (line.split("  ") for line in printed.splitlines())}
    assert {(len(value), value[:4]) for value in found.values()} == {(68, "gt1:")}
    return found


def test_equal_ones_are_printed_with_names(pipelines: str) -> None:
    done = command("fingerprint", "train-x", "train-k", "--store", pipelines)
    assert (done.code, done.err) == (0, "graphtracker: the same\n")
    printed = hashes(done.out)
    assert [*printed] == ["train-x7mw", "train-k3v9"]
    assert len(set(printed.values())) == 1
    with GraphTracker(pipelines) as tracker:
        assert set(printed.values()) == {tracker.fingerprint("local://torchx/train-x7mw")}


def test_where_they_differ_the_exit_code_is_one(pipelines: str) -> None:
    done = command("fingerprint", "train-x", "train-k", "train-h", "--store", pipelines)
    way_on = "graphtracker diff train-x train-h says where"
    assert (done.code, done.err) == (1, f"graphtracker: they differ: 2 fingerprints of 3; {way_on}\n")
    printed = hashes(done.out)
    assert printed["train-x7mw"] == printed["train-k3v9"] != printed["train-h8rc"]


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--ignore", "a*", "--ignore", "a b"],
        ["--artifact", "rows", "--no-sha256"],
        ["--latest"],
    ],
    ids=" ".join,
)
def test_what_says_where_they_differ_can_be_pasted(options: list[str], tmp_path: Path) -> None:
    store = str(tmp_path / "odd.db")
    with GraphTracker(store) as tracker:
        for run_id, seed in {"one two": 1, "it's": 2}.items():
            tracker.add_artifact(run_id, "rows", "/rows")
            tracker.add_metadata(run_id, seed=seed)
    said = command("fingerprint", "one two", "one two", "it's", *options, "--store", store).err
    _, _, pasted = said.strip().removesuffix(" says where").partition("; ")
    program, *words = shlex.split(pasted)
    asked = [option for option in options if option != "--no-sha256"]
    assert (program, words) == ("graphtracker", ["diff", "one two", "it's", *asked])
    done = command(*words, "--store", store)
    assert (done.code, "seed" in done.out) == (1, True)


def test_one_run_has_nothing_to_differ_from(pipelines: str) -> None:
    assert [*hashes(output("fingerprint", "train-x", "--store", pipelines))] == ["train-x7mw"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 1),
        (["--ignore", "dedupe"], 0),
        (["--ignore", "lr", "--ignore", "de*"], 0),
        (["--ignore", "rows.dedupe"], 1),
    ],
    ids=str,
)
def test_what_is_ignored_makes_no_difference(options: list[str], code: int, pipelines: str) -> None:
    assert command("fingerprint", "train-x", "train-h", *options, "--store", pipelines).code == code


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--no-sha256"], 1)], ids=str)
def test_an_artifact_with_a_sha256_stands_for_all_above_it(options: list[str], code: int, pipelines: str) -> None:
    asked = command("fingerprint", "clean-x", "clean-h", "--artifact", "rows", *options, "--store", pipelines)
    assert asked.code == code


def test_json_is_a_list_in_the_order_of_the_question(pipelines: str) -> None:
    done = command("fingerprint", "train-h", "train-x", "--json", "--store", pipelines)
    found = json.loads(done.out)
    assert [item["run_id"] for item in found] == ["local://torchx/train-h8rc", "local://torchx/train-x7mw"]
    assert all(item.keys() == {"run_id", "fingerprint"} for item in found)
    [one] = json.loads(output("fingerprint", "clean-h", "--artifact", "rows", "--json", "--store", pipelines))
    assert (one["run_id"], one["artifact_name"]) == ("local://torchx/clean-h8rc", "rows")


def test_runs_of_one_name_are_called_by_their_ids(tmp_path: Path) -> None:
    store = str(tmp_path / "two.db")
    with GraphTracker(store) as tracker:
        for run_id in ("a/train", "b/train", "b/eval"):
            tracker.add_metadata(run_id)
    assert [*hashes(command("fingerprint", "a/train", "b/train", "eval", "--store", store).out)] == [
        "a/train",
        "b/train",
        "eval",
    ]


def test_the_same_run_twice_is_printed_twice(pipelines: str) -> None:
    lines = command("fingerprint", "train-x", "train-x7mw", "--store", pipelines).out.splitlines()
    assert len(lines) == 2
    assert len(set(lines)) == 1


def test_what_is_not_there_is_not_found(pipelines: str) -> None:
    assert "nobody" in failure(1, "fingerprint", "train-x", "nobody", "--store", pipelines)
    assert "'tokens'" in failure(1, "fingerprint", "train-x", "--artifact", "tokens", "--store", pipelines)
    assert "train-k3v9" in failure(2, "fingerprint", "train", "--store", pipelines)
    assert [*hashes(output("fingerprint", "train", "--latest", "--store", pipelines))]
    assert failure(2, "fingerprint", "--store", pipelines)
