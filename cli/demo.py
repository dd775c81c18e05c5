"""The ``demo`` command."""

from __future__ import annotations

import os
import shlex
from itertools import count
from pathlib import Path
from typing import Annotated

from graphtracker import GraphTracker, Lineage
from graphtracker.cli.demo_pipeline import record_demo
from graphtracker.cli.files import write_file
from graphtracker.cli.options import store_option
from graphtracker.cli.output import columns, say, say_all
from graphtracker.cli.tree import tree
from graphtracker.errors import InvalidInput, MissingExtra
from graphtracker.export import export, format_of
from graphtracker.model.display import quoted
from graphtracker.stores.urls import MEMORY, parse

_NEXT = (
    "runs",
    "show fine-tune-h8rc",
    "lineage prepare-k3v9 --artifact train --downstream",
    "lineage --path s3://lab/models/large.pt --upstream",
    "runs --where lr=0.001",
    "export --dot",
)


def demo(store: Annotated[str | None, store_option("New SQLite file. Default: one here.")] = None) -> None:
    """Record a small pipeline, show its lineage, and draw it."""
    tracker = GraphTracker(_new_name() if store is None else store)
    pictures = _new_pictures(tracker)
    with tracker:
        lineage = tracker.lineage(record_demo(tracker))
    drawn = [_written(picture, lineage) for picture in pictures]
    say(f"Recorded a pipeline of six jobs into {tracker.url}. The lineage of its fine-tuned model:")
    say()
    say_all(tree(lineage, columns()))
    for line in ("", *drawn, ""):
        say(line)
    say("Next, try:")
    for command in _NEXT:
        say(f"  graphtracker --store {shlex.quote(tracker.url)} {command}")


def _new_pictures(tracker: GraphTracker) -> list[Path]:
    """Where to draw, beside the new store; raises InvalidInput where anything is there already."""
    url = parse(tracker.url)
    if url.scheme != "sqlite" or url.rest == MEMORY:
        raise InvalidInput("the demo wants a new SQLite file, which `graphtracker copy` takes elsewhere; name a file")
    pictures = [Path(os.path.relpath(url.rest)).with_suffix(suffix) for suffix in (".dot", ".svg")]
    for there in [Path(url.rest), *pictures]:
        if there.exists():
            raise InvalidInput(f"{quoted(there.name)} is there already; name a new file with --store")
    return pictures


def _written(picture: Path, lineage: Lineage) -> str:
    try:
        write_file(str(picture), export(lineage, format_of(picture.name)))
    except MissingExtra as error:
        return f"No {picture}: {error}"
    return f"Wrote {picture}"


def _new_name() -> str:
    for number in count(1):
        name = "graphtracker-demo" if number == 1 else f"graphtracker-demo-{number}"
        if not any(Path(name + suffix).exists() for suffix in (".db", ".dot", ".svg")):
            return f"{name}.db"
    raise AssertionError  # count() does not end
