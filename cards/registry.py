"""Every card by name. A card is one file with `show(tx, subject, viewer, args)`; adding one is one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cards import (
    alert,
    approval,
    approvals,
    choices,
    deal,
    deals,
    digest,
    draft,
    drill,
    evidence,
    form,
    frozen,
    gate,
    lead,
    leads,
    link,
    metric,
    peeks,
    pointer,
    proposal,
    review,
    setting,
    stranger,
    text,
)
from cards import help as helping
from cards.blocks import Card
from cards.plain import MEANS
from sales.people import Member
from storage.tx import Tx

Show = Callable[[Tx, str, Member | None, Mapping[str, Any]], Card | None]

CARDS: Mapping[str, Show] = {
    "words": text.show,
    "sure": choices.show_sure,
    "approval": approval.show,
    "approvals": approvals.show,
    "trail": approvals.show_trail,
    "deal": deal.show,
    "deals": deals.show,
    "draft": draft.show,
    "evidence": evidence.show,
    "form": form.show,
    "frozen": frozen.show,
    "gate": gate.show,
    "digest": digest.show,
    "help": helping.show,
    "peeks": peeks.show,
    "pointer": pointer.show,
    "review": review.show,
    "stranger": stranger.show,
    "settings": setting.show,
    "proposal": proposal.show,
    "alert": alert.show,
    "drill": drill.show,
    "lead": lead.show,
    "leads": leads.show_mine,
    "link": link.show,
    "pool": leads.show_pool,
    "lead_news": leads.show_news,
    "metric": metric.show,
}


def show(name: str, tx: Tx, *, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The card as it is now, for this viewer; None when there is nothing (left) the viewer may see."""
    if name == "choices":
        of = show(args["card"], tx, subject=args["of"], viewer=viewer, args=args.get("args") or {})
        return choices.draw(of, args[MEANS], via=args.get(choices.VIA, "")) if of else None
    return CARDS[name](tx, subject, viewer, args)
