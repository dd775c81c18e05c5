"""Nested metadata as one level of dotted keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphtracker.model.written import written

_FLAT = frozenset([bool, float, int, list, str, type(None)])

_Path = tuple[tuple[type, Any], ...]
"""Keys from the outermost to the innermost, with their types: 1 is not True."""


def flattened(metadata: Mapping[str, object]) -> dict[str, Any]:
    """The values by their keys, those inside of mappings by ``key.key``; an empty mapping is a value.

    Of those that would be written alike the one that lies least deep is; the others are as Python finds them:
    ``key['key']``.

    >>> flattened({"optim": {"lr": 0.1, "betas": [1, 2]}, "tags": {}})
    {'tags': {}, 'optim.lr': 0.1, 'optim.betas': [1, 2]}
    """
    if _FLAT.issuperset(map(type, metadata.values())):  # as most is
        return dict(metadata)
    found: dict[str, Any] = {}
    values: dict[str, list[tuple[_Path, Any]]] = {}
    level: list[tuple[str, _Path, Any]] = [(key, ((str, key),), value) for key, value in metadata.items()]
    while level:
        deeper: list[tuple[str, _Path, Any]] = []
        for key, path, value in level:
            if isinstance(value, Mapping) and value:
                for inner, item in value.items():
                    deeper.append((f"{key}.{written(inner)}", (*path, (type(inner), inner)), item))
            else:
                found[key] = value
                values.setdefault(key, []).append((path, value))
        level = deeper
    if len(found) < sum(map(len, values.values())):
        for key, alike in values.items():
            found.update(_told_apart(key, alike))
    return found


def _told_apart(key: str, alike: list[tuple[_Path, Any]]) -> dict[str, Any]:
    """The values that would all be under this key, by names that say where each was found."""
    first, *others = sorted(alike, key=lambda each: _place(each[0]))
    named = {
        f"{path[0][1]}{''.join(f'[{written([key])[1:-1]}]' for _, key in path[1:])}": value for path, value in others
    }
    return {key: first[1], **named}


def _place(path: _Path) -> tuple[int, list[tuple[bool, str]]]:
    """The least deep first, then the text keys, whatever the order in which a mapping has them."""
    return len(path), [(kind is not str, repr(key)) for kind, key in path]
