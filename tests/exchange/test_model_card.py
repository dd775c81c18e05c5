"""Model cards become runs with what they were made from; the Hub's own library writes the cards of these tests."""

from __future__ import annotations

import json
import os
import socket
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker, InvalidInput
from graphtracker.exchange.model_card import events
from graphtracker.exchange.report import Report
from tests.support.command import command
from tests.support.hostile import HOSTILE
from tests.support.needs import missing

try:
    from huggingface_hub import EvalResult, ModelCard, ModelCardData
except ImportError:
    missing("no huggingface_hub to test with")

MODEL = "hf://models/ada/mine"
AT = 1_700_000_000


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("it calls out")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def put(path: Path, text: str | bytes, at: float = AT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    os.utime(path, (at, at))
    return path


def card(**fields: Any) -> str:
    """A card as the Hub's library writes it."""
    return str(ModelCard.from_template(ModelCardData(**fields)))


def tracker_of(source: Path | str, report: Report | None = None) -> GraphTracker:
    tracker = GraphTracker(":memory:")
    tracker.copy_from(events(str(source), report or Report()))
    return tracker


def state(tracker: GraphTracker) -> str:
    return json.dumps(tracker.graph().to_dict())


def sources(tracker: GraphTracker) -> set[tuple[str, str | None]]:
    return {(one.source_run_id, one.artifact_name) for one in tracker.graph().sources}


def runs(tracker: GraphTracker) -> set[str]:
    return {run.run_id for run in tracker.graph().runs.values() if not run.external}


def unread(source: Path | str) -> dict[str, int]:
    """What was counted as left out of a source with no model that can be read."""
    report = Report()
    assert [*events(str(source), report)] == []
    return dict(report.unmapped)


# -- the mapping -------------------------------------------------------------------------------------------------------


def test_a_card_is_a_run_made_from_its_base_model_and_datasets(hub: Path) -> None:
    put(hub / "ada/mine/README.md", card(base_model="meta/base", datasets=["ada/data", "squad"]))
    tracker = tracker_of(hub)
    assert runs(tracker) == {MODEL}
    assert sources(tracker) == {
        ("hf://models/meta/base", None),
        ("hf://datasets/ada/data", None),
        ("hf://datasets/squad", None),
    }
    assert set(tracker.lineage(MODEL, direction="upstream").runs) == {MODEL, *(run for run, _ in sources(tracker))}


def test_a_chain_of_cards_is_a_lineage(hub: Path) -> None:
    put(hub / "meta/base/README.md", card(datasets="web"))
    put(hub / "ada/tuned/README.md", card(base_model=["meta/base"]))
    put(hub / "ada/merged/README.md", card(base_model=["ada/tuned", "eve/other"], base_model_relation="merge"))
    tracker = tracker_of(hub)
    assert set(tracker.lineage("hf://datasets/web", direction="downstream").runs) == {
        "hf://datasets/web",
        "hf://models/meta/base",
        "hf://models/ada/tuned",
        "hf://models/ada/merged",
    }
    assert tracker.metadata("hf://models/ada/merged")["base_model_relation"] == "merge"


def test_who_uses_the_path_of_the_model_is_a_consumer(hub: Path) -> None:
    put(hub / "ada/mine/README.md", card(license="mit"))
    tracker = tracker_of(hub)
    with tracker.start_run("eval", run_id="eval") as run:
        run.use("hf://ada/mine")
    assert tracker.consumers(MODEL, "model") == ["eval"]
    assert set(tracker.lineage("eval").runs) == {"eval", MODEL}


def test_all_other_fields_are_metadata(hub: Path) -> None:
    fields: dict[str, Any] = {
        "language": ["en", "de"],
        "license": "apache-2.0",
        "library_name": "timm",
        "pipeline_tag": "text-generation",
        "tags": ["a", "b"],
        "metrics": ["accuracy"],
        "model_name": "mine",
        "co2_eq_emissions": {"emissions": 1.5, "source": "codecarbon"},
        "gated": True,
        "count": 3,
    }
    put(hub / "ada/mine/README.md", card(**fields))
    assert tracker_of(hub).metadata(MODEL) == fields


def test_values_of_yaml_s_own_types_stay_what_they_are(hub: Path) -> None:
    text = "---\na: 2024-01-02\nb: 2024-01-02T03:04:05Z\nc: !!binary YQ==\nd: .inf\ne: !!set {x}\nf: null\ng: ''\n---\n"
    put(hub / "ada/mine/README.md", text)
    assert tracker_of(hub).metadata(MODEL) == {
        "a": datetime(2024, 1, 2).date(),
        "b": datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
        "c": b"a",
        "d": float("inf"),
        "e": {"x"},
        "f": None,
        "g": "",
    }


def test_results_are_metadata_by_dataset_and_metric(hub: Path) -> None:
    def result(value: Any, kind: str = "accuracy", **more: Any) -> Any:
        return EvalResult(
            task_type="t", dataset_type="glue", dataset_name="GLUE", metric_type=kind, metric_value=value, **more
        )

    text = card(
        model_name="mine",
        eval_results=[
            result(0.9, dataset_config="mrpc", dataset_split="test"),
            result(0.8, metric_name="first"),
            result(0.7, metric_name="second"),
            result(0.6, metric_name="second"),
            result({"a": [1]}, "f1"),
        ],
    )
    put(hub / "ada/mine/README.md", text)
    report = Report()
    assert tracker_of(hub, report).metadata(MODEL) == {
        "results.glue/mrpc/test.accuracy": 0.9,
        "results.glue.accuracy": 0.8,
        "results.glue.second": 0.7,
        "results.glue.f1": {"a": [1]},
    }
    assert report.unmapped == {"results without a dataset, a metric or a value of their own": 1}


@pytest.mark.parametrize(
    ("written", "run"),
    [
        ("meta/base", "hf://models/meta/base"),
        ("gpt2", "hf://models/gpt2"),
        (" meta/base ", "hf://models/meta/base"),
        ("https://huggingface.co/meta/base", "hf://models/meta/base"),
        ("https://huggingface.co/meta/base/tree/main", "hf://models/meta/base"),
        ("https://huggingface.co/gpt2/tree/main", "hf://models/gpt2"),
        ("https://hf.co/datasets/ada/data?x=1", "hf://datasets/ada/data"),
        ("hf://models/meta/base", "hf://models/meta/base"),
        ("/ckpt//base/", "/ckpt/base"),
        ("s3://Bucket/base/", "s3://bucket/base"),
    ],
)
def test_a_source_is_an_id_an_address_or_an_absolute_path(hub: Path, written: str, run: str) -> None:
    put(hub / "ada/mine/README.md", card(base_model=written))
    assert sources(tracker_of(hub)) == {(run, None)}


@pytest.mark.parametrize(
    "written", ["./out/ckpt", "a/b/c", "..", "a--b", "two words", "C:\\ckpt", 3, {"a": 1}, [None], ""]
)
def test_a_source_that_could_be_anything_is_counted(hub: Path, written: Any) -> None:
    put(hub / "ada/mine/README.md", f"---\nbase_model: {json.dumps(written)}\n---\n")
    report = Report()
    assert sources(tracker_of(hub, report)) == set()
    assert report.unmapped == {"base_model entries other than an id, an address or an absolute path": 1}


def test_the_time_is_that_of_the_file(hub: Path) -> None:
    put(hub / "ada/mine/README.md", card(base_model="meta/base"))
    graph = tracker_of(hub).graph()
    at = datetime.fromtimestamp(AT, timezone.utc)
    assert graph.runs[MODEL].reported_at == graph.runs[MODEL].updated_at == at
    assert graph.artifacts[MODEL, "model"].logged_at == graph.sources[0].created_at == at


# -- which model it is ------------------------------------------------------------------------------------------------


def cached(hub: Path, folder: str, revision: str, text: str, at: float = AT) -> Path:
    """A file as it lies in the Hub's cache: a link to a blob."""
    blob = put(hub / folder / "blobs" / revision, text, at)
    link = hub / folder / "snapshots" / revision / "README.md"
    link.parent.mkdir(parents=True)
    link.symlink_to(os.path.relpath(blob, link.parent))
    return link


def test_the_cache_says_owner_name_and_revision(hub: Path) -> None:
    cached(hub, "models--ada--mine", "1f", card(license="mit"))
    cached(hub, "models--gpt2", "2f", card(license="mit"))
    tracker = tracker_of(hub)
    assert runs(tracker) == {MODEL, "hf://models/gpt2"}
    assert tracker.artifacts(MODEL)["model"].metadata == {"revision": "1f"}


@pytest.mark.parametrize("inside", [".", "models--ada--mine", "models--ada--mine/snapshots/1f/README.md"])
def test_the_cache_is_known_from_wherever_it_is_given(hub: Path, inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cached(hub, "models--ada--mine", "1f", card(model_name="eve/other"))
    assert runs(tracker_of(hub / inside)) == {MODEL}
    monkeypatch.chdir(hub)
    assert runs(tracker_of(inside)) == {MODEL}


def test_the_newest_snapshot_of_a_model_stands(hub: Path) -> None:
    cached(hub, "models--ada--mine", "aa", card(license="new", base_model="meta/new"), AT + 1)
    cached(hub, "models--ada--mine", "bb", card(license="old", base_model="meta/old"))
    tracker = tracker_of(hub)
    assert tracker.metadata(MODEL)["license"] == "new"
    assert tracker.artifacts(MODEL)["model"].metadata == {"revision": "aa"}
    assert sources(tracker) == {("hf://models/meta/new", None), ("hf://models/meta/old", None)}


def test_what_is_no_model_in_the_cache_is_left_out(hub: Path) -> None:
    cached(hub, "datasets--ada--data", "1f", card(license="mit"))
    cached(hub, "spaces--ada--demo", "1f", card(license="mit"))
    put(hub / "models--ada--mine/snapshots/1f/onnx/README.md", card(license="mit"))
    assert unread(hub) == {"cards of datasets or spaces": 2, "files below the top of a model": 1}


def test_two_folders_are_owner_and_name_below_what_is_given_or_as_given(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(hub / "ada/mine/README.md", card(license="mit"))
    assert runs(tracker_of(hub)) == {MODEL}
    nameless = {"model cards without the name of their model (give a Hub cache, or folders OWNER/NAME)": 1}
    for source in (file, file.parent, hub.parent, hub / "ada"):
        assert unread(source) == nameless
    monkeypatch.chdir(hub)
    for given in ("ada/mine/README.md", "ada/mine", "./ada/mine/"):
        assert runs(tracker_of(given)) == {MODEL}


@pytest.mark.parametrize(
    ("fields", "run"),
    [
        ({"model_name": "ada/mine"}, MODEL),
        ({"model_name": "mine"}, "hf://models/mine"),
        ({"model-index": [{"name": "ada/mine", "results": []}]}, MODEL),
        ({"model_name": "My own model", "model-index": [{"name": "mine"}]}, "hf://models/mine"),
    ],
)
def test_else_the_front_matter_says_it(hub: Path, fields: dict[str, Any], run: str) -> None:
    file = put(hub / "README.md", f"---\n{json.dumps(fields)}\n---\n")
    assert runs(tracker_of(file)) == runs(tracker_of(hub)) == {run}


# -- again, and cut off ------------------------------------------------------------------------------------------------


def test_a_second_import_changes_nothing_and_none_overwrites_what_is_newer(hub: Path) -> None:
    put(hub / "ada/mine/README.md", card(license="mit", base_model="meta/base"))
    tracker = tracker_of(hub)
    first = state(tracker)
    tracker.copy_from(events(str(hub), Report()))
    assert state(tracker) == first
    tracker.add_metadata(MODEL, license="mine")
    tracker.copy_from(events(str(hub), Report()))
    assert tracker.metadata(MODEL)["license"] == "mine"


def test_an_import_that_was_cut_off_goes_on(hub: Path) -> None:
    for name in "abc":
        put(hub / "ada" / name / "README.md", card(base_model="meta/base", model_name=name))
    whole = tracker_of(hub)
    for number in range(3):
        reading = events(str(hub), Report())
        tracker = GraphTracker(":memory:")
        tracker.copy_from([next(reading) for _ in range(number)])
        tracker.copy_from(events(str(hub), Report()))
        assert state(tracker) == state(whole)


def test_the_command_says_what_was_read(hub: Path, tmp_path: Path) -> None:
    put(hub / "ada/mine/README.md", card(base_model="meta/base"))
    put(hub / "README.md", "# All models\n")
    store = str(tmp_path / "store.db")
    done = command("import", "model-card", str(hub), "--store", store)
    said = "read 1 model card and 1 source; not mapped: 1 file without front matter"
    assert (done.code, done.out, done.err.splitlines()[-1]) == (0, "", f"graphtracker: {store}: {said}")


# -- hostile input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["none", "a\0b", "a\ud800", "x" * 5000])
def test_what_is_not_there_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(InvalidInput, match=r"give a README\.md or a folder"):
        tracker_of(str(tmp_path / source))


def test_what_is_neither_a_file_nor_a_folder_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for source in (tmp_path / "pipe", "/dev/null"):
        with pytest.raises(InvalidInput, match=r"is a pipe or a device, no file or folder; give a README\.md"):
            tracker_of(str(source))


@pytest.mark.parametrize(
    "text", ["", "# A model\n", "---\n---\n", "---\n# nothing\n---\n", "---\nlicense: mit\n", "text\n---\na: b\n---"]
)
def test_a_file_without_front_matter_is_counted(hub: Path, text: str) -> None:
    assert unread(put(hub / "README.md", text)) == {"files without front matter": 1}


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("begins", ["", "\ufeff", "\n\n"])
def test_a_mark_at_the_beginning_and_ends_of_lines_are_no_matter(hub: Path, begins: str, ends: str) -> None:
    put(hub / "ada/mine/README.md", (begins + card(license="mit")).replace("\n", ends))
    assert tracker_of(hub).metadata(MODEL) == {"license": "mit"}


UNREADABLE = {
    "a list": b"- a\n- b",
    "text": b"words",
    "a number": b"3",
    "broken": b"a: [b",
    "a tab": b"a:\n\t- b",
    "a tag of Python": b"a: !!python/object/apply:os.system ['touch pwned']",
    "an unknown tag": b"a: !mine b",
    "an alias of nothing": b"a: *b",
    "two documents": b"a: b\n...\nc: d",
    "no UTF-8": b"a: \xff",
    "controls": b"a: \x07",
    "a key that is a list": b"? [a]\n: b",
    "too deep": b"a: " + b"[" * 20_000,
    "a number of many digits": b"a: " + b"1" * 10_000,
}


@pytest.mark.parametrize("block", UNREADABLE.values(), ids=UNREADABLE)
def test_front_matter_that_cannot_be_read_is_counted_and_of_the_one_file_that_is_named_refused(
    hub: Path, block: bytes
) -> None:
    file = put(hub / "README.md", b"---\n" + block + b"\n---\n")
    assert unread(hub) == {"files whose front matter cannot be read": 1}
    with pytest.raises(InvalidInput, match=r"the front matter of '.*README\.md' cannot be read \(\w+: .*\); mend it"):
        unread(file)


def test_front_matter_too_large_to_be_read_is_not(hub: Path) -> None:
    put(hub / "README.md", b"---\na: " + b"x" * (1 << 20) + b"\n---\n")
    put(hub / "a/README.md", b"---\na: b\n---\n" + b"x" * (16 << 20))
    assert unread(hub) == {
        "files whose front matter is larger than 1 MiB, or 1,000,000 values with its references": 1,
        "files larger than 16 MiB": 1,
    }


def test_what_would_be_large_by_references_is_left_out(hub: Path) -> None:
    """The billion laughs, by lists, in a circle, and by merged maps, which YAML's reader itself would make."""
    laughs = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 1000))]
    merged = ["b0: &b0 {x: 1}", *(f"b{n}: &b{n} {{<<: [*b{n - 1}, *b{n - 1}]}}" for n in range(1, 40))]
    put(hub / "ada/laughs/README.md", "\n".join(["---", *laughs, "model-index: *a999", "---", ""]))
    put(hub / "ada/merged/README.md", "\n".join(["---", *merged, "---", ""]))
    put(hub / "ada/circle/README.md", "---\na: &a [*a]\nmodel-index: *a\n---\n")
    assert unread(hub) == {
        "files whose front matter is larger than 1 MiB, or 1,000,000 values with its references": 3,
    }


