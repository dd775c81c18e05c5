"""The runs of a project on a server of Weights & Biases, asked through its public API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from graphtracker.errors import InvalidInput, StoreError
from graphtracker.exchange.extras import library
from graphtracker.exchange.history import BEFORE_ALL, History
from graphtracker.exchange.raised import raising
from graphtracker.exchange.report import Report
from graphtracker.exchange.times import moment
from graphtracker.exchange.wandb.names import artifact_uri, command_of, run_id
from graphtracker.exchange.wandb.values import prefixed, present
from graphtracker.model.display import quoted
from graphtracker.model.events import Event
from graphtracker.model.times import moment_from_text, nanoseconds, utc

_STATUSES = {
    "finished": "succeeded",
    "failed": "failed",
    "crashed": "failed: crashed",
    "killed": "failed: killed",
    "preempted": "failed: preempted",
}
"""State of a run → status; of any other it goes on."""


class Project:
    """A project on a server, asked through W&B's public API."""

    def __init__(self, source: str, report: Report) -> None:
        self._source = source
        self._report = report
        self._loggers: dict[str, str] = {}
        """Full name of an artifact → id of the run that logged it."""

    def runs(self) -> Iterator[Any]:
        """Its runs, the oldest first."""
        wandb: Any = library("wandb", "wandb", "W&B")
        with _asking(self._source):
            wandb.termsetup(wandb.Settings(silent=True), None)
            waiting = iter(wandb.Api().runs(self._source, order="+created_at", lazy=False))
        while True:
            with _asking(self._source):
                run = next(waiting, None)
            if run is None:
                return
            yield run

    def events_of(self, run: Any) -> Iterator[list[Event]]:
        """The events of one of them."""
        with _asking(self._source):
            identifier = run_id(run.entity, run.project, run.id)
        try:
            history = History(identifier, self._report)
        except InvalidInput:
            self._report.leave_out("runs whose id cannot be stored")
            return
        self._report.add("runs")
        with _asking(self._source):
            self._tell(history, run)
        yield history.events()

    def _tell(self, history: History, run: Any) -> None:
        start = self._time(_field(run, "created_at"))
        end = max(start, self._time(_field(run, "heartbeat_at")))
        history.reported(start)
        history.metadata(prefixed("config", run.config, self._report), end)
        history.metadata(dict(present(_own(run))), end)
        history.metadata(prefixed("summary", run.summary_metrics, self._report), end)
        history.context(_context(run, start, end), end)
        for artifact in run.logged_artifacts():
            self._logged(history, artifact, end)
        for artifact in run.used_artifacts():
            self._used(history, artifact, start)
        for kind in ("metric histories", "system metrics"):
            self._report.leave_out(kind)

    def _logged(self, history: History, artifact: Any, end: int) -> None:
        name = artifact.source_qualified_name
        self._loggers.setdefault(name, history.run_id)
        at = self._time(_field(artifact, "created_at")) or end
        kept = history.artifact(artifact.source_name, _uri(name), _metadata(artifact), at)
        self._report.add("artifacts", kept)

    def _used(self, history: History, artifact: Any, start: int) -> None:
        name = artifact.source_qualified_name
        if name not in self._loggers:
            logger = artifact.logged_by()
            self._loggers[name] = "" if logger is None else run_id(logger.entity, logger.project, logger.id)
        found = self._loggers[name]
        source, made = (found, artifact.source_name) if found else (_uri(name), None)
        self._report.add("sources", history.source(source, made, start))

    def _time(self, text: object) -> int:
        """A time of W&B in ns; that of before all for what is none, which is counted."""
        if text is None:
            return BEFORE_ALL
        try:
            return nanoseconds(moment_from_text(str(text), utc(BEFORE_ALL)))
        except InvalidInput:
            self._report.leave_out("unreadable times")
            return BEFORE_ALL


def _own(run: Any) -> dict[str, Any]:
    return {
        "name": run.name,
        "group": _field(run, "group"),
        "job_type": _field(run, "job_type"),
        "notes": _field(run, "notes"),
        "tags": list(_field(run, "tags") or ()),
        "sweep": run.sweep_name,
    }


def _context(run: Any, start: int, end: int) -> dict[str, object]:
    found = run.metadata
    known: Mapping[str, Any] = found if isinstance(found, dict) else {}
    git, arguments = known.get("git"), known.get("args")
    words = arguments if isinstance(arguments, list) else ()
    status = _STATUSES.get(run.state, "running")
    return {
        "user": _field(_field(run, "user"), "username"),
        "host": known.get("host"),
        "directory": known.get("root"),
        "command": command_of(known.get("program"), words),
        "commit": _field(run, "commit") or (git.get("commit") if isinstance(git, dict) else None),
        "python": str(known.get("python", "")).removeprefix("CPython "),
        "started_at": moment(start),
        "ended_at": moment(end) if status != "running" else None,
        "status": status,
    }


def _metadata(artifact: Any) -> dict[str, object]:
    own = {name: _field(artifact, name) for name in ("type", "digest", "description", "size")}
    lists = {name: sorted(_field(artifact, name) or ()) for name in ("aliases", "tags")}
    return {**(artifact.metadata or {}), **dict(present({**own, **lists}))}


def _uri(qualified_name: str) -> str:
    return artifact_uri(*qualified_name.split("/", 2))


def _field(owner: Any, name: str) -> Any:
    """What W&B has under this name; None where a server of another version has none."""
    return getattr(owner, name, None)


def _asking(source: str) -> AbstractContextManager[None]:
    """Raises StoreError for whatever W&B raises within."""
    way_out = "name a project that exists, and sign in with `wandb login` or WANDB_API_KEY"
    return raising(lambda reason: StoreError(f"W&B does not give the runs of {quoted(source)} ({reason}); {way_out}"))
