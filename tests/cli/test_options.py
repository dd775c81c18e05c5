"""Every command takes a store, named in any of its ways, and those options that it shares with others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import COMMAND_LINE, COMMANDS, failure, output, remark
from tests.support.small_pipeline import EVALUATE


def test_store_stands_before_or_after_the_command(store: str) -> None:
    before, after = output("--store", store, "runs"), output("runs", "--store", store)
    assert before == after != ""
    assert output("show", EVALUATE, "--json", "--store", store) == output("--store", store, "show", "--json", EVALUATE)


def test_the_store_after_the_command_counts_more_than_the_one_before(store: str, tmp_path: Path) -> None:
    assert output("--store", str(tmp_path / "none.db"), "runs", "--store", store)


def test_the_environment_names_the_store_that_no_option_names(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = output("runs", "--store", store)
    monkeypatch.setenv("GRAPHTRACKER_URL", f"sqlite:///{store}")
    assert output("runs") == expected
    assert "none.db" in failure(3, "runs", "--store", "none.db")


def test_without_any_the_per_user_store_is_used(tmp_path: Path) -> None:
    failure(3, "runs")
    remark("add-metadata", "train", "lr=1")
    assert "train" in output("runs")
    assert list(tmp_path.rglob("graphtracker.db"))


def options_of(name: str) -> set[str]:
    return {word for parameter in COMMAND_LINE.commands[name].params for word in parameter.opts}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_a_store_and_those_that_print_data_json(name: str) -> None:
    assert "--store" in options_of(name)
    assert ("--json" in options_of(name)) == (
        name not in ("demo", "add-artifact", "add-metadata", "add-source", "import", "copy", "browse", "mcp")
    )


@pytest.mark.parametrize("name", ["lineage", "export"])
def test_lineage_and_export_share_the_options_of_a_question(name: str) -> None:
    assert options_of(name) >= {
        "--path",
        "--from",
        "--from-path",
        "--upstream",
        "--downstream",
        "--depth",
        "--artifact",
        "--max-runs",
        "--as-of",
        "--strict",
    }
