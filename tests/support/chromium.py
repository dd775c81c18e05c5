"""The browser that tests of pages share: Debian's or a user's own Chromium, without a window."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.support.needs import missing


class NoBrowser(Exception):
    """There is no Chromium on the PATH."""


@contextmanager
def opened() -> Iterator[Page]:
    """An empty page; raises NoBrowser."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        raise NoBrowser("no Chromium on the PATH; install chromium to test what is shown in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"], env=_surroundings())
        yield browser.new_page(viewport={"width": 1600, "height": 1100})
        browser.close()


def _surroundings() -> dict[str, str | float | bool]:
    """Our own, with a short TMPDIR: Chromium opens a socket there, whose path may have no more than 108 bytes."""
    return {**os.environ, "TMPDIR": "/tmp" if len(tempfile.gettempdir()) > 50 else tempfile.gettempdir()}  # noqa: S108


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with ExitStack() as stack:
        try:
            shown = stack.enter_context(opened())
        except NoBrowser as error:
            missing(str(error))
        yield shown
