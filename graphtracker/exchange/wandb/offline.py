"""The runs of an offline folder of Weights & Biases, one a run file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.exchange.extras import library
from graphtracker.exchange.given import FILE, FILE_OR_FOLDER, naming
from graphtracker.exchange.history import BEFORE_ALL, History
from graphtracker.exchange.report import Report
from graphtracker.exchange.times import moment
from graphtracker.exchange.wandb.log import Damaged, is_run_file, records
from graphtracker.exchange.wandb.names import artifact_uri, command_of, run_id, used_uri
from graphtracker.exchange.wandb.values import prefixed, present, update
from graphtracker.model.display import quoted
from graphtracker.model.events import Event

_WANTED = "name a folder that has some, run-<id>.wandb, or one of them"

_UNMAPPED = {
    "alert": "alerts",
    "files": "lists of files",
    "history": "rows of metric histories",
    "metric": "definitions of metrics",
    "noop_link_artifact": "links to artifacts",
    "output": "lines of output",
    "output_logger": "lines of output",
    "output_raw": "lines of output",
    "stats": "samples of system metrics",
    "tbrecord": "TensorBoard folders",
}
"""Kind of record → what is in it that has no place here. Of the other kinds what is not read is W&B's own upkeep."""


def offline_events(source: str, report: Report) -> Iterator[list[Event]]:
    """The events of the run files in a folder (such as ``wandb``, or one with that in it), or of one file, a run at a
    time.

    Raises InvalidInput where there is none, and as ``naming`` where one cannot be read.
    """
    kinds: Any = library("wandb.proto.wandb_internal_pb2", "wandb", "W&B")
    found = False
    for path in _run_files(Path(source)):
        found = True
        run = _Run(report)
        run.read(path, kinds.Record)
        yield from run.events()
    if not found:
        raise InvalidInput(f"{quoted(source)} holds no run file of W&B; {_WANTED}")


def _run_files(place: Path) -> Iterator[Path]:
    """The run files, each once; links such as ``latest-run`` lead to what is there anyway."""
    patterns = ("*.wandb", "*/*.wandb", "wandb/*/*.wandb")
    with naming(str(place), FILE_OR_FOLDER, _WANTED):
        found = {os.path.realpath(path) for each in patterns for path in place.glob(each)}
        files = [place] if place.is_file() else sorted(map(Path, found))
        yield from (path for path in files if path.is_file() and is_run_file(path))


