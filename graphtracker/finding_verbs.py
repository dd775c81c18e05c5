"""The verbs that find what is stored: runs by a filter, by a name, by a text; what lies at a path."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase

from graphtracker.errors import InvalidInput
from graphtracker.exchange.lists import Artifacts, Found, Runs
from graphtracker.model.display import quoted
from graphtracker.model.limits import checked_text
from graphtracker.model.places import place_of
from graphtracker.model.question import checked_as_of
from graphtracker.model.values import Artifact, Run, run_name
from graphtracker.stores.filters.given import Where
from graphtracker.stores.filters.selection import Selection
from graphtracker.stores.finding import NamedRun, find_run, named_run
from graphtracker.stores.snapshot import Snapshot
from graphtracker.torchx_verbs import AnyRun, TorchXVerbs

_GLOB = re.compile(r"[*?]|\[!?\]?[^]]*\]")  # as fnmatch has them
_IN_IDS = re.compile(r"[/:]")  # what an id has that is longer than its name: without it no ids are looked through


class FindingVerbs(TorchXVerbs):
    """A tracker on one store, with what finds runs and artifacts there."""

    def run(self, run_id: AnyRun) -> Run:
        """The run; raises RunNotFound."""
        checked = self._arguments.run_id(run_id)

        def read(snapshot: Snapshot) -> Run:
            found = snapshot.run(checked)
            if found is None:
                raise self._unknown(snapshot, checked)
            return found

        return self._recorder.read(read)

    def runs(
        self,
        *,
        where: Where | None = None,
        parent_run_id: AnyRun | None = None,
        order_by: str | None = None,
        limit: int | None = None,
        after: AnyRun | None = None,
        as_of: datetime | None = None,
    ) -> Runs:
        """The reported runs that match, newest first, then by id; at most ``limit`` of them, from behind ``after`` on.

        ``where`` is a comparison as Python has it, of metadata keys and of what the run is: ``"lr < 0.01 and optimizer
        in ['adam', 'sgd']"`` (``stores.filters.parsing`` has all its forms), or a mapping of metadata keys to values.
        ``order_by`` is a key, behind ``-`` the greatest first: numbers, text, times, other values, runs without it; of
        equal ones the newest first. ``after``, a run or its id, gives the page after that run, with the same arguments:
        no run comes twice or is left out while others record. ``as_of``, an aware datetime, asks for those that had
        reported by then, with the values that stood then; of one that was updated since, ``updated_at`` is None, and a
        value may be missing that was overwritten. Raises InvalidInput that points at what is no filter. The list has
        ``to_pandas()``, and notebooks show it as a table.

        >>> from graphtracker import GraphTracker
        >>> with GraphTracker(":memory:") as tracker:
        ...     tracker.add_metadata("a", lr=0.1, loss=0.5)
        ...     tracker.add_metadata("b", lr=0.001, loss=0.4)
        ...     [run.run_id for run in tracker.runs(where="lr <= 0.1", order_by="loss", limit=1)]
        ['b']
        """
        condition = self._where(where)
        return Runs(
            self._recorder.read(
                self._selecting(
                    condition,
                    parent_run_id,
                    order_by,
                    limit,
                    after,
                    as_of,
                    lambda snapshot, asked: snapshot.runs(asked),
                )
            )
        )

    def runs_with_artifacts(
        self,
        *,
        where: Where | None = None,
        parent_run_id: AnyRun | None = None,
        order_by: str | None = None,
        limit: int | None = None,
        after: AnyRun | None = None,
        as_of: datetime | None = None,
    ) -> list[tuple[Run, dict[str, Artifact]]]:
        """What ``runs`` finds, each with the artifacts that it logged, by name, out of one view of the store.

        As of an earlier time they are those that stood then, without what has been logged anew since.
        """

        def read(snapshot: Snapshot, asked: Selection) -> list[tuple[Run, dict[str, Artifact]]]:
            found = snapshot.runs(asked)
            logged: dict[str, dict[str, Artifact]] = {run.run_id: {} for run in found}
            for artifact in snapshot.belongings(list(logged)).artifacts if logged else []:
                if stood(artifact, asked.as_of):
                    logged[artifact.run_id][artifact.name] = artifact
            return [(run, logged[run.run_id]) for run in found]

        condition = self._where(where)
        return self._recorder.read(self._selecting(condition, parent_run_id, order_by, limit, after, as_of, read))

    def keys(self, beginning: str = "", *, limit: int = 100) -> list[str]:
        """The metadata keys of runs that begin so, in order, at most so many."""
        checked = checked_text("the beginning of a key", beginning)
        return self._recorder.read(lambda snapshot: snapshot.keys(checked, limit))

    def run_ids_beginning(self, text: str, *, limit: int = 100) -> list[str]:
        """The ids of runs, external ones too, whose name begins so, else that begin so themselves, the latest first.

        Of an empty text they are the newest that reported.
        """
        checked = checked_text("the beginning of a run", text)

        def read(snapshot: Snapshot) -> list[str]:
            if not checked:
                return snapshot.run_ids(Selection(limit=limit))
            found = snapshot.named(checked, beginning=True, limit=limit)
            if not found and _IN_IDS.search(checked):
                found = snapshot.containing(checked, lambda run_id: run_id.startswith(checked), limit)
            return [known.run_id for known in found]

        return self._recorder.read(read)

    def find_run(self, text: str, *, latest: bool = False) -> str:
        """The id of the run, external ones too, that has this id, else this name, else a name that begins so, else an
        id that ends so.

        Where there are several, ``latest`` takes the newest that reported; else InvalidInput lists them with their
        times, newest first. Raises RunNotFound that says what is near.
        """
        checked = self._arguments.run_id(text)
        return self._recorder.read(
            lambda snapshot: find_run(snapshot, checked, self.url, lambda: self._place(checked), latest=latest)
        )

    def find(self, text: str, *, limit: int = 100) -> Found[Run | Artifact]:
        """What has the text in its id (runs, external ones too), or in its name or path (artifacts), newest first.

        Or what matches it as a glob (``*``, ``?``, ``[abc]``), as a whole or by its last segment. The time of a run is
        when it was created, that of an artifact when it was logged last.

        >>> from graphtracker import GraphTracker
        >>> with GraphTracker(":memory:") as tracker:
        ...     tracker.add_artifact("train", "model", "/models/final.pt")
        ...     [(found.run_id, found.name) for found in tracker.find("final.pt")]
        [('train', 'model')]
        """
        wanted = checked_text("what is looked for", text)
        if not wanted:
            raise InvalidInput("what is looked for is empty; give a part of an id, a name or a path")
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
            raise InvalidInput(f"limit must be a whole number of at least 0, not {quoted(limit)}")
        part, matches = _pattern(wanted)
        return Found(self._recorder.read(lambda snapshot: snapshot.find(part, matches, limit)))

    def named_run(self, text: str) -> NamedRun:
        """The run of this id, else the only one of this name, else a new one; raises InvalidInput where several are."""
        return self._recorder.read(lambda snapshot: named_run(snapshot, self._arguments.run_id(text)))

    def consumers(self, run_id: AnyRun, artifact_name: str | None = None) -> list[str]:
        """The ids of the runs that name it as a source, in order; empty for what is unknown.

        With a name: the runs that name that artifact, and those that name the whole run and none of its artifacts.
        """
        name, checked = self._arguments.optional_name(artifact_name), self._arguments.run_id(run_id)
        return self._recorder.read(lambda snapshot: snapshot.consumers(checked, name))

    def find_artifacts(self, path: str | os.PathLike[str], *, as_of: datetime | None = None) -> Artifacts:
        """The artifacts logged at the place of this path, the newest log first, then by run id and name.

        A relative path is one of this process's working folder. As of an earlier time (an aware datetime) they are
        those that lay there then, without what has been logged anew since, of which it is not known.
        """
        place, then = self._place(path), checked_as_of(as_of)
        found = self._recorder.read(lambda snapshot: snapshot.find_artifacts(place))
        return Artifacts(item for item in found if stood(item, then))

    def _place(self, path: str | os.PathLike[str]) -> str:
        return place_of(self._arguments.path(path), os.getcwd)


def stood(artifact: Artifact, then: datetime | None) -> bool:
    """Whether what is known of a logged artifact stood then already."""
    return then is None or (artifact.updated_at is not None and artifact.updated_at <= then)


def _pattern(text: str) -> tuple[str, Callable[[str], bool]]:
    """What every text that is found contains, and what tells whether one is."""
    literal = _GLOB.split(text)
    if len(literal) == 1:
        return text, lambda found: text in found
    return max(
        literal, key=len
    ), lambda found: text in found or fnmatchcase(found, text) or fnmatchcase(run_name(found), text)
