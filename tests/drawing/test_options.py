"""A picture is asked for in words that are understood, or refused with what may be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker, InvalidInput, Lineage
from graphtracker.drawing.options import PLAIN, options_of
from tests.support.six_jobs import START


class Unreadable:
    """A path whose own code fails."""

    def __fspath__(self) -> str:
        raise OSError("gone")


@pytest.mark.parametrize(
    ("asked", "way_out"),
    [
        *(
            ({"labels": labels}, r"labels are metadata keys, such as \['lr'")
            for labels in ("lr", b"lr", 5, [5], [None])
        ),
        *(({"size": size}, "WIDTHxHEIGHT in pixels") for size in ((1200, 800), 1200, b"a4", "", "16x9", "a5")),
        *(({"vertical": way}, "vertical is True, False, or None") for way in ("horizontal", 1, "no")),
    ],
    ids=str,
)
def test_what_is_not_understood_is_refused_with_what_is(asked: dict[str, Any], way_out: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=way_out):
        Lineage().save(tmp_path / "x.svg", **asked)
    if "size" not in asked:
        with pytest.raises(InvalidInput, match=way_out):
            Lineage().page(**asked)
    assert not list(tmp_path.iterdir())


def test_none_asks_for_nothing() -> None:
    assert options_of(labels=None, vertical=None, size=None) == options_of() == PLAIN


def test_any_path_names_the_file(six_jobs: GraphTracker, tmp_path: Path) -> None:
    lineage = six_jobs.lineage(START)
    for path in (tmp_path / "x.dot", str(tmp_path / "y.dot"), bytes(tmp_path / "z.dot")):
        lineage.save(path)
    assert {path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {lineage.to_dot()}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.dot", "y.dot", "z.dot"]


@pytest.mark.parametrize("path", [5, None, Unreadable()], ids=lambda path: type(path).__name__)
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(InvalidInput, match="give its path as text"):
        Lineage().save(path)


@pytest.mark.parametrize("columns", ["80", 80.0, 0, -1, True])
def test_a_tree_is_fitted_to_a_number_of_columns(columns: Any) -> None:
    with pytest.raises(InvalidInput, match="columns must be a whole number of at least 1"):
        Lineage().tree(columns)
