"""The outer shell of every API call: faults, token, rate, error envelope, support id, log."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from simulator.faults import Fault
from simulator.feishu.errors import ApiError
from simulator.feishu.limits import PER_API, too_many
from simulator.feishu.platform import Feishu

Json = dict[str, Any]
FEISHU = web.AppKey("feishu", Feishu)
PREFIX = "/feishu"
LOG = logging.getLogger("simulator.feishu")
_HTML = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


@dataclass(slots=True)
class Request:
    """One API call: the platform, the HTTP request and its body."""

    feishu: Feishu
    http: web.Request
    raw: bytes
    shown: Any = None

    def body(self) -> Json:
        """The JSON object sent, whatever Content-Type says."""
        try:
            data = json.loads(self.raw or b"{}")
        except (ValueError, RecursionError) as error:
            raise ApiError(9499, "invalid json") from error
        if not isinstance(data, dict):
            raise ApiError(9499, "the body must be an object")
        return data

    def path(self, name: str) -> str:
        """A part of the path."""
        return self.http.match_info[name]

    def query(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.http.query.get(name, default)


Handler = Callable[[Request], Awaitable[Json | web.Response]]


def ok(data: Json | None = None, msg: str = "success") -> Json:
    """The usual successful answer."""
    return {"code": 0, "msg": msg, "data": data or {}}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Wraps one API function; `who` tells which token it wants: "app", "person" or "nobody"."""

    handler: Handler
    name: str
    who: str = "app"
    reads_body: bool = True

    async def __call__(self, http: web.Request) -> web.StreamResponse:
        """Answer the call and write it into the log."""
        feishu = http.app[FEISHU]
        started = feishu.clock.machine()
        path = http.path.removeprefix(PREFIX)
        fault = feishu.faults.take(http.method, path, PREFIX + path)
        request = Request(feishu, http, await http.read() if self.reads_body else b"")
        log_id = feishu.ids.new("", length=32)
        try:
            response = await self._answer(request, fault, log_id)
        except ApiError as error:
            response = _refusal(error, log_id)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            LOG.exception("a body of an unexpected shape: %s %s", http.method, path)
            response = _refusal(ApiError(9499, "a field has the wrong type"), log_id)
        response.headers["X-Tt-Logid"] = log_id
        response.headers["X-Request-Id"] = log_id
        _log(request, path, response, started)
        if fault is not None and fault.kind in ("drop", "drop_after"):
            _drop(http)
        return response

    async def _answer(self, request: Request, fault: Fault | None, log_id: str) -> web.Response:
        if fault is not None:
            failed = await _fail(fault)
            if failed is not None:
                return failed
        feishu = request.feishu
        if self.who == "app":
            feishu.tokens.check_tenant(request.http.headers.get("Authorization"))
        feishu.limits.spend(f"api:{self.name}", PER_API)
        answer = await self.handler(request)
        return answer if isinstance(answer, web.Response) else _json(answer, 200)


async def not_found(http: web.Request) -> web.StreamResponse:
    """The vendor's answer to a path it does not have."""
    return _json({"code": 99991201, "msg": "resource not find"}, 404)


async def _fail(fault: Fault) -> web.Response | None:
    """The faulty answer, or None when the call shall go on."""
    if fault.kind == "delay":
        await asyncio.sleep(fault.ms / 1000)
    elif fault.kind == "drop":
        return web.Response(status=502)
    elif fault.kind == "html":
        return web.Response(status=502, text=_HTML, content_type="text/html")
    elif fault.kind == "5xx":
        return _json({"code": 5000, "msg": "internal error"}, 500)
    elif fault.kind == "429":
        raise too_many(50, max(1, fault.ms // 1000))
    elif fault.kind == "expired_token":
        raise ApiError(99991663)
    elif fault.kind == "11232":
        raise ApiError(11232)
    return None


def _drop(http: web.Request) -> None:
    if http.transport is not None:
        http.transport.abort()


def _json(data: Json, status: int) -> web.Response:
    body = json.dumps(data, ensure_ascii=False).encode()
    return web.Response(status=status, body=body, headers={"Content-Type": "application/json; charset=utf-8"})


def _refusal(error: ApiError, log_id: str) -> web.Response:
    trouble = {"log_id": log_id, "troubleshooter": f"https://open.feishu.cn/search?log_id={log_id}"}
    response = _json({"code": error.code, "msg": error.msg, "error": trouble}, error.http)
    response.headers.update(error.headers)
    return response


def _log(request: Request, path: str, response: web.Response, started: float) -> None:
    feishu, http = request.feishu, request.http
    is_json = response.content_type == "application/json"
    body = response.body if isinstance(response.body, bytes) else b""
    answer = json.loads(body) if is_json else f"{response.content_type}，{len(body)} 字节"
    query = f"?{http.query_string}" if http.query_string else ""
    feishu.calls.add(
        time=feishu.clock.iso(),
        direction="in",
        platform="feishu",
        method=http.method,
        path=path + query,
        status=response.status,
        code=answer.get("code", 0) if isinstance(answer, dict) else 0,
        ms=(feishu.clock.machine() - started) * 1000,
        request=request.raw if request.shown is None else request.shown,
        response=answer,
    )
