"""The way into Stream mode."""

from __future__ import annotations

from xml.sax.saxutils import escape

from aiohttp import web

from simulator.dingtalk.errors import ApiError, invalid
from simulator.dingtalk.frames import CARD, ROBOT
from simulator.dingtalk.http import Json, Request
from simulator.dingtalk.platform import PREFIX

TOPICS = {
    "EVENT": ("*",),
    "CALLBACK": (
        ROBOT,
        CARD,
        "/v1.0/card/dynamicData/get",
        "/v1.0/graph/api/invoke",
        "/v1.0/im/bot/messages/delegate",
    ),
}


async def open_connection(request: Request) -> Json | web.Response:
    """POST gateway/connections/open: an endpoint and a ticket for one connection."""
    dingtalk, body = request.dingtalk, request.body()
    app = dingtalk.app
    if (body.get("clientId"), body.get("clientSecret")) != (app.app_key, app.app_secret):
        raise ApiError("invalidClientIdOrSecret", http=401)
    rows = body.get("subscriptions")
    if not isinstance(rows, list) or not rows:
        raise invalid("subscriptions")
    subscriptions = frozenset((str(row["type"]), str(row["topic"])) for row in rows)
    if any(topic not in TOPICS.get(kind, ()) for kind, topic in subscriptions):
        raise invalid("subscriptions", "a topic that cannot be subscribed to")
    ticket = dingtalk.tickets.give(subscriptions, expired=dingtalk.faults.scene("ticket") == "expired")
    prefix = PREFIX if request.http.path.startswith(PREFIX) else ""
    origin = request.http.url.origin()
    scheme = "wss" if origin.scheme == "https" else "ws"
    answer = {"endpoint": f"{scheme}://{origin.authority}{prefix}/connect", "ticket": ticket}
    if "application/json" not in request.http.headers.get("Accept", ""):
        parts = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in answer.items())
        return web.Response(text=f"<result>{parts}</result>", content_type="application/xml")
    return answer
