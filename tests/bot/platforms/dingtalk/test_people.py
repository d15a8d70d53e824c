"""The directory and signing in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.platforms.base import Gone, NotAllowed, Person, RetryLater
from tests.bot.platforms.dingtalk.helpers import Meter, Vendor, calling, vendor

GET = "POST /oapi/topapi/v2/user/get"
BY_MOBILE = "POST /oapi/topapi/v2/user/getbymobile"
LOGIN = "POST /oapi/topapi/v2/user/getuserinfo"


@pytest.fixture
async def fake() -> AsyncIterator[Vendor]:
    async with vendor() as running:
        yield running


async def test_person(fake: Vendor) -> None:
    user = {
        "userid": "m03",
        "name": "李雷",
        "mobile": "13800005521",
        "job_number": "E7",
        "org_email": "l@x.cn",
        "admin": "no",
    }
    fake.on(GET, {"errcode": 0, "result": user})
    meter = Meter()

    async with calling(fake.keys, meter) as dingtalk:
        found = await dingtalk.directory.person("m03")

    assert found == Person("m03", "李雷", "13800005521", "l@x.cn", "E7")
    assert fake.seen(GET)[0].json == {"userid": "m03", "language": "zh_CN"}
    assert meter.counts == {}


@pytest.mark.parametrize("result", [None, [], {"name": 7, "mobile": None}])
async def test_person_of_whom_little_is_said(fake: Vendor, result: Any) -> None:
    fake.on(GET, {"errcode": "0", "result": result})

    async with calling(fake.keys) as dingtalk:
        assert await dingtalk.directory.person("m03") == Person("m03")


async def test_unknown_person_is_none_and_nobody_is_not_asked_for(fake: Vendor) -> None:
    fake.on(GET, {"errcode": 60121, "errmsg": "找不到该用户"})

    async with calling(fake.keys) as dingtalk:
        assert await dingtalk.directory.person("m99") is None
        assert await dingtalk.directory.person("") is None
    assert len(fake.seen(GET)) == 1


async def test_missing_permission_is_not_an_unknown_person(fake: Vendor) -> None:
    fake.on(GET, {"errcode": 88, "sub_code": "60011", "sub_msg": "没有调用该接口的权限"})

    async with calling(fake.keys) as dingtalk:
        with pytest.raises(NotAllowed):
            await dingtalk.directory.person("m03")


async def test_accounts_by_mobile(fake: Vendor) -> None:
    fake.on(
        BY_MOBILE,
        {"errcode": 0, "result": {"userid": "m03"}},
        {"errcode": 60121, "errmsg": "找不到该用户"},
        {"errcode": 40104, "errmsg": "无效手机号"},
        {"errcode": 0, "result": {}},
    )

    async with calling(fake.keys) as dingtalk:
        found = await dingtalk.directory.accounts_of(["1380", "1381", "1380", "", "x", "1383"])

    assert found == {"1380": "m03"}
    assert len(fake.seen(BY_MOBILE)) == 4


async def test_groups_and_members_cannot_be_listed(fake: Vendor) -> None:
    async with calling(fake.keys) as dingtalk:
        assert (await dingtalk.directory.groups(), await dingtalk.directory.members("cid1")) == ([], [])
    assert fake.calls == []


async def test_login(fake: Vendor) -> None:
    fake.on(LOGIN, {"errcode": 0, "result": {"userid": "m03", "name": "李雷"}})

    async with calling(fake.keys) as dingtalk:
        assert await dingtalk.login("code") == Person("m03", "李雷")
    assert fake.seen(LOGIN)[0].json == {"code": "code"}


async def test_used_code_is_gone_and_a_person_without_id_is_none(fake: Vendor) -> None:
    fake.on(LOGIN, {"errcode": 40078, "errmsg": "不存在的临时授权码"}, {"errcode": 0, "result": {"name": "x"}})

    async with calling(fake.keys) as dingtalk:
        with pytest.raises(Gone):
            await dingtalk.login("code")
        with pytest.raises(RetryLater):
            await dingtalk.login("code")
