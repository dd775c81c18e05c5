"""Which store a spool is delivered to."""

from __future__ import annotations

from graphtracker import environment
from graphtracker.errors import GraphTrackerError, InvalidInput
from graphtracker.model.display import quoted
from graphtracker.spool.reader import SpoolReader
from graphtracker.stores.opening import delivery_url


def destination(spool: SpoolReader, to: str | None = None) -> str:
    """The URL of the store that this user named for it: ``to``, ``GRAPHTRACKER_URL``, else the spool by its header.

    A header speaks for this user only where nobody else can have written it, or put it there: whoever names a store
    chooses the host that this user's password goes to. Raises GraphTrackerError that names the way out.
    """
    if to is not None:
        delivery_url(to)  # raises for what would lose the events, as one in memory does
        return to
    named = spool.header.store
    if named is None:
        raise InvalidInput(f"{quoted(spool.path)} was recorded for no store; name one with --store URL")
    ours = environment.read(environment.URL)
    if ours and named == as_in_headers(ours):
        return ours  # with the password that it may hold
    if not spool.alone:
        raise InvalidInput(
            f"{quoted(spool.path)} may have been written by others than this user, so it is not taken to "
            f"{quoted(spool.header.shown)}, which it names; name the store with --store URL"
        )
    delivery_url(named)
    return named


def as_in_headers(url: str) -> str | None:
    """How the headers of spools name the store of this URL; None where they cannot."""
    try:
        return delivery_url(url)
    except GraphTrackerError:
        return None