def test_references_and_merged_maps_of_people_are_read(hub: Path) -> None:
    put(hub / "ada/mine/README.md", "---\na: &a {x: 1}\nb: {<<: *a, y: 2}\nc: [*a, *a]\ntext: '<<SYS>> *'\n---\n")
    found = tracker_of(hub).metadata(MODEL)
    assert (found["b"], found["c"], found["text"]) == ({"x": 1, "y": 2}, [{"x": 1}, {"x": 1}], "<<SYS>> *")


@pytest.mark.parametrize("index", ["x", 3, [1], [[]], [{"results": 3}], [{"name": 1, "results": [{"metrics": [7]}]}]])
def test_an_index_of_another_shape_harms_nothing(hub: Path, index: Any) -> None:
    put(hub / "ada/mine/README.md", f"---\nlicense: mit\nmodel-index: {json.dumps(index)}\n---\n")
    assert tracker_of(hub).metadata(MODEL) == {"license": "mit"}


def test_keys_that_are_no_text_are_counted(hub: Path) -> None:
    put(hub / "ada/mine/README.md", "---\nno: 1\n3: 4\nignore_metadata_errors: true\nself: 5\n---\n")
    report = Report()
    assert tracker_of(hub, report).metadata(MODEL) == {"ignore_metadata_errors": True, "self": 5}
    assert report.unmapped == {"values of metadata that cannot be stored": 2}


