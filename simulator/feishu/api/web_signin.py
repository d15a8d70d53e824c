"""Sign-in for web pages: the person's choice, the code, the person's data."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from aiohttp import web

from simulator.feishu.errors import ApiError
from simulator.feishu.http import Json, Request, ok

_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>选择身份</title>
<body><h1>以谁的身份登录</h1><ul>{people}</ul><p><a href="{denied}">拒绝</a></p></body></html>"""


async def authorize(request: Request) -> web.Response:
    """GET authen/v1/authorize: a page to choose the person; with `sim_user` it returns at once.

    Inside the real client the person is known; here the link, the chat page's cookie or the choice says who.
    """
    feishu, query = request.feishu, request.http.query
    if query.get("client_id") != feishu.company.app.app_id:
        raise ApiError(10003)
    redirect_uri = query.get("redirect_uri", "")
    if not redirect_uri.startswith(("http://", "https://")) or query.get("response_type") != "code":
        raise ApiError(99992402, "redirect_uri and response_type=code are required")
    viewer = query.get("sim_user") or request.http.cookies.get("sim_user")
    if not viewer:
        return web.Response(text=_choice(request, redirect_uri), content_type="text/html")
    person = feishu.company.find(viewer)
    if person is None:
        return _back(redirect_uri, error="access_denied", state=query.get("state", ""))
    code = feishu.signin.give(
        person.open_id,
        redirect_uri=redirect_uri,
        challenge=query.get("code_challenge", ""),
        method=query.get("code_challenge_method", "plain"),
    )
    return _back(redirect_uri, code=code, state=query.get("state", ""))


async def oauth_token(request: Request) -> Json:
    """POST authen/v2/oauth/token: the code becomes a token; flat answer."""
    feishu, body = request.feishu, request.body()
    app = feishu.company.app
    if body.get("client_id") != app.app_id:
        raise ApiError(20024)
    if body.get("client_secret") != app.app_secret:
        raise ApiError(20002)
    if body.get("grant_type") != "authorization_code":
        raise ApiError(20003, "grant_type is not supported")
    open_id = feishu.signin.take(
        str(body.get("code", "")),
        redirect_uri=body.get("redirect_uri"),
        verifier=body.get("code_verifier"),
    )
    token, seconds = feishu.tokens.person_token(open_id)
    return {"code": 0, "access_token": token, "expires_in": seconds, "token_type": "Bearer", "scope": ""}


async def user_info(request: Request) -> Json:
    """GET authen/v1/user_info: who the person's token stands for."""
    feishu = request.feishu
    open_id = feishu.tokens.person_of(request.http.headers.get("Authorization"))
    person = feishu.person("open_id", open_id)
    if person is None:
        raise ApiError(99991668)
    return ok(
        {
            **person.ids(),
            "name": person.name,
            "en_name": person.name,
            "avatar_url": "",
            "email": person.email,
            "mobile": f"+86{person.mobile}",
            "tenant_key": feishu.company.app.tenant_key,
            "employee_no": person.id,
        }
    )


def _choice(request: Request, redirect_uri: str) -> str:
    rows = []
    for person in request.feishu.company.people:
        link = str(request.http.rel_url.update_query(sim_user=person.id))
        rows.append(f'<li><a href="{escape(link)}">{escape(person.name)}（{escape(person.role)}）</a></li>')
    state = request.query("state")
    denied = _with(redirect_uri, error="access_denied", state=state)
    return _PAGE.format(people="".join(rows), denied=escape(denied))


def _back(redirect_uri: str, **parameters: str) -> web.Response:
    return web.Response(status=302, headers={"Location": _with(redirect_uri, **parameters)})


def _with(url: str, **parameters: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"
