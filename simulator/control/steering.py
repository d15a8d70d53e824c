"""Faults, reset, callback URL and tokens."""

from __future__ import annotations

from aiohttp import web

from simulator.control.desk import DESK, Desk, Json, Refused, reply, text_of, whole_number
from simulator.faults import Fault, FaultRefused


async def faults(request: web.Request) -> web.StreamResponse:
    """GET lists the faults still to come, POST adds one, DELETE removes all."""

    async def work(body: Json) -> Json:
        known = request.app[DESK].feishu.faults
        if request.method == "DELETE":
            known.clear()
        elif request.method == "POST":
            fault = Fault(
                text_of(body, "path"),
                text_of(body, "kind"),
                whole_number(body, "count", 1),
                whole_number(body, "ms", 0),
            )
            try:
                known.add(fault)
            except FaultRefused as refused:
                raise Refused(str(refused)) from refused
        return {"faults": known.view()}

    return await reply(request, work)


async def reset(desk: Desk, body: Json) -> Json:
    """POST /sim/reset: the company as at the start; clock, callback URL and tokens stay."""
    desk.sender.clear()
    desk.feishu.reset()
    return {"ok": True}


async def callback(desk: Desk, body: Json) -> Json:
    """POST /sim/callback: another callback URL; with "verify" it is checked as the vendor does."""
    url = body.get("url")
    if url is not None:
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise Refused("url 要以 http:// 或 https:// 开头")
        desk.line.url = url
    answer: Json = {"url": desk.line.url}
    if body.get("verify"):
        answer["verified"] = await desk.sender.verify()
    return answer


async def revoke(desk: Desk, body: Json) -> Json:
    """POST /sim/tokens/revoke: every access token is dead at once."""
    desk.feishu.tokens.revoke()
    return {"ok": True}
