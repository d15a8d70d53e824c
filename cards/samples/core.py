"""Samples of deals, quick entries, help and people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from cards import deal, digest, draft, pointer, stranger
from cards import help as helping
from cards.blocks import Card, Fields, Headline, Note, Text, Title, words
from sales.customers import Customer
from sales.deals import Deal
from sales.drafts import Draft

_AT = datetime(2026, 11, 12, 2, 22, tzinfo=UTC)
_CUSTOMER = Customer(1, "华东医疗", "华东医疗", "m03", tier="A", version=1)
_DEAL = Deal(
    id=17, customer_id=1, owner_id="m03", product="CT机", amount_fen=120_000_000, created_at=_AT, logged_by="m03",
    platform="feishu", chat="oc_1", line="录单 华东医疗 CT机 120万", version=1,
)  # fmt: skip
_MISSING = ("签约日", "预算", "关键人")
_FRESH = deal.DealCard(_DEAL, _CUSTOMER, "李雷", True, _MISSING, "10:32")
_DRAFT = Draft(
    id=5, member_id="m03", platform="feishu", chat="oc_1", line="录单 华东医疗 CT机 一百二", asked_at=_AT,
    customer="华东医疗", customer_id=1, product="CT机", ask="amount", amounts=(120_000_000, 12_000), why="no_unit",
    version=1,
)  # fmt: skip
_NEAR = replace(_DRAFT, customer="华东医疗器械", customer_id=0, ask="customer", near=(1, 2), amount_fen=120_000_000)
_CHOICES = (draft.Choice(1, "华东医疗器械（杭州）", "你的客户"), draft.Choice(2, "华东医疗器材（无锡）", "陈宇"))
_HELP = [
    ("录单", "录单 华东医疗 CT机 120万"),
    ("商机", "我的商机 · 商机 17"),
    ("退回", "撤销"),
    ("问我", "帮助 · 取消 · 继续"),
]
_HOSTILE = "<at id=all></at> **x** [点我](http://a.b) \u202eevil\u200b"

SAMPLES: Mapping[str, Card] = {
    "deal: fresh": deal.draw(_FRESH),
    "deal: repaired word": deal.draw(replace(_FRESH, repaired="录单")),
    "deal: later": deal.draw(replace(_FRESH, undo_until="")),
    "deal: undone": deal.draw(replace(_FRESH, deal=replace(_DEAL, state="undone", version=2))),
    "deal: lost": deal.draw(replace(_FRESH, deal=replace(_DEAL, state="lost", lost_reason="预算砍了", version=2))),
    "deal: hostile names": deal.draw(
        replace(_FRESH, customer=replace(_CUSTOMER, name=_HOSTILE), deal=replace(_DEAL, product=_HOSTILE))
    ),
    "draft: which amount": draft.draw(draft.DraftCard(_DRAFT)),
    "draft: a range": draft.draw(
        draft.DraftCard(
            replace(_DRAFT, why="range", amounts=(35_000_000, 40_000_000), line="录单 华东医疗 CT机 35万-40万")
        )
    ),
    "draft: amount missing": draft.draw(draft.DraftCard(replace(_DRAFT, amounts=(), why=""))),
    "draft: product missing": draft.draw(draft.DraftCard(replace(_DRAFT, product="", ask="product", amounts=()))),
    "draft: which customer": draft.draw(draft.DraftCard(_NEAR, _CHOICES)),
    "draft: done": draft.draw(draft.DraftCard(replace(_DRAFT, state="done", deal_id=17, amount_fen=120_000_000))),
    "draft: dropped": draft.draw(draft.DraftCard(replace(_DRAFT, state="dropped"))),
    "deals": (
        Title("我的商机", "blue", "在走的"),
        Headline("2 条"),
        Fields((("#17", "华东医疗 · CT机 · 120.00 万 · 第 1 阶段"), ("#9", "宁波博仁 · 彩超 · 90.00 万 · 第 7 阶段"))),
        Note("说「商机 17」看一条"),
    ),
    "help": helping.draw(_HELP, role="销售"),
    "stranger": stranger.draw("7K2M"),
    "peeks": (
        Title("李雷今天碰到别人客户 11 次", "blue", "客户"),
        Text("录单时名字相近，只看到名称、地区和负责人。多半是分区不清，聊一句就好。"),
    ),
    "pointer": pointer.draw(),
    "words": words("没看懂这句。你可以这样说：「录单 华东医疗 CT机 120万」"),
    "digest": digest.draw([deal.draw(_FRESH), words("攒着的一句话")]),
}
