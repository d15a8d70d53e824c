"""Peer: nonebot2 with adapter-feishu, one matcher that does nothing, its vendor calls answered by a stub.

`python -m bench.servers.nonebot_app PORT APP_ID KEY TOKEN`, in the environment of bench/peers.py.
"""

from __future__ import annotations

import importlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BOT = {
    "activate_status": 2,
    "app_name": "bench",
    "avatar_url": "http://127.0.0.1/bench.png",
    "ip_white_list": [],
    "open_id": "ou_bot",
}
ANSWER = {"code": 0, "msg": "ok", "tenant_access_token": "t-bench", "expire": 7200, "bot": BOT}


class Stub(BaseHTTPRequestHandler):
    """The vendor, as far as the adapter asks it at its start."""

    def do_GET(self) -> None:
        """Any read."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_args: Any) -> None:
        """Nothing."""


def main() -> None:
    """Serve until a signal."""
    port, app_id, key, token = sys.argv[1:5]
    stub = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    threading.Thread(target=stub.serve_forever, daemon=True).start()
    account = {
        "app_id": app_id,
        "app_secret": "bench",
        "encrypt_key": key,
        "verification_token": token,
        "api_base": f"http://127.0.0.1:{stub.server_port}",
    }
    nonebot: Any = importlib.import_module("nonebot")
    nonebot.init(driver="~fastapi+~httpx", host="127.0.0.1", port=int(port), log_level="WARNING", feishu_bots=[account])
    nonebot.get_driver().register_adapter(importlib.import_module("nonebot.adapters.feishu").Adapter)

    async def nothing() -> None:
        return

    nonebot.on_message().append_handler(nothing)
    nonebot.run(access_log=False)


if __name__ == "__main__":
    main()
