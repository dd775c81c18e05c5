"""The ``mcp`` command."""

from __future__ import annotations

import gc
import signal
import sys

import graphtracker
from graphtracker.cli.options import StoreOption
from graphtracker.cli.output import tell


def mcp(store: StoreOption = None) -> None:
    """Answer an agent's questions by the Model Context Protocol.

    A client starts it, and speaks to it over stdin and stdout: its configuration has the command `graphtracker` with
    the arguments `--store URL mcp`. It only reads. It ends when stdin closes.

    Example: graphtracker mcp --store /data/lineage.db
    """
    from graphtracker.mcp.server import serve  # for those who serve

    gc.enable()  # which is off in commands, since they end soon
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)  # at once: a handler would wait for a thread that reads stdin
    if sys.stdin is not None and sys.stdin.isatty():
        tell("waiting for a client that speaks MCP on stdin; Ctrl-C ends it")
    serve(store, graphtracker.__version__)
