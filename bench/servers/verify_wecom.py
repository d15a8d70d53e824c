"""The limit on WeCom's wires: aiohttp on uvloop doing only what a callback must check. It stores nothing.

`python -m bench.servers.verify_wecom PORT`
"""

from __future__ import annotations

import base64
import hashlib
import struct
import sys
from collections.abc import Awaitable, Callable
from xml.etree import ElementTree

import orjson
import uvloop
from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bench.wires import APP_PATH, BOT_PATH, WECOM


def opener(token: str, aes_key: str, receiver: str) -> Callable[[web.Request, str], bytes]:
    """Checks the signature in the query, decrypts, checks the receiver."""
    key = base64.b64decode(aes_key + "=")
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
    owner = receiver.encode()

    def opened(request: web.Request, sealed: str) -> bytes:
        query = request.query
        parts = sorted((token, query["timestamp"], query["nonce"], sealed))
        if hashlib.sha1("".join(parts).encode()).hexdigest() != query["msg_signature"]:
            raise web.HTTPForbidden
        decryptor = cipher.decryptor()
        padded = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
        text = padded[: -padded[-1]]
        end = 20 + int(struct.unpack(">I", text[16:20])[0])
        if text[end:] != owner:
            raise web.HTTPForbidden
        return text[20:end]

    return opened


def app() -> Callable[[web.Request], Awaitable[web.Response]]:
    """XML around encrypted XML."""
    opened = opener(WECOM["token"], WECOM["aes_key"], WECOM["corp_id"])

    async def handle(request: web.Request) -> web.Response:
        sealed = ElementTree.fromstring(await request.read()).findtext("Encrypt") or ""
        message = {part.tag: part.text for part in ElementTree.fromstring(opened(request, sealed))}
        return web.Response(status=200 if message["AgentID"] == str(WECOM["agent_id"]) else 403)

    return handle


def bot() -> Callable[[web.Request], Awaitable[web.Response]]:
    """JSON around encrypted JSON."""
    opened = opener(WECOM["bot_token"], WECOM["bot_aes_key"], "")

    async def handle(request: web.Request) -> web.Response:
        message = orjson.loads(opened(request, orjson.loads(await request.read())["encrypt"]))
        return web.Response(status=200 if message["from"]["userid"] else 403)

    return handle


def main() -> None:
    """Serve until a signal."""
    uvloop.install()
    served = web.Application()
    served.router.add_post(APP_PATH, app())
    served.router.add_post(BOT_PATH, bot())
    web.run_app(served, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
