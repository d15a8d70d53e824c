"""Which customer a free line speaks of, when its words say so plainly. ux.md 3."""

from __future__ import annotations

import re

from sales import nouns

_BEFORE = re.compile(
    r"^(?:#?[0-9]+ ?号?|刚才?|刚刚|今天|昨天|上午|下午|中午|早上|晚上|已经|又|先|我们?|去了?|到了?|和|跟|给|与|同|对|在|找|见了?|拜访了?|回访了?|陪|约了?|聊了?|打了?|[\s,，:、的])+"
)
_BEHIND = re.compile(
    r"那个|那边|那家|这个|这边|这家|的|打通|接通|通了|没接|没人接|丢|黄|谈|聊|说|要|想|刚|今天|昨天|电话|联系|签|改|(?:[\u4e00-\u9fff]{1,2}(?:主任|院长|科长|总|经理|工|老师))|[\s,，。:;!A-Za-z0-9]"
)


def mentioned(line: str) -> str:
    """The customer's name as written, or an empty string when it is not plain."""
    text = _BEFORE.sub("", line, count=1)
    for pattern in (nouns.FULL_ENDING, nouns.SOFT_ENDING):
        found = pattern.search(text, 2)
        if found and found.end() <= 24 and re.fullmatch(r"[\u4e00-\u9fffA-Za-z0-9()]+", text[: found.end()]):
            return text[: found.end()]
    behind = _BEHIND.search(text, 2)
    name = text[: behind.start()] if behind else ""
    return name if 2 <= len(name) <= 8 and re.fullmatch(r"[\u4e00-\u9fff]+", name) else ""
