"""The limit on DingTalk's robot wire: aiohttp on uvloop doing only what a callback must check. It stores nothing.

`python -m bench.servers.verify_dingtalk PORT`
"""

from __future__ import annotations

import sys

import orjson
import uvloop
from aiohttp import web

from bench.wires import ROBOT_PATH, robot_sign


async def handle(request: web.Request) -> web.Response:
    """Signature, parsing, sender."""
    if robot_sign(request.headers["timestamp"]) != request.headers["sign"]:
        return web.Response(status=401)
    message = orjson.loads(await request.read())
    return web.Response(body=b'{"msgtype":"empty"}', status=200 if message["senderStaffId"] else 403)


def main() -> None:
    """Serve until a signal."""
    uvloop.install()
    app = web.Application()
    app.router.add_post(ROBOT_PATH, handle)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
