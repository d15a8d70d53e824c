"""The callback route over HTTP: what is refused, what is answered, what is stored."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from cards.blocks import Text, Title
from tests.bot.platforms.feishu.helpers import (
    KEYS,
    NOW,
    NOW_S,
    PLAIN_KEYS,
    Answer,
    click,
    envelope_of,
    event,
    listening,
    message,
    old_click,
    old_signed,
    seal_blocks,
    signed,
    vendor,
)

NEUTRAL = {"toast": {"type": "info", "content": "收到，正在办"}}
CHALLENGE = {"challenge": "c-1", "token": KEYS.verification_token, "type": "url_verification"}
MESSAGE = message()


async def test_message_is_stored_before_it_is_acknowledged() -> None:
    async with listening() as chat:
        answered = await chat.deliver(MESSAGE)

    (stored,) = chat.intake.stored
    assert answered == (200, {})
    assert stored._replace(payload=b"") == (
        f"feishu:{KEYS.app_id}:om_1",
        "in:feishu:ou_rep:oc_1",
        "message",
        "feishu",
        "ou_rep",
        "oc_1",
        b"",
        NOW - 2_000_000,
        NOW,
        0,
    )
    assert json.loads(stored.payload) == MESSAGE


async def test_message_delivered_again_is_accepted_under_the_same_id_and_acknowledged() -> None:
    again = message()
    again["header"]["event_id"] = "another"

    async with listening() as chat:
        assert await chat.deliver(MESSAGE) == (200, {})
        assert await chat.deliver(again) == (200, {})

    assert len({row.id for row in chat.intake.stored}) == 1


async def test_challenge_is_answered_in_the_same_call() -> None:
    async with listening() as chat:
        assert await chat.deliver(CHALLENGE) == (200, {"challenge": "c-1"})
        assert await chat.post(envelope_of(CHALLENGE)) == (200, {"challenge": "c-1"})

    assert chat.intake.stored == []


@pytest.mark.parametrize("header", ["X-Lark-Request-Timestamp", "X-Lark-Request-Nonce", "X-Lark-Signature"])
@pytest.mark.parametrize("value", [None, "", "0", "é" * 64, "f" * 64])
async def test_forged_or_missing_signature_header_is_refused(header: str, value: str | None) -> None:
    raw = envelope_of(MESSAGE)
    headers = {**signed(raw)}
    if value is None:
        del headers[header]
    else:
        headers[header] = value

    async with listening() as chat:
        status, _ = await chat.post(raw, headers)

    assert (status, chat.intake.stored) == (401, [])


async def test_signature_of_other_bytes_or_key_is_refused() -> None:
    raw = envelope_of(MESSAGE)

    async with listening() as chat:
        assert (await chat.post(raw, signed(raw + b" ")))[0] == 401
        assert (await chat.post(raw, signed(raw, key="other")))[0] == 401
        assert (await chat.post(raw + b" ", signed(raw)))[0] == 401
        assert (await chat.post(raw, old_signed(raw)))[0] == 401

    assert chat.intake.stored == []


async def test_plain_body_is_refused_when_a_key_is_set() -> None:
    async with listening() as chat:
        for body in (MESSAGE, CHALLENGE):
            raw = json.dumps(body).encode()
            assert (await chat.post(raw, signed(raw)))[0] == 403
            assert (await chat.post(raw))[0] == 403

    assert chat.intake.stored == []


async def test_encrypted_body_is_refused_when_no_key_is_set() -> None:
    async with listening(PLAIN_KEYS) as chat:
        assert (await chat.post(envelope_of(MESSAGE)))[0] == 400

    assert chat.intake.stored == []


async def test_plain_body_is_taken_by_its_token_when_no_key_is_set() -> None:
    async with listening(PLAIN_KEYS) as chat:
        assert await chat.post(json.dumps(MESSAGE).encode()) == (200, {})
        assert await chat.post(json.dumps(CHALLENGE).encode()) == (200, {"challenge": "c-1"})

    assert [row.kind for row in chat.intake.stored] == ["message"]


@pytest.mark.parametrize("token", ["", "wrong", "令牌", None, 1, [KEYS.verification_token]])
async def test_wrong_verification_token_is_refused(token: Any) -> None:
    forged = message()
    forged["header"]["token"] = token

    async with listening() as chat:
        assert (await chat.deliver(forged))[0] == 403
        assert (await chat.deliver({**CHALLENGE, "token": token}))[0] == 403

    assert chat.intake.stored == []


async def test_unset_verification_token_lets_nothing_in() -> None:
    forged = message()
    forged["header"]["token"] = ""

    async with listening(dataclasses.replace(PLAIN_KEYS, verification_token="")) as chat:
        assert (await chat.post(json.dumps(forged).encode()))[0] == 403


@pytest.mark.parametrize("app", ["cli_other", "", None, 5])
async def test_event_of_another_app_is_refused(app: Any) -> None:
    forged = message()
    forged["header"]["app_id"] = app

    async with listening() as chat:
        assert (await chat.deliver(forged))[0] == 403

    assert chat.intake.stored == []


async def test_event_of_another_tenant_is_refused_where_ours_is_known() -> None:
    async with listening(dataclasses.replace(KEYS, tenant_key="ours")) as chat:
        assert (await chat.deliver(MESSAGE))[0] == 403

    async with listening(dataclasses.replace(KEYS, tenant_key="736588c9260f175e")) as chat:
        assert (await chat.deliver(MESSAGE))[0] == 200


@pytest.mark.parametrize(("age", "status"), [(0, 200), (301, 200), (-3600, 200), (8 * 3600, 200), (8 * 3600 + 1, 401)])
async def test_delivery_is_refused_only_when_older_than_eight_hours(age: int, status: int) -> None:
    raw = envelope_of(MESSAGE)

    async with listening() as chat:
        with capture_logs() as logs:
            answered = await chat.post(raw, signed(raw, timestamp=str(NOW_S - age)))

    assert answered[0] == status
    assert [line["event"] for line in logs] == (
        ["feishu.callback_refused"] if status == 401 else ["feishu.callback_late"] if abs(age) > 300 else []
    )


@pytest.mark.parametrize("timestamp", ["soon", "-5", "1" * 300, "１７６４００００００"])
async def test_signed_but_unreadable_timestamp_is_refused(timestamp: str) -> None:
    raw = envelope_of(MESSAGE)

    async with listening() as chat:
        assert (await chat.post(raw, signed(raw, timestamp=timestamp)))[0] == 401


async def test_body_over_one_mebibyte_is_refused_also_when_compressed() -> None:
    large = b'{"encrypt":"' + b"A" * (1 << 20) + b'"}'

    async with listening() as chat:
        assert (await chat.post(b"A" * ((1 << 20) + 1)))[0] == 413
        assert (await chat.post(large, signed(large)))[0] == 413
        headers = {**signed(large), "Content-Encoding": "gzip"}
        assert (await chat.post(gzip.compress(large), headers))[0] == 413
        assert (await chat.post(b"A" * (1 << 20)))[0] == 400


async def test_broken_compression_is_refused() -> None:
    async with listening() as chat:
        assert (await chat.post(b"not gzip", {"Content-Encoding": "gzip"}))[0] == 400


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe{}",
        b"{}" * 2,
        b'{"a":NaN}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xed\xa0\x80"}',
        b"[" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"encrypt":5}',
        b'{"encrypt":""}',
        b'{"encrypt":"AAAA"}',
        b'{"encrypt":{"a":1}}',
        b'{"schema":"2.0"}',
        b'{"uuid":1}',
    ],
)
async def test_unreadable_body_is_refused_signed_or_not_encrypted_or_not(raw: bytes) -> None:
    async with listening() as chat:
        inside = envelope_of(raw)
        statuses = [
            (await chat.post(raw))[0],
            (await chat.post(raw, signed(raw)))[0],
            (await chat.post(inside))[0],
            (await chat.post(inside, signed(inside)))[0],
        ]
    async with listening(PLAIN_KEYS) as plain:
        statuses.append((await plain.post(raw))[0])

    assert all(400 <= status < 500 for status in statuses), statuses
    assert chat.intake.stored == plain.intake.stored == []


async def test_wrong_padding_of_an_unsigned_body_tells_no_more_than_wrong_json() -> None:
    bad_padding = json.dumps({"encrypt": seal_blocks(b"x" * 16)}).encode()

    async with listening() as chat:
        answers = [await chat.post(raw) for raw in (bad_padding, envelope_of(b"no json"), envelope_of(MESSAGE))]

    assert {status for status, _ in answers} == {401}


@pytest.mark.parametrize("sender", ["app", "bot", "anonymous", "", None, 3])
async def test_message_that_no_person_sent_has_no_effect(sender: Any) -> None:
    said = message()
    said["event"]["sender"]["sender_type"] = sender

    async with listening() as chat:
        assert await chat.deliver(said) == (200, {})

    assert chat.intake.stored == []


@pytest.mark.parametrize("kind", ["im.message.message_read_v1", "im.message.recalled_v1", "unheard.of", "", None, 7])
async def test_event_of_no_interest_is_acknowledged_without_effect(kind: Any) -> None:
    async with listening() as chat:
        body = event("x", {"message_id": "om_1"})
        body["header"]["event_type"] = kind
        assert await chat.deliver(body) == (200, {})

    assert chat.intake.stored == []


async def test_click_is_answered_with_the_reply_and_then_recorded_as_written() -> None:
    answer = Answer(toast="晚了一步：张伟 15:02 已同意。", card=(Title("已同意"), Text("好")))

    async with listening(answer=answer) as chat:
        answered = await chat.deliver(click({"a": "approval.approve"}))

    (stored,) = chat.intake.stored
    assert answered == (200, {"toast": {"type": "info", "content": "晚了一步：张伟 15:02 已同意。"}})
    assert answer.wrote == 1
    assert (stored.kind, stored.account, stored.chat, stored.answer_within_ms) == ("click", "ou_boss", "oc_1", 2200)
    assert (stored.id, stored.occurred_at) == (f"feishu:{KEYS.app_id}:ev-card.action.trigger", NOW - 5)


async def test_click_without_a_reply_in_time_is_answered_neutrally() -> None:
    async with listening() as chat:
        assert await chat.deliver(click({"a": "deal.undo"})) == (200, NEUTRAL)


async def test_click_is_answered_with_the_card_only_where_that_is_switched_on() -> None:
    answer = Answer(card=(Title("已同意", "green"), Text("好")))

    async with listening(answer=answer) as chat:
        assert await chat.deliver(click({"a": "x"})) == (200, {})
    async with listening(dataclasses.replace(KEYS, card_in_answer=True), answer=answer) as chat:
        _, body = await chat.deliver(click({"a": "x"}))

    assert body["card"]["type"] == "raw"
    assert body["card"]["data"]["header"]["template"] == "green"


async def test_click_in_the_old_flat_form_is_taken_by_its_signature_only() -> None:
    body = old_click({"a": "deal.undo"})
    raw = json.dumps(body).encode()

    async with listening(PLAIN_KEYS) as plain:
        assert await plain.post(raw, old_signed(raw)) == (200, NEUTRAL)
        assert (await plain.post(raw, old_signed(raw, token="other")))[0] == 401
        assert (await plain.post(raw))[0] == 401
    async with listening() as chat:
        assert await chat.deliver(body) == (200, NEUTRAL)
        sealed = envelope_of(body)
        assert await chat.post(sealed, old_signed(sealed)) == (200, NEUTRAL)

    assert len(plain.intake.stored) == 1
    assert plain.intake.stored[0].kind == "click"


async def test_click_in_the_old_flat_form_twice_has_two_ids_when_the_update_token_differs() -> None:
    async with listening() as chat:
        await chat.deliver(old_click({"a": "x"}))
        await chat.deliver({**old_click({"a": "x"}), "token": "c-other"})
        await chat.deliver(old_click({"a": "x"}))

    assert len({row.id for row in chat.intake.stored}) == 2


async def test_refusals_log_the_reason_and_nothing_secret() -> None:
    forged = message()
    forged["header"]["token"] = "token-somebody-made-up"

    async with listening() as chat:
        with capture_logs() as logs:
            await chat.deliver(forged)

    assert logs == [
        {"event": "feishu.callback_refused", "log_level": "warning", "status": 403, "reason": "verification token"}
    ]


def test_keys_never_show_their_secrets() -> None:
    shown = f"{KEYS!r} {KEYS}"

    for secret in (KEYS.app_secret, KEYS.encrypt_key, KEYS.verification_token):
        assert secret not in shown


async def test_click_by_user_id_alone_is_stored_under_the_persons_open_id() -> None:
    body = click({"a": "x"})
    del body["event"]["operator"]["open_id"]

    async with vendor() as fake:
        fake.on("GET /contact/v3/users/u2", {"code": 0, "data": {"user": {"open_id": "ou_boss"}}})
        async with listening(dataclasses.replace(KEYS, api_base=fake.base), started=True) as chat:
            assert await chat.deliver(body) == (200, NEUTRAL)
            assert await chat.deliver(body) == (200, NEUTRAL)

    assert [row.account for row in chat.intake.stored] == ["ou_boss", "ou_boss"]
    assert [row.answer_within_ms for row in chat.intake.stored] == [1200, 2200]
    assert [call.query for call in fake.seen("GET /contact/v3/users/u2")] == [[("user_id_type", "user_id")]]


@pytest.mark.parametrize("answer", [{"code": 0, "data": {}}, (400, {"code": 41050}), (502, "<html>")])
async def test_click_of_a_person_nobody_knows_is_answered_and_not_stored(answer: Any) -> None:
    body = click({"a": "x"})
    del body["event"]["operator"]["open_id"]

    async with vendor() as fake:
        fake.on("GET /contact/v3/users/u2", answer)
        async with listening(dataclasses.replace(KEYS, api_base=fake.base), started=True) as chat:
            status, told = await chat.deliver(body)

    assert (status, told["toast"]["content"]) == (200, "没认出是谁点的，请过一会儿再点")
    assert chat.intake.stored == []


async def test_old_signature_proves_nothing_but_old_clicks() -> None:
    old_event = {"uuid": "u", "token": KEYS.verification_token, "type": "event_callback", "event": {}}

    async with listening(PLAIN_KEYS) as chat:
        for body in (MESSAGE, old_event):
            raw = json.dumps(body).encode()
            assert (await chat.post(raw, old_signed(raw)))[0] == 401
            assert (await chat.post(raw))[0] == 200

    assert [row.kind for row in chat.intake.stored] == ["message"]


def as_http(raw: bytes, headers: dict[str, str], *, length: int) -> bytes:
    lines = ["POST /callback/feishu HTTP/1.1", "Host: x", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


async def test_click_whose_caller_hung_up_is_not_recorded_as_answered() -> None:
    answer = Answer(toast="好")
    raw = envelope_of(click({"a": "x"}))

    async with listening(answer=answer) as chat:
        chat.intake.gate.clear()
        with capture_logs() as logs:
            _, writer = await asyncio.open_connection("127.0.0.1", chat.http.port)
            writer.write(as_http(raw, signed(raw), length=len(raw)))
            while not chat.intake.stored:
                await asyncio.sleep(0.01)
            writer.transport.abort()
            await asyncio.sleep(0.05)
            chat.intake.gate.set()
            await asyncio.sleep(0.05)

    assert answer.wrote == 0
    assert [line["event"] for line in logs] == ["feishu.click_answer_lost"]


async def test_body_whose_sender_hung_up_has_no_effect() -> None:
    raw = envelope_of(MESSAGE)

    async with listening() as chat:
        with capture_logs() as logs:
            _, writer = await asyncio.open_connection("127.0.0.1", chat.http.port)
            writer.write(as_http(raw[:50], signed(raw), length=len(raw)))
            await asyncio.sleep(0.05)
            writer.transport.abort()
            await asyncio.sleep(0.05)
        assert await chat.deliver(MESSAGE) == (200, {})

    assert len(chat.intake.stored) == 1
    assert {line["log_level"] for line in logs} <= {"warning"}
