"""Values of graphtracker in the terms of RO-Crate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from graphtracker.model.encoding import dumps


def property_value(kind: str, key: str, value: object) -> dict[str, Any]:
    """A value of the context or the metadata (``kind``) as a ``PropertyValue``."""
    plain = _is_json_ld(value)
    meant = f"urn:graphtracker:{kind}{'' if plain else ':json'}"
    return {"@type": "PropertyValue", "name": key, "propertyID": meant, "value": value if plain else dumps(value)}


def _is_json_ld(value: object) -> bool:
    """Whether JSON-LD reads the very value: of its numbers those that are exact as doubles."""
    if isinstance(value, float):
        return isfinite(value)
    return isinstance(value, (str, bool)) or (isinstance(value, int) and abs(value) <= 1 << 53)


def status_terms(context: Mapping[str, object]) -> dict[str, str]:
    """The terms of its status; none where they do not say all of it."""
    status, colon, error = str(context.get("status", "")).partition(": ")
    if status not in _STATUSES or (colon and not (error and status == "failed")):
        return {}
    return {"actionStatus": f"http://schema.org/{_STATUSES[status]}", **({"error": error} if error else {})}


_STATUSES = {"succeeded": "CompletedActionStatus", "failed": "FailedActionStatus", "running": "ActiveActionStatus"}


def program_of(command: object) -> str | None:
    """A command without its options, the module of ``python -m`` excepted.

    >>> program_of("python -m train --lr 0.1"), program_of("prepare.py --seed 7")
    ('python -m train', 'prepare.py')
    """
    if command is None:
        return None
    words: list[str] = []
    for word in str(command).split():
        if word.startswith("-") and word != "-m":
            break
        words.append(word)
    return " ".join(words) or str(command)


def time_or_none(at: object) -> str | None:
    """A time in ISO 8601; None for what is none."""
    return at.isoformat() if isinstance(at, datetime) else None


def ref(identifier: str) -> dict[str, str]:
    """A reference to what has this id."""
    return {"@id": identifier}


def refs(identifiers: Iterable[str]) -> Any:
    """References to them: a list of several, one alone, None where there is none, as RO-Crate wants it."""
    found = [ref(identifier) for identifier in identifiers]
    return found if len(found) > 1 else next(iter(found), None)
