"""`diff` says what differs upstream of two runs: the first differences first, nothing that did not change."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.command import command, failure
from tests.support.hostile import HOSTILE, obeyed
from tests.support.terminal import cells, on_a_terminal, plain
from tests.support.tools import dot_program  # noqa: F401  # a fixture is used by its name, dot
from tests.support.two_pipelines import AT, FIRST, JOBS, SECOND, record_two


@pytest.fixture
def store(tmp_path: Path) -> str:
    path = str(tmp_path / "two.db")
    with GraphTracker(path) as tracker:
        record_two(tracker)
    return path


def lines(code: int, *arguments: str) -> list[str]:
    """What it prints, ended with this code, with nothing to say beside it."""
    done = command("diff", *arguments)
    assert (done.code, done.err) == (code, ""), done
    return done.out.splitlines()


def test_the_first_differences_stand_with_the_way_to_them(store: str) -> None:
    assert lines(1, "train-x7mw", "train-h8rc", "--store", store) == [
        "train-x7mw → train-h8rc",
        "  loss: 0.29 → 0.61  (+0.32)",
        "first differences upstream:",
        "└─ tokens ← rows ← clean-k3v9 → clean-p8s1",
        "     dedupe: True → False",
        "     rows.rows: 48000 → 51310  (+3310)",
        "5 pairs of runs: 2 same, 2 differ, 1 only follows",
    ]


def test_all_names_also_what_only_follows_and_what_is_the_same(store: str) -> None:
    assert lines(1, "train-x7mw", "train-h8rc", "--all", "--store", store)[-7:] == [
        "     rows.rows: 48000 → 51310  (+3310)",
        "only follow:",
        "└─ tokens ← tokenize-a1 → tokenize-b2",
        "the same:",
        "├─ weights ← base",
        "└─ tokens ← rows ← csv ← reviews",
        "5 pairs of runs: 2 same, 2 differ, 1 only follows",
    ]


def test_what_is_ignored_is_no_difference_and_the_same_ends_well(store: str) -> None:
    options = ["--ignore", "loss", "--ignore=rows.*", "--ignore", "dedupe"]
    assert lines(0, "train-x7mw", "train-h8rc", *options, "--store", store) == [
        "train-x7mw → train-h8rc",
        "5 pairs of runs: 5 same",
    ]
    assert lines(0, "train-x7mw", "train-x7mw", "--store", store) == ["train-x7mw", "5 pairs of runs: 5 same"]
    assert command("diff", "train-x7mw", "train-h8rc", *options, "--paths", "--store", store).code == 1


def test_what_also_differs_stands_below_the_first_differences(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_metadata(f"{JOBS}tokenize-b2", vocab=32000)
    printed = lines(1, "train-x7mw", "train-h8rc", "--store", store)
    assert printed[-4:] == [
        "also different, below these:",
        "└─ tokens ← tokenize-a1 → tokenize-b2",
        "     vocab: (absent) → 32000",
        "5 pairs of runs: 2 same, 3 differ",
    ]


def test_sources_without_a_match_and_externals_are_told_in_words(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_source(FIRST, f"{JOBS}augment")
        tracker.add_source(SECOND, f"{JOBS}extra", "rows")
        tracker.add_source(FIRST, "s3://a", "raw")
        tracker.add_source(SECOND, "s3://b", "raw")
        tracker.add_source(FIRST, f"{JOBS}base", "raw rows")
        tracker.add_source(SECOND, f"{JOBS}tokenize-b2", "raw rows")
    printed = lines(1, "train-x7mw", "train-h8rc", "--store", store)
    assert printed[2:5] == [
        "  only in the first: (whole run) ← augment",
        "  only in the second: rows ← extra",
        "  crossed, one stands beside another run: tokens ← tokenize-a1 → tokenize-b2",
    ]
    assert "└─ raw ← s3://a → s3://b" in "\n".join(printed).replace("├", "└")
    assert "external, known by id alone" in "\n".join(printed)


def record_renamed(store: str, prefix: str = "") -> None:
    """Two trainings that named what they used otherwise, so that nothing stands beside it."""
    with GraphTracker(store) as tracker:
        for side, label in (("a", "good"), ("b", "bad")):
            tracker.record(f"{prefix}clean-{side}", metadata={"dedupe": side == "a"}, sources=["raw"])
            tracker.record(f"train-{side}", sources=[(f"{prefix}clean-{side}", label)])


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("", "clean-a clean-b"),
        (f"{JOBS}", "clean-a clean-b"),
        ("it's my ", "'it'\"'\"'s my clean-a' 'it'\"'\"'s my clean-b'"),
        ("-", "-- -clean-a -clean-b"),
        ("-my ", "-- '-my clean-a' '-my clean-b'"),
        ("-\n", "-- $'-\\012clean-a' $'-\\012clean-b'"),
        ("e\x1b[1m", "$'e\\033[1mclean-a' $'e\\033[1mclean-b'"),
    ],
)
def test_two_sources_of_other_labels_are_not_compared_and_what_compares_them_is_said(
    prefix: str, words: str, tmp_path: Path
) -> None:
    store = str(tmp_path / "renamed.db")
    record_renamed(store, prefix)
    assert lines(1, "train-a", "train-b", "--store", store)[3:] == [
        f"  graphtracker diff {words} compares these",
        "1 pair of runs: 1 differs; 2 sources have no counterpart",
    ]
    asked = ["bash", "-c", f"printf '%s\\0' {words}"]
    pasted = subprocess.run(asked, capture_output=True, encoding="utf-8", check=True).stdout.split("\0")[:-1]
    assert lines(1, "--store", store, *pasted)[1] == "  dedupe: True → False"


def test_where_a_name_is_that_of_others_too_the_id_is_what_compares(tmp_path: Path) -> None:
    store = str(tmp_path / "renamed.db")
    record_renamed(store, JOBS)
    with GraphTracker(store) as tracker:
        tracker.record("slurm://torchx/clean-b")
    hint = f"  graphtracker diff clean-a {JOBS}clean-b compares these"
    assert hint in lines(1, "train-a", "train-b", "--store", store)


def test_nothing_is_said_to_compare_what_cannot_or_need_not_be(tmp_path: Path) -> None:
    store = str(tmp_path / "apart.db")
    with GraphTracker(store) as tracker:
        for run in ("clean-a", "clean-b", "more", "extra"):
            tracker.record(run, metadata={"of": run})
        pairs = {
            "one side": ({"good": "clean-a"}, {}),
            "several": ({"good": "clean-a", "more": "more"}, {"bad": "clean-b"}),
            "one run": ({"good": "clean-a"}, {"bad": "clean-a"}),
            "a pair": ({"m": "clean-a", "good": "clean-a"}, {"m": "clean-b", "bad": "clean-b"}),
            "externals": ({"good": "s3://a"}, {"bad": "s3://b"}),
        }
        for name, both in pairs.items():
            for side, sources in zip("xy", both, strict=True):
                tracker.record(f"{name} {side}", sources=[(run, label) for label, run in sources.items()])
    for name, both in pairs.items():
        told = lines(1, f"{name} x", f"{name} y", "--store", store)
        assert not [line for line in told if "compares" in line]
        alone = sum(map(len, both)) - (2 if name == "a pair" else 0)
        assert told[-1].endswith(f"; {alone} source{' has' if alone == 1 else 's have'} no counterpart")


def test_where_names_are_shared_ids_stand(tmp_path: Path) -> None:
    store = str(tmp_path / "shared.db")
    with GraphTracker(store) as tracker:
        tracker.record("a://x/train", metadata={"lr": 1})
        tracker.record("b://x/train", metadata={"lr": 1.5})
    assert lines(1, "a://x/train", "b://x/train", "--store", store)[:2] == [
        "a://x/train → b://x/train",
        "  lr: 1 → 1.5  (+0.5)",
    ]


def test_values_that_are_written_alike_are_told_apart(tmp_path: Path) -> None:
    store = str(tmp_path / "alike.db")
    with GraphTracker(store) as tracker:
        tracker.record("a", metadata={"n": 1, "on": True, "none": None})
        tracker.record("b", metadata={"n": "1", "on": "True"})
    assert lines(1, "a", "b", "--store", store)[1:4] == [
        "  n: 1 → '1'",
        "  none: None → (absent)",
        "  on: True → 'True'",
    ]


def test_long_values_are_the_lines_that_differ(tmp_path: Path) -> None:
    store = str(tmp_path / "long.db")
    text = [f"line {number}" for number in range(100)]
    layers = [{"kind": "conv", "channels": 2**number} for number in range(8)]
    with GraphTracker(store) as tracker:
        tracker.record("a", metadata={"prompt": "\n".join(text), "net": {"layers": layers}, "words": "a" * 100 + "b"})
        changed = [*text[:50], "another", *text[51:]]
        other = [*layers[:2], {"kind": "dense", "channels": 4}, *layers[3:]]
        tracker.record("b", metadata={"prompt": "\n".join(changed), "net": {"layers": other}, "words": "a" * 100 + "c"})
    assert lines(1, "a", "b", "--store", store) == [
        "a → b",
        "  net.layers:",
        "    @@ line 3 @@",
        "        {'kind': 'conv', 'channels': 2},",
        "    -   {'kind': 'conv', 'channels': 4},",
        "    +   {'kind': 'dense', 'channels': 4},",
        "        {'kind': 'conv', 'channels': 8},",
        "  prompt:",
        "    @@ line 50 @@",
        "      line 49",
        "    - line 50",
        "    + another",
        "      line 51",
        "  words:",
        f"    - {'a' * 100}b",
        f"    + {'a' * 100}c",
        "1 pair of runs: 1 differs",
    ]


def test_on_a_terminal_every_line_fits_and_shows_what_differs(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "wide.db") as tracker:
        for name, end in (("a", "b"), ("b", "c")):
            run_id = f"train-{'x' * 90}-{name}"
            metadata = {"words": "a" * 500 + end, "k" * 200: end, "漢字": f"{'漢' * 60}{end}", "n": int(f"1{'0' * 90}")}
            tracker.record(f"clean-{name}", metadata=metadata)
            tracker.record(run_id, metadata={"list": [end * 50, {"x": end * 60}]}, sources=[f"clean-{name}"])
    shown = on_a_terminal(tmp_path, "sh", "-c", "graphtracker --store wide.db diff train-x --latest train-x; true")
    assert shown.count("\n") == 2  # the newest with itself
    ids = [f"train-{'x' * 90}-{name}" for name in "ab"]
    shown = plain(on_a_terminal(tmp_path, "sh", "-c", f"graphtracker --store wide.db diff {' '.join(ids)}; true"))
    assert max(map(cells, shown.splitlines())) <= 80
    told = shown.splitlines()
    assert re.fullmatch("train-x+…x+-a → train-x+…x+-b", told[0])
    assert "└─ (whole run) ← clean-a → clean-b" in told
    assert [line for line in told if re.fullmatch("     k+…k+: b → c", line)]
    assert [line[:9] + line[-3:] for line in told if "a…a" in line] == ["       - aab", "       + aac"]
    assert "    -   '" + "b" * 50 + "'," in told


def test_much_is_cut_and_says_so_unless_all_is_asked_for(tmp_path: Path) -> None:
    store = str(tmp_path / "much.db")
    with GraphTracker(store) as tracker, tracker.batch() as batch:
        for name in "ab":
            batch.record(name, metadata={f"key {number:03}": name for number in range(50)})
            for number in range(40):
                batch.record(f"{name}-{number:02}", metadata={"of": name, "at": number})
                batch.add_source(name, f"{name}-{number:02}", f"part {number:02}")
    short, whole = lines(1, "a", "b", "--store", store), lines(1, "a", "b", "--all", "--store", store)
    assert "  … 30 more: --all prints all" in short
    assert "└─ … 30 more: --all prints all" in short
    assert len(whole) == 1 + 50 + 1 + 40 * 2 + 1
    assert not [line for line in whole if "more" in line]


def test_a_run_is_compared_with_itself_as_it_was(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.record(FIRST, metadata={"loss": 0.2, "seed": 3}, sources=["later"], at=AT + timedelta(days=1))
    done = command("diff", "train-x7mw", "--as-of", "2026-03-01", "--store", store)
    assert done.code == 1
    assert done.out.splitlines()[0] == "train-x7mw (now) → train-x7mw (as of 2026-03-01 00:00:00Z)"
    assert "  seed: 3 → (absent)" in done.out.splitlines()
    assert "  only in the first: (whole run) ← later" in done.out.splitlines()
    assert "second is not the whole lineage" in done.err  # the loss of then was overwritten
    both = command("diff", "train-x7mw", "train-h8rc", "--as-of", "2026-03-01", "--store", store)
    assert "as of 2026-03-01 00:00:00Z" in both.err


def test_what_is_not_whole_ends_with_1_and_says_so(store: str) -> None:
    options = ["--ignore", "loss", "--depth", "1", "--store", store]
    done = command("diff", "train-x7mw", "train-h8rc", *options)
    assert (done.code, done.out.splitlines()[-1]) == (1, "3 pairs of runs: 3 same")
    assert done.err.splitlines() == [
        "graphtracker: the first is not the whole lineage: cut by depth 1",
        "graphtracker: the second is not the whole lineage: cut by depth 1",
        "graphtracker: nothing differs in what is there; whether they are the same cannot be told",
    ]
    assert "cut by depth" in failure(1, "diff", "train-x7mw", "train-h8rc", "--strict", *options)


def test_json_is_what_the_library_answers(store: str) -> None:
    with GraphTracker(store) as tracker:
        want = tracker.diff(FIRST, SECOND).to_dict()
    done = command("diff", "train-x7mw", "train-h8rc", "--json", "--store", store)
    assert (done.code, json.loads(done.out)) == (1, want)
    assert want["origins"] == [[f"{JOBS}clean-k3v9", f"{JOBS}clean-p8s1"]]
    assert want["same"] is False
    [origin] = [pair for pair in want["pairs"] if pair["run_id"] == f"{JOBS}clean-k3v9"]
    assert origin == {
        "run_id": f"{JOBS}clean-k3v9",
        "other_run_id": f"{JOBS}clean-p8s1",
        "role": ["tokens", "rows"],
        "distance": 2,
        "metadata": {"dedupe": {"value": True, "other": False}},
        "artifacts": {"rows": {"rows": {"value": 48000, "other": 51310}}},
        "only": [],
        "other_only": [],
        "crossed": [],
        "external": False,
        "differs": True,
        "follows": False,
    }


@pytest.mark.usefixtures("dot")
@pytest.mark.usefixtures("dot")
def test_a_picture_looks_as_it_is_asked_to(store: str, tmp_path: Path) -> None:
    file = tmp_path / "picture.svg"
    texts = []
    for asked in ([], ["--bare"], ["--dark"]):
        command("diff", "train-x7mw", "train-h8rc", "-o", str(file), *asked, "--store", store)
        texts.append(file.read_text(encoding="utf-8"))
    title = "what differs upstream"
    assert [title in text for text in texts] == [True, False, True]
    assert ['fill="white"' in text for text in texts] == [True, True, False]


@pytest.mark.parametrize("option", [["--bare"], ["--dark"], ["--vertical"], ["--size", "a4"]])
def test_looks_without_a_picture_are_refused(option: list[str], store: str) -> None:
    told = failure(2, "diff", "train-x7mw", "train-h8rc", *option, "--store", store)
    assert "name a file with -o" in told


@pytest.mark.parametrize(
    ("suffix", "begins"),
    [("dot", "digraph"), ("mmd", "---"), ("svg", "<?xml"), ("png", "\ufffdPNG"), ("pdf", "%PDF"), ("json", "{")],
)
def test_a_picture_of_both_is_written_to_a_file(suffix: str, begins: str, store: str, tmp_path: Path) -> None:
    file = tmp_path / f"difference.{suffix}"
    done = command("diff", "train-x7mw", "train-h8rc", "-o", str(file), "--store", store)
    assert (done.code, done.out, done.err) == (1, "", f"graphtracker: 2 of 5 pairs differ, see {file}\n")
    assert file.read_bytes().decode(errors="replace").startswith(begins)


def test_of_what_is_the_same_or_may_be_a_file_says_nothing_of_a_difference(store: str, tmp_path: Path) -> None:
    file = str(tmp_path / "same.dot")
    done = command("diff", "train-x7mw", "train-x7mw", "-o", file, "--store", store)
    assert (done.code, done.out, done.err) == (0, "", "")
    done = command("diff", "train-x7mw", "train-x7mw", "--depth", "0", "-o", file, "--store", store)
    assert (done.code, "see" in done.err) == (1, False)
    done = command("diff", "train-x7mw", "train-h8rc", "--depth", "0", "-o", file, "--store", store)
    assert f"graphtracker: 1 of 1 pair differs, see {file}" in done.err.splitlines()


@pytest.mark.parametrize("file", ["difference.html", "difference.graphml", "difference", "-"])
def test_another_suffix_is_refused_before_anything_is_asked(file: str, tmp_path: Path) -> None:
    told = failure(2, "diff", "a", "b", "-o", file, "--store", str(tmp_path / "none.db"))
    assert "use one of .dot, .json, .mmd, .pdf, .png, .svg" in told


def test_artifacts_are_compared_by_name(store: str) -> None:
    done = lines(1, "clean-k3v9", "clean-p8s1", "--artifact", "rows", "--paths", "--store", store)
    assert done[:4] == [
        "rows of clean-k3v9 → rows of clean-p8s1",
        "  dedupe: True → False",
        "  place of rows: /d/clean-k3v9.parquet → /d/clean-p8s1.parquet",
        "  rows.rows: 48000 → 51310  (+3310)",
    ]
    assert "no artifact" in failure(1, "diff", "train-x7mw", "train-h8rc", "--artifact", "none", "--store", store)


def test_wrong_questions_are_refused(store: str) -> None:
    assert "--as-of" in failure(2, "diff", "train-x7mw", "--store", store)
    assert "exclude" in failure(2, "diff", "a", "b", "--json", "-o", "x.svg", "--store", store)
    assert "nobody" in failure(1, "diff", "train-x7mw", "nobody", "--store", store)


@pytest.mark.parametrize(("file", "look"), [("x.json", ["--size", "a4"]), ("x.dot", ["--bare"])])
def test_what_the_format_does_not_take_is_usage(file: str, look: list[str], store: str, tmp_path: Path) -> None:
    path = tmp_path / file
    said = failure(2, "diff", "train-x7mw", "train-h8rc", "-o", str(path), *look, "--store", store)
    assert f"takes no '{look[0].removeprefix('--')}'" in said
    assert not path.exists()


@pytest.mark.usefixtures("dot")
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_acts_nowhere(name: str, tmp_path: Path) -> None:
    text, store = HOSTILE[name], str(tmp_path / "hostile.db")
    with GraphTracker(store) as tracker, tracker.batch() as batch:
        for run_id, value in (("one", text), ("other", f"{text}!")):
            batch.record(run_id, metadata={text: value, "list": [value, value * 20], "lines": f"{value}\n{text}"})
            batch.add_source(run_id, f"source {text} {run_id}"[:900], text)
            batch.add_artifact(f"source {text} {run_id}"[:900], text, "/", {text: value})
        batch.add_source("one", text)
    for options in ([], ["--all"], ["--json"]):
        done = command("diff", "one", "other", *options, "--store", store)
        assert (done.code, done.err) == (1, ""), done
        assert not obeyed(done.out)
    for suffix in ("svg", "mmd"):
        file = tmp_path / f"picture.{suffix}"
        done = command("diff", "one", "other", "-o", str(file), "--store", store)
        assert (done.code, done.out) == (1, ""), done
        assert done.err.endswith(f", see {file}\n")
        assert not obeyed(done.err)
        assert not obeyed(file.read_text(encoding="utf-8"))
