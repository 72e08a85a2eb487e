"""A documentation server made with the official Python SDK, with a tool of its own."""

from mcp.server.mcpserver import MCPServer

server = MCPServer("handbook")


@server.tool()
def search(question: str) -> str:
    """Searches the handbook."""
    return f"### How we do it\n\nSource: https://handbook.example.invalid/redis\n\nAsked: {question}"


server.run()
