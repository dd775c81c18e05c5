"""The runs of an ml-metadata's file: one pass over each table, in the order of executions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.exchange.history import BEFORE_ALL, History, place
from graphtracker.exchange.ml_metadata import sql
from graphtracker.exchange.ml_metadata.contexts import Contexts
from graphtracker.exchange.ml_metadata.values import value_of
from graphtracker.exchange.report import Report
from graphtracker.exchange.times import from_milliseconds, moment

_Row = Sequence[Any]

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
    for row in connection.execute(sql.EXECUTIONS):
        history = reader.history(row)
        if history is not None:
            yield history


class _Rows:
    """The rows of a statement by its first column, which is asked for in ascending order."""

    def __init__(self, rows: Iterator[_Row]) -> None:
        self._groups = groupby(rows, itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, execution: int) -> Sequence[_Row]:
        while self._next is not None and self._next[0] <= execution:
            key, rows = self._next
            found = [*rows] if key == execution else None
            self._next = next(self._groups, None)
            if found is not None:
                return found
        return ()


class _Reader:
    """All cursors, side by side."""

    def __init__(self, connection: sqlite3.Connection, report: Report) -> None:
        self._report = report
        self._contexts = Contexts(connection)
        self._of_execution, self._contexts_of, self._outputs, self._of_output, self._output_contexts, self._inputs = (
            _Rows(connection.execute(statement))
            for statement in (
                sql.EXECUTION_PROPERTIES,
                sql.EXECUTION_CONTEXTS,
                sql.OUTPUTS,
                sql.OUTPUT_PROPERTIES,
                sql.OUTPUT_CONTEXTS,
                sql.INPUTS,
            )
        )

    def history(self, row: _Row) -> History | None:
        """The history of a row of EXECUTIONS; None where its id cannot be stored."""
        execution, run_id, kind, version, state, external_id, created, updated = row
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
            **_said(kind, version, _EXECUTION_STATES.get(state), external_id),
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
        for row in self._outputs.of(execution):
            _, artifact, name, event, uri, kind, version, state, external_id, updated, maker, its_name = row
            made = _time(event) or began
            remembered, changed = self._contexts.of([context for _, _, context in contexts.get(artifact, ())])
            values = {
                **_said(kind, version, _ARTIFACT_STATES.get(state), external_id),
                **_properties(properties.get(artifact, ())),
                **remembered,
            }
            later = max(_time(updated), changed)
            kept = history.artifact(name, uri or "", values, max(made, later))
            self._report.add("artifacts", kept)
            if kept and later > made:
                history.artifact(name, uri or "", {}, made)
            if maker is not None:
                history.source(maker, its_name, made)

    def _add_inputs(self, history: History, execution: int, began: int) -> None:
        for _, event, maker, its_name, uri, kind, name, artifact in self._inputs.of(execution):
            if maker is None:
                maker = place(uri) if uri else f"ml-metadata:/{kind or 'artifact'}/{name or artifact}"
                its_name = None
            self._report.add("inputs", history.source(maker, its_name, _time(event) or began))


def _by_artifact(rows: Sequence[_Row]) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = {}
    for row in rows:
        found.setdefault(row[1], []).append(row)
    return found


@lru_cache(1000)
def _said(kind: object, version: object, state: str | None, external_id: object) -> Mapping[str, object]:
    said = {"type": kind, "type_version": version, "state": state, "external_id": external_id}
    return {key: value for key, value in said.items() if value not in (None, "")}


def _properties(rows: Iterable[_Row]) -> dict[str, object]:
    """The properties in rows that end in the columns of a value."""
    return {
        f"custom_properties.{name}" if custom else f"properties.{name}": value_of(whole, number, text, message, flag)
        for *_, name, custom, whole, number, text, message, flag in rows
    }


def _time(milliseconds: object) -> int:
    return from_milliseconds(milliseconds) or BEFORE_ALL
