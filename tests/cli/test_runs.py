"""`runs` lists what the library answers, newest first, filtered, page by page."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact
from tests.support.command import command, failure, listed, output, table
from tests.support.hostile import obeyed
from tests.support.recording import remember
from tests.support.small_pipeline import EVALUATE, LARGE, MODEL, PREPARE, SMALL

NAMES = ["evaluate-m4", "train-l3", "train-s2", "prepare-k1"]
FIRST = datetime(2026, 1, 1, tzinfo=timezone.utc)


def names(*arguments: str) -> list[str]:
    """What stands in the first column, below its title."""
    return [row[0] for row in table(*arguments)[1:]]


def column(title: str, *arguments: str) -> list[str]:
    """What stands below this title."""
    titles, *rows = table(*arguments)
    return [row[titles.index(title)] for row in rows]


@pytest.fixture
def nested(tmp_path: Path) -> str:
    """A store of three trainings whose metadata is nested, an hour apart."""
    path = str(tmp_path / "nested.db")
    with GraphTracker(path) as tracker:
        for hour, lr in enumerate((0.1, 0.01, math.nan)):
            optim: dict[str, object] = {"lr": lr, "name": "adam"}
            metadata = {"config": {"optim": optim, "layers": 2}, "team": "nlp", **({"seed": 1} if hour else {})}
            model = TrackerArtifact("model", f"/models/{hour}.pt", {"loss": lr * 2})
            tracker.record(f"train-{hour}", metadata=metadata, artifacts=[model], at=FIRST + timedelta(hours=hour))
    return path


# -- which runs --------------------------------------------------------------------------------------------------------


def test_runs_are_listed_newest_first_without_externals(store: str, opened: GraphTracker) -> None:
    assert names("--store", store) == NAMES
    assert names("--ids", "--store", store) == [EVALUATE, LARGE, SMALL, PREPARE] == opened.run_ids()


def test_runs_as_json_are_what_the_library_answers(store: str, opened: GraphTracker) -> None:
    printed = output("runs", "--json", "--store", store)
    in_lineage = {item["run_id"]: item for item in opened.graph().to_dict()["runs"]}
    expected = [in_lineage[run_id] for run_id in opened.run_ids()]
    assert printed == json.dumps(expected, ensure_ascii=False, indent=1) + "\n"


def test_runs_are_filtered_by_metadata_source_and_number(store: str, opened: GraphTracker) -> None:
    assert listed("--where", "kind=train", "--store", store) == [LARGE, SMALL]
    assert listed("--where", "kind=train", "--where", "lr=0.1", "--store", store) == [SMALL]
    assert listed("--where", "lr=1e-2", "--store", store) == [LARGE]
    assert listed("--where", "nothing=1", "--store", store) == []
    assert listed("--parent", PREPARE, "--store", store) == opened.run_ids(parent_run_id=PREPARE)
    assert listed("--parent", "prepare-k1", "--where", "kind=train", "--store", store) == [LARGE, SMALL]
    assert listed("--parent", "raw", "--store", store) == [PREPARE]
    assert listed("--limit", "2", "--store", store) == [EVALUATE, LARGE]
    assert listed("--limit", "0", "--store", store) == []


def test_a_filter_is_an_expression_too_and_all_must_hold(store: str) -> None:
    assert listed("--where", "lr < 0.05 or rows == 5", "--store", store) == [LARGE, PREPARE]
    assert listed("--where", "kind", "--where", "not lr", "--store", store) == [PREPARE]
    assert listed("--where", 'lr > 0.001 and "small" in artifact.model.path', "--store", store) == [SMALL]


def test_where_filters_metadata_of_any_key(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.record("odd", metadata={"a b": "c=d", "flag": True, "deep": {"flag": True}})
    for where in ("a b=c=d", "flag=true", "flag=True", "deep.flag=True"):
        assert listed("--where", where, "--store", store) == ["odd"]


def test_where_means_metadata_even_for_the_key_parent_run_id(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.record("odd", metadata={"parent_run_id": "text"})
    assert listed("--where", "parent_run_id=text", "--store", store) == ["odd"]


def test_times_keep_runs_from_then_on_and_before_then(store: str) -> None:
    assert listed("--since", "2026-01-01T02:00", "--store", store) == [EVALUATE, LARGE]
    assert listed("--until", "2026-01-01T02:00", "--store", store) == [SMALL, PREPARE]
    both = ["--since", "2026-01-01T01:00", "--until", "2026-01-01T03:00"]
    assert listed(*both, "--store", store) == [LARGE, SMALL]
    assert listed(*both, "--where", "lr=0.1", "--store", store) == [SMALL]


def test_no_runs_are_no_lines_and_an_empty_list(store: str) -> None:
    done = command("runs", "--where", "kind=b", "--store", store)
    assert (done.code, done.out, done.err) == (0, "", "graphtracker: no run matches\n")
    assert output("runs", "--where", "kind=b", "--json", "--store", store) == "[]\n"


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=str)
@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("lrr < 1", "no run has the key 'lrr'; near it: 'lr'"),
        ("not kind and knid == 'train'", "no run has the key 'knid'; near it: 'kind'"),
        ("rosw.total=5", "no run has the key 'rosw.total'; near it: 'rows'"),
        ("status=running", "no run has the key 'status'; what a run is remembered by is context.status"),
        (
            "context.user=ada",
            "no run has the key 'context.user'; context.user == … asks for what is no metadata of the run",
        ),
        ("name=train-l3", "no run has the key 'name'; name == … asks for what is no metadata of the run"),
        ("zzzzz=1", "no run has the key 'zzzzz'"),
    ],
)
def test_a_key_that_no_run_has_is_said_with_what_is_near(where: str, said: str, as_json: list[str], store: str) -> None:
    done = command("runs", "--where", where, *as_json, "--store", store)
    assert done.code == 0
    assert done.err.splitlines()[-1] == f"graphtracker: {said}"


def test_a_key_is_not_said_where_something_matches_or_some_run_has_it(store: str) -> None:
    assert command("runs", "--where", "lr < 0", "--store", store).err == "graphtracker: no run matches\n"
    assert output("runs", "--where", "lr or lrr", "--store", store)


@pytest.mark.parametrize(
    "arguments",
    [["--where", "kind ="], ["--where", "=train"], ["--where", "lr <"], ["--limit", "-1"], ["--parent", ""]],
    ids=" ".join,
)
def test_odd_filters_are_usage(arguments: list[str], store: str) -> None:
    assert failure(2, "runs", *arguments, "--store", store)


def test_an_unknown_parent_is_not_found(store: str) -> None:
    assert "nobody" in failure(1, "runs", "--parent", "nobody", "--store", store)


# -- order and pages ---------------------------------------------------------------------------------------------------


def test_runs_are_sorted_by_a_key_which_is_shown_first(store: str) -> None:
    assert names("--sort", "lr", "--store", store) == ["train-l3", "train-s2", "evaluate-m4", "prepare-k1"]
    assert names("--sort", "-lr", "--store", store) == ["train-s2", "train-l3", "evaluate-m4", "prepare-k1"]
    assert table("--sort", "-lr", "--store", store)[0] == ["name", "created", "status", "lr", "kind", "rows"]
    assert table("--sort", "lr", "--limit", "1", "--store", store)[0] == ["name", "created", "status", "lr", "kind"]
    assert table("--sort", "artifact.model.path", "--store", store)[1][3] == MODEL
    assert table("--sort", "created", "--store", store)[0] == ["name", "created", "status", "kind", "lr", "rows"]


@pytest.mark.parametrize("options", [[], ["--sort", "-lr"], ["--where", "kind"]], ids=str)
def test_a_page_that_the_limit_cut_says_how_to_go_on(options: list[str], store: str) -> None:
    whole = names(*options, "--store", store)
    pages: list[str] = []
    more: list[str] = []
    while True:
        done = command("runs", "--limit", "1", *options, *more, "--store", store)
        pages += [line.split("\t")[0] for line in done.out.splitlines()[1:]]
        if not done.err:
            break
        assert done.err == f"graphtracker: there are more: --after {pages[-1]} goes on, with the same options\n"
        more = ["--after", pages[-1]]
    assert pages == whole
    assert len(whole) > 2


def test_a_page_that_ends_at_a_run_whose_name_others_have_goes_on_by_its_id(tmp_path: Path) -> None:
    store = str(tmp_path / "two.db")
    with GraphTracker(store) as tracker:
        for number, run_id in enumerate(("a://x/it's", "b://x/it's")):
            tracker.record(run_id, at=FIRST + timedelta(hours=number))
    said = command("runs", "--limit", "1", "--store", store).err
    assert """ --after 'b://x/it'"'"'s' goes on""" in said
    assert listed("--limit", "1", "--after", "b://x/it's", "--store", store) == ["a://x/it's"]


# -- what is shown of each ---------------------------------------------------------------------------------------------


def test_programs_read_tabs_times_in_full_and_every_value_that_differs(nested: str) -> None:
    assert output("runs", "--store", nested).splitlines() == [
        "name\tcreated\tstatus\tconfig.optim.lr\tseed",
        "train-2\t2026-01-01 02:00:00Z\t\tnan\t1",
        "train-1\t2026-01-01 01:00:00Z\t\t0.01\t1",
        "train-0\t2026-01-01 00:00:00Z\t\t0.1\t",
    ]


def test_of_a_single_run_all_metadata_is_shown(nested: str) -> None:
    titles = "name created status config.layers config.optim.lr config.optim.name seed team"
    assert table("--limit", "1", "--store", nested)[0] == titles.split()


def test_values_are_compared_as_they_are_equal(tmp_path: Path) -> None:
    store = str(tmp_path / "equal.db")
    with GraphTracker(store) as tracker:
        tracker.add_metadata("a", number=1, nan=math.nan, flag=True, text="1", unlike=1)
        tracker.add_metadata("b", number=1.0, nan=math.nan, flag=1, text="1", unlike="1")
    assert table("--store", store)[0] == ["name", "created", "status", "flag", "unlike"]


def test_keys_that_most_runs_have_come_first_and_those_of_the_filter_before_them(nested: str) -> None:
    assert table("--store", nested)[0][3:] == ["config.optim.lr", "seed"]
    assert table("--where", "seed == 1 or team", "--store", nested)[0][3:] == ["seed", "config.optim.lr"]


def test_columns_are_any_fields_of_a_filter(nested: str) -> None:
    remember(nested, "train-1", user="ada", status="running")
    keys = 'team,config.optim["name"],context.user,artifact.model.loss,artifact.model.path,created,metadata["a,b"]'
    titles, newest, second, _ = table("--columns", keys, "--store", nested)
    assert titles == [
        *["name", "created", "status", "team", 'config.optim["name"]', "context.user"],
        *["artifact.model.loss", "artifact.model.path", "created", 'metadata["a,b"]'],
    ]
    assert newest[3:] == ["nlp", "adam", "", "nan", "/models/2.pt", "2026-01-01 02:00:00Z", ""]
    assert second[2:8] == ["running", "nlp", "adam", "ada", "0.02", "/models/1.pt"]


def test_a_column_that_is_no_field_says_how_any_key_is_written(nested: str) -> None:
    assert 'metadata["learning rate"]' in failure(2, "runs", "--columns", "lr,learning rate", "--store", nested)


def test_artifacts_are_those_of_then(nested: str) -> None:
    with GraphTracker(nested) as tracker:
        tracker.add_artifact("train-0", "model", "/models/again.pt")
    asked = ["--columns", "artifact.model.path", "--store", nested]
    assert column("artifact.model.path", *asked) == ["/models/2.pt", "/models/1.pt", "/models/again.pt"]
    assert column("artifact.model.path", "--as-of", "2026-01-01T01:30", *asked) == ["/models/1.pt", ""]


def test_metadata_that_is_called_as_another_column_is_told_apart(tmp_path: Path) -> None:
    store = str(tmp_path / "odd.db")
    with GraphTracker(store) as tracker:
        tracker.add_metadata("a", status="ours", **{"name": "b", "learning rate": 1})
    assert table("--store", store)[0] == [
        *["name", "created", "status", "learning rate", 'metadata["name"]', 'metadata["status"]'],
    ]
    assert column('metadata["status"]', "--columns", "status", "--store", store) == ["ours"]


def test_runs_of_one_name_are_shown_by_their_ids(store: str, opened: GraphTracker) -> None:
    opened.record("other://x/train-l3", at=FIRST)
    assert set(names("--store", store)) == {"evaluate-m4", LARGE, "train-s2", "prepare-k1", "other://x/train-l3"}
    assert names("--where", "lr", "--store", store) == ["train-l3", "train-s2"]


def test_a_status_is_that_of_the_context_or_that_it_is_forgotten(store: str, opened: GraphTracker) -> None:
    assert column("status", "--store", store) == ["", "", "", ""]
    remember(store, SMALL, status="failed: RuntimeError")
    remember(store, LARGE, status="running", user="ada")
    opened.forget(PREPARE, links=False)
    assert column("status", "--store", store) == ["", "running", "failed: RuntimeError", "forgotten"]


def test_nothing_is_cut_or_obeyed_for_programs(store: str) -> None:
    remember(store, LARGE, status="failed: " + "\x1b[31mLong\t\n" * 100)
    with GraphTracker(store) as tracker:
        tracker.add_metadata(LARGE, note="n\t" * 5_000, **{"odd\tkey": "[red]x[/red]"})
    printed = output("runs", "--store", store)
    assert not obeyed(printed.replace("\t", ""))
    assert len({line.count("\t") for line in printed.splitlines()}) == 1
    assert "\\u001b[31mLong\\u0009\\u000a" * 100 in printed
    assert "n\\u0009" * 5_000 in printed
    assert "\t[red]x[/red]" in printed
