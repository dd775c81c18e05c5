"""Filters as people type them behind an option: an expression, or KEY=VALUE."""

from __future__ import annotations

import math

import pytest

from graphtracker import InvalidInput
from graphtracker.stores.filters.conditions import Comparison, MetadataKey, Place, Wanted, dotted
from graphtracker.stores.filters.given import argument, given
from graphtracker.stores.filters.parsing import condition


@pytest.mark.parametrize(
    ("text", "key", "wanted"),
    [
        ("lr=0.1", "lr", ["0.1", 0.1]),
        ("seed=1", "seed", ["1", 1]),
        ("optimizer=adam", "optimizer", ["adam"]),
        ('optimizer="adam"', "optimizer", ['"adam"', "adam"]),
        ("debug=true", "debug", ["true", True]),
        ("debug=True", "debug", ["True", True]),
        ("note=None", "note", ["None", None]),
        ("note=null", "note", ["null", None]),
        ("note=", "note", [""]),
        ("note=a and b", "note", ["a and b"]),
        ("note=a=b", "note", ["a=b"]),
        ("note=b==c", "note", ["b==c"]),
        ("note=[1,2]", "note", ["[1,2]"]),
        ("note=(see below)", "note", ["(see below)"]),
        ("note=>3", "note", [">3"]),
        ("loss=-inf", "loss", ["-inf", -math.inf]),
    ],
)
def test_key_value_is_equality_with_the_text_and_what_it_reads_as(text: str, key: str, wanted: list[object]) -> None:
    assert argument(text) == Comparison(MetadataKey((Place(key),)), "in", tuple(map(Wanted, wanted)))


@pytest.mark.parametrize("key", ["config.lr", "eval/loss", "learning-rate", "a b", "x[0]", ".a", "a.", "class", "été"])
def test_any_key_may_stand_there_and_a_dotted_one_is_a_path_too(key: str) -> None:
    places = dotted(("config", "lr")) if key == "config.lr" else (Place(key),)
    assert argument(f"{key}=x") == Comparison(MetadataKey(places), "in", (Wanted("x"),))


@pytest.mark.parametrize("text", ["lr == 0.1", "lr==0.1", "lr<=0.1", "lr", "not lr", "name == 'a=b'", "'=' in note"])
def test_what_is_an_expression_is_taken_as_one(text: str) -> None:
    assert argument(text) == condition(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("lr=0.1 and x < 3", "column 3: write == for =$"),
        ("lr=0.1 or lr=0.2", "column 3: write == for =$"),
        ("lr < 0.01 and optimizer=adam", "column 24: write == for =$"),
        ("f(a=1)", "column"),
        ("lr => 0.1", "column 4: write >= for =>$"),
        ("lr = 0.1", "column 4: write == for =, or 'lr=0.1' without spaces$"),
        ("=3", "column 1"),
        ("lr<", "column"),
        ("len(x)", "nothing is called here"),
    ],
)
def test_what_can_be_neither_is_told_what_would_be(text: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        argument(text)


def test_a_mapping_is_equality_with_keys_as_they_were_recorded() -> None:
    assert given(None, dict) is None
    assert given({}, dict) is given({"lr": None}, dict) is None
    found = given({"a.b": "1"}, dict)
    assert found is not None
    assert found.conditions == (Comparison(MetadataKey((Place("a.b"),)), "in", (Wanted("1"), Wanted(1))),)  # type: ignore[union-attr]


@pytest.mark.parametrize("where", [3, ["lr == 1"], b"lr", object()])
def test_anything_else_is_refused(where: str) -> None:
    with pytest.raises(InvalidInput, match="a filter is text or a mapping"):
        given(where, dict)
