"""A question about lineage with the answer to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.events import NOW
from graphtracker.model.limits import checked_name, checked_run_id
from graphtracker.model.times import nanoseconds, utc
from graphtracker.model.values import Artifact, Node, Run, Source

if TYPE_CHECKING:
    from typing_extensions import Self

Direction = Literal["both", "downstream", "upstream"]


@dataclass(frozen=True)
class Question:
    """What to walk: from a run or one artifact of it, which way, how far (in sources, per direction), as of when (an
    aware datetime; None is now)."""

    run_id: str
    artifact_name: str | None = None
    direction: Direction = "both"
    depth: int | None = None
    max_runs: int | None = None
    as_of: datetime | None = None
    begin: Node | None = None
    """Where the paths begin that alone are asked for; None: all that there is."""

    @property
    def start(self) -> Node:
        """The run id, or ``(run id, name)`` for the artifact."""
        return self.run_id if self.artifact_name is None else (self.run_id, self.artifact_name)

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


@dataclass(frozen=True)
class JointQuestion:
    """What to walk from several runs or artifacts at once, one way, how far, as of when; as in a Question, but that a
    distance is the least over the starts, which are in the answer first, those first in order where ``max_runs`` is
    less than they are."""

    starts: tuple[Node, ...]
    direction: Literal["downstream", "upstream"]
    depth: int | None = None
    max_runs: int | None = None
    as_of: datetime | None = None

    @property
    def upstream(self) -> bool:
        """Whether ancestors are asked for."""
        return self.direction == "upstream"

    @property
    def downstream(self) -> bool:
        """Whether descendants are asked for."""
        return self.direction == "downstream"

    @property
    def bounded(self) -> bool:
        """Whether the answer may be cut."""
        return self.depth is not None or self.max_runs is not None


def checked_question(
    run_id: str,
    artifact_name: str | None,
    direction: str,
    depth: int | None,
    max_runs: int | None,
    as_of: datetime | None,
) -> Question:
    """The question, or InvalidInput that names what is wrong with it."""
    if direction not in get_args(Direction):
        raise InvalidInput(f"unknown direction {quoted(direction)}; use one of {', '.join(get_args(Direction))}")
    check_bound("depth", depth, 0)
    check_bound("max_runs", max_runs, 1)
    name = None if artifact_name is None else checked_name(artifact_name)
    return Question(checked_run_id(run_id), name, cast(Direction, direction), depth, max_runs, checked_as_of(as_of))


def checked_as_of(as_of: datetime | None) -> datetime | None:
    """The time that a question is about, in UTC; raises InvalidInput unless it is aware and can be that of an event."""
    return None if as_of is None else utc(nanoseconds(as_of, "as_of"))


def moment(as_of: datetime | None) -> int:
    """The greatest event time, in ns since 1970 UTC, of the events that such a question is about."""
    return NOW if as_of is None else nanoseconds(as_of)


def check_bound(name: str, bound: int | None, least: int) -> None:
    """Raises InvalidInput unless it is None, or a whole number from the least on."""
    if bound is not None and (
        not isinstance(bound, int) or isinstance(bound, bool) or not least <= bound < _LARGEST_BOUND
    ):
        raise InvalidInput(
            f"{name} must be a whole number of at least {least}, or None for no bound, not {quoted(bound)}"
        )


_LARGEST_BOUND = 10**600  # an answer writes its bounds as decimals, of which Python refuses those of 640 digits


def cut_note(reasons: frozenset[str], bounds: Mapping[str, int | None] = MappingProxyType({})) -> str | None:
    """What the reasons say, each with its bound, if it has one; None where there are none."""
    if not reasons:
        return None
    cuts = [
        reason if bounds.get(reason) is None else f"{reason} {bounds[reason]}"
        for reason in sorted(reasons - {"overwritten"})
    ]
    cut = [f"cut by {', '.join(cuts)}"] if cuts else []
    return ", ".join([*cut, *([_OVERWRITTEN] if "overwritten" in reasons else [])])


def and_cut(reasons: frozenset[str]) -> str:
    """How the line about an answer ends; empty where there are no reasons.

    >>> and_cut(frozenset({"depth"})), and_cut(frozenset())
    (', cut by depth', '')
    """
    return f", {cut_note(reasons)}" if reasons else ""


_OVERWRITTEN = "without values that may have been overwritten since"

_NOTHING: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, init=False)
class Answer:
    """What a store found: values sorted by id (and name), with what was left out; never changed.

    ``question`` is None where the whole store was asked for. ``Answer()`` is empty.
    """

    question: Question | None
    runs: Mapping[str, Run]
    """Run id → Run."""
    artifacts: Mapping[tuple[str, str], Artifact]
    """(run id, name) → Artifact."""
    sources: Sequence[Source]
    """Every recorded source whose two ends are in the answer."""
    reasons: frozenset[str]
    """What left something out: ``"max_runs"``, ``"depth"``, ``"unsynced"``, ``"overwritten"``; empty when complete."""
    frontier: Mapping[str, frozenset[str]]
    """Id of each run beside which something was left out → the directions in which it was."""
    as_of: datetime | None
    """The time that was asked about; None is now."""

    def __init__(
        self,
        question: Question | None = None,
        runs: Mapping[str, Run] = _NOTHING,
        artifacts: Mapping[tuple[str, str], Artifact] = _NOTHING,
        sources: Sequence[Source] = (),
        reasons: frozenset[str] = frozenset(),
        frontier: Mapping[str, frozenset[str]] = _NOTHING,
        as_of: datetime | None = None,
    ) -> None:
        own = self.__dict__  # as in values.py
        own["question"] = question
        own["runs"] = MappingProxyType(runs)
        own["artifacts"] = MappingProxyType(artifacts)
        own["sources"] = tuple(sources)
        own["reasons"] = reasons
        own["frontier"] = MappingProxyType(frontier)
        own["as_of"] = as_of if question is None else question.as_of

    def __reduce__(self) -> tuple[type[Answer], tuple[object, ...]]:  # a mapping proxy cannot be pickled
        mappings = {name: dict(getattr(self, name)) for name in ("runs", "artifacts", "frontier")}
        return type(self), tuple({**vars(self), **mappings}[item.name] for item in fields(Answer))

    @property
    def start(self) -> Node | None:
        """What was asked about: a run id, ``(run id, name)`` for one artifact, None for a whole store."""
        return None if self.question is None else self.question.start

    @property
    def start_run(self) -> str | None:
        """The id of the run that was asked about, or of the one whose artifact was."""
        return None if self.question is None else self.question.run_id

    @property
    def direction(self) -> Direction:
        """``"upstream"``, ``"downstream"`` or ``"both"``."""
        return "both" if self.question is None else self.question.direction

    @property
    def depth(self) -> int | None:
        """The bound that was asked for, in sources walked per direction; 0 is the start alone, None no bound."""
        return None if self.question is None else self.question.depth

    @property
    def max_runs(self) -> int | None:
        """The bound that was asked for, in distinct runs, the start included; None no bound."""
        return None if self.question is None else self.question.max_runs

    @property
    def complete(self) -> bool:
        """Whether this is all that the store held when asked."""
        return not self.reasons

    def cut_note(self, *, bounds: bool = False) -> str | None:
        """What cut it, as in ``cut by depth``, with ``bounds`` as in ``cut by depth 3``; None where it is complete.

        Of an earlier time it says ``without values that may have been overwritten since``.
        """
        return cut_note(self.reasons, {"depth": self.depth, "max_runs": self.max_runs} if bounds else {})

    def unsynced(self) -> Self:
        """The same answer, which says that the store did not have all that this process recorded."""
        return replace(self, reasons=self.reasons | {"unsynced"})


def asked_in_words(answer: Answer, run: Callable[[str], str], artifact: Callable[[str], str]) -> str:
    """What an answer is about, with what its readers call a run, by its id, and an artifact, by its name.

    >>> asked_in_words(Answer(), str, str)
    'nothing'
    """
    question = answer.question
    if question is None:
        return "the whole store" if answer.runs else "nothing"
    if question.begin is None:
        return _in_words(question.start, run, artifact)
    begin, end = (_in_words(node, run, artifact) for node in (question.begin, question.start))
    return f"{'every' if answer.runs else 'no'} path from {begin} to {end}"


def _in_words(node: Node, run: Callable[[str], str], artifact: Callable[[str], str]) -> str:
    return run(node) if isinstance(node, str) else f"{artifact(node[1])} of {run(node[0])}"
