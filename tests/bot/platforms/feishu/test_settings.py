"""What an admin sets for Feishu, by mode."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.platforms.feishu.settings import KIND, FeishuSettings
from bot.platforms.kinds import Surroundings
from bot.platforms.pace import Limits, Pace

KEYS = {"app_id": "cli_1", "app_secret": "shh"}


def pacer(limits: Limits) -> Pace:
    return Pace(limits, lambda: 0.0)


async def no_key(name: str) -> str:
    return ""


class Free:
    """A meter nobody reads."""

    def count(self, what: str, calls: int = 1) -> None:
        return None


def surroundings() -> Surroundings:
    return Surroundings(
        business_us=lambda: 0,
        machine=lambda: 0.0,
        derived=lambda purpose: bytes(32),
        pacer=pacer,
        meter=Free(),
        hook_key=no_key,
        public_url="https://deal.example",
    )


async def never(row: Any) -> Any:
    raise AssertionError


def test_webhook_mode_needs_the_token_that_proves_callbacks() -> None:
    for token in ({}, {"verification_token": ""}):
        with pytest.raises(ValidationError, match="is needed, except in socket mode"):
            FeishuSettings.model_validate({**KEYS, **token})


def test_socket_mode_needs_id_and_secret_only() -> None:
    settings = FeishuSettings.model_validate({**KEYS, "mode": "socket"})
    feishu = KIND.build(settings, surroundings())

    assert KIND.name == feishu.name == "feishu"
    assert list(feishu.listen(never)) == []
    assert [socket.name for socket in feishu.sockets(never)] == ["feishu:cli_1"]


def test_webhook_mode_has_a_route() -> None:
    settings = FeishuSettings.model_validate({**KEYS, "verification_token": "t", "encrypt_key": "k"})
    feishu = KIND.build(settings, surroundings())

    assert [route[:2] for route in feishu.listen(never)] == [("POST", "/callback/feishu")]
    assert list(feishu.sockets(never)) == []
