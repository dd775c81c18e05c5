"""The context of a run as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from graphtracker.model.times import to_the_second
from graphtracker.model.written import written


def context_rows(context: Mapping[str, object]) -> list[tuple[str, str]]:
    """Key with text, in the order of the context: times to the second, beside the end how long it took, and a commit's
    ``dirty`` beside the commit.

    >>> context_rows({"user": "ada", "commit": "5eba", "dirty": True, "status": "running"})
    [('user', 'ada'), ('commit', '5eba (dirty)'), ('status', 'running')]
    """
    told_elsewhere = {"dirty"} if "commit" in context else set()
    if is_running(context):
        told_elsewhere.add("ended_at")  # of an earlier start: a launch that is restarted is the same run
    return [(key, _text(context, key, value)) for key, value in context.items() if key not in told_elsewhere]


def has_failed(context: Mapping[str, object]) -> bool:
    """Whether its status says that the run failed."""
    return str(context.get("status", "")).startswith("failed")


def is_running(context: Mapping[str, object]) -> bool:
    """Whether its status says that the run goes on: what was killed says so, too."""
    return context.get("status") == "running"


def _text(context: Mapping[str, object], key: str, value: object) -> str:
    if isinstance(value, datetime):
        return to_the_second(value) + (_took(context.get("started_at"), value) if key == "ended_at" else "")
    return f"{value} (dirty)" if key == "commit" and context.get("dirty") else written(value)


def _took(started: object, ended: datetime) -> str:
    # The clocks of two machines may say that it ended before it started.
    if not isinstance(started, datetime) or ended < started:
        return ""
    return f", after {ended.replace(microsecond=0) - started.replace(microsecond=0)}"
