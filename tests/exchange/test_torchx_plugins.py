"""Trackers of other people come in, however loosely they keep to TorchX's interface, and nothing is lost silently."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from torchx.tracker import api

from graphtracker import GraphTracker, NotFound, StoreError
from graphtracker.exchange import torchx
from graphtracker.exchange.report import Report
from tests.support.jobs import told


class Plugin:
    """A tracker whose verbs answer what a test says, or raise it; of one run, ``train``, unless the test says more."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {"run_ids": ["train"], "metadata": {}, "artifacts": {}, "sources": [], **answers}
        self.closed = 0

    def _answer(self, verb: str) -> Any:
        answer = self.answers[verb]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def run_ids(self, **kwargs: str) -> Any:
        return self._answer("run_ids")

    def metadata(self, run_id: str) -> Any:
        return self._answer("metadata")

    def artifacts(self, run_id: str) -> Any:
        return self._answer("artifacts")

    def sources(self, run_id: str, artifact_name: str | None = None) -> Any:
        return self._answer("sources")

    def lineage(self, run_id: str) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        self.closed += 1


MADE: list[Plugin] = []


def create(config: str | None) -> Plugin:
    """A factory as TorchX wants one."""
    MADE.append(Plugin(metadata={"config": config}))
    return MADE[-1]


@pytest.fixture
def target() -> Iterator[GraphTracker]:
    with GraphTracker(":memory:") as tracker:
        yield tracker


def copied(target: GraphTracker, **answers: Any) -> Report:
    """The report on a copy of such a plug-in."""
    report = Report()
    target.copy_from(torchx.events(Plugin(**answers), report))
    return report


def failing(error: Exception) -> Iterator[Any]:
    yield "train"
    raise error


ARTIFACT = api.TrackerArtifact("model", "/m.pt", {"loss": 0.1})
SOURCE = api.TrackerSource("prepare", "rows")


def test_a_run_that_is_listed_more_than_once_is_one(target: GraphTracker) -> None:
    report = copied(target, run_ids=["train", "other", "train"], metadata={"lr": 0.1})
    assert report.sentence() == "read 2 runs"
    assert sorted(target.run_ids()) == ["other", "train"]


def test_answers_may_be_any_mappings_and_iterables(target: GraphTracker) -> None:
    report = copied(
        target,
        run_ids=iter(["train"]),
        metadata=MappingProxyType({"lr": 0.1}),
        artifacts=MappingProxyType({"model": ARTIFACT}),
        sources=(source for source in [SOURCE, api.TrackerSource("base", None), api.TrackerSource("old", "")]),
    )
    assert report.sentence() == "read 1 run, 1 artifact and 3 sources"
    assert target.metadata("train") == {"lr": 0.1}
    assert {(item.source_run_id, item.artifact_name) for item in target.sources("train")} == {
        ("prepare", "rows"),
        ("base", None),
        ("old", None),
    }


@pytest.mark.parametrize("nothing", [None, NotImplementedError("")], ids=["None", "not implemented"])
@pytest.mark.parametrize("verb", ["metadata", "artifacts", "sources"])
def test_a_verb_that_a_tracker_leaves_open_is_counted(verb: str, nothing: object, target: GraphTracker) -> None:
    answers = {"metadata": {"lr": 0.1}, "artifacts": {"model": ARTIFACT}, "sources": [SOURCE], verb: nothing}
    report = copied(target, run_ids=["a", "b"], **answers)
    assert report.unmapped == {f"runs whose {verb} the tracker does not tell": 2}
    there = {
        "metadata": target.metadata("a") != {},
        "artifacts": target.artifacts("a") != {},
        "sources": target.sources("a") != [],
    }
    assert there == {**dict.fromkeys(there, True), verb: False}


@pytest.mark.parametrize("verb", ["metadata", "artifacts", "sources"])
def test_an_answer_of_a_type_that_torchx_does_not_know_is_counted(verb: str, target: GraphTracker) -> None:
    report = copied(target, **{verb: 7})
    assert report.unmapped == {f"runs whose {verb} are of a type that TorchX does not know": 1}
    assert target.run_ids() == ["train"]


def test_an_artifact_goes_by_its_own_name_and_without_one_by_its_key(target: GraphTracker) -> None:
    report = copied(
        target,
        artifacts={
            "key": ARTIFACT,
            "nameless": SimpleNamespace(path="/n", metadata=None),
            7: SimpleNamespace(path=Path("/7")),
        },
    )
    assert {name: item.path for name, item in target.artifacts("train").items()} == {"model": "/m.pt", "nameless": "/n"}
    assert report.unmapped == {"artifacts whose name or path cannot be stored": 1}
    assert report.read["artifacts"] == 2


def test_two_artifacts_of_one_name_are_one_whatever_their_order() -> None:
    two = {"one": api.TrackerArtifact("model", "/1", None), "two": api.TrackerArtifact("model", "/2", None)}
    found = set()
    for artifacts in (two, dict(reversed(two.items()))):
        with GraphTracker(":memory:") as tracker:
            copied(tracker, artifacts=artifacts)
            found.add(tracker.artifacts("train")["model"].path)
    assert len(found) == 1


