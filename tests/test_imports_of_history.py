"""The vocabularies that history is imported from: by name, with the options that each takes."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from graphtracker import InvalidInput
from graphtracker.exchange.report import Report
from graphtracker.imports import IMPORTS, OPTIONS, events_of


@pytest.mark.parametrize("name", IMPORTS)
def test_a_vocabulary_is_a_function_of_a_source_a_report_and_its_options(name: str) -> None:
    module, _, function = IMPORTS[name].partition(":")
    source, report, *options = inspect.signature(getattr(import_module(module), function)).parameters
    assert (source, report) == ("source", "report")
    assert set(options) == {option for option, owners in OPTIONS.items() if name in owners}


def test_every_option_is_of_vocabularies_that_there_are() -> None:
    assert {owner for owners in OPTIONS.values() for owner in owners} <= set(IMPORTS)


@pytest.mark.parametrize("name", ["", "torch", "TORCHX", "torchx ", "a\x1b[31m", "\ud800"])
def test_an_unknown_name_is_refused_with_those_that_are_known(name: str) -> None:
    with pytest.raises(InvalidInput, match=r"unknown vocabulary '.*'; use one of .*torchx") as refused:
        events_of(name, "source", Report())
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize("name", IMPORTS)
def test_an_empty_source_is_not_the_folder_that_one_is_in(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"no source of {name} is named; say where it is"):
        events_of(name, "", Report())


def test_an_option_of_others_is_refused_with_its_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPTIONS, "parent_as_source", ("mlflow", "others"))
    with pytest.raises(
        InvalidInput, match="torchx takes no 'parent_as_source', which is an option of mlflow and others"
    ):
        events_of("torchx", "fsspec", Report(), parent_as_source=True)


def test_an_option_of_nobody_is_refused() -> None:
    with pytest.raises(InvalidInput, match="mlflow takes no 'parents', nor does another; leave it out"):
        events_of("mlflow", "file:mlruns", Report(), parents=True)
