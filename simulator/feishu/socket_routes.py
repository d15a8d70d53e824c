"""Where a bot asks for a long connection, and where it then connects."""

from __future__ import annotations

from aiohttp import web

from simulator.feishu.http import FEISHU, PREFIX, Json, Request
from simulator.feishu.socket import PATH, Sockets

BUSY, FORBIDDEN, WRONG_SECRET, NO_CREDENTIALS, TOO_MANY = 1, 403, 514, 1000040344, 1000040350


async def endpoint(request: Request) -> Json:
    """POST /callback/ws/endpoint: the address of one connection, for the app's id and secret."""
    feishu, body = request.feishu, request.body()
    app, app_id, secret = feishu.company.app, body.get("AppID"), body.get("AppSecret")
    if not app_id or not secret:
        return {"code": NO_CREDENTIALS, "msg": "app_id or app_secret is missing"}
    if app_id != app.app_id:
        return {"code": FORBIDDEN, "msg": "app is not found"}
    if secret != app.app_secret:
        return {"code": WRONG_SECRET, "msg": "app_secret is wrong"}
    if feishu.sockets.full:
        return {"code": TOO_MANY, "msg": "the number of connections exceeded the limit"}
    scheme = "wss" if request.http.secure else "ws"
    prefix = PREFIX if request.http.path.startswith(PREFIX) else ""
    url = f"{scheme}://{request.http.host}{prefix}{PATH}?{feishu.sockets.address()}"
    return {"code": 0, "msg": "", "data": {"URL": url, "ClientConfig": feishu.sockets.config}}


async def connect(request: web.Request) -> web.StreamResponse:
    """GET /ws/v2: the websocket; a refusal says why in headers, as the vendor does."""
    feishu = request.app[FEISHU]
    if feishu.faults.take("GET", PATH, PREFIX + PATH) is not None:
        return _refused(500, BUSY, "system busy")
    if not feishu.sockets.admits(request.query.get("ticket", "")):
        return _refused(403, WRONG_SECRET, "the ticket is wrong, used or too old")
    if feishu.sockets.full:
        return _refused(403, WRONG_SECRET, "too many connections", TOO_MANY)
    ws = web.WebSocketResponse(autoping=False, timeout=1.0)
    await ws.prepare(request)
    await feishu.sockets.serve(ws, request.query.get("device_id", ""))
    return ws


async def steer(request: web.Request) -> web.StreamResponse:
    """POST /sim/feishu/sockets: {"do": "close"} ends all connections, "silence" lets them hang; tells how many."""
    sockets: Sockets = request.app[FEISHU].sockets
    try:
        body = await request.json()
        asked = body.get("do")
    except (ValueError, AttributeError):
        asked = None
    opened = len(sockets.open)
    if asked == "close":
        await sockets.close()
    elif asked == "silence":
        sockets.silence()
    else:
        return web.json_response({"error": "do 要是 close 或 silence"}, status=400)
    return web.json_response({"connections": opened})


def add_routes(app: web.Application) -> None:
    """Serve the websocket below /feishu and at the root, and close all connections at the end."""
    for prefix in (PREFIX, ""):
        app.router.add_get(prefix + PATH, connect)
    app.router.add_post("/sim/feishu/sockets", steer)
    app.on_shutdown.append(_close)


async def _close(app: web.Application) -> None:
    await app[FEISHU].sockets.close()


def _refused(http: int, status: int, text: str, code: int = 0) -> web.Response:
    headers = {"handshake-status": str(status), "handshake-msg": text, "handshake-autherrcode": str(code)}
    return web.Response(status=http, headers=headers)
