"""The peer on WeCom's wire: wechatpy verifies, decrypts and parses, aiohttp on uvloop serves. It stores nothing.

`python -m bench.servers.wechatpy_uv PORT`
"""

from __future__ import annotations

import sys

import uvloop
from aiohttp import web
from wechatpy.enterprise import parse_message  # type: ignore[import-untyped]  # wechatpy has no types
from wechatpy.enterprise.crypto import WeChatCrypto  # type: ignore[import-untyped]  # the same

from bench.wires import APP_PATH, WECOM

CRYPTO = WeChatCrypto(WECOM["token"], WECOM["aes_key"], WECOM["corp_id"])


async def handle(request: web.Request) -> web.Response:
    """As wechatpy's own documents show it."""
    query = request.query
    xml = CRYPTO.decrypt_message(await request.read(), query["msg_signature"], query["timestamp"], query["nonce"])
    return web.Response(body=b"success", status=200 if parse_message(xml).content else 403)


def main() -> None:
    """Serve until a signal."""
    uvloop.install()
    app = web.Application()
    app.router.add_post(APP_PATH, handle)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
