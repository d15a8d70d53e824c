"""What identifies our app and our smart bot at WeCom, and where WeCom is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

API = "https://qyapi.weixin.qq.com"
OAUTH = "https://open.weixin.qq.com"
SOCKET = "wss://openws.work.weixin.qq.com"
MEDIA_HOSTS = ("*.weixin.qq.com", "ww-aibot-img-1258476243.cos.*.myqcloud.com")
"""Where files sent to the smart bot lie: the vendor's own store, never any tenant's bucket beside it."""


@dataclass(frozen=True, slots=True)
class WecomKeys:
    """Identity and secrets of the app and the smart bot; a secret never shows in a repr.

    `token` and `aes_key` empty: the app's messages do not reach us and it sends no cards with buttons. `mode` is the
    smart bot's: by webhook it needs `bot_token` and `bot_aes_key`, by socket `bot_id` and `bot_secret`. `public_url` is
    the address of our own pages: links below it stay links in text messages, and cards without buttons open it.
    """

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    aes_key: str = field(default="", repr=False)
    mode: Literal["webhook", "socket", "both"] = "webhook"
    bot_token: str = field(default="", repr=False)
    bot_aes_key: str = field(default="", repr=False)
    bot_id: str = ""
    bot_secret: str = field(default="", repr=False)
    api_base: str = API
    oauth_base: str = OAUTH
    ws_base: str = SOCKET
    media_hosts: tuple[str, ...] = MEDIA_HOSTS
    public_url: str = ""

    @property
    def app_hears(self) -> bool:
        """The app has a callback address."""
        return bool(self.token and self.aes_key)

    @property
    def bot_by_webhook(self) -> bool:
        """A smart bot calls us."""
        return self.mode in ("webhook", "both") and bool(self.bot_token and self.bot_aes_key)

    @property
    def bot_by_socket(self) -> bool:
        """We call the smart bot."""
        return self.mode in ("socket", "both") and bool(self.bot_id and self.bot_secret)
