"""The runs of an ml-metadata's file: one pass over each table, in the order of executions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from graphtracker.errors import InvalidInput
from graphtracker.exchange.history import BEFORE_ALL, History, place
from graphtracker.exchange.ml_metadata import sql
from graphtracker.exchange.ml_metadata.contexts import Contexts
from graphtracker.exchange.ml_metadata.rows import Row, rows
from graphtracker.exchange.ml_metadata.values import value_of
from graphtracker.exchange.report import Report
from graphtracker.exchange.times import moment

_EXECUTION_STATES = {1: "NEW", 2: "RUNNING", 3: "COMPLETE", 4: "FAILED", 5: "CACHED", 6: "CANCELED"}
_STATUS = {2: "running", 3: "succeeded", 4: "failed", 5: "succeeded", 6: "failed: canceled"}
_ARTIFACT_STATES = {
    1: "PENDING", 2: "LIVE", 3: "MARKED_FOR_DELETION", 4: "DELETED", 5: "ABANDONED", 6: "REFERENCE",
}  # fmt: skip
_ENDED = frozenset({3, 4, 5, 6})


def histories(connection: sqlite3.Connection, report: Report) -> Iterator[History]:
    """What is known of each execution; the report counts what is read and what is left out."""
    for kind, statement in sql.LEFT_OUT.items():
        ((number,),) = connection.execute(statement)
        if number:
            report.leave_out(kind, number)
    reader = _Reader(connection, report)
    for row in rows(connection, sql.EXECUTIONS):
        history = reader.history(row)
        if history is not None:
            yield history


class _Groups:
    """The rows of a statement by their first column, which is asked for in ascending order."""

    def __init__(self, connection: sqlite3.Connection, statement: str) -> None:
        self._groups = groupby(rows(connection, statement), itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, execution: int) -> Sequence[Row]:
        while self._next is not None and self._next[0] <= execution:
            key, group = self._next
            found = [*group] if key == execution else None
            self._next = next(self._groups, None)
            if found is not None:
                return found
        return ()


class _Reader:
    """All cursors, side by side."""

    def __init__(self, connection: sqlite3.Connection, report: Report) -> None:
        self._report = report
        self._connection = connection
        self._contexts = Contexts(connection)
        self._type = lru_cache(1000)(self._read_type)
        self._of_execution, self._contexts_of, self._outputs, self._of_output, self._output_contexts, self._inputs = (
            _Groups(connection, statement)
            for statement in (
                sql.EXECUTION_PROPERTIES,
                sql.EXECUTION_CONTEXTS,
                sql.OUTPUTS,
                sql.OUTPUT_PROPERTIES,
                sql.OUTPUT_CONTEXTS,
                sql.INPUTS,
            )
        )

    def history(self, row: Row) -> History | None:
        """The history of a row of EXECUTIONS; None where its id cannot be stored."""
        execution, run_id, kind, state, external_id, created, updated = row
        try:
            history = History(run_id, self._report)
        except InvalidInput:
            self._report.leave_out("executions whose name cannot be stored")
            return None
        self._report.add("executions")
        began = _time(created)
        remembered, changed = self._contexts.of([context for _, context in self._contexts_of.of(execution)])
        at = max(began, _time(updated))
        values = {
            **self._said(kind, _EXECUTION_STATES.get(state), external_id),
            **_properties(self._of_execution.of(execution)),
            **remembered,
        }
        history.reported(began)
        history.metadata(values, max(at, changed))
        status = {"status": _STATUS.get(state), "ended_at": moment(at) if state in _ENDED else None}
        if at > began:
            history.context({"started_at": moment(began)}, began)
            history.context(status, at)
        else:
            history.context({"started_at": moment(began), **status}, began)
        self._add_outputs(history, execution, began)
        self._add_inputs(history, execution, began)
        return history

    def _add_outputs(self, history: History, execution: int, began: int) -> None:
        properties = _by_artifact(self._of_output.of(execution))
        contexts = _by_artifact(self._output_contexts.of(execution))
        outputs = self._outputs.of(execution)
        read = 0
        for _, artifact, name, event, uri, kind, state, external_id, updated, maker, its_name in outputs:
            made = _time(event) or began
            said, later = self._said(kind, _ARTIFACT_STATES.get(state), external_id), _time(updated)
            if artifact in properties:
                said = {**said, **_properties(properties[artifact])}
            if artifact in contexts:
                remembered, changed = self._contexts.of([context for _, _, context in contexts[artifact]])
                said, later = {**said, **remembered}, max(later, changed)
            kept = history.artifact(name, uri or "", said, max(made, later))
            read += kept
            if kept and later > made:
                history.artifact(name, uri or "", {}, made)
            if maker is not None:
                history.source(maker, its_name, made)
        self._report.add("artifacts", read)

    def _add_inputs(self, history: History, execution: int, began: int) -> None:
        read = 0
        for _, event, maker, its_name, uri, kind, name, artifact in self._inputs.of(execution):
            if maker is None:
                maker = place(uri) if uri else f"ml-metadata:/{kind or 'artifact'}/{name or artifact}"
                its_name = None
            read += history.source(maker, its_name, _time(event) or began)
        self._report.add("inputs", read)

    def _said(self, kind: object, state: str | None, external_id: object) -> dict[str, object]:
        """What is known of the execution, or artifact, of a type."""
        said = {**self._type(kind)}
        if state:
            said["state"] = state
        if external_id not in (None, ""):
            said["external_id"] = external_id
        return said

    def _read_type(self, kind: object) -> dict[str, object]:
        name, version = next(rows(self._connection, sql.TYPE, {"type": kind}), (None, None))
        return {key: value for key, value in (("type", name), ("type_version", version)) if value not in (None, "")}


def _by_artifact(rows: Sequence[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row[1], []).append(row)
    return found


def _properties(rows: Iterable[Row]) -> dict[str, object]:
    """The properties in rows that end in the columns of a value."""
    return {
        f"custom_properties.{name}" if custom else f"properties.{name}": value_of(whole, number, text, message, flag)
        for *_, name, custom, whole, number, text, message, flag in rows
    }


def _time(milliseconds: object) -> int:
    return milliseconds * 10**6 if type(milliseconds) is int else BEFORE_ALL
