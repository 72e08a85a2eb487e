// Drives `loadcase mcp` with both lines of the official TypeScript SDK: the newer over both generations of the
// protocol, the older over `initialize`.
//
//     node typescript.mjs BINARY URL TOKEN
//
// Prints one JSON object: what the clients saw. Fails when an SDK finds fault with an answer.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// Packages live in the folder this runs in, not beside this file.
const require = createRequire(pathToFileURL(process.cwd() + "/"));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const [binary, url, token] = process.argv.slice(2);
const BRIEF = "A shop for used bikes, 20k monthly users, four engineers";
const stdio = { command: binary, args: ["mcp", "--no-state", "--today", "2026-11-23"] };

async function drive(client, transport) {
  await client.connect(transport);
  const seen = { server: client.getServerVersion()?.name };
  seen.tools = (await client.listTools()).tools.map((t) => t.name);
  seen.prompts = (await client.listPrompts()).prompts.map((p) => p.name);
  const made = await client.callTool({ name: "design", arguments: { brief: BRIEF } });
  if (made.isError) throw new Error(JSON.stringify(made));
  const design = made.structuredContent.design_id;
  const report = await client.readResource({ uri: `loadcase://design/${design}/report.md` });
  seen.report = report.contents[0].text.split("\n")[0];
  seen.refused = (await client.callTool({ name: "review", arguments: { repository: "/etc" } })).isError;
  await client.close();
  return seen;
}

const newer = await load("@modelcontextprotocol/client");
const { StdioClientTransport } = await load("@modelcontextprotocol/client/stdio");
const older = await load("@modelcontextprotocol/sdk/client/index.js");
const olderStdio = await load("@modelcontextprotocol/sdk/client/stdio.js");

const about = { name: "test", version: "0" };
const http = () =>
  new newer.StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
const made = (mode) => new newer.Client(about, { versionNegotiation: { mode } });
const seen = {
  modern: await drive(made({ pin: "2026-07-28" }), new StdioClientTransport(stdio)),
  legacy: await drive(made("legacy"), new StdioClientTransport(stdio)),
  older: await drive(new older.Client(about), new olderStdio.StdioClientTransport(stdio)),
  "modern over HTTP": await drive(made({ pin: "2026-07-28" }), http()),
  "legacy over HTTP": await drive(made("legacy"), http()),
};
console.log(JSON.stringify(seen));
