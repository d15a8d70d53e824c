"""Faults, reset, callback URLs and tokens."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.control.desk import DESK, Desk, reply, text_of, whole_number
from simulator.faults import Fault, FaultRefused
from simulator.vendor import Json, Refused, Vendor


async def faults(request: web.Request) -> web.StreamResponse:
    """GET lists the faults still to come and those on offer, POST adds one to a `platform`, DELETE removes all."""

    async def work(body: Json) -> Json:
        desk = request.app[DESK]
        if request.method == "DELETE":
            for vendor in desk.vendors.values():
                vendor.faults.clear()
        elif request.method == "POST":
            _add_fault(desk.vendor(body.get("platform")), body)
        vendors = desk.vendors.values()
        return {
            "faults": [{"platform": v.name, **row} for v in vendors for row in v.faults.view()],
            "offers": {v.name: v.faults.offers() for v in vendors},
        }

    return await reply(request, work)


def _add_fault(vendor: Vendor, body: Json) -> None:
    fault = Fault(
        text_of(body, "path"), text_of(body, "kind"), whole_number(body, "count", 1), whole_number(body, "ms", 0)
    )
    try:
        vendor.faults.add(fault)
    except FaultRefused as refused:
        raise Refused(str(refused)) from refused


async def reset(desk: Desk, body: Json) -> Json:
    """POST /sim/reset: the company as at the start; clock, callback URLs and tokens stay.

    With "start_over" the watchers are told that somebody wants everything anew, the assistant behind it included.
    """
    desk.reset()
    if body.get("start_over") is True:
        desk.parts.feed.publish("start_over")
    return {"ok": True}


async def callback(desk: Desk, body: Json) -> Json:
    """POST /sim/callback: another URL for one callback, "feishu" unless `name` says another.

    `base` moves all of them below another address. With "verify" it is checked as the vendor does.
    """
    if body.get("base") is not None:
        for vendor in desk.vendors.values():
            for name in vendor.callbacks():
                vendor.point(name, f"{_url(body['base'], 'base').rstrip('/')}/callback/{name}")
    vendor, name = _named(desk, str(body.get("name") or next(iter(desk.vendor(None).callbacks()))))
    if body.get("url") is not None:
        vendor.point(name, _url(body["url"], "url"))
    answer: Json = {"url": vendor.callbacks()[name]}
    if body.get("verify"):
        answer["verified"] = await vendor.verify(name)
    return answer


async def revoke(desk: Desk, body: Json) -> Json:
    """POST /sim/tokens/revoke: every access token is dead at once, of one `platform` or of all."""
    platform = body.get("platform")
    for vendor in [desk.vendor(platform)] if platform else desk.vendors.values():
        vendor.revoke()
    return {"ok": True}


def _named(desk: Desk, name: str) -> tuple[Vendor, str]:
    for vendor in desk.vendors.values():
        if name in vendor.callbacks():
            return vendor, name
    raise Refused(f"没有这个回调：{name}", 404)


def _url(url: Any, field: str) -> str:
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise Refused(f"{field} 要以 http:// 或 https:// 开头")
    return url
