"""Results of jobs: one function per kind. A result may come late, twice or never; each looks again. style.md 5."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from handlers import evidence
from handlers.events import ChatEntered, Clicked, Event, JobDone, Said, SentFile
from handlers.people import bind_by_mobile, tell_stranger
from sales.decision import Decision, Notice, Reply, Urgency
from sales.people import Member
from storage.inbox import Inbound
from storage.tx import Tx

Act = Callable[[Tx, Inbound, Event, Member], Reply | None]


def done(tx: Tx, inbound: Inbound, result: JobDone, act: Act) -> Reply | None:
    """Give the result to the function of its kind."""
    if result.kind == "fetch":
        return evidence.fetched(tx, result)
    return {"lookup": _looked_up}[result.kind](tx, inbound, result, act)


def _looked_up(tx: Tx, inbound: Inbound, result: JobDone, act: Act) -> Reply | None:
    """A member by their mobile: bound, and what they did is handled now, as of when they did it. R-PPL-4, R-TIME-5.

    Nobody we know: told once a day; who pressed a button has been answered by the toast.
    """
    event = _done_meanwhile(result.args)
    member = tx.people.by_account(inbound.platform, inbound.account)
    if member is None:
        chat = inbound.chat if isinstance(event, ChatEntered) or (isinstance(event, Said) and event.direct) else ""
        member = bind_by_mobile(tx, inbound, str(result.result.get("mobile", "")), chat=chat)
    if isinstance(event, Clicked):
        if member:
            _answer_alone(tx, member, act(tx, _as_of(inbound, result), event, member))
        return None
    if member is None:
        return tell_stranger(tx, inbound)
    return act(tx, _as_of(inbound, result), event, member) if isinstance(event, Said) else None


def _done_meanwhile(args: Mapping[str, Any]) -> Event:
    """What the person did before the directory was asked."""
    if clicked := args.get("clicked"):
        return Clicked(**clicked)
    said: dict[str, Any] = dict(args.get("said") or {})
    if not said:
        return ChatEntered()
    return Said(**{**said, "files": tuple(SentFile(**file) for file in said.get("files", ()))})


def _as_of(inbound: Inbound, result: JobDone) -> Inbound:
    return inbound._replace(occurred_at=int(result.args.get("at", inbound.occurred_at)))


def _answer_alone(tx: Tx, member: Member, reply: Reply | None) -> None:
    """The toast's moment is over, and the card may hang in a group: the answer goes to the person alone. R-PPL-3."""
    if reply is None:
        return
    card, args = (reply.card, reply.args) if reply.card else ("words", {"text": reply.toast})
    notice = Notice("reply", f"member:{member.id}", card, reply.subject, Urgency.ANSWER, "R-PPL-3", args)
    tx.apply(Decision(notices=(notice,)))
