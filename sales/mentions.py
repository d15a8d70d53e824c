"""Which customer a free line speaks of, when its words say so plainly. ux.md 3."""

from __future__ import annotations

import re

from sales import nouns

_BEFORE = re.compile(
    r"^(?:#?[0-9]+ ?号?|刚才?|刚刚|今天|昨天|前天|上午|下午|中午|早上|晚上|已经|我们?|去了?|到了?|和|跟|给"
    r"|与|同|对|在|找|见了?"
    r"|拜访了?|回访了?|陪|约了?|聊了?|打了?|[\s,，:、的])+"
)
_BEHIND = re.compile(
    r"那个|那边|那家|这个|这边|这家|的|打通|接通|打?不通|通了|没接|丢|黄|[\u4e00-\u9fff]{1,2}(?:主任|院长|科长"
    r"|经理)"
)
_NO_NAME = re.compile(
    r"项目|客户|会议|需求|[一二三四五六七八九十两几0-9]+[次个家条]|[加打电这那我他她你您谁]|对方|人家|单子"
    r"|合同|领导|老板|院长|主任|上一|刚|本|第"
)
_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z0-9()]+")


def mentioned(line: str) -> str:
    """The customer's name as written, or an empty string when it is not plain."""
    text = _BEFORE.sub("", line, count=1)
    for pattern in (nouns.FULL_ENDING, nouns.SOFT_ENDING):
        found = pattern.search(text, 2)
        if found and found.end() <= 24 and _NAME.fullmatch(text[: found.end()]):
            return text[: found.end()]
    behind = _BEHIND.search(text, 2)
    name = text[: behind.start()] if behind else ""
    plain = 2 <= len(name) <= 8 and _NAME.fullmatch(name) and not _NO_NAME.match(name)
    plain = plain and not re.search(r"主任|电话|微信|院长", name)
    return name if plain else ""
