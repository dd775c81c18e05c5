"""Where jobs that are started here record is told before they are, and why nowhere."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

import pytest

from graphtracker import GraphTracker, entry_points
from graphtracker.jobs import destinations, given_store
from graphtracker.jobs.given_store import Told
from graphtracker.jobs.torchx_config import NAME
from tests.support.unusable_stores import newer, not_a_database

NAMED = "[torchx:tracker]\ngraphtracker =\n"


def given(config: object) -> str:
    return f"{NAMED}[tracker:graphtracker]\nconfig = {config}\n"


def told(project: Path, text: str) -> Told:
    """The one line about jobs that are started where this is the .torchxconfig."""
    (project / NAME).write_text(text, encoding="utf-8")
    [line] = destinations.of_jobs()
    return line


# -- a store -----------------------------------------------------------------------------------------------------------


def test_a_store_that_can_be_made_is_well(project: Path, tmp_path: Path) -> None:
    store, config = tmp_path / "lineage.db", project / NAME
    assert told(project, given(store)) == (f"'{store}', according to '{config}'", True)
    assert not store.exists()


def test_a_store_that_is_there_is_well(project: Path, tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("run")
    assert told(project, given(f"sqlite:///{tmp_path}/lineage.db")).ok


def test_a_relative_path_is_told_with_what_it_is_relative_to(project: Path) -> None:
    text, ok = told(project, given("lineage.db"))
    assert text.startswith(f"'lineage.db', relative to the working folder of each job: '{project}/lineage.db' where ")
    assert ok is None
    assert told(project, given("sqlite:///lineage.db")).ok is None
    assert told(project, given("~/lineage.db")).ok is True


def test_a_server_is_not_asked_and_its_password_not_shown(project: Path) -> None:
    text, ok = told(project, given("neo4j://ada:secret@db.invalid:7687"))
    assert text.startswith("'neo4j://ada:***@db.invalid:7687'")
    assert ok


def test_without_a_store_it_is_the_default_one(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, ok = told(project, NAMED)
    assert f"'{tmp_path}/data/graphtracker/graphtracker.db' (the default store" in text
    assert ok is None
    monkeypatch.setenv("GRAPHTRACKER_URL", str(tmp_path / "chosen.db"))
    text, ok = told(project, NAMED)
    assert f"'{tmp_path}/chosen.db' (the store that GRAPHTRACKER_URL names here)" in text
    assert ok


def test_a_file_of_a_shared_file_system_is_told_with_the_spools_that_take_its_place(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given_store, "network_file_system", lambda path: "nfs4")
    text, ok = told(project, given(tmp_path / "lineage.db"))
    assert text.startswith(
        f"the spool folder '{tmp_path}/lineage.db.spool', since '{tmp_path}/lineage.db' lies on nfs4"
    )
    assert ok is None


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ("mysql://h/x", "no store for 'mysql://h/x'; give "),
        ('"/x.db"', "stands in quotes; write it without them: /x.db"),
        ("/x.db  # ours", "comment included; give the comment a line of its own"),
        ("/x.db\n  more = 1", "of two lines, as the second is indented"),
        ("/nowhere/lineage.db", "does not exist; make it"),
        (":memory:", "is gone with it; name a file"),
        ("/x.jsonl", "is the spool of one process; name a folder"),
        ("neo4j", "NEO4J_URI names, which is not set"),
        ("neo4j://ada:secret@h:70000", "names no host and port"),
        ("/x.db\x1b[31m", "\\u001b"),
    ],
)
def test_a_store_that_cannot_be_is_wrong_and_the_way_out_is_told(config: str, why: str, project: Path) -> None:
    text, ok = told(project, given(config))
    assert why in text
    assert "secret" not in text
    assert text.isprintable()
    assert ok is ("\x1b" in config)  # a name that one may have


@pytest.mark.parametrize(("make", "why"), [(not_a_database, "name another file"), (newer, "install a newer")])
def test_a_file_that_is_no_store_is_wrong(make: object, why: str, project: Path, tmp_path: Path) -> None:
    make(tmp_path / "lineage.db")  # type: ignore[operator]
    text, ok = told(project, given(tmp_path / "lineage.db"))
    assert why in text
    assert ok is False


# -- none --------------------------------------------------------------------------------------------------------------


def test_without_a_file_the_way_out_is_told(project: Path) -> None:
    [(text, ok)] = destinations.of_jobs()
    assert (
        text
        == f"nothing: there is no '{project}/{NAME}'; make it, and write `graphtracker =` under [torchx:tracker] there"
    )
    assert ok is None


def test_without_torchx_or_a_file_for_it_nothing_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destinations, "find_spec", lambda name: None)
    assert list(destinations.of_jobs()) == []


def test_a_file_above_is_told_of_with_both_ways_out(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / NAME).write_text(NAMED, encoding="utf-8")
    (project / "a" / "b").mkdir(parents=True)
    (project / "a" / NAME).write_text("[torchx:tracker]\nmlflow =\n", encoding="utf-8")
    monkeypatch.chdir(project / "a" / "b")
    [(text, ok)] = destinations.of_jobs()
    assert f"'{project}/{NAME}' names graphtracker, but TorchX looks in no folder above" in text
    assert text.endswith(f"start them in '{project}', or set TORCHXCONFIG to that file")
    assert ok is None
    monkeypatch.setenv("TORCHXCONFIG", str(project / NAME))
    [(text, _)] = destinations.of_jobs()
    assert "default store" in text


def test_a_file_that_names_another_tracker_is_told_of(project: Path) -> None:
    (project / NAME).write_text("[torchx:tracker]\nnobodys =\n", encoding="utf-8")
    nothing, unknown = destinations.of_jobs()
    assert nothing == (
        f"nothing: '{project}/{NAME}' names 'nobodys'; write `graphtracker =` under [torchx:tracker]",
        None,
    )
    assert unknown == ("nothing by the tracker 'nobodys', which TorchX does not find in this environment", None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[tracker:graphtracker]\nconfig = /x.db\n", "but no tracker of that name; write `graphtracker =` under"),
        ("[torchx:trackers]\ngraphtracker =\n", "has [torchx:trackers], which TorchX does not look into"),
        ("[torchx.tracker]\ngraphtracker =\n", "has [torchx.tracker], which TorchX does not look into"),
        ("[torchx]\ntracker = mlflow, graphtracker\n", "write [torchx:tracker] with `graphtracker =` under it"),
        ("[graphtracker]\nconfig = /x.db\n", "write [tracker:graphtracker]"),
        ("[torchx:tracker]\ngraphtrackr =\n", "names the tracker 'graphtrackr', which nobody has"),
        ("[torchx:tracker]\nGraphTracker =\n", "names the tracker 'GraphTracker', which nobody has"),
        ("[torchx:tracker]\ngraphtracker.torchx:create =\n", "names the tracker 'graphtracker.torchx', which nobody"),
        ("[torchx:tracker]\ngraphtracker\n", "TorchX fails"),
    ],
)
def test_what_somebody_wrote_for_graphtracker_in_vain_is_wrong(text: str, why: str, project: Path) -> None:
    line, ok = told(project, text)
    assert line.startswith("nothing")
    assert why in line
    assert ok is False


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (NAMED + "[tracker.graphtracker]\nconfig = /x.db\n", "has [tracker.graphtracker], which TorchX does not look"),
        (NAMED + "[tracker:graphtrackr]\nconfig = /x.db\n", "has [tracker:graphtrackr], which TorchX does not look"),
        (NAMED + "[tracker:graphtracker]\nurl = /x.db\n", "says 'url' in [tracker:graphtracker], where TorchX reads"),
        ("[torchx:tracker]\ngraphtracker = /x.db\n", "write `config = …` under [tracker:graphtracker]"),
    ],
)
def test_a_store_that_somebody_named_in_vain_is_wrong(text: str, why: str, project: Path) -> None:
    (project / NAME).write_text(text, encoding="utf-8")
    (where, _), (line, ok) = destinations.of_jobs()
    assert "the default store" in where
    assert why in line
    assert ok is False


@pytest.mark.parametrize(
    "text",
    [
        "[local_cwd]\nlog_dir = /graphtracker/logs\n",
        "[component:graphtracker.train]\nstore = graphtracker\n",
        "[cli:run]\ncomponent = graphtracker\n",
    ],
)
def test_what_only_holds_the_word_is_no_mistake(text: str, project: Path) -> None:
    assert told(project, text).ok is None


def test_in_a_folder_that_is_gone_no_job_can_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    [(text, _)] = destinations.of_jobs()
    assert "the working folder is gone" in text


# -- variables ---------------------------------------------------------------------------------------------------------


def test_a_variable_outweighs_the_file(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = "TORCHX_TRACKER_GRAPHTRACKER_CONFIG"
    monkeypatch.setenv(variable, str(tmp_path / "other.db"))
    assert (
        told(project, given("/x.db")).text == f"'{tmp_path}/other.db', according to {variable} and '{project}/{NAME}'"
    )


def test_other_trackers_in_the_variable_outweigh_the_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHX_TRACKERS", "json")  # a module that can be imported
    text, ok = told(project, NAMED)
    assert text.endswith(f"TORCHX_TRACKERS names 'json', and outweighs '{project}/{NAME}'; add ,graphtracker to it")
    assert ok is False


def test_spaces_in_the_variable_are_part_of_a_name(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHX_TRACKERS", "json, graphtracker")
    for [(text, ok)] in (destinations.of_jobs(), destinations.of_processes()):
        assert "' graphtracker'" in text
        assert "without spaces around it" in text
        assert ok is False


def test_a_process_records_as_its_variables_say(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(destinations.of_processes()) == []
    monkeypatch.setenv("TORCHX_TRACKERS", "graphtracker")
    monkeypatch.setenv("TORCHX_TRACKER_GRAPHTRACKER_CONFIG", str(tmp_path / "lineage.db"))
    [(text, ok)] = destinations.of_processes()
    assert text.startswith(f"'{tmp_path}/lineage.db', according to TORCHX_TRACKERS and TORCHX_TRACKER_")
    assert ok


def test_a_process_of_a_job_without_trackers_records_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHX_JOB_ID", "local_cwd://torchx/train-x7k")
    [(text, ok)] = destinations.of_processes()
    assert text.startswith("nothing: the job 'local_cwd://torchx/train-x7k' was given no tracker")
    assert ok is None
    monkeypatch.setenv("TORCHX_TRACKERS", "")
    [(text, ok)] = destinations.of_processes()
    assert text.endswith("set it to graphtracker, or unset it")
    assert ok is None


def test_another_entry_point_for_graphtracker_is_ours(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_points, "targets", lambda group: {"lineage": "graphtracker.torchx:create"})
    text, ok = told(project, "[torchx:tracker]\nlineage =\n[tracker:lineage]\nconfig = ~/lineage.db\n")
    assert "lineage.db', by the tracker 'lineage', according to" in text
    assert ok


def test_a_module_path_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    [entry] = metadata.entry_points(group="torchx.tracker", name="graphtracker")
    monkeypatch.setenv("TORCHX_TRACKERS", entry.value)
    monkeypatch.setenv(f"TORCHX_TRACKER_{entry.value.upper()}_CONFIG", os.path.expanduser("~/lineage.db"))
    [(text, ok)] = destinations.of_processes()
    assert "lineage.db', by the tracker 'graphtracker.torchx:create', according to" in text
    assert ok
