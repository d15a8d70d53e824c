"""Leads in chat: 我的线索, 公海, 领取, and what came of a call: 接通了, 没接, 号码错, 退回. R-TOUCH, R-LEAD-POOL."""

from __future__ import annotations

import re

from cards.lead import RETURNS, mark
from handlers.context import Context, Line, action, command
from handlers.events import Clicked
from sales import cycles
from sales.calendar import day_of
from sales.decision import Reply, say
from sales.errors import NotVisible, Refusal
from sales.leads import Lead, Touch, called
from storage.tx import Tx

LEADING = ("rep", "supervisor", "director")
WITH_MARKETING = (*LEADING, "marketing", "marketing_lead")
UNSEEN = "这条线索你现在看不了。你手上的说「我的线索」。"
REASONS = dict(RETURNS)


@command("我的线索", topic="线索", example="我的线索 · 公海", roles=LEADING, rank=4)
def mine(ctx: Context, line: Line) -> Reply | None:
    """K14: what runs, soonest deadline first."""
    return Reply(card="leads")


@command("公海", roles=WITH_MARKETING)
def pool(ctx: Context, line: Line) -> Reply | None:
    """What can be claimed. R-LEAD-POOL."""
    return Reply(card="pool")


@action("leads.pool")
def pool_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """The button of a recycled lead."""
    return Reply(card="pool")


@action("lead.open")
def opened(ctx: Context, click: Clicked) -> Reply | None:
    """A row of a list: the lead's own card."""
    return Reply(card="lead", subject=_subject(_seen(ctx, click.subject)))


@command("领取", roles=("rep",))
def claim(ctx: Context, line: Line) -> Reply | None:
    """First come, first served. R-LEAD-POOL."""
    lead = _claim(ctx, _lead(ctx.tx, f"lead:{_number(line, '领取 12')}"))
    return Reply(card="lead", subject=_subject(lead))


@action("lead.claim")
def claim_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """The button on a lead of the pool. R-LEAD-POOL."""
    if "rep" not in ctx.member.roles:
        raise Refusal("R-LEAD-POOL", "线索由销售领，你的角色领不了。")
    lead = _claim(ctx, _lead(ctx.tx, click.subject))
    return Reply(card="lead", subject=_subject(lead), toast="领到了")


@command("接通了", "已联系", roles=LEADING)
def reached(ctx: Context, line: Line) -> Reply | None:
    """Somebody was spoken to. R-TOUCH."""
    lead = _touch(ctx, _held(ctx, f"lead:{_number(line, '接通了 12')}"), "reached")
    return say(f"记了 #{lead.id} {called(lead)} 接通了。")


@action("lead.reached")
def reached_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """The button. R-TOUCH."""
    _touch(ctx, _fresh(ctx, click), "reached")
    return Reply(toast="记了，接通了")


@command("没接", roles=LEADING)
def dialled(ctx: Context, line: Line) -> Reply | None:
    """Nobody answered: it stops the 24 h warning, and is no contact. R-TOUCH."""
    lead = _touch(ctx, _held(ctx, f"lead:{_number(line, '没接 12')}"), "dialled")
    return say(_nth(ctx, lead))


@action("lead.dialled")
def dialled_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """The button. R-TOUCH."""
    return Reply(toast=_nth(ctx, _touch(ctx, _fresh(ctx, click), "dialled")))


@command("号码错", roles=LEADING)
def wrong(ctx: Context, line: Line) -> Reply | None:
    """A wrong number is no touch: the lead goes back, marketing is asked. R-LEAD-INV, R-TOUCH."""
    lead = _give_back(ctx, _held(ctx, f"lead:{_number(line, '号码错 12')}"), "号码错", invalid=True)
    return say(f"#{lead.id} {called(lead)} 退回了，请市场确认号码。确认前按普通退回算。")


@action("lead.wrong")
def wrong_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """The button. R-LEAD-INV."""
    _give_back(ctx, _fresh(ctx, click), "号码错", invalid=True)
    return Reply(toast="退回了，请市场确认")


@command("退回", roles=LEADING)
def give_back(ctx: Context, line: Line) -> Reply | None:
    """Back to the pool, with a reason."""
    lead = _held(ctx, f"lead:{_number(line, '退回 12 太远')}")
    reason = re.sub(r"^\s*#?\d+\s*", "", line.rest).strip(" ，,：:")
    if not reason:
        raise Refusal("R-LEAD-24H", f"退回要一句原因，如「退回 {lead.id} 太远」。")
    _give_back(ctx, lead, reason[:200], invalid=reason.startswith(("重复", "骚扰", "垃圾", "空号")))
    return say(f"#{lead.id} {called(lead)} 退回公海了，原因：{reason[:60]}。")


@action("lead.return")
def return_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """退回▾ with its reason. R-LEAD-INV: a duplicate is asked as invalid."""
    picked = click.values.get("option", "")
    if picked not in REASONS:
        raise Refusal("R-LEAD-24H", "选一个原因再退回。")
    _give_back(ctx, _fresh(ctx, click), REASONS[picked], invalid=picked == "duplicate")
    return Reply(toast="退回公海了")


