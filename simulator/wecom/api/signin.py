"""Sign-in of members on web pages inside the client."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from simulator.wecom.http import Json, Request, ok

STATE = re.compile(r"[a-zA-Z0-9]{0,128}")
HERE = ("127.0.0.1", "localhost", "::1")
_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>选择身份</title>
<body><h1>{title}</h1><ul>{rows}</ul></body></html>"""


async def authorize(request: Request) -> web.Response:
    """GET connect/oauth2/authorize: a page to choose the person; with `sim_user` it returns at once.

    In the real client the person is known; here the link, the chat page's cookie or the choice says who.
    """
    query, wecom = request.http.query, request.wecom
    redirect_uri, state = query.get("redirect_uri", ""), query.get("state", "")
    if query.get("appid") != wecom.app.corp_id:
        return _error(40013, "appid 不对")
    if query.get("response_type") != "code" or query.get("scope") not in ("snsapi_base", "snsapi_privateinfo"):
        return _error(40058, "response_type 或 scope 不对")
    if not STATE.fullmatch(state):
        return _error(40058, "state 只能是至多 128 个字母或数字")
    if not _trusted(redirect_uri, wecom.trusted_domain, wecom.callback_url):
        return _error(50001, "redirect_uri 不在可信域名下")
    viewer = query.get("sim_user") or request.http.cookies.get("sim_user")
    if not viewer:
        return _html("以谁的身份打开", _choice(request))
    person = wecom.company.find(viewer) or wecom.directory.person(viewer)
    if person is None or not wecom.visible(person):
        return _error(60111, "没有这个人，或不在应用的可见范围内")
    address = urlsplit(redirect_uri)
    added = urlencode({"code": wecom.signin.give(person.userid), "state": state})
    target = address._replace(query=f"{address.query}&{added}" if address.query else added)
    return web.Response(status=302, headers={"Location": target.geturl()})


async def user(request: Request) -> Json:
    """GET auth/getuserinfo: the member behind a code."""
    return ok(userid=request.wecom.signin.take(request.query("code")))


async def user_as_before(request: Request) -> Json:
    """GET user/getuserinfo: the same under the old names."""
    userid = request.wecom.signin.take(request.query("code"))
    return ok(UserId=userid, DeviceId="")


def _trusted(url: str, domain: str, callback_url: str) -> bool:
    """True for the one trusted host; without one, for this computer and the host of the app's callbacks."""
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        return False
    if domain:
        return address.hostname == domain
    return address.hostname in (*HERE, urlsplit(callback_url).hostname)


def _choice(request: Request) -> str:
    rows = []
    for person in request.wecom.company.people:
        link = str(request.http.rel_url.update_query(sim_user=person.id))
        rows.append(f'<li><a href="{escape(link)}">{escape(person.name)}（{escape(person.role)}）</a></li>')
    return "".join(rows)


def _error(code: int, text: str) -> web.Response:
    return _html(f"打不开：{escape(text)}（{code}）", "")


def _html(title: str, rows: str) -> web.Response:
    return web.Response(text=_PAGE.format(title=title, rows=rows), content_type="text/html")
