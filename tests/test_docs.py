"""The README and the docstrings do what they say: their examples run, and show what really comes out."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
import typer

import graphtracker
from graphtracker.cli.app import app
from graphtracker.drawing.options import PictureOptions
from graphtracker.errors import GraphTrackerError
from graphtracker.export import export
from graphtracker.formats import DATA, FOLDERS, format_of
from graphtracker.imports import IMPORTS
from tests.support.tools import dot_program, environment, run  # noqa: F401  # a fixture is used by its name, dot

README = Path(__file__).parent.parent / "README.md"
LONGEST = 230  # lines
_FENCE = re.compile(r"^```(?P<words>[^\n`]*)\n(?P<text>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language, the file that it shows (named behind it), its text, and its first line."""

    language: str
    file: str
    text: str
    line: int


class Command(NamedTuple):
    """A command of a console block, and what the block shows as its output."""

    text: str
    shown: str


class Row(NamedTuple):
    """A row of the table of questions: the question, the commands that ask it, the pieces of the answer."""

    question: str
    commands: list[str]
    answer: list[str]


def blocks(text: str) -> list[Block]:
    found = []
    for each in _FENCE.finditer(text):
        language, _, file = each["words"].strip().partition(" ")
        found.append(Block(language, file, each["text"], text.count("\n", 0, each.start()) + 1))
    return found


def commands(text: str) -> list[Command]:
    """The ``$ command`` lines of a console block (``\\`` at the end goes on), each with the lines up to the next."""
    found = re.findall(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE)
    return [Command(command, shown) for command, shown in found]


def matches(shown: str, output: str) -> bool:
    """Whether the output is what is shown, where ``…`` stands for anything; spaces at line ends do not count."""
    pattern = ".*".join(re.escape(part) for part in _trimmed(shown).split("…"))
    return re.fullmatch(pattern, _trimmed(output), re.DOTALL) is not None


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def run_console(block: Block, folder: Path) -> list[str]:
    """Runs the commands of a block in one shell; where one does something else than is shown, both."""
    told = commands(block.text)
    results = folder.parent / f"{folder.name}, line {block.line}"
    results.mkdir()
    script = "".join(
        f"{{ {command.text}\n}} > {to}.out 2> {to}.err\necho $? > {to}.code\n"
        for to, command in ((shlex.quote(str(results / str(number))), command) for number, command in enumerate(told))
    )
    surroundings = environment(folder, {"HOME": str(folder), "COLUMNS": "80"})
    subprocess.run(
        ["sh", "-c", script], cwd=folder, env=surroundings, stdin=subprocess.DEVNULL, timeout=300, check=True
    )
    problems = []
    for number, command in enumerate(told):
        out, err, code = ((results / f"{number}.{kind}").read_text(encoding="utf-8") for kind in ("out", "err", "code"))
        if not _as_shown(command.shown, out, err, int(code)):
            really = f"--- shown\n{command.shown}--- really, with exit code {code}{out}{err}"
            problems.append(f"line {block.line}: $ {command.text}\n{really}")
    return problems


def _as_shown(shown: str, out: str, err: str, code: int) -> bool:
    """Whether the data is what is shown, after a command that went well, or the data and the messages are."""
    if code == 0 and matches(shown, out):
        return True
    return bool(err) and (matches(shown, out + err) or matches(shown, err + out))


def run_python(block: Block, namespace: dict[str, Any]) -> list[str]:
    """Runs a block; one with ``>>>`` is a session, whose output is compared."""
    if ">>> " not in block.text:
        exec(compile("\n" * block.line + block.text, str(README), "exec"), namespace)  # noqa: S102  # our own README
        return []
    text = block.text.replace("…", "...")
    session = doctest.DocTestParser().get_doctest(text, {}, f"line {block.line}", str(README), block.line)
    session.globs = namespace
    problems: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(session, out=problems.append, clear_globs=False)
    return ["".join(problems)] if problems else []


def run_questions(text: str, folder: Path) -> list[str]:
    """Asks what the table of questions asks; where an answer is another than is shown, both.

    The commands of a row are run in order on the store of the folder. The pieces of the answer stand in this order in
    what the last one prints, where ``…`` stands for anything, and any space for any other.
    """
    surroundings = environment(folder, {"COLUMNS": "80", "GRAPHTRACKER_URL": "graphtracker-demo.db"})
    problems = []
    for row in questions(text):
        for command in row.commands:
            asked = ["sh", "-c", f"graphtracker {command}"]
            done = subprocess.run(asked, cwd=folder, env=surroundings, capture_output=True, encoding="utf-8")
        really = " ".join((done.stdout + done.stderr).split())
        pieces = [" ".join(piece.split()) for piece in row.answer]
        if done.returncode > 1 or not matches(f"…{'…'.join(pieces)}…", really):
            problems.append(
                f"{row.question}\n--- shown\n{row.answer}\n--- really, with exit code {done.returncode}\n{really}"
            )
    return problems


