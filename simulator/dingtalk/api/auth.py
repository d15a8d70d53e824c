"""Access tokens: three ways to ask, one token."""

from __future__ import annotations

from simulator.dingtalk.errors import ApiError
from simulator.dingtalk.http import Json, Request


async def access_token(request: Request) -> Json:
    """POST /v1.0/oauth2/accessToken."""
    body = request.body()
    token, seconds = _give(request, body.get("appKey"), body.get("appSecret"))
    return {"accessToken": token, "expireIn": seconds}


async def corp_token(request: Request) -> Json:
    """POST /v1.0/oauth2/:corpId/token."""
    body = request.body()
    known = request.http.match_info["corp"] == request.dingtalk.app.corp_id
    if not known or body.get("grant_type") != "client_credentials":
        raise ApiError("invalidClientIdOrSecret")
    token, seconds = _give(request, body.get("client_id"), body.get("client_secret"))
    return {"access_token": token, "expires_in": seconds}


async def old_token(request: Request) -> Json:
    """GET /gettoken: the old host, the same token."""
    app = request.dingtalk.app
    if (request.query("appkey"), request.query("appsecret")) != (app.app_key, app.app_secret):
        raise ApiError(40089)
    token, seconds = request.dingtalk.tokens.give()
    return {"access_token": token, "expires_in": seconds}


def _give(request: Request, key: object, secret: object) -> tuple[str, int]:
    app = request.dingtalk.app
    if (key, secret) != (app.app_key, app.app_secret):
        raise ApiError("invalidClientIdOrSecret")
    return request.dingtalk.tokens.give()