def test_hostile_texts_are_data(hub: Path) -> None:
    # "self" names an argument of the library's, and U+0085 is a blank in YAML as it writes it.
    values = {key: text for key, text in HOSTILE.items() if text != "self" and "\x85" not in text[:8]}
    texts = {text: [text] for text in values.values()}
    put(hub / "ada/mine/README.md", card(values=values, **texts))
    report = Report()
    found = tracker_of(hub, report).metadata(MODEL)
    assert found == {"values": values} | texts
    assert not report.unmapped


def test_links_that_lead_nowhere_or_round_and_what_is_no_file_are_passed_over(hub: Path) -> None:
    put(hub / "ada/mine/README.md", card(license="mit"))
    (hub / "ada/mine/round").symlink_to(hub)
    for name in "abc":
        (hub / "ada" / name).mkdir()
    (hub / "ada/a/README.md").symlink_to(hub / "none")
    os.mkfifo(hub / "ada/b/README.md")
    (hub / "ada/c/README.md").symlink_to("/dev/zero")
    report = Report()
    assert runs(tracker_of(hub, report)) == {MODEL}
    assert report.unmapped == {"files that cannot be read": 3}


def test_the_library_s_words_reach_nobody(hub: Path, capfd: pytest.CaptureFixture[str], caplog: Any) -> None:
    put(hub / "ada/mine/README.md", "# no front matter\n")
    put(hub / "ada/odd/README.md", "---\nmodel-index: [3]\nbase_model: ''\n---\n")
    tracker_of(hub)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
