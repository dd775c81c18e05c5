"""The ``mcp`` command, as a person meets it; what it serves is in ``tests/mcp``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.command import output
from tests.support.tools import environment


def test_at_a_terminal_it_says_what_it_waits_for(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "graphtracker", "mcp"],
        env=environment(tmp_path),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        os.close(theirs)
        os.write(ours, b"\x04")  # Ctrl-D
        out, err = process.communicate(timeout=60)
        os.close(ours)
    said = "graphtracker: waiting for a client that speaks MCP on stdin; Ctrl-C ends it\n"
    assert (process.returncode, out, err) == (0, "", said)


def test_its_help_says_what_a_client_is_configured_with() -> None:
    assert "`graphtracker` with the arguments `--store URL mcp`" in " ".join(output("mcp", "--help").split())
