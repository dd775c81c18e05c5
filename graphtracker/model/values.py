"""The values that graphtracker answers with, frozen: Run, Artifact, Source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from graphtracker.model.context_rows import context_rows
from graphtracker.model.html_table import html_table
from graphtracker.model.times import to_the_second

Node = str | tuple[str, str]
"""A run by its id, an artifact by (run id, name)."""

_IN_WORDS = {"run": "run", "external": "external run", "artifact": "artifact", "declared": "declared artifact"}
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+._-]*://[^/?#]*([^?#]*)")


def run_of(node: Node) -> str:
    """The id of the run, or of the artifact's."""
    return node if isinstance(node, str) else node[0]


def run_name(run_id: str) -> str:
    """The name of a run for people: the last segment of the id's path, else the id.

    >>> run_name("local_cwd://torchx/train-abc"), run_name("s3://bucket/data/"), run_name("s3://bucket")
    ('train-abc', 'data', 's3://bucket')
    """
    before, slash, last = run_id.rpartition("/")
    if not slash:
        return run_id
    if last and not before.endswith("/") and "?" not in run_id and "#" not in run_id:
        return last
    url = _URL.match(run_id)
    path = url[1] if url else run_id
    return path.rstrip("/").rpartition("/")[2] or run_id


# A frozen dataclass of its own accord writes each field through object.__setattr__, which takes three times as long as
# an __init__ as below; large answers are mostly made of these values.
@dataclass(frozen=True, init=False)
class Run:
    """One execution.

    ``external`` is True while the run is known only because another named it as a source; it has no ``reported_at``
    then. ``forgotten`` is True once its values, or the run itself, were taken out of the store. ``metadata`` is empty
    when there is none, sorted by key; so is ``context``, what it is remembered by without being told, in the order of
    ``model.context.KEYS``. Times are aware UTC datetimes: ``created_at`` is the least event time of any event that
    mentions the run, ``reported_at`` and ``updated_at`` the least and the greatest of its own recording calls. As of an
    earlier time, ``updated_at`` is None where it is later.
    """

    run_id: str
    name: str
    external: bool
    forgotten: bool
    metadata: Mapping[str, object] = field(hash=False)
    context: Mapping[str, object] = field(hash=False)
    created_at: datetime
    reported_at: datetime | None
    updated_at: datetime | None

    def __init__(
        self,
        run_id: str,
        name: str,
        external: bool,
        forgotten: bool,
        metadata: Mapping[str, object],
        context: Mapping[str, object],
        created_at: datetime,
        reported_at: datetime | None,
        updated_at: datetime | None,
    ) -> None:
        fields = self.__dict__
        fields["run_id"] = run_id
        fields["name"] = name
        fields["external"] = external
        fields["forgotten"] = forgotten
        fields["metadata"] = metadata
        fields["context"] = context
        fields["created_at"] = created_at
        fields["reported_at"] = reported_at
        fields["updated_at"] = updated_at

    @property
    def kind(self) -> Literal["run", "external"]:
        """Whether it ever reported."""
        return "external" if self.external else "run"

    @property
    def described(self) -> str:
        """Its kind in words, and whether it is forgotten."""
        return f"forgotten {_IN_WORDS[self.kind]}" if self.forgotten else _IN_WORDS[self.kind]

    def _repr_html_(self) -> str:
        rows = [("run_id", self.run_id), *times(self), *context_rows(self.context)]
        return html_table(f"{self.described} {self.name}", rows, self.metadata)


@dataclass(frozen=True, init=False)
class Artifact:
    """A named output of a run; ``(run_id, name)`` is its identity.

    ``path`` is as it was written, ``place`` its canonical form, by which paths are compared. ``declared`` is True while
    a source names the artifact and nobody has logged it: ``path``, ``place``, ``logged_at`` and ``updated_at`` are None
    then and ``metadata`` is empty. ``logged_at`` is the time of the first log, ``updated_at`` of the one that stands.
    Of a forgotten run, and as of a time before the log that stands, there is neither path nor metadata.
    """

    run_id: str
    name: str
    path: str | None
    place: str | None
    declared: bool
    metadata: Mapping[str, object] = field(hash=False)
    created_at: datetime
    logged_at: datetime | None
    updated_at: datetime | None

    def __init__(
        self,
        run_id: str,
        name: str,
        path: str | None,
        place: str | None,
        declared: bool,
        metadata: Mapping[str, object],
        created_at: datetime,
        logged_at: datetime | None,
        updated_at: datetime | None,
    ) -> None:
        fields = self.__dict__
        fields["run_id"] = run_id
        fields["name"] = name
        fields["path"] = path
        fields["place"] = place
        fields["declared"] = declared
        fields["metadata"] = metadata
        fields["created_at"] = created_at
        fields["logged_at"] = logged_at
        fields["updated_at"] = updated_at

    @property
    def kind(self) -> Literal["artifact", "declared"]:
        """Whether anybody logged it."""
        return "declared" if self.declared else "artifact"

    @property
    def described(self) -> str:
        """Its kind in words."""
        return _IN_WORDS[self.kind]

    def _repr_html_(self) -> str:
        there = [(name, text) for name, text in (("path", self.path), ("place", self.place)) if text is not None]
        rows = [("run_id", self.run_id), *there, *times(self)]
        return html_table(f"{self.described} {self.name}", rows, self.metadata)


@dataclass(frozen=True, init=False)
class Source:
    """What a run was made from: the artifact of another run, or, where ``artifact_name`` is None, the whole run.

    ``created_at``, an aware UTC datetime, is the least time at which the run named it; two sources are equal whatever
    theirs are.
    """

    run_id: str
    source_run_id: str
    artifact_name: str | None
    created_at: datetime = field(compare=False)

    def __init__(self, run_id: str, source_run_id: str, artifact_name: str | None, created_at: datetime) -> None:
        fields = self.__dict__
        fields["run_id"] = run_id
        fields["source_run_id"] = source_run_id
        fields["artifact_name"] = artifact_name
        fields["created_at"] = created_at

    @property
    def kind(self) -> Literal["used", "derived"]:
        """Whether it is an artifact that was used, or a whole run that was derived from."""
        return "derived" if self.artifact_name is None else "used"

    @property
    def node(self) -> Node:
        """What the run was made from: the artifact, or the whole run."""
        return self.source_run_id if self.artifact_name is None else (self.source_run_id, self.artifact_name)


def times(node: Run | Artifact) -> list[tuple[str, str]]:
    """The names of its times that are known, in the order of what they tell, with each as people read it."""
    first = ("reported_at", node.reported_at) if isinstance(node, Run) else ("logged_at", node.logged_at)
    known = (("created_at", node.created_at), first, ("updated_at", node.updated_at))
    return [(name, to_the_second(at)) for name, at in known if at is not None]
