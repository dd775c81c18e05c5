"""The text of a filter as Python's parser reads it, or where it goes wrong."""

from __future__ import annotations

import ast
import json
import keyword
import re
import unicodedata
import warnings
from functools import lru_cache
from typing import NoReturn

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted

LONGEST = 8_000
"""Characters of a filter."""

DEEPEST = 50
"""Brackets, negations and the like within each other; Python's own parser takes some 90 brackets."""

FORMS = 'a filter compares a key with a value, as in lr < 0.01 and optimizer in ["adam", "sgd"]'
"""What every message about what is none ends with that has nothing better to say."""

_SPELLED = [  # what other languages write, with what Python writes
    (re.compile(r"&&?"), "and"),
    (re.compile(r"\|\|?"), "or"),
    (re.compile(r"\bAND\b"), "and"),
    (re.compile(r"\bOR\b"), "or"),
    (re.compile(r"\bNOT\b"), "not"),
    (re.compile(r"\b(?:I?LIKE|i?like)\b|=?~"), 'as "text" in key'),
    (re.compile(r"\b(?:BETWEEN|between)\b"), "as low <= key <= high"),
    (re.compile(r"\bIN\b"), "in"),
    (re.compile(r"!(?!=)"), "not"),
    (re.compile(r"<>"), "!="),
    (re.compile(r"=>"), ">="),
    (re.compile(r"=<"), "<="),
    (re.compile(r"==="), "=="),
    (re.compile(r"(?<![=!<>:])=(?!=)"), "=="),
]
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_WORD = re.compile(r"[^\W\d]\w*")
_JOINING = {"and", "or", "not", "in", "is", "None", "True", "False"}


class Syntax:
    """One text, with the tree of what it says; raises InvalidInput for what Python cannot read."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise InvalidInput(
                f"the filter that begins {quoted(text[:40])} has {len(text):,} characters, more than {LONGEST:,}; "
                "filter by less, and the rest in Python"
            )
        self._text = text.strip()
        self._skipped = len(text) - len(text.lstrip())
        self.tree = self._parsed()
        self._check_depth()

    def _parsed(self) -> ast.expr:
        if not self._text:
            raise InvalidInput(f"a filter is empty; {FORMS}")
        try:
            return _quietly(self._text) if "\\" in self._text else ast.parse(self._text, mode="eval").body
        except SyntaxError as error:
            raise self._misspelled(error) from error
        except (RecursionError, MemoryError, SystemError) as error:  # the last by a fault of Python 3.11 (gh-106905)
            raise self._too_deep() from error
        except ValueError as error:  # NUL
            raise InvalidInput(f"{quoted(self._text)} is no filter ({error}); {FORMS}") from error

    def _check_depth(self) -> None:
        level: list[ast.AST] = [self.tree]
        for _ in range(2 * DEEPEST):
            level = [child for node in level for child in ast.iter_child_nodes(node)]
            if not level:
                return
        raise self._too_deep()

    def _too_deep(self) -> InvalidInput:
        return InvalidInput(f"the filter that begins {quoted(self._text[:40])} is nested more than {DEEPEST} deep")

    def source(self, node: ast.expr) -> str:
        """The text of a node."""
        return ast.get_source_segment(self._text, node) or self._text

    def name(self, node: ast.Name | ast.Attribute) -> str:
        """The word of a node as it is written: Python itself takes a word for its normal form (NFKC)."""
        word = node.id if isinstance(node, ast.Name) else node.attr
        written = self.source(node).rpartition(".")[2].strip()
        return written if unicodedata.normalize("NFKC", written) == word else word

    def refuse(self, node: ast.AST, why: str) -> NoReturn:
        """Raises InvalidInput that points at a node."""
        raise self.refusal(node, why)

    def refusal(self, node: ast.AST, why: str) -> InvalidInput:
        """The error that points at a node."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)  # in bytes of UTF-8
        lines = _LINE.findall(self._text)  # as Python's parser breaks them
        before = sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())
        return self._at(before, why)

    def _at(self, place: int, why: str) -> InvalidInput:
        return InvalidInput(f"{quoted(self._text)} is no filter, column {self._skipped + place + 1}: {why}")

    def _misspelled(self, error: SyntaxError) -> InvalidInput:
        """What says how to write it."""
        blank = _QUOTED.sub(lambda found: "\0" * len(found[0]), self._text)
        spelled = [(match, right) for wrong, right in _SPELLED for match in [wrong.search(blank)] if match]
        if spelled:
            match, right = min(spelled, key=lambda found: found[0].start())
            written = f"{match[0]} is written {right}" if right.startswith("as ") else f"write {right} for {match[0]}"
            return self._at(match.start(), written)
        message = str(error.msg)
        if "too many nested" in message:
            return self._too_deep()
        place = min((error.offset or 1) - 1, len(blank)) if error.lineno == 1 else len(blank)
        word = self._keyword(blank, place)
        if word:
            dotted = re.search(r"[\w.]*$", blank[: word.end()])
            key = as_written(dotted[0] if dotted else word[0])
            return self._at(word.start(), f"{word[0]} is a word of Python; the key is metadata[{key}]")
        return self._at(place, f"{message}; {FORMS}")

    def _keyword(self, blank: str, place: int) -> re.Match[str] | None:
        """The word of Python here, or before, that somebody may have as a key."""
        words = [match for match in _WORD.finditer(blank) if match.start() <= place][-2:]
        near = [match for match in words if keyword.iskeyword(match[0]) and match[0] not in _JOINING]
        return near[-1] if near else None


@lru_cache(maxsize=128)
def syntax_of(text: str) -> Syntax:
    """The syntax of a text: read once for those that are asked again and again."""
    return Syntax(text)


def _quietly(text: str) -> ast.expr:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a backslash in text that means itself
        return ast.parse(text, mode="eval").body


def as_written(text: str) -> str:
    """Text as a filter has it, in quotes."""
    return json.dumps(text, ensure_ascii=False)


def is_plain_word(text: str) -> bool:
    """Whether a key can be written as it is."""
    return bool(_WORD.fullmatch(text)) and not keyword.iskeyword(text)
