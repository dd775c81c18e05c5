"""How runs were started, as lines for a shell."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from graphtracker.analysis.impact import Affected
from graphtracker.model.display import printable
from graphtracker.model.masking import MASK

_KEYWORDS = frozenset(
    "case coproc do done elif else esac fi for function if in select then time until while".split()  # noqa: SIM905
)
"""What a shell takes for its own where a command begins."""


def plan(rows: Sequence[Affected], labels: Mapping[str, str]) -> Iterator[str]:
    """Of each run a comment, then the command that it was started with; in the comment why, where there is none.

    A command that started several is there once, at the first of them. All text of others is quoted, in comments too:
    where lines are pasted, not every shell knows comments.
    """
    started: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        context = row.run.context
        line = _line(str(context.get("command", "")), str(context.get("directory", "")))
        alone = [row.run_id] if line.startswith("#") else []  # what is not whole may be another's all the same
        started.setdefault((line, _about(context), *alone), []).append(_quoted(labels[row.run_id]))
    for (line, about, *_), names in started.items():
        yield f"# {', '.join(names)}{about}"
        yield line


def _about(context: Mapping[str, object]) -> str:
    """Where it was started, and from which code."""
    told = [f" {word} {_quoted(str(context[key]))}" for key, word in _ABOUT.items() if key in context]
    return "".join([*told, " dirty" if context.get("dirty") else ""])


_ABOUT = {"host": "on", "commit": "at commit"}


def _line(command: str, directory: str) -> str:
    whole = f"cd {directory} && {command}" if directory else command
    if not command:
        return "# is not known to have been started by a command"
    if MASK in command:
        return f"# has secrets that are not kept: {_quoted(whole)}"
    words = [] if printable(whole) != whole else _words(command)
    if not words:
        return f"# cannot be pasted: {_quoted(whole)}"
    first = shlex.quote(words[0])
    if first == words[0] and (first in _KEYWORDS or "=" in first):
        first = f"'{first}'"  # a program that is called so
    again = " ".join([first, *map(shlex.quote, words[1:])])
    return f"cd {shlex.quote(_folder(directory))} && {again}" if directory else again


def _words(command: str) -> list[str]:
    """The words of a command; none where it was cut."""
    try:
        return [] if command.endswith("…") else shlex.split(command)
    except ValueError:
        return []


def _folder(directory: str) -> str:
    return f"./{directory}" if directory.startswith("-") else directory


def _quoted(text: str) -> str:
    return shlex.quote(printable(text))
