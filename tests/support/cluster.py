"""A Neo4j cluster played in front of one real server: members that route, lead, lag, move and die.

Each member listens on a port of its own and hands on to the server what it does not have to answer itself. All see the
same data, so what a member that is behind lacks is told by bookmarks: a read that demands what it has not applied
waits, or is told that it waits in vain, and one that demands less is ``outdated``: it would not have seen the rest.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.support import bolt
from tests.support.bolt import Message

_HANDSHAKE = 20  # bytes: a mark, then four proposed versions
_NEGOTIATION = b"\0\0\x01\xff"  # the proposal to negotiate, which would take several steps

NOT_A_LEADER = "Neo.ClientError.Cluster.NotALeader"
BEHIND = "Neo.TransientError.Transaction.BookmarkTimeout"


class Begun(NamedTuple):
    """A transaction as it reached a member: its place among them, whether it may write, the bookmarks it came with."""

    member: int
    writes: bool
    bookmarks: tuple[str, ...]


@dataclass(eq=False)
class Member:
    """One of the servers: ``applied`` is how many of the cluster's commits it has, None for all."""

    number: int
    listening: socket.socket
    port: int
    applied: int | None = None
    silent: bool = False
    """Whether it swallows what it is told from here on, as one does that is frozen."""
    refuses: str | None = None
    """The code with which it refuses every transaction."""
    open: set[socket.socket] = field(default_factory=set)

    @property
    def address(self) -> str:
        """As it stands in a routing table."""
        return f"127.0.0.1:{self.port}"


