"""The values that graphtracker answers with, frozen: Run, Artifact, Source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from graphtracker.model.html_table import html_table

Node = str | tuple[str, str]
"""A run by its id, an artifact by (run id, name)."""

_IN_WORDS = {"run": "run", "external": "external run", "artifact": "artifact", "declared": "declared artifact"}
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+._-]*://[^/?#]*([^?#]*)")


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

    ``external`` is True while the run is known only because another named it as a source; it has no ``updated_at``
    then. ``created_at`` is the least event time of any event that mentions the run, ``updated_at`` the greatest of its
    own recording calls; both are aware UTC datetimes. ``metadata`` is empty when there is none, sorted by key.
    """

    run_id: str
    name: str
    external: bool
    metadata: Mapping[str, object] = field(hash=False)
    created_at: datetime
    updated_at: datetime | None

    def __init__(
        self,
        run_id: str,
        name: str,
        external: bool,
        metadata: Mapping[str, object],
        created_at: datetime,
        updated_at: datetime | None,
    ) -> None:
        fields = self.__dict__
        fields["run_id"] = run_id
        fields["name"] = name
        fields["external"] = external
        fields["metadata"] = metadata
        fields["created_at"] = created_at
        fields["updated_at"] = updated_at

    @property
    def kind(self) -> Literal["run", "external"]:
        """Whether it ever reported."""
        return "external" if self.external else "run"

    @property
    def described(self) -> str:
        """Its kind in words."""
        return _IN_WORDS[self.kind]

    def _repr_html_(self) -> str:
        rows = [("run_id", self.run_id), *_times(self)]
        return html_table(f"{self.described} {self.name}", rows, self.metadata)


@dataclass(frozen=True, init=False)
class Artifact:
    """A named output of a run; ``(run_id, name)`` is its identity.

    ``declared`` is True while a source names it and nobody has logged it: ``path`` and ``updated_at`` are None then and
    ``metadata`` is empty.
    """

    run_id: str
    name: str
    path: str | None
    declared: bool
    metadata: Mapping[str, object] = field(hash=False)
    created_at: datetime
    updated_at: datetime | None

    def __init__(
        self,
        run_id: str,
        name: str,
        path: str | None,
        declared: bool,
        metadata: Mapping[str, object],
        created_at: datetime,
        updated_at: datetime | None,
    ) -> None:
        fields = self.__dict__
        fields["run_id"] = run_id
        fields["name"] = name
        fields["path"] = path
        fields["declared"] = declared
        fields["metadata"] = metadata
        fields["created_at"] = created_at
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
        path = [] if self.path is None else [("path", self.path)]
        rows = [("run_id", self.run_id), *path, *_times(self)]
        return html_table(f"{self.described} {self.name}", rows, self.metadata)


@dataclass(frozen=True, init=False)
class Source:
    """What a run was made from: the artifact of another run, or, where ``artifact_name`` is None, the whole run."""

    run_id: str
    source_run_id: str
    artifact_name: str | None

    def __init__(self, run_id: str, source_run_id: str, artifact_name: str | None) -> None:
        fields = self.__dict__
        fields["run_id"] = run_id
        fields["source_run_id"] = source_run_id
        fields["artifact_name"] = artifact_name

    @property
    def kind(self) -> Literal["used", "derived"]:
        """Whether it is an artifact that was used, or a whole run that was derived from."""
        return "derived" if self.artifact_name is None else "used"

    @property
    def node(self) -> Node:
        """What the run was made from: the artifact, or the whole run."""
        return self.source_run_id if self.artifact_name is None else (self.source_run_id, self.artifact_name)


def _times(node: Run | Artifact) -> list[tuple[str, str]]:
    known = [("created_at", node.created_at), ("updated_at", node.updated_at)]
    return [(name, f"{at:%Y-%m-%d %H:%M:%S} UTC") for name, at in known if at is not None]
