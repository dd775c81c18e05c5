"""Everything graphtracker raises, as one tree.

::

    GraphTrackerError
    ├── StoreError              a store cannot be used
    │   ├── StoreUnavailable    it does not answer, or another writer holds it
    │   ├── AccessDenied        wrong credentials or rights
    │   ├── SchemaMismatch      a newer graphtracker wrote it, or what others put there clashes
    │   └── TooLarge            it cannot take so many events at once
    ├── NotFound                (LookupError)
    │   ├── RunNotFound
    │   └── ArtifactNotFound
    ├── InvalidInput            (ValueError) refused; nothing of the call was stored
    ├── MissingExtra            (ImportError) something has to be installed first
    └── IncompleteLineage       strict=True, and the answer is not whole (it stands in lineage.py, since it holds one)
"""

from __future__ import annotations


class GraphTrackerError(Exception):
    """What every error of graphtracker descends from."""


class StoreError(GraphTrackerError):
    """A store cannot be used; the message names it, without its password."""


class StoreUnavailable(StoreError):
    """The store does not answer, or another writer held it for longer than the busy timeout."""


class AccessDenied(StoreError):
    """The store refused these credentials or rights."""


class SchemaMismatch(StoreError):
    """The store was written by a newer graphtracker, or holds what clashes with our schema; nothing was changed."""


class TooLarge(StoreError):
    """The store cannot take this many events at once; in parts it may. Nothing of them was stored."""


class NotFound(GraphTrackerError, LookupError):
    """The store, or the answer, does not hold what was asked for."""


class RunNotFound(NotFound):
    """Nothing ever named this run, neither as a run nor as a source."""


class ArtifactNotFound(NotFound):
    """Nobody logged this artifact or named it as a source."""


class InvalidInput(GraphTrackerError, ValueError):
    """An argument was refused; nothing of the call was stored."""


class MissingExtra(GraphTrackerError, ImportError):
    """Something optional is not installed; the message names it."""


def reason_of(error: Exception) -> str:
    """What happened, for a line of log: our own errors say it, of others the type is named, too."""
    return str(error) if isinstance(error, GraphTrackerError) else f"{type(error).__name__}: {error}"
