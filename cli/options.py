"""The options that commands share, and what they make of them."""

from __future__ import annotations

import json
import math
from typing import Annotated

import typer

from graphtracker import GraphTracker, Lineage
from graphtracker.cli import completion
from graphtracker.cli.output import tell
from graphtracker.errors import InvalidInput, RunNotFound, StoreError
from graphtracker.model.display import quoted


def _named_before(context: typer.Context, store: str | None) -> str | None:
    """The store named after the command, else the one named before it."""
    return store if store is not None else context.find_root().params.get("store")


Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        callback=_named_before,
        metavar="URL",
        help="Store URL or path. Default: $GRAPHTRACKER_URL, else the per-user store.",
    ),
]
WHERE = "Only runs whose metadata has this text or number. May be repeated."
METADATA = "Metadata: JSON where VALUE reads as JSON, else text. May be repeated."
NewStore = Annotated[
    str | None,
    typer.Option("--store", callback=_named_before, metavar="URL", help="New SQLite file. Default: one here."),
]
SyncStore = Annotated[
    str | None,
    typer.Option(
        "--store", callback=_named_before, metavar="URL", help="Store URL or path. Default: what each spool names."
    ),
]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_RUN = "Run id, or a name or ending that only one run has."
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help=_RUN, autocompletion=completion.runs)]
OptionalRun = Annotated[
    str | None,
    typer.Argument(metavar="RUN", help=_RUN, show_default=False, autocompletion=completion.runs),
]
RecordedRun = Annotated[str, typer.Argument(metavar="RUN", help="Run id, as it is to be recorded.")]
PathOption = Annotated[str | None, typer.Option("--path", metavar="FILE", help="Ask about the artifact at this path.")]
Upstream = Annotated[bool, typer.Option("--upstream", help="Only what it came from.")]
Downstream = Annotated[bool, typer.Option("--downstream", help="Only what was made from it.")]
Depth = Annotated[int | None, typer.Option("--depth", metavar="N", min=0, help="At most N sources away, each way.")]
MaxRuns = Annotated[int | None, typer.Option("--max-runs", metavar="N", min=1, help="At most the N nearest runs.")]
ArtifactOption = Annotated[
    str | None, typer.Option("--artifact", metavar="NAME", help="Ask about this artifact of RUN.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Fail (exit code 1) where a bound cuts the answer.")]


def reading(store: str | None) -> GraphTracker:
    """The tracker on a store that must be there."""
    opened = GraphTracker(store)
    if not opened.exists():
        raise StoreError(
            f"there is no store at {quoted(opened.url)} yet; record something, or name another with --store"
        )
    return opened


def asked(
    opened: GraphTracker,
    run: str | None,
    path: str | None,
    upstream: bool,
    downstream: bool,
    depth: int | None,
    artifact: str | None,
    max_runs: int | None,
    strict: bool,
) -> Lineage:
    """The lineage of a run, of an artifact, or of the artifact at a path."""
    if upstream and downstream:
        raise InvalidInput("--upstream and --downstream exclude each other; leave both out to ask for both")
    direction = "upstream" if upstream else "downstream" if downstream else "both"
    run_id, name = _start(opened, run, path, artifact)
    return opened.lineage(
        run_id, direction=direction, depth=depth, artifact_name=name, max_runs=max_runs, strict=strict
    )


def tell_cut(lineage: Lineage) -> None:
    """Says on stderr that an answer is not whole."""
    if not lineage.complete:
        tell(f"this is not the whole lineage: cut by {', '.join(sorted(lineage.reasons))}")


def _start(opened: GraphTracker, run: str | None, path: str | None, artifact: str | None) -> tuple[str, str | None]:
    if (run is None) == (path is None):
        raise InvalidInput("give either RUN or --path FILE")
    if run is not None:
        return opened.find_run(run), artifact
    if artifact is not None:
        raise InvalidInput("--path names the artifact itself; leave --artifact out, or give RUN in its place")
    found = opened.find_artifacts(path or "")
    if not found:
        raise RunNotFound(f"no artifact was logged at {quoted(path)}; show RUN lists the paths of a run")
    if len(found) > 1:
        listed = "; ".join(f"{quoted(item.run_id)} --artifact {quoted(item.name)}" for item in found[:10])
        raise InvalidInput(f"several artifacts lie at {quoted(path)}; ask about one: {listed}")
    return found[0].run_id, found[0].name


def pairs(texts: list[str] | None) -> dict[str, str]:
    """Keys and values of KEY=VALUE arguments; raises InvalidInput for one that is no such, or whose key came before."""
    found: dict[str, str] = {}
    for text in texts or []:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise InvalidInput(f"{quoted(text)} is not KEY=VALUE, such as lr=0.01")
        if key in found:
            raise InvalidInput(f"the key {quoted(key)} is given twice; give it once")
        found[key] = value
    return found


def value_of(text: str) -> object:
    """A value as JSON where it reads as JSON, else the text itself."""
    try:
        return json.loads(text, parse_constant=_not_json, parse_float=_finite)
    except (ValueError, RecursionError):
        return text


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)  # JSON has no number this large
    return number


def _not_json(constant: str) -> object:
    raise ValueError(constant)
