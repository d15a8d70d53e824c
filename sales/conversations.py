"""A form on its way: one open per person and chat, its answers kept until it is finished, dropped or forgotten. R-HOLD.

A form of one field is an open ear: the next text or file of the person in that chat is its answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sales.decision import Audit, Decision
from sales.policy import Policy


@dataclass(frozen=True, slots=True)
class Conversation:
    """`form` names one of `cards/forms/`, `subject` is what it is about, `ask` the field asked next.

    `answers` are the texts given so far by field name, as they were understood. `life_minutes` is how long an answer
    still belongs to it. State: open, parked (idle or overtaken by a newer one), done, dropped.
    """

    id: int
    member_id: str
    platform: str
    chat: str
    form: str
    subject: str
    ask: str
    asked_at: datetime
    answers: Mapping[str, str] = field(default_factory=dict)
    life_minutes: int = 30
    state: str = "open"
    version: int = 0


def is_answerable(conversation: Conversation, *, now: datetime) -> bool:
    """True while a text or file in the chat is its answer; the last instant counts. R-HOLD, R-TIME-2."""
    life = timedelta(minutes=conversation.life_minutes)
    return conversation.state == "open" and now <= conversation.asked_at + life


def is_kept(conversation: Conversation, *, now: datetime, policy: Policy) -> bool:
    """True while 继续 brings it back: seven days. R-HOLD."""
    return conversation.state in ("open", "parked") and now <= conversation.asked_at + policy.draft_kept


def ask(conversation: Conversation, *, now: datetime) -> Decision:
    """The conversation is the open one of its chat. R-HOLD."""
    redraws = (f"form:{conversation.id}",) if conversation.version else ()
    return Decision(saves=(replace(conversation, state="open", asked_at=now),), redraws=redraws)


def finish(conversation: Conversation) -> Decision:
    """Its answers were used."""
    return Decision(saves=(replace(conversation, state="done"),), redraws=(f"form:{conversation.id}",))


def drop(conversation: Conversation) -> Decision:
    """The person does not want it any more; nothing comes of it."""
    entry = Audit("form.drop", f"form:{conversation.id}", after={"form": conversation.form})
    return Decision(
        saves=(replace(conversation, state="dropped"),), audits=(entry,), redraws=(f"form:{conversation.id}",)
    )
