"""What two answers differ in, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Label = str | None
"""How a run named a source: the name of the artifact, None for the whole run."""


@dataclass(frozen=True)
class Pair:
    """Two runs that play the same role in the lineages of two starts, with what they differ in themselves.

    Where a side has no value, it is ``MISSING``.
    """

    run_id: str
    other_run_id: str
    role: tuple[Label, ...]
    """The labels of the sources that lead from the start to it; empty for the starts."""
    distance: int
    """Sources from the start."""
    metadata: Mapping[str, tuple[object, object]]
    """Flattened key → the two values; only of what differs."""
    artifacts: Mapping[str, Mapping[str, tuple[object, object]]]
    """Name of an artifact that was used through this pair → what of it differs, by the flattened keys of its metadata;
    under the key ``""`` stands its place, where that is compared or where one side has no such artifact."""
    only: tuple[tuple[Label, str], ...]
    """(Label, run id) of the sources that only the run has."""
    other_only: tuple[tuple[Label, str], ...]
    """(Label, run id) of the sources that only the other run has."""
    crossed: tuple[tuple[Label, str, str], ...]
    """(Label, run id, other run id) of sources that match, but of which one stands beside another run already."""
    external: bool
    """Whether their ids differ and one is external without sources, so that the id is what it is."""
    follows: bool
    """Whether it differs, or stands where it does, only because something upstream of it does."""
