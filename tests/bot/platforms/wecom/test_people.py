"""Who is who, and who signed in."""

from __future__ import annotations

from typing import Any

import pytest

from bot.platforms.base import NotAllowed, Person, RetryLater
from tests.bot.platforms.wecom.helpers import calling, error

USER = {"errcode": 0, "userid": "LiLei", "name": "李\u202e雷", "mobile": "13800000000", "biz_mail": "l@x.cn"}


async def test_person_is_told_without_what_the_app_may_not_see() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /user/get", USER, {"errcode": 0, "userid": "LiLei", "name": "李雷"})
        found = [await wecom.directory.person("lilei") for _ in range(2)]

    assert found == [Person("lilei", "李雷", "13800000000", "l@x.cn"), Person("lilei", "李雷")]
    assert vendor.seen("GET /user/get")[0].query["userid"] == "lilei"


@pytest.mark.parametrize("code", [60111, 40003, 46004, 60011, 60021, 50002])
async def test_person_who_is_unknown_or_out_of_range_is_none(code: int) -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /user/get", error(code))
        assert await wecom.directory.person("x") is None


async def test_directory_that_refuses_us_is_an_error() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /user/get", error(60020))
        with pytest.raises(NotAllowed):
            await wecom.directory.person("x")


async def test_mobiles_are_looked_up_one_by_one() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("POST /user/getuserid", {"errcode": 0, "userid": "LiLei"}, error(46004), error(60011), {"errcode": 0})
        found = await wecom.directory.accounts_of(["1", "2", "", "1", "3", "4"])

    assert found == {"1": "lilei"}
    assert [call.json["mobile"] for call in vendor.seen("POST /user/getuserid")] == ["1", "2", "3", "4"]


async def test_members_are_told_of_groups_the_app_made() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /appchat/get", {"errcode": 0, "chat_info": {"chatid": "c1", "userlist": ["LiLei", 7, ""]}})
        assert await wecom.directory.members("appchat:c1") == [Person("lilei")]
        assert await wecom.directory.members("bot:g:g1") == []

    assert vendor.seen("GET /appchat/get")[0].query["chatid"] == "c1"


async def test_there_is_no_list_of_groups_but_wrong_keys_are_seen() -> None:
    async with calling() as (wecom, vendor):
        assert await wecom.directory.groups() == []
        assert vendor.seen("GET /agent/get")[0].query["agentid"] == "1000002"
        vendor.on("GET /agent/get", error(301002))
        with pytest.raises(NotAllowed):
            await wecom.directory.groups()


@pytest.mark.parametrize(
    "answer", [{"errcode": 0, "userid": "LiLei"}, {"errcode": 0, "UserId": "LiLei", "DeviceId": ""}]
)
async def test_member_signs_in(answer: Any) -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /auth/getuserinfo", answer)
        vendor.on("GET /user/get", USER)
        assert (await wecom.login("code")).name == "李雷"
        vendor.on("GET /user/get", (502, "bad"))
        assert await wecom.login("code") == Person("lilei")

    assert vendor.seen("GET /auth/getuserinfo")[0].query["code"] == "code"


@pytest.mark.parametrize("answer", [{"errcode": 0, "openid": "o1"}, {"errcode": 0, "external_userid": "wm1"}])
async def test_outsider_may_not_sign_in(answer: Any) -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /auth/getuserinfo", answer)
        with pytest.raises(NotAllowed):
            await wecom.login("code")


async def test_sign_in_without_a_person_is_an_error() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /auth/getuserinfo", {"errcode": 0})
        with pytest.raises(RetryLater):
            await wecom.login("code")
