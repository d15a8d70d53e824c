"""Pages under /p/: opened by a fresh personal link, bound to one browser, with no sign-in anywhere. R-LINK.

GET shows one button and uses nothing up; the first POST opens; every later one sends what the page is for.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Awaitable, Mapping
from urllib.parse import parse_qsl

import structlog
from aiohttp import web

from sales.links import FORM
from web import forms, upload
from web.answers import Shown
from web.desk import Desk
from web.html import HEADERS, page, state
from web.links import Turned, Visit, csrf, give_cookie, is_own_form, open_once, visit

MOST_FIELDS = 100
EXPIRED = "链接过期了。回聊天说「{}」，马上给你新的。"
AGAIN = "没认出是你点的，再点一次就行。"
ERROR = "没取到数据，你填的都在。"
HIDDEN = ("csrf", "nonce")

log = structlog.get_logger()

Answered = tuple[web.Response, Shown | None]


def add_routes(app: web.Application, desk: Desk) -> None:
    """GET and POST of everything below /p/."""

    async def get(request: web.Request) -> web.StreamResponse:
        return await _guarded(request, _get(desk, request), {})

    async def post(request: web.Request) -> web.StreamResponse:
        given: dict[str, str] = {}
        return await _guarded(request, _post(desk, request, given), given)

    app.router.add_get("/p/{token:.*}", get)
    app.router.add_post("/p/{token:.*}", post)


async def _guarded(request: web.Request, work: Awaitable[Answered], given: Mapping[str, str]) -> web.StreamResponse:
    """The answer, written out before its reply counts as shown; a fault of ours keeps what was typed. ux.md 6."""
    try:
        response, shown = await work
    except web.HTTPException as refused:
        response, shown = state("没看懂", "这一步没看懂，回上一页再点一次。", status=refused.status), None
    except Exception as error:
        number = secrets.token_hex(2)
        log.exception("page_failed", number=number, error=type(error).__name__)
        response, shown = state("没取到", f"{ERROR}（编号 {number}）", status=503, again=given), None
    with contextlib.suppress(ConnectionError):  # gone: a reply that nobody saw goes to the chat
        await response.prepare(request)
        await response.write_eof()
        if shown and shown.answer:
            await shown.answer.written()
    return response


async def _get(desk: Desk, request: web.Request) -> Answered:
    found = await visit(desk, request)
    if isinstance(found, Turned):
        return _turned(found), None
    if not found.is_bound:
        return _closed(desk, found), None
    return await (forms.show if found.link.purpose == FORM else upload.show)(desk, found), None


async def _post(desk: Desk, request: web.Request, given: dict[str, str]) -> Answered:
    found = await visit(desk, request)
    if request.content_type == "application/x-www-form-urlencoded":
        given.update(_fields(await request.read()))
    if isinstance(found, Turned):
        return _turned(found, given), None
    if found.is_bound and found.link.purpose != FORM and not given:
        return await _uploaded(desk, found, request)
    if not is_own_form(desk.pages, found, given.get("csrf", "")):
        return _not_ours(desk, found), None
    if not found.is_bound:
        if not await open_once(desk, found):
            return _turned(Turned("expired")), None
        return _to_itself(desk, found), None
    if found.link.purpose != FORM or "nonce" not in given:
        return _to_itself(desk, found), None
    return await forms.submit(desk, found, given)


async def _uploaded(desk: Desk, found: Visit, request: web.Request) -> Answered:
    try:
        return await upload.submit(desk, found, request)
    except upload.NotOurs:
        return _not_ours(desk, found), None
    except upload.TooMuch:
        return state("太大了", upload.TOO_MUCH, status=413), None
    except upload.Unreadable:
        return state("没看懂", "没收到文件，回上一页再传一次。", status=400), None


def _closed(desk: Desk, found: Visit, *, status: int = 200, message: str = "") -> web.Response:
    """One button, and nobody's name. A scanner that follows the link has used nothing up."""
    response = page("open.html", status=status, title="打开", csrf=csrf(desk.pages, found), message=message)
    give_cookie(desk.pages, found, response)
    return response


def _not_ours(desk: Desk, found: Visit) -> web.Response:
    """Nothing happened: what was sent did not come from the page this browser was shown."""
    if found.is_bound:
        return state("再点一次", "没认出是你点的，回上一页再点一次。", status=403)
    return _closed(desk, found, status=403, message=AGAIN)


def _to_itself(desk: Desk, found: Visit) -> web.Response:
    """Now by GET, so that a reload sends nothing."""
    response = web.Response(status=303, headers={**HEADERS, "Location": desk.pages.folder + found.token})
    give_cookie(desk.pages, found, response)
    return response


def _turned(why: Turned, given: Mapping[str, str] | None = None) -> web.Response:
    """No page. What was typed is shown once more, so that it is not lost."""
    if why.why == "right":
        return state("看不了", forms.NO_RIGHT, status=404)
    kept = [value for name, value in (given or {}).items() if name not in HIDDEN and value.strip()]
    return state("链接过期了", EXPIRED.format(why.say), status=410, kept=kept)


def _fields(body: bytes) -> dict[str, str]:
    """Fields of a form as text, the last of a name; control characters but line breaks are gone."""
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS,
                          errors="replace")  # fmt: skip
    except ValueError:
        raise web.HTTPBadRequest from None
    return {name: "".join(c for c in value if c >= " " or c == "\n") for name, value in pairs}
