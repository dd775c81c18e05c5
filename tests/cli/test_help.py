"""The help names every command, option and argument."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from graphtracker.formats import SUFFIXES
from tests.support.command import COMMAND_LINE, COMMANDS, plain_environment
from tests.support.tools import run


def test_the_commands_are_those_of_the_table() -> None:
    assert list(COMMAND_LINE.commands) == COMMANDS


@pytest.mark.parametrize("name", ["", *COMMANDS])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_every_option_and_argument(name: str, option: str, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", *name.split(), option, env={**plain_environment(), "COLUMNS": "200"})
    described = COMMAND_LINE.commands[name] if name else COMMAND_LINE
    for parameter in described.params:
        words = [*parameter.opts, *parameter.secondary_opts] if parameter.param_type_name == "option" else []
        assert all(word in done.stdout for word in words), parameter.name
        assert getattr(parameter, "help", None), f"{parameter.name} has no help"
        assert parameter.metavar is None or parameter.metavar.strip("[].") in done.stdout
    if not name:
        assert all(f" {each} " in done.stdout for each in COMMANDS)
    assert done.stderr == ""


def test_each_command_has_a_line_that_is_whole_on_a_terminal_of_80_columns(tmp_path: Path) -> None:
    text = run(tmp_path, "graphtracker", "--help", env={**plain_environment(), "COLUMNS": "80"}).stdout
    for name in COMMANDS:
        [told] = re.findall(rf"^  {name} +(.*)$", text, re.MULTILINE)
        assert told.endswith("."), told
        assert not told.endswith("..."), told
    assert max(map(len, text.splitlines())) <= 80


OWN_EXIT_CODES = sorted({*COMMANDS} - {"demo", "add-artifact", "add-metadata", "add-source", "mcp"})


@pytest.mark.parametrize("name", ["", *OWN_EXIT_CODES])
def test_the_help_says_what_exit_codes_mean(name: str, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", *name.split(), "--help", env={**plain_environment(), "COLUMNS": "80"})
    text = " ".join(done.stdout.split())
    if name:
        assert re.search(r"Exit code [0123] (if|where)\b", text)
    else:
        codes = (
            "0; 1 not found, different, out of date, not explained, or not whole (of some commands only with "
            "--strict); 2 usage, or output that cannot be written; 3 store."
        )
        assert f" Exit codes: {codes} " in text


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_has_an_example_that_the_command_takes(name: str, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", name, "--help", env={**plain_environment(), "COLUMNS": "80"})
    example = re.search(rf"^  Example: graphtracker {name}( .*)?$", done.stdout, re.MULTILINE)
    assert example, done.stdout
    with COMMAND_LINE.commands[name].make_context(name, shlex.split(example[1] or "")):
        pass  # a usage error would have been raised


def test_the_help_of_export_says_what_suffixes_mean(tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", "export", "--help", env={**plain_environment(), "COLUMNS": "200"})
    assert all(f" {suffix}" in done.stdout for suffix in SUFFIXES)
