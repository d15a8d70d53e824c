"""Quick entry 极速录入: one line becomes a deal, or a question that keeps what was understood. R-QE-1, R-HOLD."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from cards.draft import mark
from handlers import forms
from handlers.context import LEADING, OLD_CARD, Context, Line, action, command, finished, number_of
from handlers.events import Clicked
from sales import names
from sales.amounts import read_amount
from sales.calendar import day_of
from sales.conversations import Conversation
from sales.customers import Customer, Match, Near, count_peeks, match
from sales.deals import open_deal
from sales.decision import Audit, Become, Decision, Reply, say
from sales.drafts import (
    AMOUNT_EXAMPLE,
    LINE_CHARS,
    Draft,
    answer_amount,
    choose_amount,
    is_answerable,
    is_kept,
    kept,
    next_question,
    rename_customer,
    with_customer,
)
from sales.errors import NotVisible, Refusal
from sales.people import may_log_deals
from sales.quickentry import Reading

NAME_CHARS = 60


@command("录单", topic="录单", example="录单 华东医疗 CT机 120万", roles=LEADING, rank=2)
def bare(ctx: Context, line: Line) -> Reply | None:
    """The word alone: the three facts as a form, which may also be answered one by one. R-QE-1."""
    _may_log(ctx)
    return forms.open_form(ctx, "deal")


@finished("deal")
def filled_in(ctx: Context, form: Conversation) -> Reply | None:
    """The form's three facts, read as strictly as a line. R-QE-1, R-QE-3."""
    _may_log(ctx)
    given = form.answers
    reading = read_amount(given["amount"], limit_fen=ctx.tx.policy.amount_limit_fen)
    draft = Draft(
        id=0,
        member_id=ctx.member.id,
        platform=ctx.platform,
        chat=ctx.home,
        line=f"录单 {given['customer']} {given['product']} {given['amount']}"[:LINE_CHARS],
        asked_at=ctx.at,
        customer=given["customer"],
        product=given["product"],
        amount_fen=reading.certain,
        amounts=reading.choices,
        why=reading.why,
    )
    return _go_on(ctx, draft)


def quick_entry(ctx: Context, reading: Reading, text: str) -> Reply | None:
    """Save the deal when all three facts are certain, else ask the first open one. R-QE-1, R-QE-3."""
    _may_log(ctx)
    if not (reading.customer or reading.product or reading.amount_fen or reading.amount_choices or reading.why):
        return forms.open_form(ctx, "deal")
    draft = Draft(
        id=0,
        member_id=ctx.member.id,
        platform=ctx.platform,
        chat=ctx.home,
        line=text[:LINE_CHARS],
        asked_at=ctx.at,
        customer=reading.customer[:NAME_CHARS],
        product=reading.product[:NAME_CHARS],
        amount_fen=reading.amount_fen,
        amounts=tuple(reading.amount_choices),
        why=reading.why,
        repaired=reading.repaired,
    )
    return _go_on(ctx, draft)


def answer(ctx: Context, draft: Draft, text: str) -> Reply | None:
    """A typed answer to the open question; a wrong one keeps the rest and asks again. R-HOLD."""
    if draft.ask == "amount":
        return _go_on(ctx, answer_amount(draft, text, policy=ctx.tx.policy))
    if draft.ask == "product":
        return _go_on(ctx, replace(draft, product=text.strip()[:NAME_CHARS]))
    picked = re.fullmatch(r"(?:是\s*)?([1-9])", text.strip())
    if picked and int(picked[1]) <= len(draft.near):
        return _take_customer(ctx, draft, draft.near[int(picked[1]) - 1])
    return _go_on(ctx, rename_customer(draft, text[:NAME_CHARS]))


def open_draft(ctx: Context) -> Draft | None:
    """The question that is open in this chat, while typed answers still belong to it. R-HOLD."""
    draft = ctx.tx.drafts.open_in(ctx.member.id, platform=ctx.platform, chat=ctx.home)
    return draft if draft and is_answerable(draft, now=ctx.at, policy=ctx.tx.policy) else None


