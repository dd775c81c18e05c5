"""How long a transaction waits before it is tried again."""

from __future__ import annotations

from random import Random, SystemRandom

_SHORTEST = 0.05  # seconds
_LONGEST = 1.0  # of what another transaction stood in the way of: it is soon over
# A server with no room ends the connection, too: ten thousand that come back each second, each with a new one, would
# keep it from what it has begun.
_SHORTEST_WHILE_FULL = 0.5
_LONGEST_WHILE_FULL = 16.0

_chance = SystemRandom()  # not the one that a job may have seeded


class Pauses:
    """Those of one call: they grow, each cut short by chance, so that many callers do not come at once."""

    def __init__(self, chance: Random = _chance) -> None:
        self._chance = chance
        self._next = _SHORTEST

    def next(self, *, full: bool) -> float:
        """Seconds to wait now; ``full`` is whether the server had no room for a further transaction."""
        least, most = (_SHORTEST_WHILE_FULL, _LONGEST_WHILE_FULL) if full else (_SHORTEST, _LONGEST)
        pause = min(max(self._next, least), most)
        self._next = 2 * pause
        return self._chance.uniform(pause / 2, pause)
