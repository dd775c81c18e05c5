"""The verb that asks what bad runs share, by a question about several runs at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from graphtracker.errors import InvalidInput
from graphtracker.finding_verbs import FindingVerbs
from graphtracker.lineage import Lineage
from graphtracker.model.display import quoted
from graphtracker.model.question import JointQuestion, Question
from graphtracker.model.values import Node
from graphtracker.recording.arguments import is_run
from graphtracker.stores.filters.conditions import Condition
from graphtracker.stores.filters.given import Where
from graphtracker.stores.filters.patterns import patterns
from graphtracker.stores.filters.selection import Selection
from graphtracker.stores.snapshot import Snapshot
from graphtracker.torchx_verbs import AnyRun

if TYPE_CHECKING:
    from graphtracker.analysis.contrast import Contrast
    from graphtracker.analysis.explaining import Sides


class ContrastVerb(FindingVerbs):
    """A tracker on one store, with the question what some runs have in common that others lack."""

    def contrast(
        self,
        bad: AnyRun | Iterable[AnyRun] = (),
        good: AnyRun | Iterable[AnyRun] = (),
        *,
        bad_where: Where | None = None,
        good_where: Where | None = None,
        depth: int | None = None,
        ignore: Iterable[str] = (),
        strict: bool = False,
    ) -> Contrast:
        """What the bad runs share upstream that the good ones lack, best explanation first.

        ``bad_where`` and ``good_where``, filters as in ``runs``, add the runs that match. Compared are the runs and
        artifacts that the runs came from, places, values upstream, and their own metadata, but for the keys that the
        filters are about, or that ``ignore`` has patterns of (as in ``fnmatch``): ``KEY``, of artifacts ``NAME.KEY``
        too. What the runs cannot tell apart is one explanation. ``p`` is that of Fisher's exact test, one-sided, not
        corrected for the number compared; a cause it does not prove. ``depth`` bounds the sources walked; ``strict``
        raises IncompleteLineage where the lineage is not whole. Raises InvalidInput without a bad run, where a run is
        in both, or where ``good_where`` is given and there is no good run; RunNotFound.

        >>> from graphtracker import GraphTracker
        >>> with GraphTracker(":memory:") as tracker:
        ...     for name, tokenizer in {"a": "v2", "b": "v2", "c": "v1", "d": "v1"}.items():
        ...         tracker.record(f"tokenize-{name}", metadata={"tokenizer": tokenizer})
        ...         tracker.add_source(f"train-{name}", f"tokenize-{name}")
        ...     contrast = tracker.contrast(["train-a", "train-b"], ["train-c", "train-d"])
        ...     [(best.bad, best.good, str(best.values[0])) for best in contrast.explanations[:1]]
        [(2, 0, 'tokenizer = v2')]
        """
        from graphtracker.analysis.explaining import checked_sides, contrast  # for those who ask
        from graphtracker.analysis.ignoring import Ignored

        given = self._run_ids(bad), self._run_ids(good)
        filters = self._where(bad_where), self._where(good_where)
        ignored = [*Ignored(ignore).patterns, *patterns(filters[0]), *patterns(filters[1])]

        def read(snapshot: Snapshot) -> tuple[Sides, Lineage]:
            of_bad, of_good = (_matching(snapshot, each) for each in filters)
            sides = checked_sides((*given[0], *of_bad), (*given[1], *of_good))
            if filters[1] is not None and not sides.good:
                raise InvalidInput("no run matches good_where; mend it, or leave it out to ask what the bad runs share")
            return sides, self._joined(snapshot, self._joint((*sides.bad, *sides.good), depth))

        sides, lineage = self._recorder.read(read)
        if strict:
            self._check_whole(lineage)
        return contrast(lineage, sides, ignore=ignored)

    def _joint(self, starts: tuple[Node, ...], depth: int | None) -> JointQuestion:
        for start in starts[:1]:
            self._question(*run_and_name(start), "upstream", depth, None, None)  # checks depth
        return JointQuestion(tuple(dict.fromkeys(starts)), "upstream", depth)

    def _joined(self, snapshot: Snapshot, question: JointQuestion) -> Lineage:
        """The answer about several starts, all of which must be there."""
        lineage = self._lineage.from_answer(snapshot.lineages(question))
        for start in question.starts:
            if start not in lineage:
                self._answered(snapshot, Question(*run_and_name(start), direction="upstream", depth=0))
        return lineage

    def _run_ids(self, runs: AnyRun | Iterable[AnyRun]) -> tuple[str, ...]:
        """The ids of one run, or of several in their order."""
        several = cast("Iterable[AnyRun]", [runs] if isinstance(runs, str) or is_run(runs) else runs)
        if not isinstance(several, Iterable):
            raise InvalidInput(f"runs are given by their ids, or as a list of these, not as {quoted(runs)}")
        return tuple(map(self._arguments.run_id, several))


def run_and_name(node: Node) -> tuple[str, str | None]:
    """The run id, and the name where it is an artifact."""
    return (node, None) if isinstance(node, str) else node


def _matching(snapshot: Snapshot, condition: Condition | None) -> list[str]:
    return [] if condition is None else snapshot.run_ids(Selection(condition))
