"""Calls over HTTP: tokens, failures, limits."""

from __future__ import annotations

import asyncio
import dataclasses
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.platforms.base import Malformed, NotAllowed, PlatformError, RetryLater, TokenExpired, TooLarge
from bot.platforms.feishu.caps import LIMITS
from bot.platforms.feishu.client import Asked, Client, segment
from bot.platforms.feishu.keys import FeishuKeys
from bot.platforms.pace import Pace
from tests.bot.platforms.feishu.helpers import KEYS, Seconds, Vendor, drop_connection, vendor

TOKEN = "/auth/v3/tenant_access_token/internal"
WHAT = "GET /bot/v3/info"
ASKED = Asked("GET", "/open-apis/bot/v3/info")
GOOD = {"code": 0, "msg": "ok", "data": {"x": 1}}


@pytest.fixture
async def fake() -> AsyncIterator[Vendor]:
    async with vendor() as running:
        yield running


def client_of(keys: FeishuKeys = KEYS) -> Client:
    return Client(keys, machine=Seconds(), pace=Pace(LIMITS, Seconds()))


@pytest.fixture
async def client(fake: Vendor) -> AsyncIterator[Client]:
    made = client_of(dataclasses.replace(KEYS, api_base=fake.base))
    await made.start()
    yield made
    await made.stop()


async def test_call_carries_the_apps_token(fake: Vendor, client: Client) -> None:
    fake.on(WHAT, GOOD)

    assert await client.data(ASKED) == {"x": 1}
    assert await client.data(ASKED) == {"x": 1}
    assert [call.headers["Authorization"] for call in fake.seen(WHAT)] == ["Bearer t-token-1"] * 2
    (asked,) = fake.seen(f"POST {TOKEN}")
    assert asked.json == {"app_id": KEYS.app_id, "app_secret": KEYS.app_secret}


async def test_fifty_calls_at_once_fetch_one_token(fake: Vendor, client: Client) -> None:
    fake.on(WHAT, GOOD)

    await asyncio.gather(*(client.call(ASKED) for _ in range(40)))

    assert fake.tokens == 1


@pytest.mark.parametrize("code", [99991661, 99991663, 99991664, 99991665, 99991668, 99991671, 99991677])
@pytest.mark.parametrize("status", [400, 401, 200])
async def test_expired_token_is_replaced_once(fake: Vendor, client: Client, code: int, status: int) -> None:
    fake.on(WHAT, (status, {"code": code, "msg": "Invalid access token"}), GOOD)

    assert await client.data(ASKED) == {"x": 1}
    assert [call.headers["Authorization"][-1] for call in fake.seen(WHAT)] == ["1", "2"]


async def test_token_refused_twice_is_for_an_admin(fake: Vendor, client: Client) -> None:
    fake.on(WHAT, (400, {"code": 99991663, "msg": "Invalid access token"}))

    with pytest.raises(NotAllowed) as raised:
        await client.call(ASKED)

    assert raised.value.code == 99991663
    assert (len(fake.seen(WHAT)), fake.tokens) == (2, 2)


async def test_expired_token_of_many_callers_is_replaced_once(fake: Vendor, client: Client) -> None:
    def judge(request: web.Request, raw: bytes) -> web.Response:
        good = request.headers["Authorization"] != "Bearer t-token-1"
        return web.json_response(GOOD if good else {"code": 99991663, "msg": "no"}, status=200 if good else 400)

    fake.on(WHAT, judge)
    await asyncio.gather(*(client.call(ASKED) for _ in range(20)))

    assert fake.tokens == 2


async def test_wrong_secret_is_for_an_admin(fake: Vendor, client: Client) -> None:
    fake.on(f"POST {TOKEN}", {"code": 10015, "msg": "app secret invalid"})

    with pytest.raises(NotAllowed) as raised:
        await client.call(ASKED)

    assert (raised.value.code, fake.seen(WHAT)) == (10015, [])


