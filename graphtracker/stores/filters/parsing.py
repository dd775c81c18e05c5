"""Filters from the text of a Python comparison, which is never evaluated.

======================================================  ==============================================================
``lr``, ``optim.lr``, ``metadata["any key"]``           the key; with dots the key as recorded, else a path inside a
                                                        mapping; ``betas[0]`` an item of a list
``== != < <= > >=``, chained                            ``0.001 < lr <= 0.01``
``key in [..]``, ``"text" in key``, ``not in``          one of; text that contains it, or a list that has it
``key``, ``not key``                                    the run has the key; has it not
``key is None``, ``is not None``                        a key that is there with, without the value None
``id name created reported updated external forgotten``  the run itself; times against ISO text or an age as ``"-7d"``
``context.user``                                        what the run is remembered by
``artifact.model``, ``artifact["a b"].path``,           has it; its path; its metadata
``artifact.model.loss``
======================================================  ==============================================================

``and``, ``or``, ``not`` and brackets join them. ``nan`` and ``inf`` are the numbers.
"""

from __future__ import annotations

import ast
from datetime import datetime, timezone

from graphtracker.errors import InvalidInput
from graphtracker.model.context import KEYS
from graphtracker.model.display import listed, quoted
from graphtracker.model.times import moment_from_text
from graphtracker.stores.filters.conditions import (
    FLAGS,
    OWN,
    TIMES,
    ArtifactKey,
    ArtifactPath,
    Comparison,
    Condition,
    ContextKey,
    Every,
    Field,
    HasArtifact,
    MetadataKey,
    Not,
    Operator,
    Own,
    Place,
    Some,
    Step,
    Wanted,
    dotted,
)
from graphtracker.stores.filters.literals import is_literal, literal, word_for
from graphtracker.stores.filters.syntax import FORMS, Syntax, as_written, is_plain_word, syntax_of

_OWN = {name: Own(name) for name in OWN}

_ORDER: dict[type[ast.cmpop], tuple[Operator, Operator]] = {  # as it is written, and with its sides exchanged
    ast.Eq: ("==", "=="),
    ast.NotEq: ("!=", "!="),
    ast.Lt: ("<", ">"),
    ast.LtE: ("<=", ">="),
    ast.Gt: (">", "<"),
    ast.GtE: (">=", "<="),
}


def condition(text: str, now: datetime | None = None) -> Condition:
    """The filter that the text is; ages are counted back from ``now``, an aware datetime (None: from the clock).

    Raises InvalidInput that names the column of what is none, and what would be.
    """
    if not isinstance(text, str):
        raise InvalidInput(f"a filter is text or a mapping of keys to values, not {quoted(text)}; {FORMS}")
    return _Reader(syntax_of(text), now).condition()


def field(text: str) -> Field:
    """The field of a run that the text names, as a filter does; raises InvalidInput."""
    return _Reader(syntax_of(text), None).whole_field()


