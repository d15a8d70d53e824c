"""What an admin sets for WeCom, and the adapter made from it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.platforms.kinds import Kind, Surroundings
from bot.platforms.wecom.adapter import Wecom
from bot.platforms.wecom.caps import CHATS, LIMITS
from bot.platforms.wecom.crypto import aes_bytes
from bot.platforms.wecom.keys import API, MEDIA_HOSTS, OAUTH, SOCKET, WecomKeys
from config.settings import PlatformSettings


class WecomSettings(PlatformSettings):
    """Keys of the self-built app and the smart bot (`DEALDESK_WECOM__...`); the platform is on when they are there."""

    corp_id: str = Field(min_length=1)
    agent_id: int
    secret: SecretStr = Field(min_length=1)
    token: SecretStr = SecretStr("")
    aes_key: SecretStr = SecretStr("")
    mode: Literal["webhook", "socket", "both"] = "webhook"
    bot_token: SecretStr = SecretStr("")
    bot_aes_key: SecretStr = SecretStr("")
    bot_id: str = ""
    bot_secret: SecretStr = SecretStr("")
    api_base: str = API
    oauth_base: str = OAUTH
    ws_base: str = SOCKET
    media_hosts: str = ",".join(MEDIA_HOSTS)

    @field_validator("aes_key", "bot_aes_key")
    @classmethod
    def _is_key(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            aes_bytes(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.token.get_secret_value()) != bool(self.aes_key.get_secret_value()):
            raise ValueError("TOKEN and AES_KEY belong together")
        if bool(self.bot_token.get_secret_value()) != bool(self.bot_aes_key.get_secret_value()):
            raise ValueError("BOT_TOKEN and BOT_AES_KEY belong together")
        if self.mode != "webhook" and not (self.bot_id and self.bot_secret.get_secret_value()):
            raise ValueError(f"MODE {self.mode} needs BOT_ID and BOT_SECRET")
        return self


def build(settings: WecomSettings, around: Surroundings) -> Wecom:
    """The adapter, connected to nothing yet."""
    keys = WecomKeys(
        corp_id=settings.corp_id,
        agent_id=settings.agent_id,
        secret=settings.secret.get_secret_value(),
        token=settings.token.get_secret_value(),
        aes_key=settings.aes_key.get_secret_value(),
        mode=settings.mode,
        bot_token=settings.bot_token.get_secret_value(),
        bot_aes_key=settings.bot_aes_key.get_secret_value(),
        bot_id=settings.bot_id,
        bot_secret=settings.bot_secret.get_secret_value(),
        api_base=settings.api_base,
        oauth_base=settings.oauth_base,
        ws_base=settings.ws_base,
        media_hosts=tuple(host.strip() for host in settings.media_hosts.split(",") if host.strip()),
        public_url=around.public_url,
    )
    return Wecom(
        keys,
        business_us=around.business_us,
        machine=around.machine,
        pace=around.pacer(LIMITS),
        hook_key=around.hook_key,
    )


KIND = Kind("wecom", WecomSettings, build, CHATS, webhooks=True)
