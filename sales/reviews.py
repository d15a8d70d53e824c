"""Reviews: a person decides what no machine may accept; never who sent it, never the deal's owner. R-EVD-5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sales.deals import Deal
from sales.decision import Audit, Decision, Looked, Notice, Urgency
from sales.errors import Refusal
from sales.evidence import Original, Submission
from sales.gates import Requirement, freeze_timer, subject_of
from sales.people import Member
from sales.policy import Policy

REASONS = ("看不清", "不是这份", "没盖章签字", "客户名不符")
"""Offered on the card; anything else is typed."""


def next_reviewer(superiors: Sequence[Member], *, barred: Sequence[str]) -> str:
    """The first superior who may decide, from the owner upwards; empty when there is nobody. R-EVD-5."""
    return next((each.id for each in superiors if each.state == "active" and each.id not in barred), "")


def may_review(member: Member, submission: Submission, *, deal: Deal) -> bool:
    """Who was asked; where nobody could be, ops. Never the uploader or the owner. R-EVD-5."""
    if member.id in (submission.member_id, deal.owner_id):
        return False
    return member.id in submission.reviewers if submission.reviewers else bool({"ops", "admin"} & set(member.roles))


def check_reviewer(submission: Submission, *, deal: Deal, actor: Member, names: str, decider: str) -> None:
    """Raises Refusal unless the actor may decide the submission now. First decision wins. R-EVD-5.

    `names` are the reviewers and `decider` who decided, as people call them.
    """
    if submission.state == "replaced":
        raise Refusal("R-EVD-5", "这份换成新的了，看最新那张。")
    if submission.state in ("accepted", "rejected"):
        done = "通过" if submission.state == "accepted" else "退回"
        who = "你" if submission.decided_by == actor.id else decider
        raise Refusal("R-EVD-5", f"{who}已经{done}了，不用再点。")
    if submission.state != "waiting":
        raise Refusal("R-EVD-5", "这份现在不用看了。")
    if actor.id in (submission.member_id, deal.owner_id):
        raise Refusal("R-EVD-5", f"自己的凭证要别人看，等{names}点。")
    if not may_review(actor, submission, deal=deal):
        raise Refusal("R-EVD-5", f"这张卡等{names}点，你看看就好。")


def accept(submission: Submission, *, requirement: Requirement, deal: Deal, actor: Member, now: datetime) -> Decision:
    """A person found it good: the requirement is met, and whoever sent it hears so at once. R-EVD-5."""
    decided = replace(submission, state="accepted", decided_by=actor.id, decided_at=now)
    return Decision(
        saves=(decided, replace(requirement, state="accepted")),
        relies=(deal,),
        audits=(Audit("evidence.accept", f"submission:{submission.id}", after={"requirement": requirement.id}),),
        notices=_verdict(submission, deal),
        redraws=_shown(submission, deal),
    )


def send_back(
    submission: Submission,
    *,
    requirement: Requirement,
    requirements: Sequence[Requirement],
    original: Original,
    deal: Deal,
    actor: Member,
    reason: str,
    now: datetime,
    policy: Policy,
) -> Decision:
    """A person found it wanting, for a reason: the requirement is open again. R-EVD-5, R-GATE-2.

    Behind its freezing due it gets 24 hours more, twice; the third time it freezes at once. The file may be used for
    another deal. Raises Refusal without a reason.
    """
    if not reason.strip():
        raise Refusal("R-EVD-5", "退回要一句理由，如「看不清」。")
    decided = replace(submission, state="rejected", decided_by=actor.id, decided_at=now, reason=reason.strip()[:100])
    reopened = reopen(requirement, now=now, policy=policy)
    after = [reopened if each.id == reopened.id else each for each in requirements]
    entry = Audit(
        "evidence.reject", f"submission:{submission.id}", after={"requirement": requirement.id}, why=decided.reason
    )
    return Decision(
        saves=(decided, reopened, replace(original, deal_id=0)),
        relies=(deal,),
        audits=(entry,),
        notices=_verdict(submission, deal),
        redraws=_shown(submission, deal),
        timers=freeze_timer(deal, after, now=now),
    )


def reopen(requirement: Requirement, *, now: datetime, policy: Policy) -> Requirement:
    """The requirement without its submission; 24 hours more behind its freezing due, at most twice. R-GATE-2."""
    late = requirement.freeze_at is not None and requirement.freeze_at <= now
    if late and requirement.extended < policy.rejections_extended:
        return replace(requirement, state="open", freeze_at=now + policy.thaw_life, extended=requirement.extended + 1)
    return replace(requirement, state="open")


def take_back(
    submission: Submission,
    *,
    requirement: Requirement,
    requirements: Sequence[Requirement],
    original: Original,
    deal: Deal,
    offered: tuple[str, ...],
    actor: Member,
    now: datetime,
) -> Decision:
    """不是这单: the file is kept and asks again whose it is; the requirement is open as if it had never come. R-EVD-1.

    Raises Refusal for anybody but who sent it, and once it was decided.
    """
    if actor.id != submission.member_id:
        raise Refusal("R-EVD-1", "谁传的谁来改，你看看就好。")
    if submission.state != "waiting":
        raise Refusal("R-EVD-1", "这份已经有结果了，改不了归属。")
    reopened = replace(requirement, state="open")
    after = [reopened if each.id == reopened.id else each for each in requirements]
    asking = replace(submission, state="asking", requirement_id="", deal_id=0, offered=offered)
    return Decision(
        saves=(asking, reopened, replace(original, deal_id=0)),
        relies=(deal,),
        audits=(Audit("evidence.take_back", f"submission:{submission.id}", before={"requirement": requirement.id}),),
        redraws=_shown(submission, deal),
        timers=freeze_timer(deal, after, now=now),
    )


def nudge(submission: Submission, *, goes_up: bool = False) -> Decision:
    """24 hours undecided: whoever was asked last is asked again. Nothing when it was decided. R-EVD-5.

    Nor when it goes up to somebody at the same time, after a downtime. R-TIME-6.
    """
    if submission.state != "waiting":
        return Decision(looked=(Looked("R-EVD-5", f"submission:{submission.id}", "it was decided"),))
    if goes_up:
        return Decision(looked=(Looked("R-TIME-6", f"submission:{submission.id}", "it goes up now"),))
    return Decision(notices=(_ask(submission),))


def escalate(submission: Submission, *, superiors: Sequence[Member], deal: Deal) -> Decision:
    """48 hours undecided: the next above may decide too. Nothing when it was decided or nobody is above. R-EVD-5."""
    above = next_above(submission, superiors=superiors, deal=deal)
    if submission.state != "waiting" or not above:
        return Decision(looked=(Looked("R-EVD-5", f"submission:{submission.id}", "decided, or nobody is above"),))
    passed = replace(submission, reviewers=(*submission.reviewers, above))
    subject = f"submission:{submission.id}"
    return Decision(
        saves=(passed,),
        audits=(Audit("evidence.escalate", subject, after={"to": above}),),
        notices=(_ask(passed),),
        redraws=(subject, f"review:{submission.id}"),
    )


def next_above(submission: Submission, *, superiors: Sequence[Member], deal: Deal) -> str:
    """Who may decide when all who were asked did not; empty when nobody is above. R-EVD-5."""
    return next_reviewer(superiors, barred=(*submission.reviewers, submission.member_id, deal.owner_id))


def _ask(submission: Submission) -> Notice:
    audience = f"member:{submission.reviewers[-1]}" if submission.reviewers else "ops"
    return Notice("review", audience, "review", f"review:{submission.id}", Urgency.NOW, "R-EVD-5")


def _verdict(submission: Submission, deal: Deal) -> tuple[Notice, ...]:
    """Told at once: who sent it and, if that is somebody else, the owner. R-EVD-5."""
    told = dict.fromkeys((submission.member_id, deal.owner_id))
    subject = f"submission:{submission.id}"
    return tuple(Notice("verdict", f"member:{who}", "evidence", subject, Urgency.NOW, "R-EVD-5") for who in told)


def _shown(submission: Submission, deal: Deal) -> tuple[str, ...]:
    return (f"submission:{submission.id}", f"review:{submission.id}", subject_of(deal))
