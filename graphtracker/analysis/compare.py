"""Two answers side by side: which of their runs play the same role, what these differ in, where that begins.

Runs stand beside each other by their roles, not by their ids: the starts first, then, breadth first, the sources that
two runs which stand so have named alike. Each run stands beside one other, by its nearest role.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphtracker.analysis.condense import condense
from graphtracker.analysis.difference import Changes, Comparison, Label, Pair
from graphtracker.analysis.ignoring import Ignored
from graphtracker.analysis.matching import Side, matched
from graphtracker.model.equality import MISSING, equal
from graphtracker.model.question import Answer
from graphtracker.model.values import Artifact


def compare(answer: Answer, other: Answer, *, ignore: Iterable[str] = (), paths: bool = False) -> Comparison:
    """What differs upstream of the starts of two answers, both of which have one; near linear in the two.

    A pair differs in itself where, but for the keys that ``ignore`` has patterns of, metadata is unequal, or that of an
    artifact that was used through it (of the starts: that both answers hold, or that they are about), or with ``paths``
    its place; where a source has no match, or matches one that stands beside another run; where the ids differ and one
    is of an external. Other ids, names, times, context, and artifacts that nobody used are no difference.
    """
    ignored = Ignored(ignore)
    ours, theirs = Side(answer, ignored), Side(other, ignored)
    meetings = _Meetings(ours, theirs)
    differences = [_differences(meeting, ours, theirs, paths=paths) for meeting in meetings.all]
    follow = _following(meetings.all, [any(difference.values()) for difference in differences])
    pairs = [
        Pair(
            meeting.run_id,
            meeting.other_run_id,
            meeting.distance,
            **difference,
            follows=number in follow,
            _steps=meetings.steps,
            _step=number,
        )
        for number, (meeting, difference) in enumerate(zip(meetings.all, differences, strict=True))
    ]
    pairs.sort(key=lambda pair: (pair.distance, pair.run_id))
    starts = ours.start, theirs.start
    return Comparison(*starts, tuple(pairs), answer.reasons | other.reasons, (answer, other))


@dataclass(slots=True)
class _Meeting:
    """Two runs that stand beside each other, as the walk comes to know them."""

    run_id: str
    other_run_id: str
    distance: int
    used: set[str] = field(default_factory=set)
    """The artifacts that were used through it."""
    upstream: list[int] = field(default_factory=list)
    """The meetings that it has as sources, by number."""
    only: list[tuple[Label, str]] = field(default_factory=list)
    other_only: list[tuple[Label, str]] = field(default_factory=list)
    crossed: list[tuple[Label, str, str]] = field(default_factory=list)


class _Meetings:
    """Who stands beside whom: the starts, then breadth first all that is matched upstream of them."""

    def __init__(self, ours: Side, theirs: Side) -> None:
        start = _Meeting(ours.start_run, theirs.start_run, 0, _used_of_starts(ours, theirs))
        self.all = [start]
        self.steps: list[tuple[int, Label]] = [(0, None)]
        """Of each the one through which it was met first, and the label of the source; the start's own are no step."""
        self._beside: dict[str, int] = {start.run_id: 0}
        self._other_beside: dict[str, int] = {start.other_run_id: 0}
        for number, meeting in enumerate(self.all):  # grows while it is walked
            sources, others = ours.sources(meeting.run_id), theirs.sources(meeting.other_run_id)
            for label in sorted({*sources, *others}, key=lambda label: label or ""):  # no artifact is called ""
                run_ids, other_run_ids = sources.get(label, []), others.get(label, [])
                matches = matched(ours, theirs, label, run_ids, other_run_ids)
                if not len(run_ids) == len(other_run_ids) == len(matches):
                    _note_unmatched(meeting, label, (run_ids, other_run_ids), matches)
                for run_id, other_run_id in matches:
                    self._meet(number, label, run_id, other_run_id)

    def _meet(self, number: int, label: Label, run_id: str, other_run_id: str) -> None:
        place, other_place = self._beside.get(run_id), self._other_beside.get(other_run_id)
        if place != other_place:
            self.all[number].crossed.append((label, run_id, other_run_id))
            return
        if place is None:
            place = self._beside[run_id] = self._other_beside[other_run_id] = len(self.all)
            self.all.append(_Meeting(run_id, other_run_id, self.all[number].distance + 1))
            self.steps.append((number, label))
        self.all[number].upstream.append(place)
        if label is not None:
            self.all[place].used.add(label)


