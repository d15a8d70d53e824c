"""Accounts, groups, members and sign-in."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.platforms.base import Gone, NotAllowed, Person, RetryLater
from bot.platforms.feishu import Feishu
from bot.platforms.feishu.caps import LIMITS
from bot.platforms.pace import Pace
from tests.bot.platforms.feishu.helpers import KEYS, NOW, Seconds, Vendor, vendor

USER = {"open_id": "ou_9", "name": "李雷", "mobile": "+8613800000001", "email": "l@x.cn", "employee_no": "E1"}
LEI = Person("ou_9", "李雷", "+8613800000001", "l@x.cn", "E1")


@pytest.fixture
async def fake() -> AsyncIterator[Vendor]:
    async with vendor() as running:
        running.on("GET /bot/v3/info", {"code": 0, "bot": {"open_id": "ou_bot"}})
        yield running


def made(fake: Vendor, **more: Any) -> Feishu:
    keys = dataclasses.replace(KEYS, api_base=fake.base, **more)
    return Feishu(keys, business_us=lambda: NOW, machine=Seconds(), pace=Pace(LIMITS, Seconds()))


@pytest.fixture
async def feishu(fake: Vendor) -> AsyncIterator[Feishu]:
    running = made(fake)
    await running.start()
    yield running
    await running.stop()


async def test_person_is_what_the_directory_says(fake: Vendor, feishu: Feishu) -> None:
    fake.on("GET /contact/v3/users/ou_9", {"code": 0, "data": {"user": USER}})

    assert await feishu.directory.person("ou_9") == LEI
    assert fake.seen("GET /contact/v3/users/ou_9")[0].query == [("user_id_type", "open_id")]


@pytest.mark.parametrize("code", [41050, 40004, 99992351, 99992361])
async def test_person_out_of_range_or_unknown_is_none(fake: Vendor, feishu: Feishu, code: int) -> None:
    fake.on("GET /contact/v3/users/ou_9", (400, {"code": code, "msg": "no"}))

    assert await feishu.directory.person("ou_9") is None


async def test_missing_scope_is_for_an_admin(fake: Vendor, feishu: Feishu) -> None:
    fake.on("GET /contact/v3/users/ou_9", (400, {"code": 99991672, "msg": "Access denied"}))

    with pytest.raises(NotAllowed):
        await feishu.directory.person("ou_9")


async def test_accounts_are_looked_up_by_fifty(fake: Vendor, feishu: Feishu) -> None:
    fake.on(
        "POST /contact/v3/users/batch_get_id",
        {"code": 0, "data": {"user_list": [{"mobile": "1", "user_id": "ou_1"}, {"mobile": "2"}, "odd"]}},
        {"code": 0, "data": {"user_list": [{"mobile": "60", "user_id": "ou_60"}]}},
    )

    found = await feishu.directory.accounts_of([str(number) for number in range(1, 61)] + ["1", ""])

    calls = fake.seen("POST /contact/v3/users/batch_get_id")
    assert found == {"1": "ou_1", "60": "ou_60"}
    assert [len(call.json["mobiles"]) for call in calls] == [50, 10]


async def test_groups_are_read_page_by_page(fake: Vendor, feishu: Feishu) -> None:
    fake.on(
        "GET /im/v1/chats",
        {"code": 0, "data": {"items": [{"chat_id": "oc_1", "name": "一"}], "page_token": "p2", "has_more": True}},
        {"code": 0, "data": {"items": [{"chat_id": "oc_2"}, {"name": "?"}], "page_token": "", "has_more": False}},
    )

    assert await feishu.directory.groups() == [("oc_1", "一"), ("oc_2", "")]
    assert [call.query for call in fake.seen("GET /im/v1/chats")] == [
        [("page_size", "100")],
        [("page_size", "100"), ("page_token", "p2")],
    ]


async def test_a_page_that_points_to_itself_ends_the_list(fake: Vendor, feishu: Feishu) -> None:
    fake.on("GET /im/v1/chats", {"code": 0, "data": {"items": [], "page_token": "p", "has_more": True}})

    assert await feishu.directory.groups() == []
    assert len(fake.seen("GET /im/v1/chats")) == 2


async def test_members_are_people_with_names(fake: Vendor, feishu: Feishu) -> None:
    items = [{"member_id": "ou_1", "name": "王芳"}, {"name": "?"}]
    fake.on("GET /im/v1/chats/oc_1/members", {"code": 0, "data": {"items": items, "has_more": False}})

    assert await feishu.directory.members("oc_1") == [Person("ou_1", "王芳")]


TOKEN = "POST /authen/v2/oauth/token"
INFO = "GET /authen/v1/user_info"


async def test_login_exchanges_the_code_for_the_person(fake: Vendor) -> None:
    feishu = made(fake, redirect_uri="https://desk.example/in", tenant_key="tk")
    await feishu.start()
    fake.on(TOKEN, {"code": 0, "access_token": "u-1", "expires_in": 7200, "token_type": "Bearer"})
    fake.on(INFO, {"code": 0, "data": {**USER, "tenant_key": "tk"}})

    assert await feishu.login("c0de") == LEI

    await feishu.stop()
    asked = fake.seen(TOKEN)[0]
    assert asked.json == {
        "grant_type": "authorization_code",
        "client_id": KEYS.app_id,
        "client_secret": KEYS.app_secret,
        "code": "c0de",
        "redirect_uri": "https://desk.example/in",
    }
    assert "Authorization" not in asked.headers
    assert fake.seen(INFO)[0].headers["Authorization"] == "Bearer u-1"


async def test_login_from_another_tenant_is_refused(fake: Vendor) -> None:
    feishu = made(fake, tenant_key="tk")
    await feishu.start()
    fake.on(TOKEN, {"code": 0, "access_token": "u-1"})
    fake.on(INFO, {"code": 0, "data": {**USER, "tenant_key": "other"}})

    with pytest.raises(NotAllowed):
        await feishu.login("c0de")
    await feishu.stop()


async def test_login_with_a_used_code_is_gone(fake: Vendor, feishu: Feishu) -> None:
    fake.on(TOKEN, (400, {"code": 20065, "error": "invalid_grant", "error_description": "used"}))

    with pytest.raises(Gone):
        await feishu.login("c0de")


async def test_login_with_a_refused_token_is_for_an_admin(fake: Vendor, feishu: Feishu) -> None:
    fake.on(TOKEN, {"code": 0, "access_token": "u-1"})
    fake.on(INFO, (400, {"code": 20005, "msg": "no"}))

    with pytest.raises(NotAllowed):
        await feishu.login("c0de")


@pytest.mark.parametrize(
    ("token", "info"), [({"code": 0}, {}), ({"code": 0, "access_token": "u-1"}, {"code": 0, "data": {}})]
)
async def test_login_without_token_or_person_may_be_tried_again(
    fake: Vendor, feishu: Feishu, token: dict[str, object], info: dict[str, object]
) -> None:
    fake.on(TOKEN, token)
    fake.on(INFO, info)

    with pytest.raises(RetryLater):
        await feishu.login("c0de")
