"""A documentation server made with the official Python SDK, with a tool of its own.

    python3 handbook.py [PORT]

On standard input and output, or over HTTP on that port of this machine.
"""

import sys

from mcp.server.mcpserver import MCPServer

server = MCPServer("handbook")


@server.tool()
def search(question: str) -> str:
    """Searches the handbook."""
    return f"### How we do it\n\nSource: https://handbook.example.invalid/redis\n\nAsked: {question}"


if len(sys.argv) > 1:
    server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
else:
    server.run()
