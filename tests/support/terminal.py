"""A terminal, and what people see on it."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import unicodedata
from contextlib import suppress
from pathlib import Path

from tests.support.tools import environment

MARK = "\u200e"
STYLE = re.compile(r"\x1b\[([0-9;]*)m")


def on_a_terminal(folder: Path, *command: str, columns: int = 80, term: str = "xterm", errors: bool = False) -> str:
    """What a command writes to a terminal of 24 lines, with a pager that marks what it was given.

    With ``errors`` its stderr goes there, too.
    """
    ours, theirs = pty.openpty()
    size = {"LINES": "24", "COLUMNS": str(columns)}
    surroundings = environment(folder, {"PAGER": "sed s/^/paged:/", "TERM": term, **size})
    program = shutil.which(command[0], path=surroundings["PATH"]) or command[0]
    process = subprocess.Popen(
        [program, *command[1:]],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs if errors else None,
        cwd=folder,
        env=surroundings,
    )
    os.close(theirs)
    written = b""
    with suppress(OSError):  # how the end of a terminal is told
        while piece := os.read(ours, 65536):
            written += piece
    os.close(ours)
    assert process.wait(60) == 0
    return written.decode().replace("\r\n", "\n")


def plain(text: str) -> str:
    """The text without styles and marks: what a pipe is given."""
    return STYLE.sub("", text).replace(MARK, "")


def cells(line: str) -> int:
    """Columns that a terminal gives to a line, by Unicode's own tables (UAX 11); none to what combines or joins."""
    none = {"Mn", "Me", "Cf"}
    wide = [1 + (unicodedata.east_asian_width(c) in "WF") for c in line if unicodedata.category(c) not in none]
    return sum(wide)
