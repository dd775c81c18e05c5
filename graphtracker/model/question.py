"""A question about lineage, checked, with the answer a store gives to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.limits import checked_name, checked_run_id
from graphtracker.model.values import Artifact, Run, Source

DIRECTIONS = ("both", "downstream", "upstream")


@dataclass(frozen=True)
class Question:
    """What to walk: from a run or one artifact of it, which way, and how far (in sources, per direction)."""

    run_id: str
    artifact_name: str | None = None
    direction: str = "both"
    depth: int | None = None
    max_runs: int | None = None

    @property
    def upstream(self) -> bool:
        """Whether ancestors are asked for."""
        return self.direction != "downstream"

    @property
    def downstream(self) -> bool:
        """Whether descendants are asked for."""
        return self.direction != "upstream"

    @property
    def bounded(self) -> bool:
        """Whether the answer may be cut."""
        return self.depth is not None or self.max_runs is not None


def checked_question(
    run_id: str, artifact_name: str | None, direction: str, depth: int | None, max_runs: int | None
) -> Question:
    """The question, or InvalidInput that names what is wrong with it."""
    if direction not in DIRECTIONS:
        raise InvalidInput(f"unknown direction {quoted(direction)}; use one of {', '.join(DIRECTIONS)}")
    _check_bound("depth", depth, 0)
    _check_bound("max_runs", max_runs, 1)
    name = None if artifact_name is None else checked_name(artifact_name)
    return Question(checked_run_id(run_id), name, direction, depth, max_runs)


def _check_bound(name: str, bound: int | None, least: int) -> None:
    if bound is not None and (not isinstance(bound, int) or isinstance(bound, bool) or bound < least):
        raise InvalidInput(
            f"{name} must be a whole number of at least {least}, or None for no bound, not {quoted(bound)}"
        )


@dataclass(frozen=True)
class Answer:
    """What a store found: values sorted by id (and name), and what was left out, for ``Lineage`` to hold."""

    runs: dict[str, Run] = field(default_factory=dict)
    artifacts: dict[tuple[str, str], Artifact] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    reasons: frozenset[str] = frozenset()
    frontier: Mapping[str, frozenset[str]] = field(default_factory=dict)