class Cluster:
    """Members in front of the server of a URL; the first leads, a thread a connection serves them."""

    def __init__(self, url: str, members: int = 3) -> None:
        self._server = urlsplit(url).hostname or "", urlsplit(url).port or 0
        self.leader: int | None = 0
        self.members = [_listening(number) for number in range(members)]
        self.begun: list[Begun] = []
        self.outdated: list[Begun] = []
        self.strangers: list[str] = []
        """Addresses that stand in the routing table, too, and are no members (any more)."""
        self.no_routes: str | None = None
        """The code with which routing tables are refused."""
        self.routed = 0
        self.waits_in_vain = False
        """Whether a read that demands what a member has not applied is told so, else it waits for that."""
        self.before_commit: Callable[[Member], object] = lambda member: None
        self.after_commit: Callable[[Member], object] = lambda member: None
        """Called with the member between a commit and its answer."""
        self._committed: list[str] = []
        self._changed = threading.Condition()
        for member in self.members:
            self._serve(member)

    def url(self, scheme: str = "neo4j", member: int = 0, options: str = "") -> str:
        """The store URL that names one of its members."""
        return f"{scheme}://{self.members[member].address}{options}"

    def lag(self, *numbers: int) -> None:
        """From here on these members apply no commit, until they ``catch_up``."""
        for number in numbers:
            self.members[number].applied = len(self._committed)

    def catch_up(self) -> None:
        """All members have all commits."""
        with self._changed:
            for member in self.members:
                member.applied = None
            self._changed.notify_all()

    def die(self, *numbers: int) -> None:
        """These members end as by a crash."""
        for number in numbers:
            listening = self.members[number].listening
            _cut(listening)  # which wakes the thread that waits for a connection; closing it does not
            listening.close()
            self.cut_off(number)

    def cut_off(self, number: int) -> None:
        """Ends this member's connections; it takes new ones."""
        for each in list(self.members[number].open):
            _cut(each)

    def rise(self, *numbers: int) -> None:
        """Members that died are there again, at the same address."""
        for number in numbers:
            self.members[number].listening = socket.create_server(("127.0.0.1", self.members[number].port))
            self._serve(self.members[number])

    def close(self) -> None:
        """Ends them all."""
        self.catch_up()
        self.die(*range(len(self.members)))

    def written_by(self) -> set[int]:
        """The members that transactions which may write were begun on."""
        return {each.member for each in self.begun if each.writes}

    def read_by(self) -> set[int]:
        """The members that transactions which only read were begun on."""
        return {each.member for each in self.begun if not each.writes}

    def _serve(self, member: Member) -> None:
        threading.Thread(target=self._accept, args=(member, member.listening), daemon=True).start()

    def _accept(self, member: Member, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = listening.accept()[0]
                threading.Thread(target=self._connected, args=(member, client), daemon=True).start()

    def _connected(self, member: Member, client: socket.socket) -> None:
        member.open.add(client)
        with contextlib.suppress(OSError), client, socket.create_connection(self._server) as server:
            if member.silent:
                _swallow(client)
            else:
                _Connection(self, member, client, server).serve()
        member.open.discard(client)

    def table(self) -> dict[str, Any]:
        """The routing table of now."""
        all_of_them = [member.address for member in self.members]
        leader = [] if self.leader is None else [all_of_them[self.leader]]
        followers = [address for address in all_of_them if address not in leader]
        servers = {
            "ROUTE": all_of_them + self.strangers,
            "READ": (followers or leader) + self.strangers,
            "WRITE": leader,
        }
        self.routed += 1
        return {
            "ttl": 300,
            "db": "neo4j",
            "servers": [{"role": role, "addresses": addresses} for role, addresses in servers.items()],
        }

    def is_leader(self, member: Member) -> bool:
        """Whether it leads now."""
        return self.leader == member.number

    def begin(self, member: Member, extra: dict[str, Any]) -> str | None:
        """Notes a transaction that begins; the code with which it is refused, None where it is not."""
        begun = Begun(member.number, extra.get("mode") != "r", tuple(extra.get("bookmarks") or ()))
        self.begun.append(begun)
        if member.refuses is not None:
            return member.refuses
        with self._changed:
            known = [each for each in begun.bookmarks if each in self._committed]
            demanded = max((self._committed.index(each) + 1 for each in known), default=0)
            if member.applied is not None and demanded > member.applied:
                if self.waits_in_vain:
                    return BEHIND
                self._changed.wait_for(lambda: member.applied is None)
            elif member.applied is not None and member.applied < len(self._committed):
                self.outdated.append(begun)
        return None

    def bookmark(self, member: Member, of_server: str) -> str:
        """What the member gives out in the place of the server's bookmark: of the last commit that it has."""
        with self._changed:
            if member.applied is not None and not self.is_leader(member):
                return self._committed[member.applied - 1] if member.applied else "FB:kcwQ"
            if of_server not in self._committed:
                self._committed.append(of_server)
            return of_server


class _Connection:
    """One connection of a client to a member, and of the member to the server."""

    def __init__(self, cluster: Cluster, member: Member, client: socket.socket, server: socket.socket) -> None:
        self._cluster, self._member, self._client, self._server = cluster, member, client, server
        self._failed = self._writes = False
        self._in_transaction = False

    def serve(self) -> None:
        self._server.sendall(bolt.received(self._client, _HANDSHAKE).replace(_NEGOTIATION, b"\0\0\0\0"))
        self._client.sendall(bolt.received(self._server, 4))
        while True:
            message = bolt.next_message(self._client)
            if message.kind == bolt.GOODBYE:
                return
            if self._failed and message.kind != bolt.RESET:
                self._tell(bolt.answer(bolt.IGNORED))
                continue
            refusal = self._refusal(message)
            if refusal is not None:
                self._failed = True
                self._tell(bolt.answer(bolt.FAILURE, _failure(refusal)))
            elif message.kind == bolt.ROUTE:
                self._tell(bolt.answer(bolt.SUCCESS, {"rt": self._cluster.table()}))
            else:
                self._hand_on(message)

    def _refusal(self, message: Message) -> str | None:
        """The code with which the member refuses it by itself."""
        if message.kind == bolt.ROUTE:
            return self._cluster.no_routes
        alone = message.kind == bolt.RUN and not self._in_transaction
        if message.kind == bolt.BEGIN or alone:
            extra = message.fields[-1]
            self._writes = extra.get("mode") != "r"
            refusal = self._cluster.begin(self._member, extra)
            if refusal is not None:
                return refusal
        if message.kind == bolt.COMMIT:
            self._cluster.before_commit(self._member)
        if message.kind in (bolt.RUN, bolt.COMMIT) and self._writes and not self._cluster.is_leader(self._member):
            return NOT_A_LEADER
        return None

    def _tell(self, message: Message) -> None:
        if self._member.silent:
            _swallow(self._client)
        bolt.send(self._client, message)

    def _hand_on(self, message: Message) -> None:
        if self._member.silent:
            _swallow(self._client)
            return
        bolt.send(self._server, message)
        while (answered := bolt.next_message(self._server)).kind not in bolt.SUMMARIES:
            self._tell(answered)
        self._failed = answered.kind == bolt.FAILURE
        if message.kind in (bolt.BEGIN, bolt.COMMIT, bolt.RESET, bolt.ROLLBACK):
            self._in_transaction = message.kind == bolt.BEGIN
        if answered.kind == bolt.SUCCESS and "bookmark" in (said := answered.fields[-1]):
            own = self._cluster.bookmark(self._member, said["bookmark"])
            if own != said["bookmark"]:
                answered = bolt.answer(bolt.SUCCESS, {**said, "bookmark": own})
        if message.kind == bolt.COMMIT:
            self._cluster.after_commit(self._member)
        self._tell(answered)


def _swallow(client: socket.socket) -> None:
    while client.recv(_HANDSHAKE):  # until the client is gone
        pass


def _failure(code: str) -> dict[str, Any]:
    return {
        "code": code,
        "neo4j_code": code,
        "message": "a member of the cluster refuses it",
        "gql_status": "50N42",
        "description": "error: general processing exception - unexpected error",
    }


def _listening(number: int) -> Member:
    listening = socket.create_server(("127.0.0.1", 0))
    return Member(number, listening, listening.getsockname()[1])


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def playing(url: str, members: int = 3) -> Iterator[Cluster]:
    """A cluster in front of the server of this URL, that ends with the block."""
    cluster = Cluster(url, members)
    try:
        yield cluster
    finally:
        cluster.close()
