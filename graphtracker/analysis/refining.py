"""Colour refinement: which members of a cycle can be told apart by what they use of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

Use = tuple[bytes, str]
"""What a member says of a use, and the member that it uses."""

Mix = Callable[..., bytes]
"""Makes a colour of several."""


def refined(colours: Mapping[str, bytes], uses: Mapping[str, Sequence[Use]], mix: Mix) -> dict[str, bytes]:
    """Member → its colour, once no two of a colour use different numbers of any colour.

    Names and order of the members have no part in it: cycles that are the same but for these get the same colours.
    At each split the largest part keeps its colour (as in Hopcroft, An n log n Algorithm for Minimizing States in a
    Finite Automaton, 1971), so that each member changes its own at most log2 of their number times; of equally large
    parts the one does whose members' uses make the least digest.
    """
    partition = _Partition(colours, uses, mix)
    changed: Iterable[str] = list(colours)
    while changed:
        changed = partition.split(changed)
    return partition.colours


class _Partition:
    def __init__(self, colours: Mapping[str, bytes], uses: Mapping[str, Sequence[Use]], mix: Mix) -> None:
        self.colours = dict(colours)
        self._uses = uses
        self._mix = mix
        self._consumers: dict[str, set[str]] = {}
        for consumer, its_uses in uses.items():
            for _, source in its_uses:
                self._consumers.setdefault(source, set()).add(consumer)
        self._members: dict[bytes, set[str]] = {}
        self._used: dict[bytes, bytes] = {}  # colour → the digest of what each of its members used when last seen
        for member, colour in colours.items():
            self._members.setdefault(colour, set()).add(member)

    def split(self, changed: Iterable[str]) -> list[str]:
        """Splits the colours of those that use what has changed its own; returns what changed by that."""
        seen: dict[bytes, set[str]] = {}
        for source in changed:
            for consumer in self._consumers.get(source, ()):
                seen.setdefault(self.colours[consumer], set()).add(consumer)
        moves = [move for colour, members in seen.items() for move in self._moves(colour, members)]
        for member, colour in moves:
            self._members[self.colours[member]].discard(member)
            self._members.setdefault(colour, set()).add(member)
            self.colours[member] = colour
        return [member for member, _ in moves]

    def _moves(self, colour: bytes, seen: set[str]) -> Iterable[tuple[str, bytes]]:
        """Of one colour, of which these members are seen again: each that has to change it, and into which."""
        members = self._members[colour]
        if len(members) == 1:
            return
        parts: dict[bytes, list[str]] = {}
        for member in seen:
            parts.setdefault(used(self._uses[member], self.colours, self._mix), []).append(member)
        unseen = len(members) - len(seen)
        sizes = {used: len(part) for used, part in parts.items()}
        if unseen:  # they use what they used
            sizes[self._used[colour]] = sizes.get(self._used[colour], 0) + unseen
            parts.setdefault(self._used[colour], [])
        keeps = min(sizes, key=lambda digest: (-sizes[digest], digest))
        if unseen and keeps != self._used[colour]:
            parts[self._used[colour]] += members - seen
        self._used[colour] = keeps
        for digest, part in parts.items():
            if digest != keeps:
                other = self._mix(b"part", colour, digest)
                self._used[other] = digest
                yield from ((member, other) for member in part)


def used(uses: Iterable[Use], colours: Mapping[str, bytes], mix: Mix) -> bytes:
    """The digest of these uses, in whatever order, where the members have these colours."""
    return mix(b"uses", *sorted(mix(b"use", said, colours[source]) for said, source in uses))
