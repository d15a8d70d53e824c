"""WeCom: a self-built app and a smart bot, by callbacks or over a socket; template cards; group webhooks."""

from bot.platforms.wecom.adapter import Wecom
from bot.platforms.wecom.keys import WecomKeys
from bot.platforms.wecom.settings import KIND

__all__ = ["KIND", "Wecom", "WecomKeys"]
