"""What a run holds, as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from graphtracker.model.cells import fitted, width
from graphtracker.model.display import printable, shorten
from graphtracker.model.times import to_the_second
from graphtracker.model.written import written

_LEAST_ROOM = 16  # columns for what is shortened; where less is left of a line, it goes on in the next

_DEEPEST = 16  # columns further in than others

_UNITS = {"y": 31_536_000, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


def moment_text(at: datetime) -> str:
    """A time in UTC, with its fraction of a second where it has one: `--as-of` takes it back."""
    return f"{to_the_second(at)[:-1]}.{at:%f}Z" if at.microsecond else to_the_second(at)


def age_text(at: datetime, now: datetime) -> str:
    """How long ago a time was, in the largest unit of which it has one, as people say it.

    >>> now = datetime(2026, 3, 8, 12)
    >>> age_text(datetime(2026, 3, 8, 11, 57), now), age_text(datetime(2026, 3, 3), now)
    ('3 m', '5 d')
    """
    seconds = int((now - at).total_seconds())
    if seconds < 0:
        return f"in {age_text(now, at)}"
    unit, length = next(each for each in _UNITS.items() if seconds >= each[1] or each[1] == 1)
    return f"{seconds // length} {unit}"


def value_text(value: object, length: int) -> str:
    """A metadata value, shortened to so many characters."""
    return shorten(written(value), length)


def metadata_text(metadata: Mapping[str, object]) -> str:
    """All metadata on one line, long values shortened."""
    return " ".join(f"{key}={value_text(value, 40)}" for key, value in metadata.items())


def metadata_lines(metadata: Mapping[str, object], indent: str, columns: int | None) -> Iterator[str]:
    """A line a value; what is inside of mappings stands below their key, further in, unless it is very deep.

    >>> list(metadata_lines({"optim": {"name": "adam", "betas": [0.9, 0.999]}, "seed": 1}, "", 60))
    ['optim:', '  name = adam', '  betas = [0.9, 0.999]', 'seed = 1']
    """
    waiting: list[tuple[str, object, object]] = [(indent, *item) for item in reversed([*metadata.items()])]
    while waiting:
        inset, key, value = waiting.pop()
        room = None if columns is None else max(columns - len(inset) - _LEAST_ROOM - len(" = "), _LEAST_ROOM)
        name = fitted(printable(written(key)), room)
        if isinstance(value, Mapping) and value and len(inset) < len(indent) + _DEEPEST:
            yield f"{inset}{name}:"
            waiting += [(f"{inset}  ", *item) for item in reversed([*value.items()])]
        else:
            beginning = f"{inset}{name} = "
            yield beginning + rest_of_line(beginning, value_text(value, 200), columns)


def rest_of_line(beginning: str, text: str, columns: int | None) -> str:
    """The text, shortened to the columns that the beginning leaves of a line; None is any number of columns."""
    if columns is None:
        return text
    return fitted(printable(text), max((columns - width(beginning)) % columns, _LEAST_ROOM))
