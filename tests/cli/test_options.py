"""Every command takes a store, named in any of its ways, and those options that it shares with others."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtracker.model.display import quoted
from tests.support.command import COMMAND_LINE, COMMANDS, command, failure, output, remark
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


NUMBERS = [
    (name, parameter.opts[0], 1 if parameter.opts == ["--max-runs"] else 0)
    for name in COMMANDS
    for parameter in COMMAND_LINE.commands[name].params
    if parameter.metavar == "N"
]


@pytest.mark.parametrize(("name", "option", "least"), NUMBERS)
def test_a_number_that_is_none_or_too_small_is_named_with_the_way_out(name: str, option: str, least: int) -> None:
    for text in (f"{least - 1}", "-1", "x", "1.5", "", "1\x1b", "9" * 5000):
        way_out = f"is no whole number of at least {least}; give one, or leave the option out"
        assert f"'{option}': {quoted(text)} {way_out}\n" in failure(2, name, option, text)
    assert "no whole number" not in command(name, option, f"{least}").err
    assert "no whole number" not in command(name, option, f"{2**70}").err


def test_no_number_is_left_to_the_parser() -> None:
    for name in COMMANDS:
        for parameter in COMMAND_LINE.commands[name].params:
            assert (parameter.metavar == "N") == (parameter.opts[0] in ("--depth", "--limit", "--max-runs"))


@pytest.mark.parametrize("arguments", [["runs", "--limit"], ["lineage", EVALUATE, "--depth"]], ids=" ".join)
def test_a_number_may_be_larger_than_any_store(arguments: list[str], store: str) -> None:
    assert output(*arguments, f"{2**70}", "--store", store) == output(*arguments[:-1], "--store", store)
