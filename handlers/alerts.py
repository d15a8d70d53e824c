"""Alerts in chat: 知道了, 静默, 取消静默, and 看明细 from the company down to single leads. R-ALERT-5, R-DRILL."""

from __future__ import annotations

from dataclasses import replace

from cards.alert import mark
from handlers import forms
from handlers.context import OLD_CARD, Context, action, finished, number_of
from handlers.events import Clicked
from sales import alerts
from sales.alerts import Alert
from sales.conversations import Conversation
from sales.decision import Decision, Notice, Reply, Urgency
from sales.errors import NotVisible, Refusal

TO_DIRECT = "细节发你单聊了。"
UNSEEN = "这条预警你现在看不了。"


@action("alert.acknowledge")
def acknowledge(ctx: Context, click: Clicked) -> Reply | None:
    """Repeats stop for all who were told; then a sentence may be said in the own direct chat. R-ALERT-5."""
    alert = _told(ctx, click)
    by = ctx.tx.people.get(alert.acknowledged_by) if alert.acknowledged_by else None
    ctx.tx.apply(alerts.acknowledge(alert, by=ctx.member, by_name=by.name if by else "有人", now=ctx.at))
    asked = _listen(ctx, f"alert:{alert.id}")
    return replace(asked, toast="知道了，不再重发") if asked else Reply(toast="知道了，不再重发")


@finished("alert_note")
def noted(ctx: Context, form: Conversation) -> Reply | None:
    """The sentence is on the alert's cards. R-ALERT-5."""
    alert = _alert(ctx, form.subject)
    ctx.tx.apply(alerts.add_note(alert, by=ctx.member, text=form.answers["note"]))
    return Reply(card="words", args={"text": "写在卡上了。"})


@action("alert.silence", picks=True)
def silence(ctx: Context, click: Clicked) -> Reply | None:
    """Nothing about this rule and scope for a while, everywhere. R-ALERT-5."""
    alert = _told(ctx, click)
    old = ctx.tx.alerts.silence_of(alert)
    choice = click.values.get("option", "") or click.args.get("option", "")
    ctx.tx.apply(alerts.silence_for(alert, choice=choice, old=old, by=ctx.member, now=ctx.at))
    return Reply(toast=f"静默 {alerts.SILENCES[choice][1]}，还在算")


@action("alert.unsilence")
def unsilence(ctx: Context, click: Clicked) -> Reply | None:
    """The silence ends now. R-ALERT-5."""
    alert = _told(ctx, click)
    old = ctx.tx.alerts.silence_of(alert)
    ctx.tx.apply(alerts.end_silence(alert, old=old, by=ctx.member, now=ctx.at, policy=ctx.tx.policy))
    return Reply(toast="不静默了")


@action("alert.drill")
def drill(ctx: Context, click: Clicked) -> Reply | None:
    """The company's teams, a team's people, a person's leads, as of the reading on the card. R-DRILL, R-PPL-2.

    Names belong into the direct chat: from a group the answer goes there. R-PPL-3.
    """
    alert = _alert(ctx, click.subject)
    if not alerts.may_look(ctx.member) and not _supervises(ctx, click):
        raise NotVisible("R-PPL-2", UNSEEN)
    scope = click.values.get("option", "") or click.args.get("scope", "") or alert.scope
    args = {"scope": scope, "reading": click.args.get("reading", "0")}
    card = Reply(card="drill", subject=f"drill:{alert.id}", args=args)
    if _direct_chat(ctx) == ctx.inbound.chat:
        return card
    _send_direct(ctx, card)
    return Reply(toast=TO_DIRECT)


def _supervises(ctx: Context, click: Clicked) -> bool:
    """A supervisor sees the own team's subtree; the card cuts to it. R-PPL-2."""
    return "supervisor" in ctx.member.roles and bool(ctx.member.team)


def _alert(ctx: Context, subject: str) -> Alert:
    alert = ctx.tx.alerts.get(number_of(subject, "alert"))
    if alert is None:
        raise NotVisible("R-PPL-2", UNSEEN)
    return alert


def _told(ctx: Context, click: Clicked) -> Alert:
    """The alert, when one of its cards went to this person or stands where the button was pressed. R-ALERT-5."""
    alert = _alert(ctx, click.subject)
    told = ctx.tx.alerts.was_told(alert, ctx.member.id, platform=ctx.platform, message_id=click.message_id)
    if not told or ctx.member.state != "active":
        raise NotVisible("R-ALERT-5", "这张卡等收到预警的人点，你看看就好。")
    if click.stamp != mark(alert):
        raise Refusal("R-HOLD", OLD_CARD)
    return alert


def _listen(ctx: Context, subject: str) -> Reply | None:
    """Open the ear in the person's direct chat; where none is known, nothing is asked."""
    home = _direct_chat(ctx)
    if not home:
        return None
    asked = forms.open_form(replace(ctx, home=home), "alert_note", subject=subject)
    if asked is None or home == ctx.inbound.chat:
        return asked
    _send_direct(ctx, asked)
    return None


def _direct_chat(ctx: Context) -> str:
    account = ctx.tx.people.account(ctx.platform, ctx.inbound.account)
    return account.chat if account else ""


def _send_direct(ctx: Context, card: Reply) -> None:
    notice = Notice("reply", f"member:{ctx.member.id}", card.card, card.subject, Urgency.ANSWER, "R-PPL-3", card.args)
    ctx.tx.apply(Decision(notices=(notice,)))
