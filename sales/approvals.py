"""What may be done with a request: ask, decide, return, hand over, urge, withdraw. R-APR-3, R-APR-6, R-APR-7.

First decision wins inside one seat: every act saves the request, whose version lets only one of two through.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sales.approval_steps import act, close, fill_seat, open_step, sitting, take_seats, tell_initiator
from sales.approval_trail import (
    DONE_WORDS,
    LATE,
    Case,
    Entry,
    clocks,
    ended,
    moment,
    noted,
    notice,
    subject_of,
    to_holders,
)
from sales.deals import Deal
from sales.decision import Audit, Decision
from sales.errors import Refusal
from sales.people import Member
from sales.policy import Policy
from sales.seats import is_usable

_DECIDED = ("approved", "rejected", "returned")


def submit(case: Case, *, deal: Deal, now: datetime, earlier: Case | None = None) -> Decision:
    """The request is on its way, its first seat filled, terms frozen. R-APR-1, R-APR-6, R-APR-7.

    An `earlier` open one is withdrawn with a reference. The deal is saved with it: something was built on it, so it
    cannot be undone any more (R-UNDO), and two requests at once are a conflict.
    """
    asking_about(deal)
    request, before = case.request, Decision()
    if earlier is not None:
        old, entry = noted(
            earlier.request, "withdrawn", who=request.initiator_id, now=now, words=f"改成 {request.number}"
        )
        before = act(earlier, close(old, "withdrawn", now=now), (entry,), action="request.withdraw")
        request = replace(request, replaces=earlier.request.id)
    request, asked = noted(request, "asked", who=request.initiator_id, now=now, words=request.reason)
    seated, passed = take_seats(replace(case, request=request), now=now)
    after = {
        "number": request.number, "deal": deal.id, "base_fen": request.base_fen, "amount_fen": request.amount_fen,
        "steps": list(request.steps), "holders": list(seated.holders), "replaces": request.replaces,
    }  # fmt: skip
    opened = Decision(
        saves=(deal, seated, asked, *passed),
        relies=sitting(case, seated),
        audits=(Audit("request.ask", subject_of(request), after=after, why=request.reason),),
        notices=to_holders("assigned", seated),
        redraws=(f"deal:{deal.id}",),
        timers=clocks(seated),
    )
    return before + opened


def asking_about(deal: Deal) -> None:
    """Raises Refusal when nothing may be asked for the deal: it is closed, or frozen. R-APR-7, R-GATE-2."""
    if deal.state != "open":
        raise Refusal("R-APR-7", f"#{deal.id} 已经不在走了，不用再申请。")
    if deal.frozen_at is not None:
        raise Refusal("R-GATE-2", f"#{deal.id} 冻结着，先不能申请。凭证发来就解冻，说「缺什么 {deal.id}」看差哪份。")


def approve(case: Case, *, actor: Member, now: datetime, policy: Policy, words: str = "") -> Decision:
    """The step is approved and the next seat asked; after the last one the request is. R-APR-3, R-APR-6."""
    _may_decide(case, actor=actor, now=now, policy=policy)
    others = ",".join(holder for holder in case.request.holders if holder != actor.id)
    request, entry = noted(case.request, "approved", who=actor.id, now=now, words=words, toward=others)
    moved = replace(case, request=replace(request, step=request.step + 1), trail=(*case.trail, entry))
    seated, passed = take_seats(moved, now=now)
    notices = to_holders("assigned", seated) if seated.state == "open" else tell_initiator(seated)
    return act(case, seated, (entry, *passed), action="request.approve", notices=notices, relies=sitting(case, seated))


def reject(case: Case, *, actor: Member, now: datetime, policy: Policy, words: str) -> Decision:
    """The request is rejected, with the reason. R-APR-3. Raises Refusal without one: nothing changes."""
    _may_decide(case, actor=actor, now=now, policy=policy)
    if not words.strip():
        raise Refusal("R-APR-3", f"写个原因再点驳回，如「驳回 {case.request.number} 毛利不够」。")
    request, entry = noted(case.request, "rejected", who=actor.id, now=now, words=words)
    closed = close(request, "rejected", now=now)
    return act(case, closed, (entry,), action="request.reject", notices=tell_initiator(closed))


def give_back(case: Case, *, actor: Member, now: datetime, policy: Policy, words: str) -> Decision:
    """The initiator is asked for more and the clock stops. R-APR-3. Raises Refusal when it is not said what."""
    _may_decide(case, actor=actor, now=now, policy=policy)
    if not words.strip():
        raise Refusal("R-APR-3", f"写一句要补什么再退回，如「退回补充 {case.request.number} 差对手报价」。")
    request, entry = noted(case.request, "returned", who=actor.id, now=now, words=words)
    waiting = replace(request, state="returned", paused_at=None)
    asked = notice("returned", f"member:{request.initiator_id}", request)
    return act(case, waiting, (entry,), action="request.return", notices=(asked,))


def resubmit(case: Case, *, actor: Member, deal: Deal, now: datetime, reason: str) -> Decision:
    """The returned request is asked again: the same step and seat, a new clock. R-APR-3. Terms stay frozen. R-APR-7."""
    if actor.id != case.request.initiator_id:
        raise Refusal("R-APR-3", f"等{case.initiator.name}补充，你看看就好。")
    if case.request.state != "returned":
        raise Refusal("R-APR-3", "这张已经交过了，不用再点。")
    asking_about(deal)
    if not reason.strip():
        raise Refusal("R-APR-3", "补一句再交。")
    again = replace(case.request, state="open", round=case.request.round + 1, reason=reason.strip()[:200])
    request, entry = noted(again, "resubmitted", who=actor.id, now=now, words=reason)
    if is_usable(request.holders, initiator=case.initiator, circle=case.circle):
        seated = open_step(request, request.holders, now=now)
        passed: list[Entry] = []
    else:
        seated, passed = take_seats(replace(case, request=request), now=now)
    notices = to_holders("assigned", seated) if seated.state == "open" else tell_initiator(seated)
    relies = (deal, *sitting(case, seated))
    return act(case, seated, (entry, *passed), action="request.resubmit", notices=notices, relies=relies)


def transfer(case: Case, *, actor: Member, to: Member, now: datetime, policy: Policy) -> Decision:
    """The seat is another's; its clock goes on. R-APR-3.

    To an active member with a deciding role who neither asked nor decided an earlier step.
    """
    _may_decide(case, actor=actor, now=now, policy=policy)
    if to.id in case.request.holders:
        raise Refusal("R-APR-3", f"现在就等{to.name}定，不用转。")
    if to.id == case.request.initiator_id:
        raise Refusal("R-APR-3", f"{to.name}是申请人，自己的申请要别人定，换一位。")
    if to.state != "active" or not set(case.kind.deciders) & set(to.roles):
        raise Refusal("R-APR-3", f"{to.name}定不了{case.kind.word}，转给在岗的主管或总监。")
    if to.id in case.deciders:
        raise Refusal("R-APR-6", f"{to.name}前面定过了，换一位。")
    request, entry = noted(case.request, "transferred", who=actor.id, now=now, toward=to.id)
    moved = replace(request, holders=(to.id,))
    notices = to_holders("assigned", moved)
    return act(case, moved, (entry,), action="request.transfer", notices=notices, relies=(to,), timed=False)


def may_take(case: Case, actor: Member) -> bool:
    """True for a superior of who sits in an overdue seat, where the type lets them take it. R-APR-4."""
    request = case.request
    if request.state != "open" or request.told < LATE or not case.kind.superior_may_take:
        return False
    barred = {request.initiator_id, *request.holders, *case.deciders}
    return actor.state == "active" and actor.id not in barred and case.leads(actor)


def take(case: Case, *, actor: Member, now: datetime, policy: Policy) -> Decision:
    """我来定: the overdue seat is the superior's. R-APR-4."""
    if not may_take(case, actor):
        raise Refusal("R-APR-4", late(case, actor=actor, now=now, policy=policy))
    request, entry = noted(case.request, "taken", who=actor.id, now=now, toward=",".join(case.request.holders))
    moved = replace(request, holders=(actor.id,))
    return act(case, moved, (entry,), action="request.take", relies=(actor,), timed=False)


