"""The ``runs`` command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Any

import typer

from graphtracker import GraphTracker
from graphtracker.cli import completion
from graphtracker.cli.asking import find, open_existing, tell_as_of, word_for
from graphtracker.cli.filtering import Filtered, conditions, tell_unknown
from graphtracker.cli.options import AsJSON, AsOf, Latest, StoreOption, moment, number_option
from graphtracker.cli.output import columns, page, say_json_array, say_rows, tell
from graphtracker.cli.run_columns import (
    Found,
    chosen,
    differing,
    dotted_keys,
    leading,
    leading_for_people,
    named_columns,
)
from graphtracker.cli.table import Column, fitting, lines, rows, widths
from graphtracker.errors import InvalidInput
from graphtracker.exchange.dicts import run_to_dict
from graphtracker.model.styled import headed
from graphtracker.stores.filters.conditions import Condition, Field, Own, comparisons_of
from graphtracker.stores.filters.meaning import asks_for_artifacts
from graphtracker.stores.filters.selection import order


@dataclass(frozen=True)
class Pages:
    """Which of the runs, in which order."""

    parent: Annotated[
        str | None,
        typer.Option("--parent", metavar="RUN", help="Only runs made from it.", autocompletion=completion.runs),
    ] = None
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            metavar="KEY",
            help="In the order of this key; -KEY: the greatest first. Default: -created.",
            autocompletion=completion.keys,
        ),
    ] = None
    limit: Annotated[int | None, number_option("--limit", "At most the first N.")] = None
    after: Annotated[
        str | None,
        typer.Option(
            "--after",
            metavar="RUN",
            help="What comes behind this run, the last of a page.",
            autocompletion=completion.runs,
        ),
    ] = None
    latest: Latest = False


@dataclass(frozen=True)
class Look:
    """What is shown of each run."""

    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="KEY,…",
            help="Show these (lr,optim.beta,context.user,artifact.model.path); else metadata that differs.",
            autocompletion=completion.lists_of_keys,
        ),
    ] = None
    ids: Annotated[bool, typer.Option("--ids", help="Show ids, not names.")] = False
    as_json: AsJSON = False


def runs(filtered: Filtered, pages: Pages, look: Look, as_of: AsOf = None, store: StoreOption = None) -> None:
    """List the runs that reported, newest first.

    EXPR compares as Python does: 'lr < 0.01 and optim.name in ["adam", "sgd"]', 'created > "-7d"', 'context.user ==
    "ada"', '"failed" in context.status', 'artifact.model.loss < 0.3', 'metadata["any key"] != 1', or KEY=VALUE. A key
    alone means that the run has it. A long list is shown by $PAGER; in a pipe it is tab-separated: name the --columns.
    Exit code 1 where the RUN of --parent or --after is not found.

    Example: graphtracker runs --where 'loss < 0.5' --sort loss
    """
    then, wanted = None if as_of is None else moment(as_of), conditions(filtered)
    shown = _Shown.asked(look, pages.sort, wanted)
    if look.as_json and look.columns is not None:
        raise InvalidInput("--json prints all of each run; leave --columns out")
    if pages.latest and pages.parent is None and pages.after is None:
        raise InvalidInput("--latest is about the RUN of --parent or --after; --limit 1 lists the newest run")
    with open_existing(store) as tracker:
        found = _asked(tracker, wanted, pages, then, with_artifacts=shown.need_artifacts)
        more = pages.limit is not None and 0 < pages.limit < len(found)
        found = found[: pages.limit]
        if look.as_json:
            say_json_array(run_to_dict(run) for run, _ in found)
        elif found:
            _show(found, shown, then)
        else:
            tell(
                "--limit 0 lists none"
                if pages.limit == 0
                else "no run matches"
                if wanted is not None or pages != Pages()
                else _nobody(then)
            )
        if more:
            tell(f"there are more: --after {word_for(tracker, found[-1][0].run_id)} goes on, with the same options")
        compared = [] if found or wanted is None else [each.field for each in comparisons_of(wanted)]
        tell_unknown(tracker, [*compared, *shown.fields.values()])
    tell_as_of(then)
    if filtered.where and then is not None:
        tell("a run whose value was overwritten since is not found by what it was")
    _tell_updated(sum(then is not None and run.updated_at is None for run, _ in found))


@dataclass(frozen=True)
class _Shown:
    """What stands in the table: these fields, then, unless they were all that was asked for, what differs."""

    ids: bool
    fields: dict[str, Field]
    others: bool
    first: list[str]
    """Keys that come before others."""

    @classmethod
    def asked(cls, look: Look, sort: str | None, where: Condition | None) -> _Shown:
        """What the options ask for; raises InvalidInput."""
        if look.columns is not None:
            return cls(look.ids, named_columns(look.columns), False, [])
        compared = [] if where is None else [each.field for each in comparisons_of(where)]
        by = None if sort is None else order(sort).field
        sorted_by = {} if by is None or isinstance(by, Own) else named_columns(str(sort).strip().removeprefix("-"))
        return cls(look.ids, sorted_by, True, dotted_keys(compared))

    @property
    def need_artifacts(self) -> bool:
        return any(map(asks_for_artifacts, self.fields.values()))

    def columns(self, found: list[Found], *, whole: bool) -> list[Column]:
        """The columns behind those that every table has."""
        named = chosen(self.fields, found, whole=whole)
        if not self.others:
            return named
        more = differing([run for run, _ in found], self.first, whole=whole)
        return [*named, *(column for column in more if column.title not in self.fields)]


def _asked(
    tracker: GraphTracker, where: Condition | None, pages: Pages, then: datetime | None, *, with_artifacts: bool
) -> list[Found]:
    """The runs, one more than the limit where there are more."""
    asked: dict[str, Any] = {
        "where": where,
        "parent_run_id": None if pages.parent is None else find(tracker, pages.parent, latest=pages.latest),
        "order_by": pages.sort,
        "limit": pages.limit and pages.limit + 1,
        "after": None if pages.after is None else find(tracker, pages.after, latest=pages.latest),
        "as_of": then,
    }
    if with_artifacts:
        return [*tracker.runs_with_artifacts(**asked)]
    return [(run, {}) for run in tracker.runs(**asked)]


def _show(found: list[Found], shown: _Shown, then: datetime | None) -> None:
    """A table as wide as the terminal, or rows of all there is for programs."""
    room = columns()
    runs = [run for run, _ in found]
    values = shown.columns(found, whole=room is None)
    if room is None:
        say_rows(rows([*leading(runs, then, ids=shown.ids), *values]))
        return
    before = leading_for_people(runs, then, datetime.now(timezone.utc), ids=shown.ids)
    kept = fitting(before, values, room) if shown.others else values
    table = [*before, *kept]
    page(headed(lines(table, room)))
    there = table[: len(widths(table, room))]
    _tell_left_out([column for column in values if column not in there])


def _tell_left_out(left: list[Column]) -> None:
    """Says which keys found no room, as many as people read."""
    if left:
        names = ", ".join(column.title for column in left[:10]) + (", …" if len(left) > 10 else "")
        tell(f"no room for {names}: --columns chooses")


def _nobody(then: datetime | None) -> str:
    return "no run has reported yet" if then is None else "no run had reported by then"


def _tell_updated(count: int) -> None:
    if count:
        were = "run was" if count == 1 else "runs were"
        tell(f"{count:,} {were} updated since then, values of which may be missing that were overwritten")
