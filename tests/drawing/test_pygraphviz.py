"""The process that draws with pygraphviz: what it finds, what it loads, what it does without fonts."""

from __future__ import annotations

import io
import re
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType

import pytest
from pypdf import PdfReader

from graphtracker import GraphTrackerError, Lineage, MissingExtra
from graphtracker.drawing import style
from graphtracker.drawing.graphviz import process, pygraphviz
from tests.drawing.test_engines import graph, picture, widths

needs_it = pytest.mark.usefixtures("needs_pygraphviz")


@pytest.fixture
def no_fonts(needs_pygraphviz: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Fontconfig finds no font."""
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>", encoding="utf-8")
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))


@pytest.mark.usefixtures("no_pygraphviz")
def test_without_any_the_error_names_both_ways(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingExtra, match=re.escape("pip install 'graphtracker[draw]'")) as missing:
        picture("svg", graph("train"))
    assert "apt-get install graphviz" in str(missing.value)


@needs_it
def test_it_imports_nothing_of_the_working_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("_graphviz", "graphviz", "os", "ctypes", "html", "importlib", "types"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('mine')\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "os.py"))
    monkeypatch.chdir(tmp_path)
    assert b">train<" in picture("svg", graph("train"))


@needs_it
def test_it_loads_the_compiled_module_alone() -> None:
    command = pygraphviz.command("svg")
    assert command is not None
    done = process.run([command[0], "-X", "importtime", *command[1:]], graph("train"))
    loaded = {line.rpartition(b"|")[2].strip().decode() for line in done.stderr.splitlines()}
    assert "_graphviz" in loaded
    assert {name.partition(".")[0] for name in loaded} & {"graphtracker", "pygraphviz", "site", "re", "ctypes"} == set()


@needs_it
def test_where_no_python_can_be_started_it_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/usr/bin/server")
        assert pygraphviz.command("svg") is None
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert pygraphviz.command("svg") is None


@needs_it
def test_a_folder_of_the_same_name_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pygraphviz").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert pygraphviz.command("svg") is None


@needs_it
@pytest.mark.usefixtures("dot")
def test_text_takes_as_much_room_as_where_dot_draws_it(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = ("train-x7mw", "a name that is longer than others", "learning rate 0.003 … 0.1", "W")
    here = widths(picture("svg", graph(*labels, shape="box")))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    assert here == pytest.approx(widths(picture("svg", graph(*labels, shape="box"))), rel=0.05)


@pytest.mark.parametrize(
    ("calls", "draws"), [("def gvContextWithBuiltins():", True), ("def gvContext():", False), (None, False)]
)
def test_only_one_that_carries_graphviz_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, calls: str | None, draws: bool
) -> None:
    """The first pygraphviz draws with what the system has, for which ``dot`` is there."""
    (tmp_path / "pygraphviz").mkdir()
    for name in ("__init__.py", f"_graphviz{EXTENSION_SUFFIXES[-1]}"):
        (tmp_path / "pygraphviz" / name).touch()
    if calls is not None:
        (tmp_path / "pygraphviz" / "graphviz.py").write_text(calls, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert (pygraphviz.command("svg") is not None) == draws


def test_a_module_that_was_made_in_its_place_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch, dot: str) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", ModuleType("pygraphviz"))
    assert pygraphviz.command("svg") is None
    assert Lineage()._repr_svg_() is not None


@pytest.mark.usefixtures("no_pygraphviz")
def test_a_program_that_may_not_be_run_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "dot").touch(mode=0o600)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingExtra, match="program dot cannot be run: Permission denied"):
        picture("svg", graph("train"))


# -- fonts -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_fonts")
def test_without_any_font_pictures_have_text_that_can_be_read() -> None:
    narrow, wide = widths(picture("svg", graph("i" * 30, "W" * 30, shape="box")))
    assert narrow * 2 < wide
    labels = ("train-x7mw", "True → False", "ß é Ж Ω ≠ …", " x ".join([*style.SIGNS.values(), style.DIFFERENT_SIGN]))
    [page] = PdfReader(io.BytesIO(picture("pdf", graph(*labels)))).pages
    assert [label for label in labels if label not in page.extract_text()] == []
    pixels = {picture("png", graph(label, shape="box", fixedsize="true", width="2")) for label in ("abc", "xyz")}
    assert len(pixels) == 2


@pytest.mark.usefixtures("no_fonts")
def test_without_any_font_and_its_package_what_cannot_be_read_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in pygraphviz._FONTS:
        monkeypatch.setitem(sys.modules, package, None)
    assert b">train<" in picture("svg", graph("train"))  # text, for the fonts of whoever looks at it
    for kind in ("png", "pdf"):
        with pytest.raises(GraphTrackerError, match=re.escape("no font; pip install 'graphtracker[draw]'")):
            picture(kind, graph("train"))
