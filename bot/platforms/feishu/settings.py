"""What an admin sets for Feishu, and the adapter made from it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from bot.platforms.feishu.adapter import Feishu
from bot.platforms.feishu.caps import CHATS, LIMITS
from bot.platforms.feishu.keys import FeishuKeys
from bot.platforms.kinds import Kind, Surroundings
from config.settings import PlatformSettings


class FeishuSettings(PlatformSettings):
    """Keys of the self-built app (`DEALDESK_FEISHU__...`); the platform is on when they are there."""

    app_id: str = Field(min_length=1)
    app_secret: SecretStr = Field(min_length=1)
    mode: Literal["webhook", "socket"] = "webhook"
    encrypt_key: SecretStr = SecretStr("")
    verification_token: SecretStr = Field(default=SecretStr(""), validate_default=True)
    api_base: str = "https://open.feishu.cn"
    card_in_answer: bool = False

    @field_validator("verification_token")
    @classmethod
    def _proves_callbacks(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if not value.get_secret_value() and info.data.get("mode") != "socket":
            raise ValueError("is needed, except in socket mode")
        return value


def build(settings: FeishuSettings, around: Surroundings) -> Feishu:
    """The adapter, connected to nothing yet."""
    keys = FeishuKeys(
        app_id=settings.app_id,
        app_secret=settings.app_secret.get_secret_value(),
        encrypt_key=settings.encrypt_key.get_secret_value(),
        verification_token=settings.verification_token.get_secret_value(),
        api_base=settings.api_base,
        card_in_answer=settings.card_in_answer,
        public_url=around.public_url,
        socket=settings.mode == "socket",
    )
    pace = around.pacer(LIMITS)
    return Feishu(keys, business_us=around.business_us, machine=around.machine, pace=pace)


KIND = Kind("feishu", FeishuSettings, build, CHATS)
