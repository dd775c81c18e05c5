"""Many who try again do not come at once, and stay away longer from a server that has no room."""

from __future__ import annotations

from random import Random

from graphtracker.stores.neo4j.pauses import Pauses


def some(count: int, *, full: bool, seed: int = 1) -> list[float]:
    pauses = Pauses(Random(seed))
    return [pauses.next(full=full) for _ in range(count)]


def test_no_pause_is_longer_than_a_second_where_another_stood_in_the_way() -> None:
    assert 0.5 <= some(20, full=False)[-1] <= 1


def test_pauses_grow_to_many_seconds_while_a_server_is_full() -> None:
    assert 0.25 <= some(1, full=True)[0] <= 0.5
    assert 8 <= some(20, full=True)[-1] <= 16


def test_a_server_that_has_room_again_is_not_kept_waiting() -> None:
    pauses = Pauses(Random(1))
    for _ in range(20):
        pauses.next(full=True)
    assert pauses.next(full=False) <= 1


def test_callers_that_failed_together_do_not_come_again_together() -> None:
    later = [sum(some(4, full=True, seed=seed)) for seed in range(1000)]
    busiest = max(sum(second <= moment < second + 0.1 for moment in later) for second in range(8))
    assert busiest < 100
