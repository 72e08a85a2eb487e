"""Drives `loadcase mcp` with the official Python SDK, in both generations of the protocol.

    python3 python.py BINARY

Prints one JSON object: what the client saw. Fails when the SDK finds fault with an answer.
"""

import asyncio
import json
import sys

import mcp_types as types
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

BRIEF = "A shop for used bikes, 20k monthly users, four engineers"


async def elicit(_context, params):
    fields = params.requested_schema["properties"]
    return types.ElicitResult(action="accept", content={next(iter(fields)): "7 / 8"})


async def drive(binary, mode):
    seen = {}
    steps = []

    async def progress(done, total, message):
        steps.append(message)

    server = StdioServerParameters(command=binary, args=["mcp", "--no-state", "--today", "2026-11-23"])
    async with Client(server, mode=mode, elicitation_callback=elicit, read_timeout_seconds=60) as client:
        seen["protocol"] = client.protocol_version
        seen["server"] = client.server_info.name if client.server_info else None
        seen["tools"] = [t.name for t in (await client.list_tools()).tools]
        seen["prompts"] = [p.name for p in (await client.list_prompts()).prompts]
        made = await client.call_tool("design", {"brief": BRIEF}, progress_callback=progress)
        assert not made.is_error, made
        seen["answered"] = len(made.structured_content["questions"])
        seen["progress"] = steps
        design = made.structured_content["design_id"]
        report = await client.read_resource(f"loadcase://design/{design}/report.md")
        seen["report"] = report.contents[0].text.splitlines()[0]
        refused = await client.call_tool("review", {"repository": "/etc"})
        seen["refused"] = refused.is_error
        why = await client.call_tool("explain", {"topic": "topology", "design_id": design})
        seen["explained"] = why.structured_content["sections"]
    return seen


async def main():
    print(json.dumps({mode: await drive(sys.argv[1], mode) for mode in ("auto", "legacy")}))


asyncio.run(main())
