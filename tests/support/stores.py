"""The stores that the contract suite runs on, each by a function that gives the URL of a new, empty one.

A later store joins all promises by one line here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

from tests.support.servers import emptied

STORES: dict[str, Callable[[Path], str]] = {
    "sqlite": lambda folder: str(folder / f"{uuid.uuid4().hex}.db"),
    "neo4j": lambda folder: emptied("5"),
    "spool": lambda folder: str(folder / f"{uuid.uuid4().hex}.spool"),
}
