"""The three callback routes, by HTTP: what is forged is refused, what is stored is answered."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from bot.platforms.dingtalk.crypto import Seal, event_signature
from bot.platforms.dingtalk.tracks import track_id
from cards.blocks import Card, Text, Title
from tests.bot.platforms.dingtalk.helpers import (
    KEYS,
    STAMP,
    STREAM_KEYS,
    Answer,
    adapter,
    card_signed,
    click,
    listening,
    message,
    sealed,
    signed,
)

CARD: Card = (Title("已同意", "green", "办结"), Text("王芳 14:31 同意"))
TRACK = track_id("k", "shared", group=True)
HOUR_MS = 3_600_000
NOW_MS = 1_700_000_100_000


async def test_message_is_stored_then_answered_with_nothing_to_say() -> None:
    async with listening() as chat:
        chat.intake.gate.clear()
        asked = asyncio.create_task(chat.robot(message()))
        while not chat.intake.stored:
            await asyncio.sleep(0.01)
        assert not asked.done()
        chat.intake.gate.set()

        assert await asked == (200, {"msgtype": "empty"})
    assert [row.account for row in chat.intake.stored] == ["m03"]
    assert chat.meter.counts == {"stream": 1}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"timestamp": STAMP},
        {**signed(), "sign": "AAAA"},
        {**signed(), "timestamp": "1700000000001"},
        {**signed(), "sign": "签名"},
        signed(secret="another"),
        signed(str(NOW_MS - HOUR_MS - 1)),
        signed(str(NOW_MS + HOUR_MS + 1)),
        signed("never"),
        signed(""),
        card_signed(),
    ],
)
async def test_message_that_is_not_signed_by_the_vendor_is_refused(headers: dict[str, str]) -> None:
    headers = {key: value.encode().decode("latin-1") for key, value in headers.items()}
    async with listening() as chat:
        status, _ = await chat.robot(message(), headers)

    assert status == 401
    assert chat.intake.stored == []


@pytest.mark.parametrize("stamp", [str(NOW_MS - HOUR_MS), str(NOW_MS + HOUR_MS)])
async def test_message_at_the_edge_of_the_hour_is_taken(stamp: str) -> None:
    async with listening() as chat:
        assert (await chat.robot(message(), signed(stamp)))[0] == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"x", b"\xff\xfe", b"null", b'{"a":'])
async def test_body_that_is_no_object_is_refused(body: bytes) -> None:
    async with listening() as chat:
        answers = [await chat.robot(body), await chat.card(body), await chat.post("event", body, {})]

    assert [status for status, _ in answers] == [400, 400, 400]
    assert chat.intake.stored == []


async def test_body_that_is_too_large_is_refused() -> None:
    async with listening() as chat:
        assert (await chat.robot(b" " * ((1 << 20) + 1)))[0] == 413


@pytest.mark.parametrize("more", [{"senderStaffId": None}, {"errorCode": 20001, "text": None}, {"msgId": 7}])
async def test_message_that_leads_nowhere_is_acknowledged(more: Any) -> None:
    async with listening() as chat:
        assert (await chat.robot(message(**more)))[0] == 200

    assert chat.intake.stored == []


async def test_click_is_answered_with_the_redrawn_card() -> None:
    answer = Answer(card=CARD)
    async with listening(answer=answer) as chat:
        status, body = await chat.card(click(TRACK, {"id": "dd/approval.approve/request:3/ab/"}))

    assert status == 200
    assert body["cardUpdateOptions"] == {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
    assert body["cardData"]["cardParamMap"]["msgTitle"] == "已同意"
    assert body["cardData"]["cardParamMap"]["flowStatus"] == "3"
    assert "userPrivateData" not in body
    assert answer.wrote == 1


async def test_click_on_a_form_card_is_answered_for_its_template() -> None:
    keys = replace(KEYS, form_template_id="sim-form.schema")
    async with listening(keys, answer=Answer(card=CARD)) as chat:
        _, body = await chat.card(click(track_id("k", "form", group=False), {"form": {"_do": "dd/a/b/c/"}}))

    assert body["cardData"]["cardParamMap"]["form_status"] == "disabled"
    assert body["cardData"]["cardParamMap"]["title"] == "已同意"
    assert body["userPrivateData"]["cardParamMap"]["form_status"] == "disabled"


@pytest.mark.parametrize(("answer", "wrote"), [(Answer(), 1), (Answer(toast="这张卡等王芳点"), 0)])
async def test_answer_without_a_card_changes_nothing_and_words_are_left_to_be_sent(answer: Answer, wrote: int) -> None:
    async with listening(answer=answer) as chat:
        assert await chat.card(click(TRACK, {"id": "dd/a/b/c/"})) == (200, {})

    assert answer.wrote == wrote


async def test_card_that_became_words_shows_them() -> None:
    async with listening(answer=Answer(card=(Text("看最新那张。"),))) as chat:
        _, body = await chat.card(click(TRACK, {"id": "dd/a/b/c/"}))

    assert body["cardData"]["cardParamMap"]["staticMsgContent"] == "看最新那张。"


async def test_click_nobody_handles_in_time_is_answered_with_nothing() -> None:
    async with listening() as chat:
        assert await chat.card(click(TRACK, {"id": "dd/a/b/c/"})) == (200, {})

    assert len(chat.intake.stored) == 1


async def test_repeated_press_is_another_row_and_a_repeated_delivery_is_not() -> None:
    async with listening() as chat:
        for stamp in (STAMP, "1700000000001", STAMP):
            await chat.card(click(TRACK, {"id": "dd/a/b/c/"}), card_signed(stamp))

    first, second, third = (row.id for row in chat.intake.stored)
    assert first == third != second


@pytest.mark.parametrize(
    "headers", [{}, signed(), card_signed(secret="x"), card_signed("1"), card_signed("1600000000000")]
)
async def test_click_that_is_not_signed_by_the_vendor_is_refused(headers: dict[str, str]) -> None:
    async with listening() as chat:
        assert (await chat.card(click(TRACK, {}), headers))[0] == 401

    assert chat.intake.stored == []


async def test_click_of_nobody_is_acknowledged() -> None:
    async with listening() as chat:
        assert await chat.card({"type": "actionCallback"}) == (200, {})

    assert chat.intake.stored == []


async def test_check_of_the_address_is_answered_with_success() -> None:
    async with listening() as chat:
        status, body = await chat.event({"EventType": "check_url"})

    assert status == 200
    assert Seal(KEYS.aes_key).open(body["encrypt"]) == (b"success", "dingsimappkey")
    right = event_signature(KEYS.token, body["timeStamp"], body["nonce"], body["encrypt"])
    assert body["msg_signature"] == right
    assert chat.meter.counts == {}


async def test_end_of_a_group_is_stored() -> None:
    async with listening() as chat:
        status, _ = await chat.event(
            {
                "EventType": "chat_disband",
                "eventId": "ev1",
                "OpenConversationId": "cid1",
                "EventTime": 1_700_000_000_000,
            }
        )

    assert status == 200
    (row,) = chat.intake.stored
    assert (row.id, row.chat, row.kind) == ("dingtalk:dingsimappkey:ev1", "cid1", "chat")


async def test_event_for_our_organisation_is_taken_and_for_another_refused() -> None:
    async with listening() as chat:
        assert (await chat.event({"EventType": "check_url"}, owner=KEYS.corp_id))[0] == 200
        assert (await chat.event({"EventType": "check_url"}, owner="ding-other"))[0] == 403


async def test_event_takes_either_name_of_the_signature() -> None:
    query, body = sealed({"EventType": "check_url"})
    query["signature"] = query.pop("msg_signature")
    async with listening() as chat:
        assert (await chat.post("event", body, {}, query))[0] == 200


@pytest.mark.parametrize("change", [{"msg_signature": "0" * 40}, {"nonce": "x"}, {"timestamp": "1700000000001"}])
async def test_event_that_is_not_signed_is_refused(change: dict[str, str]) -> None:
    query, body = sealed({"EventType": "check_url"})
    async with listening() as chat:
        assert (await chat.post("event", body, {}, {**query, **change}))[0] == 401


async def test_old_event_is_refused() -> None:
    async with listening() as chat:
        assert (await chat.event({"EventType": "check_url"}, stamp="1600000000000"))[0] == 401


async def test_signed_but_sealed_with_another_key_is_refused() -> None:
    text = Seal(KEYS.aes_key[::-1]).close(b"{}", KEYS.app_key, random=b"0" * 16)
    query = {"msg_signature": event_signature(KEYS.token, STAMP, "n", text), "timestamp": STAMP, "nonce": "n"}
    async with listening() as chat:
        assert (await chat.post("event", {"encrypt": text}, {}, query))[0] == 400


@pytest.mark.parametrize("event", [b"[]", b"x", b""])
async def test_event_that_is_no_object_is_refused(event: bytes) -> None:
    async with listening() as chat:
        assert (await chat.event(event))[0] == 400


def test_routes_follow_the_settings() -> None:
    async def accept(_: object) -> Any:
        raise AssertionError

    paths = {path for _, path, _ in adapter().listen(accept)}
    assert paths == {f"/callback/dingtalk/{name}" for name in ("robot", "card", "event")}
    without_events = adapter(replace(KEYS, token="", aes_key="")).listen(accept)
    assert [path.rpartition("/")[2] for _, path, _ in without_events] == ["robot", "card"]
    unsigned = adapter(replace(KEYS, card_secret="")).listen(accept)
    assert [path.rpartition("/")[2] for _, path, _ in unsigned] == ["robot", "event"]
    assert list(adapter(STREAM_KEYS).listen(accept)) == []
    assert list(adapter().sockets(accept)) == []
    (socket,) = adapter(STREAM_KEYS).sockets(accept)
    assert (socket.exclusive, socket.chats) == (False, "")


async def test_secrets_never_reach_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    async with listening() as chat:
        await chat.robot(message(), {})
        await chat.card(click(TRACK, {}), {})
        await chat.robot(message(senderStaffId=None))
        await chat.robot(message(errorCode=20001))
        await chat.event({"EventType": "check_url"}, owner="other")

    said = "".join(capsys.readouterr())
    assert "callback_refused" in said
    assert not [
        secret for secret in ("sim-app-secret", "sim-api-secret", "simtoken", "sendBySession") if secret in said
    ]


def test_answer_alone_is_for_the_shared_template() -> None:
    dingtalk = adapter()

    assert json.loads(dingtalk.answer(toast="好", card=None)) == {}
    assert "msgTitle" in json.loads(dingtalk.answer(toast="", card=CARD))["cardData"]["cardParamMap"]
