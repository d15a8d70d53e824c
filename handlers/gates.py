"""Stages in chat: 推进 moves a deal, 缺什么 shows its gate, 传凭证 listens, 解冻 thaws. R-GATE-1, R-GATE-2."""

from __future__ import annotations

import re

from cards import frozen as frozen_card
from cards import gate as gate_card
from cards.stamp import stamp
from handlers import forms
from handlers.context import LEADING, OLD_CARD, Context, Line, action, command, finished, number_of
from handlers.deals import UNSEEN, deal_of
from handlers.events import Clicked
from sales import approval_clock, freezes, gates
from sales.calendar import day_of
from sales.conversations import Conversation
from sales.deals import Deal
from sales.decision import Reply, say
from sales.errors import NotVisible, Refusal
from sales.freezes import Freeze
from sales.gates import GateRefusal, Requirement, evidence_of
from sales.processes import DEFAULT


@command("推进", topic="推进", example="推进 17 · 传凭证 17", roles=LEADING, rank=6)
def advance(ctx: Context, line: Line) -> Reply | None:
    """One stage further, or what is missing. R-GATE-1."""
    deal = _meant(ctx, line, "推进")
    moved = _advance(ctx, deal)
    if moved.missing:
        return Reply(card="gate", subject=f"deal:{deal.id}", args={"refused": "1"})
    return Reply(card="deal", subject=f"deal:{deal.id}")


@action("gate.advance")
def advance_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """The button, for the stage its card showed. R-GATE-1."""
    deal = deal_of(ctx, click.subject)
    if click.stamp != gate_card.mark(deal):
        raise Refusal("R-GATE-1", OLD_CARD)
    moved = _advance(ctx, deal)
    if moved.missing:
        return Reply(card="gate", subject=f"deal:{deal.id}", args={"refused": "1"}, toast="还差凭证")
    done = "成交了" if moved.deal.state == "won" else f"进第 {moved.deal.stage} 阶段"
    return Reply(card="deal", subject=f"deal:{deal.id}", toast=f"#{deal.id} {done}")


def _advance(ctx: Context, deal: Deal) -> gates.Advance:
    refusal_id = gates.refusal_id(ctx.member, deal, day_of(ctx.at, ctx.tx.policy))
    refused = ctx.tx.evidence.refusal(refusal_id) or GateRefusal(refusal_id, ctx.member.id, deal.id, deal.stage, ctx.at)
    moved = gates.advance(
        deal, requirements=ctx.tx.evidence.requirements(deal), refused=refused, actor=ctx.member, now=ctx.at,
        policy=ctx.tx.policy,
    )  # fmt: skip
    ctx.tx.apply(moved.decision)
    return moved


@command("缺什么", topic="凭证", example="缺什么 17 · 传凭证 17", roles=LEADING, rank=7)
def lacking(ctx: Context, line: Line) -> Reply | None:
    """What the deal's stage asks for and what of it is there. R-GATE-1."""
    deal = _meant(ctx, line, "缺什么")
    if not DEFAULT.stage(deal.stage).evidence:
        return say(f"#{deal.id} 第 {deal.stage} 阶段不要凭证，说「推进 {deal.id}」就行。")
    return Reply(card="gate", subject=f"deal:{deal.id}")


@command("传凭证", roles=LEADING)
def listen(ctx: Context, line: Line) -> Reply | None:
    """The next file within 30 minutes is for the named requirement, or the only open one. R-HOLD, R-EVD-1."""
    named = re.search(r"\d{1,9}", line.rest)
    if named:
        deal = deal_of(ctx, named[0])
        _check_open(deal)
        found = [each for each in ctx.tx.evidence.requirements(deal) if each.state != "accepted"]
    else:
        found = [each for each in ctx.tx.evidence.of_owner(ctx.member.id) if each.state != "accepted"]
    worded = [each for each in found if any(word in line.rest for word in evidence_of(each).words)] or found
    lacks = [each for each in worded if each.state == "open"] or worded
    if len(lacks) == 1:
        return _listen(ctx, lacks[0])
    if named and lacks:
        return Reply(card="gate", subject=f"deal:{lacks[0].deal_id}")
    if not lacks:
        return say("现在没有要传的凭证。照片也可以直接发我，我认是哪单。")
    return say(f"有 {len(lacks)} 项还差，说清哪条，如「传凭证 {lacks[0].deal_id}」。照片直接发我也行。")


@action("gate.ear")
def listen_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """The button or the pick of 传凭证. R-HOLD."""
    deal = deal_of(ctx, click.subject)
    wanted = click.args.get("to") or click.values.get("option", "")
    requirement = next((each for each in ctx.tx.evidence.requirements(deal) if each.id == wanted), None)
    if requirement is None or click.stamp != stamp("gate", deal.id, deal.stage):
        raise Refusal("R-GATE-1", OLD_CARD)
    _check_open(deal)
    if requirement.state == "accepted":
        raise Refusal("R-EVD-1", f"{evidence_of(requirement).name}已经通过了，不用再传。")
    return _listen(ctx, requirement)


