"""How TorchX finds plug-ins: entry points of a group, or module paths; the functions of ``torchx.util``."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class _Deferred:
    """An entry point that is loaded when called; one that names a module returns the module, whatever the arguments."""

    def __init__(self, entry_point: EntryPoint) -> None:
        self._entry_point = entry_point

    def __call__(self, *args: object, **kwargs: object) -> Any:
        loaded = self._entry_point.load()
        return loaded(*args, **kwargs) if self._entry_point.attr else loaded

    def names_callable(self) -> bool:
        if not self._entry_point.attr:
            return False
        try:
            return callable(self._entry_point.load())
        except Exception:  # noqa: BLE001  # calling it raises this again, where TorchX does
            return True


def load_group(group: str, default: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """The entry points of a group, name → a function that loads and calls it; ``default`` where there are none."""
    from importlib.metadata import entry_points  # 20 ms, which recording without TorchX need not pay

    found = entry_points(group=group)
    return {entry_point.name: _Deferred(entry_point) for entry_point in found} if len(found) else default


def targets(group: str) -> dict[str, str]:
    """The entry points of a group, name → the ``pkg.mod:attribute`` that each loads."""
    from importlib.metadata import entry_points  # as above

    return {entry_point.name: entry_point.value for entry_point in entry_points(group=group)}


def load_module(path: str) -> ModuleType | Callable[..., Any] | None:
    """What ``pkg.mod`` or ``pkg.mod:attribute`` names, None where it cannot be imported."""
    module_path, _, attribute = path.partition(":")
    attribute = attribute.partition(":")[0]
    try:
        module = importlib.import_module(module_path)
        return getattr(module, attribute) if attribute else module
    except Exception:  # noqa: BLE001  # importing runs the code of others; TorchX takes any failure for absence
        return None


def is_callable(factory: object) -> bool:
    """Whether a factory that one of these functions found can be called."""
    return factory.names_callable() if isinstance(factory, _Deferred) else callable(factory)
