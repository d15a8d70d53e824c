"""Tokens, limits, quota and faults around every call, on both hosts; and the contacts."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from simulator.dingtalk.people import ROOT
from tests.simulator.dingtalk.helpers import APP

SEND = "robot/oToMessages/batchSend"
HELLO = {
    "robotCode": APP.robot_code,
    "userIds": ["m03"],
    "msgKey": "sampleText",
    "msgParam": json.dumps({"content": "早"}),
}
QPS = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"
QUOTA = "Forbidden.AccessDenied.ApiCountLimitForOrg"


async def test_three_ways_to_one_token(sim: Any) -> None:
    _, new = await sim.call(
        "POST", "/dingtalk/v1.0/oauth2/accessToken", json={"appKey": APP.app_key, "appSecret": APP.app_secret}
    )
    unified = {"client_id": APP.app_key, "client_secret": APP.app_secret, "grant_type": "client_credentials"}
    _, corp = await sim.call("POST", f"/dingtalk/v1.0/oauth2/{APP.corp_id}/token", json=unified)
    keys = {"appkey": APP.app_key, "appsecret": APP.app_secret}
    _, old = await sim.call("GET", "/dingtalk-oapi/gettoken", params=keys)
    assert new["expireIn"] == corp["expires_in"] == old["expires_in"] == 7200
    assert new["accessToken"] == corp["access_token"] == old["access_token"]
    assert (old["errcode"], old["errmsg"]) == (0, "ok")


async def test_wrong_secrets(sim: Any) -> None:
    body = {"appKey": APP.app_key, "appSecret": "x"}
    new = await sim.call("POST", "/dingtalk/v1.0/oauth2/accessToken", json=body)
    unified = {"client_id": APP.app_key, "client_secret": APP.app_secret, "grant_type": "client_credentials"}
    corp = await sim.call("POST", "/dingtalk/v1.0/oauth2/dingother/token", json=unified)
    old = await sim.call("GET", "/dingtalk-oapi/gettoken", params={"appkey": APP.app_key, "appsecret": "x"})
    assert [(status, answer["code"]) for status, answer in (new, corp)] == [(400, "invalidClientIdOrSecret")] * 2
    assert old[1]["errcode"] == 40089


async def test_token_lives_two_hours_and_is_extended(start: Any, still_clock: Any) -> None:
    sim = await start(clock=still_clock)
    first = await sim.login()
    still_clock.seconds += 7000
    assert await sim.login() == first
    still_clock.seconds += 7199
    assert (await sim.new("POST", SEND, json=HELLO))[0] == 200
    still_clock.seconds += 1
    status, answer = await sim.new("POST", SEND, json=HELLO)
    assert (status, answer["code"]) == (400, "InvalidAuthentication")
    assert (await sim.old("POST", "topapi/v2/user/get", json={"userid": "m03"}))["errcode"] == 40014
    assert await sim.login() != first


async def test_refused_token_may_be_401(sim: Any) -> None:
    await sim.login()
    await sim.sim("tokens/revoke", platform="dingtalk")
    sim.state.token_status = 401
    status, answer = await sim.new("POST", SEND, json=HELLO)
    assert (status, answer["code"]) == (401, "InvalidAuthentication")


async def test_missing_token(sim: Any) -> None:
    status, answer = await sim.call("POST", f"/dingtalk/v1.0/{SEND}", json=HELLO)
    assert (status, answer["code"]) == (400, "InvalidAuthentication")
    assert (await sim.call("POST", "/dingtalk-oapi/topapi/v2/user/get", json={}))[1]["errcode"] == 40014


async def test_new_host_is_also_at_the_root(sim: Any) -> None:
    await sim.login()
    headers = {"x-acs-dingtalk-access-token": sim.token}
    assert (await sim.call("POST", f"/v1.0/{SEND}", json=HELLO, headers=headers))[0] == 200


async def test_twenty_calls_a_second_per_api(start: Any, still_clock: Any) -> None:
    sim = await start(clock=still_clock)
    statuses = [(await sim.new("POST", SEND, json=HELLO))[0] for _ in range(21)]
    assert statuses == [200] * 20 + [403]
    assert (await sim.new("POST", SEND, json=HELLO))[1]["code"] == QPS
    contacts = [(await sim.old("POST", "topapi/v2/user/get", json={"userid": "m03"}))["errcode"] for _ in range(21)]
    assert contacts == [0] * 20 + [90018]
    still_clock.seconds += 1
    assert (await sim.new("POST", SEND, json=HELLO))[0] == 200
    assert sim.state.quota.view()["calls"] == 21


async def test_files_and_webhooks_have_no_limit_per_second(start: Any, bot: Any, still_clock: Any) -> None:
    sim = await start(clock=still_clock)
    await sim.sim("say", user="李雷", text="早")
    session = bot.robot[0]["sessionWebhook"].removeprefix(sim.base)
    body = {"msgtype": "text", "text": {"content": "x"}}
    answers = [(await sim.call("POST", session, json=body))[1]["errcode"] for _ in range(25)]
    assert answers == [0] * 25


async def test_month_of_calls(sim: Any) -> None:
    sim.state.quota.max_calls = 2
    for _ in range(2):
        assert (await sim.new("POST", SEND, json=HELLO))[0] == 200
    status, answer = await sim.new("POST", SEND, json=HELLO)
    assert (status, answer["code"]) == (403, QUOTA)
    work = {"agent_id": 1, "userid_list": "m03", "msg": {"msgtype": "text", "text": {"content": "x"}}}
    path = "topapi/message/corpconversation/asyncsend_v2"
    assert (await sim.old("POST", path, json=work))["errcode"] == 90020
    assert (await sim.old("POST", "topapi/v2/user/get", json={"userid": "m03"}))["errcode"] == 0
    assert await sim.login()
    await sim.sim("clock", advance="31d")
    assert (await sim.new("POST", SEND, json=HELLO))[0] == 200


@pytest.mark.parametrize(
    ("kind", "status", "code", "errcode"),
    [
        ("429", 403, QPS, 90018),
        ("quota", 403, QUOTA, 90020),
        ("permission", 403, "Forbidden.AccessDenied.AccessTokenPermissionDenied", 60011),
        ("expired_token", 400, "InvalidAuthentication", 40014),
        ("5xx", 500, "system.error", -1),
        ("busy", 500, "system.busy", -1),
        ("delay", 200, None, 0),
    ],
)
async def test_faults(sim: Any, kind: str, status: int, code: Any, errcode: int) -> None:
    await sim.sim("faults", path=f"/dingtalk/v1.0/{SEND}", kind=kind, ms=1)
    await sim.sim("faults", path="POST /topapi/v2/user", kind=kind, ms=1)
    answer = await sim.new("POST", SEND, json=HELLO)
    assert (answer[0], answer[1].get("code")) == (status, code)
    assert (await sim.old("POST", "topapi/v2/user/get", json={"userid": "m03"}))["errcode"] == errcode
    assert len(await sim.messages("李雷")) == (1 if kind == "delay" else 0)


async def test_answers_that_are_no_answers(sim: Any) -> None:
    await sim.login()
    await sim.sim("faults", path=f"/v1.0/{SEND}", kind="blocked")
    status, answer = await sim.new("POST", SEND, json=HELLO)
    assert (status, answer["status"], answer["punish"]) == (200, 1111, "deny")
    await sim.sim("faults", path=f"/v1.0/{SEND}", kind="html")
    headers = {"x-acs-dingtalk-access-token": sim.token}
    async with sim.http.post(f"{sim.base}/dingtalk/v1.0/{SEND}", json=HELLO, headers=headers) as response:
        assert (response.status, response.content_type) == (502, "text/html")
    for kind, messages in (("drop", 0), ("drop_after", 1)):
        await sim.sim("faults", path=f"/v1.0/{SEND}", kind=kind)
        with pytest.raises(aiohttp.ClientError):
            await sim.new("POST", SEND, json=HELLO)
        assert len(await sim.messages("李雷")) == messages


async def test_scenes_only_at_their_place(sim: Any) -> None:
    for path, kind in (("/v1.0/robot", "abort"), ("stream", "429"), ("message", "expired"), ("event", "outsider")):
        assert (await sim.refused("faults", path=path, kind=kind))[0] == 400


@pytest.mark.parametrize("body", ["{", "[]", "[" * 100_000], ids=["cut", "list", "deep"])
async def test_bodies_that_are_no_objects(sim: Any, body: str) -> None:
    assert (await sim.new("POST", SEND, data=body))[1]["code"] == "invalidJson"
    assert (await sim.old("POST", "topapi/v2/user/get", data=body))["errcode"] == 40035


async def test_unknown_paths(sim: Any) -> None:
    status, answer = await sim.call("GET", "/dingtalk/v1.0/nowhere")
    assert (status, answer["code"]) == (404, "InvalidAction.NotFound")
    assert (await sim.call("GET", "/dingtalk-oapi/nowhere"))[1]["errcode"] == -1


async def test_calls_are_logged_without_keys(sim: Any) -> None:
    await sim.old("POST", "topapi/v2/user/get", json={"userid": "m99"})
    await sim.new("POST", SEND, json={**HELLO, "robotCode": "x"})
    _, data = await sim.call("GET", "/sim/calls")
    codes = {call["path"].partition("?")[0]: call["code"] for call in data["calls"]}
    assert codes == {
        "/v1.0/oauth2/accessToken": 0,
        "/topapi/v2/user/get": 60121,
        f"/v1.0/{SEND}": "resource.not.found",
    }
    text = json.dumps(data)
    assert sim.token not in text
    assert APP.app_secret not in text
    assert {call["platform"] for call in data["calls"]} == {"dingtalk"}


async def test_person(sim: Any) -> None:
    answer = await sim.old("POST", "topapi/v2/user/get", json={"userid": "m03", "language": "zh_CN"})
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    found = answer["result"]
    assert (found["name"], found["mobile"], found["manager_userid"], found["title"]) == (
        "李雷",
        "13800010003",
        "m02",
        "销售代表",
    )
    assert (found["admin"], found["boss"]) == (False, False)
    boss = (await sim.old("POST", "topapi/v2/user/get", json={"userid": "m01"}))["result"]
    leader = (await sim.old("POST", "topapi/v2/user/get", json={"userid": "m02"}))["result"]
    assert "manager_userid" not in boss
    assert boss["boss"] is True
    assert leader["leader_in_dept"][0]["leader"] is True
    by_union = await sim.old("POST", "topapi/user/getbyunionid", json={"unionid": found["unionid"]})
    assert by_union["result"]["userid"] == "m03"


async def test_mobiles(sim: Any) -> None:
    async def ask(mobile: Any) -> Any:
        return await sim.old("POST", "topapi/v2/user/getbymobile", json={"mobile": mobile})

    assert (await ask("13800010003"))["result"]["userid"] == "m03"
    assert (await ask("+86-13800010003"))["result"]["userid"] == "m03"
    assert [(await ask(mobile))["errcode"] for mobile in ("13811112222", "abc", "")] == [60121, 40104, 40104]


async def test_departments(sim: Any) -> None:
    async def below(number: int) -> Any:
        answer = await sim.old("POST", "topapi/v2/department/listsub", json={"dept_id": number})
        return {row["name"]: row["dept_id"] for row in answer["result"]}

    top = await below(ROOT)
    sales = await below(top["销售部"])
    east = await sim.old("POST", "topapi/user/listid", json={"dept_id": sales["华东一组"]})
    root = await sim.old("POST", "topapi/user/listid", json={"dept_id": ROOT})
    assert set(top) == {"销售部", "市场部", "售前部", "法务部", "运营部", "信息部"}
    assert set(sales) == {"华东一组", "华南组", "大客户组"}
    assert east["result"]["userid_list"] == ["m02", "m03", "m04", "m05"]
    assert root["result"]["userid_list"] == ["x01"]
    assert (await sim.old("POST", "topapi/user/listid", json={"dept_id": 999}))["errcode"] == 60003


async def test_unknown_people(sim: Any) -> None:
    for path, body in (
        ("topapi/v2/user/get", {"userid": "m99"}),
        ("topapi/v2/user/get", {}),
        ("topapi/user/getbyunionid", {"unionid": "x"}),
    ):
        assert (await sim.old("POST", path, json=body))["errcode"] == 60121


async def test_login_code_once_within_five_minutes(start: Any, still_clock: Any) -> None:
    sim = await start(clock=still_clock)
    sessions = sim.state.sessions
    code, old = sessions.give_login("m16"), sessions.give_login("m03")

    async def ask(given: str) -> Any:
        return await sim.old("POST", "topapi/v2/user/getuserinfo", json={"code": given})

    found = (await ask(code))["result"]
    assert (found["userid"], found["name"], found["sys_level"]) == ("m16", "刘洋", 1)
    assert (await ask(code))["errcode"] == 40078
    still_clock.seconds += 300
    assert (await ask(old))["errcode"] == 40078
