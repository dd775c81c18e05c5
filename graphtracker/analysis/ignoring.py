"""Metadata as questions compare it: flattened, without the keys that are to be ignored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.flattened import flattened


class Ignored:
    """Patterns (as of ``fnmatch.fnmatchcase``) of flattened keys; raises InvalidInput for what is no text.

    >>> Ignored(["*.seed", "loss"]).of_run({"loss": 0.3, "optim": {"lr": 0.1, "seed": 7}})
    {'optim.lr': 0.1}
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        if not isinstance(patterns, Iterable):
            raise InvalidInput(f"ignore takes patterns of keys, which are texts, not {quoted(patterns)}")
        self.patterns = (patterns,) if isinstance(patterns, str) else tuple(patterns)
        for pattern in self.patterns:
            if not isinstance(pattern, str):
                raise InvalidInput(f"ignore takes patterns of keys, which are texts, not {quoted(pattern)}")
        self._matches = lru_cache(maxsize=None)(self._any_matches)  # the same keys come in every run

    def _any_matches(self, key: str) -> bool:
        return any(fnmatchcase(key, pattern) for pattern in self.patterns)

    def of_run(self, metadata: Mapping[str, object]) -> dict[str, Any]:
        """The metadata of a run, by flattened key, each matched as ``KEY``."""
        flat = flattened(metadata)
        return {key: value for key, value in flat.items() if not self._matches(key)} if self.patterns else flat

    def of_artifact(self, name: str, metadata: Mapping[str, object]) -> dict[str, Any]:
        """The metadata of an artifact, by flattened key, each matched as ``KEY`` and as ``NAME.KEY``."""
        flat = flattened(metadata)
        if not self.patterns:
            return flat
        matches = self._matches
        return {key: value for key, value in flat.items() if not matches(key) and not matches(f"{name}.{key}")}
