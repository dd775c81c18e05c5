"""The files that MLflow's runs logged."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from graphtracker.exchange.extras import library
from graphtracker.exchange.report import Report
from graphtracker.model.signals import pass_on

MOST = 1000
"""Files of a run that are listed, and folders that are looked into for them: those that are nested least."""

PATIENCE = 30.0
"""Seconds within which the files of a run must be listed, where they are not on this machine."""

_ENOUGH = 3  # failures in a row after which a place is asked no more

_List = Callable[[str | None], list[Any]]


class Files:
    """Lists the files of runs; what cannot be listed, or not in time, is counted and costs little time from then on."""

    def __init__(self, tracking_uri: str, report: Report) -> None:
        module = library("mlflow.store.artifact.artifact_repository_registry", "mlflow", "listing MLflow's artifacts")
        self._repository = module.get_artifact_repository
        self._uri = tracking_uri
        self._report = report
        self._failures: Counter[str] = Counter()

    def of(self, artifact_uri: str) -> list[str]:
        """The paths of a run's files below its artifact URI, at most ``MOST``; none where they cannot be listed."""
        place = _place(artifact_uri)
        if self._failures[place] >= _ENOUGH:
            self._report.leave_out("runs whose files cannot be listed")
            return []
        try:
            found, whole = _in_time(lambda: self._walk(artifact_uri)) if place else self._walk(artifact_uri)
        except Exception as error:  # noqa: BLE001  # whatever the library of any store of artifacts raises
            pass_on(error)
            self._failures[place] += _ENOUGH if isinstance(error, TimeoutError) and place else bool(place)
            self._report.leave_out("runs whose files cannot be listed")
            return []
        self._failures[place] = 0
        if not whole:
            self._report.leave_out("runs of whose files not all were listed")
        return found

    def _walk(self, artifact_uri: str) -> tuple[list[str], bool]:
        return _walked(self._repository(artifact_uri, tracking_uri=self._uri).list_artifacts)


def _walked(listed: _List) -> tuple[list[str], bool]:
    """The files, the least nested first, and whether these are all; raises what listing the outermost folder does."""
    found: list[str] = []
    folders: deque[str | None] = deque([None])
    for _ in range(MOST):
        folder = folders.popleft()
        try:
            entries = listed(folder)
        except Exception as error:
            pass_on(error)
            if folder is None:
                raise
            return found[:MOST], False  # a folder that was taken away, a circle of links
        for each in sorted(entries, key=lambda each: each.path):
            if each.is_dir:
                folders.append(each.path)
            else:
                found.append(each.path)
        if len(found) > MOST or not folders:
            break
    return found[:MOST], len(found) <= MOST and not folders


def _place(artifact_uri: str) -> str:
    """What is out of reach as a whole, if it is; '' for what is on this machine."""
    parts = urlsplit(artifact_uri)
    return "" if parts.scheme in ("", "file") else f"{parts.scheme}://{parts.netloc}"


def _in_time(work: Callable[[], tuple[list[str], bool]]) -> tuple[list[str], bool]:
    """What the work returns; raises TimeoutError where it does not within ``PATIENCE``.

    The thread is left alone then, as nothing can end it, and does not keep this process alive.
    """
    results: list[tuple[list[str], bool]] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001  # it is raised below
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]
