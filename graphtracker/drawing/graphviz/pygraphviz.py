"""The Graphviz that pygraphviz carries, as a command."""

from __future__ import annotations

import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec

_PROGRAM = os.path.join(os.path.dirname(__file__), "pygraphviz_process.py")
# The first is about as wide as Arial, which SVG asks for; the second has the signs that the first lacks. To add one,
# look at a PNG: Arimo and Inter, drawn by the wheel's libraries, come out with gaps between the letters.
_FONTS = ("fontpkg_ibm_plex_sans", "fontpkg_source_sans_3")


def command(kind: str) -> list[str] | None:
    """The command that draws DOT text as a picture of this kind; None where no pygraphviz 2 is installed.

    None also where no Python can be started, as in a frozen application.
    """
    library = _folder("pygraphviz")
    if library is None or not _has_graphviz(library) or not _is_python(sys.executable) or not os.path.exists(_PROGRAM):
        return None
    fonts = [os.path.join(folder, "files") for folder in map(_folder, _FONTS) if folder is not None]
    # Isolated and without site: the process finds nothing in the working folder and starts in half of the time.
    return [sys.executable, "-I", "-S", _PROGRAM, kind, library, os.pathsep.join(fonts)]


def _folder(package: str) -> str | None:
    """Where the package is, which is not imported: that takes longer than to draw a small picture."""
    try:
        spec = find_spec(package)
    except ValueError:  # what stands in its place in sys.modules has no spec, as modules that tests make
        return None
    return None if spec is None else next(iter(spec.submodule_search_locations or ()), None)


def _has_graphviz(library: str) -> bool:
    """Whether it is pygraphviz 2, which can draw without plugins of the system; the one before it cannot."""
    if not any(os.path.exists(os.path.join(library, f"_graphviz{suffix}")) for suffix in EXTENSION_SUFFIXES):
        return False
    try:
        with open(os.path.join(library, "graphviz.py"), "rb") as calls:  # 0.01 ms; its version takes 20
            return b"gvContextWithBuiltins" in calls.read()
    except OSError:
        return False


def _is_python(executable: str | None) -> bool:
    """Not so for a frozen application, or a server that embeds Python: that would be started once more."""
    return executable is not None and "py" in os.path.basename(executable).lower() and not hasattr(sys, "frozen")
