"""The limit: aiohttp on uvloop doing only what a callback must check. It stores nothing.

`python -m bench.servers.verify_uv PORT`
"""

from __future__ import annotations

import base64
import hashlib
import sys

import orjson
import uvloop
from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bench.product import ENCRYPT_KEY, PATH, TOKEN

KEY = ENCRYPT_KEY.encode()
AES = algorithms.AES(hashlib.sha256(KEY).digest())


async def handle(request: web.Request) -> web.Response:
    """Signature, decryption, parsing, token."""
    body = await request.read()
    headers = request.headers
    stamp, nonce = headers["X-Lark-Request-Timestamp"].encode(), headers["X-Lark-Request-Nonce"].encode()
    if hashlib.sha256(stamp + nonce + KEY + body).hexdigest() != headers["X-Lark-Signature"]:
        return web.Response(status=401)
    secret = base64.b64decode(orjson.loads(body)["encrypt"])
    cipher = Cipher(AES, modes.CBC(secret[:16])).decryptor()
    padded = cipher.update(secret[16:]) + cipher.finalize()
    event = orjson.loads(padded[: -padded[-1]])
    return web.Response(body=b'{"code":0}', status=200 if event["header"]["token"] == TOKEN else 403)


def main() -> None:
    """Serve until a signal."""
    uvloop.install()
    app = web.Application()
    app.router.add_post(PATH, handle)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
