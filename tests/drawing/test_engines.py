"""A picture is drawn by pygraphviz or by the system's dot, in a process of its own that takes nobody down with it."""

from __future__ import annotations

import errno
import io
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from graphtracker import GraphTrackerError, MissingExtra
from graphtracker.drawing import style
from graphtracker.drawing.graphviz import process
from graphtracker.drawing.graphviz.images import drawn
from tests.support.tools import environment

_FONT = style.FONT["fontname"]
_SHAPES = sorted({looks["shape"] for looks in [*style.NODES.values(), *style.PAIR_NODES.values()]})

pytestmark = pytest.mark.usefixtures("engine")
linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no signal tells that a pipe was closed")


def graph(*labels: str, **looks: str) -> Iterator[str]:
    """DOT text of nodes with these labels."""
    yield f'digraph {{ node [fontname="{_FONT}" {" ".join(f"{name}={value}" for name, value in looks.items())}]\n'
    for number, label in enumerate(labels):
        yield f'n{number} [label="{label}"]\n'
    yield "}\n"


def endless() -> Iterator[str]:
    """DOT text whose drawing takes longer than anybody waits."""
    yield "digraph {\n"
    for number in range(3000):
        yield "".join(f"n{number} -> n{(number * step + step) % 3000}\n" for step in range(2, 20))
    yield "}\n"


def picture(kind: str, text: Iterator[str]) -> bytes:
    return b"".join(drawn(kind, text))


def widths(svg: bytes) -> list[float]:
    """How wide each node is drawn, in points."""
    nodes = ElementTree.fromstring(svg).iterfind(".//{*}polygon")  # noqa: S314  # our own picture
    corners = [[float(corner.split(",")[0]) for corner in node.attrib["points"].split()] for node in nodes]
    return [max(xs) - min(xs) for xs in corners[1:]]  # the first is the background


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that draw, as they are started."""
    pids: list[int] = []
    tie = process._tie

    def tell(pid: int, leash: int) -> None:
        pids.append(pid)
        tie(pid, leash)

    monkeypatch.setattr(process, "_tie", tell)
    return pids


# -- what is drawn -----------------------------------------------------------------------------------------------------


def test_each_kind_of_picture_is_drawn_and_the_same_each_time() -> None:
    for kind, begin in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        first, second = (picture(kind, graph("train", "rows")) for _ in range(2))
        assert first.startswith(begin)
        undated = [re.sub(rb"/CreationDate \(.*\)", b"", each) for each in (first, second)]
        assert undated[0] == undated[1]


@pytest.mark.parametrize("shape", sorted({*_SHAPES} - {"box"}))
def test_each_shape_is_known(shape: str) -> None:
    """One that is not is drawn as a box."""
    assert picture("svg", graph("train", shape=shape)) != picture("svg", graph("train", shape="box"))


def test_a_node_is_as_wide_as_its_text() -> None:
    labels = ("i" * 40, "train-x7mw", "learning rate 0.003 … 0.1", "W" * 40)
    found = widths(picture("svg", graph(*labels, shape="box")))
    assert len(found) == len(labels)
    narrow, short, long, wide = found
    assert short < long < wide
    assert narrow * 2 < wide, "letters are measured, not counted"


def test_a_png_is_drawn_whole(engine: str) -> None:
    with Image.open(io.BytesIO(picture("png", graph(*map(str, range(500)))))) as drawn_png:
        drawn_png.load()  # checks every checksum
        assert drawn_png.width > 10_000, engine


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_what_graphviz_says_is_in_the_error(started: list[int]) -> None:
    with pytest.raises(GraphTrackerError, match="syntax error in line 3"):
        picture("svg", iter(["digraph {\n", "a [\n", "}\n"]))
    assert_gone(started)


def test_a_label_that_graphviz_cannot_read_is_an_error() -> None:
    """It draws the rest, and ends as if all were well."""
    with pytest.raises(GraphTrackerError, match="Error: "):
        picture("svg", iter(["digraph { a [label=<<b>broken>] }"]))


def test_words_about_fonts_reach_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fonts.conf").write_text(
        "<fontconfig><unheard-of/><include>nowhere</include></fontconfig>", encoding="utf-8"
    )
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    assert picture("svg", graph("\u200d"))  # of which Pango says that it cannot lay it out
    with pytest.raises(GraphTrackerError) as failed:
        picture("svg", iter(["digraph { a [label=<<b>broken>]; b [label=<<i>too>]; c [label=\u200d] }"]))
    assert re.fullmatch(r"Graphviz could not draw this lineage: Error: .*", str(failed.value))
    assert not re.search("fontconfig|pango|glib", str(failed.value), re.IGNORECASE)
    assert capfd.readouterr() == ("", "")


def test_a_process_that_crashes_is_an_error(monkeypatch: pytest.MonkeyPatch, started: list[int]) -> None:
    tie = process._tie

    def crash(pid: int, leash: int) -> None:
        tie(pid, leash)
        os.kill(pid, signal.SIGSEGV)

    monkeypatch.setattr(process, "_tie", crash)
    with pytest.raises(GraphTrackerError, match="Segmentation fault"):
        picture("svg", graph("train"))
    assert_gone(started)


@linux
def test_a_process_that_gets_no_memory_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    def starve(pid: int, _: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_AS, (1 << 20, 1 << 20))

    monkeypatch.setattr(process, "_tie", starve)
    with pytest.raises(GraphTrackerError, match="could not draw"):
        picture("png", endless())


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EAGAIN, errno.ENOMEM])
def test_where_the_machine_has_no_room_nothing_is_said_to_be_missing(
    monkeypatch: pytest.MonkeyPatch, engine: str, code: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(GraphTrackerError, match=os.strerror(code)) as failed:
        picture("svg", graph("train"))
    assert not isinstance(failed.value, MissingExtra)
    assert ("dot" if engine == "dot" else sys.executable) in str(failed.value)


def test_what_fails_while_the_text_is_made_passes_and_leaves_no_process(started: list[int]) -> None:
    def text() -> Iterator[str]:
        yield "digraph {"
        raise LookupError("run")

    with pytest.raises(LookupError):
        picture("svg", text())
    assert_gone(started)


@linux
def test_what_a_signal_handler_raises_meanwhile_is_not_taken_for_a_missing_program(started: list[int]) -> None:
    def stop(*_: object) -> None:
        raise TimeoutError("too long")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)  # again, in case the first comes before it is started
    try:
        with pytest.raises(TimeoutError, match="too long"):
            picture("svg", endless())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    for pid in started:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def test_a_picture_that_is_drawn_leaves_no_process(started: list[int]) -> None:
    picture("svg", graph("train"))
    assert_gone(started)


def assert_gone(started: list[int]) -> None:
    """Not even a zombie is left."""
    [pid] = started
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


# -- a caller that ends ------------------------------------------------------------------------------------------------

_CALLER = """
import sys
if sys.argv[1] == "dot":
    sys.modules["pygraphviz"] = None
