"""How the tracker inside a job takes arguments: what cannot be stored is stored as its text."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection
from typing import Any

from graphtracker.environment import UNDEFINED
from graphtracker.errors import InvalidInput
from graphtracker.jobs.launch import launch_id
from graphtracker.model.handles import reported_as
from graphtracker.model.limits import LONGEST, checked_key, checked_name, checked_path, checked_run_id
from graphtracker.model.plain import mended
from graphtracker.model.signals import pass_on
from graphtracker.recording.arguments import Arguments, id_of

_LONGEST_VALUE = 4000  # characters of the text that stands for a value


class RepairedArguments(Arguments):
    """Repairs ids, names, keys, paths and values, and tells ``warn`` what it had to repair.

    An empty id, name or key has no text to store: it raises InvalidInput still.
    """

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn

    def run_id(self, run: object) -> str:
        """A run id; TorchX's ``<UNDEFINED>`` is this launch."""
        text = run if type(run) is str else id_of(run)
        try:
            run_id = checked_run_id(text)
        except InvalidInput as error:
            run_id = self._repaired(checked_run_id, text, error)
        return launch_id() if run_id == UNDEFINED else run_id

    def source_id(self, source: object) -> str:
        """The id under which that run reports, where it is a handle that `torchx run` printed."""
        return reported_as(self.run_id(source))

    def key(self, text: object) -> str:
        """A metadata key."""
        try:
            return checked_key(text)
        except InvalidInput as error:
            return self._repaired(checked_key, text, error)

    def name(self, text: object) -> str:
        """An artifact name."""
        try:
            return checked_name(text)
        except InvalidInput as error:
            return self._repaired(checked_name, text, error)

    def path(self, path: object) -> str:
        """A path."""
        try:
            return checked_path(path)
        except Exception as error:  # noqa: BLE001  # as for values below
            pass_on(error)
            self._warn(f"a path is not text: {error}" if isinstance(error, InvalidInput) else "a path is not text")
        try:
            return _text(os.fsdecode(path))  # type: ignore[arg-type]  # bytes, or a PathLike that returns some
        except Exception as error:  # noqa: BLE001  # it is no path at all
            pass_on(error)
            return _text(path)

    def value(self, value: object, key: str) -> object:
        """A plain metadata value, in which the text of each part that is not supported stands for it, shortened."""
        return mended(value, key, self._value_text)

    def _value_text(self, value: object, refusal: InvalidInput) -> str:
        self._warn(str(refusal))
        text = _text(value)
        return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"

    def pairs(self, metadata: object) -> Collection[tuple[Any, object]]:
        """The keys and values of metadata; what is no mapping is kept as its text."""
        try:
            pairs = super().pairs(metadata)
        except InvalidInput as error:
            return [("metadata", self._value_text(metadata, error))]
        if not any(key == "" for key, _ in pairs if isinstance(key, str)):
            return pairs
        self._warn("metadata with an empty key is dropped")
        return [(key, value) for key, value in pairs if not isinstance(key, str) or key]

    def _repaired(self, check: Callable[[object], str], text: object, error: InvalidInput) -> str:
        if text is None or (isinstance(text, str) and not text):
            raise error
        self._warn(str(error))
        return check(_short(_text(text).replace("\0", "\\x00")))


def _text(value: Any) -> str:
    """The text of any object, without lone surrogates."""
    try:
        text = str.__str__(value) if isinstance(value, str) else str(value)
    except Exception as error:  # noqa: BLE001  # an object's own __str__ may do anything
        pass_on(error)
        text = f"<{type(value).__name__}>"
    return text.encode("utf-8", "backslashreplace").decode()


def _short(text: str) -> str:
    """The text, or its beginning with a digest of all of it, so that two long ids stay two."""
    encoded = text.encode()
    if len(encoded) <= LONGEST:
        return text
    digest = hashlib.sha256(encoded).hexdigest()[:16]
    return f"{encoded[: LONGEST - 20].decode(errors='ignore')}…{digest}"
