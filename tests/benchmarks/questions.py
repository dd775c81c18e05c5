"""How long questions about what is stored take, beside the lineage questions they stand on with a plain pass of Python.

The plain pass makes the answer by hand from the same rows, without any check, order or text; it has to agree.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import log
from pathlib import Path
from statistics import linear_regression
from typing import NamedTuple

from graphtracker import Artifact, GraphTracker, Lineage
from graphtracker.model.values import Node
from tests.benchmarks.graphs import RecordedRun, run_id_of, run_of
from tests.benchmarks.measuring import Result, in_turn, ratio, taken
from tests.benchmarks.recording import fill

TARGET = "<= 1.50 x"
LINEAR = 1.1  # the largest exponent that still counts as linear
_LABELS = ("model", "report", "")
_WINDOW = 40  # how far back a run looks for its sources
_DATA = "s3://datasets/reviews"


class Question(NamedTuple):
    """A question, and the same by hand."""

    name: str
    ours: Callable[[], object]
    by_hand: Callable[[], object]


# -- what is asked about -----------------------------------------------------------------------------------------------


def pipeline(runs: int, name: str, seed: int = 1) -> Iterator[RecordedRun]:
    """Runs each made from three of those before it: a model, a report, a whole run; the first from a dataset.

    Of two with different names, the runs have the same roles.
    """
    rng = random.Random(seed)
    for number in range(runs):
        near = range(max(0, number - _WINDOW), number)
        sources = [(f"{name}/{run_id_of(rng.choice(near))}", label) for label in _LABELS] if number else [(_DATA, "")]
        yield run_of(f"{name}/{run_id_of(number)}", number, sources)


def last_of(runs: int, name: str) -> str:
    """The run from which all of such a pipeline is walked, nearly."""
    return f"{name}/{run_id_of(runs - 1)}"


def trials(asked: int, before: int) -> Iterator[RecordedRun]:
    """A pipeline of so many runs, and as many trainings as are asked about, each made from one of its last runs; then a
    run that was made from all of them."""
    yield from pipeline(before, "data")
    rng = random.Random(2)
    for number in range(asked):
        source = f"data/{run_id_of(rng.randrange(before - min(before, 4 * _WINDOW), before))}"
        yield run_of(f"trial-{number:04}", number, [(source, "model")])
    yield run_of("select", 0, [(f"trial-{number:04}", "model") for number in range(asked)])


# -- by hand -----------------------------------------------------------------------------------------------------------


def _sources(lineage: Lineage) -> dict[str, dict[str, str]]:
    """Run id → label → source run id."""
    found: dict[str, dict[str, str]] = {}
    for source in lineage.sources:
        found.setdefault(source.run_id, {})[source.artifact_name or ""] = source.source_run_id
    return found


def _steps(lineage: Lineage) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for source in lineage.sources:
        found.setdefault(source.source_run_id, []).append(source.run_id)
    return found


def different(one: Lineage, other: Lineage) -> int:
    """How many runs have other metadata than those that have their role."""
    ours, theirs = _sources(one), _sources(other)
    first = (one.start_run or "", other.start_run or "")
    seen, waiting, count = {first[0]: first[1]}, deque([first]), 0
    while waiting:
        run, twin = waiting.popleft()
        count += one.runs[run].metadata != other.runs[twin].metadata
        for label, source in sorted(ours.get(run, {}).items()):
            match = theirs.get(twin, {}).get(label)
            if match is not None and source not in seen:
                seen[source] = match
                waiting.append((source, match))
    return count


def far(lineage: Lineage, start: str) -> dict[str, int]:
    """Run id → sources walked to it downstream."""
    steps, found, waiting = _steps(lineage), {start: 0}, deque([start])
    while waiting:
        run = waiting.popleft()
        for user in steps.get(run, ()):
            if user not in found:
                found[user] = found[run] + 1
                waiting.append(user)
    return found


def in_order(lineage: Lineage, start: str) -> list[str]:
    """The runs downstream, each after those that it was made from."""
    steps, distances = _steps(lineage), far(lineage, start)
    lacking = dict.fromkeys(distances, 0)
    for targets in steps.values():
        for target in targets:
            lacking[target] = lacking.get(target, 0) + 1
    ready, done = [start], []
    for run in ready:  # grows while it is walked
        done.append(run)
        for user in steps.get(run, ()):
            lacking[user] -= 1
            if not lacking[user]:
                ready.append(user)
    return done[1:]


def out_of_date(lineage: Lineage) -> int:
    """How many uses are superseded."""
    newest: dict[str, Artifact] = {}
    for artifact in lineage.artifacts.values():
        if artifact.place is not None and artifact.updated_at is not None:
            known = newest.get(artifact.place)
            if known is None or known.updated_at is None or known.updated_at < artifact.updated_at:
                newest[artifact.place] = artifact
    named = {(source.run_id, source.source_run_id) for source in lineage.sources if source.artifact_name}
    made: dict[str, list[Artifact]] = {}
    for artifact in lineage.artifacts.values():
        made.setdefault(artifact.run_id, []).append(artifact)
    count = 0
    for source in lineage.sources:
        if source.artifact_name:
            used = [lineage.artifacts[source.source_run_id, source.artifact_name]]
        else:
            used = [] if (source.run_id, source.source_run_id) in named else made.get(source.source_run_id, [])
        for artifact in used:
            last = newest.get(artifact.place or "")
            if last is not None and last.updated_at is not None and last.run_id != source.run_id:
                count += last.updated_at > source.created_at
    return count


def shared(lineage: Lineage, bad: Sequence[str], good: Sequence[str]) -> int:
    """How many sets of asked runs, at least two bad ones among them, have something upstream in common."""
    own = {run: 1 << place for place, run in enumerate((*bad, *good))}
    borne = _borne(lineage, own)
    found: dict[object, int] = {}
    for run, item in lineage.runs.items():
        mine = own.get(run, 0)
        others = borne[run] & ~mine
        for key, value in item.metadata.items():
            said = key, type(value) is bool, value
            found["run", said] = found.get(("run", said), 0) | others
            if mine:
                found["own", said] = found.get(("own", said), 0) | mine
    for (run, name), artifact in lineage.artifacts.items():
        bits = borne[run, name]
        found[artifact.place] = found.get(artifact.place, 0) | bits
        for key, value in artifact.metadata.items():
            said = key, type(value) is bool, value
            found[name, said] = found.get((name, said), 0) | bits
    groups: dict[int, list[object]] = {}
    for feature, bits in (*borne.items(), *found.items()):
        groups.setdefault(bits, []).append(feature)
    bad_ones = (1 << len(bad)) - 1
    return sum((bits & bad_ones).bit_count() > 1 for bits in groups)


def _borne(lineage: Lineage, own: dict[str, int]) -> dict[Node, int]:
    """Node → the asked runs that it is, or that descend from it; ids are in the order of the data, but for trials."""
    users: dict[Node, list[str]] = {}
    named = {(source.run_id, source.source_run_id) for source in lineage.sources if source.artifact_name is not None}
    whole: dict[str, list[str]] = {}
    for source in lineage.sources:
        users.setdefault(source.node, []).append(source.run_id)
        if source.artifact_name is None and (source.run_id, source.source_run_id) not in named:
            whole.setdefault(source.source_run_id, []).append(source.run_id)
    made: dict[str, list[tuple[str, str]]] = {}
    for key in lineage.artifacts:
        made.setdefault(key[0], []).append(key)
    found: dict[Node, int] = {}
    ordered = sorted(lineage.runs, key=lambda run: (run not in own, run), reverse=True)
    for run in [*(run for run in ordered if run in own), *(run for run in ordered if run not in own)]:
        total = own.get(run, 0)
        for artifact in made.get(run, ()):
            bits = 0
            for user in (*users.get(artifact, ()), *whole.get(run, ())):
                bits |= found.get(user, 0)
            found[artifact] = bits
            total |= bits
        for user in users.get(run, ()):
            total |= found.get(user, 0)
        found[run] = total
    return found


def hashed(lineage: Lineage) -> dict[str, str]:
    """Run id → a hash of its metadata and of the hashes of its sources."""
    sources, found = _sources(lineage), dict[str, str]()
    for run, item in lineage.runs.items():  # in the order of ids, which is that of their numbers
        uses = sorted((label, found.get(source, source)) for label, source in sources.get(run, {}).items())
        text = json.dumps([dict(item.metadata), uses], sort_keys=True)
        found[run] = hashlib.sha256(text.encode()).hexdigest()
    return found


# -- asking ------------------------------------------------------------------------------------------------------------


class Sizes(NamedTuple):
    """Runs: of the whole store, of each side of a difference, asked about by a contrast, and before these."""

    store: int = 100_000
    side: int = 2_000
    asked: int = 400
    before: int = 5_000


def of_a_store(folder: Path, *, sizes: Sizes | None = None, rounds: int = 5) -> Iterator[Result]:
    """Each question in a store of many runs, then how it grows with its answer, and with the store."""
    sizes = sizes or Sizes()
    parts = (sizes.side // 4, sizes.side // 2, sizes.side)
    alone = folder / "alone.db"
    with GraphTracker(alone) as tracker:
        fill(tracker, _asked_about(sizes, parts))
        lone = {question.name: _fastest(question.ours) for question in _questions(tracker, sizes, sizes.side)}
    with GraphTracker(folder / "all.db") as tracker:
        fill(tracker, _asked_about(sizes, parts))
        fill(tracker, pipeline(sizes.store, "rest"))
        for question in (*_questions(tracker, sizes, sizes.side), *_of_all(tracker)):
            assert question.ours() == question.by_hand(), question.name
            yield ratio(question.name, _both(question, rounds), TARGET)
            if question.name in lone:
                yield ratio("... in this store, and alone", (_fastest(question.ours), lone[question.name]), "flat")
        for name in lone:
            yield _growth(name, parts, [_named(_questions(tracker, sizes, side), name).ours for side in parts])


def _both(question: Question, rounds: int) -> tuple[float, float]:
    return in_turn(rounds, lambda _: taken(question.ours), lambda _: taken(question.by_hand))


def _asked_about(sizes: Sizes, parts: Sequence[int]) -> Iterator[RecordedRun]:
    for runs in parts:
        yield from pipeline(runs, f"one-{runs}")
        yield from pipeline(runs, f"other-{runs}")
        yield from _tagged(trials(sizes.asked * runs // parts[-1], sizes.before * runs // parts[-1]), f"of-{runs}/")


def _tagged(many: Iterable[RecordedRun], tag: str) -> Iterator[RecordedRun]:
    """The same under other ids, but for datasets."""
    for run_id, metadata, artifacts, sources in many:
        renamed = [(source if source == _DATA else tag + source, name) for source, name in sources]
        yield RecordedRun(tag + run_id, metadata, [(name, tag + path) for name, path in artifacts], renamed)


def _questions(tracker: GraphTracker, sizes: Sizes, side: int) -> Iterator[Question]:
    """What is asked about a part of the store."""
    one, other = last_of(side, f"one-{side}"), last_of(side, f"other-{side}")
    begin = f"one-{side}/{run_id_of(side // 4)}"
    asked = [f"of-{side}/trial-{number:04}" for number in range(sizes.asked * side // sizes.side)]
    bad, good = asked[: len(asked) // 2], asked[len(asked) // 2 :]

    def up(run: str) -> Lineage:
        return tracker.lineage(run, direction="upstream")

    yield Question(
        f"diff of 2 x {sizes.side:,} runs",
        lambda: len(tracker.diff(one, other).changed),
        lambda: different(up(one), up(other)),
    )
    yield Question(
        f"between, in {sizes.side:,} runs",
        lambda: len(tracker.between(begin, one).runs),
        lambda: len(far(up(one), begin)),
    )
    yield Question(
        f"fingerprint of {sizes.side:,} runs",
        lambda: len({tracker.fingerprint(one), tracker.fingerprint(other)}),
        lambda: len({hashed(up(one))[one], hashed(up(other))[other]}),
    )
    yield Question(
        f"contrast of {sizes.asked:,} runs over {sizes.before:,}",
        lambda: tracker.contrast(bad, good).compared,
        lambda: shared(up(f"of-{side}/select"), bad, good),
    )


def _of_all(tracker: GraphTracker) -> Iterator[Question]:
    """What is asked about all of the store."""
    yield Question(
        "impact of what all was made from",
        lambda: len(tracker.impact(_DATA).runs),
        lambda: len(in_order(tracker.lineage(_DATA, direction="downstream"), _DATA)),
    )
    yield Question("stale, the whole store", lambda: len(tracker.stale().uses), lambda: out_of_date(tracker.graph()))


def _named(questions: Iterable[Question], name: str) -> Question:
    return next(question for question in questions if question.name == name)


def _fastest(ask: Callable[[], object], times: int = 3) -> float:
    return min(taken(ask) for _ in range(times))


def _growth(name: str, sizes: Sequence[int], asked: Sequence[Callable[[], object]]) -> Result:
    """The exponent of the power of the size that the times follow best."""
    times = [_fastest(ask) for ask in asked]
    fit = linear_regression([log(size) for size in sizes], [log(time) for time in times])
    return Result(f"... exponent of {name}", times[-1], times[0], f"{fit.slope:.2f}", f"<= {LINEAR}")
