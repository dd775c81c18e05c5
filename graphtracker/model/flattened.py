"""Nested metadata as one level of dotted keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphtracker.model.written import written


def flattened(metadata: Mapping[str, object]) -> dict[str, Any]:
    """The values by their keys, those inside of mappings by ``key.key``; an empty mapping is a value.

    Of two that are written alike the one that lies less deep counts.

    >>> flattened({"optim": {"lr": 0.1, "betas": [1, 2]}, "tags": {}})
    {'tags': {}, 'optim.lr': 0.1, 'optim.betas': [1, 2]}
    """
    found: dict[str, Any] = {}
    level: dict[str, Any] = dict(metadata)
    while level:
        deeper: dict[str, Any] = {}
        for key, value in level.items():
            if isinstance(value, Mapping) and value:
                for inner, item in value.items():
                    deeper.setdefault(f"{key}.{written(inner)}", item)
            else:
                found.setdefault(key, value)
        level = deeper
    return found
