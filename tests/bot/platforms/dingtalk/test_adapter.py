"""Settings, abilities of chats, and the registration of the address for clicks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from bot.platforms.base import Accepted
from bot.platforms.dingtalk import KIND, Dingtalk
from bot.platforms.dingtalk.settings import DingtalkSettings, build
from bot.platforms.kinds import Surroundings
from bot.platforms.pace import Pace
from storage.inbox import Inbound
from tests.bot.platforms.dingtalk.helpers import KEYS, STREAM_KEYS, Meter, Vendor, adapter, vendor

REGISTER = "POST /v1.0/card/callbacks/register"
HERE = "https://deals.example.com/callback/dingtalk/card"


def around(public_url: str = "https://deals.example.com") -> Surroundings:
    async def no_key(_: str) -> str:
        return ""

    return Surroundings(
        business_us=lambda: 1,
        machine=lambda: 1.0,
        derived=lambda purpose: purpose.encode().ljust(32, b"."),
        pacer=lambda limits: Pace(limits, lambda: 1.0),
        meter=Meter(),
        hook_key=no_key,
        public_url=public_url,
    )


def settings(**more: Any) -> DingtalkSettings:
    return DingtalkSettings.model_validate({"app_key": "dingkey", "app_secret": "hush", **more})


def keys_of(dingtalk: Dingtalk) -> Any:
    return dingtalk._keys


def test_two_keys_are_enough() -> None:
    keys = keys_of(build(settings(), around()))

    assert (keys.app_key, keys.robot, keys.socket) == ("dingkey", "dingkey", False)
    assert (keys.api_base, keys.oapi_base) == ("https://api.dingtalk.com", "https://oapi.dingtalk.com")
    assert keys.card_secret == b"dingtalk-card".ljust(32, b".").hex()
    assert KIND.name == "dingtalk"


def test_every_setting_has_its_effect() -> None:
    words = {"corp_id": "c", "robot_code": "r", "form_template_id": "f", "token": "t", "aes_key": "a" * 43}
    bases = {"api_base": "http://x/dingtalk", "oapi_base": "http://x/o"}
    keys = keys_of(build(settings(card_api_secret="s", mode="socket", **words, **bases), around()))

    assert (keys.corp_id, keys.robot, keys.form_template_id, keys.token) == ("c", "r", "f", "t")
    assert (keys.aes_key, keys.card_secret, keys.socket) == ("a" * 43, "s", True)
    assert (keys.api_base, keys.oapi_base) == ("http://x/dingtalk", "http://x/o")


@pytest.mark.parametrize(
    "wrong", [{"aes_key": "short"}, {"aes_key": "!" * 43}, {"mode": "both"}, {"app_key": ""}, {"x": 1}]
)
def test_wrong_setting_is_refused_without_its_value(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**wrong)
    assert "hush" not in str(refused.value)


def test_secrets_do_not_show() -> None:
    given = settings(token="t0ken", aes_key="k" * 43, card_api_secret="cardsecret")
    shown = repr(given) + repr(keys_of(build(given, around())))

    assert not [secret for secret in ("hush", "t0ken", "k" * 43, "cardsecret") if secret in shown]


def test_direct_chat_and_group_differ() -> None:
    dingtalk = adapter()
    direct, group = (dingtalk.capabilities(chat, direct=True) for chat in ("user:m03", "cid1"))

    assert (direct.files_in, direct.mention) == (True, "")
    assert (group.files_in, group.mention) == (False, "@我 ")
    assert dingtalk.capabilities("", direct=True) == direct
    assert dingtalk.capabilities("cid1", direct=False) == group
    assert (direct.answer, direct.inputs, direct.menus, direct.confirms) == ("card", False, 0, False)


def test_form_template_lets_a_card_ask() -> None:
    assert adapter(replace(KEYS, form_template_id="f")).capabilities("user:m03", direct=True).inputs


def test_where_no_click_is_heard_no_button_is_shown() -> None:
    deaf = replace(KEYS, public_url="")

    assert not adapter(deaf).capabilities("user:m03", direct=True).cards
    assert adapter(replace(deaf, socket=True)).capabilities("user:m03", direct=True).buttons == 6


async def started(keys: Any, fake: Vendor, calls: int) -> Dingtalk:
    dingtalk = adapter(replace(keys, api_base=fake.base, oapi_base=fake.base))
    await dingtalk.start()
    async with asyncio.timeout(5):
        while len(fake.seen(REGISTER)) < calls:
            await asyncio.sleep(0.01)
    return dingtalk


async def test_address_for_clicks_is_registered_at_start() -> None:
    async with vendor() as fake:
        fake.on(REGISTER, {"success": True, "result": {"callbackUrl": HERE}})
        dingtalk = await started(KEYS, fake, 1)
        assert dingtalk._registering is not None
        await asyncio.wait_for(dingtalk._registering, 5)
        await dingtalk.stop()

    assert fake.seen(REGISTER)[0].json == {
        "callbackRouteKey": "dealdesk-dingsimappkey",
        "callbackUrl": HERE,
        "apiSecret": "sim-api-secret",
        "forceUpdate": True,
    }


@pytest.mark.parametrize("first", [(500, "x"), {"success": True, "result": {"callbackUrl": "https://old.example.com"}}])
async def test_registration_is_repeated_until_the_vendor_agrees(first: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.dingtalk.adapter.ASK_AGAIN", (0.01,))
    async with vendor() as fake:
        fake.on(REGISTER, first, {"success": True, "result": {"callbackUrl": HERE}})
        dingtalk = await started(KEYS, fake, 2)
        assert dingtalk._registering is not None
        await asyncio.wait_for(dingtalk._registering, 5)
        await dingtalk.stop()

    assert len(fake.seen(REGISTER)) == 2


async def test_start_does_not_wait_for_a_vendor_that_is_away() -> None:
    dingtalk = adapter()
    await asyncio.wait_for(dingtalk.start(), 1)
    await asyncio.wait_for(dingtalk.start(), 1)
    await asyncio.wait_for(dingtalk.stop(), 1)
    await asyncio.wait_for(dingtalk.stop(), 1)


async def test_nothing_is_registered_over_stream_or_without_an_address() -> None:
    async with vendor() as fake:
        for keys in (STREAM_KEYS, replace(KEYS, public_url="")):
            dingtalk = adapter(replace(keys, api_base=fake.base, oapi_base=fake.base))
            await dingtalk.start()
            await asyncio.sleep(0.05)
            await dingtalk.stop()
        assert fake.calls == []


async def test_stream_runs_through_the_adapters_socket() -> None:
    async def accept(_: Inbound) -> Accepted:
        raise AssertionError

    async with vendor() as fake:
        dingtalk = adapter(replace(STREAM_KEYS, api_base=fake.base, oapi_base=fake.base))
        await dingtalk.start()
        (socket,) = dingtalk.sockets(accept)
        running = asyncio.ensure_future(socket.run())
        line = await fake.line()
        await line.push("SYSTEM", "ping", {"opaque": "a"})
        assert (await line.ack())["data"] == {"opaque": "a"}
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await dingtalk.stop()
