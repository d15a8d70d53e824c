"""Timed rules of gates and reviews. R-GATE-2, R-EVD-5."""

from __future__ import annotations

from sales import approval_clock, freezes, reviews
from sales.decision import Decision, Looked
from sales.evidence import Submission
from scheduler.downtime import due_until
from storage.tx import Tx


def gate_due(tx: Tx, subject: str) -> None:
    """At the freezing due of a deal: frozen when evidence is missing, one task to one superior. R-GATE-2."""
    deal = tx.deals.get(int(subject.removeprefix("deal:")))
    if deal is None:
        tx.apply(Decision(looked=(Looked("R-GATE-2", subject, "the deal is not there"),)))
        return
    superior = reviews.next_reviewer(tx.evidence.superiors_of(deal.owner_id), barred=(deal.owner_id,))
    decision = freezes.freeze(
        deal,
        requirements=tx.evidence.requirements(deal),
        freeze_id=tx.next_number("freeze"),
        asked=superior,
        now=tx.now,
    )
    tx.apply(decision)
    tx.apply(approval_clock.follow(tx.approvals.open_of_deal(deal.id), deal=deal, decision=decision, now=tx.now))


def review_nudge(tx: Tx, subject: str) -> None:
    """24 hours undecided. R-EVD-5. After a downtime that lasted until it goes up, only that is told. R-TIME-6."""
    submission = _submission(tx, subject)
    deal = tx.deals.get(submission.deal_id) if submission else None
    if submission is None or deal is None:
        return
    up_at = tx.now + tx.policy.review_limit - tx.policy.review_nudge
    superiors = tx.evidence.superiors_of(deal.owner_id)
    goes_up = up_at <= due_until(tx) and bool(reviews.next_above(submission, superiors=superiors, deal=deal))
    tx.apply(reviews.nudge(submission, goes_up=goes_up))


def review_overdue(tx: Tx, subject: str) -> None:
    """48 hours undecided: the next above. R-EVD-5."""
    submission = _submission(tx, subject)
    deal = tx.deals.get(submission.deal_id) if submission else None
    if submission is None or deal is None:
        return
    tx.apply(reviews.escalate(submission, superiors=tx.evidence.superiors_of(deal.owner_id), deal=deal))


def _submission(tx: Tx, subject: str) -> Submission | None:
    """The submission, while it belongs to a requirement; else one line says why nothing happens. R-WHY."""
    found = tx.evidence.submission(int(subject.removeprefix("submission:")))
    if found is None or not found.deal_id:
        tx.apply(Decision(looked=(Looked("R-EVD-5", subject, "the submission is for no deal any more"),)))
        return None
    return found
