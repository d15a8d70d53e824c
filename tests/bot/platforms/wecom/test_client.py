"""Calls: the token, one retry with a new one, errors by meaning, nothing secret told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.platforms.base import (
    Gone,
    Malformed,
    NotAllowed,
    PlatformError,
    RetryLater,
    TokenExpired,
    TooLarge,
)
from bot.platforms.pace import Pace
from bot.platforms.wecom.caps import LIMITS
from bot.platforms.wecom.client import Asked
from bot.platforms.wecom.errors import CODES, Wait, read_error
from tests.bot.platforms.wecom.helpers import KEYS, adapter, calling, drop_connection, error

GET = Asked("GET", "user/get", {"userid": "lilei"})


async def test_many_calls_share_one_token() -> None:
    async with calling() as (wecom, vendor):
        await asyncio.gather(*(wecom._client.call(GET) for _ in range(20)))

    assert vendor.tokens == 1
    assert vendor.calls[0].query == {"corpid": KEYS.corp_id, "corpsecret": KEYS.secret}
    assert {call.query["access_token"] for call in vendor.seen("GET /user/get")} == {"token-1"}


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_refused_token_is_replaced_once(code: int) -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /user/get", error(code), {"errcode": 0, "userid": "lilei"})
        assert (await wecom._client.call(GET))["userid"] == "lilei"

    assert [call.query["access_token"] for call in vendor.seen("GET /user/get")] == ["token-1", "token-2"]


async def test_token_refused_for_ever_is_not_asked_for_for_ever() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /user/get", error(42001))
        with pytest.raises(NotAllowed):
            await wecom._client.call(GET)

    assert (vendor.tokens, len(vendor.seen("GET /user/get"))) == (2, 2)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(40001), NotAllowed),
        (error(40013), NotAllowed),
        (error(45009), RetryLater),
        ((502, "bad gateway"), RetryLater),
        ({"errcode": 0, "access_token": "", "expires_in": 7200}, RetryLater),
        ({"errcode": 0, "access_token": "a\nb", "expires_in": 7200}, RetryLater),
        ({"errcode": 0, "access_token": "a"}, RetryLater),
        (drop_connection, RetryLater),
    ],
)
async def test_no_token_means_the_call_was_never_made(answer: Any, kind: type[PlatformError]) -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /gettoken", answer)
        with pytest.raises(kind) as failure:
            await wecom._client.call(GET)

    assert not failure.value.unknown
    assert vendor.seen("GET /user/get") == []


async def test_call_whose_answer_is_lost_may_have_been_accepted() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /user/get", drop_connection)
        with pytest.raises(RetryLater) as failure:
            await wecom._client.call(GET)

    assert failure.value.unknown


async def test_unreachable_vendor_accepted_nothing() -> None:
    wecom = adapter()
    await wecom.start()
    try:
        with pytest.raises(RetryLater) as failure:
            await wecom._client.call(GET)
    finally:
        await wecom.stop()

    assert not failure.value.unknown


async def test_client_that_is_not_started_says_so() -> None:
    with pytest.raises(RetryLater, match="not started"):
        await adapter()._client.call(GET)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((500, "oops"), RetryLater),
        ((503, {"errcode": 0}), RetryLater),
        ((429, "slow down"), RetryLater),
        ((413, "big"), TooLarge),
        ((403, "no"), NotAllowed),
        ((404, "no"), Malformed),
        ((302, "elsewhere"), RetryLater),
        ((200, "<html>"), RetryLater),
        ((200, "[]"), RetryLater),
        (error(99999999), Malformed),
        (error(True), RetryLater),
    ],
)  # fmt: skip
async def test_answer_without_a_known_code_is_told_by_its_status(answer: Any, kind: type[PlatformError]) -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /user/get", answer)
        with pytest.raises(kind):
            await wecom._client.call(GET)


async def test_answer_without_errcode_is_a_success() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /user/get", {"userid": "lilei"})
        assert await wecom._client.call(GET) == {"userid": "lilei"}


async def test_success_that_was_half_understood_is_noted() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /user/get", {"errcode": 0, "errmsg": "ok. Warning: wrong json format. "})
        with capture_logs() as logs:
            await wecom._client.call(GET)

    assert "wecom.request_half_understood" in [entry["event"] for entry in logs]


async def test_no_secret_is_told() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /user/get", drop_connection)
        vendor.on("POST /x", error(60020, "not allow, access_token=token-1&key=abc from ip: 9.8.7.6, more info at …"))
        with capture_logs() as logs, pytest.raises(RetryLater) as lost:
            await wecom._client.call(GET)
        with pytest.raises(NotAllowed) as refused:
            await wecom._client.call(Asked("POST", "x"))

    told = f"{logs} {lost.value} {refused.value} {KEYS!r}"
    assert "9.8.7.6" in told
    for secret in ("token-1", "abc", KEYS.secret, KEYS.aes_key, KEYS.token, KEYS.bot_token, KEYS.bot_aes_key):
        assert secret not in told


async def test_answer_over_the_limit_is_refused() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /user/get", {"errcode": 0, "x": "y" * 2000})
        with pytest.raises(TooLarge):
            await wecom._client.call(Asked("GET", "user/get", limit=1000))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (81013, Gone), (82001, Gone), (60111, Gone), (86003, Gone), (93000, Gone), (40007, Gone),
        (60020, NotAllowed), (301002, NotAllowed), (50003, NotAllowed), (48002, NotAllowed),
        (40058, Malformed), (40008, Malformed), (42017, Malformed),
        (45002, TooLarge), (830002, TooLarge), (40014, TokenExpired),
    ],
)  # fmt: skip
def test_code_has_its_meaning(code: int, kind: type[PlatformError]) -> None:
    found = read_error(200, error(code))
    assert (type(found), found.code, found.unknown) == (kind, code, False)


@pytest.mark.parametrize(("code", "after", "whole_app"), [(-1, 2.0, False), (45009, 60.0, True), (45033, 1.0, True)])
def test_code_that_asks_for_patience(code: int, after: float, whole_app: bool) -> None:
    found = read_error(200, error(code))
    assert isinstance(found, RetryLater)
    assert (found.after, found.whole_app, found.unknown) == (after, whole_app, False)


def test_every_code_has_one_meaning() -> None:
    assert all(isinstance(meaning, Wait) or issubclass(meaning, PlatformError) for meaning in CODES.values())
    assert len(CODES) > 90


@pytest.mark.parametrize("body", [None, {}, {"errcode": "x"}, {"errcode": None, "errmsg": None}])
def test_odd_error_is_still_an_error(body: Any) -> None:
    assert isinstance(read_error(500, body), RetryLater)


async def test_token_is_renewed_before_its_end_and_kept_when_renewing_fails() -> None:
    now = 0.0
    async with calling(machine=lambda: now) as (wecom, vendor):
        await wecom._client.call(GET)
        now = 6899.0
        await wecom._client.call(GET)
        now = 6901.0
        vendor.on("GET /gettoken", (502, "bad"))
        await wecom._client.call(GET)
        now = 7201.0
        with pytest.raises(RetryLater):
            await wecom._client.call(GET)

    assert [call.query["access_token"] for call in vendor.seen("GET /user/get")] == ["token-1"] * 3


async def test_member_is_written_to_below_the_silent_limit() -> None:
    now = 0.0
    pace = Pace(LIMITS, lambda: now)
    for _ in range(25):
        await pace.wait(("member", "lilei"), ("app", ""))
    with pytest.raises(RetryLater) as failure:
        await pace.wait(("member", "lilei"), ("app", ""))
    await pace.wait(("member", "hanmeimei"), ("app", ""))
    now = 60.0
    await pace.wait(("member", "lilei"), ("app", ""))

    assert not failure.value.whole_app
