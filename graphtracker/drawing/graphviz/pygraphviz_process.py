"""The program that draws DOT text from stdin with pygraphviz, onto stdout.

Each graph is laid out by ``dot``, or by what it names as its ``layout``.

Its arguments are the kind of picture, the folder of pygraphviz, folders of fonts ("" is none), and once the fonts are
to be used a word. It is run by its path, without site-packages, and imports as little as it can: starting takes it
longer than to draw a small picture.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType, TracebackType

TYPE_CHECKING = False
if TYPE_CHECKING:  # what these need takes as long to import as all else
    from collections.abc import Iterator
    from typing import IO

_END = b"\n}\n"  # of a graph
_NARROW, _WIDE = b"i" * 30, b"W" * 30
_NODE = 1  # AGNODE of cgraph.h


def main(kind: str, library: str, fonts: str, *with_fonts: str) -> None:
    """Draws; Graphviz says on stderr what is wrong."""
    sys.excepthook = _tell
    sys.path.insert(0, library)  # the compiled module alone: the package around it loads much more
    import _graphviz as graphviz

    if with_fonts:
        _use(fonts, graphviz)
    context = graphviz.gvContextWithBuiltins()
    if not with_fonts and not _is_readable(graphviz, context):
        if fonts:
            os.execv(sys.executable, [sys.executable, "-I", "-S", *sys.argv, "use them"])  # noqa: S606  # our own words
        if kind == "png" or kind == "pdf":  # the text of the others is drawn where it is looked at
            sys.exit("this machine has no font; pip install 'graphtracker[draw]' brings one")
    failed = False
    for graph in _graphs(graphviz, several=kind == "json0"):
        layout = graphviz.agget(graph, b"layout") or b"dot"
        failed |= bool(graphviz.gvLayout(context, graph, layout))
        failed = failed or bool(graphviz.gvRender(context, graph, kind.encode(), sys.stdout))
    os._exit(1 if failed else 0)  # all is written; to tidy up takes its time


def _graphs(graphviz: ModuleType, *, several: bool) -> Iterator[object]:
    """The graphs of stdin; where there are several, each ends with a line of its own, as ``dot_text`` writes them."""
    try:
        if not several:
            yield graphviz.agread(sys.stdin, None)
            return
        for text in sys.stdin.buffer.read().split(_END)[:-1]:
            with _file() as file:  # of several in one, the library takes the first and loses the others
                file.write(text + _END)
                file.seek(0)
                yield graphviz.agread(file, None)
    except ValueError:
        sys.exit(1)  # Graphviz has said why


def _file() -> IO[bytes]:
    """A file that is gone when it is closed."""
    if sys.platform == "linux":
        return os.fdopen(os.memfd_create("graph"), "w+b")
    import tempfile

    return tempfile.TemporaryFile()


def _is_readable(graphviz: ModuleType, context: object) -> bool:
    """Whether letters are drawn as what they are; without any font each is a box of the same width."""
    graph = graphviz.agopen(b"", graphviz.cvar.Agdirected, None)
    graphviz.agattr(graph, _NODE, b"fontname", b"Helvetica,Arial,sans-serif")
    graphviz.agnode(graph, _NARROW, 1)
    graphviz.agnode(graph, _WIDE, 1)
    graphviz.gvLayout(context, graph, b"dot")
    _, plain = graphviz.gvRenderData(context, graph, b"plain")
    graphviz.gvFreeLayout(context, graph)
    nodes = [line.split() for line in plain.splitlines() if line.startswith(b"node")]  # name x y width …
    return len({node[4] for node in nodes}) == len(nodes)


def _use(fonts: str, graphviz: ModuleType) -> None:
    """Adds the fonts of these folders to those of Fontconfig, which has not found any."""
    import ctypes

    fontconfig = ctypes.CDLL(str(graphviz.__file__))
    for folder in fonts.split(os.pathsep):
        fontconfig.FcConfigAppFontAddDir(None, os.fsencode(folder))


def _tell(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    sys.stderr.write(f"{kind.__name__}: {error}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
