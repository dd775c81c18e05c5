"""The server: messages come on stdin, answers go to stdout."""

from __future__ import annotations

import asyncio
from typing import Any

from graphtracker.errors import GraphTrackerError
from graphtracker.exchange.extras import library
from graphtracker.mcp.answering import Told
from graphtracker.mcp.arguments import schema_of
from graphtracker.mcp.reply import NOTE, error_text
from graphtracker.mcp.tools import TOOLS, Tool
from graphtracker.mcp.workers import Workers
from graphtracker.model.display import listed

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
    workers = Workers(url, _MOST_AT_ONCE)
    made = _server(workers, version)
    try:
        async with library("mcp.server.stdio", "mcp", "graphtracker mcp").stdio_server() as streams:
            await made.run(*streams, made.create_initialization_options())
    finally:
        await workers.close()


def _server(workers: Workers, version: str) -> Any:
    """The server of the SDK with every tool."""
    types = library("mcp_types", "mcp", "graphtracker mcp")
    lowlevel = library("mcp.server.lowlevel", "mcp", "graphtracker mcp")

    async def tools(context: Any, parameters: Any) -> Any:
        return types.ListToolsResult(tools=[_described(types, name, tool) for name, tool in TOOLS.items()])

    async def call(context: Any, parameters: Any) -> Any:
        try:
            told = await workers.ask(parameters.name, parameters.arguments or {})
        except GraphTrackerError as error:
            told = Told(error_text(error), None)
        content = types.TextContent(type="text", text=told.text)
        return types.CallToolResult(content=[content], structured_content=told.data, is_error=told.data is None)

    return lowlevel.Server(
        "graphtracker",
        version=version,
        title="graphtracker: lineage of ML runs",
        instructions=_INSTRUCTIONS,
        on_list_tools=tools,
        on_call_tool=call,
    )


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
