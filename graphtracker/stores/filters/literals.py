"""The values that a filter compares with, from the nodes of Python's parser."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from typing import Any

from graphtracker.model.plain import plain
from graphtracker.stores.filters.syntax import Syntax, as_written

_NUMBERS = {"nan": math.nan, "inf": math.inf}
_WORDS = {"true": "True", "false": "False", "null": "None", "none": "None", "TRUE": "True", "FALSE": "False"}
_SIGNS = (ast.USub, ast.UAdd)


def is_literal(node: ast.expr) -> bool:
    """Whether it is a value rather than a key; ``nan`` and ``inf`` are the numbers."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, _SIGNS):
        return is_literal(node.operand)
    if isinstance(node, ast.Name):
        return node.id in _NUMBERS
    return isinstance(node, (ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict))


def literal(syntax: Syntax, node: ast.expr) -> Any:
    """The plain value of a node; raises InvalidInput."""
    try:
        return plain(_value(syntax, node), "value")
    except RecursionError as error:
        raise syntax.refusal(node, "this is nested too deep") from error
    except UnicodeEncodeError as error:
        raise syntax.refusal(node, "text has no lone surrogates") from error


def word_for(source: str) -> str | None:
    """How Python writes what other languages write so."""
    return _WORDS.get(source)


def _value(syntax: Syntax, node: ast.expr) -> Any:
    for read in (_constant, _signed, _collected):
        found = read(syntax, node)
        if found is not _NONE:
            return found
    raise syntax.refusal(node, _no_value(syntax, node))


_NONE: Any = object()


def _constant(syntax: Syntax, node: ast.expr) -> Any:
    if isinstance(node, ast.Name):
        return _NUMBERS.get(node.id, _NONE)
    found = node.value if isinstance(node, ast.Constant) else ...
    if isinstance(found, str):
        found.encode()  # raises UnicodeEncodeError
    return _NONE if found is ... or isinstance(found, complex) else found


def _signed(syntax: Syntax, node: ast.expr) -> Any:
    if not isinstance(node, ast.UnaryOp) or not isinstance(node.op, _SIGNS):
        return _NONE
    number = _value(syntax, node.operand)
    if type(number) not in (int, float):
        return _NONE
    return -number if isinstance(node.op, ast.USub) else number


def _collected(syntax: Syntax, node: ast.expr) -> Any:
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_value(syntax, item) for item in node.elts]
    if isinstance(node, ast.Set):
        return set(_hashable(syntax, node.elts))
    keys = [key for key in node.keys if key is not None] if isinstance(node, ast.Dict) else []
    if isinstance(node, ast.Dict) and len(keys) == len(node.keys):
        return dict(zip(_hashable(syntax, keys), [_value(syntax, item) for item in node.values], strict=True))
    return _NONE


def _hashable(syntax: Syntax, nodes: list[ast.expr]) -> Iterator[Any]:
    for node in nodes:
        value = _value(syntax, node)
        if isinstance(value, (list, set, dict)):
            syntax.refuse(node, "a plain value is expected here")
        yield value


def _no_value(syntax: Syntax, node: ast.expr) -> str:
    source = syntax.source(node)
    if word_for(source):
        return f"write {word_for(source)} for {source}"
    quotes = f"; text needs quotes: {as_written(source)}" if isinstance(node, (ast.Name, ast.Attribute)) else ""
    return f"a value is expected here: a number, text in quotes, True, False, None, or a list of such{quotes}"
