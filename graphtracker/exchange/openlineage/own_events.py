"""The events that make again what our own facet holds."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.exchange import fields, restored
from graphtracker.exchange.openlineage.facet import ITSELF, check, check_format
from graphtracker.exchange.report import Report
from graphtracker.model.events import Event
from graphtracker.model.limits import checked_name, checked_run_id

_of_run = itemgetter(
    *("run_id", "name", "external", "forgotten", "metadata", "context", "created_at", "reported_at", "updated_at")
)
_of_artifact = itemgetter(
    *("run_id", "name", "path", "place", "declared", "metadata", "created_at", "logged_at", "updated_at")
)
_of_source = itemgetter("run_id", "source_run_id", "artifact_name", "created_at")
_PARTS = ("runs", "artifacts", "sources")
_FIELDS = ITSELF.union(_PARTS)


class OwnEvents:
    """Reads the facets of a file.

    It takes what ``facet.check`` takes, straight from the JSON: with a value made for each run, artifact and source an
    import took twice as long. What is wrong is asked there, and a test holds that they agree.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._metadata = fields.Repeated().metadata
        self._at = fields.Moments()
        self._writer = b""
        self._forgotten: dict[str, bool] = {}  # by run
        self._seen: set[tuple[str, ...]] = set()  # artifacts and sources

    def of_facet(self, facet: Any, writer: bytes) -> list[Event]:
        """The events of a facet; raises InvalidInput that says where it is something else."""
        check_format(facet)
        self._writer, self._forgotten, self._seen = writer, {}, set()
        try:
            return self._events(*_parts(facet))
        except fields.MALFORMED as error:
            check(facet)
            raise InvalidInput(f"our own facet cannot be read: {error!r}") from error

    def _events(self, runs: list[Any], artifacts: list[Any], sources: list[Any]) -> list[Event]:
        found: list[Event] = []
        for item in runs:
            found += self._run(item)
        for item in artifacts:
            found += self._artifact(item)
        found += map(self._source, sources)
        return found

    def _run(self, item: Any) -> list[Event]:
        run_id, name, external, forgotten, metadata, context, created_at, reported_at, updated_at = _of_run(item)
        if (
            len(item) != 9
            or checked_run_id(run_id) in self._forgotten
            or not fields.name(name)
            or type(forgotten) is not bool
            or external is not (reported_at is None)
            or (external and updated_at is not None)
            or ((external or forgotten) and (metadata or context))
        ):
            raise ValueError
        self._forgotten[run_id] = forgotten
        at = self._at
        return restored.of_run(
            run_id,
            self._metadata(metadata),
            fields.context(context),
            at[created_at],
            None if reported_at is None else at[reported_at],
            None if updated_at is None else at[updated_at],
            forgotten=forgotten,
            writer=self._writer,
            report=self._report,
        )

    def _artifact(self, item: Any) -> list[Event]:
        run_id, name, path, place, declared, metadata, created_at, logged_at, updated_at = _of_artifact(item)
        if (
            len(item) != 9
            or (path is None) is not (place is None)
            or declared is not (logged_at is None)
            or (path is None and metadata)
            or (declared and (path is not None or updated_at is not None))
        ):
            raise ValueError
        self._check_new((run_id, name))
        at = self._at
        return restored.of_artifact(
            run_id,
            checked_name(name),
            fields.path_or_none(path),
            fields.path_or_none(place),
            self._metadata(metadata),
            at[created_at],
            None if logged_at is None else at[logged_at],
            None if updated_at is None else at[updated_at],
            forgotten=self._forgotten[run_id],
            writer=self._writer,
            report=self._report,
        )

    def _source(self, item: Any) -> Event:
        run_id, source_run_id, artifact_name, created_at = _of_source(item)
        if len(item) != 4 or run_id not in self._forgotten:
            raise ValueError
        name = fields.name_or_none(artifact_name)
        self._check_new((run_id, source_run_id, name or ""))
        return restored.of_source(run_id, checked_run_id(source_run_id), name, self._at[created_at], self._report)

    def _check_new(self, key: tuple[str, ...]) -> None:
        if key in self._seen:
            raise ValueError
        self._seen.add(key)


def _parts(facet: dict[str, Any]) -> list[list[Any]]:
    if not _FIELDS.issuperset(facet) or any(type(facet[name]) is not list for name in _PARTS):
        raise ValueError
    return [facet[name] for name in _PARTS]
