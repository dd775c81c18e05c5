"""The plug-in as TorchX's releases after 0.7.0 find it: their registry scans the namespace package ``torchx_plugins``.

They read entry points, too, until these are gone, and warn of a name that is found both ways. So it is registered here
only where the entry point is not found: one that is not read, or not installed because a build system copied the files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchx.plugins import register, registry

from graphtracker.entry_points import targets

if TYPE_CHECKING:
    from graphtracker.torchx import TorchXTracker

_ENTRY_POINTS = 2  # the bit of TORCHX_PLUGINS_SOURCE that says that they are read


def create(config: str | None = None) -> TorchXTracker:
    """As ``graphtracker.torchx.create``, which is imported when a tracker is wanted."""
    from graphtracker import torchx

    return torchx.create(config)


def _is_found_by_entry_point() -> bool:
    """Whether the registry that scans this module has graphtracker already; a registry that does not say so has not."""
    read = bool(getattr(registry(), "_plugin_sources", 0) & _ENTRY_POINTS)
    return read and "graphtracker" in targets("torchx.tracker")


if not _is_found_by_entry_point():
    register.tracker(name="graphtracker")(create)
