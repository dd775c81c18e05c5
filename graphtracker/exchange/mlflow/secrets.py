"""URIs that are stored, without the passwords that stand in them."""

from __future__ import annotations

from graphtracker.stores.urls import without_password


def hidden(uri: str) -> str:
    """The URI itself, or where a password may stand in it, one without."""
    return without_password(uri) if "://" in uri and "@" in uri else uri
