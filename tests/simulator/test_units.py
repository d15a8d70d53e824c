"""Clock, ids, limits, tokens, faults and call log, each alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from simulator.calls import HIDDEN, CallLog, mask
from simulator.clock import Clock
from simulator.control.clockwork import parse_span
from simulator.faults import Fault, FaultRefused, Faults
from simulator.feed import QUEUE_SIZE, Feed
from simulator.feishu.errors import ApiError
from simulator.feishu.limits import PER_API, PER_TARGET, Limits
from simulator.feishu.once import Once
from simulator.feishu.tokens import Tokens
from simulator.ids import Ids, stable
from simulator.vendor import Refused


async def test_clock_moved_wakes_whoever_waits() -> None:
    clock = Clock()
    due = clock.now() + timedelta(hours=48)
    waiter = asyncio.create_task(clock.wait_until(due))
    await asyncio.sleep(0)

    clock.move_to(due)

    await asyncio.wait_for(waiter, 1)
    assert clock.now() >= due


async def test_clock_waits_no_longer_than_due() -> None:
    clock = Clock()
    await asyncio.wait_for(clock.wait_until(clock.now() + timedelta(milliseconds=1)), 1)


def test_ids_are_stable_for_people_and_fresh_for_messages() -> None:
    assert stable("ou_", "m01") == stable("ou_", "m01")
    assert len(stable("ou_", "m01")) == 35
    assert Ids().new("om_") != Ids().new("om_")
    assert Ids("seed").new("om_") == Ids("seed").new("om_")


def test_limits_refuse_the_sixth_call_in_a_second(still_clock: Any) -> None:
    limits = Limits(still_clock)
    for _ in range(5):
        limits.spend("chat:a", PER_TARGET)
    limits.spend("chat:b", PER_TARGET)

    with pytest.raises(ApiError) as refused:
        limits.spend("chat:a", PER_TARGET)

    assert (refused.value.code, refused.value.http) == (99991400, 429)
    assert refused.value.headers == {"x-ogw-ratelimit-limit": "5", "x-ogw-ratelimit-reset": "1"}
    still_clock.seconds += 1
    limits.spend("chat:a", PER_TARGET)


def test_limits_refuse_more_than_1000_in_a_minute(still_clock: Any) -> None:
    limits = Limits(still_clock)
    for _ in range(20):
        for _ in range(50):
            limits.spend("api", PER_API)
        still_clock.seconds += 1

    with pytest.raises(ApiError) as refused:
        limits.spend("api", PER_API)

    assert refused.value.headers == {"x-ogw-ratelimit-limit": "1000", "x-ogw-ratelimit-reset": "40"}


def test_token_is_the_same_until_30_minutes_remain_then_both_live(still_clock: Any) -> None:
    tokens = Tokens(still_clock, Ids())
    first, _ = tokens.tenant_token()
    still_clock.seconds += 5400
    assert tokens.tenant_token() == (first, 1800)

    still_clock.seconds += 1
    second, seconds = tokens.tenant_token()

    assert second != first
    assert seconds == 7200
    tokens.check_tenant(f"Bearer {first}")
    tokens.check_tenant(f"Bearer {second}")
    still_clock.seconds += 1800
    with pytest.raises(ApiError) as refused:
        tokens.check_tenant(f"Bearer {first}")
    assert refused.value.code == 99991663


def test_token_is_dead_after_revoke(still_clock: Any) -> None:
    tokens = Tokens(still_clock, Ids())
    token, _ = tokens.tenant_token()
    tokens.revoke()
    with pytest.raises(ApiError) as refused:
        tokens.check_tenant(f"Bearer {token}")
    assert refused.value.code == 99991663
    assert tokens.tenant_token()[0] != token


def test_uuid_is_remembered_for_an_hour(still_clock: Any) -> None:
    once = Once(still_clock)
    once.remember("u1", "om_1")
    still_clock.seconds += 3599
    assert once.made("u1") == "om_1"
    still_clock.seconds += 1
    assert once.made("u1") is None
    with pytest.raises(ApiError):
        once.made("x" * 51)


@pytest.mark.parametrize(
    ("path", "hit", "miss"),
    [
        ("/open-apis/im/v1/messages", "/open-apis/im/v1/messages/om_1", "/open-apis/im/v1/chats"),
        ("/open-apis/*/reply", "/open-apis/im/v1/messages/om_1/reply", "/open-apis/im/v1/messages"),
        ("PATCH /open-apis/im", "", "/open-apis/im/v1/messages"),
    ],
)
def test_fault_matches_prefix_glob_and_method(path: str, hit: str, miss: str) -> None:
    fault = Fault(path, "5xx")
    assert not fault.matches("POST", miss)
    assert fault.matches("PATCH" if path.startswith("PATCH") else "POST", hit or miss)


def test_fault_of_one_side_spares_the_other() -> None:
    assert Fault("/feishu/*", "5xx").matches("GET", "/open-apis/x", "/feishu/open-apis/x")
    assert not Fault("*", "5xx").matches("POST", "event")
    assert Fault("event", "drop").matches("POST", "event")
    assert not Fault("event", "drop").matches("POST", "/open-apis/event")


def test_fault_is_used_up() -> None:
    faults = Faults()
    faults.add(Fault("/open-apis", "5xx", count=2))
    assert [faults.take("POST", "/open-apis/x") is not None for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("event", "html"),
        Fault("/open-apis", "duplicate"),
        Fault("callback", "reorder"),
        Fault("/open-apis", "5xx", count=0),
        Fault("/open-apis", "delay", ms=-1),
    ],
)
def test_fault_of_no_sense_is_refused(fault: Fault) -> None:
    with pytest.raises(FaultRefused):
        Faults().add(fault)


def test_secrets_are_hidden_at_every_depth() -> None:
    shown = mask({"a": [{"app_secret": "s", "page_token": "p"}], "token": "t", "event": b'{"token": "x"}'})
    expected = {"app_secret": HIDDEN, "page_token": "p"}
    assert shown == {"a": [expected], "token": HIDDEN, "event": {"token": HIDDEN}}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (
            "/wecom/cgi-bin/message/send?access_token=abc&debug=1",
            "/wecom/cgi-bin/message/send?access_token=•••&debug=1",
        ),
        ("/wecom/cgi-bin/gettoken?corpid=ww1&corpsecret=abc", "/wecom/cgi-bin/gettoken?corpid=ww1&corpsecret=•••"),
        ("/wecom/cgi-bin/webhook/send?key=abc", "/wecom/cgi-bin/webhook/send?key=•••"),
        ("/robot/sendBySession?session=abc", "/robot/sendBySession?session=•••"),
        (
            "/open-apis/im/v1/messages?page_token=20&container_id=oc",
            "/open-apis/im/v1/messages?page_token=20&container_id=oc",
        ),
    ],
)
def test_secrets_of_a_query_are_hidden(path: str, shown: str) -> None:
    log = CallLog(Feed())
    log.add(
        time="t", direction="in", platform="wecom", method="GET", path=path, status=200, code=0, ms=1.0,
        request=None, response=None,
    )  # fmt: skip
    assert log.view(1, None)[0]["path"] == shown


def test_call_log_keeps_the_newest() -> None:
    log = CallLog(Feed())
    for number in range(2100):
        log.add(
            time="",
            direction="in",
            platform="feishu",
            method="GET",
            path=f"/{number % 2}",
            status=200,
            code=0,
            ms=1.0,
            request=None,
            response=None,
        )
    assert len(log.view(5000, None)) == 2000
    assert len(log.view(5000, "/1")) == 1000
    assert [c["id"] for c in log.view(2, None)] == [2099, 2100]
    assert log.view(0, None) == []


def test_feed_cuts_off_who_falls_behind() -> None:
    feed = Feed()
    queue = feed.subscribe()
    for _ in range(QUEUE_SIZE + 1):
        feed.publish("clock")
    assert not feed.watched
    assert queue.qsize() == QUEUE_SIZE


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("48h", timedelta(hours=48)),
        ("30m", timedelta(minutes=30)),
        ("7d", timedelta(days=7)),
        (90, timedelta(seconds=90)),
        ("1.5h", timedelta(minutes=90)),
    ],
)
def test_span_is_read(given: Any, expected: timedelta) -> None:
    assert parse_span(given) == expected


@pytest.mark.parametrize("given", ["", "soon", "-1h", None, True, "9" * 400 + "d"])
def test_span_unreadable_is_refused(given: Any) -> None:
    with pytest.raises(Refused):
        parse_span(given)
