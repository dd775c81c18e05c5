"""The verbs fingerprint, fingerprints and verify, on every store."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from graphtracker import (
    ArtifactNotFound,
    Checked,
    GraphTracker,
    IncompleteLineage,
    InvalidInput,
    RunNotFound,
    Verification,
    file_metadata,
)
from graphtracker.recording import files, verification
from graphtracker.recording.verification import Verdict
from tests.analysis.test_fingerprint import EVERY_VALUE

# -- fingerprints ------------------------------------------------------------------------------------------------------


def record(tracker: GraphTracker, suffix: str, dedupe: bool = True) -> None:
    """A pipeline of this suffix, whose last run is train-…."""
    with tracker.batch() as batch:
        batch.record(f"clean-{suffix}", metadata={"dedupe": dedupe, **EVERY_VALUE}, sources=["s3://bucket/raw"])
        batch.add_artifact(f"clean-{suffix}", "rows", f"/{suffix}.parquet", {"rows": 48_000})
        batch.record(f"train-{suffix}", metadata={"lr": 0.1}, sources=[(f"clean-{suffix}", "rows"), f"clean-{suffix}"])
        batch.add_artifact(f"train-{suffix}", "model", f"/{suffix}.pt", {"sha256": suffix})


def test_the_fingerprint_is_the_same_in_every_store(tracker: GraphTracker) -> None:
    record(tracker, "a")
    record(tracker, "b")
    record(tracker, "c", dedupe=False)
    a, b, c = tracker.fingerprints(["train-a", "train-b", "train-c"])
    assert a == b == tracker.fingerprint("train-a") == tracker.lineage("train-a").fingerprints()["train-a"]
    assert a == "gt1:cbd4d371c754e83a6ab6838475d9e4f66dfaf025cdcf3bc7a406cb3a2f2ef0de"
    assert a != c
    assert len(set(tracker.fingerprints(["train-a", "train-c"], ignore=["dedupe"]))) == 1
    assert len(set(tracker.fingerprints(["clean-a", "clean-b"], artifact_name="rows"))) == 1
    assert len(set(tracker.fingerprints(["train-a", "train-b"], artifact_name="model"))) == 2
    assert tracker.fingerprint("train-a", artifact_name="model", sha256=False) != a
    assert tracker.fingerprints([]) == []
    assert tracker.fingerprints([tracker.run("train-a"), "train-a"]) == [a, a]
    with pytest.raises(RunNotFound, match="nobody"):
        tracker.fingerprints(["train-a", "nobody"])
    with pytest.raises(ArtifactNotFound, match="nothing"):
        tracker.fingerprint("train-a", artifact_name="nothing")
    with pytest.raises(InvalidInput):
        tracker.fingerprint("train-a", ignore=[7])  # type: ignore[list-item]


def test_there_is_no_fingerprint_of_what_may_lack_something(
    tracker: GraphTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tracker, "a")
    whole = type(tracker)._joined
    monkeypatch.setattr(type(tracker), "_joined", lambda *asked: whole(*asked).unsynced())
    with pytest.raises(IncompleteLineage, match="no fingerprint of a part"):
        tracker.fingerprint("train-a")


# -- verify ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"contents")
    return path


def verdicts(found: Verification) -> dict[str, str]:
    return {item.artifact_name: item.verdict for item in found.artifacts}


def test_files_are_compared_with_what_every_store_holds_of_them(tracker: GraphTracker, file: Path) -> None:
    other = file.with_name("other")
    other.write_bytes(b"what was there")
    tracker.add_artifact("train", "right", str(file), file_metadata(file))
    tracker.add_artifact("train", "wrong", str(other), file_metadata(other))
    tracker.add_artifact("train", "far", "s3://bucket/key", {"sha256": "ab"})
    tracker.add_artifact("train", "bare", "/nothing/there")
    tracker.add_artifact("eval", "again", str(other), {"size": 14})
    tracker.add_source("use", "train", "declared")
    other.write_bytes(b"what is there now")
    found = tracker.verify("train")
    assert verdicts(found) == {"bare": "unrecorded", "far": "elsewhere", "right": "matches", "wrong": "differs"}
    assert (found.same, found.complete, found.reasons) == (False, True, frozenset())
    assert found.counts() == {"matches": 1, "differs": 1, "elsewhere": 1, "unrecorded": 1}
    assert verdicts(tracker.verify("train", artifact_name="right")) == {"right": "matches"}
    assert verdicts(tracker.verify("train", artifact_name="declared")) == {"declared": "unrecorded"}
    assert verdicts(tracker.verify(path=other)) == {"again": "differs", "wrong": "differs"}
    assert verdicts(tracker.verify()) == {
        "again": "differs",
        "bare": "unrecorded",
        "far": "elsewhere",
        "right": "matches",
        "wrong": "differs",
    }
    assert tracker.verify("use").artifacts == ()
    for missing in ({"run_id": "nobody"}, {"run_id": "train", "artifact_name": "nothing"}, {"path": "/nothing/at"}):
        with pytest.raises((RunNotFound, ArtifactNotFound)):
            tracker.verify(**missing)


@pytest.fixture
def small() -> GraphTracker:
    return GraphTracker(":memory:")


@pytest.mark.parametrize(
    "asked", [{"run_id": "a", "path": "/p"}, {"artifact_name": "m"}, {"path": "/p", "artifact_name": "m"}]
)
def test_a_question_about_two_things_is_refused(small: GraphTracker, asked: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        small.verify(**asked)


def checked(tracker: GraphTracker, path: object, metadata: dict[str, object]) -> Checked:
    """What is found of an artifact that was logged there with this metadata."""
    tracker.add_artifact("train", "model", str(path), metadata)
    [found] = tracker.verify("train").artifacts
    return found


CONTENTS = "d1b2a59fbea7e20077af9f91b27e95e865061b270be03ff539ab3b73587882e8"


@pytest.mark.parametrize(
    ("metadata", "verdict"),
    [
        ({"sha256": CONTENTS}, "matches"),
        ({"sha256": f" {CONTENTS.upper()}\n"}, "matches"),
        ({"sha256": CONTENTS, "size": 7}, "matches"),  # the size is for where there is no sha256
        ({"sha256": CONTENTS[:-1]}, "differs"),
        ({"sha256": "x"}, "differs"),
        ({"sha256": ""}, "unrecorded"),
        ({"sha256": None}, "unrecorded"),
        ({"sha256": 7, "size": 8}, "matches"),
        ({"sha256": [CONTENTS]}, "unrecorded"),
        ({"size": 8}, "matches"),
        ({"size": 8.0}, "matches"),
        ({"size": Decimal(8)}, "matches"),
        ({"size": 9}, "differs"),
        ({"size": True}, "unrecorded"),
        ({"size": "8"}, "unrecorded"),
        ({"size": float("nan")}, "differs"),
        ({"size": 10**400}, "differs"),
        ({"mtime": "yesterday"}, "unrecorded"),
        ({"other": 1}, "unrecorded"),
        ({}, "unrecorded"),
    ],
)
def test_the_sha256_is_compared_else_the_size(
    small: GraphTracker, file: Path, metadata: dict[str, object], verdict: str
) -> None:
    assert checked(small, file, metadata).verdict == verdict


AT = datetime(2026, 3, 1, 12, 30, 1, 234567, tzinfo=timezone.utc)
AT_NS = 1_772_368_201_234_567_891


@pytest.mark.parametrize(
    ("mtime", "verdict"),
    [
        (AT, "matches"),
        (AT.astimezone(timezone(timedelta(hours=2))), "matches"),
        (AT.replace(tzinfo=None), "matches"),
        (AT + timedelta(microseconds=1), "differs"),
        (AT_NS, "matches"),
        (AT_NS + 1, "differs"),
        (AT_NS // 10**9, "matches"),
        (AT_NS // 10**9 + 1, "differs"),
        (AT_NS / 10**9, "matches"),
        (AT_NS / 10**9 + 0.001, "differs"),
        (Decimal(AT_NS) / 10**9, "matches"),
        (float("inf"), "differs"),
        (float("nan"), "differs"),
        (Decimal("sNaN"), "differs"),
        (10**400, "differs"),
    ],
)
def test_and_when_it_was_changed_however_that_was_recorded(
    small: GraphTracker, file: Path, mtime: object, verdict: str
) -> None:
    os.utime(file, ns=(AT_NS, AT_NS))
    assert checked(small, file, {"mtime": mtime}).verdict == verdict
    assert checked(small, file, {"mtime": mtime, "size": 9}).verdict == "differs"


def test_what_python_says_of_a_file_matches_it(small: GraphTracker, file: Path) -> None:
    status = file.stat()
    for mtime in (status.st_mtime, status.st_mtime_ns, int(status.st_mtime), os.path.getmtime(file)):
        assert checked(small, file, {"mtime": mtime, "size": status.st_size}).verdict == "matches"


def test_a_folder_is_compared_by_all_in_it(small: GraphTracker, file: Path) -> None:
    assert checked(small, file.parent, file_metadata(file.parent)).verdict == "matches"
    assert checked(small, file.parent, {"size": 8}).verdict == "matches"
    known = file_metadata(file.parent)
    file.with_name("more").write_bytes(b"")
    assert checked(small, file.parent, known).verdict == "differs"


def gone(path: Path) -> None:
    path.unlink()


def a_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(("change", "verdict"), [(gone, "missing"), (a_fifo, "unreadable")])
@pytest.mark.parametrize("key", ["sha256", "size", "mtime"])
def test_a_file_that_is_gone_or_is_none_any_more_is_told(
    small: GraphTracker, file: Path, change: Callable[[Path], None], verdict: str, key: str
) -> None:
    known = {**file_metadata(file), "mtime": 7}
    change(file)
    found = checked(small, file, {key: known[key]})
    assert (found.verdict, dict(found.found)) == (verdict, {})
    assert (found.reason is None) is (verdict == "missing")
    assert small.verify("train").same is False


@pytest.mark.parametrize("path", ["s3://bucket/key", "file://elsewhere/a", "hf://a/b", "C:\\x", "-", ""])
def test_what_is_not_on_this_machine_is_not_read(small: GraphTracker, path: str) -> None:
    assert checked(small, path, {"sha256": CONTENTS}).verdict == "elsewhere"
    assert checked(small, path, {"rows": 4}).verdict == "unrecorded"


@pytest.mark.parametrize("name", ["a\nb", "--x", "100%20", "nai\u0308ve", "C:\\x", "[b]", "~"])
def test_a_file_of_any_name_is_found_again(
    small: GraphTracker, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_bytes(b"contents")
    assert checked(small, tmp_path / name, {"sha256": CONTENTS}).verdict == "matches"


def test_a_relative_path_is_that_of_the_folder_in_which_it_was_recorded(
    small: GraphTracker, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    small.add_artifact("train", "model", "file", {"sha256": CONTENTS})
    monkeypatch.chdir("/")
    assert verdicts(small.verify("train")) == {"model": "matches"}


def test_a_path_goes_back_through_links_as_it_did_for_the_job(small: GraphTracker, tmp_path: Path) -> None:
    (tmp_path / "far" / "inner").mkdir(parents=True)
    (tmp_path / "far" / "file").write_bytes(b"contents")
    (tmp_path / "link").symlink_to(tmp_path / "far" / "inner")
    assert checked(small, f"{tmp_path}/link/../file", {"sha256": CONTENTS}).verdict == "matches"


def test_a_file_that_many_logged_is_read_once(small: GraphTracker, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        small.add_artifact(f"train-{number}", "model", str(file), {"sha256": CONTENTS})
    read: list[str] = []

    def counted(path: str) -> files.Contents:
        read.append(path)
        return files.contents_of(path)

    monkeypatch.setattr(verification, "contents_of", counted)
    assert small.verify().counts() == {"matches": 5}
    assert read == [str(file)]


def test_where_nothing_was_compared_nothing_is_known(small: GraphTracker, file: Path) -> None:
    small.add_metadata("bare")
    assert (small.verify("bare").artifacts, small.verify("bare").same) == ((), None)
    elsewhere = checked(small, "s3://bucket/key", {"sha256": CONTENTS})
    unrecorded = checked(small, file, {"rows": 4})
    matching = checked(small, file, {"sha256": CONTENTS})
    differing = checked(small, file, {"size": 9})
    missing = checked(small, "/nothing/there", {"size": 9})
    for items, compared, same in [
        ((elsewhere, unrecorded), 0, None),
        ((elsewhere, unrecorded, matching), 1, True),
        ((matching, differing), 2, False),
        ((elsewhere, missing), 0, False),
        ((matching, missing), 1, False),
    ]:
        assert (Verification(items).compared, Verification(items).same) == (compared, same)
        assert Verification(items).complete


def test_an_answer_that_may_lack_artifacts_is_not_the_same(small: GraphTracker, file: Path) -> None:
    found = checked(small, file, {"sha256": CONTENTS})
    assert Verification((found,)).same is True
    assert Verification((found,), frozenset({"unsynced"})).same is None
    assert Verification((), frozenset({"unsynced"})).complete is False
    wrong = checked(small, file, {"sha256": "x"})
    assert Verification((found, wrong), frozenset({"unsynced"})).same is False


def test_it_is_written_in_json_types(small: GraphTracker, file: Path) -> None:
    os.utime(file, ns=(AT_NS, AT_NS))
    checked(small, file, {"mtime": AT, "size": 9})
    assert small.verify("train").to_dict() == {
        "same": False,
        "compared": 1,
        "complete": True,
        "reasons": [],
        "artifacts": [
            {
                "run_id": "train",
                "artifact_name": "model",
                "path": str(file),
                "place": str(file),
                "verdict": "differs",
                "recorded": {"size": 9, "mtime": {"$type": "datetime", "value": AT.isoformat()}},
                "found": {"size": 8, "mtime": {"$type": "datetime", "value": AT.isoformat()}},
            }
        ],
    }


def found_as(*verdicts: Verdict, reasons: frozenset[str] = frozenset()) -> Verification:
    """What was found of as many artifacts."""
    items = (Checked("run", f"{place}", None, None, verdict, {}, {}, None) for place, verdict in enumerate(verdicts))
    return Verification(tuple(items), reasons)


def test_a_verification_says_in_a_line_what_it_is_failures_first() -> None:
    assert repr(found_as("matches", "matches")) == "<Verification: as recorded, 2 match>"
    assert repr(found_as("matches", "missing", "elsewhere", "differs")) == (
        "<Verification: not as recorded, 1 differs, 1 missing, 1 matches, 1 elsewhere>"
    )
    assert repr(found_as("unrecorded")) == "<Verification: nothing compared, 1 unrecorded>"
    assert repr(found_as()) == "<Verification: nothing compared>"
    assert repr(found_as("matches", reasons=frozenset({"unsynced"}))) == (
        "<Verification: as recorded, as far as it is known, 1 matches, cut by unsynced>"
    )


def test_a_notebook_shows_failures_first_and_the_verdict_above_them() -> None:
    many: list[Verdict] = ["matches"] * 60
    shown = found_as(*many, "missing")._repr_html_()
    assert "Verification: not as recorded, 1 missing, 60 match</caption>" in shown
    verdicts = re.findall(r">(matches|missing)</td>", shown)
    assert (verdicts[0], {*verdicts[1:]}) == ("missing", {"matches"})


def test_a_notebook_shows_a_table_that_nothing_in_it_breaks(small: GraphTracker, file: Path) -> None:
    small.add_artifact("train", "<b>model", str(file), {"sha256": "<script>"})
    shown = small.verify("train")._repr_html_()
    assert shown.startswith("<table><caption")
    assert "differs" in shown
    assert "&lt;script&gt;" in shown
    assert "<b>" not in shown


def test_a_lineage_has_the_fingerprints_of_the_runs_whose_provenance_is_whole_in_it() -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("clean", metadata={"dedupe": True}, sources=["raw"])
        tracker.record("train", sources=["clean", "config"])
        whole = tracker.graph().fingerprints()
        assert tracker.lineage("clean").fingerprints() == {each: whole[each] for each in ("clean", "raw")}
        assert tracker.lineage("train").fingerprints() == whole
        assert tracker.lineage("raw", direction="downstream").fingerprints() == {}
        with pytest.raises(IncompleteLineage, match="no fingerprint of a part: the lineage is cut by depth"):
            tracker.lineage("train", depth=1).fingerprints()
        with pytest.raises(IncompleteLineage, match="no fingerprint of a part: this is every path from 'raw' to 'tr"):
            tracker.between("raw", "train").fingerprints()
