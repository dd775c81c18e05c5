"""Tests read and write text in an encoding that they name: this machine's own is another elsewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
_MOST_WITHOUT = {"read_text": 0, "write_text": 1}
"""Method of a path → how many arguments stand before the encoding."""


def unnamed(path: Path) -> Iterator[str]:
    """Where a program reads or writes text in whatever encoding there is."""
    text = path.read_text(encoding="utf-8")
    if not any(name in text for name in (*_MOST_WITHOUT, "open(")):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and _is_unnamed(node):
            yield f"{path.relative_to(ROOT)}:{node.lineno}"


def _is_unnamed(call: ast.Call) -> bool:
    if any(keyword.arg in ("encoding", None) for keyword in call.keywords):
        return False
    if isinstance(call.func, ast.Attribute):
        return len(call.args) <= _MOST_WITHOUT.get(call.func.attr, -1)
    return isinstance(call.func, ast.Name) and call.func.id == "open" and "b" not in _mode(call)


def _mode(call: ast.Call) -> str:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "mode"] or call.args[1:2]
    return given[0].value if given and isinstance(given[0], ast.Constant) else ""  # type: ignore[return-value]


def test_no_test_has_text_in_whatever_encoding_there_is() -> None:
    assert [place for path in sorted((ROOT / "tests").rglob("*.py")) for place in unnamed(path)] == []
