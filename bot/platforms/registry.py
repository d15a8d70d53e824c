"""The platforms this product speaks. A new one is one line here and one folder beside it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.platforms import dingtalk, feishu, wecom
from bot.platforms.kinds import Kind
from config import settings
from config.settings import Settings

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (wecom.KIND, feishu.KIND, dingtalk.KIND)}


def load_settings(**given: object) -> Settings:
    """The settings, those of every platform among them. Raises WrongSettings naming each fault."""
    return settings.load({kind.name: kind.settings for kind in KINDS.values()}, **given)
