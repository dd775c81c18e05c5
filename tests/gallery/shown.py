"""What the gallery shows: of which store, asked how, in which format, drawn how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from graphtracker.drawing.options import PLAIN, SIZES, PictureOptions, size_of
from graphtracker.lineage import Lineage
from graphtracker.tracker import GraphTracker
from tests.gallery.stores import NOW, STORES
from tests.support.two_pipelines import SECOND


@dataclass(frozen=True)
class Shown:
    """One picture, or several of one thing."""

    store: str
    format: str
    """One of ``graphtracker.formats``, or ``tree``."""
    words: str = ""
    """How it was asked for, for people."""
    options: PictureOptions = PLAIN
    asked: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of ``GraphTracker.lineage``."""
    other: str | None = None
    """The run with which the start is compared; None: it is a lineage."""
    columns: int = 80
    """Of a tree."""

    def lineage(self, tracker: GraphTracker) -> Lineage:
        """What is asked of the store: of the start, or of all where there is none."""
        start = STORES[self.store].start
        return tracker.lineage(start, **self.asked) if start else tracker.graph()


EVERY_WAY: dict[str, PictureOptions] = {
    "from top to bottom": PictureOptions(vertical=True),
    "from left to right": PictureOptions(vertical=False),
    "dark": PictureOptions(dark=True),
    "bare": PictureOptions(bare=True),
    **{f"size {size}": PictureOptions(size=size_of(size)) for size in (*SIZES, "1200x800")},
}
"""How any picture may be asked for."""

_LABELS = PictureOptions(labels=("lr", "loss", "optim.name"))
_ALL, _EXPAND = PictureOptions(everything=True), PictureOptions(expand=True)


def shown() -> list[Shown]:
    """All of it, in order."""
    return [
        *(Shown(store, "svg") for store in STORES if store != "two pipelines"),
        *(
            Shown(store, "svg", words, options)
            for store, (words, options) in product(("six jobs", "the demo", "a chain of 60"), EVERY_WAY.items())
        ),
        *(Shown(store, "svg", "with labels", _LABELS) for store in ("six jobs", "the demo", "a sweep of 50")),
        Shown("a sweep of 50", "svg", "expanded", _EXPAND),
        Shown("a hub of 200", "svg", "all", _ALL),
        Shown("a chain of 400", "svg", "all", _ALL),
        Shown("the demo", "svg", "cut by depth 1", asked={"depth": 1}),
        Shown("the demo", "svg", "upstream", asked={"direction": "upstream"}),
        Shown("six jobs", "svg", "as of an earlier time", asked={"as_of": NOW.replace(hour=10, minute=30)}),
        Shown("six jobs", "svg", "of an artifact", asked={"artifact_name": "model"}),
        *_differences(),
        *(Shown(store, format) for store, format in product(("six jobs", "hostile texts"), ("png", "pdf", "dot"))),
        *(Shown(store, "mermaid") for store in STORES),
        *(Shown("six jobs", "mermaid", words, options) for words, options in EVERY_WAY.items() if not options.size),
        *(Shown(store, "html") for store in ("the demo", "six jobs", "hostile texts", "a hub of 200")),
        *(
            Shown(store, "tree", f"{columns} columns", columns=columns)
            for store, columns in product(STORES, (60, 80, 200))
        ),
        Shown("a sweep of 50", "tree", "expanded", _EXPAND),
        Shown("a hub of 200", "tree", "all", _ALL),
    ]


def _differences() -> list[Shown]:
    ways = {"as it is": PLAIN, "dark": PictureOptions(dark=True), "bare": PictureOptions(bare=True)}
    return [
        Shown("two pipelines", format, f"a difference, {words}", options, other=SECOND)
        for format, (words, options) in product(("svg", "png", "mermaid"), ways.items())
    ]
