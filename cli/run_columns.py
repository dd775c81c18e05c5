"""What a list of runs shows of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from json import dumps

from graphtracker import Artifact, Run
from graphtracker.cli.table import Column
from graphtracker.cli.values import age_text, moment_text
from graphtracker.errors import InvalidInput
from graphtracker.model.display import printable, shorten
from graphtracker.model.equality import MISSING, equal
from graphtracker.model.flattened import flattened
from graphtracker.model.written import written
from graphtracker.stores.filters.conditions import OWN, Field, MetadataKey
from graphtracker.stores.filters.meaning import value_of
from graphtracker.stores.filters.parsing import field

_OURS = {*OWN, "age", "status", "context", "metadata", "artifact"}
"""What beside metadata has these names."""

Found = tuple[Run, Mapping[str, Artifact]]
"""A run with its artifacts, which are only there where a column needs them."""

_COMMA = re.compile(r""",(?=(?:[^"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*$)""")  # outside quotes
_LONGEST_STATUS = 30  # characters
_LONGEST_VALUE = 200  # characters of a value on a terminal


def named_columns(text: str) -> dict[str, Field]:
    """The fields that ``--columns`` names, by their titles; raises InvalidInput."""
    if len(text) > 8_000:
        raise InvalidInput(f"--columns has {len(text):,} characters; name fewer keys, or ask for --json")
    if not text.strip():
        raise InvalidInput("--columns is empty; name keys with commas between them, as in --columns lr,loss")
    named = [(each.strip(), _field(each.strip())) for each in _COMMA.split(text)]
    return {title(key) if isinstance(each, MetadataKey) else key: each for key, each in named}


def _field(text: str) -> Field:
    try:
        return field(text)
    except InvalidInput as error:
        raise InvalidInput(f"{error}; metadata of any key is metadata[{dumps(text, ensure_ascii=False)}]") from error


def title(key: str) -> str:
    """How a metadata key is named beside columns that are not metadata."""
    return f"metadata[{dumps(key, ensure_ascii=False)}]" if key in _OURS else key


def who(runs: Sequence[Run], *, ids: bool) -> Column:
    """Names, but ids of runs whose name others among them have."""
    if ids:
        return Column("id", [run.run_id for run in runs])
    shared = Counter(printable(run.name) for run in runs)
    return Column("name", [run.name if shared[printable(run.name)] == 1 else run.run_id for run in runs])


def leading(runs: Sequence[Run], then: datetime | None, *, ids: bool) -> list[Column]:
    """What programs read of each run before its values: always the same columns, times in full."""
    created = Column("created", [moment_text(run.created_at) for run in runs])
    columns = [who(runs, ids=ids), created, Column("status", list(map(_status, runs)))]
    return columns if then is None else [*columns, _updated(runs)]


def leading_for_people(runs: Sequence[Run], then: datetime | None, now: datetime, *, ids: bool) -> list[Column]:
    """What people read of each run before its values: no column in which nothing would stand."""
    status = Column("status", [shorten(printable(_status(run)), _LONGEST_STATUS) for run in runs])
    columns = [who(runs, ids=ids), Column("age", [age_text(run.created_at, then or now) for run in runs]), status]
    if then is not None:
        columns.append(_updated(runs))
    return columns[:2] + [column for column in columns[2:] if any(column.cells)]


def _status(run: Run) -> str:
    """How it ended as far as anybody knows."""
    return "forgotten" if run.forgotten else str(run.context.get("status", ""))


def _updated(runs: Iterable[Run]) -> Column:
    return Column("updated", ["since then" if run.updated_at is None else "" for run in runs])


def chosen(fields: Mapping[str, Field], found: Sequence[Found], *, whole: bool) -> list[Column]:
    """The values of these fields."""
    return [
        Column(name, [_text(_value(each, run, artifacts), whole) for run, artifacts in found])
        for name, each in fields.items()
    ]


def _value(field: Field, run: Run, artifacts: Mapping[str, Artifact]) -> object:
    return value_of(field, run, lambda: artifacts)


def differing(runs: Sequence[Run], first: Iterable[str], *, whole: bool) -> list[Column]:
    """Metadata that is not the same in all runs (of a single run: all): these keys first, then those of most runs."""
    values = [flattened(run.metadata) for run in runs]
    uses = Counter(key for each in values for key in each)
    keys = [key for key, count in uses.items() if count < len(runs) or len(runs) == 1 or _differs(key, values)]
    foremost = set(first)
    keys.sort(key=lambda key: (key not in foremost, -uses[key], key))
    return [Column(title(key), [_text(each.get(key, MISSING), whole) for each in values]) for key in keys]


def dotted_keys(fields: Iterable[Field]) -> list[str]:
    """Those of the fields that are metadata of the run, as ``flattened`` names them."""
    return [
        ".".join(map(str, (each.places[0].key, *each.places[0].path)))
        for each in fields
        if isinstance(each, MetadataKey)
    ]


def _differs(key: str, values: Sequence[Mapping[str, object]]) -> bool:
    first = values[0][key]
    return any(each[key] is not first and not equal(first, each[key]) for each in values)


def _text(value: object, whole: bool) -> str:
    if value is MISSING:
        return ""
    if type(value) is float and not whole:
        return f"{value:.6g}"  # as many digits as people compare
    text = moment_text(value) if isinstance(value, datetime) and value.tzinfo is not None else written(value)
    return text if whole else shorten(text, _LONGEST_VALUE)
