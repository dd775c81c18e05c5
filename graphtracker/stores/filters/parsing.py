"""Filters from the text of a Python comparison, which is read by Python's own parser and never evaluated.

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
import math
import re
import warnings
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any, NoReturn

from graphtracker.errors import InvalidInput
from graphtracker.model.context import KEYS
from graphtracker.model.display import listed, quoted
from graphtracker.model.plain import plain
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

LONGEST = 8_000
"""Characters of a filter."""

DEEPEST = 50
"""Brackets, negations and the like within each other; Python's parser itself takes some 90."""

_OWN = {name: Own(name) for name in OWN}
_NUMBERS = {"nan": math.nan, "inf": math.inf}
_WORDS = {"true": "True", "false": "False", "null": "None", "none": "None", "TRUE": "True", "FALSE": "False"}
_CONTEXT_TIMES = ("started_at", "ended_at")
_FORMS = 'a filter compares a key with a value, as in lr < 0.01 and optimizer in ["adam", "sgd"]'

_ORDER: dict[type[ast.cmpop], tuple[Operator, Operator]] = {  # as it is written, and with its sides exchanged
    ast.Eq: ("==", "=="),
    ast.NotEq: ("!=", "!="),
    ast.Lt: ("<", ">"),
    ast.LtE: ("<=", ">="),
    ast.Gt: (">", "<"),
    ast.GtE: (">=", "<="),
}
_SPELLED = [  # what other languages write, and what Python does
    (re.compile(r"&&?"), "and"),
    (re.compile(r"\|\|?"), "or"),
    (re.compile(r"\bAND\b"), "and"),
    (re.compile(r"\bOR\b"), "or"),
    (re.compile(r"\bNOT\b"), "not"),
    (re.compile(r"!(?!=)"), "not"),
    (re.compile(r"<>"), "!="),
    (re.compile(r"==="), "=="),
    (re.compile(r"(?<![=!<>:])=(?!=)"), "=="),
]
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_WORD = re.compile(r"[^\W\d]\w*")


def condition(text: str, now: datetime | None = None) -> Condition:
    """The filter that the text is; ages are counted back from ``now``, an aware datetime (None: from the clock).

    Raises InvalidInput that names the column of what is none, and what would be.
    """
    return _Reader(text, now).condition()


def field(text: str) -> Field:
    """The field of a run that the text names, as a filter does; raises InvalidInput."""
    return _Reader(text, None).whole_field()


