"""Deals in chat: one line logs a deal, 撤销 takes it back, 流失 closes it, 我的商机 lists them. R-QE-1, R-UNDO."""

from __future__ import annotations

import re

from handlers.context import LEADING, Context, Line, action, command, number_of
from handlers.events import Clicked
from sales import approvals, deals
from sales.deals import Deal
from sales.decision import Reply, say
from sales.errors import NotVisible, Refusal

UNSEEN = "这条你现在看不了。要看，找负责人授权。"


@command("撤销", "搞错了", topic="撤销", example="撤销", roles=LEADING, rank=9)
def undo(ctx: Context, line: Line) -> Reply | None:
    """Take back the asker's own newest deal of this chat. R-UNDO."""
    since = ctx.at - ctx.tx.policy.undo_window
    logged = ctx.tx.deals.newest_logged(ctx.member.id, platform=ctx.platform, chat=ctx.home, since=since)
    newest = next((deal for deal in logged if deal.state == "open"), None)
    if newest is None:
        raise Refusal("R-UNDO", "10 分钟内没有能撤的。要改哪条，说「商机 编号」看看。")
    return say(_undo(ctx, newest))


@action("deal.undo")
def undo_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """The button on the deal's card. R-UNDO."""
    return Reply(toast=_undo(ctx, deal_of(ctx, click.subject)))


def _undo(ctx: Context, deal: Deal) -> str:
    customer = ctx.tx.customers.get(deal.customer_id)
    if customer is None:
        raise NotVisible("R-PPL-2", UNSEEN)
    others = ctx.tx.deals.count_others(deal)
    ctx.tx.apply(deals.undo(deal, customer=customer, others=others, actor=ctx.member, now=ctx.at, policy=ctx.tx.policy))
    return f"已撤销 #{deal.id} {customer.name}。"


@action("deal.again")
def again(ctx: Context, click: Clicked) -> Reply | None:
    """The line of a taken-back deal, ready to be changed and sent again."""
    deal = deal_of(ctx, click.subject)
    return say(f"原来那句是「{deal.line}」，改好再发我就行。")


@command("流失", "丢了", "黄了", topic="丢单", example="流失 17 预算砍了", roles=LEADING, rank=7)
def lose(ctx: Context, line: Line) -> Reply | None:
    """The deal is lost, with a reason; its open requests are no longer needed. R-STG-1, R-APR-7."""
    found = re.match(r"#?(\d{1,9})\s*[，,、:： ]?\s*(.*)", line.rest, re.DOTALL)
    if not found:
        raise Refusal("R-STG-1", "说清哪条和原因，如「流失 17 预算砍了」。")
    deal = deal_of(ctx, found[1])
    ctx.tx.apply(deals.lose(deal, reason=found[2].strip(), now=ctx.at))
    for request in ctx.tx.approvals.open_of_deal(deal.id):
        case = ctx.tx.approvals.case(request)
        ctx.tx.apply(approvals.no_longer_needed(case, now=ctx.at, why=f"#{deal.id} 流失了"))
    return say(f"#{deal.id} 记为流失，原因：{found[2].strip()[:60]}。")


@command("我的商机", topic="商机", example="我的商机 · 商机 17", roles=LEADING, rank=3)
def mine(ctx: Context, line: Line) -> Reply | None:
    """The open deals in sight. R-PPL-2."""
    return Reply(card="deals")


@action("deals.mine")
def mine_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """The button of the help card."""
    return Reply(card="deals")


@command("商机", "查", roles=LEADING)
def one(ctx: Context, line: Line) -> Reply | None:
    """One deal by its number; without one, the list. R-PPL-2."""
    number = re.search(r"\d{1,9}", line.rest)
    if not number:
        return Reply(card="deals")
    deal = deal_of(ctx, number[0])
    return Reply(card="deal", subject=f"deal:{deal.id}")


def deal_of(ctx: Context, subject: str) -> Deal:
    """The deal, when the actor may see it: checked here, whatever card the button was on. R-PPL-2."""
    deal = ctx.tx.deals.visible(number_of(subject, "deal"), ctx.member)
    if deal is None:
        raise NotVisible("R-PPL-2", UNSEEN)
    return deal
