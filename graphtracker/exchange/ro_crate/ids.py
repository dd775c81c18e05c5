"""The ids of what is in an RO-Crate: URIs of files, fragments for all else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import quote

from graphtracker.model.values import Artifact

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEPT = "%/:?#@!$&'()*+,;="
"""What has a meaning in a URI; brackets have one in hosts alone, of which nobody's store is called so."""


def fragment(*parts: str) -> str:
    """The id within the crate that is made of these texts, and of no others.

    >>> fragment("run", "local_cwd://torchx/train")
    '#run:local_cwd%3A%2F%2Ftorchx%2Ftrain'
    """
    return "#" + ":".join(quote(part, safe="") for part in parts)


def artifact_ids(artifacts: Iterable[Artifact], taken: frozenset[str]) -> dict[tuple[str, str], str]:
    """(Run id, name) → the URI of its place, where no other artifact has that, nor is it taken; else a fragment."""
    uris = {(item.run_id, item.name): uri_of(item.place) for item in artifacts}
    shared = Counter(_canonical(uri) for uri in uris.values() if uri is not None)
    alone = {uri for uri, count in shared.items() if count == 1} - taken
    return {
        key: uri if uri is not None and _canonical(uri) in alone else fragment("artifact", *key)
        for key, uri in uris.items()
    }


def _canonical(uri: str) -> str:
    """What rocrate tells entities apart by."""
    return uri.rstrip("/")


def uri_of(place: str | None) -> str | None:
    """The absolute URI of a place; None where it has none.

    >>> uri_of("/data/a b.csv"), uri_of("s3://bucket/a%b"), uri_of("a.csv")
    ('file:///data/a%20b.csv', 's3://bucket/a%25b', None)
    """
    if place is None:
        return None
    if place.startswith("/"):
        return f"file://{quote(place)}"
    if not _SCHEME.match(place) or place.count("#") > 1:
        return None
    return _STRAY_PERCENT.sub("%25", quote(place, safe=_KEPT))
