"""How a tracker takes arguments: checked, or refused with InvalidInput."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.limits import checked_key, checked_name, checked_path, checked_run_id
from graphtracker.model.plain import plain
from graphtracker.model.signals import pass_on
from graphtracker.model.unpacking import type_name, unpacked_mapping


class Arguments:
    """The strict one: what cannot be stored is refused, never replaced."""

    run_id = staticmethod(checked_run_id)
    key = staticmethod(checked_key)
    name = staticmethod(checked_name)
    path = staticmethod(checked_path)
    value = staticmethod(plain)

    source_id = staticmethod(checked_run_id)

    def optional_name(self, name: object) -> str | None:
        """An artifact name, None for None and for empty text."""
        if name is None or (isinstance(name, str) and not name):
            return None
        return self.name(name)

    def metadata(self, metadata: Mapping[str, object] | None) -> dict[str, object]:
        """Metadata with its keys checked and its values plain."""
        if metadata is None:
            return {}
        result = {}
        for key, value in self.pairs(metadata):
            checked = self.key(key)
            result[checked] = self.value(value, checked)
        return result

    def pairs(self, metadata: object) -> Collection[tuple[Any, object]]:
        """The keys and values of metadata; raises InvalidInput for what is no mapping, or cannot be read."""
        if type(metadata) is dict:
            return metadata.items()
        kind = quoted(type_name(type(metadata)))
        try:
            if isinstance(metadata, Mapping):
                return unpacked_mapping(metadata)
        except Exception as error:
            pass_on(error)
            raise InvalidInput(f"metadata of type {kind} cannot be read: {type_name(type(error))}") from error
        raise InvalidInput(f"metadata must be a mapping of keys to values, not {kind}")
