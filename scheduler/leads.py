"""Timed rules of leads: warned at 24 h, recycled after 48 h, told in one list a person. R-LEAD-24H, R-LEAD-48H."""

from __future__ import annotations

from sales import cycles
from sales.decision import Decision, Looked, Notice
from sales.leadnews import AT_ONCE, PARTS, TELL_TIMER, about, part_of, windows_of
from sales.leads import LIMIT, Lead, cycle_named
from scheduler.downtime import due_until
from storage.tx import Tx
from storage.types import from_us


def warn(tx: Tx, subject: str) -> None:
    """24 h without a touch of either kind: holder and supervisor are told once. R-LEAD-24H.

    Not when the recycling is due already, after a downtime: the stronger one tells. R-TIME-6.
    """
    lead_id, start = cycle_named(subject)
    lead = tx.leads.get(lead_id)
    if lead is None or start + LIMIT < due_until(tx):
        tx.apply(Decision(looked=(Looked("R-LEAD-24H", subject, "the recycling is due too"),)))
        return
    decision = cycles.warn(lead, start, now=tx.now)
    tx.apply(decision)
    if decision.saves:
        _tell(tx, "warned", lead)


def recycle(tx: Tx, subject: str) -> None:
    """48 h without anybody reached: back to the pool; both sides and marketing are told. R-LEAD-48H."""
    lead_id, start = cycle_named(subject)
    lead = tx.leads.get(lead_id)
    if lead is None:
        return
    held = tx.leads.assignments_of([lead_id]).get(lead_id, ())
    decision = cycles.recycle(lead, start, assignments=held, now=tx.now)
    tx.apply(decision)
    if decision.saves:
        _tell(tx, "recycled", lead)


def tell(tx: Tx, subject: str) -> None:
    """A window of news is over: one card with all of it, a single lead as its own card. R-MERGE."""
    part, audience, opened = about(subject)
    since = from_us(opened)
    kind = part.partition(".")[0]
    found = tx.leads.warned(since, tx.now) if kind == "warned" else tx.leads.recycled(since, tx.now)
    leads = [lead for lead in found if _is_for(tx, lead, part, audience)]
    if not leads:
        tx.apply(Decision(looked=(Looked(PARTS[part].rule, subject, "settled meanwhile"),)))
        return
    message = PARTS[part]
    if len(leads) == 1 and message.urgency is AT_ONCE:
        card, about_what, args = "lead", cycles.lead_subject(leads[0].id), {}
    else:
        numbers = ",".join(str(lead.id) for lead in leads)
        card, about_what, args = "lead_news", "", {"kind": kind, "leads": numbers}
    notice = Notice(f"lead.{kind}", audience, card, about_what, message.urgency, message.rule, args)
    tx.apply(Decision(notices=(notice,)))


def _tell(tx: Tx, kind: str, lead: Lead) -> None:
    holder = tx.people.get(lead.holder_id)
    opening = windows_of(
        kind, holder_id=lead.holder_id, superior_id=holder.superior_id if holder else "",
        open_now=tx.leads.pending(TELL_TIMER, after=tx.now), now=tx.now, policy=tx.policy,
    )  # fmt: skip
    tx.apply(Decision(timers=opening))


def _is_for(tx: Tx, lead: Lead, part: str, audience: str) -> bool:
    who = part_of(part)
    if who == "marketing":
        return True
    kind, _, member_id = audience.partition(":")
    if who == "holder" or kind == "superior":
        return lead.holder_id == member_id
    holder = tx.people.get(lead.holder_id)
    return holder is not None and holder.superior_id == member_id
