"""Feishu: events and card callbacks over HTTP, card JSON 2.0, the open API."""

from bot.platforms.feishu.adapter import Feishu
from bot.platforms.feishu.keys import FeishuKeys

__all__ = ["Feishu", "FeishuKeys"]
