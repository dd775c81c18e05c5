"""Text of others as words that a shell takes back as they are."""

from __future__ import annotations

import shlex

from graphtracker.model.display import printable


def shell_word(text: str) -> str:
    r"""The word by which a shell means this text, in which nothing acts on a terminal.

    What acts is written in octal, between ``$'`` and ``'``, which bash, zsh, ksh and POSIX 2024 read.

    >>> print(shell_word("train"), shell_word("a b"), shell_word("a\nb"), shell_word(r"a\012b"))
    train 'a b' $'a\012b' 'a\012b'
    """
    if printable(text) == text:
        return shlex.quote(text)
    return f"$'{''.join(map(_escaped, text))}'"


def shell_line(words: list[str]) -> str:
    """Such words with spaces between them."""
    return " ".join(map(shell_word, words))


def _escaped(character: str) -> str:
    if character not in "\\'!" and printable(character) == character:  # "!" begins what an interactive shell replaces
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
