"""The contact sheet: one page with everything that was drawn, and with what could not be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import NamedTuple

from graphtracker.model.display import printable
from tests.gallery.drawing import Seen
from tests.gallery.shown import Shown

_HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>graphtracker: every kind of picture</title>
<style>
body { font: 14px/1.4 sans-serif; margin: 1.5rem; background: #f4f4f4; color: #1a1a1a; }
section { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
figure { margin: 0; padding: .5rem; background: white; border: 1px solid #ccc; max-width: 46rem; }
img { max-width: 44rem; max-height: 24rem; }
pre { max-width: 44rem; max-height: 24rem; overflow: auto; font: 12px/1.3 monospace; margin: 0; }
.cannot { border-color: #d55e00; }
p { margin: .2rem 0; color: #5f5f5f; overflow-wrap: anywhere; }
</style>
"""


class Drawn(NamedTuple):
    """One thing of the gallery with what became of it: a text says why it could not be drawn."""

    item: Shown
    seen: Seen | str


def sheet(drawn: Iterable[Drawn], folder: Path) -> Iterator[str]:
    """The page, whose pictures lie in the folder beside it; every text in it is data."""
    yield _HEAD
    for store, group in _by_store(drawn).items():
        yield f"<h2>{escape(store)}</h2>\n<section>\n"
        for each in group:
            yield _cannot(each.item, each.seen) if isinstance(each.seen, str) else _figure(each.item, each.seen, folder)
        yield "</section>\n"


def _by_store(drawn: Iterable[Drawn]) -> Mapping[str, list[Drawn]]:
    groups: dict[str, list[Drawn]] = {}
    for each in drawn:
        groups.setdefault(each.item.store, []).append(each)
    return groups


def _figure(item: Shown, seen: Seen, folder: Path) -> str:
    inside = "\n".join(_picture(name, folder) for name in seen.pictures)
    told = "".join(f"<p>{_text(each)}</p>" for each in seen.told)
    file = f'<a href="{seen.file}">{seen.file}</a>'
    return f"<figure>\n{inside}<figcaption>{_caption(item)} {file}{told}</figcaption>\n</figure>\n"


def _picture(name: str, folder: Path) -> str:
    if name.endswith(".txt"):
        return f"<pre>{escape((folder / name).read_text(encoding='utf-8'))}</pre>"
    return f'<a href="{name}"><img src="{name}" alt="" loading="lazy"></a>'  # an <img> runs nothing, of an SVG neither


def _cannot(item: Shown, why: str) -> str:
    return f'<figure class="cannot"><figcaption>{_caption(item)}<p>{_text(why)}</p></figcaption></figure>\n'


def _caption(item: Shown) -> str:
    return escape(", ".join(filter(None, (item.format, item.words))))


def _text(text: str) -> str:
    return escape(printable(text))
