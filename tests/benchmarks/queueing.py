"""Many replicas before one server, simulated: when each comes, is refused, comes again, is served."""

from __future__ import annotations

import heapq
from collections import Counter
from random import Random
from typing import NamedTuple

from graphtracker.spool import delivery
from graphtracker.stores.neo4j.pauses import Pauses

_GIVES_UP = 60.0  # seconds of tries of one transaction, after which the delivery of the spool pauses by its own rule


class Costs(NamedTuple):
    """What was measured of a server.

    One write keeps one of ``lanes`` busy for ``write`` seconds: one lane where all write to one run, a lane a core
    where each writes to its own. A transaction has a place, of which there are ``at_once``, until it is served, then
    for the ``client`` seconds that the server waits for its client. A refusal is taken to cost nothing, so that what is
    refused often is a floor.
    """

    write: float
    lanes: int
    client: float = 0.005  # five messages over a network of 1 ms
    at_once: int = 400  # server.bolt.thread_pool_max_size, unless it is set

    @property
    def writes_per_second(self) -> float:
        """As many as it can do."""
        return self.lanes / self.write


class Outcome(NamedTuple):
    """What became of it: connections open at once at most, tries that were refused, writes in the busiest second, and
    seconds from the first start until all is there."""

    connections: int
    refused: int
    busiest: int
    all_there: float


def simulated(replicas: int, seconds: float, costs: Costs, *, seed: int = 1) -> Outcome:
    """Replicas that start, evenly by chance, within so many seconds, and each deliver once what they recorded.

    A delivery begins after the chance of ``graphtracker.spool.delivery``, by a connection that stays open until it has
    had nothing to do for as long as that says. Who comes when all places are taken is refused, and comes again after
    the pauses of ``graphtracker.stores.neo4j.pauses``. The same seed has the same outcome.
    """
    chance = Random(seed)  # it must be the same each time
    tries = [
        (chance.uniform(0, seconds) + chance.uniform(0, delivery._FIRST), number, 0.0, Pauses(chance))
        for number in range(replicas)
    ]
    heapq.heapify(tries)
    lanes = [0.0] * costs.lanes  # when each is free
    inside: list[float] = []  # when those that are served, or wait for it, are done
    opened: dict[int, float] = {}
    spans: list[tuple[float, int]] = []
    done: Counter[int] = Counter()
    failures: Counter[int] = Counter()
    refused, last = 0, 0.0
    while tries:
        now, number, waited, pauses = heapq.heappop(tries)
        opened.setdefault(number, now)
        while inside and inside[0] <= now:
            heapq.heappop(inside)
        if len(inside) >= costs.at_once:
            refused += 1
            pause = pauses.next(full=True)
            if waited + pause > _GIVES_UP:
                failures[number] += 1
                longest = min(delivery._LONGEST_PAUSE, delivery._SHORTEST_PAUSE * 2 ** failures[number])
                pause, waited, pauses = chance.uniform(longest / 2, longest), -longest, Pauses(chance)
            heapq.heappush(tries, (now + pause, number, waited + pause, pauses))
            continue
        end = max(now, heapq.heappop(lanes)) + costs.write
        heapq.heappush(lanes, end)
        heapq.heappush(inside, end + costs.client)
        done[int(end)] += 1
        last = max(last, end)
        spans += [(opened[number], 1), (end + delivery._IDLE, -1)]
    return Outcome(_most_at_once(spans), refused, max(done.values()), last)


def _most_at_once(spans: list[tuple[float, int]]) -> int:
    most = count = 0
    for _, step in sorted(spans):
        count += step
        most = max(most, count)
    return most
