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
from graphtracker.model.values import Run


def is_run(value: object) -> bool:
    """Whether it is a Run, or has TorchX's ``job_id()``."""
    return isinstance(value, Run) or callable(getattr(type(value), "job_id", None))


def id_of(run: object) -> object:
    """The id of what is a run; anything else as it is."""
    if isinstance(run, Run):
        return run.run_id
    return run.job_id() if is_run(run) else run  # type: ignore[attr-defined]


class Arguments:
    """The strict one: what cannot be stored is refused, never replaced."""

    key = staticmethod(checked_key)
    name = staticmethod(checked_name)
    path = staticmethod(checked_path)
    value = staticmethod(plain)

    def run_id(self, run: object) -> str:
        """The id of a run, that of a Run (or of TorchX's AppRun), or text; raises InvalidInput."""
        return checked_run_id(run if type(run) is str else id_of(run))

    def source_id(self, source: object) -> str:
        """The id of a source, from what ``run_id`` takes."""
        return checked_run_id(source if type(source) is str else id_of(source))

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
