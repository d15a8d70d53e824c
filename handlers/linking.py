"""What a file may be for: the card it replies to, the question it answers, what its text names. R-EVD-1."""

from __future__ import annotations

import re

from cards.forms import FORMS
from handlers import forms
from handlers.context import Context
from handlers.events import Said
from sales import evidence
from sales.conversations import Conversation
from sales.deals import Deal
from sales.evidence import Link
from sales.gates import Requirement
from storage import live_cards

_NUMBER = re.compile(r"(#?)\s?(\d[\d.:：/-]*)\s?([万亿元块wW台套份页张点月年日折个天人%]?)")
"""A run of digits with what stands around it: a date, a fraction or a number with a unit names no deal."""


def ear(ctx: Context) -> Conversation | None:
    """The open question whose answer is a file. R-HOLD."""
    form = forms.open_conversation(ctx)
    return form if form and FORMS[form.form].field(form.ask).takes_files else None


def linked(ctx: Context, said: Said, listening: Conversation | None) -> tuple[Link, str]:
    """What the files may be for, and a sentence about what was named but cannot take them. R-EVD-1."""
    replied = _replied(ctx, said)
    heard = _of_subject(ctx, listening.subject) if listening else []
    in_text, note = ([], "") if replied or heard else named(ctx, said.text)
    if note:
        return Link(), note
    own = [] if replied or heard or in_text else owned(ctx)
    return evidence.link(replied=replied, ear=heard, named=in_text, own=own, text=said.text), ""


def owned(ctx: Context) -> list[Requirement]:
    """The requirements of the sender's own open deals."""
    return ctx.tx.evidence.of_owner(ctx.member.id)


def _replied(ctx: Context, said: Said) -> list[Requirement]:
    """The requirements the card that was replied to is about. R-EVD-1."""
    card = live_cards.by_message(ctx.tx.conn, ctx.platform, said.parent_id) if said.parent_id else None
    return _of_subject(ctx, card.subject.removeprefix("moved:")) if card else []


def _of_subject(ctx: Context, subject: str) -> list[Requirement]:
    """The requirements a subject means, as far as the sender may see its deal. R-PPL-2."""
    kind, _, name = subject.partition(":")
    exact = ""
    if kind == "requirement":
        exact, name = name, name.partition(":")[0]
    elif kind == "submission":
        submission = ctx.tx.evidence.submission(int(name))
        exact = submission.requirement_id if submission else ""
        name = exact.partition(":")[0]
    elif kind == "freeze":
        frozen = ctx.tx.evidence.freeze(int(name))
        name = str(frozen.deal_id) if frozen else ""
    elif kind != "deal":
        return []
    deal = ctx.tx.deals.visible(int(name), ctx.member) if name else None
    found = ctx.tx.evidence.of_deals([deal]) if deal else []
    return [each for each in found if not exact or each.id == exact]


def named(ctx: Context, text: str) -> tuple[list[Requirement], str]:
    """The requirements of the deals a text names by number or customer; a sentence where that cannot be. R-EVD-1."""
    deals, note = _numbered(ctx, text)
    if not deals and not note:
        deals = [deal for deal in ctx.tx.deals.open_of(ctx.member, limit=200)[0] if _customer_in(ctx, deal, text)]
    return ctx.tx.evidence.of_deals(deals), note


def _numbered(ctx: Context, text: str) -> tuple[list[Deal], str]:
    for before, run, unit in _NUMBER.findall(text):
        number = run.strip(".:：/-")
        if not number.isdecimal() or len(number) > 9 or (unit and not before):
            continue
        deal = ctx.tx.deals.visible(int(number), ctx.member)
        if deal is None:
            if before:
                return [], f"#{number} 你现在看不了，要传先请负责人授权"
            continue
        if deal.state != "open":
            return [], f"#{deal.id} 已经不在走了，不收凭证"
        if not ctx.tx.evidence.requirements(deal):
            return [], f"#{deal.id} 现在的阶段不要凭证"
        return [deal], ""
    return [], ""


def _customer_in(ctx: Context, deal: Deal, text: str) -> bool:
    customer = ctx.tx.customers.get(deal.customer_id)
    return customer is not None and len(customer.name) > 1 and customer.name in text
