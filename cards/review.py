"""The review card K9: the picture, what to look at, and a decision. R-EVD-5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Fields, Menu, Picture, Text, Title
from cards.stamp import stamp
from cards.when import clock, day_clock
from sales.deals import Deal
from sales.evidence import Submission, meaning_of
from sales.people import Member
from sales.processes import DEFAULT, Evidence
from sales.reviews import REASONS, may_review
from storage.tx import Tx

OTHER = "other"


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """What the card needs. `owner` and `decider` are names, `sent` and `decided` texts."""

    submission: Submission
    deal: Deal
    evidence: Evidence
    owner: str
    sent: str
    decider: str = ""
    decided: str = ""
    may_decide: bool = False


def mark(submission: Submission) -> str:
    """The stamp of a review's buttons: the very file that was seen."""
    return stamp("review", submission.id, submission.sha)


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The submission, to who was asked to decide and to nobody else. R-EVD-5, R-PPL-2."""
    submission = tx.evidence.submission(int(subject.removeprefix("review:")))
    if submission is None or viewer is None:
        return None
    if not submission.requirement_id:
        gone = (Title("不用看了", "grey", "收回了"), Text("发的人说不是这单的，已收回。"))
        return gone if viewer.id in submission.reviewers else None
    deal = tx.deals.get(int(submission.requirement_id.partition(":")[0]))
    if deal is None or not may_review(viewer, submission, deal=deal):
        return None
    _, stage, key = submission.requirement_id.split(":")
    owner = tx.people.get(deal.owner_id)
    decider = tx.people.get(submission.decided_by) if submission.decided_by else None
    data = ReviewCard(
        submission=submission,
        deal=deal,
        evidence=DEFAULT.evidence(int(stage), key),
        owner=owner.name if owner else "—",
        sent=day_clock(submission.sent_at, tx.policy),
        decider=decider.name if decider else "",
        decided=clock(submission.decided_at, tx.policy) if submission.decided_at else "",
        may_decide=submission.state == "waiting",
    )
    return draw(data)


def draw(data: ReviewCard) -> Card:
    """K9; once decided, who decided when; grey when the file is no longer in question."""
    submission, evidence = data.submission, data.evidence
    tag = f"#{data.deal.id} {data.owner}"
    alt = f"{evidence.full}，{data.owner}发的 {submission.kind.upper()}"
    picture = Picture("preview", alt, {"sha": submission.sha, "kind": submission.kind, "name": submission.name})
    if submission.state == "accepted":
        return (
            Title(f"{evidence.name}：通过", "green", tag),
            picture,
            Fields(((data.decider[:5], data.decided),)),
        )
    if submission.state == "rejected":
        no = (data.decider[:5], data.decided), ("理由", submission.reason[:26])
        return (Title(f"{evidence.name}：退回", "grey", tag), picture, Fields(no))
    if not data.may_decide:
        return (Title(f"{evidence.name}：不用看了", "grey", tag), Fields((("提交", data.sent),)))
    doubts = [(f"▲ {m.name}", m.words) for each in submission.findings if (m := meaning_of(each))]
    rows = (("▲ 请看", evidence.look), *doubts, ("✓ 其余", "文件类型、大小、没重复"), ("提交", data.sent))
    return (
        Title(f"请看一眼：{evidence.name}", "orange", tag),
        picture,
        Fields((*rows, ("等着时", "算已提交，不冻结"))),
        _decision(submission),
    )


def _decision(submission: Submission) -> Buttons:
    subject = f"review:{submission.id}"
    accept = Button(
        "通过", Action("review.accept", subject, mark(submission)), "primary", line=f"凭证通过 {submission.id}"
    )
    choices = (*((reason, reason) for reason in REASONS), (OTHER, "其他（写一句）"))
    back = Menu(
        "退回", Action("review.back", subject, mark(submission)), choices, line=f"凭证退回 {submission.id} 看不清"
    )
    return Buttons((accept, back))
