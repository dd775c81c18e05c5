"""What a picture says of a lineage that is not whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphtracker.lineage import Lineage


def cut_note(lineage: Lineage) -> str | None:
    """A line that says what cut it, None where it is complete."""
    if lineage.complete:
        return None
    bounds = {"depth": lineage.depth, "max_runs": lineage.max_runs}
    reasons = [
        f"{reason} {bounds[reason]}" if bounds.get(reason) is not None else reason for reason in sorted(lineage.reasons)
    ]
    return f"not the whole lineage: cut by {', '.join(reasons)}"
