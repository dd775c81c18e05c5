"""Nested metadata as one level of dotted keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphtracker.model.encoding import dumps
from graphtracker.model.written import written


def flattened(metadata: Mapping[str, object]) -> dict[str, Any]:
    """The values by their keys, those inside of mappings by ``key.key``; an empty mapping is a value.

    Of those that would be written alike the one that lies least deep is; the next is ``key.key (2)``.

    >>> flattened({"optim": {"lr": 0.1, "betas": [1, 2]}, "tags": {}})
    {'tags': {}, 'optim.lr': 0.1, 'optim.betas': [1, 2]}
    """
    if _FLAT.issuperset(map(type, metadata.values())):  # as most is
        return dict(metadata)
    found: dict[str, Any] = {}
    depths: dict[str, int] = {}
    alike: dict[str, list[tuple[int, Any]]] = {}
    level: list[tuple[str, Any]] = list(metadata.items())
    depth = 0
    while level:
        deeper: list[tuple[str, Any]] = []
        for key, value in level:
            if isinstance(value, Mapping) and value:
                deeper += [(f"{key}.{written(inner)}", item) for inner, item in value.items()]
            elif key in found:
                alike.setdefault(key, [(depths[key], found[key])]).append((depth, value))
            else:
                found[key], depths[key] = value, depth
        level = deeper
        depth += 1
    return {**found, **_told_apart(alike, found)} if alike else found


_FLAT = frozenset([bool, float, int, list, str, type(None)])


def _told_apart(alike: Mapping[str, list[tuple[int, Any]]], found: Mapping[str, Any]) -> dict[str, Any]:
    """Each of the values under a key of its own, whatever the order in which a mapping has them."""
    apart: dict[str, Any] = {}
    for key in sorted(alike):
        ordered = sorted(alike[key], key=lambda each: (each[0], dumps(each[1])))
        apart[key] = ordered[0][1]
        number = 2
        for _, value in ordered[1:]:
            while (name := f"{key} ({number})") in found or name in apart:
                number += 1
            apart[name] = value
    return apart