@command("取消", "算了", topic="", example="取消")
def cancel(ctx: Context, line: Line) -> Reply | None:
    """Drop the open question."""
    if form := forms.open_conversation(ctx):
        return forms.cancel(ctx, form)
    draft = open_draft(ctx)
    if draft is None:
        raise Refusal("R-HOLD", "现在没有要取消的。录错了就说「撤销」。")
    return say(_drop(ctx, draft))


@command("继续", topic="", example="继续")
def resume(ctx: Context, line: Line) -> Reply | None:
    """Take up the newest kept draft, of whatever platform, in this chat. R-HOLD."""
    drafts = ctx.tx.drafts.newest_kept(ctx.member.id)
    draft = next((d for d in drafts if is_kept(d, now=ctx.at, policy=ctx.tx.policy)), None)
    form = forms.newest_kept(ctx)
    if form and (draft is None or draft.asked_at < form.asked_at):
        return forms.resume(ctx, form)
    if draft is None:
        raise Refusal("R-HOLD", "没有放着的草稿。要录就说：录单 客户 产品 金额")
    return _ask(ctx, replace(draft, platform=ctx.platform, chat=ctx.home))


@action("draft.amount")
def amount_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """One of the readings of the amount. R-QE-3."""
    draft = _asked(ctx, click)
    fen = click.args.get("fen", "")
    return _go_on(ctx, choose_amount(draft, int(fen) if fen.isdecimal() and len(fen) < 20 else -1), clicked=True)


@action("draft.customer")
def customer_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """One of the near customers. R-CUS-5."""
    draft = _asked(ctx, click)
    chosen = click.args.get("id", "")
    if not chosen.isdecimal() or len(chosen) > 12 or int(chosen) not in draft.near:
        raise Refusal("R-CUS-5", "这家不在选项里，回客户名就行。")
    return _take_customer(ctx, draft, int(chosen), clicked=True)


@action("draft.new_customer")
def new_customer_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """None of the near ones: a new file, unless the very same name exists. R-CUS-5."""
    draft = _asked(ctx, click)
    same = [near for near in ctx.tx.customers.similar(draft.customer, ctx.member) if near.score >= 100]
    if same:
        raise Refusal("R-CUS-5", "同名客户已经有了，换个全称再回我，如加上城市。")
    return _go_on(ctx, replace(draft, new_customer=True, customer_id=0), clicked=True)


@action("draft.other")
def other_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """None of the readings: the amount will be typed."""
    draft = replace(_asked(ctx, click), amounts=(), why="", asked_at=ctx.at)
    ctx.tx.apply(Decision(saves=(draft,), redraws=(f"draft:{draft.id}",)))
    return Reply(toast=AMOUNT_EXAMPLE)


@action("draft.drop")
def drop_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """Not wanted any more."""
    return Reply(toast=_drop(ctx, _asked(ctx, click)))


def _may_log(ctx: Context) -> None:
    if not may_log_deals(ctx.member):
        raise Refusal("R-PPL-1", "录单是销售的事，你的角色还不能录。要录，请管理员加上销售角色。")


def _asked(ctx: Context, click: Clicked) -> Draft:
    """The draft a button belongs to, when the question on the card is still the open one. R-PPL-2."""
    draft = ctx.tx.drafts.get(number_of(click.subject, "draft"))
    if draft is None:
        raise NotVisible("R-PPL-2", "这张卡你现在点不了。")
    if draft.member_id != ctx.member.id:
        asked = ctx.tx.people.get(draft.member_id)
        raise NotVisible("R-PPL-2", f"这张卡等{asked.name if asked else '别人'}点。")
    if draft.state == "done":
        raise Refusal("R-HOLD", f"已录成 #{draft.deal_id}，不用再点。")
    if not is_kept(draft, now=ctx.at, policy=ctx.tx.policy):
        raise Refusal("R-HOLD", "这张卡放太久了，重新录一句就行。")
    if click.stamp != mark(draft):
        raise Refusal("R-HOLD", OLD_CARD)
    return draft


