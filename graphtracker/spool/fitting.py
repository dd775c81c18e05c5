"""The writing of calls to a store that may not take all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from graphtracker.errors import InvalidInput, StoreError, TooLarge, reason_of
from graphtracker.model.display import printable, quoted
from graphtracker.model.events import Event, Reported
from graphtracker.stores.contract import Store

BATCH_BYTES = 8 << 20
"""Bytes of lines, about as many as a server takes in one transaction whose memory is bound as in Neo4j's defaults."""

_OF_A_VALUE = (TypeError, ValueError, OverflowError, RecursionError)  # what Python raises at a value nobody thought of


@dataclass
class Unwritten:
    """The events that a store did not take: ``refused`` for what is wrong with each of them, which no later try mends;
    ``too_large`` each alone more than the store can take now."""

    refused: list[tuple[Event, Exception]] = field(default_factory=list)
    too_large: list[tuple[Event, Exception]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.refused) + len(self.too_large)

    def add(self, more: Unwritten) -> None:
        """Those of another part, too."""
        self.refused += more.refused
        self.too_large += more.too_large

    @property
    def reason(self) -> str:
        """Why, of the first of them."""
        return reason_of([*self.refused, *self.too_large][0][1])


def write_what_fits(store: Store, calls: Sequence[Sequence[Event]]) -> Unwritten:
    """Writes the events of these calls, whole calls as far as they can be; returns those that the store did not take.

    Only what is wrong with an event itself makes it one that is refused. Whatever else goes wrong (a full disk, a busy
    store, rights, an error that nobody knows) raises StoreError: what was not written before waits.
    """
    unwritten = Unwritten()
    _write_calls(store, calls, unwritten)
    return unwritten


def _write_calls(store: Store, calls: Sequence[Sequence[Event]], unwritten: Unwritten) -> None:
    if len(calls) == 1:
        _write_events(store, calls[0], unwritten)
    elif calls and _failure(store, [event for call in calls for event in call]) is not None:
        half = len(calls) // 2
        _write_calls(store, calls[:half], unwritten)
        _write_calls(store, calls[half:], unwritten)


def _write_events(store: Store, events: Sequence[Event], unwritten: Unwritten) -> None:
    error = _failure(store, events) if events else None
    if error is None:
        return
    if len(events) > 1:
        half = len(events) // 2
        _write_events(store, events[:half], unwritten)
        _write_events(store, events[half:], unwritten)
    elif isinstance(error, TooLarge):
        unwritten.too_large.append((events[0], error))
    else:
        _check_works(store, events[0], error)
        unwritten.refused.append((events[0], error))


def _failure(store: Store, events: Sequence[Event]) -> Exception | None:
    """What keeps these events, together, from being written; None where they are. Raises what keeps all from it."""
    try:
        store.write(events)
    except (TooLarge, InvalidInput) as error:
        return error
    except StoreError:
        raise
    except _OF_A_VALUE as error:
        return error
    except Exception as error:
        raise _unknown(store, error) from error
    return None


def _check_works(store: Store, event: Event, error: Exception) -> None:
    """Raises StoreError where Python's own error came from a store that takes nothing, as from a host that is no name.

    Asked with the least that the event says, that its run reported: it says so by itself, whatever comes with it.
    """
    if not isinstance(error, InvalidInput) and _failure(store, [Reported(event[0], event[-1])]) is not None:
        raise _unknown(store, error) from error


def _unknown(store: Store, error: Exception) -> StoreError:
    return StoreError(f"the store {quoted(store.url)} failed ({printable(reason_of(error))}); what is left waits")
