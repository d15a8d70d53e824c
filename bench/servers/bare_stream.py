"""The limit on DingTalk's Stream: an aiohttp client on uvloop that reads each push and acknowledges it.

`python -m bench.servers.bare_stream PORT GATEWAY`; it stores nothing, and listens on PORT once it is connected.
"""

from __future__ import annotations

import asyncio
import sys

import aiohttp
import orjson
import uvloop

TAKEN = orjson.dumps({"response": None}).decode()


async def run(port: int, gateway: str) -> None:
    """Connect once and acknowledge until the end."""
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{gateway}/v1.0/gateway/connections/open", json={}) as answer:
            opened = await answer.json()
        async with http.ws_connect(f"{opened['endpoint']}?ticket={opened['ticket']}") as ws:
            await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", port)
            async for received in ws:
                frame = orjson.loads(received.data)
                message = orjson.loads(frame["data"])
                headers = {"contentType": "application/json", "messageId": frame["headers"]["messageId"]}
                code = 200 if message["senderStaffId"] else 404
                await ws.send_str(
                    orjson.dumps({"code": code, "message": "OK", "headers": headers, "data": TAKEN}).decode()
                )


def main() -> None:
    """Until a signal."""
    uvloop.run(run(int(sys.argv[1]), sys.argv[2]))


if __name__ == "__main__":
    main()
