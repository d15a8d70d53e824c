"""Messages in each kind of chat: sent once, redrawn once, taken back."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from bot.platforms.base import Address, Gone, Malformed, NotAllowed, PlatformError, RetryLater, Sent, Shown
from bot.platforms.wecom import Wecom
from bot.platforms.wecom.messages import task_id
from cards.blocks import Card, Picture, Title, words
from tests.bot.platforms.wecom.helpers import KEYS, Vendor, calling, drop_connection, error
from tests.bot.platforms.wecom.test_render import DEAL, NOTICE

TO = Address(chat="app:lilei")
OK = {"errcode": 0, "errmsg": "ok", "msgid": "MSG1", "response_code": "RC0"}


async def send(wecom: Wecom, to: Address, card: Card, *, key: str = "row-1") -> Sent:
    return await wecom.send(to, wecom.render(card, to.chat), key=key)


async def test_card_to_a_member_is_known_by_its_task() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("POST /message/send", OK)
        sent = await send(wecom, TO, DEAL)

    (call,) = vendor.seen("POST /message/send")
    assert sent == Sent("row-1", "app:lilei", "RC0")
    assert (call.json["touser"], call.json["agentid"], call.json["msgtype"]) == ("lilei", 1000002, "template_card")
    assert call.json["template_card"]["task_id"] == "row-1"
    assert (call.json["enable_duplicate_check"], call.json["duplicate_check_interval"]) == (1, 14400)


async def test_text_to_an_account_is_known_by_the_vendors_id_and_cannot_be_redrawn() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("POST /message/send", OK)
        sent = await send(wecom, Address(account="LiLei"), words("好"))

    assert sent == Sent("MSG1", "app:lilei")
    assert vendor.seen("POST /message/send")[0].json["text"] == {"content": "好"}


async def test_repeat_is_the_same_request_and_a_twin_is_another() -> None:
    async with calling() as (wecom, vendor):
        for key in ("row-1", "row-1", "row-2"):
            await send(wecom, TO, words("收到"), key=key)

    one, repeat, twin = (call.raw for call in vendor.seen("POST /message/send"))
    assert one == repeat != twin


async def test_swallowed_repeat_without_ids_still_has_a_receipt() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("POST /message/send", {"errcode": 0})
        sent = [await send(wecom, TO, card) for card in (DEAL, words("好"))]

    assert sent == [Sent("row-1", "app:lilei"), Sent("row-1", "app:lilei")]


@pytest.mark.parametrize("key", ["", "with blank", "中文", "x" * 101, "a:b"])
def test_task_id_has_only_letters_the_vendor_takes(key: str) -> None:
    assert task_id(key) == task_id(key)
    assert len(task_id(key)) == 64
    assert task_id(key).isalnum()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"errcode": 0, "invaliduser": "LiLei|x"}, Gone),
        ({"errcode": 0, "unlicenseduser": "lilei"}, NotAllowed),
        (error(81013), Gone),
        (error(45009), RetryLater),
        (drop_connection, RetryLater),
    ],
)
async def test_message_that_did_not_arrive_is_an_error(answer: Any, kind: type[PlatformError]) -> None:
    async with calling() as (wecom, vendor):
        vendor.on("POST /message/send", answer)
        with pytest.raises(kind):
            await send(wecom, TO, DEAL)


async def test_picture_goes_first_and_is_no_reason_not_to_send() -> None:
    card = (Title("LDR"), Picture("trend", "LDR 八周", media="M1"), *DEAL[-1:])
    async with calling() as (wecom, vendor):
        vendor.on("POST /message/send", OK, OK, error(40007), OK)
        await send(wecom, TO, card)
        sent = await send(wecom, TO, card)

    bodies = [call.json for call in vendor.seen("POST /message/send")]
    assert [body["msgtype"] for body in bodies] == ["image", "template_card"] * 2
    assert bodies[0]["image"] == {"media_id": "M1"}
    assert sent.message_id == "row-1"


async def test_picture_that_must_wait_holds_its_card_back() -> None:
    card = (Title("LDR"), Picture("trend", "LDR 八周", media="M1"), *DEAL[-1:])
    async with calling() as (wecom, vendor):
        vendor.on("POST /message/send", error(45009))
        with pytest.raises(RetryLater):
            await send(wecom, TO, card)

    assert len(vendor.seen("POST /message/send")) == 1


async def test_member_beyond_the_pace_waits() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("POST /message/send", OK)
        for number in range(25):
            await send(wecom, TO, words("好"), key=f"row-{number}")
        with pytest.raises(RetryLater):
            await send(wecom, TO, words("好"), key="row-25")

    assert len(vendor.seen("POST /message/send")) == 25


async def test_group_of_the_app_gets_no_template_card() -> None:
    async with calling() as (wecom, vendor):
        sent = await send(wecom, Address(chat="appchat:c1"), NOTICE)

    (call,) = vendor.seen("POST /appchat/send")
    assert sent == Sent("row-1", "appchat:c1")
    assert (call.json["chatid"], call.json["msgtype"]) == ("c1", "markdown")


async def test_webhook_is_called_with_its_key_and_no_token() -> None:
    async with calling() as (wecom, vendor):
        await send(wecom, Address(chat="hook:h1"), NOTICE)
        with pytest.raises(Gone):
            await send(wecom, Address(chat="hook:unbound"), NOTICE)
        vendor.on("POST /webhook/send", error(93000))
        with pytest.raises(Gone):
            await send(wecom, Address(chat="hook:h1"), NOTICE)

    assert [call.query for call in vendor.seen("POST /webhook/send")] == [{"key": "hook-secret"}] * 2
    assert vendor.tokens == 0


async def test_picture_goes_through_a_webhook_as_bytes() -> None:
    card = (Title("LDR"), Picture("trend", "LDR 八周", media="M1"))
    async with calling() as (wecom, vendor):
        vendor.on("GET /media/get", lambda *_: web.Response(body=b"\x89PNG", content_type="image/png"))
        await send(wecom, Address(chat="hook:h1"), card)
        vendor.on("GET /media/get", lambda *_: web.Response(body=b"x" * (2 << 20) + b"x", content_type="image/png"))
        await send(wecom, Address(chat="hook:h1"), card)

    picture, text, alone = (call.json for call in vendor.seen("POST /webhook/send"))
    assert picture["image"] == {"base64": "iVBORw==", "md5": hashlib.md5(b"\x89PNG").hexdigest()}
    assert text == alone
    assert text["msgtype"] == "markdown"


async def test_picture_does_not_use_up_a_response_code() -> None:
    card = (Title("LDR"), Picture("trend", "LDR 八周", media="M1"))
    async with calling() as (wecom, vendor):
        await send(wecom, Address(chat="bot:g:g1", reply_to="rc:CODE1"), card)

    assert [call.json["msgtype"] for call in vendor.seen("POST /aibot/response")] == ["markdown"]


async def test_webhook_is_called_at_most_eighteen_times_a_minute() -> None:
    async with calling() as (wecom, _):
        for _ in range(18):
            await send(wecom, Address(chat="hook:h1"), NOTICE)
        with pytest.raises(RetryLater):
            await send(wecom, Address(chat="hook:h1"), NOTICE)


async def test_smart_bot_by_webhook_speaks_only_in_answer_to_a_message() -> None:
    async with calling() as (wecom, vendor):
        sent = await send(wecom, Address(chat="bot:g:g1", reply_to="rc:CODE1"), DEAL)
        with pytest.raises(Gone):
            await send(wecom, Address(chat="bot:g:g1"), DEAL)

    (call,) = vendor.seen("POST /aibot/response")
    assert sent == Sent("row-1", "bot:g:g1")
    assert call.query == {"response_code": "CODE1"}
    assert call.json["template_card"]["task_id"] == "row-1"


@pytest.mark.parametrize("to", [Address(), Address(chat="app:"), Address(chat="bot:g:"), Address(chat="hook:")])
async def test_nobody_is_an_error(to: Address) -> None:
    async with calling() as (wecom, _):
        with pytest.raises(Malformed):
            await wecom.send(to, {"msgtype": "text", "text": {"content": "x"}}, key="k")


SHOWN = Shown("row-1", "app:lilei", "lilei", "RC0 RC1")


async def update(wecom: Wecom, card: Card, shown: Shown = SHOWN) -> None:
    await wecom.update(shown, wecom.render(card, shown.chat))


async def test_card_is_redrawn_by_its_newest_handle() -> None:
    async with calling() as (wecom, vendor):
        await update(wecom, DEAL)

    (call,) = vendor.seen("POST /message/update_template_card")
    assert (call.json["userids"], call.json["agentid"], call.json["response_code"]) == (["lilei"], 1000002, "RC1")
    assert call.json["template_card"]["card_type"] == "button_interaction"
    assert "task_id" not in call.json["template_card"]


@pytest.mark.parametrize(("own", "kind"), [("", "button_interaction"), ("https://deal.example", "text_notice")])
async def test_final_state_takes_the_place_of_a_pressed_card(own: str, kind: str) -> None:
    async with calling(replace(KEYS, public_url=own)) as (wecom, vendor):
        await update(wecom, NOTICE)
        await update(wecom, words("这单撤销了。"))

    final, sentence = (call.json["template_card"] for call in vendor.seen("POST /message/update_template_card"))
    assert (final["card_type"], sentence["card_type"]) == (kind, kind)
    assert final.get("replace_text") == ("1 线索确认" if not own else None)
    assert sentence["main_title"]["title"] == "这单撤销了。"


@pytest.mark.parametrize(
    "shown",
    [Shown("m", "app:lilei"), Shown("m", "bot:g:g1", handle="RC"), Shown("m", "hook:h1", handle="RC")],
)
async def test_message_that_nothing_redraws_is_gone(shown: Shown) -> None:
    async with calling() as (wecom, vendor):
        with pytest.raises(Gone):
            await update(wecom, DEAL, shown)

    assert vendor.calls == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(40058, "invalid response_code"), Gone),
        (error(42016), Gone),
        (error(99999), Gone),
        ({"errcode": 0, "invaliduser": ["lilei"]}, Gone),
        (error(60020), NotAllowed),
        (error(-1), RetryLater),
        ((502, "bad"), RetryLater),
    ],
)
async def test_card_that_can_no_longer_be_redrawn_is_gone(answer: Any, kind: type[PlatformError]) -> None:
    async with calling() as (wecom, vendor):
        vendor.on("POST /message/update_template_card", answer)
        with pytest.raises(kind):
            await update(wecom, DEAL)


async def recalled(wecom: Wecom, vendor: Vendor, message_id: str) -> str:
    await wecom.recall(message_id)
    given: str = vendor.seen("POST /message/recall")[-1].json["msgid"]
    return given


async def test_card_is_taken_back_by_the_vendors_id() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("POST /message/send", OK)
        await send(wecom, TO, DEAL)

        assert await recalled(wecom, vendor, "row-1") == "MSG1"
        assert await recalled(wecom, vendor, "MSG7") == "MSG7"
