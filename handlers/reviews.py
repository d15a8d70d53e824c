"""Decisions about submissions, by button and by line. R-EVD-5."""

from __future__ import annotations

import re

from cards import review as review_card
from handlers import forms
from handlers.context import OLD_CARD, Context, Line, action, command, finished, number_of
from handlers.events import Clicked
from handlers.evidence import UNSEEN, names_of
from sales import reviews
from sales.conversations import Conversation
from sales.deals import Deal
from sales.decision import Reply, say
from sales.errors import NotVisible, Refusal
from sales.evidence import Original, Submission
from sales.gates import Requirement


@command("凭证通过")
def accept(ctx: Context, line: Line) -> Reply | None:
    """The typed twin of 通过."""
    submission, _ = _numbered(ctx, line)
    return say(_accept(ctx, submission))


@command("凭证退回")
def send_back(ctx: Context, line: Line) -> Reply | None:
    """The typed twin of 退回, with its reason."""
    submission, reason = _numbered(ctx, line)
    return say(_send_back(ctx, submission, reason))


@action("review.accept")
def accept_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """通过 on the review card. R-EVD-5."""
    return Reply(toast=_accept(ctx, _clicked(ctx, click)))


@action("review.back", picks=True)
def send_back_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """A reason picked on the review card; the other is typed within 10 minutes. R-EVD-5, R-HOLD."""
    submission = _clicked(ctx, click)
    reason = click.values.get("option", "")
    if reason == review_card.OTHER:
        _check(ctx, submission)
        return forms.open_form(ctx, "review_reason", subject=click.subject)
    return Reply(toast=_send_back(ctx, submission, reason))


@finished("review_reason")
def reason_told(ctx: Context, form: Conversation) -> Reply | None:
    """The typed reason. R-HOLD."""
    return say(_send_back(ctx, _found(ctx, form.subject), form.answers["reason"]))


def _accept(ctx: Context, submission: Submission) -> str:
    deal = _check(ctx, submission)
    requirement = _requirement(ctx, submission)[0]
    ctx.tx.apply(reviews.accept(submission, requirement=requirement, deal=deal, actor=ctx.member, now=ctx.at))
    return "已通过"


def _send_back(ctx: Context, submission: Submission, reason: str) -> str:
    deal = _check(ctx, submission)
    requirement, requirements = _requirement(ctx, submission)
    original = ctx.tx.evidence.original(submission.sha) or Original(submission.sha, submission.size, submission.kind)
    decision = reviews.send_back(
        submission, requirement=requirement, requirements=requirements, original=original, deal=deal,
        actor=ctx.member, reason=reason, now=ctx.at, policy=ctx.tx.policy,
    )  # fmt: skip
    ctx.tx.apply(decision)
    return "已退回"


def _check(ctx: Context, submission: Submission) -> Deal:
    """The deal, when the actor may decide now. R-EVD-5."""
    deal = ctx.tx.deals.get(int(submission.requirement_id.partition(":")[0] or 0))
    if deal is None:
        raise Refusal("R-EVD-5", "这份现在不用看了。")
    decider = ctx.tx.people.get(submission.decided_by)
    reviews.check_reviewer(
        submission, deal=deal, actor=ctx.member, names=names_of(ctx.tx, submission.reviewers),
        decider=decider.name if decider else "",
    )  # fmt: skip
    return deal


def _requirement(ctx: Context, submission: Submission) -> tuple[Requirement, tuple[Requirement, ...]]:
    deal = ctx.tx.deals.get(submission.deal_id)
    requirements = ctx.tx.evidence.requirements(deal) if deal else ()
    found = next((each for each in requirements if each.id == submission.requirement_id), None)
    if found is None:
        raise Refusal("R-EVD-5", "这份现在不用看了。")
    return found, requirements


def _clicked(ctx: Context, click: Clicked) -> Submission:
    """The submission of a button, when it shows the file that is meant."""
    found = _found(ctx, click.subject)
    if click.stamp != review_card.mark(found):
        raise Refusal("R-EVD-5", OLD_CARD)
    return found


def _numbered(ctx: Context, line: Line) -> tuple[Submission, str]:
    found = re.match(r"#?(\d{1,9})\s*[，,、:： ]?\s*(.*)", line.rest, re.DOTALL)
    if not found:
        raise Refusal("R-EVD-5", "说清哪份，编号在卡上，如「凭证通过 12」。")
    return _found(ctx, found[1]), found[2]


def _found(ctx: Context, subject: str) -> Submission:
    """The submission, as far as the actor has to do with it. R-PPL-2."""
    found = ctx.tx.evidence.submission(number_of(subject, "review"))
    deal = ctx.tx.deals.get(int(found.requirement_id.partition(":")[0] or 0)) if found else None
    if found is None or deal is None:
        raise NotVisible("R-PPL-2", UNSEEN)
    mine = ctx.member.id == found.member_id or ctx.tx.people.sees(ctx.member, deal.owner_id)
    if not mine and not reviews.may_review(ctx.member, found, deal=deal):
        raise NotVisible("R-PPL-2", UNSEEN)
    return found
