"""Which of the artifacts that lie at one place is the newest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from itertools import islice

from graphtracker.model.values import Artifact

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def newest_first(artifacts: Iterable[Artifact]) -> list[Artifact]:
    """Logged artifacts, those whose log is the newest first, then by run id and name."""
    by_id = sorted(artifacts, key=lambda artifact: (artifact.run_id, artifact.name))
    return sorted(by_id, key=lambda artifact: artifact.updated_at or _EPOCH, reverse=True)


def newest_of_two_runs(newest: Sequence[Artifact]) -> list[Artifact]:
    """Of artifacts in the order of ``newest_first`` the first, and the first of another run, where there are any."""
    others = (item for item in newest if item.run_id != newest[0].run_id)
    return [*newest[:1], *islice(others, 1)]
