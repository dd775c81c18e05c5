"""What becomes of a test that needs what is not installed."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skips the test for this reason; fails it in CI, where everything has been installed."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
