"""The fingerprint of where a run came from, equal for equal provenance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256 as new_sha256
from typing import Any

from graphtracker.analysis.condense import condense
from graphtracker.analysis.ignoring import Ignored
from graphtracker.analysis.refining import Use, refined, used
from graphtracker.model.equality import canonical_bytes
from graphtracker.model.question import Answer
from graphtracker.model.values import Node

_VERSION = "gt1:"


def fingerprints(answer: Answer, *, ignore: Iterable[str] | Ignored = (), sha256: bool = True) -> dict[str, str]:
    """Run id → the fingerprint of where it came from, of each run of the answer.

    It is the SHA-256 over parts that are each preceded by their length. A run: its metadata, without the keys to be
    ignored, flattened, by key, and the hashes of its uses, in order. A use: the artifact's name and metadata and the
    hash of its run, or of the whole run its hash; with ``sha256`` an artifact that has one in its metadata is only its
    name and metadata, whatever is above it. An external is its id. In a cycle: what colour refinement tells apart.
    """
    hashes = _Hashes(answer, ignore, sha256)
    return {run_id: _written(hashes.runs[run_id]) for run_id in answer.runs}


def fingerprints_of(
    answer: Answer, starts: Sequence[Node], *, ignore: Iterable[str] | Ignored = (), sha256: bool = True
) -> list[str]:
    """Those of these runs, or of a use of these artifacts, of the answer, in their order."""
    hashes = _Hashes(answer, ignore, sha256)
    return [_written(hashes.use(start)) for start in starts]


def _written(digest: bytes) -> str:
    return _VERSION + digest.hex()


class _Hashes:
    """The hash of each run of an answer, made in the order of the data."""

    def __init__(self, answer: Answer, ignore: Iterable[str] | Ignored, sha256: bool) -> None:
        self.runs: dict[str, bytes] = {}
        self._answer = answer
        self._ignored = ignore if isinstance(ignore, Ignored) else Ignored(ignore)
        self._takes_sha256 = sha256
        self._said: dict[Node, tuple[bytes, bool]] = {}
        self._known: dict[Node, bytes] = {}
        self._uses: dict[str, list[Node]] = {}
        for source in answer.sources:
            self._uses.setdefault(source.run_id, []).append(source.node)
        consumers = self._consumers()
        for members in condense(answer.runs, consumers):
            if len(members) > 1 or members[0] in consumers.get(members[0], ()):
                self.runs.update(self._cycle(members))
            else:
                self.runs[members[0]] = self._run(members[0])

    def use(self, node: Node) -> bytes:
        """The hash of a use of a run, which is its own, or of an artifact."""
        if isinstance(node, str):
            return self.runs[node]
        found = self._known.get(node)
        if found is None:
            said, stands = self._says(node)
            found = self._known[node] = said if stands else _hash(b"use", said, self.runs[node[0]])
        return found

    def _consumers(self) -> dict[str, list[str]]:
        """Run id → those of which the hashes are made of its own."""
        consumers: dict[str, list[str]] = {}
        for run_id, nodes in self._uses.items():
            for node in nodes:
                if isinstance(node, str):
                    consumers.setdefault(node, []).append(run_id)
                elif not self._says(node)[1]:
                    consumers.setdefault(node[0], []).append(run_id)
        return consumers

    def _run(self, run_id: str) -> bytes:
        uses = self._uses.get(run_id, ())
        if not uses and self._answer.runs[run_id].external:
            return _hash(b"external", run_id.encode())
        return _hash(b"run", self._own(run_id), *sorted(map(self.use, uses)))

    def _cycle(self, members: Sequence[str]) -> dict[str, bytes]:
        inner: dict[str, list[Use]] = {run_id: [] for run_id in members}
        colours: dict[str, bytes] = {}
        for run_id, within in inner.items():
            outer: list[bytes] = []
            for node in self._uses[run_id]:
                source = node if isinstance(node, str) else node[0]
                said, stands = self._says(node)
                if stands or source not in inner:
                    outer.append(self.use(node))
                else:
                    within.append((said, source))
            colours[run_id] = _hash(b"member", self._own(run_id), *sorted(outer))
        colours = refined(colours, inner, _hash)
        told = {
            run_id: _hash(b"told", colour, used(inner[run_id], colours, _hash)) for run_id, colour in colours.items()
        }
        whole = _hash(
            b"cycle", *sorted(told.values())
        )  # all of it is upstream of each, what did not reach its colour too
        return {run_id: _hash(b"run in a cycle", own, whole) for run_id, own in told.items()}

    def _own(self, run_id: str) -> bytes:
        return _hash(b"metadata", *_parts(self._ignored.of_run(self._answer.runs[run_id].metadata)))

    def _says(self, node: Node) -> tuple[bytes, bool]:
        """What a use of it says but for the hash of its run, with whether it stands for all above it."""
        if isinstance(node, str):
            return b"", False
        found = self._said.get(node)
        if found is None:
            name = node[1]
            metadata = self._ignored.of_artifact(name, self._answer.artifacts[node].metadata)
            content = metadata.get("sha256") if self._takes_sha256 else None
            stands = isinstance(content, str) and content != ""
            kind = b"content" if stands else b"artifact"
            found = _hash(kind, name.encode(), *_parts(metadata)), stands
            self._said[node] = found
        return found


def _parts(metadata: Mapping[str, Any]) -> Iterator[bytes]:
    for key in sorted(metadata):
        yield key.encode()
        yield canonical_bytes(metadata[key])


def _hash(kind: bytes, *parts: bytes) -> bytes:
    """The digest of a kind of thing and its parts, each after its length, so that no two lists of them read alike."""
    return new_sha256(b"".join([len(part).to_bytes(8, "big") + part for part in (kind, *parts)])).digest()