def may_urge(case: Case, actor: Member) -> bool:
    """The initiator, and who leads them or the seat; never who is waited for. R-APR-3."""
    if case.request.state != "open" or actor.id in case.request.holders:
        return False
    return actor.id == case.request.initiator_id or case.leads(actor)


def urge(case: Case, *, actor: Member, now: datetime, policy: Policy) -> Decision:
    """Who decides next is reminded, at most once an hour. R-APR-3."""
    if not may_urge(case, actor):
        raise Refusal("R-APR-3", late(case, actor=actor, now=now, policy=policy))
    last = case.last("urged")
    if last is not None and now <= last.at + policy.urge_pause:
        raise Refusal("R-APR-3", f"{moment(last.at, now=now, policy=policy)} 催过了，过一小时再催。")
    request, entry = noted(case.request, "urged", who=actor.id, now=now)
    return act(
        case, request, (entry,), action="request.urge", notices=to_holders("urged", request), timed=False
    )  # fmt: skip


def withdraw(case: Case, *, actor: Member, now: datetime, policy: Policy) -> Decision:
    """The initiator takes the request back, until the last decision. R-APR-3."""
    if actor.id != case.request.initiator_id:
        raise Refusal("R-APR-3", f"撤回要{case.initiator.name}自己来。")
    if case.request.state not in ("open", "returned"):
        raise Refusal("R-APR-3", late(case, actor=actor, now=now, policy=policy))
    request, entry = noted(case.request, "withdrawn", who=actor.id, now=now)
    return act(case, close(request, "withdrawn", now=now), (entry,), action="request.withdraw")


