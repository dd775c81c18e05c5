"""Which events a store may refuse for good, and for which everything waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from graphtracker import AccessDenied, InvalidInput, SchemaMismatch, StoreError, StoreUnavailable
from graphtracker.errors import TooLarge
from graphtracker.model.events import Event, MetadataSet, Reported, Said, SourceNamed, stamps
from graphtracker.spool.fitting import Unwritten, write_what_fits
from graphtracker.stores.filters.selection import Selection
from graphtracker.stores.sqlite.store import SQLiteStore
from graphtracker.stores.urls import parse


class Picky(SQLiteStore):
    """A store in memory that raises at some events; ``sizes`` are those of the writes that it took."""

    def __init__(self, check: Callable[[Sequence[Event]], None]) -> None:
        super().__init__(parse(":memory:"))
        self._check = check
        self.sizes: list[int] = []

    def write(self, events: Sequence[Event], *, said: Said | None = None) -> None:
        self._check(events)
        super().write(events)
        self.sizes.append(len(events))

    def runs(self) -> list[str]:
        return sorted(self.read(lambda snapshot: snapshot.run_ids(Selection())))


CALLS: list[list[Event]] = [[Reported(f"{call}-{number}", *stamps(1)) for number in range(4)] for call in range(8)]
RUNS = sorted(event[0] for call in CALLS for event in call)


def raising(error: Exception, at: str) -> Callable[[Sequence[Event]], None]:
    """Raises at the values of this run (and not where only the run itself is said to have reported)."""

    def check(events: Sequence[Event]) -> None:
        if any(event[0] == at and isinstance(event, (MetadataSet, SourceNamed)) for event in events):
            raise error

    return check


def with_value(run_id: str) -> list[list[Event]]:
    """The calls, and in the middle one that sets a value of this run."""
    return [*CALLS[:3], [MetadataSet(run_id, "key", "value", *stamps(1)), *CALLS[3]], *CALLS[4:]]


def left(unwritten: Unwritten) -> tuple[list[str], list[str]]:
    return [event[0] for event, _ in unwritten.refused], [event[0] for event, _ in unwritten.too_large]


def test_what_fits_is_written_at_once() -> None:
    store = Picky(lambda events: None)
    assert left(write_what_fits(store, CALLS)) == ([], [])
    assert (store.sizes, store.runs()) == ([len(RUNS)], RUNS)
    assert left(write_what_fits(store, [])) == ([], [])


@pytest.mark.parametrize(
    "error", [InvalidInput("no"), TypeError("no"), ValueError("no"), OverflowError("no"), RecursionError("no")]
)
def test_an_event_that_cannot_be_held_is_refused_alone(error: Exception) -> None:
    store = Picky(raising(error, "odd"))
    unwritten = write_what_fits(store, with_value("odd"))
    assert left(unwritten) == (["odd"], [])
    assert unwritten.refused[0][1] is error
    assert [run_id for run_id in store.runs() if run_id != "odd"] == RUNS


@pytest.mark.parametrize(
    "error",
    [StoreError("the disk is full"), StoreUnavailable("away"), AccessDenied("no rights"), SchemaMismatch("newer")],
)
def test_what_is_wrong_with_the_store_refuses_nothing(error: StoreError) -> None:
    store = Picky(raising(error, "odd"))
    with pytest.raises(type(error)) as raised:
        write_what_fits(store, with_value("odd"))
    assert raised.value is error
    assert store.runs() == []


@pytest.mark.parametrize("error", [OSError("the line is cut"), MemoryError(), RuntimeError("can't start new thread")])
def test_an_error_that_nobody_knows_is_the_stores(error: Exception) -> None:
    with pytest.raises(StoreError, match=type(error).__name__):
        write_what_fits(Picky(raising(error, "odd")), with_value("odd"))


@pytest.mark.parametrize("error", [UnicodeError("label too long"), TypeError("an unexpected keyword")])
def test_a_store_that_fails_at_everything_refuses_nothing(error: Exception) -> None:
    def fail(events: Sequence[Event]) -> None:
        raise error

    for calls in (CALLS, [[MetadataSet("alone", "key", 1, *stamps(1))]]):
        with pytest.raises(StoreError, match=type(error).__name__) as raised:
            write_what_fits(Picky(fail), calls)
        assert raised.value.__cause__ is error


@pytest.mark.parametrize("most", [1, 3, 4, 7, 16])
def test_a_store_that_takes_no_more_at_once_gets_it_in_parts(most: int) -> None:
    def check(events: Sequence[Event]) -> None:
        if len(events) > most:
            raise TooLarge("too many")

    store = Picky(check)
    assert left(write_what_fits(store, CALLS)) == ([], [])
    assert store.runs() == RUNS
    if most >= 4:
        assert all(size % 4 == 0 for size in store.sizes), "a call is split only where it alone is too large"


def test_an_event_too_large_alone_waits_and_those_behind_it_do_not() -> None:
    store = Picky(raising(TooLarge("it needs more memory"), "large"))
    unwritten = write_what_fits(store, with_value("large"))
    assert left(unwritten) == ([], ["large"])
    assert unwritten.reason == "it needs more memory"
    assert store.runs() == RUNS


def test_what_was_written_before_the_store_failed_stays() -> None:
    error = StoreError("the disk is full")

    def check(events: Sequence[Event]) -> None:
        if len(events) > 8:
            raise TooLarge("too many")
        if any(event[0] == "5-0" for event in events):
            raise error

    store = Picky(check)
    with pytest.raises(StoreError, match="disk is full"):
        write_what_fits(store, CALLS)
    assert store.runs() == RUNS[:16]