@command("确认无效", topic="线索", example="公海 · 确认无效 12", roles=("marketing", "marketing_lead"), rank=4)
def invalid(ctx: Context, line: Line) -> Reply | None:
    """Marketing says there was nothing to follow. R-LEAD-INV."""
    lead = _confirm_invalid(ctx, _lead(ctx.tx, f"lead:{_number(line, '确认无效 12')}"))
    return say(f"#{lead.id} {called(lead)} 记为无效了。")


@action("lead.invalid")
def invalid_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """The button. R-LEAD-INV."""
    lead = _lead(ctx.tx, click.subject)
    if not {"marketing", "marketing_lead"} & set(ctx.member.roles):
        raise NotVisible("R-LEAD-INV", "这张卡等市场的同事点。")
    _confirm_invalid(ctx, lead)
    return Reply(toast="记为无效")


@command("号码", roles=LEADING)
def phone(ctx: Context, line: Line) -> Reply | None:
    """The whole number, to who may see the lead, in the direct chat. R-PRIV."""
    lead = _held(ctx, f"lead:{_number(line, '号码 12')}")
    number = ctx.tx.leads.phone_of(lead)
    return say(f"#{lead.id} {called(lead)} {lead.name} {number}" if number else f"#{lead.id} 没有留号码。")


def _claim(ctx: Context, lead: Lead) -> Lead:
    day = day_of(ctx.at, ctx.tx.policy).isoformat()
    ctx.tx.apply(
        cycles.claim(
            lead,
            assignments=ctx.tx.leads.assignments_of([lead.id]).get(lead.id, ()),
            taken=ctx.tx.leads.claims_of(ctx.member.id, day),
            member=ctx.member,
            day=day,
            now=ctx.at,
            policy=ctx.tx.policy,
        )
    )
    return lead


def _touch(ctx: Context, lead: Lead, kind: str) -> Lead:
    done = Touch(ctx.inbound.id, lead.id, ctx.member.id, ctx.at, kind, "call", "chat")
    held = ctx.tx.leads.assignments_of([lead.id]).get(lead.id, ())
    if ctx.tx.leads.role_of(ctx.member, lead) != "leader" and not cycles.held_at(held, ctx.member.id, ctx.at):
        raise Refusal("R-TOUCH", f"#{lead.id} 那时不在你手上，记不了。公海里的先说「领取 {lead.id}」。")
    ctx.tx.apply(cycles.touch(lead, assignments=held, done=done, now=ctx.tx.now, policy=ctx.tx.policy))
    return lead


def _give_back(ctx: Context, lead: Lead, reason: str, *, invalid: bool) -> Lead:
    held = ctx.tx.leads.assignments_of([lead.id]).get(lead.id, ())
    ctx.tx.apply(
        cycles.give_back(lead, assignments=held, reason=reason, invalid=invalid, member=ctx.member, now=ctx.at)
    )
    return lead


def _confirm_invalid(ctx: Context, lead: Lead) -> Lead:
    held = ctx.tx.leads.assignments_of([lead.id]).get(lead.id, ())
    ctx.tx.apply(cycles.confirm_invalid(lead, assignments=held, now=ctx.at, policy=ctx.tx.policy))
    return lead


def _nth(ctx: Context, lead: Lead) -> str:
    return f"记了第 {ctx.tx.leads.tries_and_asks(lead)[0] + 1} 次没接，说上话才算接触。"


def _held(ctx: Context, subject: str) -> Lead:
    """The lead, when it is or was the actor's, or of somebody they lead. R-PPL-2."""
    lead = _seen(ctx, subject)
    if ctx.tx.leads.role_of(ctx.member, lead) in ("holder", "leader", "lost"):
        return lead
    held = ctx.tx.leads.assignments_of([lead.id]).get(lead.id, ())
    if any(one.member_id == ctx.member.id for one in held) and cycles.held_at(held, ctx.member.id, ctx.at):
        return lead
    raise NotVisible("R-PPL-2", UNSEEN)


def _fresh(ctx: Context, click: Clicked) -> Lead:
    """The lead a button belongs to, while the card shows it as it is; a late but timely touch may come after."""
    lead = _held(ctx, click.subject)
    late = click.action == "lead.reached" and lead.state == "pool" and lead.holder_id == ctx.member.id
    if click.stamp != mark(lead) and not late:
        raise Refusal("R-HOLD", "这张卡旧了，看最新那张。")
    return lead


def _seen(ctx: Context, subject: str) -> Lead:
    lead = _lead(ctx.tx, subject)
    if not ctx.tx.leads.role_of(ctx.member, lead):
        held = ctx.tx.leads.assignments_of([lead.id]).get(lead.id, ())
        if not cycles.held_at(held, ctx.member.id, ctx.at):
            raise NotVisible("R-PPL-2", UNSEEN)
    return lead


def _lead(tx: Tx, subject: str) -> Lead:
    number = subject.removeprefix("lead:")
    lead = tx.leads.get(int(number)) if number.isdecimal() and len(number) < 12 else None
    if lead is None:
        raise NotVisible("R-PPL-2", UNSEEN)
    return lead


def _number(line: Line, example: str) -> str:
    found = re.search(r"(?<!\d)(\d{1,9})(?!\d)", line.rest or line.text)
    if not found:
        raise Refusal("R-HOLD", f"带上编号，如「{example}」。编号在「我的线索」和「公海」里。")
    return found[1]


def _subject(lead: Lead) -> str:
    return cycles.lead_subject(lead.id)
