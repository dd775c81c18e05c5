"""The tools: one a question, each a table of its arguments with what asks the library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, get_args

from graphtracker.errors import InvalidInput, NotFound
from graphtracker.mcp import asking
from graphtracker.mcp.arguments import (
    AFTER,
    ARTIFACT,
    AS_OF,
    DEPTH,
    FILTER,
    FLAG,
    IGNORE,
    LATEST,
    NODE,
    RUN,
    TEXT,
    TEXTS,
    VALUE,
    WHERE,
    Argument,
    Arguments,
    checked,
    max_nodes,
    one_of,
)
from graphtracker.mcp.reply import Reply
from graphtracker.mcp.texts import meant, shown
from graphtracker.model.question import Direction
from graphtracker.tracker import GraphTracker


@dataclass(frozen=True)
class Tool:
    """One question: what it is called, what it tells, its arguments, what answers it."""

    title: str
    description: str
    arguments: Arguments
    answer: Callable[[GraphTracker, Mapping[str, Any]], Reply]


def answer(tracker: GraphTracker, name: str, given: Mapping[str, Any]) -> Reply:
    """What a tool answers to these arguments, as they came; raises GraphTrackerError.

    A character that is written out in them, as in answers, is that character; what cannot be found so, or be an id, is
    looked for as it came. Filters have such characters themselves.
    """
    tool = TOOLS[name]
    arguments = checked(name, tool.arguments, given)
    read_back = {
        key: value if tool.arguments[key].kind is FILTER else _each_text(meant, value)
        for key, value in arguments.items()
    }
    if read_back != arguments:
        with suppress(InvalidInput, NotFound):
            return _with_next_page(tool.answer(tracker, read_back), name, read_back)
    return _with_next_page(tool.answer(tracker, arguments), name, arguments)


def _with_next_page(reply: Reply, name: str, arguments: Mapping[str, Any]) -> Reply:
    """The reply, with the call that asks for the page behind it as the first that gives more."""
    last = reply.after is None and arguments["after"] is not None
    if reply.after is None:
        return replace(reply, last=last)
    known = TOOLS[name].arguments
    same = {
        key: value if known[key].kind is FILTER else _each_text(shown, value)
        for key, value in arguments.items()
        if value != known[key].default
    }
    return replace(reply, more=[{"tool": name, "arguments": {**same, "after": reply.after}}, *reply.more])


def _each_text(change: Callable[[str], str], value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(_each_text(change, each) for each in value)
    return change(value) if isinstance(value, str) else value


_RUN_ID: Arguments = {"run_id": Argument(TEXT, RUN, required=True)}
_RUNS_AND_ARTIFACTS = max_nodes("runs and artifacts")

TOOLS: dict[str, Tool] = {
    "find": Tool(
        "Find runs and artifacts",
        "Runs and artifacts that have a text in an id, a name or a path (or match it as a glob), newest first; or, "
        "without text, runs by a filter and an order, with their metadata: which runs there are, which is the best.",
        {
            "text": Argument(TEXT, "A part of an id, of an artifact's name or of a path, or a glob of it."),
            "where": Argument(FILTER, f"Only runs that match, instead of text. {WHERE}"),
            "order_by": Argument(
                TEXT, "A metadata key to order runs by, behind - the greatest first: '-metrics.auc'. Else newest first."
            ),
            **AS_OF,
            **AFTER,
            **max_nodes("runs and artifacts"),
        },
        asking.find,
    ),
    "show": Tool(
        "Show a run",
        "All that is known of one run: context (user, host, command, commit, status), metadata, artifacts with paths "
        "and metadata, sources and consumers one step away. Or all of one long value, piece by piece.",
        {
            **_RUN_ID,
            **LATEST,
            **AS_OF,
            **VALUE,
            **AFTER,
            **max_nodes("the run, its artifacts, sources and consumers"),
        },
        asking.show,
    ),
    "lineage": Tool(
        "Lineage of a run or artifact",
        "What a run, or an artifact of it, came from (upstream) and what was made from it (downstream): the nearest "
        "runs first, with their artifacts and the sources between them. A run's metadata comes with show.",
        {
            **_RUN_ID,
            **LATEST,
            "direction": Argument(
                one_of(get_args(Direction)), "What it came from, what was made from it, or both.", "both"
            ),
            **ARTIFACT,
            **DEPTH,
            **AS_OF,
            **AFTER,
            **_RUNS_AND_ARTIFACTS,
        },
        asking.lineage,
    ),
    "diff": Tool(
        "What differs between two runs, and where that begins",
        "What differs in what two runs came from, pair of runs by pair of runs, first differences (causes) first; or "
        "what has changed in what one run came from since a time, as_of.",
        {
            **_RUN_ID,
            "other_run_id": Argument(TEXT, f"The other run; not given: the same run as of as_of. {RUN}"),
            **LATEST,
            **ARTIFACT,
            **DEPTH,
            **IGNORE,
            "paths": Argument(FLAG, "Compare the places of artifacts, too.", False),
            **AS_OF,
            **AFTER,
            **max_nodes("pairs of runs that differ"),
        },
        asking.diff,
    ),
    "impact": Tool(
        "What was made from it",
        "The runs and artifacts that were made from a run, from an artifact of it, or from what lies at a path; the "
        "nearest of them, in an order in which they can be made again; where there are several pages, each has its "
        "turn, which is its number in the order of all.",
        {
            "run_id": Argument(TEXT, f"{RUN} Or give path."),
            **LATEST,
            **ARTIFACT,
            "path": Argument(TEXT, "A file's path or URL: every artifact that was logged there. Or give run_id."),
            "where": Argument(FILTER, f"List only runs that match. {WHERE}"),
            **DEPTH,
            **AS_OF,
            **AFTER,
            **_RUNS_AND_ARTIFACTS,
        },
        asking.impact,
    ),
    "stale": Tool(
        "What is out of date",
        "The uses, by a run and all that it came from or (without run_id) in the whole store, of files that were "
        "written anew since, by another run.",
        {
            "run_id": Argument(TEXT, f"{RUN} Not given: the whole store."),
            **LATEST,
            **DEPTH,
            **AFTER,
            **max_nodes("uses"),
        },
        asking.stale,
    ),
    "contrast": Tool(
        "What bad runs share that good ones lack",
        "What runs that went wrong have in common upstream (runs, artifacts, metadata values, paths) that good ones "
        "lack, the best explanation first. It shows what goes together, not what caused it.",
        {
            "bad": Argument(TEXTS, f"The bad runs, or give bad_where. {RUN}", ()),
            "good": Argument(TEXTS, "The good runs, or give good_where.", ()),
            "bad_where": Argument(FILTER, f"Runs that match are bad. {WHERE}"),
            "good_where": Argument(FILTER, "Runs that match are good."),
            **LATEST,
            **DEPTH,
            **IGNORE,
            **VALUE,
            **AFTER,
            **max_nodes("explanations"),
        },
        asking.contrast,
    ),
    "between": Tool(
        "Every path between two runs or artifacts",
        "All that lies on a path with the data from a source to a target, nearest to the target first; nothing where "
        "the target was not made from the source.",
        {
            "source": Argument(NODE, f"Where the paths begin. {RUN} An artifact: [run, name].", required=True),
            "target": Argument(NODE, "Where they end, in the same way.", required=True),
            **LATEST,
            **DEPTH,
            **AS_OF,
            **AFTER,
            **_RUNS_AND_ARTIFACTS,
        },
        asking.between,
    ),
}
"""Name → tool."""