class _Reader:
    """Reads one text."""

    def __init__(self, syntax: Syntax, now: datetime | None) -> None:
        self._syntax = syntax
        self._now = now or datetime.now(timezone.utc)

    # -- conditions ----------------------------------------------------------------------------------------------------

    def condition(self) -> Condition:
        """The filter."""
        return self._condition(self._syntax.tree)

    def _condition(self, node: ast.expr) -> Condition:
        if isinstance(node, ast.BoolOp):
            parts = tuple(map(self._condition, node.values))
            return Every(parts) if isinstance(node.op, ast.And) else Some(parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Not(self._condition(node.operand))
        if isinstance(node, ast.Compare):
            return self._chain(node)
        if isinstance(node, ast.Tuple):
            self._syntax.refuse(node, "write and between two comparisons, not a comma")
        if is_literal(node):
            self._syntax.refuse(node, f"a value alone says nothing; {FORMS}")
        field = self._field(node)
        if isinstance(field, Own) and field.name in FLAGS:
            return Comparison(field, "==", (Wanted(True),))
        return Comparison(field, "has")

    def _chain(self, node: ast.Compare) -> Condition:
        sides = [node.left, *node.comparators]
        parts = tuple(self._comparison(*each) for each in zip(sides, node.ops, sides[1:], strict=False))
        return parts[0] if len(parts) == 1 else Every(parts)

    def _comparison(self, left: ast.expr, compares: ast.cmpop, right: ast.expr) -> Comparison:
        left_is_value, right_is_value = is_literal(left), is_literal(right)
        if left_is_value and right_is_value:
            self._syntax.refuse(left, self._two_values(left))
        if not left_is_value and not right_is_value:
            for side in (left, right):  # what is no field at all is said first
                self._field(side)
            self._syntax.refuse(right, self._two_fields(right))
        if isinstance(compares, (ast.Is, ast.IsNot)):
            return self._is_none(left, compares, right)
        if isinstance(compares, (ast.In, ast.NotIn)):
            positive = isinstance(compares, ast.In)
            if left_is_value:
                field = self._field(right)
                return Comparison(field, "holds" if positive else "lacks", (self._wanted(left, field),))
            return self._one_of(left, positive, right)
        written, exchanged = _ORDER[type(compares)]
        if left_is_value:
            field = self._field(right)
            return Comparison(field, exchanged, (self._wanted(left, field),))
        field = self._field(left)
        return Comparison(field, written, (self._wanted(right, field),))

    def _is_none(self, left: ast.expr, compares: ast.cmpop, right: ast.expr) -> Comparison:
        if not (isinstance(right, ast.Constant) and right.value is None):
            self._syntax.refuse(right, "is asks for None alone; write == to compare")
        return Comparison(self._field(left), "is None" if isinstance(compares, ast.Is) else "is not None")

    def _one_of(self, left: ast.expr, positive: bool, right: ast.expr) -> Comparison:
        if not isinstance(right, (ast.List, ast.Tuple, ast.Set)):
            self._syntax.refuse(right, "in needs a list, as in optimizer in ['adam', 'sgd']")
        field = self._field(left)
        wanted = tuple(self._wanted(item, field) for item in right.elts)
        return Comparison(field, "in" if positive else "not in", wanted)

    def _two_values(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value
            plainly = f"write {name} without quotes" if is_plain_word(name) else f"write metadata[{as_written(name)}]"
            return f"two values compare to nothing; if {as_written(name)} is a key, {plainly}"
        return f"two values compare to nothing; {FORMS}"

    def _two_fields(self, node: ast.expr) -> str:
        source = self._syntax.source(node)
        if word_for(source):
            return f"write {word_for(source)} for {source}"
        quotes = f" (text needs quotes: {as_written(source)})" if isinstance(node, (ast.Name, ast.Attribute)) else ""
        return f"a key is compared with a value, not with another key{quotes}"

    # -- fields --------------------------------------------------------------------------------------------------------

    def whole_field(self) -> Field:
        """The field that the whole text names."""
        return self._field(self._syntax.tree)

    def _field(self, node: ast.expr) -> Field:
        steps: list[tuple[bool, Step]] = []  # (whether in brackets, the step), the last first
        root = node
        while isinstance(root, (ast.Attribute, ast.Subscript)):
            if isinstance(root, ast.Attribute):
                steps.append((False, self._syntax.name(root)))
            else:
                steps.append((True, self._index(root)))
            root = root.value
        if not isinstance(root, ast.Name):
            self._syntax.refuse(root, self._no_field(root))
        return self._named(node, self._syntax.name(root), steps[::-1])

    def _no_field(self, node: ast.expr) -> str:
        if isinstance(node, ast.Call):
            return f"nothing is called here; {FORMS}"
        if isinstance(node, ast.BinOp):
            other = {ast.BitAnd: "and", ast.BitOr: "or"}.get(type(node.op))
            if other:
                return f"write {other} between two comparisons"
            key = as_written(self._syntax.source(node))
            return f"nothing is calculated here; a key that is called so is metadata[{key}]"
        if isinstance(node, (ast.Constant, ast.List, ast.Dict, ast.Set, ast.Tuple)):
            return f"a key is expected here, not a value; {FORMS}"
        return f"this is neither a key nor a value; {FORMS}"

    def _named(self, node: ast.expr, name: str, steps: list[tuple[bool, Step]]) -> Field:
        if name == "metadata":
            return self._metadata_key(node, steps)
        if name == "context":
            return self._context_key(node, steps)
        if name == "artifact":
            return self._of_artifact(node, steps)
        if name in _OWN and not steps:
            return _OWN[name]
        if name in _OWN:
            self._syntax.refuse(node, f"{name} is the run's own, with nothing in it; a key that is called so is "
                               f"metadata[{as_written(name)}]")  # fmt: skip
        names, path = _split(steps)
        return MetadataKey(dotted((name, *names), path))

    def _metadata_key(self, node: ast.expr, steps: list[tuple[bool, Step]]) -> MetadataKey:
        if not steps or not steps[0][0] or not isinstance(steps[0][1], str):
            self._syntax.refuse(
                node, 'metadata needs a key: metadata["any key"], or the key alone where it is a plain word'
            )
        return MetadataKey((Place(steps[0][1], tuple(step for _, step in steps[1:])),))

    def _context_key(self, node: ast.expr, steps: list[tuple[bool, Step]]) -> ContextKey:
        if len(steps) != 1 or steps[0][1] not in KEYS:
            self._syntax.refuse(node, f"context has {listed(KEYS)}, as in context.user; a key that is called so is "
                               f"metadata[{as_written(self._syntax.source(node))}]")  # fmt: skip
        return ContextKey(str(steps[0][1]))

    def _of_artifact(self, node: ast.expr, steps: list[tuple[bool, Step]]) -> Field:
        if not steps or not isinstance(steps[0][1], str):
            self._syntax.refuse(node, 'artifact needs a name: artifact.model, or artifact["any name"]')
        name, rest = steps[0][1], steps[1:]
        if not rest:
            return HasArtifact(name)
        if rest == [(False, "path")]:
            return ArtifactPath(name)
        if rest[0][0]:
            if not isinstance(rest[0][1], str):
                self._syntax.refuse(
                    node, f'a key is expected in the brackets, as in artifact[{as_written(name)}]["any key"]'
                )
            return ArtifactKey(name, (Place(rest[0][1], tuple(step for _, step in rest[1:])),))
        names, path = _split(rest)
        return ArtifactKey(name, dotted(names, path))

    def _index(self, node: ast.Subscript) -> Step:
        index = node.slice
        negative = isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub)
        value = getattr(index.operand if negative else index, "value", None)  # type: ignore[attr-defined]
        if type(value) is str and not negative:
            if not _is_text(value):
                self._syntax.refuse(index, "a key has no lone surrogates")
            return value
        if type(value) is not int:
            self._syntax.refuse(index, "the number of an item, or a key in quotes, is expected in the brackets")
        return -value if negative else value

    def _wanted(self, node: ast.expr, field: Field) -> Wanted:
        value = literal(self._syntax, node)
        if _is_time_field(field):
            if value is not None and not isinstance(value, str):
                self._syntax.refuse(node, 'a time is compared with text such as "2026-03-01", or an age such as "-7d"')
            return Wanted(None if value is None else self._moment(node, value))
        if isinstance(value, str) and isinstance(field, (MetadataKey, ArtifactKey)):
            try:
                return Wanted(value, moment_from_text(value, self._now))
            except InvalidInput:  # text that is no time
                return Wanted(value)
        return Wanted(value)

    def _moment(self, node: ast.expr, text: str) -> datetime:
        try:
            return moment_from_text(text, self._now)
        except InvalidInput as error:
            raise self._syntax.refusal(node, str(error)) from error


def _is_time_field(field: Field) -> bool:
    return (isinstance(field, Own) and field.name in TIMES) or (
        isinstance(field, ContextKey) and KEYS[field.key] is datetime
    )


def _split(steps: list[tuple[bool, Step]]) -> tuple[tuple[str, ...], tuple[Step, ...]]:
    """The names that dots join, and what comes from the first bracket on."""
    names = 0
    while names < len(steps) and not steps[names][0]:
        names += 1
    return tuple(str(step) for _, step in steps[:names]), tuple(step for _, step in steps[names:])


def _is_text(text: str) -> bool:
    """Whether it can be stored at all."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
