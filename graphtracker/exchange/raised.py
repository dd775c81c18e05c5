"""Errors of other people's code, as errors of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from graphtracker.errors import GraphTrackerError
from graphtracker.model.display import quoted
from graphtracker.model.signals import pass_on
from graphtracker.stores.urls import without_password


@contextmanager
def raising(explained: Callable[[str], GraphTrackerError]) -> Iterator[None]:
    """Raises, for whatever others raise within, what is made of the reason; errors of ours as they are."""
    try:
        yield
    except GraphTrackerError:
        raise
    except Exception as error:
        pass_on(error)
        raise explained(reason(error)) from error


def reason(error: Exception) -> str:
    """What an error of others says, safe to show: its type and its text, without passwords.

    >>> reason(OSError("nobody at s3://ada:secret@host"))
    "OSError: 'nobody at s3://ada:***@host'"
    """
    try:
        said = str(error)
    except Exception as other:  # noqa: BLE001  # of its own code
        pass_on(other)
        said = ""
    return f"{type(error).__name__}: {quoted(without_password(said))}"
