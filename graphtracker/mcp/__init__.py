"""An MCP server that answers questions about lineage: what agents are told, how much of it at a time."""
