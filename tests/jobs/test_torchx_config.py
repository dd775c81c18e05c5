"""What TorchX reads in `.torchxconfig` is what we read: beside TorchX itself, on the same files."""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torchx.runner import config as theirs
from torchx.runner.api import get_configured_trackers

from graphtracker.jobs.torchx_config import NAME, Trouble, read_config, torchx_config
from tests.support.strategies import STORE_PER_EXAMPLE

NAMED = "[torchx:tracker]\ngraphtracker =\n"
GIVEN = "[tracker:graphtracker]\nconfig = /data/lineage.db\n"


def by_torchx() -> list[tuple[str, str | None]] | None:
    """The trackers of a job that TorchX starts here; None where it starts none."""
    try:
        return list(get_configured_trackers().items())
    except (configparser.Error, OSError, UnicodeDecodeError):
        return None


def by_us() -> list[tuple[str, str | None]] | None:
    config = torchx_config(os.getcwd())
    effects = {trouble.effect for _, trouble in config.troubles()}
    assert "unknown" not in effects
    return None if "fails" in effects else list(config.trackers.items())


def trouble(text: str, project: Path) -> Trouble:
    (project / NAME).write_text(text, encoding="utf-8")
    [(file, found)] = torchx_config(str(project)).troubles()
    assert file.path == str(project / NAME)
    return found


FILES = {
    "named and given": NAMED + GIVEN,
    "named, given nothing": NAMED,
    "given, not named": GIVEN,
    "two trackers": "[torchx:tracker]\nmlflow =\ngraphtracker = on\n" + GIVEN + "[tracker:mlflow]\nconfig = http://m\n",
    "capitals": "[torchx:tracker]\nGraphTracker =\n[tracker:GraphTracker]\nConfig = 1\nconfig = 2\n",
    "a colon": "[torchx:tracker]\ngraphtracker.torchx:create =\n",
    "a misspelt section": "[torchx:trackers]\ngraphtracker =\n",
    "a section of nobody": "[tracker:]\nconfig = 1\n[:tracker]\na = 1\n" + NAMED,
    "comments": "# ours\n[torchx:tracker]\n; here\ngraphtracker =\n[tracker:graphtracker]\nconfig = /x.db  # store\n",
    "a second line": NAMED + "[tracker:graphtracker]\nconfig = /x.db\n  more = 1\n",
    "a reference": NAMED + "[tracker:graphtracker]\nfolder = /data\nconfig = %(folder)s/lineage.db\n",
    "a default": "[DEFAULT]\nfolder = /data\n" + NAMED + "[tracker:graphtracker]\nconfig = %(folder)s/lineage.db\n",
    "a per cent": NAMED + "[tracker:graphtracker]\nconfig = neo4j://ada:a%40b@h\n",
    "a per cent of nobody": "[tracker:graphtracker]\nconfig = neo4j://ada:a%40b@h\n",
    "a per cent elsewhere": NAMED + "[local_cwd]\nlog_dir = /logs/%j\n",
    "a per cent in a neighbour": NAMED + "[torchx:other]\na = %\n",
    "two per cents": NAMED + "[tracker:graphtracker]\nconfig = neo4j://ada:a%%40b@h\n",
    "a circle": NAMED + "[tracker:graphtracker]\nconfig = %(a)s\na = %(config)s\n",
    "no value": "[torchx:tracker]\ngraphtracker\n",
    "no section": "graphtracker =\n",
    "a section twice": NAMED + NAMED,
    "a key twice": NAMED + "graphtracker =\n",
    "a mark at the beginning": "\ufeff" + NAMED,
    "empty": "",
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_a_file_is_read_as_torchx_reads_it(text: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / NAME).write_text(text, encoding="utf-8")
    assert by_us() == by_torchx()
    monkeypatch.setenv("TORCHX_TRACKERS", "graphtracker")
    assert by_us() == by_torchx()


LINES = st.sampled_from(
    [
        *(
            "[torchx:tracker]",
            "[tracker:graphtracker]",
            "[tracker:a]",
            "[tracker:]",
            "[DEFAULT]",
            "[other]",
            "[torchx:b]",
        ),
        *(
            "graphtracker =",
            "graphtracker : x",
            "a =",
            "a",
            "config = /x.db",
            "config = %(a)s",
            "config = %%1",
            "b = %",
        ),
        *("  config = 1", "", "# c", "; c", "=", "[", "config = a = b", "config=%(config)s"),
    ]
)
TEXTS = st.none() | st.lists(LINES, max_size=8).map("\n".join)
VARIABLES = st.fixed_dictionaries(
    {},
    optional={
        "TORCHX_TRACKERS": st.sampled_from(["", "graphtracker", "a,graphtracker", " graphtracker"]),
        "TORCHX_TRACKER_GRAPHTRACKER_CONFIG": st.sampled_from(["", "/y.db"]),
        "TORCHXCONFIG": st.sampled_from(["", ".torchxconfig", "other", "../home/.torchxconfig"]),
    },
)


@STORE_PER_EXAMPLE
@given(at_home=TEXTS, here=TEXTS, variables=VARIABLES)
def test_files_and_variables_are_read_as_torchx_reads_them(
    at_home: str | None, here: str | None, variables: Mapping[str, str], home: Path, project: Path
) -> None:
    for folder, text in ((home, at_home), (project, here)):
        (folder / NAME).unlink(missing_ok=True)
        if text is not None:
            (folder / NAME).write_text(text, encoding="utf-8")
    with mock.patch.dict(os.environ, variables):
        assert by_us() == by_torchx()


def test_the_home_folder_outweighs_the_working_folder(home: Path, project: Path) -> None:
    (home / NAME).write_text("[tracker:graphtracker]\nconfig = /home.db\n", encoding="utf-8")
    (project / NAME).write_text(NAMED + GIVEN, encoding="utf-8")
    assert by_us() == by_torchx() == [("graphtracker", "/home.db")]


def test_a_folder_above_is_not_looked_into(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / NAME).write_text(NAMED + GIVEN, encoding="utf-8")
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    monkeypatch.setattr(theirs, "DEFAULT_CONFIG_DIRS", [os.environ["HOME"], os.getcwd()])
    assert by_us() == by_torchx() == []


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere")], ids=["a folder", "a dead link"])
def test_what_is_no_file_is_to_us_what_it_is_to_torchx(make: object, project: Path) -> None:
    make(project / NAME)  # type: ignore[operator]
    assert by_us() == by_torchx()


def test_bytes_that_are_no_text_are_to_us_what_they_are_to_torchx(project: Path) -> None:
    (project / NAME).write_bytes(b"\xff\xfe[torchx:tracker]\n")
    assert by_us() is by_torchx() is None


def test_a_pipe_keeps_nobody_waiting(project: Path) -> None:
    os.mkfifo(project / NAME)
    [(_, found)] = torchx_config(str(project)).troubles()
    assert found == Trouble("fails", "is no plain file; put one there, or remove it")


def test_a_file_that_this_user_may_not_read_is_passed_over(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / NAME).write_text(NAMED, encoding="utf-8")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # whoever runs the tests may be root
    [(_, found)] = torchx_config(str(project)).troubles()
    assert found.effect == "skipped"
    assert by_torchx() == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[torchx:tracker]\ngraphtracker\n", "has no `key = value` in line 2; write `graphtracker =` where there"),
        ("graphtracker =\n", "in line 1; write [torchx:tracker] above it"),
        (NAMED + NAMED, "has [torchx:tracker] twice, in line 3"),
        (NAMED + "graphtracker = 1\n", "has 'graphtracker' twice in [torchx:tracker], in line 3"),
        (
            NAMED + "[tracker:graphtracker]\nconfig = a%40b\n",
            "in 'config' of [tracker:graphtracker]; write `%%` for it",
        ),
    ],
)
def test_a_broken_file_is_told_with_its_line_or_key_and_the_way_out(text: str, why: str, project: Path) -> None:
    found = trouble(text, project)
    assert found.effect == "fails"
    assert why in found.why
    assert by_torchx() is None