def questions(text: str) -> list[Row]:
    """The rows of the table of questions; of commands and answers what is between backquotes."""
    _, _, table = text.partition("| question | command | answer |\n|---|---|---|\n")
    cells = [line.strip("|").split(" | ") for line in table.partition("\n\n")[0].splitlines()]
    return [Row(question.strip(), _quoted(command), _quoted(answer)) for question, command, answer in cells]


def _quoted(cell: str) -> list[str]:
    found = re.findall("`([^`]+)`", cell)
    assert found, f"nothing stands between backquotes in {cell!r}"
    return found


def run_blocks(text: str, folder: Path) -> list[str]:
    """Runs the python blocks in one namespace and each console block in a shell, in order, in this folder.

    A block that names a file after its language is written to that file instead; other languages are not run.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    problems: list[str] = []
    for block in blocks(text):
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")
        elif block.language in ("python", "pycon"):
            problems += run_python(block, namespace)
        elif block.language == "console":
            problems += run_console(block, folder)
    return problems


# -- README ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def readme() -> str:
    assert README.exists(), "README.md is missing"
    return README.read_text(encoding="utf-8")


def test_the_readme_is_short(readme: str) -> None:
    assert len(readme.splitlines()) <= LONGEST


def test_the_readme_has_a_session_in_python_and_one_in_the_shell(readme: str) -> None:
    languages = {block.language for block in blocks(readme) if not block.file}
    assert languages & {"python", "pycon"}
    assert "console" in languages
    assert readme.count("```") == 2 * len(blocks(readme)), "a fence is not closed, or is indented"


def test_the_examples_of_the_readme_run_and_show_what_comes_out(
    readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "readme"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("GRAPHTRACKER_CONTEXT")
    problems = run_blocks(readme, folder)
    assert not problems, "\n".join(problems)


def test_the_questions_of_the_readme_have_the_answers_that_it_shows(readme: str, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    run(folder, "graphtracker", "demo")
    problems = run_questions(readme, folder)
    assert not problems, "\n".join(problems)
    asked = {command.split()[0] for row in questions(readme) for command in row.commands}
    assert {"lineage", "diff", "impact", "stale", "contrast", "fingerprint", "verify"} <= asked


def in_and_out(text: str) -> Iterator[tuple[str, str]]:
    """The lines of the table of what goes in and out, each with its direction."""
    section = text.partition("## In and out")[2].partition("\n## ")[0]
    for row in re.findall(r"^\| (in|out) \|[^|]*\|([^|]*)\|", section, re.MULTILINE):
        yield from ((row[0], line) for line in re.findall(r"`([^`]+)`", row[1]))


def test_the_readme_says_all_that_goes_in_and_out(readme: str) -> None:
    lines = [line.split() for _, line in in_and_out(readme)]
    assert {line[1] for line in lines if line[0] == "import"} == set(IMPORTS)
    written = {
        format_of(line[-1]) if "-o" in line and "--format" not in line else line[2]
        for line in lines
        if line[0] == "export"
    }
    assert {*DATA, *FOLDERS} <= written


def test_what_goes_out_goes_out_and_what_is_ours_comes_in_again(readme: str, tmp_path: Path) -> None:
    env = {"GRAPHTRACKER_URL": "graphtracker-demo.db"}
    run(tmp_path, "graphtracker", "demo", env=env)
    for way, line in in_and_out(readme):
        if way == "out" and line != "mcp":
            run(tmp_path, "graphtracker", *shlex.split(line), env=env)
    whole = run(tmp_path, "graphtracker", "export", "--json", env=env).stdout
    for way, line in in_and_out(readme):
        source = tmp_path / shlex.split(line)[-1]
        if way == "in" and source.exists():
            target = {"GRAPHTRACKER_URL": f"{source.name}.db"}
            run(tmp_path, "graphtracker", *shlex.split(line), env=target)
            assert run(tmp_path, "graphtracker", "export", "--json", env=target).stdout == whole


def test_the_readme_names_every_command(readme: str) -> None:
    group: Any = typer.main.get_command(app)
    named = set(re.findall(r"(?:`|graphtracker )([a-z][a-z-]*)", readme))
    assert not set(group.commands) - named


def test_the_pictures_and_files_that_the_readme_links_are_there(readme: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)|(?:src|srcset|href)=\"([^\"#]+)\"", readme)
    local = {first or second for first, second in links if "://" not in (first or second)}
    assert not {link for link in local if not (README.parent / link).exists()}


# -- docstrings --------------------------------------------------------------------------------------------------------


def modules() -> list[str]:
    """Every module of graphtracker, those too that stand in folders of their own (an editable install hides them)."""
    packages = [graphtracker, *(importlib.import_module(f"graphtracker.{name}") for name in ("cli", "cypher"))]
    found = {package.__name__ for package in packages}
    for package in packages:
        found |= {each.name for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")}
    return sorted(found)


@pytest.mark.parametrize("name", modules())
def test_the_examples_of_a_module_are_right(name: str) -> None:
    problems: list[str] = []
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner()
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        runner.run(test, out=problems.append)
    assert not problems, "".join(problems)


def test_every_module_is_looked_into_and_some_have_examples() -> None:
    sources = {path.stem for path in (README.parent / "graphtracker").rglob("*.py")} - {"__init__"}
    sources |= {path.stem for path in (README.parent / "cli").rglob("*.py")} - {"__init__"}
    assert sources <= {name.rpartition(".")[2] for name in modules()}
    assert doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module("graphtracker.model.display"))


def test_every_module_says_in_its_first_line_what_it_is() -> None:
    for name in modules():
        first = (importlib.import_module(name).__doc__ or "").split("\n")[0]
        assert first.endswith((".", ":")), name


def test_every_error_says_when_it_is_raised() -> None:
    kinds, waiting = set(), [GraphTrackerError]
    while waiting:
        kind = waiting.pop()
        kinds.add(kind)
        waiting += kind.__subclasses__()
    assert all(kind.__doc__ for kind in kinds)


# -- these tests themselves --------------------------------------------------------------------------------------------

TRUE = """\
# A title

