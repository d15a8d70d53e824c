"""What an admin may set, what is refused by name, and the adapter made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.platforms.kinds import Surroundings
from bot.platforms.pace import Pace
from bot.platforms.wecom import Wecom
from bot.platforms.wecom.settings import KIND, WecomSettings
from config import settings
from config.settings import WrongSettings
from tests.bot.platforms.wecom.helpers import KEYS, Intake

APP = {"corp_id": "ww1", "agent_id": 1000002, "secret": "the-secret"}
CALLBACK = {"token": "the-token", "aes_key": KEYS.aes_key}
BOT_URL = {"bot_token": "bot-token", "bot_aes_key": KEYS.bot_aes_key}
BOT_SOCKET = {"bot_id": "aib1", "bot_secret": "bot-secret"}


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def load(**given: Any) -> WecomSettings:
    loaded = settings.load({"wecom": WecomSettings}, wecom=given)
    found = loaded.platforms["wecom"]
    assert isinstance(found, WecomSettings)
    return found


class Meter:
    def count(self, what: str, calls: int = 1) -> None: ...


def around() -> Surroundings:
    async def hook_key(name: str) -> str:
        return ""

    return Surroundings(
        business_us=lambda: 0,
        machine=lambda: 0.0,
        derived=lambda purpose: bytes(32),
        pacer=lambda limits: Pace(limits, lambda: 0.0),
        meter=Meter(),
        hook_key=hook_key,
        public_url="https://deal.example",
    )


@pytest.mark.parametrize(
    ("given", "routes", "sockets"),
    [
        (APP, [], 0),
        (APP | CALLBACK, ["/callback/wecom/app"], 0),
        (APP | CALLBACK | BOT_URL, ["/callback/wecom/app", "/callback/wecom/bot"], 0),
        (APP | BOT_SOCKET | {"mode": "socket"}, [], 1),
        (APP | CALLBACK | BOT_URL | BOT_SOCKET | {"mode": "socket"}, ["/callback/wecom/app"], 1),
        (
            APP | CALLBACK | BOT_URL | BOT_SOCKET | {"mode": "both"},
            ["/callback/wecom/app", "/callback/wecom/bot"],
            1,
        ),
    ],
)
def test_mode_and_keys_decide_how_events_come(given: dict[str, Any], routes: list[str], sockets: int) -> None:
    platform = KIND.build(load(**given), around())

    assert platform.name == KIND.name == "wecom"
    assert sorted({path for _, path, _ in platform.listen(Intake().accept)}) == routes
    assert len(list(platform.sockets(Intake().accept))) == sockets


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"corp_id": ""}, "CORP_ID"),
        ({"agent_id": "abc"}, "AGENT_ID"),
        ({"mode": "pull"}, "MODE"),
        ({"aes_key": "short", "token": "t"}, "AES_KEY"),
        ({"aes_key": KEYS.aes_key}, "TOKEN and AES_KEY"),
        ({"bot_token": "t"}, "BOT_TOKEN and BOT_AES_KEY"),
        ({"mode": "socket"}, "BOT_ID and BOT_SECRET"),
        ({"mode": "both", "bot_id": "b"}, "BOT_ID and BOT_SECRET"),
        ({"corpid": "x"}, "CORPID"),
    ],
)
def test_wrong_setting_is_named_and_not_shown(given: dict[str, Any], told: str) -> None:
    with pytest.raises(WrongSettings) as wrong:
        load(**(APP | given))

    assert told in str(wrong.value)
    assert "the-secret" not in str(wrong.value)


def test_defaults_are_the_vendors_addresses_and_no_secret_is_shown() -> None:
    found = load(**(APP | CALLBACK | BOT_URL | BOT_SOCKET))

    assert (found.api_base, found.mode) == ("https://qyapi.weixin.qq.com", "webhook")
    assert (found.oauth_base, found.ws_base) == (
        "https://open.weixin.qq.com",
        "wss://openws.work.weixin.qq.com",
    )
    for secret in ("the-secret", "the-token", KEYS.aes_key, "bot-token", KEYS.bot_aes_key, "bot-secret"):
        assert secret not in repr(found)


def test_hosts_of_files_can_be_set() -> None:
    platform = KIND.build(load(**APP, media_hosts="files.proxy.example, *.weixin.qq.com"), around())

    assert isinstance(platform, Wecom)
    assert platform._keys.media_hosts == ("files.proxy.example", "*.weixin.qq.com")