@pytest.mark.parametrize(
    "text",
    [
        "neo4j://ada:secret@h\n",
        "[torchx:tracker]\nneo4j//ada@secret\n",
        "[neo4j://ada:secret@h]\n[neo4j://ada:secret@h]\n",
        NAMED + "[tracker:graphtracker]\nconfig = neo4j://ada:%secret@h\n",
    ],
)
def test_what_is_wrong_with_a_file_is_told_without_its_passwords(text: str, project: Path) -> None:
    assert "secret" not in trouble(text, project).why


ENDLESS = "[torchx:tracker]\n" + "".join(f"k{n} = {f'%(k{n + 1})s' * 100}\n" for n in range(9)) + "k9 = v\n"


@pytest.mark.parametrize(
    "text", [NAMED + "# much\n" * 20_000, f"[a]\nx{' ' * 60_000}y\n", ENDLESS], ids=["much", "a long line", "endless"]
)
def test_a_file_that_would_take_long_is_not_looked_into(text: str, project: Path) -> None:
    assert trouble(text, project).effect == "unknown"


def test_a_file_anywhere_is_read_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "other").write_text(NAMED + GIVEN, encoding="utf-8")
    file = read_config(str(tmp_path / "other"))
    assert file.trouble is None
    assert file.sections == {
        "torchx:tracker": {"graphtracker": ""},
        "tracker:graphtracker": {"config": "/data/lineage.db"},
    }
