"""The delivery of spools that others recorded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from graphtracker.errors import GraphTrackerError, StoreError
from graphtracker.model.display import printable, quoted
from graphtracker.spool.destination import destination
from graphtracker.spool.fitting import Unwritten, write_what_fits
from graphtracker.spool.folder import default_spools, spools_in
from graphtracker.spool.lines import to_line
from graphtracker.spool.reader import SpoolReader
from graphtracker.spool.state import UnreadableSpool
from graphtracker.stores.contract import Store
from graphtracker.stores.opening import open_store
from graphtracker.stores.urls import without_password


@dataclass
class Synced:
    """What became of one spool, or of what was found in its place.

    ``events`` were (or, in a dry run, would be) written to ``store``. ``trouble`` has a line for each that could not
    be, and for those that the process itself had lost; ``aside`` is the file that keeps what no store can take.
    ``removed`` is whether the spool is gone: not while its process may live (``alive``, for the reason ``doubt``), nor
    where not all could be written (``failed``): the rest waits in it.
    """

    path: str
    store: str | None
    events: int = 0
    removed: bool = False
    alive: bool = False
    doubt: str | None = None
    failed: bool = False
    aside: str | None = None
    trouble: list[str] = field(default_factory=list)


def sync(
    place: str | None = None,
    *,
    to: str | None = None,
    keep: bool = False,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Synced]:
    """Delivers the spools of a folder, or one spool file, one after the other, each to the store that it names.

    None is the default folder, with the temporary one that stands in for it. Raises StoreError where there is no such
    place. ``to`` is another store for all of them; one that others may have written needs it. A spool is removed once
    all of it is there, unless its process may live or it is to be kept. Each may be delivered by others at the same
    time, which changes nothing.
    """
    written = 0
    stores = _Stores()
    for found in _found(place):
        if isinstance(found, UnreadableSpool):
            yield Synced(found.path, None, failed=True, trouble=[str(found)])
            continue
        done = Synced(found.path, found.header.shown if to is None else without_password(to))
        try:
            url = destination(found, to)
            if dry_run:
                done.events = found.counted()
                _tell_wrong(found, done)
            else:
                stores.deliver(found, url, done, _Wishes(keep, written, progress))
        except GraphTrackerError as error:
            done.failed = True
            done.trouble.append(str(error))
        written += done.events
        yield done
    stores.close()


def _found(place: str | None) -> Iterator[SpoolReader | UnreadableSpool]:
    if place is None:
        yield from default_spools()
        return
    if not os.path.exists(place):
        raise StoreError(f"there is no spool at {quoted(place)}; name a folder or a .jsonl file")
    yield from spools_in(place)


@dataclass(frozen=True)
class _Wishes:
    """How spools are to be delivered: ``keep`` them; tell ``progress`` how many events have been, with those
    ``before``."""

    keep: bool = False
    before: int = 0
    progress: Callable[[int], None] | None = None


class _Stores:
    """The stores of one sync, each opened once, and not asked again once it has failed."""

    def __init__(self) -> None:
        self._opened: dict[str, Store] = {}
        self._errors: dict[str, StoreError] = {}

    def deliver(self, spool: SpoolReader, url: str, done: Synced, wishes: _Wishes) -> None:
        """Delivers one spool to the store of this URL; raises GraphTrackerError."""
        if url in self._errors:
            raise self._errors[url]
        try:
            if url not in self._opened:
                self._opened[url] = open_store(url)
            _deliver(spool, self._opened[url], done, wishes)
        except UnreadableSpool:
            raise
        except StoreError as error:
            self._errors[url] = error
            raise

    def close(self) -> None:
        """Ends their connections."""
        for store in self._opened.values():
            store.close()


def deliver(spool: SpoolReader, store: Store) -> Synced:
    """Delivers one spool to this store; raises GraphTrackerError."""
    done = Synced(spool.path, spool.header.shown)
    _deliver(spool, store, done, _Wishes())
    return done


def _deliver(spool: SpoolReader, store: Store, done: Synced, wishes: _Wishes) -> None:
    with spool.left_behind() as done.doubt:
        done.alive = done.doubt is not None
        unwritten = Unwritten()
        for calls in spool.batches():
            left = write_what_fits(store, calls)
            unwritten.add(left)
            done.events += sum(map(len, calls)) - len(left)
            if wishes.progress is not None:
                wishes.progress(wishes.before + done.events)
        _tell_wrong(spool, done)
        _tell_unwritten(spool, unwritten, done)
        if not (done.alive or wishes.keep or done.failed):
            if spool.damage or unwritten.refused:
                done.aside = spool.set_aside([to_line([event]) for event, _ in unwritten.refused])
            spool.remove()
            done.removed = True


def _tell_wrong(spool: SpoolReader, done: Synced) -> None:
    done.trouble += [f"{quoted(spool.path)}: {line}" for line in spool.wrong]


def _tell_unwritten(spool: SpoolReader, unwritten: Unwritten, done: Synced) -> None:
    for what, left in (("refused", unwritten.refused), ("cannot take yet", unwritten.too_large)):
        done.trouble += [
            f"{quoted(spool.path)}: the store {what} {event!r:.200}: {printable(str(error))}" for event, error in left
        ]
    done.failed = bool(unwritten.too_large)
