"""The delivery of spools that others recorded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from graphtracker.environment import spool_folder
from graphtracker.errors import GraphTrackerError, InvalidInput, StoreError
from graphtracker.model.display import quoted
from graphtracker.spool.fitting import Unwritten, write_what_fits
from graphtracker.spool.lines import to_line
from graphtracker.spool.reader import SpoolReader, spools_in
from graphtracker.spool.writer import temporary_folder
from graphtracker.stores.contract import Store
from graphtracker.stores.opening import open_store


@dataclass
class Synced:
    """What became of one spool.

    ``events`` were (or, in a dry run, would be) written to ``store``. ``trouble`` has a line for each that could not
    be, and for those that the process itself had lost; ``aside`` is the file that keeps what could not be delivered.
    ``removed`` is whether the spool is gone: not while its process lives, nor where its store could not be used, which
    ``failed`` says.
    """

    path: str
    store: str | None
    events: int = 0
    removed: bool = False
    alive: bool = False
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
    place. ``to`` is another store for all of them. A spool is removed once all of it is there, unless its process lives
    or it is to be kept. Each may be delivered by others at the same time, which changes nothing.
    """
    written = 0
    stores = _Stores()
    for found in _found(place):
        if isinstance(found, StoreError):
            yield Synced("", None, failed=True, trouble=[str(found)])
            continue
        done = Synced(found.path, to or found.header.store)
        try:
            if dry_run:
                done.events = found.counted()
                _tell_damage(found, done)
            else:
                _deliver(found, stores.opened(done), done, keep, written, progress)
        except GraphTrackerError as error:
            stores.failed(done, error)
        written += done.events
        yield done
    stores.close()


def spools_left_behind(folder: str, url: str) -> Iterator[SpoolReader]:
    """The spools in a folder that name this URL, and whose processes have ended."""
    for found in spools_in(folder):
        if isinstance(found, SpoolReader) and found.header.store == url and found.is_left_behind():
            yield found


class _Stores:
    """The stores of one sync, each opened once, and not asked again once it has failed."""

    def __init__(self) -> None:
        self._opened: dict[str, Store] = {}
        self._errors: dict[str, StoreError] = {}

    def opened(self, spool: Synced) -> Store:
        """The store of a spool; raises GraphTrackerError."""
        url = spool.store
        if url is None:
            raise InvalidInput(f"{quoted(spool.path)} was recorded for no store; name one with --store")
        if url in self._errors:
            raise self._errors[url]
        if url not in self._opened:
            self._opened[url] = open_store(url)
        return self._opened[url]

    def failed(self, spool: Synced, error: GraphTrackerError) -> None:
        """Notes that a spool could not be delivered."""
        spool.failed = True
        spool.trouble.append(str(error))
        if isinstance(error, StoreError) and spool.store is not None:
            self._errors[spool.store] = error

    def close(self) -> None:
        """Ends their connections."""
        for store in self._opened.values():
            store.close()


def default_spools() -> Iterator[SpoolReader | StoreError]:
    """The spools of this user: those in the default folder, and in the temporary one that stands in for it."""
    for folder in (spool_folder(), temporary_folder()):
        yield from spools_in(folder)


def _found(place: str | None) -> Iterator[SpoolReader | StoreError]:
    if place is None:
        yield from default_spools()
        return
    if not os.path.exists(place):
        raise StoreError(f"there is no spool at {quoted(place)}; name a folder or a .jsonl file")
    yield from spools_in(place)


def deliver(spool: SpoolReader, store: Store) -> Synced:
    """Delivers one spool to this store."""
    done = Synced(spool.path, spool.header.store)
    _deliver(spool, store, done)
    return done


def _deliver(
    spool: SpoolReader,
    store: Store,
    done: Synced,
    keep: bool = False,
    before: int = 0,
    progress: Callable[[int], None] | None = None,
) -> None:
    with spool.left_behind() as ended:
        unwritten = Unwritten()
        for calls in spool.batches():
            left = write_what_fits(store, calls)
            unwritten.add(left)
            done.events += sum(map(len, calls)) - len(left)
            if progress is not None:
                progress(before + done.events)
        done.alive = not ended
        _tell_damage(spool, done)
        _tell_unwritten(spool, unwritten, done)
        if ended and not keep and not done.failed:
            if spool.damage or unwritten.refused:
                lines = [item.line for item in spool.damage if item.number > 1]
                done.aside = spool.set_aside(lines + [to_line([event]) for event, _ in unwritten.refused])
            spool.remove()
            done.removed = True


def _tell_unwritten(spool: SpoolReader, unwritten: Unwritten, done: Synced) -> None:
    for what, left in (("refused", unwritten.refused), ("cannot take yet", unwritten.too_large)):
        done.trouble += [f"{quoted(spool.path)}: the store {what} {event!r:.200}: {error}" for event, error in left]
    done.failed = bool(unwritten.too_large)


def _tell_damage(spool: SpoolReader, done: Synced) -> None:
    done.trouble += [f"{quoted(spool.path)}, line {item.number}: {item.reason}" for item in spool.damage]
    if spool.header.lost:
        done.trouble.append(
            f"{quoted(spool.path)}: its process lost {spool.header.lost:,} events ({spool.header.reason})"
        )
