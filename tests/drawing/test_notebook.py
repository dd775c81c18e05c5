"""What notebooks show: a lineage as its picture, a run and an artifact as a small table, in a real kernel."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pytest
from nbclient import NotebookClient

from graphtracker import Artifact, GraphTracker, Run
from tests.support.hostile import HOSTILE
from tests.support.remembered import CONTEXT, GONE, OLD, PREPARE, STARTED, record_remembered, remember
from tests.support.six_jobs import record_six_jobs

CELLS = (
    "from graphtracker import GraphTracker\ntracker = GraphTracker('store.db')",
    "tracker.graph()",
    "tracker.run('local_cwd://torchx/prepare-k3v9')",
    "tracker.lineage('local_cwd://torchx/prepare-k3v9').artifacts['local_cwd://torchx/prepare-k3v9', 'train']",
    "import os, sys\nos.environ['PATH'] = ''\nsys.modules['pygraphviz'] = None\ntracker.graph()",
    "tracker.runs()[:2]",
    "tracker.runs().to_pandas()",
)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """What each cell shows, by MIME type."""
    folder = tmp_path_factory.mktemp("notebook")
    with GraphTracker(folder / "store.db") as tracker:
        record_six_jobs(tracker)
    v4: Any = nbformat.v4  # has no types
    book = v4.new_notebook(cells=[v4.new_code_cell(text) for text in CELLS])
    # The kernel of this environment, whatever kernels its user has.
    client = NotebookClient(book, timeout=120, resources={"metadata": {"path": str(folder)}})
    kernel = client.create_kernel_manager().kernel_spec
    assert kernel is not None
    kernel.argv[0] = sys.executable
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(folder / name))
        client.execute()
    return [
        {kind: "".join(text) for output in cell.outputs for kind, text in output.get("data", {}).items()}
        for cell in book.cells
    ]


@pytest.mark.usefixtures("dot")
def test_a_lineage_shows_itself_as_its_picture(shown: list[dict[str, str]]) -> None:
    drawn = ElementTree.fromstring(shown[1]["image/svg+xml"])  # noqa: S314  # our own picture
    words = {(item.text or "").strip() for item in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {"prepare-k3v9", "fine-tune-h8rc", "model", "reviews-2026.csv"} <= words
    assert "complete" in shown[1]["text/plain"]


def test_without_graphviz_it_shows_text(shown: list[dict[str, str]]) -> None:
    assert set(shown[4]) == {"text/plain"}
    assert shown[4]["text/plain"].startswith("<Lineage of the whole store")


def test_a_run_and_an_artifact_show_tables(shown: list[dict[str, str]]) -> None:
    run, artifact = (ElementTree.fromstring(shown[cell]["text/html"]) for cell in (2, 3))  # noqa: S314
    assert run.findtext("caption") == "run prepare-k3v9"
    assert "local_cwd://torchx/prepare-k3v9" in [cell.text for cell in run.iter("td")]
    assert artifact.findtext("caption") == "artifact train"
    assert {"run_id", "path"} <= {"".join(cell.itertext()) for cell in artifact.iter("th")}


def test_a_list_of_runs_shows_a_table_and_so_does_its_frame(shown: list[dict[str, str]]) -> None:
    listed = ElementTree.fromstring(shown[5]["text/html"])  # noqa: S314  # our own table
    assert listed.findtext("caption") == "2 runs"
    assert "local_cwd://torchx/prepare-k3v9" in shown[6]["text/html"]


def cells(value: Run | Artifact) -> list[list[str]]:
    """The rows of its table."""
    table = ElementTree.fromstring(value._repr_html_())  # noqa: S314  # our own table
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


def test_a_table_tells_context_place_and_times() -> None:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        tracker.record(PREPARE, metadata={"user": "of the metadata"}, at=STARTED + timedelta(days=1))
        whole = tracker.graph()
    shown = cells(whole.runs[PREPARE])
    at = "2026-01-02 03:04:05Z"
    assert shown[:3] == [["run_id", PREPARE], ["created_at", at], ["reported_at", at]]
    assert shown[3][0] == "updated_at"
    assert [name for name, _ in shown[4:]] == [*(key for key in CONTEXT if key != "dirty"), "n", "user"]
    assert ["ended_at", "2026-01-02 04:04:10Z, after 1:00:05"] in shown
    assert cells(whole.artifacts[PREPARE, "rows"]) == [
        ["run_id", PREPARE], ["path", "out/rows.parquet"], ["place", str(Path("out/rows.parquet").absolute())],
        ["created_at", at], ["logged_at", at], ["updated_at", at],
    ]  # fmt: skip


@pytest.mark.parametrize(("run_id", "caption"), [(OLD, "forgotten run old"), (GONE, "forgotten external run gone")])
def test_a_table_says_that_a_run_is_forgotten(run_id: str, caption: str) -> None:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        table = tracker.run(run_id)._repr_html_()
    assert ElementTree.fromstring(table).findtext("caption") == caption  # noqa: S314  # our own table


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_in_a_table_is_data(name: str) -> None:
    text = HOSTILE[name]
    with GraphTracker(":memory:") as tracker:
        tracker.record(text, metadata={text: text, "list": [text]})
        tracker.add_artifact(text, text, text, {text: text})
        remember(tracker, text, {"user": text, "command": text, "status": text})
        run = tracker.run(text)
        (artifact,) = tracker.find_artifacts(text)
    for value in (run, artifact):
        table = ElementTree.fromstring(value._repr_html_())  # noqa: S314  # our own table
        assert {item.tag for item in table.iter()} == {"table", "caption", "tr", "th", "td", "i"}


def test_a_table_of_much_metadata_is_cut_and_says_so() -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("run", metadata={f"key {number:04}": number for number in range(1000)})
        table = tracker.run("run")._repr_html_()
    assert table.count("<tr>") < 60
    assert "950 more" in table
