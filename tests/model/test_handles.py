"""A job and its launcher know a run by two handles: for each scheduler, from the ids that its own code makes."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from torchx.runner.api import Runner
from torchx.specs.api import AppDef, Resource, Role, macros

import graphtracker
from graphtracker import GraphTracker, same_run
from graphtracker.model.handles import reported_as
from graphtracker.torchx import TorchXTracker
from tests.support.hostile import HOSTILE
from tests.support.tools import run


def kubernetes(module: Any) -> Any:
    made = module.KubernetesScheduler("torchx", client=MagicMock(), docker_client=MagicMock())
    made._custom_objects_api = _answers_with_the_job
    return made


def kubernetes_mcad(module: Any) -> Any:
    made = module.KubernetesMCADScheduler("torchx", client=MagicMock(), docker_client=MagicMock())
    made._custom_objects_api = _answers_with_the_job
    return made


def _answers_with_the_job() -> Any:
    return MagicMock(create_namespaced_custom_object=lambda **asked: asked["body"])


def aws_batch(module: Any) -> Any:
    return module.AWSBatchScheduler("torchx", client=MagicMock(), log_client=MagicMock(), docker_client=MagicMock())


def gcp_batch(module: Any) -> Any:
    sys.modules["google.cloud"].batch_v1.Job = lambda **fields: SimpleNamespace(**fields)
    return module.GCPBatchScheduler("torchx", client=MagicMock())


def ray(module: Any) -> Any:
    client = MagicMock(get_address=lambda: "http://127.0.0.1:8265", submit_job=lambda submission_id, **_: submission_id)
    return module.RayScheduler("torchx", ray_client=client)


SCHEDULERS: dict[str, tuple[Callable[[Any], Any], dict[str, Any]]] = {
    "kubernetes": (kubernetes, {"queue": "default", "namespace": "lab"}),
    "kubernetes_mcad": (kubernetes_mcad, {"namespace": "lab", "image_repo": "example.org/images"}),
    "aws_batch": (aws_batch, {"queue": "gpu", "user": "ada"}),
    "gcp_batch": (gcp_batch, {"project": "lab", "location": "us-central1"}),
    "ray": (ray, {"dashboard_address": "127.0.0.1:8265"}),
}

# What the schedulers talk to: clusters and clouds that a test cannot have. Their answers are all that is stood in for.
CLIENTS = [
    "boto3", "google", "google.api_core", "google.cloud", "google.cloud.batch_v1", "kubernetes", "kubernetes.client",
    "kubernetes.client.models", "kubernetes.client.rest", "ray", "ray.autoscaler", "ray.dashboard",
    "ray.dashboard.modules", "ray.dashboard.modules.job", "ray.dashboard.modules.job.common",
    "ray.dashboard.modules.job.sdk",
]  # fmt: skip


def handles(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The handle that TorchX prints for a launch on this scheduler, and the id that it puts into the job."""
    for client in CLIENTS:
        monkeypatch.setitem(sys.modules, client, MagicMock())
    monkeypatch.delitem(sys.modules, f"torchx.schedulers.{name}_scheduler", raising=False)
    make, options = SCHEDULERS[name]
    scheduler = make(importlib.import_module(f"torchx.schedulers.{name}_scheduler"))
    inside: list[str] = []
    apply = macros.Values.apply

    def spied(self: macros.Values, role: Role) -> Role:
        applied = apply(self, role)
        inside.append(applied.env["TORCHX_JOB_ID"])
        return applied

    monkeypatch.setattr(macros.Values, "apply", spied)
    app = AppDef("train", roles=[Role("trainer", image=str(folder), entrypoint="train", resource=Resource(1, 0, 512))])
    with Runner("torchx", {name: lambda *_, **__: scheduler}) as runner:
        printed = str(runner.schedule(runner.dryrun(app, name, options)))
    assert len(set(inside)) == 1
    return printed, inside[0]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SCHEDULERS)
def test_the_handle_that_is_printed_is_that_of_the_job(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed, inside = handles(name, tmp_path, monkeypatch)
    assert printed != inside
    assert reported_as(printed) == inside == reported_as(inside)
    assert same_run(printed, inside)
    assert same_run(inside, printed)
    assert not same_run(printed, inside + "x")
    monkeypatch.undo()
    with TorchXTracker(":memory:") as tracker:
        tracker.add_artifact(inside, "model", "/model")
        tracker.add_source("next", printed, "model")
        assert tracker.lineage(inside).descendants() == {(inside, "model"), "next"}
        assert tracker.run_ids(parent_run_id=printed) == ["next"]


@pytest.mark.parametrize(
    ("printed", "inside"),
    [
        ("ray://torchx/10.0.0.3-train-x7k", "ray://torchx/train-x7k"),  # the head of a cluster by its configuration
        ("ray://torchx/http://head:8265-train-x7k", "ray://torchx/train-x7k"),
        ("kubernetes://a session/ns:name", "kubernetes://a session/name"),
    ],
)
def test_other_forms(printed: str, inside: str) -> None:
    assert reported_as(printed) == inside


@pytest.mark.parametrize(
    "other",
    [
        "local_cwd://torchx/a:b", "slurm://torchx/4711", "docker://torchx/a:b-c", "s3://bucket/a:b", "kubernetes://x",
        "kubernetes://torchx/", "kubernetes://torchx/ns:", "gcp_batch://torchx/a:b", "ray://torchx/train-x7k", "",
        "a:b",
        *HOSTILE.values(),
    ],
)  # fmt: skip
def test_any_other_id_stays_as_it_is(other: str) -> None:
    assert reported_as(other) == other
    assert same_run(other, other)


def test_used_directly_ids_are_stored_as_given_and_doctor_tells_of_them(tmp_path: Path) -> None:
    printed, inside = "kubernetes://torchx/lab:train-x7k", "kubernetes://torchx/train-x7k"
    store = str(tmp_path / "store.db")
    with GraphTracker(store) as tracker:
        tracker.add_metadata(inside)
        tracker.add_source("deploy", printed)
        assert [source.source_run_id for source in tracker.sources("deploy")] == [printed]
        assert tracker.find_run("kubernetes://torchx/other:train-x7k") == inside
    told = run(tmp_path, "graphtracker", "--store", store, "doctor").stdout
    assert (
        f"handles of one run: 1: '{printed}' is '{inside}'; record by the second, as what TorchX launches does\n"
        in told
    )


def test_it_is_a_name_of_the_library() -> None:
    assert graphtracker.same_run is same_run