@pytest.mark.parametrize(
    "answer",
    [
        (502, "<html>Bad Gateway</html>"),
        drop_connection,
        {"code": 0, "msg": "ok"},
        {"code": 0, "tenant_access_token": "t-\n", "expire": 7200},
        {"code": 0, "tenant_access_token": "t-1", "expire": "7200"},
    ],
)
async def test_call_without_a_token_was_surely_not_made(fake: Vendor, client: Client, answer: Any) -> None:
    fake.on(f"POST {TOKEN}", answer)

    with pytest.raises(RetryLater) as raised:
        await client.call(ASKED)

    assert (raised.value.unknown, fake.seen(WHAT)) == (False, [])


@pytest.mark.parametrize(
    "answer",
    [
        (502, "<html>Bad Gateway</html>"),
        (500, {"code": 5000, "msg": "internal"}),
        (200, "<html>captive portal</html>"),
        (200, "{not json"),
        (302, "moved"),
        drop_connection,
    ],
)
async def test_fate_of_a_call_without_a_readable_answer_is_unknown(fake: Vendor, client: Client, answer: Any) -> None:
    fake.on("POST /im/v1/messages", answer)

    with pytest.raises(RetryLater) as raised:
        await client.call(Asked("POST", "/open-apis/im/v1/messages", body={"content": "x"}))

    assert raised.value.unknown is True


async def test_silence_ends_after_the_time_limit(fake: Vendor, client: Client) -> None:
    over = asyncio.Event()

    async def wait(request: web.Request, raw: bytes) -> web.Response:
        await over.wait()
        return web.Response()

    fake.on(WHAT, wait)
    try:
        with pytest.raises(RetryLater) as raised:
            await client.call(dataclasses.replace(ASKED, seconds=0.2))
    finally:
        over.set()

    assert raised.value.unknown is True


async def test_unreachable_platform_took_nothing() -> None:
    client = client_of()
    await client.start()
    with pytest.raises(RetryLater) as raised:
        await client.call(ASKED)
    await client.stop()

    assert raised.value.unknown is False


async def test_client_that_is_not_started_says_so() -> None:
    with pytest.raises(RetryLater, match="not started"):
        await client_of().call(ASKED)


async def test_rate_limit_says_how_long_and_that_it_is_the_apps(fake: Vendor, client: Client) -> None:
    def limited(request: web.Request, raw: bytes) -> web.Response:
        body = {"code": 99991400, "msg": "request trigger frequency limit"}
        return web.json_response(
            body, status=429, headers={"x-ogw-ratelimit-limit": "50", "X-Ogw-Ratelimit-Reset": "9"}
        )

    fake.on(WHAT, limited)
    with pytest.raises(RetryLater) as raised:
        await client.call(ASKED)

    assert (raised.value.after, raised.value.whole_app, raised.value.unknown) == (9.0, True, False)


async def test_answer_beyond_its_limit_is_not_read_on(fake: Vendor, client: Client) -> None:
    fake.on(WHAT, lambda request, raw: web.Response(body=io.BytesIO(b"x" * 3_000_000)))

    with pytest.raises(TooLarge):
        await client.fetch(dataclasses.replace(ASKED, limit=1_000_000))


async def test_expired_token_of_a_person_is_not_replaced(fake: Vendor, client: Client) -> None:
    fake.on(WHAT, (400, {"code": 20005, "msg": "no"}))

    with pytest.raises(TokenExpired):
        await client.call(dataclasses.replace(ASKED, token="u-1"))
    assert (fake.tokens, [call.headers["Authorization"] for call in fake.seen(WHAT)]) == (0, ["Bearer u-1"])


@pytest.mark.parametrize("given", ["", ".", ".."])
def test_what_can_be_no_id_never_becomes_a_path(given: str) -> None:
    with pytest.raises(Malformed):
        segment(given)


def test_id_is_one_part_of_the_path() -> None:
    assert segment("om_1/../x?y#z é") == "om_1%2F..%2Fx%3Fy%23z%20%C3%A9"


async def test_no_secret_is_logged_or_told(fake: Vendor, client: Client) -> None:
    fake.on(WHAT, (400, {"code": 777, "msg": "token t-token-1 secret"}))
    with capture_logs() as logs, pytest.raises(PlatformError) as raised:
        await client.call(ASKED)

    assert logs == [
        {"event": "feishu.call_failed", "log_level": "info", "error": "Malformed", "code": 777, "status": 400}
    ]
    assert "t-token-1" not in str(raised.value)
