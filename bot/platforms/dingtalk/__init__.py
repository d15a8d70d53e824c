"""DingTalk: robot messages, card clicks and events over HTTP or Stream, cards from templates, the open API."""

from bot.platforms.dingtalk.adapter import Dingtalk
from bot.platforms.dingtalk.keys import DingtalkKeys
from bot.platforms.dingtalk.settings import KIND

__all__ = ["KIND", "Dingtalk", "DingtalkKeys"]
