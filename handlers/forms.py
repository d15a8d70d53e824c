"""Forms in chat: opened, answered one by one or on the card, finished by the function of their subject. R-HOLD."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cards.form import mark
from cards.forms import FORMS
from cards.forms.field import Field, Form
from handlers.context import FINISHED, OLD_CARD, Context, action, number_of
from handlers.events import Clicked
from sales import conversations
from sales.conversations import Conversation, is_answerable, is_kept
from sales.decision import Decision, Reply, say
from sales.errors import NotVisible, Refusal


def open_form(ctx: Context, name: str, *, subject: str = "", answers: Mapping[str, str] | None = None) -> Reply | None:
    """Ask the first field that `answers` leave open; complete ones are finished at once.

    Unreadable given answers are left out and asked. An earlier open question of this chat is parked. R-HOLD.
    """
    form = FORMS[name]
    conversation = Conversation(
        id=0, member_id=ctx.member.id, platform=ctx.platform, chat=ctx.home, form=name, subject=subject, ask="",
        asked_at=ctx.at, answers={}, life_minutes=form.life_minutes,
    )  # fmt: skip
    understood = {}
    for field in form.fields:
        if given := (answers or {}).get(field.name, ""):
            try:
                understood[field.name] = _read(ctx, field, given)
            except Refusal:
                continue
    return _go_on(ctx, form, replace(conversation, answers=understood))


def open_conversation(ctx: Context) -> Conversation | None:
    """The form whose answer a text in this chat is. R-HOLD."""
    found = ctx.tx.conversations.open_in(ctx.member.id, platform=ctx.platform, chat=ctx.home)
    return found if found and is_answerable(found, now=ctx.at) else None


def answer(ctx: Context, conversation: Conversation, text: str) -> Reply | None:
    """A typed answer to the open field. A wrong one keeps the rest and asks again with an example. R-HOLD."""
    form = FORMS[conversation.form]
    field = form.field(conversation.ask)
    answers = {**conversation.answers, field.name: _read(ctx, field, text)}
    return _go_on(ctx, form, replace(conversation, answers=answers))


@action("form.submit")
def submitted(ctx: Context, click: Clicked) -> Reply | None:
    """The whole form at once. What can be read is kept, the first fault is named. R-HOLD."""
    conversation = _own(ctx, click)
    form = FORMS[conversation.form]
    answers, fault = dict(conversation.answers), ""
    for field in form.fields:
        given = click.values.get(field.name, "").strip()
        if not given:
            continue
        try:
            answers[field.name] = _read(ctx, field, given)
        except Refusal as refusal:
            fault = fault or refusal.text
    conversation = replace(conversation, answers=answers)
    if not fault:
        return _go_on(ctx, form, conversation, clicked=True)
    missing = form.next_field(answers)
    kept = replace(conversation, ask=missing.name if missing else conversation.ask)
    ctx.tx.apply(conversations.ask(kept, now=ctx.at))
    return Reply(toast=fault)


@action("form.drop")
def dropped(ctx: Context, click: Clicked) -> Reply | None:
    """Not wanted any more."""
    ctx.tx.apply(conversations.drop(_own(ctx, click)))
    return Reply(toast="好，不办了。")


def cancel(ctx: Context, conversation: Conversation) -> Reply:
    """取消 typed while the form is open."""
    ctx.tx.apply(conversations.drop(conversation))
    return say(f"好，「{FORMS[conversation.form].title}」不办了。")


def resume(ctx: Context, conversation: Conversation) -> Reply | None:
    """继续: the kept form is the open one of this chat, with all it held. R-HOLD."""
    moved = replace(conversation, platform=ctx.platform, chat=ctx.home)
    return _go_on(ctx, FORMS[conversation.form], moved)


def park(ctx: Context) -> None:
    """Another question is asked in this chat: the open form is parked, unless this very event has just ended it."""
    found = ctx.tx.conversations.open_in(ctx.member.id, platform=ctx.platform, chat=ctx.home)
    ended = {saved.id for saved in ctx.tx.decision.saves if isinstance(saved, Conversation)}
    if found and found.id not in ended:
        ctx.tx.apply(Decision(saves=(replace(found, state="parked"),)))


def newest_kept(ctx: Context) -> Conversation | None:
    """The form 继续 would bring back."""
    kept = ctx.tx.conversations.newest_kept(ctx.member.id)
    return next((c for c in kept if is_kept(c, now=ctx.at, policy=ctx.tx.policy)), None)


def _go_on(ctx: Context, form: Form, conversation: Conversation, *, clicked: bool = False) -> Reply | None:
    """Ask the next field, or finish. Whatever was open in this chat before is parked, not lost."""
    missing = form.next_field(conversation.answers)
    if missing is None:
        if conversation.id:
            ctx.tx.apply(conversations.finish(conversation))
        return FINISHED[form.name](ctx, conversation)
    conversation = replace(conversation, ask=missing.name)
    if not conversation.id:
        conversation = replace(conversation, id=ctx.tx.next_number("form"))
    earlier = ctx.tx.conversations.open_in(ctx.member.id, platform=ctx.platform, chat=ctx.home)
    if earlier and earlier.id != conversation.id:
        park(ctx)
    ctx.tx.apply(conversations.ask(conversation, now=ctx.at))
    if draft := ctx.tx.drafts.open_in(ctx.member.id, platform=ctx.platform, chat=ctx.home):
        ctx.tx.apply(Decision(saves=(replace(draft, state="parked"),)))
    if form.ear:
        return say(missing.question, toast="等你一句话" if clicked else "")
    subject = f"form:{conversation.id}"
    return Reply(toast=missing.question) if clicked and conversation.version else Reply(card="form", subject=subject)


def _read(ctx: Context, field: Field, text: str) -> str:
    """What the answer means to the field. Raises Refusal."""
    return field.understand(text, ctx.at, ctx.tx.policy)


def _own(ctx: Context, click: Clicked) -> Conversation:
    """The form of a button, when it is the person's own and still open. R-PPL-2."""
    found = ctx.tx.conversations.get(number_of(click.subject, "form"))
    if found is None or found.member_id != ctx.member.id:
        raise NotVisible("R-PPL-2", "这张卡你现在点不了。")
    if found.state in ("done", "dropped"):
        raise Refusal("R-HOLD", "这张表办过了，不用再点。")
    if not is_kept(found, now=ctx.at, policy=ctx.tx.policy):
        raise Refusal("R-HOLD", "这张表放太久了，重新说一句就行。")
    if click.stamp != mark(found):
        raise Refusal("R-HOLD", OLD_CARD)
    return found
