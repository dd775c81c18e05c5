"""What the nodes of an answer are called."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise
from os.path import commonprefix

from graphtracker.model.question import Answer
from graphtracker.model.values import Node, Run, run_name, run_of


class Names:
    """Names nodes n0, n1, … in the order of ids, runs before artifacts, so that the syntax of a format meets no id.

    Looks them up without a table of its own.
    """

    def __init__(self, answer: Answer) -> None:
        self._runs, self._artifacts = sorted(answer.runs), sorted(answer.artifacts)
        # Whoever goes over links in order asks for the same run, and the same artifact, again and again.
        self._run: tuple[str | None, str] = (None, "")
        self._artifact: tuple[Node | None, str] = (None, "")

    def runs(self) -> Iterator[tuple[str, str]]:
        """Name with id of each run, in order."""
        return ((f"n{number}", run_id) for number, run_id in enumerate(self._runs))

    def artifacts(self) -> Iterator[tuple[str, str, tuple[str, str]]]:
        """Name, name of its run, key of each artifact, in order."""
        named, (run, run_id) = self.runs(), ("", None)
        for number, key in enumerate(self._artifacts, len(self._runs)):
            while run_id != key[0]:  # both are in the order of ids
                run, run_id = next(named)
            yield f"n{number}", run, key

    def __getitem__(self, node: Node) -> str:
        """The name of a node that is in the answer."""
        if isinstance(node, str):
            if node != self._run[0]:
                self._run = node, f"n{bisect_left(self._runs, node)}"
            return self._run[1]
        if node is not self._artifact[0]:
            self._artifact = node, f"n{len(self._runs) + bisect_left(self._artifacts, node)}"
        return self._artifact[1]


def labelled(run_ids: Iterable[str]) -> dict[str, str]:
    """Id → what people call the run among these: by its name, by its id where several have one name."""
    named: dict[str, set[str]] = {}
    for run_id in run_ids:
        named.setdefault(run_name(run_id), set()).add(run_id)
    return {run_id: name if len(ids) == 1 else run_id for name, ids in named.items() for run_id in ids}


def beginning(names: Iterable[str]) -> str:
    """What all of these names begin with, of which there is at least one."""
    return commonprefix(list(names))  # noqa: RUF071  # of characters, as is meant


class Labels:
    """What people call the runs of an answer: by their names, by their ids where several have one name."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        names = sorted(run.name for run in answer.runs.values())
        self._shared = frozenset(first for first, second in pairwise(names) if first == second)

    def __getitem__(self, run: Run) -> str:
        """The label of a run that is in the answer."""
        return run.run_id if run.name in self._shared else run.name

    def of_asked(self, run_id: str) -> str:
        """The label of a run that was asked about: what no path leads from, or to, is not in the answer."""
        run, question = self._answer.runs.get(run_id), self._answer.question
        if run is not None or question is None:
            return self[self._answer.runs[run_id]]
        return labelled(run_of(node) for node in (question.start, question.begin) if node is not None)[run_id]
