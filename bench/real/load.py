"""Open-loop load: requests at the times of a Poisson process, whether or not earlier ones are answered.

Response times count from when a request was due, so that a late sender hides nothing. Prints one JSON object.
"""

import argparse
import asyncio
import json
import random
import time


async def one(port, due, free, found):
    try:
        reader, writer = free.pop() if free else await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /orders/{random.randrange(1, 10001)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        found.append((due, time.perf_counter() - due))
        free.append((reader, writer))
    except (OSError, asyncio.IncompleteReadError):
        found.append((due, None))


async def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--rate", type=float, required=True)
    arguments.add_argument("--seconds", type=float, required=True)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    arrivals = random.Random(given.seed)
    free, found, tasks, late = [], [], set(), []
    begin = due = time.perf_counter()
    while True:
        due += arrivals.expovariate(given.rate)
        if due > begin + given.seconds:
            break
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        late.append(time.perf_counter() - due)
        task = asyncio.create_task(one(given.port, due, free, found))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.wait_for(asyncio.gather(*tasks), 30)
    # The first tenth is warm-up.
    times = sorted(t for at, t in found if t is not None and at > begin + 0.1 * given.seconds)
    at = lambda p: 1e3 * times[min(len(times) - 1, int(p * len(times)))]
    late.sort()
    print(json.dumps({
        "requests": len(times), "failed": sum(t is None for _, t in found), "per_s": len(found) / given.seconds,
        "mean": 1e3 * sum(times) / len(times), "p50": at(0.5), "p95": at(0.95), "p99": at(0.99),
        "sent_late_p99": 1e3 * late[int(0.99 * len(late))]}))


asyncio.run(main())
