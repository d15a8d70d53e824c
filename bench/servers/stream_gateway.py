"""DingTalk's side of Stream as a load generator: as many pushes as one client acknowledges.

`python -m bench.servers.stream_gateway PORT`; `POST /burst?seconds=1` pushes and tells how many were acknowledged.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time

import orjson
import uvloop
from aiohttp import WSMsgType, web

from bench.load import CONNECTIONS
from bench.wires import stream_frame

PATIENCE_SECONDS = 10


class Gateway:
    """One client at a time; as many pushes are under way as wrk has connections."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._numbers = itertools.count()
        self._socket: web.WebSocketResponse | None = None
        self._until = 0.0
        self._open: set[str] = set()
        self._acknowledged = 0
        self._bad = 0
        self._quiet = asyncio.Event()

    async def open(self, _request: web.Request) -> web.Response:
        """Where to connect."""
        return web.json_response({"endpoint": f"ws://127.0.0.1:{self._port}/connect", "ticket": "bench"})

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """The connection: every acknowledgement asks for the next push."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self._socket = socket
        async for received in socket:
            if received.type is WSMsgType.TEXT:
                await self._acknowledge(orjson.loads(received.data))
        self._socket = None
        return socket

    async def connected(self, _request: web.Request) -> web.Response:
        """200 once a client is there."""
        return web.Response(status=200 if self._socket else 503)

    async def burst(self, request: web.Request) -> web.Response:
        """Push for so long, wait for the last acknowledgements, count."""
        self._acknowledged = self._bad = 0
        self._quiet.clear()
        start = time.perf_counter()
        self._until = start + float(request.query["seconds"])
        for _ in range(CONNECTIONS):
            await self._push()
        async with asyncio.timeout(self._until - start + PATIENCE_SECONDS):
            await self._quiet.wait()
        rate = self._acknowledged / (time.perf_counter() - start)
        return web.json_response(
            {"requests": self._acknowledged, "per_second": rate, "all_good": self._bad == 0}
        )  # fmt: skip

    async def _push(self) -> None:
        assert self._socket
        n = next(self._numbers)
        self._open.add(f"{n:032x}")
        await self._socket.send_str(stream_frame(n))

    async def _acknowledge(self, ack: dict[str, object]) -> None:
        headers = ack["headers"]
        assert isinstance(headers, dict)
        self._open.remove(headers["messageId"])
        self._acknowledged += 1
        self._bad += ack["code"] != 200
        if time.perf_counter() < self._until:
            await self._push()
        elif not self._open:
            self._quiet.set()


def main() -> None:
    """Serve until a signal."""
    uvloop.install()
    gateway, app = Gateway(int(sys.argv[1])), web.Application()
    app.router.add_post("/{prefix:.*}v1.0/gateway/connections/open", gateway.open)
    app.router.add_get("/connect", gateway.connect)
    app.router.add_get("/connected", gateway.connected)
    app.router.add_post("/burst", gateway.burst)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