def no_longer_needed(case: Case, *, now: datetime, why: str) -> Decision:
    """The deal is lost: an open request ends without a decision. R-APR-7. Nothing to do for one that ended."""
    if case.request.state not in ("open", "returned"):
        return Decision()
    request, entry = noted(case.request, "unneeded", who="", now=now, words=why)
    return act(case, close(request, "unneeded", now=now), (entry,), action="request.unneeded")


def refill(case: Case, *, now: datetime) -> Decision:
    """The seat of a holder who is away or has left is filled again; its clock goes on. R-APR-6."""
    request = case.request
    if request.state != "open" or is_usable(request.holders, initiator=case.initiator, circle=case.circle):
        return Decision()
    seat = fill_seat(case)
    if seat.passed or seat.holders == request.holders:
        return Decision()
    request, entry = noted(request, "seated", who="", now=now, toward=",".join(seat.holders))
    moved = replace(request, holders=seat.holders)
    notices, relies = to_holders("assigned", moved), sitting(case, moved)
    return act(case, moved, (entry,), action="request.seat", notices=notices, relies=relies, timed=False)


def remark(case: Case, *, actor: Member, words: str) -> Decision:
    """What was said after the own decision stands on the cards. R-HOLD."""
    own = case.last("approved", who=actor.id)
    if own is None:
        raise Refusal("R-HOLD", "这张卡上没有你的同意，写不上。")
    said = replace(own, words=words.strip()[:200])
    subject = subject_of(case.request)
    return Decision(
        saves=(said,),
        audits=(Audit("request.remark", subject, before={"words": own.words}, after={"words": said.words}),),
        redraws=(subject,),
    )


def late(case: Case, *, actor: Member, now: datetime, policy: Policy) -> str:
    """What a late, double or stranger's click is told: who decided and when, or who is waited for. R-APR-3."""
    request = case.request
    own = case.last(*_DECIDED, who=actor.id)
    if own is not None and own.round == request.round:
        return f"你 {moment(own.at, now=now, policy=policy)} 已{DONE_WORDS[own.did]}，不用再点。"
    if request.state == "open":
        last = case.last("approved")
        if last is not None and actor.id in last.toward.split(","):
            return f"晚了一步：{ended(case, now=now, policy=policy)}。"
        return f"这张卡等{case.names(request.holders)}定，你看看就好。"
    if request.state == "returned":
        return f"{ended(case, now=now, policy=policy)}，等{case.initiator.name}再交。"
    return f"晚了一步：{ended(case, now=now, policy=policy)}。"


def _may_decide(case: Case, *, actor: Member, now: datetime, policy: Policy) -> None:
    """Raises Refusal unless the actor holds the open seat of a deal that moves. Nobody decides their own. R-APR-3."""
    request = case.request
    if actor.id == request.initiator_id:
        raise Refusal("R-APR-3", "自己的申请要别人定，可以催一下。")
    if request.state != "open" or actor.id not in request.holders or actor.state != "active":
        raise Refusal("R-APR-3", late(case, actor=actor, now=now, policy=policy))
    if request.paused_at is not None:
        raise Refusal("R-GATE-2", f"#{request.deal_id} 冻结着，先不能定；凭证到齐就解冻，时限也停着。")
