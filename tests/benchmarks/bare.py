"""A client loop and nothing else: what the same requests cost without dosimeter.

``python bare.py URL REQUESTS CONNECTIONS TRANSPORT`` with transport ``aiohttp``, ``httpx`` or
``httpx-aiohttp``. Prints the seconds that the requests took, start-up left out.
"""

import asyncio
import itertools
import json
import sys
import time

ASK = "Question {}: how does one mend a puncture in the rain, and why?"


def body(n):
    said = [{"role": "user", "content": ASK.format(n)}]
    return json.dumps({"model": "any", "messages": said, "seed": n}).encode()


async def with_aiohttp(url, numbers, connections):
    import aiohttp

    connector = aiohttp.TCPConnector(limit=connections)
    headers = {"content-type": "application/json"}
    async with aiohttp.ClientSession(connector=connector) as session:

        async def work():
            for n in numbers:
                async with session.post(url, data=body(n), headers=headers) as response:
                    json.loads(await response.read())["choices"]

        await asyncio.gather(*(work() for _ in range(connections)))


async def with_httpx(url, numbers, connections, transport=None):
    import httpx

    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    headers = {"content-type": "application/json"}
    async with httpx.AsyncClient(transport=transport, limits=limits, timeout=60) as client:

        async def work():
            for n in numbers:
                response = await client.post(url, content=body(n), headers=headers)
                json.loads(response.content)["choices"]

        await asyncio.gather(*(work() for _ in range(connections)))


async def main(url, requests, connections, transport):
    numbers = iter(range(requests))
    if transport == "aiohttp":
        job = with_aiohttp
    elif transport == "httpx":
        job = with_httpx
    else:
        import aiohttp
        from httpx_aiohttp import AiohttpTransport

        def session():
            return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections))

        async def job(url, numbers, connections):
            await with_httpx(url, numbers, connections, AiohttpTransport(client=session))

    # Connections and imports are start-up: one request each before the clock starts would change
    # little, so the clock starts here and callers subtract a shorter run.
    began = time.perf_counter()
    await job(f"{url}/chat/completions", itertools.chain(numbers), connections)
    print(f"{time.perf_counter() - began:.6f}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
