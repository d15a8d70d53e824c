"""What can be read: the state, messages, calls, uploads, and the live stream."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

from aiohttp import web

from simulator.company import Person
from simulator.control.clockwork import CLOCKWORK
from simulator.control.desk import DESK, Desk, as_json, reply, where, whole_number
from simulator.files import download
from simulator.vendor import Json, Refused

HEARTBEAT_SECONDS = 15.0


async def state(request: web.Request) -> web.StreamResponse:
    """GET /sim/state: company, people, chats, clock and links."""

    async def work(_: Json) -> Json:
        desk, shown = request.app[DESK], await request.app[CLOCKWORK].view()
        company, world = desk.parts.company, desk.parts.world
        return {
            "company": company.name,
            "bot": {"name": company.bot_name, "open_id": company.bot_open_id},
            "clock": {"now": shown["now"]},
            "next_due": shown["next_due"],
            "platforms": list(desk.vendors),
            "people": [_person(desk, person) for person in company.people],
            "chats": [chat.view() for chat in world.chats.values()],
            "columns": [asdict(column) for column in company.columns],
            "guide": list(company.guide),
            "links": {"gallery": desk.parts.options.gallery},
        }

    return await reply(request, work)


def _person(desk: Desk, person: Person) -> Json:
    ids: Json = {}
    for vendor in desk.vendors.values():
        ids.update(vendor.account(person))
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "team": person.team,
        "platform": person.home,
        **ids,
    }


async def messages(desk: Desk, body: Json) -> Json:
    """GET /sim/messages: one chat's messages, those after a number when asked."""
    key, after = body.get("chat"), whole_number(body, "after", 0)
    person = desk.parts.company.find(str(key)) if key else None
    chat = where(desk, {**body, "chat": None}, person) if person else desk.chat(key)
    return {"messages": [m.view() for m in chat.messages if m.seq > after]}


async def calls(desk: Desk, body: Json) -> Json:
    """GET /sim/calls: the newest API calls in both directions, oldest first."""
    limit = whole_number(body, "limit", 200)
    return {"calls": desk.parts.calls.view(limit, body.get("path"))}


async def file(request: web.Request) -> web.StreamResponse:
    """GET /sim/files/KEY: an upload, for the chat page."""
    blob = request.app[DESK].parts.world.blobs.get(request.match_info["key"])
    if blob is None:
        return as_json({"error": "没有这个文件"}, 404)
    response = download(blob)
    if blob.kind == "image" and blob.mime.startswith("image/") and "svg" not in blob.mime:
        response.headers["Content-Disposition"] = "inline"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


async def stream(request: web.Request) -> web.StreamResponse:
    """GET /sim/events: everything that happens from now on, as server-sent events."""
    feed = request.app[DESK].parts.feed
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
    )
    queue = feed.subscribe()
    try:
        await response.prepare(request)
        await response.write(b": ready\n\n")
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    notice = await queue.get()
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if notice is None:
                break
            await response.write(f"data: {json.dumps(notice, ensure_ascii=False)}\n\n".encode())
    except ConnectionError:
        return response
    finally:
        feed.unsubscribe(queue)
    return response


async def unknown(request: web.Request) -> web.StreamResponse:
    """Any other path below /sim/."""

    async def work(_: Json) -> Json:
        raise Refused(f"没有这个接口：{request.method} {request.path}", 404)

    return await reply(request, work)
