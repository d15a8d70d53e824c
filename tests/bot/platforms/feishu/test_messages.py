"""Sending, redrawing, taking back, files."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.base import Address, Gone, Malformed, RetryLater, Sent, Shown, TooLarge
from bot.platforms.feishu import Feishu
from bot.platforms.feishu.caps import LIMITS
from bot.platforms.feishu.messages import FILE_BYTES, IMAGE_BYTES, file_name, uuid
from bot.platforms.pace import Pace
from cards.blocks import Text, Title, words
from tests.bot.platforms.feishu.helpers import KEYS, NOW, Seconds, Vendor, drop_connection, vendor

SEND = "POST /im/v1/messages"
SENT = {"code": 0, "msg": "success", "data": {"message_id": "om_9", "chat_id": "oc_9"}}
OK = {"code": 0, "msg": "ok", "data": {}}


@pytest.fixture
async def fake() -> AsyncIterator[Vendor]:
    async with vendor() as running:
        running.on("GET /bot/v3/info", {"code": 0, "bot": {"open_id": "ou_bot"}})
        yield running


@pytest.fixture
async def feishu(fake: Vendor) -> AsyncIterator[Feishu]:
    made = Feishu(
        dataclasses.replace(KEYS, api_base=fake.base),
        business_us=lambda: NOW,
        machine=Seconds(),
        pace=Pace(LIMITS, Seconds()),
    )
    await made.start()
    yield made
    await made.stop()


async def test_message_goes_to_a_chat(fake: Vendor, feishu: Feishu) -> None:
    fake.on(SEND, SENT)

    sent = await feishu.send(Address(chat="oc_9", account="ou_9"), feishu.render(words("好")), key="out-1")

    (call,) = fake.seen(SEND)
    assert sent == Sent("om_9", "oc_9")
    assert call.query == [("receive_id_type", "chat_id")]
    assert call.json == {"receive_id": "oc_9", "msg_type": "text", "content": '{"text":"好"}', "uuid": "out-1"}
    assert call.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_message_goes_to_a_person(fake: Vendor, feishu: Feishu) -> None:
    fake.on(SEND, SENT)

    sent = await feishu.send(Address(account="ou_9"), feishu.render((Title("t"), Text("x"))), key="k" * 80)

    (call,) = fake.seen(SEND)
    assert sent.chat == "oc_9"
    assert (call.query, call.json["receive_id"]) == ([("receive_id_type", "open_id")], "ou_9")
    assert (call.json["msg_type"], json.loads(call.json["content"])["schema"]) == ("interactive", "2.0")
    assert call.json["uuid"] == uuid("k" * 80)


async def test_reply_goes_under_a_message(fake: Vendor, feishu: Feishu) -> None:
    fake.on("POST /im/v1/messages/om_1/reply", SENT)

    await feishu.send(Address(chat="oc_9", reply_to="om_1"), feishu.render(words("好")), key="out-1")

    (call,) = fake.seen("POST /im/v1/messages/om_1/reply")
    assert (call.query, call.json) == ([], {"msg_type": "text", "content": '{"text":"好"}', "uuid": "out-1"})


async def test_send_again_after_a_dropped_connection_has_the_same_uuid(fake: Vendor, feishu: Feishu) -> None:
    fake.on(SEND, drop_connection, SENT)
    with pytest.raises(RetryLater) as raised:
        await feishu.send(Address(chat="oc_9"), feishu.render(words("好")), key="out-1")
    await feishu.send(Address(chat="oc_9"), feishu.render(words("好")), key="out-1")

    assert raised.value.unknown is True
    assert [call.json["uuid"] for call in fake.seen(SEND)] == ["out-1", "out-1"]


async def test_send_with_an_expired_token_is_repeated_with_the_same_uuid(fake: Vendor, feishu: Feishu) -> None:
    fake.on(SEND, (400, {"code": 99991663, "msg": "no"}), SENT)

    await feishu.send(Address(chat="oc_9"), feishu.render(words("好")), key="out-1")

    assert [call.json["uuid"] for call in fake.seen(SEND)] == ["out-1", "out-1"]


async def test_send_without_a_message_id_has_an_unknown_fate(fake: Vendor, feishu: Feishu) -> None:
    fake.on(SEND, OK)

    with pytest.raises(RetryLater) as raised:
        await feishu.send(Address(chat="oc_9"), feishu.render(words("好")), key="out-1")

    assert raised.value.unknown is True


async def test_send_to_nobody_is_refused_here(fake: Vendor, feishu: Feishu) -> None:
    with pytest.raises(Malformed):
        await feishu.send(Address(), feishu.render(words("好")), key="out-1")

    assert fake.seen(SEND) == []


async def test_send_to_a_group_the_bot_left_is_gone(fake: Vendor, feishu: Feishu) -> None:
    fake.on(SEND, (400, {"code": 230002, "msg": "The bot can not be outside the group."}))

    with pytest.raises(Gone):
        await feishu.send(Address(chat="oc_9"), feishu.render(words("好")), key="out-1")


async def test_update_patches_a_card_and_puts_a_text(fake: Vendor, feishu: Feishu) -> None:
    fake.on("PATCH /im/v1/messages/om_9", OK)
    fake.on("PUT /im/v1/messages/om_9", OK)
    card = feishu.render((Title("t"), Text("x")))

    await feishu.update(Shown("om_9", "oc_9"), card)
    await feishu.update(Shown("om_9", "oc_9"), feishu.render(words("好")))

    assert fake.seen("PATCH /im/v1/messages/om_9")[0].json == {"content": card["content"]}
    assert fake.seen("PUT /im/v1/messages/om_9")[0].json == {"msg_type": "text", "content": '{"text":"好"}'}


async def test_update_of_a_locked_card_waits_a_second(fake: Vendor, feishu: Feishu) -> None:
    text = "Failed to create card content, ext=ErrCode: 11310; ErrMsg: card action is lock;"
    fake.on("PATCH /im/v1/messages/om_9", (400, {"code": 230099, "msg": text}))

    with pytest.raises(RetryLater) as raised:
        await feishu.update(Shown("om_9", "oc_9"), feishu.render((Title("t"),)))

    assert raised.value.after == 1.0


async def test_recall_deletes_the_message(fake: Vendor, feishu: Feishu) -> None:
    fake.on("DELETE /im/v1/messages/om_9", OK)

    await feishu.recall("om_9")

    assert len(fake.seen("DELETE /im/v1/messages/om_9")) == 1


async def test_id_with_a_slash_stays_in_its_place(fake: Vendor, feishu: Feishu) -> None:
    fake.on("DELETE /im/v1/messages/om%2F..%2Fx", OK)

    await feishu.recall("om/../x")

    assert len(fake.seen("DELETE /im/v1/messages/om%2F..%2Fx")) == 1


async def test_upload_of_a_picture(fake: Vendor, feishu: Feishu) -> None:
    fake.on("POST /im/v1/images", {"code": 0, "data": {"image_key": "img_1"}})

    assert await feishu.upload(b"\x89PNG", name="趋势.png", kind="image") == "img_1"

    raw = fake.seen("POST /im/v1/images")[0].raw
    assert b'name="image_type"\r\n\r\nmessage' in raw
    assert b"\x89PNG" in raw


@pytest.mark.parametrize(
    ("name", "kind", "file_type"),
    [
        ("a.pdf", "file", "pdf"),
        ("a.XLSX", "file", "xls"),
        ("a.mp4", "video", "mp4"),
        ("a.mp4", "file", "stream"),
        ("a.opus", "audio", "opus"),
        ("a", "file", "stream"),
    ],
)
async def test_upload_of_a_file_names_its_type(
    fake: Vendor, feishu: Feishu, name: str, kind: str, file_type: str
) -> None:
    fake.on("POST /im/v1/files", {"code": 0, "data": {"file_key": "file_1"}})

    assert await feishu.upload(b"x", name=name, kind=kind) == "file_1"
    assert f'name="file_type"\r\n\r\n{file_type}\r\n'.encode() in fake.seen("POST /im/v1/files")[0].raw


async def test_upload_is_built_anew_for_the_second_try_and_its_name_breaks_nothing(
    fake: Vendor, feishu: Feishu
) -> None:
    fake.on("POST /im/v1/files", (400, {"code": 99991663}), {"code": 0, "data": {"file_key": "file_1"}})

    await feishu.upload(b"content", name='报价"\r\nX-Evil: 1.pdf', kind="file")

    first, second = fake.seen("POST /im/v1/files")
    assert first.raw.count(b"content\r\n") == second.raw.count(b"content\r\n") == 1
    assert b"\nX-Evil" not in second.raw


@pytest.mark.parametrize(("size", "kind"), [(IMAGE_BYTES + 1, "image"), (FILE_BYTES + 1, "file")])
async def test_upload_that_is_too_large_is_refused_here(fake: Vendor, feishu: Feishu, size: int, kind: str) -> None:
    with pytest.raises(TooLarge):
        await feishu.upload(bytes(size), name="a", kind=kind)


async def test_upload_of_nothing_is_refused_here(feishu: Feishu) -> None:
    with pytest.raises(Malformed):
        await feishu.upload(b"", name="a", kind="file")


@pytest.mark.parametrize("answer", [OK, (502, "<html>")])
async def test_upload_without_a_key_may_be_tried_again(fake: Vendor, feishu: Feishu, answer: Any) -> None:
    fake.on("POST /im/v1/files", answer)

    with pytest.raises(RetryLater):
        await feishu.upload(b"x", name="a", kind="file")


RESOURCE = "GET /im/v1/messages/om_1/resources/file_1"


async def test_download_gives_bytes_and_the_claimed_name(fake: Vendor, feishu: Feishu) -> None:
    headers = {"Content-Disposition": "attachment; filename*=UTF-8''..%2F%E6%8A%A5%E4%BB%B7.pdf"}
    fake.on(RESOURCE, lambda request, raw: web.Response(body=b"%PDF", headers=headers, content_type="application/pdf"))

    found = await feishu.download("om_1", "file_1", kind="audio")

    assert (found.content, found.name) == (b"%PDF", "报价.pdf")
    assert fake.seen(RESOURCE)[0].query == [("type", "file")]


async def test_download_of_a_json_file_is_its_bytes(fake: Vendor, feishu: Feishu) -> None:
    headers = {"Content-Disposition": "attachment; filename=a.json"}
    fake.on(RESOURCE, lambda request, raw: web.json_response({"code": 230002}, headers=headers))

    assert json.loads((await feishu.download("om_1", "file_1", kind="image")).content) == {"code": 230002}
    assert fake.seen(RESOURCE)[0].query == [("type", "image")]


async def test_download_of_what_is_not_in_the_message_is_gone(fake: Vendor, feishu: Feishu) -> None:
    fake.on(RESOURCE, (400, {"code": 234003, "msg": "File not in msg"}))

    with pytest.raises(Gone):
        await feishu.download("om_1", "file_1", kind="file")


async def test_download_over_thirty_megabytes_is_given_up(fake: Vendor, feishu: Feishu) -> None:
    fake.on(RESOURCE, lambda request, raw: web.Response(body=io.BytesIO(bytes(FILE_BYTES + 1))))

    with pytest.raises(TooLarge):
        await feishu.download("om_1", "file_1", kind="file")


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("", ""),
        ("attachment", ""),
        ('attachment; filename="a.pdf"', "a.pdf"),
        ("attachment; filename=C:\\x\\a.pdf", "a.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("attachment; filename=a\u202efdp.exe", "afdp.exe"),
        ("attachment; filename*=UTF-8''%00%E6%8A%A5", "报"),
        ("attachment; filename*=nonsense", "nonsense"),
        ("\x00;;;=", ""),
    ],
)
def test_file_name_is_the_last_part_cleaned(disposition: str, name: str) -> None:
    assert file_name(disposition) == name


@given(disposition=st.text(max_size=60) | st.builds("attachment; filename{}".format, st.text("*=%'\"; utf-89aé\x00\n")))
def test_file_name_is_total(disposition: str) -> None:
    assert len(file_name(disposition)) <= 200


def test_uuid_is_the_key_or_a_hash_of_it() -> None:
    assert uuid("out-17") == "out-17"
    assert len(uuid("x" * 51)) == len(uuid("键")) == len(uuid("")) == 50
    assert uuid("x" * 51) != uuid("x" * 52)
