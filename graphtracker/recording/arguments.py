"""How a tracker takes arguments: checked, or refused with InvalidInput."""

from __future__ import annotations

from collections.abc import Mapping

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.limits import checked_key, checked_name, checked_path, checked_run_id
from graphtracker.model.plain import plain


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
        if type(metadata) is not dict and not isinstance(metadata, Mapping):  # of which the first is quick
            raise InvalidInput(f"metadata must be a mapping of keys to values, not {quoted(type(metadata).__name__)}")
        result = {}
        for key, value in metadata.items():
            checked = self.key(key)
            result[checked] = self.value(value, checked)
        return result
