"""What may be an id, a name, a key or a path; the same rule on every store."""

from __future__ import annotations

import os
from collections.abc import Callable

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.signals import pass_on

LARGEST_INT = (1 << 63) - 1
"""The largest integer that SQLite and Neo4j hold as one."""

LONGEST = 4000
"""Bytes of UTF-8 in an id, an artifact name or a metadata key: Neo4j cannot index more than about 8 kB."""


def _identifier(what: str) -> Callable[[object], str]:
    def check(text: object) -> str:
        if type(text) is str and text and len(text) <= LONGEST and text.isascii() and "\0" not in text:
            return text
        return _slow_identifier(what, text)

    check.__doc__ = f"The {what}, if it is non-empty text of at most {LONGEST:,} bytes of UTF-8; raises InvalidInput."
    return check


def _slow_identifier(what: str, text: object) -> str:
    checked = checked_text(what, text)
    if not checked:
        raise InvalidInput(f"the {what} is empty; give one")
    if "\0" in checked:
        raise InvalidInput(f"{what} {quoted(checked)} holds a NUL character; leave it out")
    size = len(checked.encode())
    if size > LONGEST:
        raise InvalidInput(
            f"{what} {quoted(checked)} is {size:,} bytes of UTF-8, more than {LONGEST:,}; use a shorter one"
        )
    return checked


def checked_text(what: str, text: object) -> str:
    """The text as a plain str, if it has no lone surrogates; raises InvalidInput."""
    if not isinstance(text, str):
        raise InvalidInput(f"the {what} must be text, not {type(text).__name__}: {quoted(text)}")
    plain = str.__str__(text)
    if not plain.isascii():
        try:
            plain.encode()
        except UnicodeEncodeError as error:
            raise InvalidInput(
                f"{what} {quoted(plain)} holds a lone surrogate (at {error.start}); decode it properly first"
            ) from None
    return plain


checked_run_id = _identifier("run id")
checked_name = _identifier("artifact name")
checked_key = _identifier("metadata key")


def checked_path(path: object) -> str:
    """The path as text, from any text without lone surrogates or an ``os.PathLike``; raises InvalidInput."""
    if type(path) is str and path.isascii():
        return path
    try:
        if isinstance(path, os.PathLike):
            path = os.fspath(path)
    except Exception as error:  # the path's own code
        pass_on(error)
        raise InvalidInput(f"the path {quoted(path)} cannot be read: {type(error).__name__}; give its text") from error
    return checked_text("path", path)
