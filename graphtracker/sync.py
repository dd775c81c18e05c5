"""The delivery of spools that lie there, whoever recorded them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from graphtracker.defaults import spool_folder
from graphtracker.delivery import write_what_fits
from graphtracker.display import quoted
from graphtracker.errors import GraphTrackerError, StoreError
from graphtracker.events import Event
from graphtracker.stores import open_store
from graphtracker.stores.contract import Store
from graphtracker.stores.spool_folder import SpoolReader, spools_in
from graphtracker.stores.spool_lines import to_line
from graphtracker.stores.spool_writer import temporary_folder


@dataclass
class Synced:
    """What became of one spool.

    ``facts`` were (or, in a dry run, would be) written to ``store``. ``trouble`` has a line for each that could not be,
    and for those that the process itself had lost; ``aside`` is the file that keeps what could not be delivered.
    ``removed`` is whether the spool is gone: not while its process lives, nor where its store could not be used, which
    ``failed`` says.
    """

    path: str
    store: str | None
    facts: int = 0
    removed: bool = False
    alive: bool = False
    failed: bool = False
    aside: str | None = None
    trouble: list[str] = field(default_factory=list)


def sync(
    place: str | None = None,
    *,
    to: str | None = None,
    only: str | None = None,
    keep: bool = False,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
    open_store: Callable[[str], Store] = open_store,
) -> Iterator[Synced]:
    """Delivers the spools of a folder, or one spool file, one after the other, each to the store that it names.

    None is the default folder, with the temporary one that stands in for it. Raises StoreError where there is no such
    place. ``to`` is another store for all of them; ``only`` passes by those that name another store than this one, and
    those of processes that live. A spool is removed once all of it is there, unless its process lives or it is to be
    kept. Each may be delivered by others at the same time, which changes nothing.
    """
    written = 0
    stores: dict[str, Store | StoreError] = {}
    for found in _found(place):
        if isinstance(found, StoreError):
            if only is not None:
                continue
            yield Synced("", None, failed=True, trouble=[str(found)])
            continue
        if only is not None and not _left_behind_for(found, only):
            continue
        url = to or found.header.store
        done = Synced(found.path, url)
        if dry_run:
            done.facts = found.counted()
            _tell_damage(found, done)
            yield done
            continue
        if url is None:
            done.failed = True
            done.trouble.append(f"{quoted(found.path)} was recorded for no store; name one with --store")
            yield done
            continue
        try:
            _deliver(found, _opened(stores, url, open_store), done, keep, progress, written)
        except GraphTrackerError as error:
            done.failed = True
            done.trouble.append(str(error))
            if isinstance(error, StoreError):
                stores[url] = error  # it is not asked again for each of a thousand spools
        written += done.facts
        yield done
    for store in stores.values():
        if isinstance(store, Store):
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


def _left_behind_for(spool: SpoolReader, store: str) -> bool:
    if spool.header.store != store:
        return False
    with spool.left_behind() as ended:
        return ended


def _opened(stores: dict[str, Store | StoreError], url: str, open_store: Callable[[str], Store]) -> Store:
    if url not in stores:
        stores[url] = open_store(url)
    store = stores[url]
    if isinstance(store, StoreError):
        raise store
    return store


def _deliver(
    spool: SpoolReader,
    store: Store,
    done: Synced,
    keep: bool,
    progress: Callable[[int], None] | None,
    before: int,
) -> None:
    with spool.left_behind() as ended:
        refused: list[tuple[Event, Exception]] = []
        for events in spool.batches():
            left = write_what_fits(store, events)
            refused += left
            done.facts += len(events) - len(left)
            if progress is not None:
                progress(before + done.facts)
        done.alive = not ended
        _tell_damage(spool, done)
        done.trouble += [f"{quoted(spool.path)}: the store refused {event!r:.200}: {error}" for event, error in refused]
        if ended and not keep:
            done.aside = spool.set_aside(
                [item.line for item in spool.damage if item.number > 1] + [to_line([event]) for event, _ in refused]
            )
            spool.remove()
            done.removed = True


def _tell_damage(spool: SpoolReader, done: Synced) -> None:
    done.trouble += [f"{quoted(spool.path)}, line {item.number}: {item.reason}" for item in spool.damage]
    if spool.header.lost:
        done.trouble.append(
            f"{quoted(spool.path)}: its process lost {spool.header.lost:,} facts ({spool.header.reason})"
        )
