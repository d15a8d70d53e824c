"""Several vendors in one simulator: whose chat it is, what each is asked, and what all have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from simulator import vendors
from simulator.__main__ import parse_args
from simulator.app import make_app
from simulator.clock import Clock
from simulator.company import load_company
from simulator.control.desk import DESK, Desk
from simulator.options import COMPANY_FILE, Options
from simulator.vendor import Due
from tests.support.paper_vendor import PaperVendor

Json = dict[str, Any]
ALL = ("feishu", "wecom", "dingtalk")


class Sim:
    """Three vendors of paper, and their control API."""

    def __init__(self, desk: Desk, base: str, http: aiohttp.ClientSession) -> None:
        self.desk = desk
        self._base = base
        self._http = http

    def paper(self, name: str) -> PaperVendor:
        vendor = self.desk.vendors[name]
        assert isinstance(vendor, PaperVendor)
        return vendor

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Json]:
        async with self._http.request(method, self._base + path, **options) as response:
            return response.status, await response.json()

    async def sim(self, path: str, /, **body: Any) -> Json:
        status, data = await self.call("POST", f"/sim/{path}", json=body)
        assert status == 200, data
        return data

    async def messages(self, **query: str) -> list[Json]:
        found: list[Json] = (await self.call("GET", "/sim/messages", params=query))[1]["messages"]
        return found


@pytest.fixture
async def sim(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sim]:
    """A simulator with every platform on."""
    monkeypatch.setattr(vendors, "MAKERS", {name: partial(PaperVendor, name) for name in ALL})
    app = make_app(Options(vendors=ALL, callback_base="http://127.0.0.1:9"))
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        yield Sim(app[DESK], str(server.make_url("")).rstrip("/"), http)


async def test_state_names_platforms_homes_and_chats_of_each(sim: Sim) -> None:
    _, state = await sim.call("GET", "/sim/state")
    homes = {person["name"]: person["platform"] for person in state["people"]}
    direct = [chat for chat in state["chats"] if chat["kind"] == "p2p" and chat["members"] == ["m03"]]
    groups = {chat["name"]: (chat["platform"], chat["face"]) for chat in state["chats"] if chat["kind"] == "group"}

    assert state["platforms"] == list(ALL)
    assert (homes["李雷"], homes["王芳"], homes["张伟"]) == ("wecom", "feishu", "dingtalk")
    assert [(c["platform"], c["face"]) for c in direct] == [
        ("feishu", ""),
        ("wecom", "app"),
        ("wecom", "bot"),
        ("dingtalk", ""),
    ]
    assert groups == {
        "总监群": ("feishu", ""),
        "华东一组群": ("feishu", ""),
        "华东一组群（企业微信）": ("wecom", "bot"),
        "总监群（钉钉）": ("dingtalk", ""),
    }
    ids = [chat["id"] for chat in state["chats"]]
    assert len(ids) == len(set(ids)) == 17 * 4 + 4
    assert [column["platform"] for column in state["columns"]] == ["wecom", "feishu", "dingtalk"]
    assert state["columns"][2]["chat"] == sim.desk.chat("总监群（钉钉）").id


def test_what_is_off_leaves_no_trace_and_its_people_live_on_the_first_platform() -> None:
    company = load_company(COMPANY_FILE, ("dingtalk", "feishu"))

    assert {group.platform for group in company.groups} == {"feishu", "dingtalk"}
    assert {person.home for person in company.people} == {"feishu", "dingtalk"}
    assert company.find("李雷", ("name",)) is not None
    assert [column.platform for column in company.columns] == ["dingtalk", "feishu", "dingtalk"]
    assert {step["platform"] for task in company.guide for step in task["steps"]} == {"dingtalk", "feishu"}


def test_feishu_chats_have_the_ids_they_always_had() -> None:
    alone, among = (load_company(COMPANY_FILE, on) for on in (("feishu",), ALL))

    assert [group.id for group in alone.groups] == [g.id for g in among.groups if g.platform == "feishu"]
    assert all(group.id.startswith("oc_") for group in alone.groups)


async def test_a_line_goes_where_the_person_lives_unless_it_says_otherwise(sim: Sim) -> None:
    await sim.sim("say", user="李雷", text="家里")
    await sim.sim("say", user="李雷", text="机器人", platform="wecom", face="bot")
    await sim.sim("say", user="李雷", text="飞书", platform="feishu")
    await sim.sim("say", user="李雷", text="群里", chat="华东一组群（企业微信）")

    said = {name: [text for _, _, text in sim.paper(name).done] for name in ALL}
    assert said == {"feishu": ["飞书"], "wecom": ["家里", "机器人", "群里"], "dingtalk": []}
    assert [m["text"] for m in await sim.messages(chat="李雷")] == ["家里"]
    assert [m["text"] for m in await sim.messages(chat="李雷", platform="wecom", face="bot")] == ["机器人"]
    assert [m["text"] for m in await sim.messages(chat="李雷", platform="feishu")] == ["飞书"]


async def test_upload_and_click_choose_the_platform_too(sim: Sim) -> None:
    form = aiohttp.FormData({"user": "李雷", "platform": "dingtalk"})
    form.add_field("file", b"\x89PNG", filename="a.png", content_type="image/png")
    await sim.call("POST", "/sim/upload", data=form)
    world = sim.desk.parts.world
    sim.paper("dingtalk").post(world.p2p(sim.desk.person("李雷"), "dingtalk"), "card", card={"cardParamMap": {}})

    await sim.sim("click", user="李雷", platform="dingtalk", button="ok", values={"a": "1"})
    status, refused = await sim.call("POST", "/sim/click", json={"user": "李雷", "button": "ok"})

    assert sim.paper("dingtalk").done == [("upload", "m03", "a.png"), ("click", "m03", ("ok", {"a": "1"}))]
    assert (status, refused) == (404, {"error": "这个会话里没有卡片"})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("say", {"user": "李雷", "text": "x", "platform": "slack"}),
        ("say", {"user": "李雷", "text": "x", "platform": ["wecom"]}),
        ("say", {"user": "李雷", "text": "x", "platform": "wecom", "face": "hook"}),
        ("say", {"user": "李雷", "text": "x", "platform": "wecom", "face": {}, "chat": "总监群"}),
        ("enter", {"user": "李雷", "platform": 7}),
        ("faults", {"path": "event", "kind": "drop", "platform": "slack"}),
        ("tokens/revoke", {"platform": "slack"}),
        ("callback", {"name": "wecom/nothing"}),
        ("callback", {"base": 5}),
        ("deliver", {"event": {}, "platform": "slack"}),
        ("click", {"user": "李雷", "button": True}),
    ],
)
async def test_unknown_platforms_are_refused_in_chinese(sim: Sim, path: str, body: Json) -> None:
    status, answer = await sim.call("POST", f"/sim/{path}", json=body)

    assert 400 <= status < 500
    assert any("\u4e00" <= character <= "\u9fff" for character in answer["error"])


async def test_happenings_reach_the_vendor_of_their_chat(sim: Sim) -> None:
    await sim.sim("enter", user="李雷", platform="wecom", face="bot")
    await sim.sim("menu", user="李雷", key="menu:log", platform="wecom")
    await sim.sim("members", chat="总监群（钉钉）", add=["李雷"], user="张伟")
    await sim.sim("deliver", platform="dingtalk", event={"EventType": "x"}, twice=True)

    assert sim.paper("wecom").done == [("enter", "m03", ""), ("menu", "m03", "menu:log")]
    assert sim.paper("dingtalk").done == [("members", "m01", ""), ("deliver", "", "")]
    assert sim.paper("feishu").done == []


async def test_faults_belong_to_one_vendor(sim: Sim) -> None:
    await sim.sim("faults", path="event", kind="drop", platform="wecom")
    _, listed = await sim.call("GET", "/sim/faults")

    assert [fault["platform"] for fault in listed["faults"]] == ["wecom"]
    assert set(listed["offers"]) == set(ALL)
    assert sim.paper("feishu").faults.take("POST", "event") is None
    assert sim.paper("wecom").faults.take("POST", "event") is not None


async def test_callbacks_are_named_and_may_move_together(sim: Sim) -> None:
    await sim.sim("callback", name="wecom", url="http://127.0.0.1:1/x")
    one = await sim.sim("callback", name="wecom")
    await sim.sim("callback", base="http://127.0.0.1:2/")

    assert one == {"url": "http://127.0.0.1:1/x"}
    urls = [url for name in ALL for url in sim.paper(name).callbacks().values()]
    assert urls == [f"http://127.0.0.1:2/callback/{name}" for name in ALL]


async def test_reset_is_for_all_vendors(sim: Sim) -> None:
    await sim.sim("say", user="李雷", text="一")
    await sim.sim("say", user="张伟", text="二")
    await sim.sim("reset")

    assert [sim.paper(name).done for name in ALL] == [[], [], []]
    assert await sim.messages(chat="李雷") == []


async def test_the_clock_stops_at_what_any_vendor_has_due(sim: Sim, monkeypatch: pytest.MonkeyPatch) -> None:
    clock: Clock = sim.desk.parts.clock
    begin, tried = clock.now(), []
    waiting = {"dingtalk": [begin + timedelta(minutes=m) for m in (10, 50)], "wecom": [begin + timedelta(minutes=30)]}

    class Retrying(PaperVendor):
        def next_due(self) -> Due | None:
            left = waiting.get(self.name)
            return Due(left[0], f"重送 {self.name}") if left else None

        async def settle(self) -> None:
            left = waiting.get(self.name, [])
            while left and left[0] <= clock.now():
                tried.append((self.name, round((left.pop(0) - begin).total_seconds() / 60)))

    for name in ALL:
        monkeypatch.setattr(sim.paper(name), "__class__", Retrying)
    _, before = await sim.call("GET", "/sim/clock")
    await sim.sim("clock", advance="40m")

    assert before["next_due"]["label"] == "重送 dingtalk"
    assert tried == [("dingtalk", 10), ("wecom", 30)]


def test_options_name_every_callback_and_who_posts() -> None:
    options = Options(callback="http://a/x", callback_base="http://b/", modes={"wecom": "socket", "feishu": "both"})

    assert options.url_of("feishu") == "http://a/x"
    assert options.url_of("wecom/bot") == "http://b/callback/wecom/bot"
    assert (options.posts("wecom"), options.posts("feishu"), options.posts("dingtalk")) == (False, True, True)


def test_command_line_chooses_vendors_and_modes() -> None:
    assert parse_args([]).vendors == ALL
    assert parse_args(["--callback", "http://127.0.0.1:1/callback/feishu"]).vendors == ("feishu",)
    given = parse_args(["--vendors", "dingtalk,wecom", "--mode", "wecom=both", "--mode", "dingtalk=socket"])
    assert (given.vendors, dict(given.mode)) == (("dingtalk", "wecom"), {"wecom": "both", "dingtalk": "socket"})
    for wrong in (["--vendors", "slack"], ["--vendors", ","], ["--mode", "wecom"], ["--mode", "wecom=fax"]):
        with pytest.raises(SystemExit):
            parse_args(wrong)


def test_no_vendor_or_an_unknown_one_stops_the_start() -> None:
    for wrong in ((), ("slack",)):
        with pytest.raises(ValueError, match="no such platform"):
            make_app(Options(vendors=wrong))
