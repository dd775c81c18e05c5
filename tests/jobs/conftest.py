"""Fixtures of these tests."""

from __future__ import annotations

from tests.support.jobs import _job as _job  # a fixture
from tests.support.jobs import home as home  # a fixture
from tests.support.jobs import project as project  # a fixture
from tests.support.jobs import store as store  # a fixture
from tests.support.jobs import tracker as tracker  # a fixture
