"""Fixtures of the pictures and pages."""

from tests.support.pages import opened as opened  # a fixture
from tests.support.pages import remembered as remembered  # a fixture