from graphtracker.drawing.graphviz import process
from graphtracker.drawing.graphviz.images import drawn
from tests.drawing.test_engines import endless

tie = process._tie
def tell(pid, leash):
    tie(pid, leash)
    print(pid, flush=True)
process._tie = tell
try:
    list(drawn("svg", endless()))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.fixture
def caller(engine: str, tmp_path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], int]]]:
    """Starts a program that draws what takes long; with a descriptor of its drawing process, ready when that ends."""
    opened: list[int] = []
    command = [sys.executable, "-c", _CALLER, engine]
    where = {**environment(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, env=where, stdout=subprocess.PIPE, text=True) as program:

        def start() -> tuple[subprocess.Popen[str], int]:
            assert program.stdout is not None
            opened.append(os.pidfd_open(int(program.stdout.readline())))
            return program, opened[0]

        yield start
        program.kill()
    for descriptor in opened:
        os.close(descriptor)


def ends(descriptor: int) -> bool:
    return select.select([descriptor], [], [], 60)[0] == [descriptor]


@linux
def test_an_interrupted_caller_ends_the_drawing(
    caller: Callable[[], tuple[subprocess.Popen[str], int]],
) -> None:
    program, drawing = caller()
    program.send_signal(signal.SIGINT)
    assert program.stdout is not None
    assert program.stdout.read() == "interrupted\n"
    assert program.wait(60) == 0
    assert ends(drawing)


@linux
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_caller_takes_the_drawing_along(
    caller: Callable[[], tuple[subprocess.Popen[str], int]], end: signal.Signals
) -> None:
    program, drawing = caller()
    program.send_signal(end)
    assert program.wait(60) == -end
    assert ends(drawing)
