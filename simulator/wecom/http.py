"""The outer shell of every API call: faults, token, rate, error form, log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from simulator.faults import Fault
from simulator.wecom.errors import ApiError
from simulator.wecom.limits import PER_API
from simulator.wecom.platform import LOG, NAME, Wecom

Json = dict[str, Any]
WECOM = web.AppKey("wecom", Wecom)
PREFIX = "/wecom"
JSON_TYPE = "application/json; charset=UTF-8"
SECRET_QUERIES = ("access_token", "corpsecret", "key", "code", "response_code")
WRONG_TYPE = "Warning: wrong json format. "
_HTML = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


@dataclass(slots=True)
class Request:
    """One API call: the platform, the HTTP request and its body."""

    wecom: Wecom
    http: web.Request
    raw: bytes
    fault: str = ""
    shown: Any = None
    warnings: list[str] = field(default_factory=list)
    wrong_type: bool = False

    def body(self) -> Json:
        """The JSON object sent, whatever Content-Type says."""
        try:
            data = json.loads(self.raw or b"{}")
        except (ValueError, RecursionError) as error:
            raise ApiError(47001, "invalid json") from error
        if not isinstance(data, dict):
            raise ApiError(47001, "the body must be an object")
        return data

    def query(self, name: str) -> str:
        """A query parameter."""
        return self.http.query.get(name, "")

    def number(self, body: Json, name: str, default: int = 0) -> int:
        """A whole number of the body; written as text it is accepted and told."""
        value = body.get(name, default)
        if isinstance(value, str) and value.isdecimal():
            self.wrong_type = True
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ApiError(40058, f"{name} must be a number")
        return value

    def text(self, body: Json, name: str) -> str:
        """A text of the body, empty when it is missing."""
        value = body.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise ApiError(40058, f"{name} must be a string")
        return value

    def warn(self, *warnings: str) -> None:
        """Tell the log what the vendor swallows."""
        self.warnings.extend(warnings)
        for warning in warnings:
            self.wecom.warn(f"{self.http.path}: {warning}")


Handler = Callable[[Request], Awaitable[Json | web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Wraps one API function. `token` False: none is asked for; `metered` False: the base quota does not count it."""

    handler: Handler
    name: str
    token: bool = True
    reads_body: bool = True
    metered: bool = True

    async def __call__(self, http: web.Request) -> web.StreamResponse:
        """Answer the call, always with HTTP 200, and write it into the log."""
        wecom = http.app[WECOM]
        wecom.base_url = f"{http.scheme}://{http.host}"
        started = wecom.clock.machine()
        path = http.path.removeprefix(PREFIX)
        fault = wecom.faults.take(http.method, path, PREFIX + path)
        request = Request(wecom, http, await http.read() if self.reads_body else b"", fault.kind if fault else "")
        try:
            response = await self._answer(request, fault)
        except ApiError as error:
            response = _refusal(request, error)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            LOG.exception("a body of an unexpected shape: %s %s", http.method, path)
            response = _refusal(request, ApiError(47001, "a field has the wrong type"))
        _log(request, path, response, started)
        if request.fault in ("drop", "drop_after"):
            _drop(http)
        return response

    async def _answer(self, request: Request, fault: Fault | None) -> web.StreamResponse:
        wecom = request.wecom
        if fault is not None:
            failed = await self._fail(wecom, fault)
            if failed is not None:
                return failed
        if self.token:
            wecom.tokens.check(request.query("access_token"))
        self._check_block(wecom)
        if self.metered:
            wecom.limits.spend(f"api:{self.name}", PER_API)
        answer = await self.handler(request)
        if isinstance(answer, web.StreamResponse):
            return answer
        if request.wrong_type:
            answer = {**answer, "errmsg": WRONG_TYPE + str(answer.get("errmsg", ""))}
        return as_json(answer)

    async def _fail(self, wecom: Wecom, fault: Fault) -> web.Response | None:
        """The faulty answer, or None when the call shall go on."""
        if fault.kind == "delay":
            await asyncio.sleep(fault.ms / 1000)
        elif fault.kind == "drop":
            return web.Response(status=502)
        elif fault.kind == "html":
            return web.Response(status=502, text=_HTML, content_type="text/html")
        elif fault.kind == "5xx":
            return web.Response(status=500, text="internal error")
        elif fault.kind == "expired_token":
            raise ApiError(42001)
        elif fault.kind.removeprefix("-").isdecimal():
            code = 45009 if fault.kind == "429" else int(fault.kind)
            if fault.ms:
                wecom.blocked[self.name] = (wecom.clock.machine() + fault.ms / 1000, code)
            raise ApiError(code)
        return None

    def _check_block(self, wecom: Wecom) -> None:
        until, code = wecom.blocked.get(self.name, (0.0, 0))
        if wecom.clock.machine() < until:
            raise ApiError(code)


def ok(**fields: Any) -> Json:
    """The usual successful answer."""
    return {"errcode": 0, "errmsg": "ok", **fields}


def as_json(data: Json) -> web.Response:
    """A JSON answer with HTTP 200, as for every result."""
    return web.Response(body=json.dumps(data, ensure_ascii=False).encode(), headers={"Content-Type": JSON_TYPE})


def error_text(wecom: Wecom, error: ApiError, address: str) -> str:
    """The vendor's long form of an error, which nobody should match on."""
    hint = f"{wecom.clock.now_ms() // 1000}_{abs(error.code) % 100}_{wecom.ids.new('')}"
    more = f"https://open.work.weixin.qq.com/devtool/query?e={error.code}"
    return f"{error.text}, hint: [{hint}], from ip: {address}, more info at {more}"


def _refusal(request: Request, error: ApiError) -> web.Response:
    address = request.http.remote or "127.0.0.1"
    return as_json({"errcode": error.code, "errmsg": error_text(request.wecom, error, address)})


def _drop(http: web.Request) -> None:
    if http.transport is not None:
        http.transport.abort()


def _log(request: Request, path: str, response: web.StreamResponse, started: float) -> None:
    wecom, http = request.wecom, request.http
    body = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""
    is_json = response.content_type == "application/json"
    answer: Any = json.loads(body) if is_json else f"{response.content_type}，{len(body)} 字节"
    if is_json and request.warnings:
        answer = {**answer, "warnings": list(request.warnings)}
    wecom.calls.add(
        time=wecom.clock.iso(),
        direction="in",
        platform=NAME,
        method=http.method,
        path=path + _shown_query(http),
        status=response.status,
        code=answer.get("errcode", 0) if isinstance(answer, dict) else 0,
        ms=(wecom.clock.machine() - started) * 1000,
        request=request.raw if request.shown is None else request.shown,
        response=answer,
    )


def _shown_query(http: web.Request) -> str:
    """The query without anything secret in it."""
    shown = [f"{name}={value}" for name, value in http.query.items() if name not in SECRET_QUERIES]
    return f"?{'&'.join(shown)}" if shown else ""
