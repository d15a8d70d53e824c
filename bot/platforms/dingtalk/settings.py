"""What an admin sets for DingTalk, and the adapter made from it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from bot.platforms.dingtalk.adapter import Dingtalk
from bot.platforms.dingtalk.caps import CHATS, LIMITS
from bot.platforms.dingtalk.keys import API, OAPI, DingtalkKeys
from bot.platforms.kinds import Kind, Surroundings
from config.settings import PlatformSettings


class DingtalkSettings(PlatformSettings):
    """Keys of the app and its robot (`DEALDESK_DINGTALK__...`); the platform is on when they are there."""

    app_key: str = Field(min_length=1)
    app_secret: SecretStr = Field(min_length=1)
    corp_id: str = ""
    robot_code: str = ""
    form_template_id: str = ""
    token: SecretStr = SecretStr("")
    aes_key: SecretStr = SecretStr("")
    card_api_secret: SecretStr = SecretStr("")
    mode: Literal["webhook", "socket"] = "webhook"
    api_base: str = API
    oapi_base: str = OAPI

    @field_validator("aes_key")
    @classmethod
    def _right_length(cls, value: SecretStr) -> SecretStr:
        key = value.get_secret_value()
        if key and not (len(key) == 43 and key.isascii() and key.isalnum()):
            raise ValueError("must be the 43 letters and digits the console shows")
        return value


def build(settings: DingtalkSettings, around: Surroundings) -> Dingtalk:
    """The adapter, connected to nothing yet."""
    keys = DingtalkKeys(
        app_key=settings.app_key,
        app_secret=settings.app_secret.get_secret_value(),
        corp_id=settings.corp_id,
        robot_code=settings.robot_code,
        form_template_id=settings.form_template_id,
        token=settings.token.get_secret_value(),
        aes_key=settings.aes_key.get_secret_value(),
        card_secret=settings.card_api_secret.get_secret_value() or around.derived("dingtalk-card").hex(),
        api_base=settings.api_base,
        oapi_base=settings.oapi_base,
        public_url=around.public_url,
        socket=settings.mode == "socket",
    )
    pace = around.pacer(LIMITS)
    return Dingtalk(keys, business_us=around.business_us, machine=around.machine, pace=pace, meter=around.meter)


MONTHLY = {"api": 5000, "stream": 3000}
"""What the standard edition gives a whole organisation a month (docs/platforms/dingtalk.md, "Limits")."""

KIND = Kind("dingtalk", DingtalkSettings, build, CHATS, MONTHLY)
