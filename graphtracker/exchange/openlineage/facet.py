"""Our run facet ``graphtracker_run``: a run with all that OpenLineage has no words for.

Its ``runs``, ``artifacts`` and ``sources`` are those of ``Lineage.to_dict()``: the run, its artifacts, its sources, and
the external runs (with their declared artifacts) that it names and no event before told of, since they have none.
"""

from __future__ import annotations

from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.exchange.dicts import FORMAT, artifact_to_dict, run_to_dict, source_to_dict
from graphtracker.exchange.fields import Misshapen
from graphtracker.exchange.from_dicts import part_from_dict
from graphtracker.exchange.openlineage.schemas import OF_OUR_OWN
from graphtracker.model.display import quoted
from graphtracker.model.question import Answer
from graphtracker.model.values import Artifact, Run, Source

FACET = "graphtracker_run"
_FORMAT = "graphtracker"  # the field that has the version of the layout

ITSELF = frozenset({_FORMAT, *OF_OUR_OWN})
"""The fields that a facet has besides what it holds."""


class Externals:
    """The external runs of an answer, each told of once."""

    def __init__(self, answer: Answer) -> None:
        self._runs = {run_id: run for run_id, run in answer.runs.items() if run.external}
        self._declared: dict[str, list[Artifact]] = {run_id: [] for run_id in self._runs}
        for artifact in answer.artifacts.values() if self._runs else ():
            if artifact.run_id in self._runs:
                self._declared[artifact.run_id].append(artifact)

    def untold(self, sources: list[Source]) -> tuple[list[Run], list[Artifact]]:
        """Those that these sources name, with their artifacts."""
        runs = [run for source in sources if (run := self._runs.pop(source.source_run_id, None))]
        return runs, [artifact for run in runs for artifact in self._declared.pop(run.run_id)]


def facet_of(run: Run, artifacts: list[Artifact], sources: list[Source], externals: Externals) -> dict[str, Any]:
    """The facet of a run."""
    others, declared = externals.untold(sources)
    return {
        **OF_OUR_OWN,
        _FORMAT: FORMAT,
        "runs": [run_to_dict(each) for each in (run, *others)],
        "artifacts": [artifact_to_dict(artifact) for artifact in (*artifacts, *declared)],
        "sources": [source_to_dict(source) for source in sources],
    }


def check_format(facet: Any) -> None:
    """Raises InvalidInput for a facet of another format, which may hold anything."""
    if type(facet) is not dict or type(facet.get(_FORMAT)) is not int or facet[_FORMAT] != FORMAT:
        raise InvalidInput(f"{FACET} is {quoted(facet)}, not of format {FORMAT}; another graphtracker wrote it")


def check(facet: dict[str, Any]) -> None:
    """Raises InvalidInput that says where a facet of our format is something else than ``facet_of`` makes."""
    told = {name: value for name, value in facet.items() if name not in ITSELF}
    try:
        part_from_dict(told)
    except Misshapen as error:
        raise InvalidInput(f"{FACET}.{error}") from error
