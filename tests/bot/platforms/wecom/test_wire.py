"""The two callback addresses: what is stored, what is answered, what is refused."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.platforms.wecom.crypto import Envelope
from cards.blocks import Action, Button, Buttons, Title
from storage.inbox import Inbound
from tests.bot.platforms.wecom.helpers import (
    APP,
    BOT,
    KEYS,
    NOW,
    NOW_S,
    SOCKET_KEYS,
    Answer,
    Json,
    app_reads,
    bot_clicked,
    bot_reads,
    bot_said,
    calling,
    click_xml,
    listening,
    seal,
    sign,
    xml,
)

SIX_HOURS = 6 * 3600


def text_xml(said: str = "录单 华东医疗 CT机 120万", **more: object) -> str:
    return xml(MsgType="text", Content=said, **{"MsgId": 7300000000000000001, **more})


async def test_app_message_becomes_a_row_and_an_empty_answer() -> None:
    async with listening() as chat:
        answer = await chat.app(text_xml())

    assert answer == (200, b"")
    (row,) = chat.intake.stored
    assert row == Inbound(
        id="wecom:ww0000000000000001:7300000000000000001",
        lane="in:wecom:lilei:app:lilei",
        kind="message",
        platform="wecom",
        account="lilei",
        chat="app:lilei",
        payload=text_xml().encode(),
        occurred_at=NOW - 2_000_000,
        received_at=NOW,
        answer_within_ms=0,
    )


async def test_two_clicks_in_one_second_differ_and_one_delivered_twice_does_not() -> None:
    async with listening() as chat:
        for key, task in (("0.a", "t1"), ("0.a", "t2"), ("0.a", "t1")):
            await chat.app(click_xml(key, TaskId=task))

    ids = [row.id for row in chat.intake.stored]
    assert [row.kind for row in chat.intake.stored] == ["click"] * 3
    assert ids[0] == ids[2] != ids[1]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (xml(MsgType="image", PicUrl="http://x", MediaId="M1", MsgId=1), "message"),
        (xml(MsgType="voice", MediaId="M1", Format="amr", MsgId=1), "message"),
        (xml(MsgType="video", MediaId="M1", ThumbMediaId="M2", MsgId=1), "message"),
        (xml(MsgType="location", Location_X="23.1", Location_Y="113.3", MsgId=1), "message"),
        (xml(MsgType="event", Event="enter_agent", EventKey=""), "chat"),
        (xml(MsgType="event", Event="CLICK", EventKey="我的线索"), "chat"),
        (click_xml("0.a", Event="template_card_menu_event"), "click"),
    ],
)
async def test_what_concerns_us_is_stored(message: str, kind: str) -> None:
    async with listening() as chat:
        assert await chat.app(message) == (200, b"")

    assert [row.kind for row in chat.intake.stored] == [kind]


@pytest.mark.parametrize(
    "message",
    [
        xml(MsgType="link", Title="x", MsgId=1),
        xml(MsgType="something_new", MsgId=1),
        xml(MsgType="", Content="hi", MsgId=1),
        xml(Content="hi", MsgId=1),
        xml(MsgType="event"),
        xml(MsgType="event", Event="view", EventKey="https://x"),
        xml(MsgType="event", Event="change_contact", FromUserName="sys"),
        xml(MsgType="event", Event="close_inactive_agent", FromUserName="sys"),
        text_xml(FromUserName=""),
        text_xml(FromUserName="sys"),
        text_xml(FromUserName="li lei"),
        text_xml(FromUserName="x" * 65),
        text_xml(FromUserName="李雷"),
        "<xml><SuiteId>s</SuiteId><InfoType>change_auth</InfoType></xml>",
        "<xml/>",
    ],
)
async def test_what_does_not_concern_us_is_acknowledged_without_effect(message: str) -> None:
    async with listening() as chat:
        assert await chat.app(message) == (200, b"")

    assert chat.intake.stored == []


@pytest.mark.parametrize("number", ["", "abc", "-1", "1e5", "９９", "1" * 200, " "])
async def test_message_with_an_odd_number_is_known_by_what_it_says(number: str) -> None:
    message = text_xml(MsgId=number, CreateTime=number)
    async with listening() as chat:
        await chat.app(message)
        await chat.app(message)

    one, other = chat.intake.stored
    assert one.id == other.id
    assert len(one.id.rpartition(":")[2]) == 64
    assert one.occurred_at == NOW


async def test_time_in_the_future_is_the_time_of_receipt() -> None:
    async with listening() as chat:
        await chat.app(text_xml(CreateTime=NOW_S + 3600))

    assert chat.intake.stored[0].occurred_at == NOW


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"signature": "0" * 40}, 403),
        ({"signature": ""}, 403),
        ({"receive_id": "ww0000000000000002"}, 403),
        ({"receive_id": ""}, 403),
        ({"sealed": "not base64"}, 403),
        ({"sealed": seal(text_xml())[:-8]}, 403),
        ({"sealed": seal(text_xml(), key="x" * 43)}, 403),
        ({"outer": "not xml"}, 400),
        ({"outer": "<xml/>"}, 400),
        ({"outer": "<xml><Encrypt/></xml>"}, 400),
        ({"outer": "<xml><Encrypt><a/></Encrypt></xml>"}, 400),
        ({"outer": '<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>'}, 400),
        ({"timestamp": str(NOW_S - SIX_HOURS - 1)}, 403),
        ({"timestamp": "abc"}, 400),
        ({"timestamp": ""}, 400),
        ({"timestamp": "9" * 30}, 400),
    ],
)
async def test_forged_broken_or_old_delivery_is_refused(given: dict[str, str], status: int) -> None:
    async with listening() as chat:
        got, _ = await chat.app(text_xml(), **given)

    assert (got, chat.intake.stored) == (status, [])


@pytest.mark.parametrize(
    ("inner", "status"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><xml><MsgType>text</MsgType><Content>&a;</Content></xml>', 400),
        ("<xml><Content>\x00</Content></xml>", 400),
        ("no xml", 400),
        ("", 400),
        (text_xml(AgentID=1000003), 403),
        (text_xml(AgentID="abc"), 403),
    ],
)
async def test_good_crypto_around_what_is_not_ours_is_refused(inner: str, status: int) -> None:
    async with listening() as chat:
        got, _ = await chat.app(inner)

    assert (got, chat.intake.stored) == (status, [])


async def test_text_may_hold_the_end_of_cdata() -> None:
    message = text_xml("a]]]]><![CDATA[>b")
    async with listening() as chat:
        await chat.app(message)

    assert len(chat.intake.stored) == 1


async def test_delivery_almost_six_hours_old_is_taken() -> None:
    async with listening() as chat:
        status, _ = await chat.app(text_xml(), timestamp=str(NOW_S - SIX_HOURS))

    assert (status, len(chat.intake.stored)) == (200, 1)


async def test_body_over_one_mebibyte_is_refused() -> None:
    async with listening() as chat:
        status, _ = await chat.app(text_xml(), outer="<xml>" + "x" * (1 << 20) + "</xml>")

    assert status == 413


@pytest.mark.parametrize(
    ("path", "token", "key", "receive_id"),
    [(APP, KEYS.token, KEYS.aes_key, KEYS.corp_id), (BOT, KEYS.bot_token, KEYS.bot_aes_key, "")],
)
async def test_address_is_verified_with_the_echo_as_it_is(path: str, token: str, key: str, receive_id: str) -> None:
    echo = seal("1616140317555161061", key=key, receive_id=receive_id)
    while "+" not in echo:
        echo = seal("1616140317555161061", key=key, receive_id=receive_id)
    query = {"msg_signature": sign(token, "1", "n", echo), "timestamp": "1", "nonce": "n", "echostr": echo}
    async with listening() as chat:
        good = await chat.get(path, query)
        unescaped = await chat.get(path, {**query, "echostr": echo.replace("+", " ")})
        bad = [
            await chat.get(path, {**query, **wrong})
            for wrong in ({"msg_signature": "0" * 40}, {"nonce": "m"}, {"echostr": ""}, {"echostr": "%"})
        ]

    assert good == unescaped == (200, b"1616140317555161061")
    assert {status for status, _ in bad} == {403}


async def test_route_exists_only_where_its_keys_are() -> None:
    async with listening(replace(KEYS, token="", aes_key="", bot_token="", bot_aes_key="")) as chat:
        statuses = [(await chat.get(path, {}))[0] for path in (APP, BOT)]
    async with listening(SOCKET_KEYS) as chat:
        statuses += [(await chat.get(path, {}))[0] for path in (APP, BOT)]

    assert statuses == [404, 404, 403, 404]


async def test_smart_bot_message_becomes_a_row() -> None:
    async with listening() as chat:
        answer = await chat.bot(bot_said())
        await chat.bot(bot_said(chattype="single", msgid="CAIQ3", chatid="lilei", create_time=NOW_S - 9))

    assert answer == (200, b"")
    group, single = chat.intake.stored
    assert (group.id, group.lane, group.kind) == (
        "wecom:ww0000000000000001:bot:CAIQ1", "in:wecom:lilei:bot:g:wrGroup1", "message",
    )  # fmt: skip
    assert (group.chat, group.account, group.answer_within_ms) == ("bot:g:wrGroup1", "lilei", 0)
    assert (single.chat, single.occurred_at) == ("bot:u:lilei", NOW - 9_000_000)


@pytest.mark.parametrize(
    "body",
    [
        bot_said(msgtype="stream", stream={"id": "S"}),
        bot_said(msgtype="new_kind"),
        bot_said(msgtype=""),
        bot_said(msgtype=7),
        bot_said(msgtype="event", event={"eventtype": "feedback_event"}),
        bot_said(msgtype="event", event="x"),
        bot_said(sender={}),
        bot_said(sender=["x"]),
        bot_said(chatid=None),
        bot_said(chatid="a b"),
        bot_said(chatid="\x00"),
        {},
    ],
)
async def test_smart_bot_message_that_does_not_concern_us_is_acknowledged(body: Json) -> None:
    async with listening() as chat:
        assert await chat.bot(body) == (200, b"")

    assert chat.intake.stored == []


@pytest.mark.parametrize("body", [b"", b"[]", b"no json", b"\x00", b"<xml/>"])
async def test_smart_bot_delivery_that_is_no_object_is_refused(body: bytes) -> None:
    async with listening() as chat:
        sealed, _ = await chat.bot(body)
        bare, _ = await chat.post(BOT, {"timestamp": "1", "nonce": "n", "msg_signature": "x"}, body)

    assert (sealed, bare, chat.intake.stored) == (400, 400, [])


async def test_smart_bot_delivery_for_another_receiver_is_refused() -> None:
    async with listening() as chat:
        status, _ = await chat.bot(bot_said(), receive_id=KEYS.corp_id)

    assert status == 403


CARD = (Title("已同意", "green", "办结"), Buttons((Button("看全程", Action("request.trail", "3")),)))


async def test_click_on_the_smart_bots_card_is_answered_with_the_card_it_leads_to() -> None:
    answer = Answer(card=CARD)
    async with listening(answer=answer) as chat:
        status, raw = await chat.bot(bot_clicked("0.x", task="row-9"))

    outer = json.loads(raw)
    envelope = Envelope(KEYS.bot_token, KEYS.bot_aes_key, "")
    assert envelope.is_signed(outer["msgsignature"], str(outer["timestamp"]), outer["nonce"], outer["encrypt"])
    said = json.loads(envelope.open(outer["encrypt"]))
    assert (status, outer["nonce"], answer.wrote) == (200, "n0nce", 1)
    assert said["response_type"] == "update_template_card"
    assert said["template_card"]["task_id"] == "row-9"
    assert said["template_card"]["main_title"]["title"] == "已同意"
    assert chat.intake.stored[0].answer_within_ms == 4200


async def test_sentence_in_answer_to_a_click_goes_by_its_response_code() -> None:
    answer = Answer(toast="晚了一步：张伟 15:02 已同意。")
    async with calling() as (_, vendor), listening(replace(KEYS, api_base=vendor.base), answer=answer) as chat:
        assert await chat.bot(bot_clicked("0.x")) == (200, b"")

    (call,) = vendor.seen("POST /aibot/response")
    assert call.query == {"response_code": "CODE1"}
    assert call.json == {"msgtype": "markdown", "markdown": {"content": "晚了一步：张伟 15:02 已同意。"}}
    assert answer.wrote == 1


async def test_sentence_that_could_not_be_said_is_not_recorded() -> None:
    answer = Answer(toast="好")
    body = bot_clicked("0.x")
    del body["response_url"]
    async with listening(answer=answer) as chat:
        assert await chat.bot(body) == (200, b"")

    assert answer.wrote == 0


async def test_late_click_is_answered_with_nothing() -> None:
    async with listening(answer=None) as chat:
        assert await chat.bot(bot_clicked("0.x")) == (200, b"")


HIDDEN = "woAJ2GCAAAXtWyujaWJHDDGi0mACAs"


async def test_hidden_person_is_looked_up_once() -> None:
    found = {"userid_list": [{"open_userid": HIDDEN, "userid": "LiLei"}]}
    async with calling() as (_, vendor), listening(replace(KEYS, api_base=vendor.base)) as chat:
        vendor.on("POST /batch/openuserid_to_userid", found)
        for number in ("1", "2"):
            await chat.bot(bot_said(msgid=number, sender=HIDDEN))
        calls = vendor.seen("POST /batch/openuserid_to_userid")

    assert [row.account for row in chat.intake.stored] == ["lilei", "lilei"]
    assert [call.json for call in calls] == [{"open_userid_list": [HIDDEN]}]


@pytest.mark.parametrize("answer", [{"userid_list": []}, {"errcode": 48002, "errmsg": "no"}, (502, "bad")])
async def test_hidden_person_who_cannot_be_looked_up_keeps_the_hidden_id(answer: Any) -> None:
    async with calling() as (_, vendor), listening(replace(KEYS, api_base=vendor.base)) as chat:
        vendor.on("POST /batch/openuserid_to_userid", answer)
        status, _ = await chat.bot(bot_said(sender=HIDDEN))

    assert (status, [row.account for row in chat.intake.stored]) == (200, [HIDDEN.lower()])


async def test_deliveries_at_once_are_all_stored() -> None:
    async with listening() as chat:
        answers = await asyncio.gather(*(chat.app(text_xml(MsgId=n)) for n in range(50)))

    assert {status for status, _ in answers} == {200}
    assert len({row.id for row in chat.intake.stored}) == 50


FIELDS = st.text(max_size=12) | st.integers(-(2**40), 2**40) | st.sampled_from(
    ["text", "event", "template_card_event", "1000002", "sys", "<MsgType>text</MsgType>", "LiLei"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["MsgType", "Event", "EventKey", "FromUserName", "CreateTime", "AgentID", "MsgId", "Content", "TaskId", "MediaId"]
)


@given(fields=st.dictionaries(NAMES, FIELDS, max_size=9))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_app_message_is_refused_or_read_into_a_sane_row(fields: dict[str, Any]) -> None:
    assert app_reads(xml(**fields).encode(errors="replace"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KNOWN = st.sampled_from(["msgid", "chatid", "chattype", "from", "msgtype", "event", "text", "create_time", "mixed"])


@given(changes=st.dictionaries(KNOWN, JSON, max_size=4), base=st.sampled_from([bot_said(), bot_clicked("0.x")]))
def test_any_smart_bot_message_is_ignored_or_read_into_a_sane_row(changes: Json, base: Json) -> None:
    assert bot_reads({**base, **changes})
