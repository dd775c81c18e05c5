"""The simulation of many replicas: it comes out the same each time, and as can be reckoned by hand."""

from __future__ import annotations

import pytest

from tests.benchmarks.queueing import Costs, simulated

ROOMY = Costs(write=0.01, lanes=1, at_once=100_000)


def test_the_same_seed_has_the_same_outcome() -> None:
    assert simulated(500, 10, ROOMY) == simulated(500, 10, ROOMY)
    assert simulated(500, 10, ROOMY) != simulated(500, 10, ROOMY, seed=2)


def test_more_than_it_can_do_is_there_when_it_has_done_it_all() -> None:
    outcome = simulated(10_000, 10, ROOMY)
    assert outcome.all_there == pytest.approx(100, abs=1)
    assert outcome.busiest in (100, 101)
    assert outcome.refused == 0


def test_less_than_it_can_do_is_there_with_the_last_start() -> None:
    outcome = simulated(600, 60, ROOMY)
    assert outcome.all_there < 62
    assert outcome.connections < 600  # those that have had nothing to do for a while are closed


def test_a_server_of_few_places_refuses_and_takes_all_at_last() -> None:
    outcome = simulated(1000, 1, ROOMY._replace(at_once=10))
    assert outcome.refused > 0
    assert outcome.connections == 1000
    assert outcome.all_there >= 10
