"""The outer shell of every API call: faults, token, limits, quota, error body, log."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from simulator.dingtalk.errors import NO_PERMISSION, QPS, QUOTA, ApiError
from simulator.dingtalk.platform import NAME, OLD_PREFIX, PREFIX, Dingtalk
from simulator.faults import Fault

Json = dict[str, Any]
DINGTALK = web.AppKey("dingtalk", Dingtalk)
TOKEN_HEADER = "x-acs-dingtalk-access-token"
LOG = logging.getLogger("simulator.dingtalk")
_HTML = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
_BLOCKED = {"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "sim"}
_FAULTS: dict[str, tuple[str, int]] = {
    "expired_token": ("InvalidAuthentication", 40014),
    "429": (QPS, 90018),
    "quota": (QUOTA, 90020),
    "permission": (NO_PERMISSION, 60011),
    "busy": ("system.busy", -1),
    "5xx": ("system.error", -1),
}


@dataclass(slots=True)
class Request:
    """One API call: the platform, the HTTP request, its body, and a fault the handler itself must play."""

    dingtalk: Dingtalk
    http: web.Request
    raw: bytes
    fault: str = ""
    shown: Any = None

    def body(self) -> Json:
        """The JSON object sent."""
        try:
            data = json.loads(self.raw or b"{}")
        except (ValueError, RecursionError) as error:
            raise ApiError(self._bad) from error
        if not isinstance(data, dict):
            raise ApiError(self._bad)
        return data

    @property
    def _bad(self) -> str | int:
        return 40035 if is_old(self.http) else "invalidJson"

    def query(self, name: str) -> str:
        """A query parameter, empty when it is not there."""
        return self.http.query.get(name, "")


Handler = Callable[[Request], Awaitable[Json | web.Response]]


def is_old(http: web.Request) -> bool:
    """True for a call to the old host."""
    return http.path.startswith(OLD_PREFIX)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Wraps one API function.

    `token`: it wants the app's access token. `limited`: 20 calls a second. `metered`: it counts for the month.
    """

    handler: Handler
    name: str
    token: bool = True
    limited: bool = True
    metered: bool = True
    reads_body: bool = True

    async def __call__(self, http: web.Request) -> web.StreamResponse:
        """Answer the call and write it into the log."""
        dingtalk = http.app[DINGTALK]
        dingtalk.origin = str(http.url.origin())
        started = dingtalk.parts.clock.machine()
        prefix = OLD_PREFIX if is_old(http) else PREFIX
        path = http.path.removeprefix(prefix)
        fault = dingtalk.faults.take(http.method, path, prefix + path)
        request = Request(dingtalk, http, await http.read() if self.reads_body else b"")
        try:
            response = await self._answer(request, fault)
        except ApiError as error:
            response = _refusal(dingtalk, error)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            LOG.exception("a body of an unexpected shape: %s %s", http.method, path)
            response = _refusal(dingtalk, ApiError(request._bad))
        _log(request, path, response, started)
        if fault is not None and fault.kind in ("drop", "drop_after") and http.transport is not None:
            http.transport.abort()
        return response

    async def _answer(self, request: Request, fault: Fault | None) -> web.Response:
        dingtalk, old = request.dingtalk, is_old(request.http)
        if fault is not None:
            failed = await _fail(fault, old)
            if failed is not None:
                return failed
            request.fault = fault.kind
        if self.token:
            self._check_token(request, old)
        if self.limited and not dingtalk.limits.second(self.name):
            raise ApiError(90018 if old else QPS)
        if self.metered and not dingtalk.quota.call():
            raise ApiError(90020 if old else QUOTA)
        answer = await self.handler(request)
        if isinstance(answer, web.Response):
            return answer
        return _json({"errcode": 0, "errmsg": "ok", **answer} if old else answer, 200)

    def _check_token(self, request: Request, old: bool) -> None:
        given = request.query("access_token") if old else request.http.headers.get(TOKEN_HEADER)
        if request.dingtalk.tokens.valid(given):
            return
        if old:
            raise ApiError(40014)
        raise ApiError("InvalidAuthentication", http=request.dingtalk.token_status)


async def not_found(http: web.Request) -> web.StreamResponse:
    """The vendor's answer to a path it does not have."""
    dingtalk = http.app[DINGTALK]
    error = ApiError(-1, "不存在的接口") if is_old(http) else ApiError("InvalidAction.NotFound", http=404)
    return _refusal(dingtalk, error)


async def _fail(fault: Fault, old: bool) -> web.Response | None:
    """The faulty answer, or None when the call shall go on."""
    if fault.kind == "delay":
        await asyncio.sleep(fault.ms / 1000)
    elif fault.kind == "drop":
        return web.Response(status=502)
    elif fault.kind == "html":
        return web.Response(status=502, text=_HTML, content_type="text/html")
    elif fault.kind == "blocked":
        return _json(_BLOCKED, 200)
    elif fault.kind in _FAULTS:
        new_code, old_code = _FAULTS[fault.kind]
        raise ApiError(old_code if old else new_code, http=500 if fault.kind in ("busy", "5xx") else None)
    return None


def _json(data: Json, status: int) -> web.Response:
    body = json.dumps(data, ensure_ascii=False).encode()
    return web.Response(status=status, body=body, headers={"Content-Type": "application/json; charset=utf-8"})


def _refusal(dingtalk: Dingtalk, error: ApiError) -> web.Response:
    status, body = error.answer(dingtalk.parts.ids.new("", length=24))
    return _json(body, status)


def _log(request: Request, path: str, response: web.Response, started: float) -> None:
    parts, http = request.dingtalk.parts, request.http
    body = response.body if isinstance(response.body, bytes) else b""
    is_json = response.content_type == "application/json"
    answer = json.loads(body) if is_json else f"{response.content_type}，{len(body)} 字节"
    parts.calls.add(
        time=parts.clock.iso(),
        direction="in",
        platform=NAME,
        method=http.method,
        path=path + _shown_query(http),
        status=response.status,
        code=answer.get("errcode") or answer.get("code") or 0 if isinstance(answer, dict) else 0,
        ms=(parts.clock.machine() - started) * 1000,
        request=request.raw if request.shown is None else request.shown,
        response=answer,
    )


def _shown_query(http: web.Request) -> str:
    """The query without its keys to the app, a chat or a file."""
    hidden = ("access_token", "session", "appsecret", "ticket")
    shown = [f"{key}={'•••' if key in hidden else value}" for key, value in http.query.items()]
    return f"?{'&'.join(shown)}" if shown else ""
