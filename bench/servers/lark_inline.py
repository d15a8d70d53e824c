"""Peer: lark-oapi's EventDispatcherHandler called on the loop of the same aiohttp server. It stores nothing.

`python -m bench.servers.lark_inline PORT PATH KEY TOKEN`, in the environment of bench/peers.py.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import uvloop
from aiohttp import web


def main() -> None:
    """Serve until a signal."""
    port, path, key, token = sys.argv[1:5]
    lark: Any = importlib.import_module("lark_oapi")
    model: Any = importlib.import_module("lark_oapi.core.model")
    builder = lark.EventDispatcherHandler.builder(key, token)
    dispatcher = builder.register_p2_im_message_receive_v1(lambda _event: None).build()

    async def handle(request: web.Request) -> web.Response:
        raw = model.RawRequest()
        raw.uri, raw.headers, raw.body = request.path, dict(request.headers), await request.read()
        answer = dispatcher.do(raw)
        return web.Response(status=answer.status_code, body=answer.content)

    uvloop.install()
    app = web.Application()
    app.router.add_post(path, handle)
    web.run_app(app, host="127.0.0.1", port=int(port), access_log=None, print=None)


if __name__ == "__main__":
    main()
