"""Calls: two hosts, one token, the meter, the pace, and an answer that is none."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from bot.platforms.base import Gone, NotAllowed, RetryLater, TooLarge
from bot.platforms.dingtalk.caps import LIMITS
from bot.platforms.dingtalk.client import ANSWER_BYTES, Asked, Client
from bot.platforms.dingtalk.errors import Throttled
from bot.platforms.pace import Pace
from tests.bot.platforms.dingtalk.helpers import KEYS, Meter, Seconds, Vendor, drop_connection, vendor

PATH = "/v1.0/robot/groupMessages/send"
NEW = Asked("POST", PATH, {"a": "值"})
OLD = Asked("POST", "/topapi/v2/user/get", {"userid": "m03"}, old=True, free=True)
OLD_PATH = "POST /oapi/topapi/v2/user/get"


class World:
    """A client and the vendor it calls."""

    def __init__(self, fake: Vendor) -> None:
        self.vendor, self.meter, self.clock = fake, Meter(), Seconds()
        self.client = Client(
            fake.keys, machine=self.clock, pace=Pace(LIMITS, self.clock, sleep=self.clock.sleep), meter=self.meter
        )


@pytest.fixture
async def world() -> Any:
    async with vendor() as fake:
        world = World(fake)
        await world.client.start()
        yield world
        await world.client.stop()


async def test_new_host_takes_the_token_in_a_header(world: World) -> None:
    world.vendor.on(f"POST {PATH}", {"processQueryKey": "pqk"})

    assert await world.client.call(NEW) == {"processQueryKey": "pqk"}
    (call,) = world.vendor.seen(f"POST {PATH}")
    assert call.headers["x-acs-dingtalk-access-token"] == "token-1"
    assert (call.query, call.json) == ({}, {"a": "值"})


async def test_old_host_takes_the_token_in_the_query(world: World) -> None:
    world.vendor.on(OLD_PATH, {"errcode": 0, "errmsg": "ok", "result": {"userid": "m03"}})

    assert (await world.client.call(OLD))["result"] == {"userid": "m03"}
    (call,) = world.vendor.seen(OLD_PATH)
    assert call.query == {"access_token": "token-1"}
    assert "x-acs-dingtalk-access-token" not in call.headers


async def test_old_host_hides_its_refusal_in_a_success(world: World) -> None:
    world.vendor.on(OLD_PATH, {"errcode": 60121, "errmsg": "找不到该用户"})

    with pytest.raises(Gone) as refused:
        await world.client.call(OLD)
    assert refused.value.code == 60121


@pytest.mark.parametrize("body", [{"result": {}}, {"errcode": None}, {"errcode": ""}, "<html>ok</html>", "[]", ""])
async def test_answer_of_the_old_host_without_its_number_is_no_success(world: World, body: Any) -> None:
    world.vendor.on(OLD_PATH, body)

    with pytest.raises(RetryLater) as refused:
        await world.client.call(OLD)
    assert refused.value.unknown


async def test_success_that_is_none_is_refused(world: World) -> None:
    world.vendor.on(f"POST {PATH}", {"success": False, "code": "param.cardNotExist"})

    with pytest.raises(Gone):
        await world.client.call(NEW)


async def test_token_is_fetched_once_for_all(world: World) -> None:
    world.vendor.on(f"POST {PATH}", {})

    await asyncio.gather(*(world.client.call(NEW) for _ in range(9)))

    assert world.vendor.tokens == 1


async def test_token_is_renewed_ten_minutes_before_its_end(world: World) -> None:
    world.vendor.on(f"POST {PATH}", {})
    await world.client.call(NEW)
    world.clock.now += 6599
    await world.client.call(NEW)
    assert world.vendor.tokens == 1
    world.clock.now += 2
    await world.client.call(NEW)

    assert world.vendor.tokens == 2


async def test_expired_token_is_replaced_once(world: World) -> None:
    world.vendor.on(f"POST {PATH}", (400, {"code": "InvalidAuthentication"}), {"processQueryKey": "pqk"})

    assert await world.client.call(NEW) == {"processQueryKey": "pqk"}
    tokens = [call.headers["x-acs-dingtalk-access-token"] for call in world.vendor.seen(f"POST {PATH}")]
    assert tokens == ["token-1", "token-2"]


async def test_token_that_is_refused_again_is_for_an_admin(world: World) -> None:
    world.vendor.on(OLD_PATH, {"errcode": 40014, "errmsg": "不合法的access_token"})

    with pytest.raises(NotAllowed):
        await world.client.call(OLD)
    assert len(world.vendor.seen(OLD_PATH)) == 2


async def test_wrong_secret_is_for_an_admin(world: World) -> None:
    world.vendor.on("POST /v1.0/oauth2/accessToken", (400, {"code": "invalidClientIdOrSecret"}))

    with pytest.raises(NotAllowed):
        await world.client.call(NEW)


@pytest.mark.parametrize(
    "answer", [{"accessToken": ""}, {"accessToken": "a\nb", "expireIn": 7200}, {"accessToken": "a"}, (500, "x")]
)
async def test_without_a_token_no_call_is_made_and_its_fate_is_known(world: World, answer: Any) -> None:
    world.vendor.on("POST /v1.0/oauth2/accessToken", answer)

    with pytest.raises(RetryLater) as refused:
        await world.client.call(NEW)
    assert not refused.value.unknown
    assert world.meter.counts == {}


async def test_calls_that_cost_are_counted(world: World) -> None:
    throttled = {"code": "Forbidden.AccessDenied.QpsLimitForApi"}
    answers: tuple[Any, ...] = ({}, (400, {"code": "param.x"}), (403, throttled), (500, {"code": "system.busy"}))
    world.vendor.on(f"POST {PATH}", *answers)
    world.vendor.on(OLD_PATH, {"errcode": 0})
    for _ in range(4):
        await asyncio.gather(world.client.call(NEW), return_exceptions=True)
    await world.client.call(OLD)

    assert world.meter.counts == {"api": 3}


async def test_blocked_address_waits_for_five_minutes(world: World) -> None:
    world.vendor.on(f"POST {PATH}", (403, "<html>blocked</html>"))

    with pytest.raises(Throttled) as refused:
        await world.client.call(NEW)
    assert (refused.value.after, refused.value.whole_app) == (300, True)


async def test_lost_answer_leaves_the_fate_open(world: World) -> None:
    world.vendor.on(f"POST {PATH}", drop_connection)

    with pytest.raises(RetryLater) as refused:
        await world.client.call(NEW)
    assert refused.value.unknown
    assert world.meter.counts == {"api": 1}


async def test_vendor_that_is_away_leaves_it_known() -> None:
    client = Client(KEYS, machine=Seconds(), pace=Pace(LIMITS, Seconds()), meter=Meter())
    await client.start()

    with pytest.raises(RetryLater) as refused:
        await client.call(NEW)
    await client.stop()
    assert not refused.value.unknown


async def test_client_that_was_not_started_says_so() -> None:
    client = Client(KEYS, machine=Seconds(), pace=Pace(LIMITS, Seconds()), meter=Meter())

    with pytest.raises(RetryLater):
        await client.call(NEW)


async def test_endless_answer_is_not_read(world: World) -> None:
    world.vendor.on(f"POST {PATH}", lambda *_: web.Response(body=b" " * (ANSWER_BYTES + 1)))

    with pytest.raises(TooLarge):
        await world.client.call(NEW)


async def test_redirect_is_not_followed(world: World) -> None:
    world.vendor.on(f"POST {PATH}", lambda *_: web.Response(status=302, headers={"Location": "/v1.0/other"}))

    with pytest.raises(RetryLater):
        await world.client.call(NEW)
    assert world.vendor.seen("GET /v1.0/other") == []


async def test_group_over_its_pace_comes_back_later(world: World) -> None:
    world.vendor.on(f"POST {PATH}", {})
    for _ in range(18):
        world.clock.now += 0.1
        await world.client.call(NEW, ("group", "cid1"))

    with pytest.raises(RetryLater) as refused:
        await world.client.call(NEW, ("group", "cid1"))
    assert not refused.value.whole_app
    assert 50 < refused.value.after < 60
    await world.client.call(NEW, ("group", "cid2"))


async def test_no_secret_in_what_is_logged(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.vendor.on(OLD_PATH, {"errcode": 40014, "errmsg": "access_token=token-1 invalid"})
    world.vendor.on(f"POST {PATH}", drop_connection)
    await asyncio.gather(world.client.call(OLD), world.client.call(NEW), return_exceptions=True)

    said = "".join(capsys.readouterr())
    assert "call_failed" in said
    assert "token-1" not in said
    assert KEYS.app_secret not in said
    assert KEYS.app_secret not in repr(replace(KEYS))
