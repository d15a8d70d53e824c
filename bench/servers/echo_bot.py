"""The least a chat bot can do: verify a message, answer 200, post one text message. It stores nothing.

`python -m bench.servers.echo_bot PORT API_BASE`
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sys
from typing import Any

import orjson
import uvloop
from aiohttp import ClientSession, web
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from bench.product import APP, PATH, TOKEN
from bench.servers.verify_uv import AES, KEY


class Echo:
    """One token for its whole life; a bench is shorter."""

    def __init__(self, api: str) -> None:
        self._api = api
        self._token = ""
        self._sends: set[asyncio.Task[None]] = set()

    async def start(self, _app: web.Application) -> None:
        """The session and the token."""
        self._http = ClientSession()

    async def stop(self, _app: web.Application) -> None:
        """Close the session."""
        await self._http.close()

    async def handle(self, request: web.Request) -> web.Response:
        """Verify as every bot must; answer first, post after."""
        body, headers = await request.read(), request.headers
        stamp, nonce = headers["X-Lark-Request-Timestamp"].encode(), headers["X-Lark-Request-Nonce"].encode()
        if hashlib.sha256(stamp + nonce + KEY + body).hexdigest() != headers["X-Lark-Signature"]:
            return web.Response(status=401)
        secret = base64.b64decode(orjson.loads(body)["encrypt"])
        cipher = Cipher(AES, modes.CBC(secret[:16])).decryptor()
        padded = cipher.update(secret[16:]) + cipher.finalize()
        event = orjson.loads(padded[: -padded[-1]])
        if event.get("type") == "url_verification":
            return web.json_response({"challenge": event["challenge"]})
        if event["header"]["token"] != TOKEN:
            return web.Response(status=403)
        if "message" in event["event"]:
            task = asyncio.create_task(self._post(event["event"]["message"]))
            self._sends.add(task)
            task.add_done_callback(self._sends.discard)
        return web.Response(body=b"{}")

    async def _post(self, message: dict[str, Any]) -> None:
        if not self._token:
            path = "/open-apis/auth/v3/tenant_access_token/internal"
            app = {"app_id": APP["app_id"], "app_secret": APP["app_secret"]}
            async with self._http.post(self._api + path, json=app) as answer:
                self._token = (await answer.json())["tenant_access_token"]
        sent = {"receive_id": message["chat_id"], "msg_type": "text", "content": message["content"]}
        url = f"{self._api}/open-apis/im/v1/messages?receive_id_type=chat_id"
        async with self._http.post(url, json=sent, headers={"Authorization": f"Bearer {self._token}"}) as answer:
            await answer.read()


def main() -> None:
    """Serve until a signal."""
    uvloop.install()
    echo, app = Echo(sys.argv[2]), web.Application()
    app.router.add_post(PATH, echo.handle)
    app.on_startup.append(echo.start)
    app.on_cleanup.append(echo.stop)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
