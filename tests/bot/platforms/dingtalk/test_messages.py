"""Sending, redrawing, taking back: what the vendor is asked, and what its half-hidden refusals mean."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.platforms.base import Address, Gone, Malformed, NotAllowed, RetryLater, Sent, Shown
from bot.platforms.dingtalk import Dingtalk
from bot.platforms.dingtalk.render import SHARED_TEMPLATE
from bot.platforms.dingtalk.tracks import track_id
from cards.blocks import Action, Button, Buttons, Card, Input, Inputs, Picture, Text, Title, words
from tests.bot.platforms.dingtalk.helpers import Meter, Vendor, adapter, calling, drop_connection, vendor

CARDS = "/v1.0/card/instances"
CREATE = f"POST {CARDS}/createAndDeliver"
UPDATE = f"PUT {CARDS}"
ONE = "POST /v1.0/robot/oToMessages/batchSend"
GROUP = "POST /v1.0/robot/groupMessages/send"
GIVEN: dict[str, Any] = {"success": True, "result": {"outTrackId": "x", "deliverResults": [{"success": True}]}}
REACHED: dict[str, Any] = {"processQueryKey": "pqk==", "invalidStaffIdList": [], "flowControlledStaffIdList": []}
CARD: Card = (Title("已录单 #17", "green"), Buttons((Button("撤销", Action("deal.undo", "deal:17"), line="撤销"),)))
ASKING: Card = (
    Title("申请"),
    Inputs("x", (Input("reason", "说明"),), (Button("提交", Action("form.submit", "form:1")),)),
)
TO_CHAT = Address(chat="cidGROUP==")
TO_PERSON = Address(chat="user:m03")


@pytest.fixture
async def fake() -> AsyncIterator[Vendor]:
    async with vendor() as running:
        running.on(CREATE, GIVEN)
        running.on(UPDATE, {"success": True, "result": True})
        running.on(ONE, REACHED)
        running.on(GROUP, {"processQueryKey": "pqk=="})
        yield running


async def send(fake: Vendor, card: Card, to: Address = TO_PERSON, *, form: str = "", key: str = "row-1") -> Sent:
    async with calling(replace(fake.keys, form_template_id=form)) as dingtalk:
        return await dingtalk.send(to, dingtalk.render(card, to.chat), key=key)


async def test_card_to_a_person(fake: Vendor) -> None:
    sent = await send(fake, CARD)

    track = track_id("row-1", "shared", group=False)
    assert sent == Sent(track, "user:m03")
    body = fake.seen(CREATE)[0].json
    assert body.pop("cardData")["cardParamMap"]["msgTitle"] == "已录单 #17"
    assert body == {
        "cardTemplateId": SHARED_TEMPLATE,
        "outTrackId": track,
        "callbackType": "STREAM",
        "userIdType": 1,
        "openSpaceId": "dtv1.card//IM_ROBOT.m03",
        "imRobotOpenSpaceModel": {"supportForward": False, "lastMessageI18n": {"ZH_CN": "已录单 #17"}},
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": "dingsimappkey"},
    }


async def test_card_to_a_group(fake: Vendor) -> None:
    sent = await send(fake, CARD, TO_CHAT)

    assert sent == Sent(track_id("row-1", "shared", group=True), "cidGROUP==")
    body = fake.seen(CREATE)[0].json
    assert body["openSpaceId"] == "dtv1.card//IM_GROUP.cidGROUP=="
    assert body["imGroupOpenDeliverModel"] == {"robotCode": "dingsimappkey"}


async def test_account_alone_means_the_direct_chat(fake: Vendor) -> None:
    assert (await send(fake, CARD, Address(account="m03"))).chat == "user:m03"
    assert (await send(fake, words("好"), Address(account="m03"))).chat == "user:m03"


async def test_nobody_is_a_mistake(fake: Vendor) -> None:
    with pytest.raises(Malformed):
        await send(fake, CARD, Address())


async def test_card_with_things_to_fill_in_is_made_from_the_tenants_template(fake: Vendor) -> None:
    sent = await send(fake, ASKING, form="sim-form.schema")

    body = fake.seen(CREATE)[0].json
    assert (body["cardTemplateId"], sent.message_id) == ("sim-form.schema", track_id("row-1", "form", group=False))
    assert body["cardData"]["cardParamMap"]["form_status"] == "normal"


async def test_every_value_is_a_text(fake: Vendor) -> None:
    await send(fake, ASKING, form="sim-form.schema")
    await send(fake, CARD)

    values = [v for call in fake.seen(CREATE) for v in call.json["cardData"]["cardParamMap"].values()]
    assert values
    assert all(isinstance(value, str) for value in values)


async def test_webhook_mode_names_the_route_of_its_clicks(fake: Vendor) -> None:
    fake.on("POST /v1.0/card/callbacks/register", {"success": True})
    dingtalk = adapter(fake.keys)
    await dingtalk.start()
    await dingtalk.send(TO_PERSON, dingtalk.render(CARD), key="row-1")
    await dingtalk.stop()

    body = fake.seen(CREATE)[0].json
    assert (body["callbackType"], body["callbackRouteKey"]) == ("HTTP", "dealdesk-dingsimappkey")


async def test_same_key_is_the_same_card_and_its_second_sending_a_success(fake: Vendor) -> None:
    fake.on(CREATE, GIVEN, (400, {"code": "param.cardAlreadyExist"}))

    assert await send(fake, CARD) == await send(fake, CARD)
    first, second = (call.json["outTrackId"] for call in fake.seen(CREATE))
    assert first == second


async def test_card_that_was_not_delivered_is_refused(fake: Vendor) -> None:
    fake.on(
        CREATE, {"success": True, "result": {"deliverResults": [{"success": False, "errorMsg": "robot not in group"}]}}
    )

    with pytest.raises(Gone, match="robot not in group"):
        await send(fake, CARD, TO_CHAT)


@pytest.mark.parametrize(
    "refusal",
    [
        (400, {"code": "param.templateNotExist"}),
        (400, {"code": "param.templateUnpublished"}),
        (403, {"code": "Forbidden.AccessDenied.AccessTokenPermissionDenied"}),
    ],
)
async def test_where_no_card_can_be_sent_words_are(fake: Vendor, refusal: Any) -> None:
    fake.on(CREATE, refusal)

    sent = await send(fake, CARD, TO_CHAT)

    assert sent == Sent("pqk==@cidGROUP==", "cidGROUP==")
    body = fake.seen(GROUP)[0].json
    assert body["msgKey"] == "sampleMarkdown"
    assert "回复 「@我 撤销」" in json.loads(body["msgParam"])["text"]


async def test_content_that_moderation_refuses_goes_as_its_title(fake: Vendor) -> None:
    fake.on(CREATE, (400, {"code": "param.contentUnsafe"}))

    await send(fake, CARD)

    assert fake.seen(ONE)[0].json["msgParam"] == '{"content":"已录单 #17"}'


async def test_words_that_moderation_refuses_twice_are_refused(fake: Vendor) -> None:
    fake.on(ONE, (400, {"code": "contain.notAllowed.words"}))

    with pytest.raises(NotAllowed):
        await send(fake, words("x"))
    assert len(fake.seen(ONE)) == 2


async def test_words_without_permission_are_not_sent_twice(fake: Vendor) -> None:
    fake.on(ONE, (403, {"code": "Forbidden.AccessDenied.AccessTokenPermissionDenied"}))

    with pytest.raises(NotAllowed):
        await send(fake, words("x"))
    assert len(fake.seen(ONE)) == 1


async def test_words_to_a_person_and_to_a_group(fake: Vendor) -> None:
    assert await send(fake, words("好")) == Sent("pqk==", "user:m03")
    assert await send(fake, words("好"), TO_CHAT) == Sent("pqk==@cidGROUP==", "cidGROUP==")

    assert fake.seen(ONE)[0].json == {
        "robotCode": "dingsimappkey",
        "userIds": ["m03"],
        "msgKey": "sampleText",
        "msgParam": '{"content":"好"}',
    }
    assert fake.seen(GROUP)[0].json["openConversationId"] == "cidGROUP=="


async def test_person_out_of_reach_is_gone(fake: Vendor) -> None:
    fake.on(ONE, {**REACHED, "invalidStaffIdList": ["m03"]})

    with pytest.raises(Gone):
        await send(fake, words("好"))


async def test_person_who_gets_too_much_is_tried_later(fake: Vendor) -> None:
    fake.on(ONE, {**REACHED, "flowControlledStaffIdList": ["m03"]})

    with pytest.raises(RetryLater) as refused:
        await send(fake, words("好"))
    assert (refused.value.after, refused.value.unknown) == (60, False)


async def test_lost_answer_leaves_the_fate_open(fake: Vendor) -> None:
    fake.on(CREATE, drop_connection)

    with pytest.raises(RetryLater) as refused:
        await send(fake, CARD)
    assert refused.value.unknown


@pytest.mark.parametrize(("template", "variable"), [("shared", "msgTitle"), ("form", "title")])
async def test_update_keeps_to_the_template_the_card_was_made_from(fake: Vendor, template: Any, variable: str) -> None:
    track = track_id("row-1", template, group=True)
    async with calling(replace(fake.keys, form_template_id="sim-form.schema")) as dingtalk:
        await dingtalk.update(Shown(track, "cidGROUP=="), dingtalk.render(CARD, "cidGROUP=="))

    body = fake.seen(UPDATE)[0].json
    assert body["outTrackId"] == track
    assert body["cardUpdateOptions"] == {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
    assert body["cardData"]["cardParamMap"][variable] == "已录单 #17"


async def test_update_reaches_what_a_form_keeps_for_its_person(fake: Vendor) -> None:
    keys = replace(fake.keys, form_template_id="sim-form.schema")
    async with calling(keys) as dingtalk:
        for template, chat in (("form", "user:m03"), ("form", "cidGROUP=="), ("shared", "user:m03")):
            track = track_id("row-1", template, group=chat != "user:m03")  # type: ignore[arg-type]
            await dingtalk.update(Shown(track, chat), dingtalk.render(CARD, chat))

    form, *others = (call.json for call in fake.seen(UPDATE))
    closed = {"form": '{"fields":[]}', "form_status": "disabled", "form_btn_text": ""}
    assert form["privateData"] == {"m03": {"cardParamMap": closed}}
    assert not any("privateData" in body for body in others)


async def test_update_to_words_shows_them_on_the_card(fake: Vendor) -> None:
    async with calling(fake.keys) as dingtalk:
        shown = Shown(track_id("row-1", "shared", group=False), "user:m03")
        await dingtalk.update(shown, dingtalk.render((Text("看最新那张。"),)))

    params = fake.seen(UPDATE)[0].json["cardData"]["cardParamMap"]
    assert (params["flowStatus"], params["staticMsgContent"]) == ("3", "看最新那张。")


async def test_words_cannot_be_redrawn(fake: Vendor) -> None:
    async with calling(fake.keys) as dingtalk:
        for message_id in ("pqk==", "pqk==@cid1", "", track_id("k", "form", group=False)):
            with pytest.raises(Gone):
                await dingtalk.update(Shown(message_id, "user:m03"), dingtalk.render(CARD))
    assert fake.seen(UPDATE) == []


async def test_card_that_is_not_there_any_more_is_gone(fake: Vendor) -> None:
    fake.on(UPDATE, (400, {"code": "param.cardNotExist"}))

    async with calling(fake.keys) as dingtalk:
        with pytest.raises(Gone):
            await dingtalk.update(Shown(track_id("k", "shared", group=False), "user:m03"), dingtalk.render(CARD))


async def test_words_are_taken_back_where_they_stand(fake: Vendor) -> None:
    fake.on("POST /v1.0/robot/otoMessages/batchRecall", {"successResult": ["pqk"], "failedResult": {}})
    fake.on("POST /v1.0/robot/groupMessages/recall", {"successResult": ["pqk"], "failedResult": {}})
    async with calling(fake.keys) as dingtalk:
        await dingtalk.recall("pqk")
        await dingtalk.recall("pqk@cid1")

    direct = fake.seen("POST /v1.0/robot/otoMessages/batchRecall")[0].json
    group = fake.seen("POST /v1.0/robot/groupMessages/recall")[0].json
    assert direct == {"robotCode": "dingsimappkey", "processQueryKeys": ["pqk"]}
    assert group == {**direct, "openConversationId": "cid1"}


async def test_what_cannot_be_taken_back_is_refused(fake: Vendor) -> None:
    fake.on("POST /v1.0/robot/otoMessages/batchRecall", {"successResult": [], "failedResult": {"pqk": "too late"}})
    async with calling(fake.keys) as dingtalk:
        with pytest.raises(Gone):
            await dingtalk.recall("pqk")
        with pytest.raises(NotAllowed):
            await dingtalk.recall(track_id("k", "shared", group=False))


async def test_a_card_costs_one_call_and_its_redraw_another(fake: Vendor) -> None:
    meter = Meter()
    async with calling(fake.keys, meter) as dingtalk:
        sent = await dingtalk.send(TO_PERSON, dingtalk.render(CARD), key="row-1")
        assert meter.counts == {"api": 1}
        await dingtalk.update(Shown(sent.message_id, sent.chat), dingtalk.render(CARD))

    assert meter.counts == {"api": 2}


PICTURED: Card = (Title("LDR", "red"), Picture("trend", "LDR 八周", media="@lADP1"))


async def test_picture_goes_before_its_card_and_once(fake: Vendor) -> None:
    fake.on(CREATE, (500, {"code": "system.busy"}), GIVEN)
    async with calling(fake.keys) as dingtalk:
        message = dingtalk.render(PICTURED, "cidGROUP==")
        with pytest.raises(RetryLater):
            await dingtalk.send(TO_CHAT, message, key="row-1")
        await dingtalk.send(TO_CHAT, message, key="row-1")

    paths = [f"{call.method} {call.path}" for call in fake.calls]
    assert [path for path in paths if path in (GROUP, CREATE)] == [GROUP, CREATE, CREATE]
    assert fake.seen(GROUP)[0].json["msgParam"] == '{"photoURL":"@lADP1"}'


async def test_refused_picture_is_no_reason_not_to_send(fake: Vendor) -> None:
    fake.on(GROUP, (400, {"code": "invalidParameter.msgParam"}))

    assert (await send(fake, PICTURED, TO_CHAT)).message_id.startswith("dealdesk-sg-")


async def test_picture_that_must_wait_lets_its_card_wait(fake: Vendor) -> None:
    fake.on(GROUP, (500, {"code": "system.busy"}))

    with pytest.raises(RetryLater) as refused:
        await send(fake, PICTURED, TO_CHAT)
    assert not refused.value.unknown
    assert fake.seen(CREATE) == []


def test_render_of_a_group_says_how_to_call_the_bot() -> None:
    dingtalk: Dingtalk = adapter()

    assert "「@我 撤销」" in dingtalk.render(CARD, "cid1")["words"]["msgParam"]
    assert "「撤销」" in dingtalk.render(CARD, "user:m03")["words"]["msgParam"]
