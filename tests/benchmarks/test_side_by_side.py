"""The benchmark beside the peers: what it takes for right is right, a wrong answer has no time, absences are named."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker
from tests.benchmarks import chart, report
from tests.benchmarks.field import driver
from tests.benchmarks.field.checking import Reference, digest
from tests.benchmarks.field.contender import Answer
from tests.benchmarks.field.environments import Column, NoEnvironment, python_of
from tests.benchmarks.field.side_by_side import Drivers, Effort, Figure, measured
from tests.benchmarks.graphs import SHAPES, RecordedRun, run_id_of
from tests.benchmarks.growth import growths
from tests.support.oracle import Call, Logs, Model, Names, Reports
from tests.support.servers import emptied

HERE = ["graphtracker_store", "bare_sql", "networkx_pickle", "fsspec_tracker"]  # what this environment has


def calls_of(many: list[RecordedRun]) -> list[Call]:
    calls: list[Call] = []
    for each in many:
        calls.append(Reports(each.run_id, each.metadata))
        calls += [Logs(each.run_id, name, path, None) for name, path in each.artifacts]
        calls += [Names(each.run_id, source, name or None) for source, name in each.sources]
    return calls


@pytest.mark.parametrize("shape", SHAPES)
def test_the_reference_is_what_the_oracle_says(shape: str) -> None:
    many = list(SHAPES[shape].runs(600))
    model = Model.of(calls_of(many))
    recorded = {each.run_id: each for each in many}
    reference = Reference(many)
    for start in SHAPES[shape].starts(600)[:12]:
        expected = model.lineage(start)
        paths = {(each.run_id, name): path for each in many for name, path in each.artifacts}
        answer = Answer(
            {run_id: recorded[run_id].metadata if run_id in recorded else {} for run_id in expected.runs},
            [(*key, paths[key]) for key in expected.artifacts if key in paths],
            [(run_id, source, name or "") for run_id, source, name in expected.sources],
        )
        assert reference.digest(start) == digest(start, answer)


def job(folder: Path, contender: str, **more: Any) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    known = {"contender": contender, "folder": str(folder), "url": "", "shape": "islands", "runs": 200, "limit": 0.1}
    return {**known, **more}


def questions(shape: str, runs: int) -> dict[str, Any]:
    reference = Reference(SHAPES[shape].runs(runs))
    starts = [*SHAPES[shape].starts(runs)[:5], run_id_of(runs - 1)]  # the last run of the mix names two of one source
    return {"starts": starts, "expected": [list(reference.digest(start)) for start in starts]}


@pytest.mark.parametrize("shape", ["chain", "islands", "mix"])
@pytest.mark.parametrize("contender", HERE)
def test_a_contender_loads_and_answers(contender: str, shape: str, tmp_path: Path) -> None:
    asked = job(tmp_path / "store", contender, shape=shape, runs=500)
    loaded = driver.load(asked)
    assert loaded["disk"] > 0
    answered = driver.ask({**asked, **questions(shape, 500)})
    if (contender, shape) == ("fsspec_tracker", "mix"):  # it keeps one source of each run
        assert "sources" in answered["short"]
        return
    assert len(answered["times"]) == len(answered["sizes"]) > 0
    assert ("dot" in answered) == (contender == "graphtracker_store")


@pytest.mark.parametrize("contender", HERE)
def test_a_contender_records(contender: str, tmp_path: Path) -> None:
    asked = job(tmp_path / "store", contender)
    driver.load(asked)
    recorded = driver.record(asked)
    assert recorded["call"]
    assert recorded["run"]
    done = driver.together(job(tmp_path / "together", contender, processes=2, each=3))
    assert done.get("rate", 0) > 0 or (contender == "networkx_pickle" and "of 8 runs" in done["short"])


@pytest.mark.parametrize("contender", ["graphtracker_store", "bare_cypher"])
def test_a_contender_on_neo4j(contender: str, tmp_path: Path) -> None:
    asked = job(tmp_path / "store", contender, url=emptied(), shape="mix")
    driver.load({**asked, "contender": "graphtracker_store"})
    answered = driver.ask({**asked, **questions("mix", 200)})
    assert answered["times"]
    assert driver.record({**asked, "contender": contender})["run"]


def test_what_is_found_is_compared_with_what_it_must_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = job(tmp_path / "store", "graphtracker_store")
    found = driver.find(asked)
    assert sorted(found["times"]) == ["best", "newest 20", "newest 20 of a value", "range of 100"]
    monkeypatch.setattr("tests.benchmarks.field.graphtracker_store.Contender.best", lambda self: [])
    assert driver.find(job(tmp_path / "other", "graphtracker_store")) == {"short": "best is not what it must be"}


def test_a_wrong_answer_has_no_time(tmp_path: Path) -> None:
    asked = {**job(tmp_path / "store", "graphtracker_store"), **questions("islands", 200)}
    driver.load(asked)
    asked["expected"][0][2] = "0" * 32
    answered = driver.ask(asked)
    assert answered == {"short": "as many as there are of 100 runs and 99 sources, but not the same"}
    asked["expected"][0][0] = 101
    assert driver.ask(asked) == {"short": "100 of 101 runs, 99 of 99 sources"}


def test_what_cannot_be_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tests.benchmarks.field.environments.KEPT", tmp_path)
    column = Column("nothing", "nothing", ("./nowhere",))
    with pytest.raises(NoEnvironment, match=r"cannot be installed: .*nowhere"):
        python_of(column, lambda _: None, heavy_too=True)
    heavy = column._replace(heavy=True)
    drivers = Drivers([heavy], lambda _: None, heavy_too=False)
    assert drivers.columns == []
    assert "left out of --quick" in drivers.absent["nothing"]


def test_figures_become_tables_json_and_a_chart(tmp_path: Path) -> None:
    ours = Column("graphtracker", "graphtracker_store", ours=True, finds=True)
    columns = [ours, Column("broken", "no_such_module")]
    drivers = Drivers(columns, lambda _: None, heavy_too=False)
    assert "No module named" in drivers.absent["broken"]
    effort = Effort(["chain", "islands"], [], [100, 200], 0.1, 30, 2, 200)
    figures = list(measured(drivers, effort, None, lambda _: None))
    grown = list(growths(figures))
    assert {each.shape for each in grown} == {"chain", "islands"}
    text = report.side_by_side(figures)
    assert "islands 200" in text
    assert "8 processes record, runs/s" in text
    assert "find: range of 100, p50, ms" in text
    read = json.loads(report.as_json([], figures, grown, drivers.versions, drivers.how, drivers.absent))
    assert read["versions"]["graphtracker"]
    assert len(read["side by side"]) == len(figures)
    chart.draw(figures, tmp_path / "chart.svg", "<this & that>")
    assert "<this & that>" in "".join(ET.parse(tmp_path / "chart.svg").getroot().itertext())  # noqa: S314


def test_growth_says_what_is_not_as_promised() -> None:
    def figures(shape: str, power: float) -> list[Figure]:
        return [Figure("lineage, p50", "ms", shape, runs, "x", 0.001 * runs**power) for runs in (100, 1000, 10_000)]

    told = {(each.shape, each.kept): each for each in growths([*figures("chain", 1.0), *figures("islands", 0.3)])}
    assert round(told["chain", True].exponent, 6) == 1.0
    assert told["chain", True].against == "answer"
    assert round(told["islands", False].exponent, 6) == 0.3
    assert report.growth(told.values()).count("NOT flat in the store") == 1


def test_words_that_are_long_stand_below_the_table() -> None:
    words = "short: 101 of 1,000 runs, 100 of 999 sources"
    text = report.side_by_side([Figure("lineage, p50", "ms", "chain", 1000, "ml-metadata", None, words)])
    assert text.splitlines()[1].split() == ["chain", "1,000", "short*"]
    assert text.splitlines()[-1] == f"ml-metadata, chain 1,000: {words}"


def test_what_takes_too_long_is_ended_with_all_its_processes(tmp_path: Path) -> None:
    column = Column("graphtracker", "graphtracker_store", ours=True)
    drivers = Drivers([column], lambda _: None, heavy_too=False)
    asked = {"do": "together", "folder": str(tmp_path), "url": "", "processes": 2, "each": 10**9}
    assert drivers.run(column, asked, 2) == {"failed": "> 2 s"}
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("mine")
        before = len(tracker.run_ids())
        assert len(tracker.run_ids()) == before > 1
