"""`LDR 本周 华东一组` in chat, by sight; a bound group gets what it may see, names only the direct chat. R-PPL-3."""

from __future__ import annotations

import re
from datetime import timedelta

from handlers.context import Context, Line, action, command, is_direct
from handlers.events import Clicked
from sales.chats import read_binding
from sales.decision import Decision, Notice, Reply, Urgency
from sales.errors import NotVisible, Refusal
from sales.metrics import (
    Period,
    default_scope,
    group_scope,
    group_sees,
    is_scope,
    may_see,
    month_of,
    parse_period,
    week_of,
)

SIGHTED = ("rep", "supervisor", "director", "marketing", "marketing_lead")
UNSEEN = "这个范围的数你现在看不了。自己的说「LDR 本周」。"
TO_DIRECT = "明细发你单聊了"


@command("LDR", topic="指标", example="LDR 本周", roles=SIGHTED, rank=6)
def lead_decay(ctx: Context, line: Line) -> Reply | None:
    """LDR of a period and scope; without a scope, the widest one in sight that is the asker's own. R-MET-2.

    A bound group is answered there with its own sums; what it may not see goes to the asker. R-PPL-3.
    """
    words = line.rest.split()
    period = _period(ctx, words[0]) if words else None
    if period is not None:
        words = words[1:]
    asked = _scope(ctx, " ".join(words)) if words else ""
    name = (period or week_of(ctx.at, ctx.tx.policy)).name
    view = None if is_direct(ctx.event) else ctx.tx.chats.group_view(ctx.platform, ctx.inbound.chat)
    if view and group_sees(view, asked or group_scope(view)):
        group = f"{ctx.platform}:{ctx.inbound.chat}"
        args = {"scope": asked or group_scope(view), "period": name, "group": group}
        return Reply(card="metric", args=args, private=False)
    return _card(ctx, asked or default_scope(ctx.member), name)


@action("metric.open")
def opened(ctx: Context, click: Clicked) -> Reply | None:
    """看明细: one level down; from a group the answer goes to the direct chat. R-DRILL, R-PPL-3."""
    scope, period = click.values.get("option", ""), click.args.get("period", "")
    parse_period(period, ctx.tx.policy)
    if not is_scope(scope):
        raise Refusal("R-DRILL", "选一行再看明细。")
    card = _card(ctx, scope, period)
    account = ctx.tx.people.account(ctx.platform, ctx.inbound.account)
    if account and account.chat == ctx.inbound.chat:
        return card
    direct = Notice("reply", f"member:{ctx.member.id}", card.card, "", Urgency.ANSWER, "R-PPL-3", card.args)
    ctx.tx.apply(Decision(notices=(direct,)))
    return Reply(toast=TO_DIRECT)


def _card(ctx: Context, scope: str, period: str) -> Reply:
    if not may_see(ctx.member, scope, team=ctx.tx.people.team_of(scope)):
        raise NotVisible("R-PPL-2", UNSEEN)
    return Reply(card="metric", args={"scope": scope, "period": period})


def _period(ctx: Context, word: str) -> Period | None:
    """The period a word names; None when it names none."""
    policy = ctx.tx.policy
    week, month = week_of(ctx.at, policy), month_of(ctx.at, policy)
    if re.match(r"\d{4}-", word):
        return parse_period(word, policy)
    return {
        "本周": week,
        "这周": week,
        "上周": week_of(week.start - timedelta(seconds=1), policy),
        "本月": month,
        "这个月": month,
        "上月": month_of(month.start - timedelta(seconds=1), policy),
        "上个月": month_of(month.start - timedelta(seconds=1), policy),
    }.get(word)


def _scope(ctx: Context, words: str) -> str:
    """A team by path or last part, a member by name, or the company. Raises Refusal with an example."""
    if words in ("公司", "全公司"):
        return "company"
    found = read_binding(words, teams=ctx.tx.people.team_paths())
    if found and found.startswith("team:"):
        return found
    members = ctx.tx.people.by_name(words)
    if len(members) == 1:
        return f"member:{members[0].id}"
    raise Refusal("R-PPL-2", f"没找到「{words[:20]}」这个组或人。照这样说：LDR 本周 华东一组。")