def _take_customer(ctx: Context, draft: Draft, customer_id: int, *, clicked: bool = False) -> Reply | None:
    customer = ctx.tx.customers.get(customer_id)
    if customer is None or customer.state != "active":
        raise Refusal("R-CUS-5", "这家客户不在了，回个客户名就行。")
    if not ctx.tx.people.sees(ctx.member, customer.owner_id):
        owner = ctx.tx.people.get(customer.owner_id)
        raise Refusal("R-CUS-5", f"这是{owner.name if owner else '别人'}的客户，请他授权再录；换一家就回客户名。")
    return _go_on(ctx, replace(draft, customer_id=customer.id, customer=customer.name, near=()), clicked=clicked)


def _go_on(ctx: Context, draft: Draft, *, clicked: bool = False) -> Reply | None:
    """Look the customer up, then save the deal or ask what is still open."""
    if draft.customer and not draft.customer_id and not draft.new_customer:
        found = _match(ctx, draft.customer)
        _count_peeks(ctx, found.near)
        draft = with_customer(draft, found)
    draft = next_question(draft)
    return _ask(ctx, draft, clicked=clicked) if draft.ask else _save(ctx, draft, clicked=clicked)


def _match(ctx: Context, name: str) -> Match:
    found = ctx.tx.customers.similar(name, ctx.member)
    return match(found, near_score=ctx.tx.policy.near_name_score)


def _count_peeks(ctx: Context, near: Sequence[Near]) -> None:
    foreign = sum(1 for candidate in near if not candidate.visible)
    if foreign:
        peek = ctx.tx.customers.peek(f"{ctx.member.id}:{day_of(ctx.at, ctx.tx.policy)}")
        ctx.tx.apply(count_peeks(peek, foreign, policy=ctx.tx.policy))


def _save(ctx: Context, draft: Draft, *, clicked: bool) -> Reply | None:
    tx = ctx.tx
    customer = tx.customers.get(draft.customer_id) if draft.customer_id else None
    if customer is None:
        customer = Customer(
            id=tx.next_number("customer"), name=draft.customer, key=names.normalise(draft.customer),
            owner_id=ctx.member.id,
        )  # fmt: skip
    deal_id = tx.next_number("deal")
    tx.apply(open_deal(draft, deal_id=deal_id, customer=customer, member=ctx.member, now=ctx.at, policy=tx.policy))
    if clicked:
        tx.apply(Decision(becomes=(Become(f"draft:{draft.id}", "deal", f"deal:{deal_id}"),)))
        return Reply(toast=f"已录单 #{deal_id}")
    return Reply(card="deal", subject=f"deal:{deal_id}", args={"repaired": draft.repaired} if draft.repaired else {})


def _ask(ctx: Context, draft: Draft, *, clicked: bool = False) -> Reply | None:
    """Keep the draft as the open question of this chat; an earlier open one is parked, not lost. R-HOLD."""
    draft = replace(draft, state="open", asked_at=ctx.at)
    saves: list[Draft] = []
    forms.park(ctx)
    earlier = ctx.tx.drafts.open_in(ctx.member.id, platform=ctx.platform, chat=ctx.home)
    if earlier and earlier.id != draft.id:
        saves.append(replace(earlier, state="parked"))
    if not draft.id:
        draft = replace(draft, id=ctx.tx.next_number("draft"))
    subject = f"draft:{draft.id}"
    ctx.tx.apply(Decision(saves=(*saves, draft), redraws=(subject,)))
    return Reply(toast="还差一项，看卡片") if clicked else Reply(card="draft", subject=subject)


def _drop(ctx: Context, draft: Draft) -> str:
    subject = f"draft:{draft.id}"
    dropped = replace(draft, state="dropped")
    ctx.tx.apply(Decision(saves=(dropped,), audits=(Audit("draft.drop", subject),), redraws=(subject,)))
    words = kept(draft)
    return f"好，{words} 不录了。" if words else "好，不录了。"
