"""A quick entry that had to ask back: what was understood is kept until one answer completes it. R-QE-3, R-HOLD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sales import names
from sales.amounts import read_amount
from sales.customers import Match
from sales.errors import Refusal
from sales.money import format_wan
from sales.policy import Policy

LINE_CHARS = 500
RELATED_SCORE = 50.0
AMOUNT_EXAMPLE = "回个数就行，如 120万"


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry on its way: the facts so far and the open question.

    `ask` is "", customer, product or amount. `amounts` are the readings offered, in fen; `near` the ids of the
    customers offered; `why` says what made the amount doubtful. `customer_id` is 0 until a known customer is
    chosen; `new_customer` means a new file is wanted.
    State: open, parked (idle or overtaken by a newer one), done, dropped.
    """

    id: int
    member_id: str
    platform: str
    chat: str
    line: str
    asked_at: datetime
    customer: str = ""
    customer_id: int = 0
    new_customer: bool = False
    product: str = ""
    amount_fen: int | None = None
    ask: str = ""
    amounts: tuple[int, ...] = ()
    near: tuple[int, ...] = ()
    why: str = ""
    repaired: str = ""
    state: str = "open"
    deal_id: int = 0
    version: int = 0


def is_answerable(draft: Draft, *, now: datetime, policy: Policy) -> bool:
    """True while a typed answer in the chat still belongs to this draft: 30 minutes, the last instant too. R-HOLD."""
    return draft.state == "open" and now <= draft.asked_at + policy.draft_idle


def is_kept(draft: Draft, *, now: datetime, policy: Policy) -> bool:
    """True while the draft can be taken up again by `继续` or its own buttons: 7 days. R-HOLD."""
    return draft.state in ("open", "parked") and now <= draft.asked_at + policy.draft_kept


def with_customer(draft: Draft, match: Match) -> Draft:
    """The draft after its customer name was looked up: known, new, or with candidates to ask about. R-CUS-5."""
    if match.verdict == "known" and match.known is not None:
        return replace(draft, customer_id=match.known.id, customer=match.known.name, near=())
    if match.verdict == "new":
        return replace(draft, new_customer=True, near=())
    return replace(draft, near=tuple(n.customer.id for n in match.near))


def next_question(draft: Draft) -> Draft:
    """The draft with its next open fact in `ask`; empty when all three facts are certain. R-QE-1."""
    if not draft.customer:
        return replace(draft, ask="customer")
    if not draft.product:
        return replace(draft, ask="product")
    if not draft.customer_id and not draft.new_customer:
        return replace(draft, ask="customer")
    if draft.amount_fen is None:
        return replace(draft, ask="amount")
    return replace(draft, ask="")


def answer_amount(draft: Draft, text: str, *, policy: Policy) -> Draft:
    """The draft with the amount that was typed, or with new readings to choose from. R-QE-3, R-QE-4.

    Raises Refusal when the text holds no amount; the draft stays as it is.
    """
    reading = read_amount(text, limit_fen=policy.amount_limit_fen)
    if reading.why == "none":
        raise Refusal("R-QE-4", f"这个数没看懂，{AMOUNT_EXAMPLE}。{kept(draft)} 我记着。")
    return replace(draft, amount_fen=reading.certain, amounts=reading.choices, why=reading.why)


def rename_customer(draft: Draft, text: str) -> Draft:
    """The draft with the customer name that was typed. Raises Refusal for what is hardly a name. R-HOLD.

    Where candidates were offered, a typed name must be near to what was written, or name an organisation: a line
    about something else never becomes a customer.
    """
    name = text.strip()
    if not 2 <= len(name) <= 40 or any(mark in name for mark in "?？！!。，,\n"):
        raise Refusal("R-CUS-5", f"这不像客户名，回全称就行，如「华东医疗」。{kept(draft)} 我记着。")
    if draft.near and names.score(draft.customer, name) < RELATED_SCORE and not names.is_organisation(name):
        raise Refusal("R-CUS-5", f"没对上。回 1 到 {len(draft.near)} 选一家，或回客户全称。{kept(draft)} 我记着。")
    return replace(draft, customer=name, near=(), new_customer=False)


def choose_amount(draft: Draft, amount_fen: int) -> Draft:
    """The draft with one of the offered readings. Raises Refusal for a number that was not offered."""
    if draft.ask != "amount" or amount_fen not in draft.amounts:
        raise Refusal("R-QE-3", f"这个数不在选项里，{AMOUNT_EXAMPLE}。")
    return replace(draft, amount_fen=amount_fen, amounts=(), why="")


def kept(draft: Draft) -> str:
    """What was understood, so that the person sees nothing is lost. R-HOLD."""
    facts: Sequence[str] = [draft.customer, draft.product]
    words = [fact for fact in facts if fact]
    if draft.amount_fen is not None:
        words.append(format_wan(draft.amount_fen))
    return " · ".join(words)
