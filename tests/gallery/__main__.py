"""The command: draws everything into a folder, ``.gallery`` by default, with an ``index.html`` to look at.

Exit code 1 where this machine could not draw something; the page, and stdout, say what, and why.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from graphtracker.model.display import printable, shorten
from tests.gallery.drawing import CANNOT, Studio
from tests.gallery.sheet import Drawn, sheet
from tests.gallery.shown import Shown, shown
from tests.gallery.stores import recorded


def draw(items: Sequence[Shown], folder: Path) -> Iterator[Drawn]:
    """Each with what became of it; then the contact sheet stands beside the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    with tempfile.TemporaryDirectory() as stores, ExitStack() as opened:
        trackers = recorded(Path(stores), opened, {item.store for item in items})
        studio = opened.enter_context(Studio(folder.resolve(), trackers))
        for number, item in enumerate(items):
            drawn.append(_drawn(studio, item, number))
            yield drawn[-1]
    (folder / "index.html").write_text("".join(sheet(drawn, folder)), encoding="utf-8")


def _drawn(studio: Studio, item: Shown, number: int) -> Drawn:
    words = re.sub(r"[^a-z0-9]+", "-", f"{item.store} {item.words}".lower()).strip("-")
    try:
        return Drawn(item, studio.draw(item, f"{number:03}-{words}"))
    except CANNOT as error:
        return Drawn(item, shorten(str(error) or type(error).__name__, 400))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gallery", description="Draw every kind of picture.")
    parser.add_argument("folder", nargs="?", default=".gallery", type=Path)
    folder = parser.parse_args().folder
    failed = 0
    for item, seen in draw(shown(), folder):
        if isinstance(seen, str):
            failed += 1
            print(f"not drawn: {item.store}, {item.format} {item.words}: {printable(seen)}")
    print(f"{folder / 'index.html'}{f'; {failed} not drawn' if failed else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
