"""A small real service: GET /orders/{id} on loopback, at most so many requests at once, a PostgreSQL behind it.

Each request reads one order, and the store then rests for a time that is exponential with a mean of 20 ms, as a slow
disk or a far network would make it. With --spans every request leaves two spans in a file, as OTLP in JSON lines.
Needs asyncpg. Run by run.py.
"""

import argparse
import asyncio
import json
import random
import secrets
import time

import asyncpg

REST_S = 0.020


class Service:
    def __init__(self, pool, places, spans):
        self.pool, self.places, self.spans = pool, asyncio.Semaphore(places), spans
        self.random = random.Random(7)
        self.offset = time.time_ns() - time.perf_counter_ns()

    async def order(self, key):
        arrived = time.perf_counter_ns()
        async with self.places:
            began = time.perf_counter_ns()
            async with self.pool.acquire() as connection:
                asked = time.perf_counter_ns()
                rest = self.random.expovariate(1 / REST_S)
                row = await connection.fetchrow(
                    "select user_id, amount, pg_sleep($2) from orders where id = $1", key, rest)
                answered = time.perf_counter_ns()
            body = json.dumps({"id": key, "user": row["user_id"], "amount": row["amount"]}).encode()
            ended = time.perf_counter_ns()
        if self.spans:
            self.note(began, asked, answered, ended)
        del arrived
        return body

    def note(self, began, asked, answered, ended):
        """Two spans: the request in the service, and in it the statement."""
        trace, root = secrets.token_hex(16), secrets.token_hex(8)
        at = lambda t: str(t + self.offset)
        text = lambda key, value: {"key": key, "value": {"stringValue": value}}
        spans = [
            {"traceId": trace, "spanId": root, "name": "GET /orders/{id}", "kind": 2,
             "startTimeUnixNano": at(began), "endTimeUnixNano": at(ended),
             "attributes": [text("http.request.method", "GET"), text("http.route", "/orders/{id}")]},
            {"traceId": trace, "spanId": secrets.token_hex(8), "parentSpanId": root, "name": "select orders",
             "kind": 3, "startTimeUnixNano": at(asked), "endTimeUnixNano": at(answered),
             "attributes": [text("db.system.name", "postgresql")]},
        ]
        resource = {"attributes": [text("service.name", "app")]}
        line = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}
        self.spans.write(json.dumps(line, separators=(",", ":")) + "\n")

    async def client(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1]
                body = await self.order(int(path.rsplit(b"/", 1)[1]))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                             + str(len(body)).encode() + b"\r\n\r\n" + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--dsn", required=True)
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--places", type=int, default=4)
    arguments.add_argument("--spans")
    given = arguments.parse_args()
    pool = await asyncpg.create_pool(given.dsn, min_size=given.places, max_size=given.places)
    spans = open(given.spans, "w") if given.spans else None
    service = Service(pool, given.places, spans)
    server = await asyncio.start_server(service.client, "127.0.0.1", given.port)
    async with server:
        await server.serve_forever()


asyncio.run(main())
