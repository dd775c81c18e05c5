"""A picture as one HTML page to explore: Graphviz's drawing with what each node is, without a network."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from importlib.resources import files

from graphtracker.drawing import style
from graphtracker.drawing.caption import caption
from graphtracker.drawing.graphviz.dot import dot_text
from graphtracker.drawing.graphviz.html_labels import centred
from graphtracker.drawing.graphviz.images import drawn
from graphtracker.drawing.layout.fit import direction
from graphtracker.drawing.layout.shape import Elements, elements
from graphtracker.drawing.page.data import page_data
from graphtracker.drawing.page.legend import legend
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.scene import Scene
from graphtracker.model.display import printable, printable_json

# Large layered drawings in seconds (https://graphviz.org/doc/info/attrs.html): fewer rounds, and straight edges.
_QUICK = {"nslimit": "1", "nslimit1": "1", "mclimit": "0.2", "splines": "line"}
_QUICK_FROM = 1_000  # nodes and links
_PROLOG = re.compile(rb"\A.*?(?=<svg)", re.DOTALL)
_PLACE = re.compile("<!--([A-Z]+)-->")
_SCRIPTS = ("drawing.js", "view.js", "choosing.js", "panel.js", "search.js", "keys.js")
"""In the order in which they run."""


def html(picture: Picture) -> Iterator[str | bytes]:
    """The page; raises MissingExtra where there is no Graphviz."""
    scene = Scene(picture, on_edges=False, told=False)
    shown = elements(scene)
    parts: dict[str, str | bytes] = {**_parts(picture, scene, shown), "PICTURE": _svg(picture, shown)}
    for place, text in enumerate(_PLACE.split(_file("page.html"))):
        yield parts[text] if place % 2 else text


def _svg(picture: Picture, shown: Elements) -> bytes:
    """The drawing: its caption stands beside it, dark colours in the style of the page."""
    answer = picture.answer
    quick = _QUICK if len(answer.runs) + len(answer.artifacts) + len(answer.sources) > _QUICK_FROM else {}
    text = dot_text(shown, {"rankdir": direction(shown, picture.options), **quick})
    return centred(_PROLOG.sub(b"", b"".join(drawn("svg", text))))


def _parts(picture: Picture, scene: Scene, shown: Elements) -> dict[str, str]:
    """What stands in the places of the page, by their names."""
    said = caption(picture, shown.nodes, shown.edges)
    css, script = _file("page.css") + _colours(), "".join(map(_file, _SCRIPTS))
    data = json.dumps(
        page_data(picture, scene, shown.nodes), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    looks = {"dark": picture.options.dark, "bare": picture.options.bare}
    return {
        "LOOK": " ".join(name for name, is_so in looks.items() if is_so),
        # Nothing is loaded, and nothing runs but this script: what a page holds besides may be anything.
        "POLICY": f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
        "TITLE": escape(printable(said.title)),
        "FACTS": escape("\n".join(map(printable, said.facts))),
        "LEGEND": legend(said.legend),
        "STYLE": css,
        "DATA": printable_json(data).replace("<", "\\u003c"),
        "SCRIPT": script,
    }


def _colours() -> str:
    """The style of what is drawn: each colour in the light, in the dark the one that stands for it."""
    return "".join(
        f'[{what}="{light}"] {{ {what}: light-dark({light}, {dark}); }}\n'
        for light, dark in style.DARK.items()
        for what in ("fill", "stroke")
    )


def _hash(text: str) -> str:
    """As a policy names what may stand in the page (https://www.w3.org/TR/CSP3/#framework-directive-source-list)."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _file(name: str) -> str:
    return (files(__package__) / "files" / name).read_text(encoding="utf-8")
