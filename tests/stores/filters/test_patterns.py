"""The keys of a filter as patterns: what it compares is ignored, nested too, however the key is written."""

from __future__ import annotations

import pytest

from graphtracker.analysis.ignoring import Ignored
from graphtracker.stores.filters.given import argument
from graphtracker.stores.filters.patterns import patterns

METADATA = {"loss": 1, "losses": 2, "a": {"b": [1, 2], "c": 3}, "odd*[k]": 4, "oddest": 5}


@pytest.mark.parametrize(
    ("where", "left_out"),
    [
        ("loss > 0.5", {"loss"}),
        ("loss=1", {"loss"}),
        ("not (loss or losses == 2) and id == 'x' and context.user == 'ada'", {"loss", "losses"}),
        ("a.b", {"a.b"}),
        ("a.b[0] == 1", {"a.b"}),
        ("a", {"a.b", "a.c"}),
        ("metadata['odd*[k]'] == 4", {"odd*[k]"}),
        ("created > '-7d'", set()),
    ],
)
def test_a_filter_leaves_out_what_it_compares(where: str, left_out: set[str]) -> None:
    everything = Ignored().of_run(METADATA)
    kept = Ignored(patterns(argument(where))).of_run(METADATA)
    assert set(everything) - set(kept) == left_out


def test_a_filter_of_an_artifact_leaves_out_its_key_and_no_other_artifacts() -> None:
    ignored = Ignored(patterns(argument("artifact.model.loss > 1 and artifact.rows and artifact.rows.path == '/x'")))
    assert ignored.of_artifact("model", {"loss": 1, "size": 2}) == {"size": 2}
    assert ignored.of_artifact("rows", {"loss": 1}) == {"loss": 1}


def test_without_a_filter_there_are_none() -> None:
    assert patterns(None) == []
