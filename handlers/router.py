"""From an event to exactly one handler. Fixed order: card action, exact command, answer to an open question, quick
entry, then help that names what would have matched."""

from __future__ import annotations

from dataclasses import replace

from cards.choices import VIA
from handlers import (
    admin,
    alerts,
    approvals,
    chats,
    choices,
    deals,
    entry,
    evidence,
    forms,
    gates,
    jobs,
    leads,
    metrics,
    orders,
    pages,
    people,
    requests,
    reviews,
)
from handlers import help as helping
from handlers.context import ACTIONS, CHOOSE_FIRST, COMMANDS, OLD_CARD, PICKS, Command, Context, Line
from handlers.events import (
    BotAdded,
    BotRemoved,
    ChatEntered,
    Clicked,
    Event,
    JobDone,
    MenuPicked,
    Ordered,
    PeopleLeft,
    Said,
)
from sales.decision import Decision, Notice, Reply, Urgency, say
from sales.errors import Refusal
from sales.people import Member
from sales.quickentry import Reading, read_line
from storage.inbox import Inbound
from storage.tx import Tx
from storage.types import from_us

SUBJECTS = (
    admin, alerts, approvals, chats, choices, deals, entry, evidence, forms, gates, helping, leads, metrics, pages,
    people, requests, reviews,
)  # fmt: skip
"""The modules whose commands and actions are known. A new subject is one name here."""

ORDER = ("card action", "exact command", "answer to an open question", "quick entry", "help")
"""Printed by `doctor`."""

NO_FILES_YET = "图和文件我还认不出是哪单的。先打字说一句，如「录单 华东医疗 CT机 120万」。"
TYPE_PLEASE = "这个我看不懂，打字说一句就行，如「录单 华东医疗 CT机 120万」。"
POINTER = "细节发你单聊了。"


def route(tx: Tx, inbound: Inbound, event: Event) -> Reply | None:
    """The one reply to the person who acted, or nothing; what changes is collected in the tx."""
    if isinstance(event, BotAdded):
        return chats.entered(tx, inbound, event.chat_name)
    if isinstance(event, BotRemoved):
        return chats.left(tx, inbound)
    if isinstance(event, PeopleLeft):
        return people.left(tx, inbound, event)
    if isinstance(event, Ordered):
        return orders.run(tx, event)
    if isinstance(event, JobDone):
        return jobs.done(tx, inbound, event, act)
    if isinstance(event, Said) and not event.addressed:
        return None
    if not inbound.account:
        return None  # somebody outside whom the platform does not name: nobody could be bound or answered
    member = tx.people.by_account(inbound.platform, inbound.account)
    if member is None:
        return people.stranger(tx, inbound, event)
    return act(tx, inbound, event, member)


def act(tx: Tx, inbound: Inbound, event: Event, member: Member) -> Reply | None:
    """The same for a member who is known already."""
    tx.actor = member.id
    ctx = _context(tx, inbound, event, member)
    return _in_place(ctx, _guarded(ctx))


def _context(tx: Tx, inbound: Inbound, event: Event, member: Member) -> Context:
    direct = not isinstance(event, Said) or event.direct
    home = inbound.chat
    if not direct and (account := tx.people.account(inbound.platform, inbound.account)):
        home = account.chat or inbound.chat
    at = from_us(min(inbound.occurred_at, inbound.received_at))
    return Context(tx=tx, inbound=inbound, event=event, member=member, at=at, home=home)


def _guarded(ctx: Context) -> Reply | None:
    """A refusal becomes its sentence; on a click also a fresh drawing of the card that was pressed."""
    event = ctx.event
    try:
        if isinstance(event, Clicked):
            return _clicked(ctx, event)
        if isinstance(event, Said):
            people.remember_chat(ctx)
            chats.remember(ctx)
            return _said(ctx, event)
        if isinstance(event, MenuPicked):
            return _command(ctx, event.key, Line(event.key, ""))
    except Refusal as refusal:
        if isinstance(event, Clicked):
            ctx.tx.decision = Decision(redraws=(event.subject,) if event.subject else ())
            return Reply(toast=refusal.text)
        ctx.tx.decision = Decision()
        return say(refusal.text)
    return None if isinstance(event, ChatEntered) else say(TYPE_PLEASE)


def _clicked(ctx: Context, click: Clicked) -> Reply | None:
    handler = ACTIONS.get(click.action)
    if handler is None:
        raise Refusal("R-HOLD", OLD_CARD)
    if (option := click.args.get("option", "")) and "option" not in click.values:
        click = replace(click, values={**click.values, "option": option})
    if via := click.args.get(VIA, ""):
        click = replace(click, message_id=via)
    if click.action in PICKS and not click.values.get("option"):
        raise Refusal("R-HOLD", CHOOSE_FIRST)
    return handler(ctx, click)


def _said(ctx: Context, said: Said) -> Reply | None:
    text = said.text.strip()
    kept = evidence.files(ctx, said) if said.files else None
    if not text:
        return kept or say(NO_FILES_YET if said.files else TYPE_PLEASE)
    reading = read_line(text, now=ctx.at, products=ctx.tx.store.products.names(ctx.tx.conn))
    if kept is not None:
        if not (_is_whole_entry(reading) and reading.amount_fen):
            return kept
        ctx.tx.apply(Decision(notices=(_as_notice(ctx, kept),)))
    name = reading.fields.get("name", "")
    if name and name in COMMANDS and reading.intent != "deal":
        return _command(ctx, name, Line(text, reading.fields.get("rest", "")))
    if name and reading.intent != "deal":
        return say(f"「{name}」我还不会。现在能用的，说「帮助」看。")
    if (near := reading.fields.get("near", "")) and (meant := approvals.near_miss(ctx, near, text)):
        return meant
    form = forms.open_conversation(ctx)
    if form and not name and not _is_whole_entry(reading):
        return forms.answer(ctx, form, text)
    draft = entry.open_draft(ctx)
    if draft and not name and not _is_whole_entry(reading):
        return entry.answer(ctx, draft, text)
    if reading.intent == "config":
        return _command(ctx, "配置", Line(text, text))
    if reading.intent == "deal":
        return entry.quick_entry(ctx, reading, text)
    return helping.not_understood(ctx, reading)


def _is_whole_entry(reading: Reading) -> bool:
    """A new line with all of its facts is a new entry, whatever question is open."""
    return reading.intent == "deal" and bool(reading.customer and reading.product)


def _command(ctx: Context, name: str, line: Line) -> Reply | None:
    found: Command | None = COMMANDS.get(name)
    if found is None:
        return say(TYPE_PLEASE)
    if found.roles and not found.roles & set(ctx.member.roles):
        raise Refusal("R-PPL-1", f"「{found.words[0]}」你的角色还用不了。能用的说「帮助」看。")
    return found.handler(ctx, line)


def _as_notice(ctx: Context, reply: Reply) -> Notice:
    """The reply as a message of its own in the person's direct chat."""
    return Notice("reply", f"member:{ctx.member.id}", reply.card, reply.subject, Urgency.ANSWER, "R-PPL-3", reply.args)


def _in_place(ctx: Context, reply: Reply | None) -> Reply | None:
    """In a group only what anybody there may see stays; the rest goes to the person's direct chat. R-PPL-3."""
    event = ctx.event
    if not isinstance(event, Said) or reply is None:
        return reply
    if event.threaded or not event.direct:
        ctx.tx.answer_under = event.message_id
    if event.direct:
        return reply
    if not reply.private:
        return reply
    ctx.tx.apply(Decision(notices=(_as_notice(ctx, reply),)))
    return say(POINTER, private=False)
