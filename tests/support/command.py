"""The command line in this process, as tests call it."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NamedTuple
from unittest import mock

import typer

from graphtracker.cli import main
from graphtracker.cli.app import app

COMMANDS = [
    "demo",
    "runs",
    "find",
    "show",
    "lineage",
    "export",
    "diff",
    "impact",
    "stale",
    "contrast",
    "fingerprint",
    "verify",
    "add-artifact",
    "add-metadata",
    "add-source",
    "forget",
    "prune",
    "import",
    "sync",
    "copy",
    "browse",
    "mcp",
    "doctor",
]


class Done(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


# Building it takes three quarters of a command's time, so it is built once.
COMMAND_LINE: Any = typer.main.get_command(app)


def command(*arguments: str) -> Done:
    """Runs the command as its console script does, in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        mock.patch.object(sys, "argv", ["graphtracker", *arguments]),
        mock.patch.object(sys, "excepthook", sys.excepthook),  # Typer sets its own
        mock.patch("typer.main.get_command", return_value=COMMAND_LINE),
    ):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
    return Done(code, *(_written(stream) for stream in (out, err)))


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def output(*arguments: str) -> str:
    """What a command writes to stdout, after it ended well and wrote nothing to stderr."""
    done = command(*arguments)
    assert (done.code, done.err) == (0, "")
    return done.out


def remark(*arguments: str) -> str:
    """What a command writes to stderr, after it ended well and wrote nothing to stdout."""
    done = command(*arguments)
    assert (done.code, done.out) == (0, ""), done
    return done.err


def failure(code: int, *arguments: str) -> str:
    """What a command writes to stderr, after it failed with this code and wrote nothing to stdout."""
    done = command(*arguments)
    assert (done.code, done.out) == (code, ""), done
    assert "Traceback" not in done.err
    return done.err


def listed(*arguments: str) -> list[str]:
    """The ids that ``runs`` lists with these options, whatever it says beside them."""
    done = command("runs", "--json", *arguments)
    assert done.code == 0, done
    return [item["run_id"] for item in json.loads(done.out)]


def table(*arguments: str) -> list[list[str]]:
    """What ``runs`` writes for programs with these options: the titles, then the cells of each run."""
    done = command("runs", *arguments)
    assert done.code == 0, done
    return [line.split("\t") for line in done.out.splitlines()]


def shown(text: str, store: str) -> str:
    """The id of the run that ``show`` shows for this RUN."""
    run_id: str = json.loads(output("show", "--json", text, "--store", store))["run_id"]
    return run_id


def plain_environment() -> dict[str, str]:
    """Variables of a colourful terminal, and none of those by which users ask for colour in pipes."""
    return {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "GITHUB_ACTIONS": "",
        "FORCE_COLOR": "",
        "PY_COLORS": "",
    }
