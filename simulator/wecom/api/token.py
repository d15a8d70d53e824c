"""The app's access token."""

from __future__ import annotations

from simulator.wecom.errors import ApiError
from simulator.wecom.http import Json, Request, ok


async def get(request: Request) -> Json:
    """GET gettoken: the same token until it has run out."""
    app = request.wecom.app
    corp_id, secret = request.query("corpid"), request.query("corpsecret")
    if not corp_id:
        raise ApiError(41002)
    if not secret:
        raise ApiError(41004)
    if corp_id != app.corp_id:
        raise ApiError(40013)
    if secret != app.secret:
        raise ApiError(40001)
    token, seconds = request.wecom.tokens.give()
    return ok(access_token=token, expires_in=seconds)
