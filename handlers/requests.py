"""Requests on their way in: asked by a line or a form, completed when returned, listed. R-APR-1, R-APR-3, R-APR-7."""

from __future__ import annotations

import re

from handlers import forms
from handlers.context import LEADING, Context, Line, action, command, finished
from handlers.events import Clicked
from handlers.request_lookup import UNSEEN, case_of, show_trail, typed
from sales import approvals
from sales.approval_trail import Case, Request, subject_of
from sales.calendar import day_of
from sales.conversations import Conversation
from sales.deals import Deal
from sales.decision import Reply, say
from sales.discounts import percent_off, price_of, read_ask, read_off
from sales.errors import NotVisible, Refusal
from sales.requests import request_number, steps_for, types

_KIND = re.compile(r"(?:折扣|打折)[ ,，:、]*")
_OTHER = re.compile(r"(?:账期|合同|条款|豁免|报销|差旅|报价|目标|调级|可行性|线索)")


@command("申请", topic="申请", example="申请 折扣 9 让12% 理由", roles=LEADING, rank=6)
def ask(ctx: Context, line: Line) -> Reply | None:
    """A request by one line; what is missing is asked. R-APR-1."""
    if _OTHER.match(line.rest):
        raise Refusal("R-APR-1", "现在能申请的是折扣，如「申请 折扣 9 让12% 对手报 80 万」。")
    given = read_ask(_KIND.sub("", line.rest, count=1))
    return forms.open_form(
        ctx, "discount", answers={"deal": given.deal, "off": given.off, "reason": given.reason}
    )  # fmt: skip


@finished("discount")
def asked(ctx: Context, form: Conversation) -> Reply | None:
    """The discount's price is exact in fen, or it is asked again. The same terms once more complete a returned one;
    others withdraw the open one and open its successor. R-MONEY, R-APR-3, R-APR-7."""
    given = form.answers
    deal = ctx.tx.deals.visible(int(given["deal"]), ctx.member)
    if deal is None:
        return _again(ctx, form, "deal", f"{UNSEEN}换个编号回我，或说「取消」。")
    try:
        amount_fen = price_of(deal.amount_fen, read_off(given["off"]))
    except Refusal as fault:
        return _again(ctx, form, "off", f"{fault.text}回个成交价就行，如 79.2万。")
    try:
        approvals.asking_about(deal)
        return _submit(ctx, deal, amount_fen=amount_fen, reason=given["reason"])
    except Refusal as refusal:
        return say(refusal.text)


def _again(ctx: Context, form: Conversation, field: str, fault: str) -> Reply:
    """Everything understood is kept, this one field is asked once more. R-HOLD."""
    kept = {name: value for name, value in form.answers.items() if name != field}
    forms.open_form(ctx, "discount", answers=kept)
    return say(fault)


def _submit(ctx: Context, deal: Deal, *, amount_fen: int, reason: str) -> Reply:
    tx = ctx.tx
    earlier = next((r for r in tx.approvals.open_of_deal(deal.id) if r.kind == "discount"), None)
    before = tx.approvals.case(earlier) if earlier else None
    if before and before.initiator.id != ctx.member.id:
        raise Refusal(
            "R-APR-7", f"#{deal.id} 的折扣 {before.request.number} 正在批（{before.initiator.name}），等它有结果。"
        )
    if before and before.request.amount_fen == amount_fen and before.request.base_fen == deal.amount_fen:
        if before.request.state == "open":
            raise Refusal(
                "R-APR-3", f"一样的已经在批：{before.request.number}，可以说「催办 {before.request.number}」。"
            )
        tx.apply(approvals.resubmit(before, actor=ctx.member, deal=deal, now=ctx.at, reason=reason))
        return Reply(card="approval", subject=subject_of(before.request))
    kind = types(tx.policy)["discount"]
    day = day_of(ctx.at, tx.policy)
    steps = steps_for(kind, percent_off(deal.amount_fen, amount_fen))
    request = Request(
        id=tx.next_number("request"),
        number=request_number(kind, day=day, count=tx.next_number(f"{kind.code}-{day:%Y%m%d}")),
        kind=kind.name,
        deal_id=deal.id,
        initiator_id=ctx.member.id,
        base_fen=deal.amount_fen,
        amount_fen=amount_fen,
        reason=reason[:200],
        steps=tuple(f"{step.name}:{step.seat}" for step in steps),
        limit_minutes=int(kind.limit.total_seconds() // 60),
        created_at=ctx.at,
        opened_at=ctx.at,
        due_at=ctx.at + kind.limit,
    )
    tx.apply(approvals.submit(tx.approvals.case(request), deal=deal, now=ctx.at, earlier=before))
    return Reply(card="approval", subject=subject_of(request))


@action("approval.resubmit")
def resubmit_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """再交 on the returned card."""
    case = case_of(ctx, click.subject)
    deal = ctx.tx.deals.get(case.request.deal_id)
    if deal is None:
        raise NotVisible("R-PPL-2", UNSEEN)
    if "reason" not in click.values:
        return forms.open_form(ctx, "approval_resubmit", subject=click.subject)
    return Reply(toast=_resubmit(ctx, case, deal, click.values["reason"]))


@finished("approval_resubmit")
def resubmit_said(ctx: Context, form: Conversation) -> Reply | None:
    """What was added, asked for where the card had no field. R-HOLD."""
    case = case_of(ctx, form.subject)
    deal = ctx.tx.deals.get(case.request.deal_id)
    if deal is None:
        raise NotVisible("R-PPL-2", UNSEEN)
    return say(_resubmit(ctx, case, deal, form.answers["reason"]))


def _resubmit(ctx: Context, case: Case, deal: Deal, reason: str) -> str:
    ctx.tx.apply(approvals.resubmit(case, actor=ctx.member, deal=deal, now=ctx.at, reason=reason))
    return "交上去了"


@command("待我审批", "待办", topic="审批", example="待我审批 · 同意 编号", roles=("supervisor", "director"), rank=1)
def waiting(ctx: Context, line: Line) -> Reply | None:
    """What waits for the person; with a number, that request."""
    found = typed(ctx, line)
    return Reply(card="approval", subject=subject_of(found[0].request)) if found else Reply(card="approvals")


@command("我发起的")
def mine(ctx: Context, line: Line) -> Reply | None:
    """What the person asked; with a number, that request."""
    found = typed(ctx, line)
    if found:
        return Reply(card="approval", subject=subject_of(found[0].request))
    return Reply(card="approvals", args={"mine": "1"})


@command("看全程")
def trail(ctx: Context, line: Line) -> Reply | None:
    """Everything done with a request."""
    found = typed(ctx, line)
    return Reply(card="trail", subject=f"trail:{found[0].request.id}") if found else Reply(card="approvals")


@action("approval.trail")
def trail_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """看全程."""
    return show_trail(ctx, case_of(ctx, click.subject))