class _Run:
    """What the records of one file say, one after another."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._about: Any = None
        self._config: dict[str, Any] = {}
        self._summary: dict[str, Any] = {}
        self._context: dict[str, object] = {}
        self._artifacts: list[Any] = []
        self._sources: list[str] = []
        self._last = BEFORE_ALL
        self._status = "running"

    def read(self, path: Path, kind: Any) -> None:
        """Takes in all records of the file, as far as they are whole; raises as ``naming``."""
        try:
            with naming(str(path), FILE, _WANTED):
                for data in records(path):
                    self._take(kind.FromString(data))
        except (Damaged, _decode_error()):
            self._report.leave_out("rests of damaged run files")

    def _take(self, record: Any) -> None:
        kind = record.WhichOneof("record_type")
        if kind in _UNMAPPED:
            self._report.leave_out(_UNMAPPED[kind])
        taking = _TAKEN.get(kind)
        if taking is not None:
            taking(self, getattr(record, kind))

    def _run(self, run: Any) -> None:
        self._about = run
        self._config_of(run.config)
        self._summary_of(run.summary)
        self._at(run.start_time)
        self._context["host"] = run.host
        if run.git.commit:
            self._context["commit"] = run.git.commit

    def _config_of(self, config: Any) -> None:
        update(self._config, config, self._report)

    def _summary_of(self, summary: Any) -> None:
        update(self._summary, summary, self._report)

    def _timed(self, said: Any) -> None:
        self._at(said.timestamp)

    def _environment(self, found: Any) -> None:
        said = {
            "user": found.username,
            "host": found.host,
            "directory": found.root,
            "command": command_of(found.program, found.args),
            "commit": found.git.commit,
            "python": found.python.removeprefix("CPython "),
        }
        self._context.update({key: value for key, value in said.items() if value})

    def _artifact(self, artifact: Any) -> None:
        if artifact.use_after_commit:  # made for this run to use, by nobody that is known
            self._sources.append(artifact.name)
        else:
            self._artifacts.append(artifact)

    def _use(self, used: Any) -> None:
        self._sources.append(used.name or used.id)

    def _exit(self, end: Any) -> None:
        self._status = f"failed: exit code {end.exit_code}" if end.exit_code else "succeeded"

    def _at(self, timestamp: Any) -> None:
        self._last = max(self._last, timestamp.seconds * 1_000_000_000 + timestamp.nanos)

    def events(self) -> Iterator[list[Event]]:
        """Its events, if the file says which run it is of."""
        if self._about is None:
            self._report.leave_out("run files without a run")
            return
        about = self._about
        try:
            history = History(run_id(about.entity, about.project, about.run_id), self._report)
        except InvalidInput:
            self._report.leave_out("runs whose id cannot be stored")
            return
        self._report.add("runs")
        start = about.start_time.seconds * 1_000_000_000 + about.start_time.nanos
        end = max(self._last, start, _seconds(self._summary.get("_timestamp")))
        self._tell(history, start, end)
        yield history.events()

    def _tell(self, history: History, start: int, end: int) -> None:
        about = self._about
        own = {
            "name": about.display_name,
            "group": about.run_group,
            "job_type": about.job_type,
            "notes": about.notes,
            "tags": list(about.tags),
            "sweep": about.sweep_id,
        }
        history.reported(start)
        history.metadata(prefixed("config", self._config, self._report), end)
        history.metadata(dict(present(own)), end)
        history.metadata(prefixed("summary", self._summary, self._report), end)
        ended = None if self._status == "running" else moment(end)
        times = {"started_at": moment(start), "ended_at": ended}
        history.context({**self._context, **times, "status": self._status}, end)
        for name, artifact in self._named():
            kept = history.artifact(name, self._path(artifact), _metadata(artifact, self._report), end)
            self._report.add("artifacts", kept)
        for name in self._sources:
            kept = history.source(used_uri(about.entity, about.project, name), None, start)
            self._report.add("sources", kept)

    def _named(self) -> Iterator[tuple[str, Any]]:
        """Artifacts by names of their own: the versions of one get theirs from the server only."""
        names: set[str] = set()
        for artifact in self._artifacts:
            name = artifact.name if artifact.name not in names else f"{artifact.name}@{artifact.digest}"
            names.add(name)
            yield name, artifact

    def _path(self, artifact: Any) -> str:
        """Where it is, if it is one file of elsewhere that is only referred to; else where W&B will have it."""
        contents = artifact.manifest.contents
        if len(contents) == 1 and contents[0].ref:
            return str(contents[0].ref)
        about = self._about
        return artifact_uri(
            artifact.entity or about.entity, artifact.project or about.project, f"{artifact.name}@{artifact.digest}"
        )


_TAKEN = {
    "artifact": _Run._artifact,
    "config": _Run._config_of,
    "environment": _Run._environment,
    "exit": _Run._exit,
    "output_raw": _Run._timed,
    "run": _Run._run,
    "stats": _Run._timed,
    "summary": _Run._summary_of,
    "use_artifact": _Run._use,
}
"""Kind of record → what takes it in."""


def _metadata(artifact: Any, report: Report) -> dict[str, object]:
    try:
        given = json.loads(artifact.metadata or "{}")
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        report.leave_out("values other than JSON")
        given = {}
    own = {
        "type": artifact.type,
        "digest": artifact.digest,
        "description": artifact.description,
        "aliases": sorted(artifact.aliases),
        "tags": sorted(artifact.tags),
        "size": sum(entry.size for entry in artifact.manifest.contents),
    }
    return {**given, **dict(present(own))}


def _seconds(value: object) -> int:
    """A time of a summary in ns; that of before all for what is none."""
    return int(value * 1_000_000) * 1000 if isinstance(value, (int, float)) and 0 < value < 1e10 else BEFORE_ALL


def _decode_error() -> type[Exception]:
    error: type[Exception] = library("google.protobuf.message", "wandb", "W&B").DecodeError
    return error
