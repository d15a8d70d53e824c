"""Samples of leads and of LDR asked for in chat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cards import lead, leads, metric
from cards.blocks import Card
from cards.lead import LeadCard
from cards.metric import MetricCard
from sales.leads import Lead
from sales.metrics import Measure, Period

_START = datetime(2026, 11, 19, 1, 12, tzinfo=UTC)
_LEAD = Lead(
    id=12, external_id="id:L12", market_id="M12", sales_id="S12", company="江南康复医院", name="刘主任", title="设备科",
    product="DR", quantity="1 台", budget_yuan="600000-800000", region="南京", source="官网", campaign="维保白皮书",
    state="cycle", holder_id="m03", cycle_start=_START, version=1,
)  # fmt: skip
_NEW = LeadCard(_LEAD, "holder", "138****5521", "11-21 周六 09:12", "W47")
_WARNED = replace(_LEAD, warned_at=_START + timedelta(hours=24))
_REACHED = replace(_LEAD, reached_at=_START, touched_at=_START)
_POOL = replace(_LEAD, state="pool", pooled_at=_START + timedelta(hours=48))
_OTHER = replace(_LEAD, id=15, company="南通海安医院", product="彩超")
_WEEK = Period("2026-W47", datetime(2026, 11, 15, 16, tzinfo=UTC), datetime(2026, 11, 22, 16, tzinfo=UTC))


def _ldr(scope: str, untouched: int, cycles: int) -> Measure:
    return Measure("LDR", scope, _WEEK, untouched, cycles, provisional=True)


_TEAMS = (
    ("team:销售部/华南组", "华南组", _ldr("team:销售部/华南组", 4, 11)),
    ("team:销售部/华东一组", "华东一组", _ldr("team:销售部/华东一组", 4, 20)),
    ("team:销售部/大客户组", "大客户组", _ldr("team:销售部/大客户组", 1, 10)),
)
_FACTS = (("L12", "11-19 周四 09:12 起 · 没人碰"), ("L15", "11-18 周三 14:00 起 · 说上话了"))

SAMPLES: Mapping[str, Card] = {
    "lead: new": lead.draw(_NEW),
    "lead: nobody answered": lead.draw(replace(_NEW, lead=replace(_LEAD, touched_at=_START), tries=2)),
    "lead: warned": lead.draw(replace(_NEW, lead=_WARNED)),
    "lead: reached": lead.draw(replace(_NEW, lead=_REACHED)),
    "lead: back with its holder": lead.draw(replace(_NEW, lead=_REACHED, undone=True)),
    "lead: for the supervisor": lead.draw(replace(_NEW, role="leader", holder="李雷")),
    "lead: recycled": lead.draw(LeadCard(_POOL, "lost", week="W47", claims_left=5)),
    "lead: in the pool": lead.draw(LeadCard(_POOL, "claimer", claims_left=4)),
    "lead: in the pool, claims used up": lead.draw(LeadCard(_POOL, "claimer")),
    "lead: is it invalid": lead.draw(
        LeadCard(_POOL, "marketing", "138****5521", holder="李雷", asks_invalid=True)
    ),
    "lead: invalid": lead.draw(LeadCard(replace(_LEAD, state="invalid"), "marketing", "138****5521")),
    "leads": leads.draw_mine(((_OTHER, "剩 3 时 20 分"), (_LEAD, "已接通")), 12),
    "leads: none": leads.draw_mine((), 0),
    "pool": leads.draw_pool(((_POOL, "南京 · DR"),), 11, 5),
    "pool: for marketing": leads.draw_pool(((_POOL, "南京 · DR"),), 1, None),
    "pool: empty": leads.draw_pool((), 0, 5),
    "lead_news: warned": leads.draw_news("warned", ((_LEAD, "李雷 · 周六 09:12 到点"),), 3),
    "lead_news: recycled": leads.draw_news("recycled", ((_POOL, "李雷 · 没联系"), (_OTHER, "赵敏 · 没人接")), 2),
    "metric: company": metric.draw(MetricCard(_ldr("company", 9, 41), "全公司", "alarm", _TEAMS)),
    "metric: in a team's group": metric.draw(MetricCard(_ldr("team:销售部/华东一组", 4, 20), "华东一组", "warn")),
    "metric: one rep": metric.draw(MetricCard(_ldr("member:m03", 1, 2), "李雷", "warn", facts=_FACTS)),
    "metric: no value": metric.draw(MetricCard(_ldr("company", 0, 0), "全公司", "none")),
}  # fmt: skip
