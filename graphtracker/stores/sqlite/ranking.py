"""How runs of an SQLite store rank in an order that SQL does not know: of each is read what the order is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from graphtracker.model.encoding import dumps
from graphtracker.model.events import NOW, stamp_after
from graphtracker.model.values import Artifact, Run
from graphtracker.stores.filters.conditions import ArtifactKey, ArtifactPath, Field, HasArtifact, keys_of
from graphtracker.stores.filters.selection import Ranked, ranked
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.rows import Reader, RunRow, from_column, text


class Ranking:
    """The ranks of runs by one field, inside a read transaction that the caller holds."""

    def __init__(self, ask: Callable[..., Iterable[Any]], reader: Reader, field: Field) -> None:
        self._ask = ask
        self._reader = reader
        self._field = field
        self._metadata = self._values(keys_of(field))
        of_artifact = isinstance(field, (HasArtifact, ArtifactPath, ArtifactKey))
        self._logged = self._named(field.artifact_name) if of_artifact else {}  # type: ignore[union-attr]

    def _values(self, keys: list[str]) -> dict[int, dict[str, object]]:
        """The values of these keys by run."""
        values: dict[int, dict[str, object]] = {}
        stamped = "" if self._reader.at == NOW else " AND stamp < :later"
        wanted = {"keys": dumps(keys), "later": stamp_after(self._reader.at)}
        for run, key, value in self._ask(sql.VALUES_OF_KEYS.format(stamped=stamped), wanted) if keys else ():
            values.setdefault(run, {})[text(key)] = from_column(value)
        return values

    def _named(self, name: str) -> dict[int, tuple[Any, ...]]:
        """The rows of artifacts of this name by run."""
        return {row[0]: row for row in self._ask(sql.ARTIFACTS_OF_A_NAME, (name,))}

    def rank(self, row: RunRow) -> Ranked:
        """The rank of a run, with its row."""
        run = self._reader.run(row, self._metadata.get(row[0], {}))
        return Ranked(ranked(run, self._field, lambda: self._artifacts(row, run)), run.created_at, run.run_id, row)

    def _artifacts(self, row: RunRow, run: Run) -> dict[str, Artifact]:
        logged = self._logged.get(row[0])
        return {logged[1]: self._reader.artifact(run.run_id, run.forgotten, *logged[1:])} if logged else {}

    def after(self, run: Run | None) -> Ranked | None:
        """The rank of the run behind which a page begins, as it was."""
        if run is None:
            return None

        def artifacts() -> dict[str, Artifact]:
            rows = list(self._ask(sql.ONE_RUN, (run.run_id,)))
            return self._artifacts(rows[0], run) if rows else {}

        return Ranked(ranked(run, self._field, artifacts), run.created_at, run.run_id)
