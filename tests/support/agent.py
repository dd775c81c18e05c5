"""An agent: the SDK's own client, which starts ``graphtracker mcp`` as a process and speaks with it over stdio."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from anyio.from_thread import BlockingPortal, start_blocking_portal

from tests.support.needs import missing
from tests.support.tools import environment


class Told(NamedTuple):
    """What a tool answered: as text, and as data (None in an error)."""

    text: str
    data: Any
    error: bool

    @property
    def head(self) -> str:
        """What stands before the data."""
        return self.text.partition("\nBelow, up to the line END OF DATA")[0]

    @property
    def block(self) -> str:
        """What stands between the marks."""
        _, _, rest = self.text.partition("----- DATA ")
        mark, _, rest = rest.partition(" -----\n")
        inside, end, after = rest.partition(f"\n----- END OF DATA {mark} -----")
        assert end, self.text
        assert not after, self.text
        return inside

    @property
    def left_out(self) -> bool:
        """Whether it says that something was left out; the text and the data say the same."""
        assert self.data["complete"] == self.text.startswith(("WHOLE ANSWER: ", "LAST PAGE: "))
        assert self.data["complete"] != self.text.startswith("NOT THE WHOLE ANSWER: ")
        assert bool(self.data["left_out"]) != self.data["complete"]
        return not self.data["complete"]


class Agent:
    """Calls of one session, each from a thread that waits for it."""

    def __init__(self, portal: BlockingPortal, client: Any) -> None:
        self._portal = portal
        self.client = client

    def call(self, tool: str, /, **arguments: Any) -> Told:
        """The answer of a tool, which must be the same as text and as data."""
        return self.begin(tool, **arguments).result()

    def begin(self, tool: str, /, **arguments: Any) -> Future[Told]:
        """The answer of a tool, when it comes; cancelled, the server is told so."""
        return self._portal.start_task_soon(self._called, tool, arguments)

    def answer(self, tool: str, /, **arguments: Any) -> Told:
        """The answer of a tool that answers."""
        told = self.call(tool, **arguments)
        assert not told.error, told.text
        shown = json.loads(told.block)
        assert {**told.data, **shown} == told.data
        return told

    def refusal(self, tool: str, /, **arguments: Any) -> str:
        """The text of a tool that answers with an error."""
        told = self.call(tool, **arguments)
        assert told.error, told.text
        assert told.text.startswith("ERROR, nothing was answered"), told.text
        return told.text

    def ping(self) -> None:
        """Waits for the answer to a ping, which newer protocols have no more: the SDK warns of that."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.ask("send_ping")

    def ask(self, method: str, *arguments: Any) -> Any:
        """What a method of the client gives."""
        return self._portal.call(getattr(self.client, method), *arguments)

    async def _called(self, tool: str, arguments: dict[str, Any]) -> Told:
        result = await self.client.call_tool(tool, arguments)
        (content,) = result.content
        return Told(content.text, result.structured_content, result.is_error)


@contextmanager
def agent_on(store: str | Path, folder: Path, *, mode: str = "auto") -> Iterator[Agent]:
    """An agent whose server is about this store, with its stderr in a file of the folder, which stays empty.

    The mode is that of the SDK: ``"legacy"`` is the protocol until 2025, which has pings.
    """
    try:
        from mcp import Client, StdioServerParameters, stdio_client
    except ImportError as error:
        missing(f"no MCP SDK of version 2 ({error}); pip install 'graphtracker[mcp]'")
    with start_blocking_portal() as portal, (folder / "stderr").open("w+", encoding="utf-8") as errors:
        server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "graphtracker", "--store", str(store), "mcp"],
            env=environment(folder),
            cwd=folder,
        )
        with portal.wrap_async_context_manager(Client(stdio_client(server, errlog=errors), mode=mode)) as client:
            yield Agent(portal, client)
        errors.seek(0)
        assert errors.read() == ""
