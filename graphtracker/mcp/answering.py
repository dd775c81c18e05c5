"""The process that answers the questions of a server, one after the other, for as long as the server is there."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO, NamedTuple

from graphtracker.errors import GraphTrackerError, InvalidInput, StoreError
from graphtracker.logs import logger
from graphtracker.mcp.reply import error_text
from graphtracker.mcp.tools import TOOLS, answer
from graphtracker.model.display import listed, quoted
from graphtracker.tracker import GraphTracker

SIZE_BYTES = 8
"""Of the number of bytes of an answer, which stands before it."""


class Told(NamedTuple):
    """An answer, or (without data) an error."""

    text: str
    data: Mapping[str, Any] | None


def main() -> None:
    """Answers what comes on stdin: a line with the URL or path of the store, then a line for each question."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, whose end is ours
    answers = _own_output()
    lines: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_read, args=(sys.stdin.buffer, lines), daemon=True).start()
    asking = Asking(json.loads(lines.get()))
    while True:
        question = json.loads(lines.get())
        told = json.dumps(asking.answer(question["tool"], question["arguments"])).encode()
        answers.write(len(told).to_bytes(SIZE_BYTES, "big") + told)
        answers.flush()


def _own_output() -> BinaryIO:
    """Stdout for answers alone: what anybody prints goes to stderr, where there is one."""
    own = os.fdopen(os.dup(1), "wb")
    try:
        os.dup2(2, 1)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return own


def _read(stdin: BinaryIO, lines: SimpleQueue[bytes]) -> None:
    """Takes in lines also while a question is looked at, so that the end of the server is the end of it."""
    for line in stdin:
        lines.put(line)
    os._exit(0)


class Asking:
    """A tracker on one store, opened at the first question, and what tools answer of it."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._tracker: GraphTracker | None = None

    def answer(self, tool: str, arguments: Mapping[str, Any]) -> Told:
        """What the tool answers, or what is wrong."""
        try:
            reply = answer(self._opened(tool), tool, arguments)
            return Told(reply.text(), reply.to_dict())
        except Exception as error:  # noqa: BLE001  # a model is told, and the next question is answered
            if not isinstance(error, GraphTrackerError):
                logger.exception("a question was not answered", exc_info=error)
            return Told(error_text(error), None)

    def _opened(self, tool: str) -> GraphTracker:
        if tool not in TOOLS:
            raise InvalidInput(f"there is no tool {quoted(tool)}; the tools are {listed(TOOLS)}")
        if self._tracker is None:
            try:
                self._tracker = GraphTracker(self._url)
            except InvalidInput as error:  # of the server's own argument, which no call can change
                raise StoreError(f"{error}, and start the server again") from error
        if not self._tracker.exists():
            raise StoreError(
                f"there is no store at {quoted(self._tracker.url)} yet; it is made by the first run that is recorded, "
                "or the server is to be started with another --store"
            )
        return self._tracker
