"""The options that commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timezone
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from graphtracker.cli import completion
from graphtracker.model.display import quoted
from graphtracker.model.times import moment_from_text


def _named_before(context: typer.Context, store: str | None) -> str | None:
    """The store named after the command, else the one named before it."""
    return store if store is not None else context.find_root().params.get("store")


def store_option(help: str) -> Any:
    """``--store``, which may stand before the command too."""
    return typer.Option("--store", callback=_named_before, metavar="URL", help=help)


_RUN: dict[str, Any] = {
    "metavar": "RUN",
    "help": "Run id, or what only one run has: a name, the beginning of one, or the ending of an id.",
    "autocompletion": completion.runs,
}
RunArgument = Annotated[str, typer.Argument(**_RUN)]
OptionalRun = Annotated[str | None, typer.Argument(show_default=False, **_RUN)]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="TIME", help="As it was then: a date or time (UTC, or with its offset), or an age (7d, 12h)."
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="EXPR",
        help='Only runs that match: lr=0.01, \'lr < 0.01 and optim.name in ["adam", "sgd"]\', \'created > "-7d"\'. '
        "May be repeated; all must hold.",
        autocompletion=completion.keys,
    ),
]
Latest = Annotated[
    bool, typer.Option("--latest", help="Where RUN may mean several runs, the newest of them that reported.")
]
StoreOption = Annotated[
    str | None, store_option("Store URL or path. Default: $GRAPHTRACKER_URL, else the per-user store.")
]


def number_option(name: str, help: str, *, least: int = 0) -> Any:
    """An option that takes a whole number of at least this."""

    def number(text: str | int) -> int:
        try:
            given = int(text)
        except ValueError:
            given = least - 1
        if given < least:
            way_out = "give one, or leave the option out"
            raise typer.BadParameter(f"{quoted(text)} is no whole number of at least {least}; {way_out}")
        return given

    return typer.Option(name, metavar="N", help=help, parser=number)


Depth = Annotated[int | None, number_option("--depth", "At most N sources away, each way.")]
ArtifactName = Annotated[str | None, typer.Option("--artifact", metavar="NAME", help="Ask about this artifact of RUN.")]
MaxRuns = Annotated[int | None, number_option("--max-runs", "At most the N nearest runs.", least=1)]
Strict = Annotated[bool, typer.Option("--strict", help="Fail (exit code 1) where the answer is not whole.")]


@dataclass(frozen=True)
class Subject:
    """What a lineage is asked of: a run, or the artifact at a path."""

    run: OptionalRun = None
    path: Annotated[
        str | None, typer.Option("--path", metavar="FILE", help="Ask about the artifact last logged at this path.")
    ] = None
    latest: Latest = False


@dataclass(frozen=True)
class Beginning:
    """Where the paths begin that are asked about, if not all of a lineage is."""

    node: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="NODE",
            help="Only what lies on a path from NODE, a run or RUN/ARTIFACT, to RUN. Exit code 1 without one.",
            autocompletion=completion.runs,
        ),
    ] = None
    from_path: Annotated[
        str | None,
        typer.Option("--from-path", metavar="FILE", help="The same from the artifact last logged at this path."),
    ] = None


@dataclass(frozen=True)
class Bounds:
    """How much of a lineage is asked for."""

    upstream: Annotated[bool, typer.Option("--upstream", help="Only what it came from.")] = False
    downstream: Annotated[bool, typer.Option("--downstream", help="Only what was made from it.")] = False
    depth: Depth = None
    artifact: ArtifactName = None
    max_runs: MaxRuns = None
    as_of: AsOf = None
    strict: Strict = False

    @property
    def then(self) -> datetime | None:
        """The time that is asked about; None is now. Raises InvalidInput."""
        return None if self.as_of is None else moment(self.as_of)


def moment(text: str) -> datetime:
    """The time that an option names; raises InvalidInput."""
    return moment_from_text(text, datetime.now(timezone.utc))


def inlined(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the fields of its dataclass parameters in their places: Typer makes an option of each field.

    Annotations are evaluated here, once for each command; Typer, which does so twice, finds it done.
    """
    declared = inspect.signature(command, eval_str=True).parameters.values()
    groups: dict[str, Any] = {each.name: each.annotation for each in declared if is_dataclass(each.annotation)}

    @wraps(command)
    def inlining(**options: Any) -> None:
        for name, group in groups.items():
            options[name] = group(**{field.name: options.pop(field.name) for field in fields(group)})
        command(**options)

    parameters: list[inspect.Parameter] = []
    for each in declared:
        parameters += _parameters(groups[each.name]) if each.name in groups else [each.replace(kind=each.KEYWORD_ONLY)]
    inlining.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect reads first
    inlining.__annotations__ = {each.name: each.annotation for each in parameters}
    return inlining


def _parameters(group: Any) -> list[inspect.Parameter]:
    kinds = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=kinds[field.name]
        )
        for field in fields(group)
    ]
