"""The control API: state, live stream, clock, faults on the API, and bad input."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from simulator.__main__ import parse_args
from simulator.company import load_company
from simulator.options import COMPANY_FILE, Options

HELLO = {"text": "你好"}


async def test_state_tells_people_chats_and_columns(start: Any) -> None:
    sim = await start(gallery="http://127.0.0.1:1/cards")
    _, state = await sim.call("GET", "/sim/state")
    assert (state["company"], state["bot"]["name"]) == ("启明医疗（演示）", "销售助手")
    assert [p["name"] for p in state["people"]][-1] == "张三"
    assert len([c for c in state["chats"] if c["kind"] == "p2p"]) == len(state["people"]) == 17
    groups = {c["name"]: c["members"] for c in state["chats"] if c["kind"] == "group"}
    assert groups == {
        "总监群": ["m01", "m02", "m06", "m09", "m12"],
        "华东一组群": ["m02", "m03", "m04", "m05"],
    }
    assert [column["person"] for column in state["columns"]] == ["m03", "m02", "m01"]
    assert len(state["guide"]) == 5
    assert state["clock"]["now"].endswith("+08:00")
    assert state["links"] == {"gallery": "http://127.0.0.1:1/cards"}


async def test_people_are_the_same_in_every_run(start: Any) -> None:
    first, second = await start(), await start()
    states = [(await s.call("GET", "/sim/state"))[1] for s in (first, second)]
    assert states[0]["people"] == states[1]["people"]
    assert states[0]["chats"] == states[1]["chats"]


def test_company_holds_the_demo_members() -> None:
    rows = Path("config/demo/members.csv").read_text("utf-8").splitlines()[1:]
    wanted = [(r.split(",")[0], r.split(",")[1], r.split(",")[-1]) for r in rows]
    people = json.loads(COMPANY_FILE.read_text("utf-8"))["people"]
    assert [(p["id"], p["name"], p["mobile"]) for p in people][:-1] == wanted


def test_guide_and_columns_name_people_chats_and_papers_that_exist() -> None:
    company = load_company(COMPANY_FILE)
    people, groups = {person.id for person in company.people}, {group.id for group in company.groups}
    steps = [step for task in company.guide for step in task["steps"]]
    papers = {step["send"] for step in steps if "send" in step}

    assert {step["person"] for step in steps} | {column.person for column in company.columns} <= people
    assert {step["chat"] for step in steps} | {column.chat for column in company.columns} <= groups | {None}
    assert all(len({"say", "send", "press"} & set(step)) == 1 for step in steps)
    for paper in papers:
        assert (Options().page / "samples" / paper).stat().st_size < 120_000


async def test_messages_after_a_number(sim: Any) -> None:
    await sim.sim("say", user="李雷", text="一")
    await sim.sim("say", **{"as": "m03"}, text="二")
    [first, second] = await sim.messages("李雷")
    _, later = await sim.call("GET", "/sim/messages", params={"chat": first["chat"], "after": str(first["seq"])})
    assert [m["text"] for m in later["messages"]] == ["二"]
    assert second["sender"] == {"kind": "user", "id": "m03", "name": "李雷"}


async def test_calls_show_both_directions_without_secrets(sim: Any) -> None:
    await sim.sent("李雷", HELLO)
    await sim.sim("say", user="李雷", text="你好")
    _, log = await sim.call("GET", "/sim/calls", params={"limit": "10"})
    _, sends = await sim.call("GET", "/sim/calls", params={"path": "im/v1/messages"})
    assert [c["direction"] for c in log["calls"]] == ["in", "in", "out"]
    assert [c["method"] for c in sends["calls"]] == ["POST"]
    app = sim.feishu.company.app
    for secret in (sim.token, app.app_secret, app.verification_token, app.encrypt_key):
        assert secret not in json.dumps(log)


async def read_stream(response: aiohttp.ClientResponse, wanted: set[str]) -> list[Any]:
    found: list[Any] = []
    async with asyncio.timeout(5):
        while not wanted <= {n["type"] for n in found}:
            line = await response.content.readline()
            if line.startswith(b"data: "):
                found.append(json.loads(line[6:]))
    return found


async def test_stream_tells_what_happens(sim: Any, bot: Any, deal_card: Any) -> None:
    async def answer(body: Any) -> web.Response:
        return web.json_response({"toast": {"type": "info", "content": "好"}})

    bot.answer = answer
    async with sim.http.get(f"{sim.base}/sim/events") as stream:
        await stream.content.readline()
        await sim.sim("say", user="李雷", text="你好")
        message_id = await sim.sent("李雷", deal_card)
        await sim.sim("click", user="李雷", button="同意")
        await sim.patch(message_id, deal_card)
        await sim.api("DELETE", f"im/v1/messages/{message_id}")
        await sim.sim("clock", advance="1h")
        await sim.sim("callback", url="http://127.0.0.1:9/x")
        await sim.sim("say", user="李雷", text="在吗")
        await sim.sim("reset")
        kinds = {"message", "update", "recall", "toast", "call", "clock", "error", "typing", "reset"}
        notices = await read_stream(stream, kinds)

    toast = next(n for n in notices if n["type"] == "toast")
    error = next(n for n in notices if n["type"] == "error")
    assert (toast["person"], toast["kind"], toast["content"]) == ("m03", "info", "好")
    assert (error["code"], error["chat"]) == (200342, sim.desk.chat(None, sim.desk.person("李雷")).id)


async def test_reset_goes_back_to_the_start(sim: Any) -> None:
    first = await sim.sent("李雷", HELLO)
    await sim.sim("members", chat="总监群", add=["张三"])
    await sim.sim("faults", path="/open-apis", kind="5xx")
    await sim.sim("reset")
    assert await sim.messages("李雷") == []
    assert "x01" not in sim.desk.chat("总监群").members
    assert (await sim.call("GET", "/sim/faults"))[1]["faults"] == []
    assert await sim.sent("李雷", HELLO) != first


async def test_watchers_are_told_who_wants_to_start_over_and_not_of_a_plain_reset(sim: Any) -> None:
    async with sim.http.get(f"{sim.base}/sim/events") as stream:
        await stream.content.readline()
        await sim.sim("reset")
        await sim.sim("reset", start_over=True)
        await sim.sim("reset", start_over="yes")
        await sim.sim("clock", advance="1s")
        notices = await read_stream(stream, {"start_over", "clock"})

    told = [n["type"] for n in notices if n["type"] in ("reset", "start_over")]
    assert told == ["reset", "reset", "start_over", "reset"]


@pytest.fixture
async def bot_clock() -> AsyncIterator[Any]:
    """A bot's admin port: three due instants, one step each."""
    now = datetime.fromisoformat("2026-11-19T09:00:00+08:00")
    state: dict[str, Any] = {"now": now, "due": [now + timedelta(hours=h) for h in (1, 24, 47)], "moves": []}

    def view(done: bool) -> dict[str, Any]:
        due = state["due"][0] if state["due"] else None
        upcoming = {"at": due.isoformat(), "label": "南通海安 首触截止"} if due else None
        return {"now": state["now"].isoformat(), "done": done, "next": upcoming}

    async def clock(request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.json_response(view(True))
        body = await request.json()
        target = datetime.fromisoformat(body["to"])
        state["moves"].append(body)
        if state["due"] and state["due"][0] <= target:
            state["now"] = state["due"].pop(0)
            return web.json_response(view(False))
        state["now"] = target
        return web.json_response(view(True))

    app = web.Application()
    app.router.add_route("*", "/control/clock", clock)
    async with TestServer(app) as server:
        state["url"] = str(server.make_url("")).rstrip("/")
        yield state


async def test_clock_moves_the_bot_from_due_to_due(start: Any, bot_clock: Any) -> None:
    sim = await start(control=bot_clock["url"])
    _, before = await sim.call("GET", "/sim/clock")
    moved = await sim.sim("clock", advance="48h")

    assert before["now"].startswith("2026-11-19T09:00")
    assert before["next_due"] == {"at": "2026-11-19T10:00:00+08:00", "label": "南通海安 首触截止"}
    assert len(bot_clock["moves"]) == 4
    assert all(m["step"] is True for m in bot_clock["moves"])
    assert moved["now"].startswith("2026-11-21T09:00")
    assert moved["next_due"] is None


async def test_event_retry_falls_between_the_bots_instants(start: Any, bot: Any, bot_clock: Any) -> None:
    sim = await start(control=bot_clock["url"])

    async def refuse(_: Any) -> web.Response:
        return web.Response(status=503)

    bot.answer = refuse
    await sim.sim("say", user="李雷", text="你好")
    await sim.sim("clock", advance="10m")
    assert len(bot.events()) == 3
    assert [m["to"][11:16] for m in bot_clock["moves"]] == ["09:00", "09:05", "09:10"]


async def test_clock_without_the_bot_says_so(start: Any) -> None:
    sim = await start(control="http://127.0.0.1:9")
    status, error = await sim.call("POST", "/sim/clock", json={"advance": "1h"})
    assert (status, error) == (502, {"error": "连不上助手的时钟"})
    assert (await sim.call("GET", "/sim/clock"))[0] == 200


async def test_api_faults(sim: Any, make_card: Any) -> None:
    await sim.login()
    seen = []
    for kind in ("429", "5xx", "11232", "expired_token", "delay"):
        await sim.sim("faults", path="/open-apis/im/v1/messages", kind=kind, ms=1)
        status, answer = await sim.send("李雷", HELLO)
        seen.append((kind, status, answer["code"]))
    assert seen == [
        ("429", 429, 99991400),
        ("5xx", 500, 5000),
        ("11232", 400, 11232),
        ("expired_token", 400, 99991663),
        ("delay", 200, 0),
    ]
    assert (await sim.send("李雷", HELLO))[0] == 200


async def test_api_fault_html_is_no_json(sim: Any) -> None:
    await sim.sim("faults", path="*/bot/v3/info", kind="html", count=1)
    async with sim.http.get(f"{sim.base}/feishu/open-apis/bot/v3/info") as response:
        assert (response.status, response.content_type) == (502, "text/html")


@pytest.mark.parametrize(("kind", "stored"), [("drop", 0), ("drop_after", 1)])
async def test_api_faults_that_break_the_connection(sim: Any, kind: str, stored: int) -> None:
    await sim.login()
    await sim.sim("faults", path="POST /open-apis/im/v1/messages", kind=kind)
    with pytest.raises(aiohttp.ClientError):
        await sim.send("李雷", HELLO, uuid="u1")
    assert len(await sim.messages("李雷")) == stored
    await sim.sent("李雷", HELLO, uuid="u1")
    assert len(await sim.messages("李雷")) == 1


async def test_faults_can_be_listed_and_removed(sim: Any) -> None:
    await sim.sim("faults", path="event", kind="delay", count=3, ms=20)
    _, listed = await sim.call("GET", "/sim/faults")
    _, removed = await sim.call("DELETE", "/sim/faults")
    assert listed["faults"] == [{"platform": "feishu", "path": "event", "kind": "delay", "count": 3, "ms": 20}]
    assert {place: "duplicate" in kinds for place, kinds in listed["offers"]["feishu"].items()} == {
        "event": True,
        "callback": False,
        "api": False,
    }
    assert removed["faults"] == []


async def test_revoked_token_is_dead(sim: Any) -> None:
    await sim.sent("李雷", HELLO)
    await sim.sim("tokens/revoke")
    assert (await sim.send("李雷", HELLO))[1]["code"] == 99991663
    await sim.login()
    await sim.sent("李雷", HELLO)


POSTS = ("say", "click", "submit", "enter", "menu", "members", "recall", "deliver", "clock", "faults", "callback")
BAD: tuple[Any, ...] = (
    None,
    [],
    "x",
    5,
    {"user": "无此人"},
    {"user": {"a": 1}, "text": "x"},
    {"user": "李雷", "text": ["x"], "chat": [1]},
    {"user": "李雷", "text": "x", "reply_to": "om_x"},
    {"user": "李雷", "text": "x", "chat": "总监群"},
    {"user": "李雷", "text": "\ud800"},
    {"user": "李雷", "message_id": "om_x", "key": "k" * 31, "values": 3},
    {"path": 1, "kind": "5xx", "count": "many", "url": 5, "advance": {}, "chat": 7, "event": 3},
    {"path": "/x", "kind": "5xx", "count": 1e400, "url": "ftp://x", "advance": "-1h"},
)


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
async def test_bad_input_is_told_in_chinese(sim: Any, body: Any) -> None:
    for name in POSTS:
        if name == "callback" and isinstance(body, dict) and "url" not in body:
            continue
        if name == "enter" and isinstance(body, dict) and body.get("user") == "李雷":
            continue
        status, answer = await sim.call("POST", f"/sim/{name}", data=json.dumps(body))
        assert 400 <= status < 500, (name, answer)
        assert any("\u4e00" <= c <= "\u9fff" for c in answer["error"]), (name, answer)


async def test_more_bad_requests(sim: Any) -> None:
    assert (await sim.call("POST", "/sim/say", data=b"{"))[0] == 400
    assert (await sim.call("POST", "/sim/say", data=b'{"a":' * 50000))[0] == 400
    assert (await sim.call("POST", "/sim/upload", data=b"x"))[0] == 400
    assert (await sim.call("GET", "/sim/messages"))[0] == 400
    assert (await sim.call("GET", "/sim/messages", params={"chat": "总监群", "after": "x"}))[0] == 400
    assert (await sim.call("GET", "/sim/calls", params={"limit": "x"}))[0] == 400
    assert (await sim.call("GET", "/sim/files/img_x"))[0] == 404
    assert (await sim.call("GET", "/sim/nope"))[0] == 404
    assert (await sim.call("DELETE", "/sim/say"))[0] == 404
    form = aiohttp.FormData({"user": "李雷"}, default_to_multipart=True)
    assert (await sim.call("POST", "/sim/upload", data=form))[0] == 400


async def test_page_files_may_be_loaded_from_elsewhere(start: Any, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>", "utf-8")
    (tmp_path / "card.js").write_text("export {}", "utf-8")
    sim = await start(page=tmp_path, gallery="http://127.0.0.1:1/cards")
    async with sim.http.get(f"{sim.base}/") as index, sim.http.get(f"{sim.base}/page/card.js") as script:
        assert (index.status, script.status) == (200, 200)
        assert script.headers["Access-Control-Allow-Origin"] == "*"
    async with sim.http.get(f"{sim.base}/gallery", allow_redirects=False) as gallery:
        assert gallery.headers["Location"] == "http://127.0.0.1:1/cards"
    for path in ("/page/nope.js", "/page/..%2f..%2fetc/passwd", "/page/"):
        assert (await sim.call("GET", path))[0] == 404


async def test_gallery_unknown(sim: Any) -> None:
    assert (await sim.call("GET", "/gallery"))[0] == 404


def test_command_line() -> None:
    args = parse_args(["--port", "0", "--control", "http://127.0.0.1:8081", "--retry-scale", "100"])
    assert (args.port, args.control, args.retry_scale) == (0, "http://127.0.0.1:8081", 100.0)
    with pytest.raises(SystemExit):
        parse_args(["--retry-scale", "0"])


def test_process_prints_its_url_and_ends_on_a_signal() -> None:
    command = [sys.executable, "-m", "simulator", "--port", "0", "--callback", "http://127.0.0.1:9/x"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
        assert process.wait(10) == 0
    assert line.startswith("模拟器已就绪：http://127.0.0.1:")