def _listen(ctx: Context, requirement: Requirement) -> Reply:
    forms.open_form(ctx, "evidence", subject=f"requirement:{requirement.id}")
    deal_id, pages = requirement.deal_id, ctx.tx.store.pages is not None
    text = f"好，把 #{deal_id} 的{evidence_of(requirement).name}拍给我，或发 PDF。"
    elsewhere = f"PDF、Word 说「传文件 {deal_id}」。" if pages else "PDF、Word 发到{where}。"
    return Reply(card="words", args={"text": text, "without_files": "照片直接发这里；" + elsewhere})


def _check_open(deal: Deal) -> None:
    if deal.state != "open":
        raise Refusal("R-EVD-1", f"#{deal.id} 已经不在走了，不收凭证。")


@command("解冻", topic="解冻", example="解冻 17 客户流程慢", roles=("supervisor", "director", "ops", "admin"), rank=3)
def thaw(ctx: Context, line: Line) -> Reply | None:
    """By hand, with a reason. R-GATE-2."""
    found = re.match(r"#?(\d{1,9})\s*[，,、:： ]?\s*(.*)", line.rest, re.DOTALL)
    if not found:
        raise Refusal("R-GATE-2", "说清哪条和理由，如「解冻 17 客户流程慢」。")
    number = int(found[1])
    frozen = ctx.tx.evidence.open_freeze(number)
    sees = ctx.tx.deals.visible(number, ctx.member) is not None
    if not sees and (frozen is None or frozen.asked != ctx.member.id):
        raise NotVisible("R-PPL-2", UNSEEN)
    if frozen is None:
        raise Refusal("R-GATE-2", f"#{number} 没有冻结，不用解。")
    return say(_thaw(ctx, frozen, found[2]))


@action("freeze.thaw", picks=True)
def thaw_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """A reason picked on the card; the other is typed within 10 minutes. R-GATE-2, R-HOLD."""
    frozen = _frozen(ctx, click.subject)
    if click.stamp != frozen_card.mark(frozen):
        raise Refusal("R-GATE-2", OLD_CARD)
    reason = click.values.get("option", "")
    if reason == frozen_card.OTHER:
        return forms.open_form(ctx, "thaw_reason", subject=click.subject)
    return Reply(toast=_thaw(ctx, frozen, reason))


@finished("thaw_reason")
def thaw_told(ctx: Context, form: Conversation) -> Reply | None:
    """The typed reason. R-HOLD."""
    return say(_thaw(ctx, _frozen(ctx, form.subject), form.answers["reason"]))


def _thaw(ctx: Context, frozen: Freeze, reason: str) -> str:
    deal = ctx.tx.deals.get(frozen.deal_id)
    if deal is None:
        raise NotVisible("R-PPL-2", UNSEEN)
    decision = freezes.thaw_by_hand(
        deal, frozen=frozen, requirements=ctx.tx.evidence.requirements(deal),
        thaws=ctx.tx.evidence.thaws_by_hand(deal), actor=ctx.member,
        sees=ctx.tx.people.sees(ctx.member, deal.owner_id), reason=reason, now=ctx.at, policy=ctx.tx.policy,
    )  # fmt: skip
    ctx.tx.apply(decision)
    ctx.tx.apply(
        approval_clock.follow(ctx.tx.approvals.open_of_deal(deal.id), deal=deal, decision=decision, now=ctx.at)
    )
    return f"#{deal.id} 已解冻 24 小时"


def _frozen(ctx: Context, subject: str) -> Freeze:
    """The freezing of a button; who may thaw it is the rule's to say. R-PPL-2."""
    found = ctx.tx.evidence.freeze(number_of(subject, "freeze"))
    seen = found and (found.asked == ctx.member.id or ctx.tx.deals.visible(found.deal_id, ctx.member))
    if found is None or not seen:
        raise NotVisible("R-PPL-2", UNSEEN)
    return found


def _meant(ctx: Context, line: Line, word: str) -> Deal:
    """The deal a line names, or the only one of the asker's own. R-PPL-2."""
    number = re.search(r"\d{1,9}", line.rest)
    if number:
        return deal_of(ctx, number[0])
    mine = [deal for deal in ctx.tx.deals.open_of(ctx.member, limit=200)[0] if deal.owner_id == ctx.member.id]
    if len(mine) == 1:
        return mine[0]
    raise Refusal("R-GATE-1", f"说清哪条，如「{word} 17」。编号说「我的商机」看。")
