"""A library that is not to be had is named with what needs it, and with the extra that brings it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from graphtracker import MissingExtra
from graphtracker.exchange.extras import library


def refusal(module: str) -> str:
    with pytest.raises(MissingExtra) as refused:
        library(module, "wandb", "W&B")
    return str(refused.value)


def test_a_library_that_is_there_is_imported() -> None:
    assert library("json.decoder", "wandb", "W&B") is sys.modules["json.decoder"]


def test_a_library_that_is_not_there_is_named_with_its_extra() -> None:
    assert refusal("nobody_s_library") == "W&B needs nobody_s_library; pip install 'graphtracker[wandb]'"


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("import nobody_s_library", "needs nobody_s_library;"),
        (
            "raise TypeError('made for \\x1b another')",
            r"needs broken_one, which cannot be imported (TypeError: 'made for \u001b",
        ),
        ("1 +", "needs broken_one, which cannot be imported (SyntaxError: "),
    ],
)
def test_a_library_that_cannot_be_imported_says_why(
    source: str, needed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_one.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert needed in refusal("broken_one")
    assert refusal("broken_one").count("pip install 'graphtracker[wandb]'") == 1
