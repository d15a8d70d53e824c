"""Feishu: events and card callbacks over HTTP or the long connection, card JSON 2.0, the open API."""

from bot.platforms.feishu.adapter import Feishu
from bot.platforms.feishu.keys import FeishuKeys
from bot.platforms.feishu.settings import KIND

__all__ = ["KIND", "Feishu", "FeishuKeys"]
