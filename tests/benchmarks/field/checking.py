"""Whether an answer is the right one: the reference, by a walk over all runs, and the digest that both must have."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from tests.benchmarks.field.contender import Answer, Links
from tests.benchmarks.graphs import RecordedRun


class Digest(NamedTuple):
    """How many runs and sources an answer has, and sums of the hashes of all it says."""

    runs: int
    sources: int
    said: str


class Reference:
    """All runs in memory; what is right is read off them."""

    def __init__(self, many: Iterable[RecordedRun]) -> None:
        self._runs = {run.run_id: run for run in many}
        self._links = Links((run.run_id, *source) for run in self._runs.values() for source in run.sources)

    def digest(self, start: str) -> Digest:
        """That of the lineage of this run."""
        runs = self._links.lineage(start)
        known = [self._runs[run_id] for run_id in runs if run_id in self._runs]
        return digest(
            start,
            Answer(
                {run_id: self._runs[run_id].metadata if run_id in self._runs else {} for run_id in runs},
                [(run.run_id, *artifact) for run in known for artifact in run.artifacts],
                self._links.among(runs),
            ),
        )


def digest(start: str, answer: Answer) -> Digest:
    """What an answer says, in any order; values as text, for some stores keep nothing else.

    Of the artifacts, and of the sources that name one, it counts those that belong to the lineage:
    made by the start or by what was made from it, or used by the start or by what it came from.
    """
    links = Links(answer.sources)
    made = links.descendants(start)
    walked = [source for run_id in links.ancestors(start) for source in links.up.get(run_id, ())]
    used = {source[1:] for source in walked if source[2]}
    choosy = {source[:2] for source in walked if source[2]}
    made |= {source[1] for source in walked if not source[2] and source[:2] not in choosy}  # these were used whole
    sources = [source for source in answer.sources if not source[2] or source[1] in made or source[1:] in used]
    total = 0
    for run_id, metadata in answer.runs.items():
        total += _hash("run", run_id, *(f"{key}={metadata[key]}" for key in sorted(metadata)))
    for run_id, name, path in answer.artifacts:
        if run_id in made or (run_id, name) in used:
            total += _hash("artifact", run_id, name, path)
    for source in sources:
        total += _hash("source", *source)
    return Digest(len(answer.runs), len(sources), f"{total % 2**128:032x}")


def _hash(*texts: str) -> int:
    return int.from_bytes(hashlib.blake2b("\0".join(texts).encode(), digest_size=16).digest(), "big")
