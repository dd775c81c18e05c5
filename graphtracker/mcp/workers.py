"""Processes that answer questions while the loop of messages goes on."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from graphtracker.errors import GraphTrackerError
from graphtracker.mcp.answering import SIZE_BYTES, Told

# The path is set before anything is imported: with -c, the working folder would come first.
PROGRAM = "import sys; sys.path[:] = {path!r}; from graphtracker.mcp.answering import main; main()"
"""What such a process runs."""


class Workers:
    """A few processes that stay, started when they are needed; one whose question is cancelled is ended with it.

    A thread could not be ended in the middle of what SQLite or a server is doing for it, a process can.
    """

    def __init__(self, url: str | None, most: int) -> None:
        self._url = url
        self._free = asyncio.Semaphore(most)
        self._idle: list[Process] = []

    async def ask(self, tool: str, arguments: Mapping[str, Any]) -> Told:
        """What the tool answers; raises GraphTrackerError where the process ends before it has."""
        async with self._free, self._worker() as worker:
            return await _asked(worker, {"tool": tool, "arguments": arguments})

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[Process]:
        """A process, which is kept where all went well."""
        worker = self._idle.pop() if self._idle else None
        if worker is None or worker.returncode is not None:
            worker = await _started(self._url)
        try:
            yield worker
        except BaseException:  # that the question was cancelled, first of all
            _end(worker)
            raise
        self._idle.append(worker)

    async def close(self) -> None:
        """Ends the processes that have nothing to do."""
        for worker in self._idle:
            _end(worker)
            await worker.wait()
        self._idle.clear()


async def _started(url: str | None) -> Process:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM.format(path=sys.path), stdin=PIPE, stdout=PIPE
    )
    _send(worker, url)  # not as an argument, which others on the machine can read: a password may be in it
    return worker


async def _asked(worker: Process, question: Any) -> Told:
    answers = cast("asyncio.StreamReader", worker.stdout)
    try:
        _send(worker, question)
        size = int.from_bytes(await answers.readexactly(SIZE_BYTES), "big")
        return Told(*json.loads(await answers.readexactly(size)))
    except (asyncio.IncompleteReadError, OSError) as error:
        code = await worker.wait()
        raise GraphTrackerError(
            f"the process that looked for the answer has ended with exit code {code} (negative: by that signal; -9 may "
            "be for want of memory); call again, for less: with a depth, or about another run"
        ) from error


def _send(worker: Process, message: Any) -> None:
    cast("asyncio.StreamWriter", worker.stdin).write(json.dumps(message).encode() + b"\n")


def _end(worker: Process) -> None:
    with suppress(ProcessLookupError):  # it has ended by itself
        worker.kill()
