"""Which names of trackers are graphtracker's."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec

from graphtracker import entry_points

OURS = "graphtracker"
"""The name of our entry point in the group ``torchx.tracker``."""

_FACTORIES = ("graphtracker.torchx:create", "graphtracker.torchx:TorchXTracker", "graphtracker:GraphTracker")
_RESEMBLES = 0.75  # of 1: "graphtrackr" does, "mlflow" does not


@dataclass(frozen=True)
class TrackerNames:
    """The names under which TorchX finds trackers in this environment, each with what it loads."""

    known: Mapping[str, str] = field(default_factory=lambda: entry_points.targets("torchx.tracker"))

    def ours(self, names: Iterable[str]) -> list[str]:
        """Those of these names that are ours: our entry point, another's that loads the same, or its module path."""
        return [name for name in names if self.known.get(name, name) in _FACTORIES]

    def may_be_found(self, name: str) -> bool:
        """Whether it is known, or begins as a module does that can be imported (not ours; nothing is imported)."""
        package = re.split("[.:]", name)[0]
        return name in self.known or (package.isidentifier() and package != OURS and find_spec(package) is not None)


def resembles_ours(name: str) -> bool:
    """Whether somebody who writes this name means graphtracker."""
    plain = name.strip().lower()
    return OURS in plain or difflib.SequenceMatcher(None, plain[:40], OURS).ratio() >= _RESEMBLES
