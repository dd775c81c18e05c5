"""What every store does, wherever it keeps lineage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from graphtracker.errors import InvalidInput, StoreError
from graphtracker.model.display import quoted
from graphtracker.model.events import Event, Said
from graphtracker.stores.snapshot import Snapshot

Answered = TypeVar("Answered")

BATCH = 5000
"""Events, about as many as are worth a transaction where there are many to write; a call is never split."""


class Store(ABC):
    """Where lineage is kept.

    ``write`` is a merge by stamp: idempotent (the same events again change nothing), free of order, atomic (all of its
    events or none), durable against the death of the process when it returns, and safe from many threads, forked
    children and other processes at the same time. Reads never create a store: one that is missing is empty.

    A store is made from its StoreURL, opens on use, and can be pickled. Every method raises StoreError
    (StoreUnavailable, AccessDenied, SchemaMismatch) that names ``url``. Ids, names and keys have been checked by the
    caller.
    """

    url: str
    """The URL as it may be shown: without its password."""

    @abstractmethod
    def write(self, events: Sequence[Event], *, said: Said | None = None) -> None:
        """Merges the events in one transaction.

        ``said`` is how calls of this process say them, None where they come from elsewhere (a spool, another store).
        Calls raise InvalidInput for a run that is forgotten; events of elsewhere on such a run are void but for their
        times. Where calls are made ``now`` and the store holds a later value of one of their keys (this machine's clock
        is behind), they are stamped anew, so that they stand. Of events that go to a spool nothing is changed.
        """

    @abstractmethod
    def read(self, work: Callable[[Snapshot], Answered]) -> Answered:
        """Returns what ``work`` makes of one view of the store; it may be called again where the store asks for it."""

    @abstractmethod
    def events(self) -> Iterator[list[Event]]:
        """Every event, stamps kept, those of a few runs at a time: all that was there at the call."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is anything to read."""

    @abstractmethod
    def health(self) -> dict[str, object]:
        """What ``doctor`` tells of the store, in reading order; raises an error that says what is wrong.

        ``"store"`` is its kind; ``"writable"``, if there, is True or what stands in the way.
        """

    def erase(self) -> None:  # noqa: B027  # most stores have nothing to do
        """Leaves nothing of what was forgotten where the store keeps its data; ``close`` does so, too."""

    @abstractmethod
    def close(self) -> None:
        """Ends connections; a later call opens them again."""

    @property
    def in_call(self) -> bool:
        """Whether this thread is in the middle of a call, so that what it writes now is durable only after that one."""
        return False


class OnForgotten(InvalidInput):
    """A call on a run that is forgotten."""


def refused(forgotten: Iterable[str]) -> OnForgotten:
    """The error that a call on these runs, which are forgotten, raises."""
    return OnForgotten(f"run {quoted(min(forgotten))} was forgotten, for ever; record under another id")


@runtime_checkable
class ServesBrowser(Protocol):
    """A store that Neo4j Browser can look at."""

    def browser_url(self, run_id: str | None, browser: str | None) -> str:
        """The address with the lineage of a run, or the recent runs, in the editor; ``browser`` is where it is."""


def browser_of(store: Store) -> ServesBrowser:
    """The store, if Neo4j Browser can look at it; raises StoreError."""
    if isinstance(store, ServesBrowser):
        return store
    raise StoreError(
        f"{quoted(store.url)} has no Neo4j Browser, only a Neo4j has one; take it there with "
        "`graphtracker copy FROM TO`, or draw it with `graphtracker export -o lineage.svg`"
    )
