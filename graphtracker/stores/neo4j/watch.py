"""Calls that wait for an answer, ended where their server no longer says anything to anybody.

A statement may take as long as it needs, so no time without an answer is too long by itself: the driver waits for two
minutes, and for ever where it sends. But a server that is frozen, or behind a network that swallows everything, does
not talk to a new connection either. So while a call waits, a thread opens one now and then; where nobody answers there,
the call's own connection is cut, which the driver takes for the end of the server.
"""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from ssl import SSLSocket

import neo4j

from graphtracker.stores.neo4j.threads import IDLE, begin

# How a client of Bolt begins: a mark, then the versions that it speaks. Any server answers it, if only that it takes
# none of them.
_HELLO = b"\x60\x60\xb0\x17" + bytes([0, 0, 0, 5]) + bytes(12)

# What the network says of a machine that says nothing.
_NOT_THERE = frozenset([errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETUNREACH])


class _Call:
    """One that is under way, with the time of the next look at it."""

    def __init__(self, session: neo4j.Session, due: float) -> None:
        self._session = session
        self.due = due

    @property
    def connected(self) -> socket.socket | None:
        """The socket that it may be waiting at; the driver has no public name for it."""
        connection = getattr(self._session, "_connection", None)
        found = getattr(getattr(connection, "socket", None), "_socket", None)
        return found if isinstance(found, socket.socket) else None


_Waiting = list[tuple[_Call, socket.socket]]


class Watch:
    """The calls of which each waits for so many seconds before its server is asked, which has as many to answer.

    One thread looks after all of them; it ends some time after the last.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._calls: set[_Call] = set()
        self._looking = threading.Lock()

    @contextmanager
    def over(self, session: neo4j.Session) -> Iterator[None]:
        """Watches what the session does inside the block."""
        call = _Call(session, time.monotonic() + self._seconds)
        self._calls.add(call)
        try:
            self._look_from_now_on()
            yield
        finally:
            self._calls.discard(call)

    def _look_from_now_on(self) -> None:
        if self._looking.acquire(blocking=False):
            try:
                begin(self._look_on)
            except RuntimeError:  # there can be no more threads
                self._looking.release()

    def _look_on(self) -> None:
        last = time.monotonic()
        while self._calls or time.monotonic() - last < IDLE:
            now = time.monotonic()
            last = now if self._calls else last
            for waiting in self._due(now).values():
                with suppress(RuntimeError):
                    begin(self._ask, waiting)  # by another thread, so that no server waits for another one
            # A call that begins meanwhile is not due before this is over.
            time.sleep(max(0.0, min([now + self._seconds, *[call.due for call in list(self._calls)]]) - now))
        self._looking.release()
        if self._calls:  # one that began when this thread was as good as gone
            self._look_from_now_on()

    def _due(self, now: float) -> dict[object, _Waiting]:
        """The calls that are due, or so soon that they may as well be, by the address of the server."""
        due: dict[object, _Waiting] = {}
        for call in [call for call in list(self._calls) if call.due <= now + self._seconds / 4]:
            connected = call.connected
            call.due = now + self._seconds / (4 if connected is None else 1)
            if connected is not None:
                with suppress(OSError):  # it has just been closed
                    due.setdefault(connected.getpeername(), []).append((call, connected))
        return due

    def _ask(self, waiting: _Waiting) -> None:
        """Ends these calls, which wait for the same server, where that does not answer."""
        for _, connected in waiting:
            _keep_alive(connected, self._seconds)
        if is_silent(waiting[0][1], self._seconds):
            for call, connected in waiting:
                if call in self._calls and call.connected is connected:
                    _cut(connected)


watch = cache(Watch)
"""That of all calls of this process with so much patience."""

os.register_at_fork(after_in_child=watch.cache_clear)


def is_silent(connected: socket.socket, seconds: float) -> bool:
    """Whether a second connection to where this one leads is not answered.

    Only silence counts: a server that refuses it (because it ends, once what it has begun is done) says something, and
    so does a machine of ours that has no room for another connection.
    """
    try:
        with socket.socket(connected.family) as plain:
            plain.settimeout(seconds)
            plain.connect(connected.getpeername())
            with _encrypted_as(connected, plain) as asking:
                asking.sendall(_HELLO)
                asking.recv(1)
    except TimeoutError:
        return True
    except OSError as error:
        return error.errno in _NOT_THERE
    return False


def _encrypted_as(connected: socket.socket, plain: socket.socket) -> socket.socket:
    if isinstance(connected, SSLSocket):
        return connected.context.wrap_socket(plain, server_hostname=connected.server_hostname)
    return plain


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # TLS would first forget what its reader is reading with


def _keep_alive(connected: socket.socket, seconds: float) -> None:
    """Has the system end this connection once the other end has not known of it for so long: a firewall may have
    forgotten it, or the machine have begun anew, while another connection is answered.

    TCP_USER_TIMEOUT would not do: it also ends what a busy server does not take yet.
    """
    pause = max(1, round(seconds / 4))
    # The second is what macOS calls the first.
    values = {"TCP_KEEPIDLE": pause, "TCP_KEEPALIVE": pause, "TCP_KEEPINTVL": pause, "TCP_KEEPCNT": 3}
    for name, value in values.items():
        with suppress(OSError, AttributeError):  # not every system has all of them
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
