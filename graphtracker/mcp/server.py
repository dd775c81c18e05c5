"""The server: messages come on stdin, answers go to stdout."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import Any

from graphtracker.errors import GraphTrackerError, InvalidInput, StoreError
from graphtracker.exchange.extras import library
from graphtracker.logs import logger
from graphtracker.mcp.arguments import schema_of
from graphtracker.mcp.reply import NOTE, Reply, error_text
from graphtracker.mcp.tools import TOOLS, Tool, answer
from graphtracker.mcp.workers import Workers
from graphtracker.model.display import listed, quoted
from graphtracker.tracker import GraphTracker

_MOST_AT_ONCE = 4
_INSTRUCTIONS = (
    "graphtracker knows what ML runs came from and what was made from them. A run has an id, a name (the last part "
    "of the id), metadata, artifacts (named outputs at a path) and sources (the artifacts and runs that it came from). "
    f"Tools: {listed(TOOLS)}; find comes first where no run is known by name. Every answer begins with whether it is "
    "whole; where it is not, it says what was left out and how to ask for more: say so to the user, or ask for more, "
    f"before you conclude that something is not there. {NOTE} Nothing can be changed here."
)
_OUTPUT = {
    "type": "object",
    "properties": {
        "complete": {"type": "boolean", "description": "Whether nothing was left out."},
        "summary": {"type": "string", "description": "What is shown."},
        "left_out": {"type": "array", "items": {"type": "string"}, "description": "What was left out."},
        "for_more": {"type": "array", "items": {"type": "string"}, "description": "How to ask for more."},
        "more": {"type": "array", "items": {"type": "object"}, "description": "Calls that show more: tool, arguments."},
        "note": {"type": "string"},
    },
    "required": ["complete", "summary", "left_out", "for_more", "more", "note"],
}


def serve(url: str | None, version: str) -> None:
    """Answers until stdin closes, about the store of this URL or path; raises MissingExtra."""
    library("mcp_types", "mcp", "graphtracker mcp")  # not there in version 1 of the SDK, either
    asyncio.run(_served(url, version))


async def _served(url: str | None, version: str) -> None:
    made = server(url, version)
    async with library("mcp.server.stdio", "mcp", "graphtracker mcp").stdio_server() as streams:
        await made.run(*streams, made.create_initialization_options())


def server(url: str | None, version: str) -> Any:
    """The server of the SDK with every tool, about one store."""
    types = library("mcp_types", "mcp", "graphtracker mcp")
    lowlevel = library("mcp.server.lowlevel", "mcp", "graphtracker mcp")
    asking, workers = _Asking(url), Workers(_MOST_AT_ONCE)

    async def tools(context: Any, parameters: Any) -> Any:
        return types.ListToolsResult(tools=[_described(types, name, tool) for name, tool in TOOLS.items()])

    async def call(context: Any, parameters: Any) -> Any:
        try:
            reply = await workers.run(partial(asking.answer, parameters.name, parameters.arguments or {}))
        except Exception as error:  # noqa: BLE001  # a model is told, and the server goes on
            return types.CallToolResult(content=[_text(types, _told(error))], is_error=True)
        return types.CallToolResult(content=[_text(types, reply.text())], structured_content=reply.to_dict())

    return lowlevel.Server(
        "graphtracker",
        version=version,
        title="graphtracker: lineage of ML runs",
        instructions=_INSTRUCTIONS,
        on_list_tools=tools,
        on_call_tool=call,
    )


class _Asking:
    """A tracker on the store for each thread that asks: one slow question keeps no other waiting."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._own = threading.local()

    def answer(self, name: str, given: dict[str, Any]) -> Reply:
        """What the tool answers; raises GraphTrackerError."""
        if name not in TOOLS:
            raise ToolNotFound(f"there is no tool {quoted(name)}; the tools are {listed(TOOLS)}")
        tracker = self._tracker()
        if not tracker.exists():
            raise StoreError(
                f"there is no store at {quoted(tracker.url)} yet; it is made by the first run that is recorded, or the "
                "server is to be started with another --store"
            )
        return answer(tracker, name, given)

    def _tracker(self) -> GraphTracker:
        if not hasattr(self._own, "tracker"):
            try:
                self._own.tracker = GraphTracker(self._url)
            except InvalidInput as error:  # of the server's own argument, which no call can change
                raise StoreError(f"{error}, and start the server again") from error
        tracker: GraphTracker = self._own.tracker
        return tracker


class ToolNotFound(GraphTrackerError):
    """A tool was called that is not there."""


def _told(error: Exception) -> str:
    if not isinstance(error, GraphTrackerError):
        logger.exception("a question was not answered", exc_info=error)
    return error_text(error)


def _text(types: Any, text: str) -> Any:
    return types.TextContent(type="text", text=text)


def _described(types: Any, name: str, tool: Tool) -> Any:
    hints = types.ToolAnnotations(
        title=tool.title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    return types.Tool(
        name=name,
        title=tool.title,
        description=tool.description,
        input_schema=schema_of(tool.arguments),
        output_schema=_OUTPUT,
        annotations=hints,
    )
