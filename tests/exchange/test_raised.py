"""What others raise is an error of ours that says why, and keeps their secrets."""

from __future__ import annotations

import signal

import pytest

from graphtracker import InvalidInput, StoreError
from graphtracker.exchange.raised import raising, reason


class Mute(Exception):
    """An error that cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError


def test_what_others_raise_is_told_by_its_reason() -> None:
    fails = raising(lambda reason: StoreError(f"fails: {reason}"))
    with pytest.raises(StoreError, match=r"^fails: OSError: 'gone'$") as caught, fails:
        raise OSError("gone")
    assert isinstance(caught.value.__cause__, OSError)


def test_what_is_ours_is_raised_as_it_is() -> None:
    ours = InvalidInput("ours")
    with pytest.raises(InvalidInput) as caught, raising(lambda reason: StoreError(reason)):
        raise ours
    assert caught.value is ours


def test_what_a_signal_handler_raises_is_for_who_was_interrupted() -> None:
    def stop(number: int, frame: object) -> None:
        raise TimeoutError("enough")

    before = signal.signal(signal.SIGUSR1, stop)
    try:
        with pytest.raises(TimeoutError, match="enough"), raising(StoreError):
            signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("nobody at s3://ada:secret@host\x1b"), r"OSError: 'nobody at s3://ada:***@host\u001b'"),
        (ValueError("https://host?token=secret"), "ValueError: 'https://host?token=***'"),
        (ValueError(f"s3://ada:{'secret' * 100}@host"), "ValueError: 's3://ada:***@host'"),
        (Mute(), "Mute: ''"),
    ],
    ids=["password", "option", "longer than is shown", "mute"],
)
def test_a_reason_is_safe_to_show(error: Exception, said: str) -> None:
    assert reason(error) == said