```python
number = 6 * 7
```

```sh
exit 1  # not run
```

```ini settings.ini
[a]
```

```python
>>> number
42
>>> list(range(1000))
[0, 1, …, 999]
```

```console
$ echo one \\
    two; name=three
one two
$ echo $name > file; cat file
three
$ graphtracker --version
graphtracker …
$ true; echo noise >&2
$ cat settings.ini
[a]
$ graphtracker show nobody --store none.db
graphtracker: there is no store at 'none.db' yet; …
```
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


def test_a_readme_that_tells_the_truth_passes(folder: Path) -> None:
    assert run_blocks(TRUE, folder) == []


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("\n42\n", "\n43\n"),
        ("one two\n", "one\n"),
        ("\nthree\n", "\n"),
        ("graphtracker …", "graphtracker"),
        ("echo noise >&2", "false"),
        ("[a]\n```\n", "[b]\n```\n"),
    ],
)
def test_a_readme_that_lies_fails(folder: Path, true: str, false: str) -> None:
    assert len(run_blocks(TRUE.replace(true, false), folder)) == 1


ASKED = """\
| question | command | answer |
|---|---|---|
| What is there? | `runs --columns lr` | `a  …  0.1` `b  …` |
| And now? | `add-metadata b lr=0.2`, `show b` | `name  b` `lr = 0.2` |

| another | table | `of` |
"""


@pytest.mark.parametrize(
    ("true", "false"), [("", ""), ("0.1", "0.3"), ("`a  …  0.1` `b  …`", "`b  …` `a  …`"), ("show b", "show nobody")]
)
def test_a_table_of_questions_is_held_to_its_answers(folder: Path, true: str, false: str) -> None:
    with graphtracker.GraphTracker(folder / "graphtracker-demo.db") as tracker:
        tracker.add_metadata("b", lr=0.5)
        tracker.add_metadata("a", lr=0.1)
    assert len(run_questions(ASKED.replace(true, false), folder)) == (true != false)


def test_a_python_block_that_fails_raises(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        run_blocks("```python\n1 / 0\n```\n", folder)


def test_the_console_runs_this_environments_python(folder: Path) -> None:
    shown = f"```console\n$ python -c 'import sys; print(sys.prefix)'\n{sys.prefix}\n```\n"
    assert run_blocks(shown, folder) == []


# -- the picture of the data model -------------------------------------------------------------------------------------


def test_the_picture_in_the_readme_is_one_that_the_product_draws(dot: str) -> None:
    with graphtracker.GraphTracker(":memory:") as tracker:
        tracker.add_source("a run", "an external run", "its artifact")
        tracker.add_artifact("a run", "an artifact", "/path")
        tracker.add_source("a consumer", "a run", "an artifact")
        tracker.add_source("a consumer", "another run")
        tracker.add_source("a consumer", "a run", "a declared artifact")
        tracker.add_metadata("another run")
        tracker.add_artifact("a consumer", "its output", "/path")
        drawn = b"".join(export(tracker.graph(), "svg", PictureOptions(bare=True))).decode()
    assert parts(drawn) == parts((README.parent / ".github" / "data-model.svg").read_text(encoding="utf-8"))


def parts(svg: str) -> list[str]:
    """The names and words of an SVG in order, without what depends on Graphviz's version and fonts."""
    root = ElementTree.fromstring(svg)  # noqa: S314  # our own
    return [item.text.strip() for item in root.iter() if item.text and item.text.strip()]


# -- CONTRIBUTING ------------------------------------------------------------------------------------------------------

NAMED = sorted(
    set(
        re.findall(
            r"`([\w./]+(?:\.py|/))`", (README.parent / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
        )
    )
)


@pytest.mark.parametrize("name", NAMED)
def test_what_contributing_names_is_there(name: str) -> None:
    """A file or a folder, by its path or by the end of it."""
    folders = [README.parent / folder for folder in ("graphtracker", "cli", "cypher", "tests")]
    there = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    assert any(f"{path.as_posix()}{'/' if path.is_dir() else ''}".endswith(f"/{name}") for path in there)


def test_every_room_stands_in_contributing() -> None:
    rooms = {path.parent.name for path in (README.parent / "graphtracker").glob("*/__init__.py")}
    assert {f"graphtracker/{room}/" for room in rooms} <= set(NAMED)
