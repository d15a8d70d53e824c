"""A vendor that says yes to everything, for benches that measure only us. `python -m bench.servers.vendor PORT`"""

from __future__ import annotations

import itertools
import sys

import uvloop
from aiohttp import web

_numbers = itertools.count()


async def yes(_request: web.Request) -> web.Response:
    """A token, a bot, a message id: whatever was asked for."""
    data = {"message_id": f"om_vendor_{next(_numbers)}", "items": [], "user_list": []}
    bot = {"open_id": "ou_" + "8" * 32, "app_name": "bench"}
    answer = {"code": 0, "msg": "ok", "tenant_access_token": "t-bench", "expire": 7200, "bot": bot, "data": data}
    return web.json_response(answer)


def main() -> None:
    """Serve until a signal."""
    uvloop.install()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", yes)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
