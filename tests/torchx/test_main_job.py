"""The main job: real ``torchx run`` launches, whose lineage graphtracker and torchx then show."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from graphtracker import Lineage, Source
from tests.support.recording import NOON
from tests.support.tools import dot_program, run  # noqa: F401  # a fixture is used by its name, dot

SCRIPTS = Path(__file__).parent / "pipeline"
DATASET = "https://example.org/measurements"


@dataclass(frozen=True)
class Pipeline:
    """Three launches that have ended: the folder that they ran in, their handles, and what their replicas wrote."""

    folder: Path
    prepare: str
    train: str
    evaluate: str
    logs: Mapping[str, Mapping[str, str]]
    """Job → replica → its stdout and stderr."""

    def graphtracker(self, *arguments: str) -> str:
        return run(self.folder, "graphtracker", *arguments, "--store", "lineage.db").stdout

    def torchx_tracker(self, *arguments: str) -> list[list[str]]:
        """The rows of the table that ``torchx tracker list`` prints, without its two lines of head."""
        printed = run(self.folder, "torchx", "tracker", "list", *arguments).stdout
        return [re.split(r" {2,}", line.strip()) for line in printed.splitlines()[2:]]

    def lineage(self, *arguments: str) -> Lineage:
        return Lineage.from_dict(json.loads(self.graphtracker("export", *arguments, "--format", "json")))


def name(handle: str) -> str:
    """What people call a run: the last part of its handle."""
    return handle.rsplit("/", 1)[1]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    folder = tmp_path_factory.mktemp("pipeline")
    for script in SCRIPTS.glob("*.py"):
        shutil.copy(script, folder)
    (folder / ".torchxconfig").write_text(
        f"[torchx:tracker]\ngraphtracker =\n\n[tracker:graphtracker]\nconfig = {folder / 'lineage.db'}\n",
        encoding="utf-8",
    )
    logs: dict[str, dict[str, str]] = {}

    def launch(job: str, *options: str, parent: str | None = None) -> str:
        """Waits for the job to end, and returns the handle that torchx printed."""
        of = ["--parent_run_id", parent] if parent else []
        component = ["utils.python", "--name", job, "--script", f"{job}.py", *options]
        # What torchx prints of them passes a copy, which a replica's last line may miss when all end at once.
        written = ["--scheduler_args", f"log_dir={folder / 'logs' / job}"]
        done = run(folder, "torchx", "run", "--scheduler", "local_cwd", *written, "--wait", *of, *component)
        logs[job] = {
            file.parent.name: file.read_text(encoding="utf-8")
            + file.with_name("stderr.log").read_text(encoding="utf-8")
            for file in (folder / "logs" / job).rglob("stdout.log")
        }
        handle = done.stdout.strip()
        assert re.fullmatch(rf"local_cwd://torchx/{job}-\w+", handle)
        return handle

    prepare = launch("prepare")
    train = launch("train", "--num_replicas", "4", parent=prepare)
    evaluate = launch("evaluate", "--", train)
    return Pipeline(folder, prepare, train, evaluate, logs)


def test_the_lineage_holds_the_three_jobs_with_their_artifacts_and_metadata(pipeline: Pipeline) -> None:
    lineage = pipeline.lineage(pipeline.train)
    assert lineage.complete
    assert {run_id: run.external for run_id, run in lineage.runs.items()} == {
        DATASET: True,
        pipeline.prepare: False,
        pipeline.train: False,
        pipeline.evaluate: False,
    }
    assert {key: artifact.path for key, artifact in lineage.artifacts.items()} == {
        (pipeline.prepare, "rows"): str(pipeline.folder / "rows.csv"),
        (pipeline.train, "model"): str(pipeline.folder / "model.json"),
        (pipeline.evaluate, "report"): str(pipeline.folder / "report.json"),
    }
    assert lineage.artifacts[pipeline.prepare, "rows"].metadata == {"format": "csv"}
    assert lineage.runs[pipeline.prepare].metadata == {"cleaned": True, "rows": 3}
    assert lineage.runs[pipeline.train].metadata["points"] == 3
    assert lineage.runs[pipeline.evaluate].metadata["error"] == pytest.approx(0, abs=1)


def test_every_job_of_the_pipeline_has_the_same_lineage(pipeline: Pipeline) -> None:
    train, whole = pipeline.lineage(pipeline.train), pipeline.lineage()
    for lineage in (pipeline.lineage(pipeline.prepare), pipeline.lineage(pipeline.evaluate), whole):
        assert (lineage.runs, lineage.artifacts, lineage.sources) == (train.runs, train.artifacts, train.sources)


def test_four_replicas_are_one_run_with_each_source_once(pipeline: Pipeline) -> None:
    assert pipeline.logs["train"] == {"0": "trained\n", "1": "trained\n", "2": "trained\n", "3": "trained\n"}
    lineage = pipeline.lineage(pipeline.train)
    of_train = [source for source in lineage.sources if source.run_id == pipeline.train]
    assert of_train == [
        Source(pipeline.train, pipeline.prepare, None, NOON),  # from --parent_run_id, by every replica
        Source(pipeline.train, pipeline.prepare, "rows", NOON),
    ]
    edges = Counter(list(lineage.graph.edges(keys=True)))  # a view is a mapping, which Counter would read as counts
    assert edges[pipeline.prepare, pipeline.train, "derived"] == 1
    assert edges[(pipeline.prepare, "rows"), pipeline.train, "used"] == 1
    assert edges[pipeline.train, (pipeline.train, "model"), "generated"] == 1
    assert max(edges.values()) == 1


def test_graphtracker_lineage_prints_where_the_model_came_from_and_what_it_made(pipeline: Pipeline) -> None:
    came_from, made = pipeline.graphtracker("lineage", pipeline.train).split("made:")
    prepare, train, evaluate = map(name, (pipeline.prepare, pipeline.train, pipeline.evaluate))
    assert came_from.startswith(train)
    assert f"rows ← {prepare}" in came_from
    assert "measurements [external]" in came_from
    assert f"model → {evaluate}" in made
    assert "report" in made


def test_a_run_is_found_by_the_end_of_its_handle(pipeline: Pipeline) -> None:
    assert pipeline.graphtracker("lineage", name(pipeline.train)) == pipeline.graphtracker("lineage", pipeline.train)


def test_the_exported_dot_is_drawn_by_dot(pipeline: Pipeline, dot: str) -> None:
    text = pipeline.graphtracker("export", pipeline.train, "--dot")
    drawn = ElementTree.fromstring(run(pipeline.folder, dot, "-Tsvg", text=text).stdout)  # noqa: S314  # dot wrote it
    labels = {element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")}
    runs = map(name, (DATASET, pipeline.prepare, pipeline.train, pipeline.evaluate))
    assert labels >= {"rows", "model", "report", *runs}


def test_torchx_lists_the_three_jobs_newest_first(pipeline: Pipeline) -> None:
    assert pipeline.torchx_tracker("jobs") == [[pipeline.evaluate], [pipeline.train], [pipeline.prepare]]


def test_torchx_lists_the_jobs_of_a_parent(pipeline: Pipeline) -> None:
    assert pipeline.torchx_tracker("jobs", "--parent-run-id", pipeline.prepare) == [[pipeline.train]]


def test_torchx_lists_the_artifacts_and_metadata_of_each_job(pipeline: Pipeline) -> None:
    folder = pipeline.folder
    assert pipeline.torchx_tracker("artifacts", pipeline.prepare) == [
        ["rows", str(folder / "rows.csv"), "{'format': 'csv'}"]
    ]
    assert pipeline.torchx_tracker("artifacts", pipeline.train) == [["model", str(folder / "model.json")]]
    assert pipeline.torchx_tracker("artifacts", pipeline.evaluate) == [["report", str(folder / "report.json")]]
    assert pipeline.torchx_tracker("metadata", pipeline.prepare) == [["cleaned", "True"], ["rows", "3"]]


def test_no_job_was_told_anything(pipeline: Pipeline) -> None:
    said = [text for replicas in pipeline.logs.values() for text in replicas.values()]
    assert sorted(said) == ["", "", *["trained\n"] * 4]