class _Reader:
    """Reads one text."""

    def __init__(self, text: str, now: datetime | None) -> None:
        if not isinstance(text, str):
            raise InvalidInput(f"a filter is text or a mapping of keys to values, not {quoted(text)}; {_FORMS}")
        self._text = text.strip()
        self._now = now
        self._skipped = len(text) - len(text.lstrip())
        self._lines = [line.encode("utf-8", "surrogatepass") for line in self._text.splitlines(keepends=True)]
        if len(text) > LONGEST:
            raise InvalidInput(f"the filter that begins {quoted(text[:40])} has {len(text):,} characters, more than "
                               f"{LONGEST:,}; filter by less, and the rest of it in Python")  # fmt: skip
        self._tree = self._parsed()

    def _parsed(self) -> ast.expr:
        if not self._text:
            raise InvalidInput(f"a filter is empty; {_FORMS}")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a backslash in text that means itself
                tree = ast.parse(self._text, mode="eval").body
        except SyntaxError as error:
            self._misspelled(error)
        except (RecursionError, MemoryError) as error:
            raise self._too_deep() from error
        except ValueError as error:  # NUL, or a number of too many digits
            raise InvalidInput(f"{quoted(self._text)} is no filter ({error}); {_FORMS}") from error
        self._check_depth(tree)
        return tree

    def _too_deep(self) -> InvalidInput:
        return InvalidInput(f"the filter that begins {quoted(self._text[:40])} is nested more than {DEEPEST} deep")

    def _check_depth(self, tree: ast.AST) -> None:
        level: list[ast.AST] = [tree]
        for _ in range(2 * DEEPEST):
            level = [child for node in level for child in ast.iter_child_nodes(node)]
            if not level:
                return
        raise self._too_deep()

    # -- what is wrong with it -----------------------------------------------------------------------------------------

    def _column(self, node: ast.AST) -> int:
        """Where a node begins, in characters from 1."""
        line = getattr(node, "lineno", 1) - 1
        before = sum(len(each.decode("utf-8", "surrogatepass")) for each in self._lines[:line])
        within = self._lines[line][: getattr(node, "col_offset", 0)] if line < len(self._lines) else b""
        return self._skipped + before + len(within.decode("utf-8", "replace")) + 1

    def _refuse(self, node: ast.AST, why: str) -> NoReturn:
        raise self._refusal(self._column(node), why)

    def _refusal(self, column: int, why: str) -> InvalidInput:
        return InvalidInput(f"{quoted(self._text)} is no filter, column {column}: {why}")

    def _misspelled(self, error: SyntaxError) -> NoReturn:
        """Raises what says how to write it."""
        blank = _QUOTED.sub(lambda found: "\0" * len(found[0]), self._text)
        found = [
            (match.start(), match[0], right)
            for spelled, right in _SPELLED
            for match in [spelled.search(blank)]
            if match
        ]
        if found:
            place, wrong, right = min(found)
            raise self._refusal(self._skipped + place + 1, f"write {right} for {wrong}") from error
        message = str(error.msg)
        if "too many nested" in message:
            raise self._too_deep() from error
        place = (error.offset or 1) - 1 if (error.lineno or 1) == 1 else len(blank) - 1
        word = self._keyword_at(place)
        if word:
            why = f"{word} is a word of Python; the key is metadata[{_quoted(word)}]"
            raise self._refusal(self._skipped + self._text.index(word) + 1, why) from error
        raise self._refusal(self._skipped + min(place, len(self._text)) + 1, f"{message}; {_FORMS}") from error

    def _keyword_at(self, place: int) -> str | None:
        """The word of Python at this place, or the one before it, that somebody may have as a key."""
        import keyword  # for messages only

        words = [match for match in _WORD.finditer(self._text) if match.start() <= place]
        near = [match[0] for match in words[-2:] if keyword.iskeyword(match[0]) and match[0] not in _JOINING]
        return near[-1] if near else None

    # -- conditions ----------------------------------------------------------------------------------------------------

    def condition(self) -> Condition:
        """The filter."""
        return self._condition(self._tree)

    def _condition(self, node: ast.expr) -> Condition:
        if isinstance(node, ast.BoolOp):
            parts = tuple(map(self._condition, node.values))
            return Every(parts) if isinstance(node.op, ast.And) else Some(parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Not(self._condition(node.operand))
        if isinstance(node, ast.Compare):
            return self._chain(node)
        if self._is_value(node):
            self._refuse(node, f"a value alone says nothing; {_FORMS}")
        field = self._field(node)
        if isinstance(field, Own) and field.name in FLAGS:
            return Comparison(field, "==", (Wanted(True),))
        return Comparison(field, "has")

    def _chain(self, node: ast.Compare) -> Condition:
        sides = [node.left, *node.comparators]
        parts = tuple(self._comparison(*each) for each in zip(sides, node.ops, sides[1:], strict=False))
        return parts[0] if len(parts) == 1 else Every(parts)

    def _comparison(self, left: ast.expr, compares: ast.cmpop, right: ast.expr) -> Comparison:
        left_is_value, right_is_value = self._is_value(left), self._is_value(right)
        if left_is_value and right_is_value:
            self._refuse(left, self._two_values(left))
        if not left_is_value and not right_is_value:
            for side in (left, right):  # what is no field at all is said first
                self._field(side)
            self._refuse(right, self._two_fields(right))
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
            self._refuse(right, "is asks for None alone; write == to compare")
        return Comparison(self._field(left), "is None" if isinstance(compares, ast.Is) else "is not None")

    def _one_of(self, left: ast.expr, positive: bool, right: ast.expr) -> Comparison:
        if not isinstance(right, (ast.List, ast.Tuple, ast.Set)):
            self._refuse(right, "in needs a list, as in optimizer in ['adam', 'sgd']")
        field = self._field(left)
        wanted = tuple(self._wanted(item, field) for item in right.elts)
        return Comparison(field, "in" if positive else "not in", wanted)

    def _two_values(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value
            plainly = f"write {name} without quotes" if _WORD.fullmatch(name) else f"write metadata[{_quoted(name)}]"
            return f"two values compare to nothing; if {_quoted(name)} is a key, {plainly}"
        return f"two values compare to nothing; {_FORMS}"

    def _two_fields(self, node: ast.expr) -> str:
        source = self._source(node)
        if source in _WORDS:
            return f"write {_WORDS[source]} for {source}"
        quotes = f" (text needs quotes: {_quoted(source)})" if isinstance(node, (ast.Name, ast.Attribute)) else ""
        return f"a key is compared with a value, not with another key{quotes}"

    # -- fields --------------------------------------------------------------------------------------------------------

    def whole_field(self) -> Field:
        """The field that the whole text names."""
        return self._field(self._tree)

    def _field(self, node: ast.expr) -> Field:
        steps: list[tuple[bool, Step]] = []  # (whether in brackets, the step), the last first
        root = node
        while isinstance(root, (ast.Attribute, ast.Subscript)):
            steps.append((False, root.attr) if isinstance(root, ast.Attribute) else (True, self._index(root)))
            root = root.value
        if not isinstance(root, ast.Name):
            self._refuse(root, self._no_field(root))
        return self._named(node, root.id, steps[::-1])

    def _no_field(self, node: ast.expr) -> str:
        if isinstance(node, ast.Call):
            return f"nothing is called here; {_FORMS}"
        if isinstance(node, ast.BinOp):
            other = {ast.BitAnd: "and", ast.BitOr: "or"}.get(type(node.op))
            if other:
                return f"write {other} between two comparisons"
            return f"nothing is calculated here; a key that is called so is metadata[{_quoted(self._source(node))}]"
        if isinstance(node, (ast.Constant, ast.List, ast.Dict, ast.Set, ast.Tuple)):
            return f"a key is expected here, not a value; {_FORMS}"
        return f"this is neither a key nor a value; {_FORMS}"

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
            self._refuse(node, f"{name} is the run's own, with nothing in it; a key that is called so is "
                               f"metadata[{_quoted(name)}]")  # fmt: skip
        names, path = _split(steps)
        return MetadataKey(dotted((name, *names), path))

    def _metadata_key(self, node: ast.expr, steps: list[tuple[bool, Step]]) -> MetadataKey:
        if not steps or not steps[0][0] or not isinstance(steps[0][1], str):
            self._refuse(node, 'metadata needs a key: metadata["any key"], or the key alone where it is a plain word')
        return MetadataKey((Place(steps[0][1], tuple(step for _, step in steps[1:])),))

    def _context_key(self, node: ast.expr, steps: list[tuple[bool, Step]]) -> ContextKey:
        if len(steps) != 1 or steps[0][1] not in KEYS:
            self._refuse(node, f"context has {listed(KEYS)}, as in context.user; a key that is called so is "
                               f"metadata[{_quoted(self._source(node))}]")  # fmt: skip
        return ContextKey(str(steps[0][1]))

    def _of_artifact(self, node: ast.expr, steps: list[tuple[bool, Step]]) -> Field:
        if not steps or not isinstance(steps[0][1], str):
            self._refuse(node, 'artifact needs a name: artifact.model, or artifact["any name"]')
        name, rest = steps[0][1], steps[1:]
        if not rest:
            return HasArtifact(name)
        if rest == [(False, "path")]:
            return ArtifactPath(name)
        if rest[0][0]:
            if not isinstance(rest[0][1], str):
                self._refuse(node, f'a key is expected in the brackets, as in artifact[{_quoted(name)}]["any key"]')
            return ArtifactKey(name, (Place(rest[0][1], tuple(step for _, step in rest[1:])),))
        names, path = _split(rest)
        return ArtifactKey(name, dotted(names, path))

    def _index(self, node: ast.Subscript) -> Step:
        index = node.slice
        negative = isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub)
        value = getattr(index.operand if negative else index, "value", None)  # type: ignore[attr-defined]
        if type(value) is str and not negative:
            return value
        if type(value) is not int:
            self._refuse(index, "the number of an item, or a key in quotes, is expected in the brackets")
        return -value if negative else value

    def _source(self, node: ast.expr) -> str:
        return ast.get_source_segment(self._text, node) or self._text

    # -- values --------------------------------------------------------------------------------------------------------

    def _is_value(self, node: ast.expr) -> bool:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            return self._is_value(node.operand)
        if isinstance(node, ast.Name):
            return node.id in _NUMBERS
        return isinstance(node, (ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict))

    def _wanted(self, node: ast.expr, field: Field) -> Wanted:
        value = plain(self._value(node), "filter")
        if _is_time_field(field):
            if not isinstance(value, str):
                if value is None:
                    return Wanted(None)
                self._refuse(node, 'a time is compared with ISO text, or with an age, such as "2026-03-01" or "-7d"')
            return Wanted(self._moment(node, value))
        if isinstance(value, str) and isinstance(field, (MetadataKey, ArtifactKey)):
            try:
                return Wanted(value, moment_from_text(value, self._now or datetime.now(timezone.utc)))
            except InvalidInput:  # text that is no time
                return Wanted(value)
        return Wanted(value)

    def _moment(self, node: ast.expr, text: str) -> datetime:
        try:
            return moment_from_text(text, self._now or datetime.now(timezone.utc))
        except InvalidInput as error:
            raise self._refusal(self._column(node), str(error)) from error

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant) and node.value is not ... and not isinstance(node.value, complex):
            return node.value
        if isinstance(node, ast.Name) and node.id in _NUMBERS:
            return _NUMBERS[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            number = self._value(node.operand)
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                return -number if isinstance(node.op, ast.USub) else number
        if isinstance(node, (ast.List, ast.Tuple)):
            return [self._value(item) for item in node.elts]
        if isinstance(node, ast.Set):
            return set(self._hashable(node.elts))
        if isinstance(node, ast.Dict) and None not in node.keys:
            keys = self._hashable([key for key in node.keys if key is not None])
            return dict(zip(keys, map(self._value, node.values), strict=True))
        self._refuse(node, self._no_value(node))

    def _hashable(self, nodes: list[ast.expr]) -> Iterator[Any]:
        for node in nodes:
            value = self._value(node)
            if isinstance(value, (list, set, dict)):
                self._refuse(node, "a plain value is expected here")
            yield value

    def _no_value(self, node: ast.expr) -> str:
        source = self._source(node)
        if source in _WORDS:
            return f"write {_WORDS[source]} for {source}"
        quotes = f"; text needs quotes: {_quoted(source)}" if isinstance(node, (ast.Name, ast.Attribute)) else ""
        return f"a value is expected here: a number, text in quotes, True, False, None, or a list of such{quotes}"


_JOINING = {"and", "or", "not", "in", "is", "None", "True", "False"}


def _is_time_field(field: Field) -> bool:
    return (isinstance(field, Own) and field.name in TIMES) or (
        isinstance(field, ContextKey) and field.key in _CONTEXT_TIMES
    )


def _split(steps: list[tuple[bool, Step]]) -> tuple[tuple[str, ...], tuple[Step, ...]]:
    """The names that dots join, and what comes from the first bracket on."""
    names = 0
    while names < len(steps) and not steps[names][0]:
        names += 1
    return tuple(str(step) for _, step in steps[:names]), tuple(step for _, step in steps[names:])


def _quoted(text: str) -> str:
    """Text as a filter has it."""
    import json  # for messages only

    return json.dumps(text, ensure_ascii=False)