@pytest.mark.parametrize("metadata", [None, {}, 0, ""])
def test_an_artifact_may_have_no_metadata(metadata: object, target: GraphTracker) -> None:
    report = copied(target, artifacts={"model": SimpleNamespace(name="model", path="/m", metadata=metadata)})
    assert target.artifacts("train")["model"].metadata is None
    assert not report.unmapped


def test_metadata_of_an_artifact_that_is_no_mapping_is_counted(target: GraphTracker) -> None:
    report = copied(target, artifacts={"model": SimpleNamespace(name="model", path="/m", metadata=["loss"])})
    assert report.unmapped == {"metadata of artifacts that is no mapping": 1}
    assert target.artifacts("train")["model"].path == "/m"


@pytest.mark.parametrize("run_id", [None, 7, b"train", "", "\0", "\ud800", ("a", "b"), ["unhashable"]], ids=repr)
def test_a_run_whose_id_is_none_is_counted(run_id: object, target: GraphTracker) -> None:
    report = copied(target, run_ids=[run_id, "train"])
    assert report.sentence() == "read 1 run; not mapped: 1 run whose id cannot be stored"


@pytest.mark.parametrize("source", [None, "prepare", ("prepare", "rows"), SimpleNamespace(source_run_id=7)], ids=repr)
def test_a_source_that_is_none_is_counted(source: object, target: GraphTracker) -> None:
    report = copied(target, sources=[source, SOURCE])
    assert report.sentence() == "read 1 run and 1 source; not mapped: 1 source whose id or name cannot be stored"


def test_values_that_no_store_takes_are_counted(target: GraphTracker) -> None:
    looped: list[object] = []
    looped.append(looped)
    odd: Mapping[Any, object] = {"object": object(), "loop": looped, 7: 1, None: 2, "complex": 1j, "lr": 0.1}
    assert copied(target, metadata=odd).unmapped == {"values of metadata that cannot be stored": 5}
    assert target.metadata("train") == {"lr": 0.1}


@pytest.mark.parametrize(
    ("verb", "answer", "said"),
    [
        ("run_ids", NotImplementedError("soon"), r"run_ids\(\): NotImplementedError: 'soon'"),
        ("run_ids", None, r"run_ids\(\): TypeError: "),
        ("run_ids", failing(OSError("gone\x1b[2J")), r"run_ids\(\): OSError: 'gone\\u001b\[2J'"),
        ("metadata", KeyError("train"), r"metadata\(\) of run 'train': KeyError: "),
        ("sources", failing(RecursionError("deep")), r"sources\(\) of run 'train': RecursionError: 'deep'"),
    ],
)
def test_a_tracker_that_fails_is_named_with_the_verb_and_the_run(
    verb: str, answer: object, said: str, target: GraphTracker
) -> None:
    with pytest.raises(StoreError, match=f"the tracker 'Plugin' fails at {said}"):
        copied(target, **{verb: answer})


def test_an_error_of_graphtracker_is_raised_as_it_is(target: GraphTracker) -> None:
    with pytest.raises(NotFound, match=r"^nothing there$"):
        copied(target, metadata=NotFound("nothing there"))


def test_a_tracker_without_a_verb_is_named(target: GraphTracker) -> None:
    class Half:
        def run_ids(self) -> list[str]:
            return ["train"]

    with pytest.raises(StoreError, match=r"the tracker 'Half' fails at metadata\(\) of run 'train': AttributeError"):
        target.copy_from(Half())  # type: ignore[arg-type]  # it is what no type checker would let through


def test_what_a_copy_leaves_out_is_logged(target: GraphTracker, caplog: pytest.LogCaptureFixture) -> None:
    plugin: Any = Plugin(metadata={"odd": object()}, sources=None)
    target.copy_from(plugin)
    assert told(caplog) == [
        "graphtracker cannot copy all of the tracker 'Plugin': read 1 run; not mapped: "
        "1 value of metadata that cannot be stored and 1 run whose sources the tracker does not tell"
    ]


def test_the_configuration_is_what_stands_behind_the_first_equals_sign(target: GraphTracker) -> None:
    for config, expected in (("", None), ("=", None), ("=a=b", "a=b")):
        MADE.clear()
        target.copy_from(torchx.events(f"{__name__}:create{config}", Report()))
        assert [plugin.answers["metadata"] for plugin in MADE] == [{"config": expected}]


def test_a_tracker_that_was_made_here_is_closed_and_another_is_not(target: GraphTracker) -> None:
    MADE.clear()
    target.copy_from(torchx.events(f"{__name__}:create", Report()))
    plugin: Any = Plugin()
    target.copy_from(plugin)
    assert ([made.closed for made in MADE], plugin.closed) == ([1], 0)


def test_a_view_of_this_very_store_changes_no_value(target: GraphTracker) -> None:
    class View:
        """A tracker that passes on to graphtracker, as a company's own might."""

        def __getattr__(self, verb: str) -> Any:
            if verb.startswith("_"):
                raise AttributeError(verb)
            return getattr(target, verb)

    target.record("train", metadata={"lr": 0.1}, artifacts=[ARTIFACT], sources=[SOURCE, "base"])
    before = target.metadata("train"), target.artifacts("train"), target.sources("train"), sorted(target.run_ids())
    view: Any = View()
    target.copy_from(view)
    after = target.metadata("train"), target.artifacts("train"), target.sources("train"), sorted(target.run_ids())
    assert json.dumps(before, default=vars) == json.dumps(after, default=vars)
