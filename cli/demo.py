"""The ``demo`` command."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from itertools import count
from pathlib import Path
from typing import Annotated

from graphtracker import GraphTracker, Lineage
from graphtracker.cli.demo_pipeline import record_demo
from graphtracker.cli.options import store_option
from graphtracker.cli.output import columns, say, say_all
from graphtracker.drawing.tree import tree
from graphtracker.errors import InvalidInput, MissingExtra
from graphtracker.export import save
from graphtracker.model.display import quoted
from graphtracker.model.styled import bold
from graphtracker.stores.urls import MEMORY, parse

_BAD, _GOOD = "train-p2qd", "train-x7mw"
_CAUSE = "clean-p8s1"

_STORY = """\
Recorded two weeks of a pipeline, {runs} runs, into {url}.
Reviews came in every night; a sweep of 12 trainings learned from some of them,
the best model was fine-tuned and deployed. But half of the trainings are bad.

The lineage of the best one:

"""

_QUESTIONS = {
    "Which trainings are there?": "runs --where loss --sort loss",
    "Why is one worse than the other?": f"diff {_GOOD} {_BAD}",
    "What do the bad ones share?": "contrast --bad-where 'loss > 0.5' --good-where 'loss <= 0.5'",
    "What must be made again?": f"impact {_CAUSE}",
    "How did that get into what is deployed?": f"lineage deploy-n6bf --from {_CAUSE}",
    "What is out of date?": "stale deploy-n6bf",
    "Do these two come from the same?": f"fingerprint {_GOOD} train-b5ga",
    "What has to do with slang?": "find slang",
}


def demo(store: Annotated[str | None, store_option("New SQLite file. Default: one here.")] = None) -> None:
    """Record two weeks of a pipeline, and say what to ask of it.

    Shows where a model came from, and draws the pipeline.

    Example: graphtracker demo
    """
    tracker = GraphTracker(_new_name() if store is None else store)
    pictures = _new_pictures(tracker)
    with tracker:
        drawn = tracker.lineage(record_demo(tracker))
        shown = tracker.lineage(tracker.find_run(_GOOD))
        runs = len(tracker.run_ids())
    written = [_written(picture, drawn) for picture in pictures]
    for line in _STORY.format(runs=runs, url=tracker.url).splitlines():
        say(line)
    say_all(tree(shown).lines(columns()))
    for line in ("", *written, "", "Next, try:"):
        say(line)
    asks = f"{_program()} --store {shlex.quote(tracker.url)}"
    say_all(line for question, command in _QUESTIONS.items() for line in (bold(question), f"  {asks} {command}"))


def _program() -> str:
    """What starts this program again from a shell in this folder."""
    called = sys.argv[0]
    if os.path.basename(called) == "__main__.py":  # of python -m graphtracker
        return f"{shlex.quote(sys.executable)} -m graphtracker"
    found = shutil.which("graphtracker")
    is_found = found is not None and os.path.realpath(found) == os.path.realpath(called)
    return "graphtracker" if is_found else shlex.quote(called)


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
        save(lineage, str(picture))
    except MissingExtra as error:
        return f"No {picture}: {error}"
    return f"Wrote {picture}"


def _new_name() -> str:
    for number in count(1):
        name = "graphtracker-demo" if number == 1 else f"graphtracker-demo-{number}"
        if not any(Path(name + suffix).exists() for suffix in (".db", ".dot", ".svg")):
            return f"{name}.db"
    raise AssertionError  # count() does not end
