"""Samples of settings: the list, the history, a change before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from cards import proposal, setting
from cards.blocks import Card
from sales.chats import Chat
from sales.policy import Policy
from sales.proposals import Proposal

_AT = datetime(2026, 11, 19, 8, 12, tzinfo=UTC)
_SET = Proposal(5, "m16", "set", "ldr_alarm_percent", "18", _AT, version=1)
_OPEN = proposal.ProposalCard(
    _SET, (("ldr_alarm_percent", "20", "18"),), 41, trial="近 90 天 3 → 6 次", touches="总监群、林静"
)
_DONE = replace(_OPEN, proposal=replace(_SET, state="done", outcome=42), newest=42, who="刘洋 · 11-19 周四 16:13")
_BACK = replace(_SET, kind="rollback", about="41", value="")
_MANY = (
    ("ldr_alarm_percent", "18", "20"), ("alert_repeat", "12", "24"), ("quiet", "21:00-09:00", "22:00-08:00"),
    ("undo_window", "15", "10"),
)  # fmt: skip
_CHAT = Chat("feishu:oc_1", "feishu", "oc_1", "总监群", bound_to="director")
_BIND = Proposal(6, "m16", "chat", _CHAT.id, "director;marketing_lead", _AT, version=1)
_HISTORY = [
    (43, "11-19 16:21 刘洋 回滚到 v41"),
    (42, "11-19 16:13 刘洋 LDR 预警线 18%"),
    (41, "11-02 09:40 刘洋 预警重发 12 小时"),
]

SAMPLES: Mapping[str, Card] = {
    "settings: list": setting.draw(replace(Policy(), version=41)),
    "settings: history": setting.draw_history(_HISTORY),
    "settings: never changed": setting.draw_history([]),
    "proposal: threshold": proposal.draw(_OPEN, "0badcafe"),
    "proposal: threshold, little history": proposal.draw(replace(_OPEN, trial="只有 40 天数据：1 → 2 次"), "0badcafe"),
    "proposal: nothing to change": proposal.draw(replace(_OPEN, changed=(), trial=""), "0badcafe"),
    "proposal: dropped": proposal.draw(replace(_OPEN, proposal=replace(_SET, state="dropped")), "0badcafe"),
    "proposal: in force": proposal.draw(_DONE, ""),
    "proposal: overtaken": proposal.draw(replace(_DONE, newest=43), ""),
    "proposal: rollback of several": proposal.draw(
        replace(_OPEN, proposal=_BACK, changed=_MANY, newest=45), "0badcafe"
    ),
    "proposal: rolled back": proposal.draw(
        replace(
            _DONE,
            proposal=replace(_BACK, state="done", outcome=43),
            newest=43,
            changed=(("ldr_alarm_percent", "18", "20"),),
        ),
        "",
    ),
    "proposal: group": proposal.draw_binding(_BIND, _CHAT, "0badcafe"),
    "proposal: group bound": proposal.draw_binding(replace(_BIND, state="done"), _CHAT, ""),
    "proposal: group not bound": proposal.draw_binding(replace(_BIND, state="dropped"), _CHAT, ""),
}
