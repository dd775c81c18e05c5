"""A server of ``graphtracker mcp`` as a process to which a test speaks line by line, without a client."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.tools import environment

PATIENCE = 60  # seconds after which a test gives up


class BareServer:
    """The process, and lines of JSON to and from it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def write(self, text: str) -> None:
        """Sends text as it is."""
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def send(self, method: str, number: int | None = None, **parameters: Any) -> None:
        """Sends a request, or without a number a notification."""
        message = {"jsonrpc": "2.0", "method": method, "params": parameters}
        self.write(json.dumps(message | ({} if number is None else {"id": number})) + "\n")

    def receive(self) -> Any:
        """The next message."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def begin(self) -> None:
        """Shakes hands, by the protocol until 2025."""
        client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        self.send("initialize", 0, **client)
        assert self.receive()["result"]["serverInfo"]["name"] == "graphtracker"
        self.send("notifications/initialized")

    def call(self, number: int, tool: str = "lineage", **arguments: Any) -> None:
        """Asks a tool, and does not wait for the answer."""
        self.send("tools/call", number, name=tool, arguments=arguments)

    def ping(self, number: int) -> None:
        """Waits for the answer to a ping."""
        self.send("ping", number)
        assert self.receive()["id"] == number

    def errors(self) -> str:
        """What has come on stderr when it, and whatever it started, has ended."""
        assert self.process.stderr is not None
        return self.process.stderr.read()


@contextmanager
def bare_server(
    store: str | Path, folder: Path, patch: str = "", command: Sequence[str] | None = None
) -> Iterator[BareServer]:
    """A server about this store, begun by the command, if one is given; else ``patch`` is code that runs in each
    process that answers, before it does."""
    (folder / "patch.py").write_text(patch, encoding="utf-8")
    program = (
        "import graphtracker.mcp.workers as workers\n"
        "from graphtracker.cli import main\n"
        "workers.PROGRAM = workers.PROGRAM.replace('from ', 'import patch; from ')\n"
        "main()\n"
    )
    with subprocess.Popen(
        [*(command or (sys.executable, "-c", program)), "--store", str(store), "mcp"],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        yield BareServer(process)
        process.kill()
