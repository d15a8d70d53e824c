"""Access tokens of the app."""

from __future__ import annotations

from simulator.feishu.errors import ApiError
from simulator.feishu.http import Json, Request


async def tenant_token(request: Request) -> Json:
    """POST auth/v3/tenant_access_token/internal: flat answer without `data`."""
    _check_app(request)
    token, seconds = request.feishu.tokens.tenant_token()
    return {"code": 0, "msg": "ok", "tenant_access_token": token, "expire": seconds}


async def app_token(request: Request) -> Json:
    """POST auth/v3/app_access_token/internal: for an own app both tokens are one."""
    _check_app(request)
    token, seconds = request.feishu.tokens.tenant_token()
    both = {"app_access_token": token, "tenant_access_token": token}
    return {"code": 0, "msg": "ok", **both, "expire": seconds}


def _check_app(request: Request) -> None:
    body, app = request.body(), request.feishu.company.app
    if body.get("app_id") != app.app_id:
        raise ApiError(10003)
    if body.get("app_secret") != app.app_secret:
        raise ApiError(10015)