def _note_unmatched(
    meeting: _Meeting, label: Label, named: tuple[list[str], list[str]], matches: Sequence[tuple[str, str]]
) -> None:
    for side, kept, run_ids in ((0, meeting.only, named[0]), (1, meeting.other_only, named[1])):
        there = {match[side] for match in matches}
        kept += [(label, run_id) for run_id in sorted(run_ids) if run_id not in there]


def _used_of_starts(ours: Side, theirs: Side) -> set[str]:
    """The artifacts of the starts that are compared: those that the answers are about, else those that both hold."""
    asked = {side.start[1] for side in (ours, theirs) if not isinstance(side.start, str)}
    if not isinstance(ours.start, str) and not isinstance(theirs.start, str):
        return asked
    return {*ours.outputs.get(ours.start_run, ())} & {*theirs.outputs.get(theirs.start_run, ())}


def _differences(meeting: _Meeting, ours: Side, theirs: Side, *, paths: bool) -> dict[str, Any]:
    """What a pair has for what the two differ in; each is false where they do not."""
    run_id, other_run_id = meeting.run_id, meeting.other_run_id
    of_run = ours.ignored.of_run
    return {
        "metadata": _changes(
            of_run(ours.answer.runs[run_id].metadata), of_run(theirs.answer.runs[other_run_id].metadata)
        ),
        "artifacts": _changed_artifacts(meeting, ours, theirs, paths=paths),
        "only": tuple(meeting.only),
        "other_only": tuple(meeting.other_only),
        "crossed": tuple(sorted(meeting.crossed, key=lambda each: (each[0] or "", *each[1:]))),
        "external": run_id != other_run_id and (ours.is_external(run_id) or theirs.is_external(other_run_id)),
    }


def _changed_artifacts(meeting: _Meeting, ours: Side, theirs: Side, *, paths: bool) -> dict[str, Changes]:
    found: dict[str, Changes] = {}
    for name in sorted(meeting.used):
        artifact = ours.answer.artifacts.get((meeting.run_id, name))
        other = theirs.answer.artifacts.get((meeting.other_run_id, name))
        of_artifact = ours.ignored.of_artifact
        metadata, others = ({} if each is None else of_artifact(name, each.metadata) for each in (artifact, other))
        changes = {**_changed_place(artifact, other, paths=paths), **_changes(metadata, others)}
        if changes:
            found[name] = changes
    return found


def _changed_place(artifact: Artifact | None, other: Artifact | None, *, paths: bool) -> Changes:
    place, other_place = (MISSING if each is None else each.place for each in (artifact, other))
    compared = paths or artifact is None or other is None
    return {"": (place, other_place)} if compared and not equal(place, other_place) else {}


def _changes(values: Mapping[str, Any], others: Mapping[str, Any]) -> Changes:
    found: Changes = {
        key: (values.get(key, MISSING), others.get(key, MISSING))
        for key in {*values, *others}
        if not equal(values.get(key, MISSING), others.get(key, MISSING))
    }
    return dict(sorted(found.items())) if len(found) > 1 else found


def _following(meetings: Sequence[_Meeting], differ: Sequence[bool]) -> set[int]:
    """The numbers of those that have one that differs upstream, but for those on a cycle with it."""
    below: set[int] = set()
    if not any(differ):
        return below
    upstream = {number: meeting.upstream for number, meeting in enumerate(meetings)}
    differing: set[int] = set()  # all on a cycle with one that differs, and what is below such a one
    for members in reversed(condense(range(len(meetings)), upstream)):
        inside = set(members)
        if any(step in differing for number in members for step in upstream[number] if step not in inside):
            below |= inside
        if not inside.isdisjoint(below) or any(differ[number] for number in members):
            differing |= inside
    return below
