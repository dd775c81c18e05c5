"""The commands: each parses, makes one library call, and renders."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import Annotated

import typer

import graphtracker
from graphtracker import GraphTracker
from graphtracker.cli import completion
from graphtracker.cli import options as given
from graphtracker.cli.add import add_artifact, add_metadata, add_source, copy, sync
from graphtracker.cli.options import asked, pairs, reading, tell_cut
from graphtracker.cli.output import columns, is_terminal, page, say, say_all, tell, write
from graphtracker.cli.progress import working
from graphtracker.errors import InvalidInput
from graphtracker.exchange.json import pretty
from graphtracker.export import BINARY, FORMATS, PICTURES, SUFFIXES, export, format_of
from graphtracker.model.display import quoted

app = typer.Typer(
    rich_markup_mode=None,  # plain help, which comes in half the time
    name="graphtracker",
    help="Lineage for ML jobs: what a run came from, and what was made from it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"graphtracker {graphtracker.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    store: given.Store = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def demo(store: given.NewStore = None) -> None:
    """Record a small pipeline, show its lineage, and draw it."""
    from graphtracker.cli.demo import run_demo

    run_demo(store)


@app.command()
def runs(
    parent: Annotated[str | None, typer.Option("--parent", metavar="RUN", help="Only runs made from it.")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="KEY=VALUE", help=given.WHERE),
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=0, help="At most the newest N.")] = None,
    as_json: given.AsJSON = False,
    store: given.Store = None,
) -> None:
    """List the runs that reported, newest first."""
    from graphtracker.cli.show import run_line
    from graphtracker.exchange.dicts import run_to_dict

    with reading(store) as opened:
        source = None if parent is None else opened.find_run(parent)
        found = opened.runs(where=pairs(where), parent_run_id=source, limit=limit)
    if as_json:
        typer.echo(pretty([run_to_dict(run) for run in found]), nl=False)
        return
    page(run_line(run, columns()) for run in found)
    if not found:
        tell("no run matches" if where or parent else "no run has reported yet")


@app.command()
def show(run: given.RunArgument, as_json: given.AsJSON = False, store: given.Store = None) -> None:
    """Show a run: metadata, artifacts, sources and consumers."""
    from graphtracker.cli.show import run_card, run_card_dict

    with reading(store) as opened:
        run_id = opened.find_run(run)
        lineage = opened.lineage(run_id, depth=1)
    if as_json:
        typer.echo(pretty(run_card_dict(lineage)), nl=False)
        return
    say_all(run_card(lineage, columns()))


@app.command()
def lineage(
    run: given.OptionalRun = None,
    path: given.PathOption = None,
    upstream: given.Upstream = False,
    downstream: given.Downstream = False,
    depth: given.Depth = None,
    artifact: given.ArtifactOption = None,
    max_runs: given.MaxRuns = None,
    strict: given.Strict = False,
    as_json: given.AsJSON = False,
    store: given.Store = None,
) -> None:
    """Print what a run came from and what was made from it."""
    from graphtracker.cli.tree import tree

    with reading(store) as opened:
        answer = asked(opened, run, path, upstream, downstream, depth, artifact, max_runs, strict)
    if as_json:
        write(export(answer, "json"))
    else:
        say_all(tree(answer, columns()))
    tell_cut(answer)


@app.command(name="export")
def export_(
    run: given.OptionalRun = None,
    path: given.PathOption = None,
    dot: Annotated[bool, typer.Option("--dot", help="The same as --format dot.")] = False,
    format: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.", autocompletion=completion.formats
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Write there; the suffix names the format.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Draw all of a large lineage, not the neighbourhood of the start.")
    ] = False,
    expand: Annotated[bool, typer.Option("--expand", help="Draw each run of a sweep, not a stack of them.")] = False,
    upstream: given.Upstream = False,
    downstream: given.Downstream = False,
    depth: given.Depth = None,
    artifact: given.ArtifactOption = None,
    max_runs: given.MaxRuns = None,
    strict: given.Strict = False,
    store: given.Store = None,
) -> None:
    """Write a lineage, or the whole store, as picture or data."""
    from graphtracker.cli.files import write_file

    chosen = _format([name for name, wanted in (("dot", dot), ("json", as_json)) if wanted], format, output)
    with reading(store) as opened:
        if run is None and path is None:
            if upstream or downstream or depth is not None or artifact is not None or max_runs is not None:
                raise InvalidInput("without RUN the whole store is exported; name a run to bound its lineage")
            answer = opened.graph()
        else:
            answer = asked(opened, run, path, upstream, downstream, depth, artifact, max_runs, strict)
    seen = output in (None, "-") and is_terminal(sys.stdout)
    with working("drawing" if chosen in PICTURES else "writing", seen=seen):
        pieces = export(
            answer, chosen, everything=everything, expand=expand, tell=lambda what: tell(f"{what}; --all draws all")
        )
        if output is None or output == "-":
            write(pieces)
        else:
            write_file(output, pieces)
    tell_cut(answer)


def _format(named: list[str], format: str | None, output: str | None) -> str:
    format = None if format is None else format.lower()
    if output == "":
        raise InvalidInput("-o names no file; give one, or leave it out")
    if format is not None and format not in FORMATS:
        raise InvalidInput(f"unknown format {quoted(format)}; use one of {', '.join(FORMATS)}")
    wanted = sorted({*named, *([] if format is None else [format])})
    if len(wanted) > 1:
        raise InvalidInput(f"the formats {' and '.join(wanted)} exclude each other; ask for one")
    chosen = wanted[0] if wanted else None
    if output in (None, "-"):
        if chosen in BINARY and is_terminal(sys.stdout):
            raise InvalidInput(f"{chosen} is no text for a terminal; name a file with -o, or send it to a program")
        return chosen or "dot"
    suffix = SUFFIXES.get(PurePath(output or "").suffix.lower())
    if chosen is not None and suffix not in (None, chosen):
        raise InvalidInput(f"{quoted(output)} is named like {suffix}, but {chosen} is asked for; leave one of them out")
    return chosen or format_of(output or "")


for _command in (add_artifact, add_metadata, add_source, sync, copy):
    app.command()(_command)


@app.command()
def browse(
    run: given.OptionalRun = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the web browser.")] = False,
    browser: Annotated[
        str | None,
        typer.Option("--browser", metavar="URL", help="Where Neo4j Browser is; else the store is asked."),
    ] = None,
    style: Annotated[bool, typer.Option("--style", help="Print (or save) the style sheet instead.")] = False,
    queries: Annotated[bool, typer.Option("--queries", help="Print (or save) the saved queries instead.")] = False,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="PATH", help="File of the style, or folder of the queries.")
    ] = None,
    store: given.Store = None,
) -> None:
    """Print the address of Neo4j Browser, ready to show RUN.

    Without RUN it shows the recent runs.
    """
    from graphtracker.cli.browse import give_queries, give_style

    if style and queries:
        raise InvalidInput("--style and --queries exclude each other; ask for one")
    if style or queries:
        (give_style if style else give_queries)(output)
        return
    with reading(store) as opened:
        address = opened.browser_url(None if run is None else opened.find_run(run), browser=browser)
    say(address)
    if open_:
        typer.launch(address)


@app.command()
def doctor(as_json: given.AsJSON = False, store: given.Store = None) -> None:
    """Tell whether the store is well, and what to do if not."""
    from graphtracker.cli.doctor import examine

    findings, code = examine(GraphTracker(store))
    if as_json:
        typer.echo(pretty([finding._asdict() for finding in findings]), nl=False)
    else:
        for finding in findings:
            say(f"{'ok ' if finding.ok else 'BAD' if finding.ok is False else '-  '} {finding.subject}: {finding.fact}")
    if code:
        tell("something is wrong; each line marked BAD says what to do")
        raise typer.Exit(code)
