"""Decisions in chat: on the card or by exact words, with a word to go with them. R-APR-3."""

from __future__ import annotations

from cards.approval_rows import ASK_WORD, mark
from handlers import forms
from handlers.context import OLD_CARD, Context, Line, action, command, finished
from handlers.events import Clicked
from handlers.request_lookup import NUMBER, case_of, show_trail, typed
from sales import approvals
from sales.approval_trail import Case, Request, subject_of
from sales.conversations import Conversation
from sales.decision import Reply, say
from sales.discounts import discount_words
from sales.errors import Refusal


@command("同意")
def approve(ctx: Context, line: Line) -> Reply | None:
    """Typed: the number, and a word to go with it. Exact words only. R-APR-3."""
    found = typed(ctx, line)
    if found is None:
        return Reply(card="approvals")
    return say(_approve(ctx, *found))


@command("驳回")
def reject(ctx: Context, line: Line) -> Reply | None:
    """Typed: the number and the reason. R-APR-3."""
    found = typed(ctx, line)
    return say(_reject(ctx, *found)) if found else Reply(card="approvals")


@command("退回补充")
def give_back(ctx: Context, line: Line) -> Reply | None:
    """Typed: the number and what is missing. R-APR-3."""
    found = typed(ctx, line)
    return say(_give_back(ctx, *found)) if found else Reply(card="approvals")


@command("转交")
def transfer(ctx: Context, line: Line) -> Reply | None:
    """Typed: the number and the name of who decides instead. R-APR-3."""
    found = typed(ctx, line)
    if found is None:
        return Reply(card="approvals")
    case, name = found
    return say(_transfer(ctx, case, name)) if name else _ask_whom(ctx, case)


@command("催办")
def urge(ctx: Context, line: Line) -> Reply | None:
    """Typed, with the number; the own requests without. R-APR-3."""
    found = typed(ctx, line)
    return say(_urge(ctx, found[0])) if found else Reply(card="approvals", args={"mine": "1"})


@command("撤回")
def withdraw(ctx: Context, line: Line) -> Reply | None:
    """With a request's number; without one the word takes back the last entry. R-APR-3, R-UNDO."""
    found = typed(ctx, line)
    return say(_withdraw(ctx, found[0])) if found else Reply(card="approvals", args={"mine": "1"})


@command("我来定")
def take(ctx: Context, line: Line) -> Reply | None:
    """A superior takes an overdue seat. R-APR-4."""
    found = typed(ctx, line)
    return say(_take(ctx, found[0])) if found else Reply(card="approvals")


@action("approval.approve")
def approve_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """同意 on the card, with what stands in the field."""
    return Reply(toast=_approve(ctx, _pressed(ctx, click), click.values.get("reason", ""), toast=True))


@action("approval.reject")
def reject_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """驳回 on the card; the field holds the reason. Where the card had no field, the next line is it. R-HOLD."""
    if "reason" not in click.values:
        return _ask(ctx, "approval_reject", _pressed(ctx, click))
    return Reply(toast=_reject(ctx, _pressed(ctx, click), click.values.get("reason", ""), toast=True))


@action("approval.return")
def return_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """退回补充 on the card; the field holds what is missing, or the next line. R-HOLD."""
    if "reason" not in click.values:
        return _ask(ctx, "approval_return", _pressed(ctx, click))
    return Reply(toast=_give_back(ctx, _pressed(ctx, click), click.values.get("reason", ""), toast=True))


@action("approval.more", picks=True)
def more_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """更多▾: hand over, or the whole timeline."""
    case = _pressed(ctx, click)
    if click.values.get("option") == "transfer":
        return _ask_whom(ctx, case)
    return show_trail(ctx, case)


@action("approval.urge")
def urge_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """催一下 · 催王芳."""
    return Reply(toast=_urge(ctx, case_of(ctx, click.subject)))


@action("approval.take")
def take_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """我来定."""
    return Reply(toast=_take(ctx, case_of(ctx, click.subject)))


@action("approval.withdraw")
def withdraw_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """撤回."""
    return Reply(toast=_withdraw(ctx, case_of(ctx, click.subject)))


@finished("approval_word")
def word_said(ctx: Context, form: Conversation) -> Reply | None:
    """The text after an approval stands on the cards. R-HOLD."""
    ctx.tx.apply(approvals.remark(case_of(ctx, form.subject), actor=ctx.member, words=form.answers["words"]))
    return say("写在卡上了。")


@finished("approval_reject")
def reason_said(ctx: Context, form: Conversation) -> Reply | None:
    """Why it is rejected, asked for after the press. R-APR-3."""
    return say(_reject(ctx, case_of(ctx, form.subject), form.answers["reason"]))


@finished("approval_return")
def missing_said(ctx: Context, form: Conversation) -> Reply | None:
    """What is to be added, asked for after the press. R-APR-3."""
    return say(_give_back(ctx, case_of(ctx, form.subject), form.answers["reason"]))


@finished("approval_transfer")
def whom_said(ctx: Context, form: Conversation) -> Reply | None:
    """Who takes over. R-APR-3."""
    try:
        return say(_transfer(ctx, case_of(ctx, form.subject), form.answers["to"]))
    except Refusal as refusal:
        forms.open_form(ctx, "approval_transfer", subject=form.subject)
        return say(refusal.text)


def near_miss(ctx: Context, near: str, text: str) -> Reply | None:
    """A misspelt decision is asked, never taken: 是要同意 ZK-… 吗. ux.md 3. None for words of other subjects."""
    if near not in ("同意", "驳回", "退回补充", "转交", "我来定"):
        return None
    number = NUMBER.search(text)
    request = ctx.tx.approvals.by_number(number[0]) if number else None
    if request and ctx.member.id in request.holders:
        return Reply(card="approval", subject=subject_of(request), args={"asked": near})
    return say(f"是要{near}吗？要就原样说「{near} 编号」，编号在卡上；说「待我审批」看有哪些。")


def _ask(ctx: Context, form: str, case: Case) -> Reply | None:
    """The question for a decision's reason, unless the case has moved on."""
    if moved := _moved_on(ctx, case):
        return Reply(toast=moved)
    return forms.open_form(ctx, form, subject=subject_of(case.request))


def _approve(ctx: Context, case: Case, words: str, *, toast: bool = False) -> str:
    moved = _moved_on(ctx, case)
    if moved:
        return moved
    ctx.tx.apply(
        approvals.approve(case, actor=ctx.member, now=ctx.at, policy=ctx.tx.policy, words=words)
    )  # fmt: skip
    after = _after(ctx)
    if not words.strip():
        forms.open_form(ctx, "approval_word", subject=subject_of(case.request))
    said = "已同意" if after.state == "approved" else f"已同意，到{case.names(after.holders)}了"
    asks = "" if words.strip() else ASK_WORD
    return said if toast else f"{case.request.number} {said}。{asks}"


def _reject(ctx: Context, case: Case, words: str, *, toast: bool = False) -> str:
    moved = _moved_on(ctx, case)
    if moved:
        return moved
    try:
        ctx.tx.apply(approvals.reject(case, actor=ctx.member, now=ctx.at, policy=ctx.tx.policy, words=words))
    except Refusal as refusal:
        raise _short(refusal, "写个原因再点驳回", toast=toast) from None
    return "已驳回" if toast else f"{case.request.number} 已驳回，告诉{case.initiator.name}了。"


def _give_back(ctx: Context, case: Case, words: str, *, toast: bool = False) -> str:
    moved = _moved_on(ctx, case)
    if moved:
        return moved
    try:
        ctx.tx.apply(approvals.give_back(case, actor=ctx.member, now=ctx.at, policy=ctx.tx.policy, words=words))
    except Refusal as refusal:
        raise _short(refusal, "写一句要补什么再退回", toast=toast) from None
    return (
        f"已退回，等{case.initiator.name}补充"
        if toast
        else f"{case.request.number} 已退回，等{case.initiator.name}补充。"
    )


def _short(refusal: Refusal, toast_text: str, *, toast: bool) -> Refusal:
    """On a click the field is right there: the example of a typed line is left out."""
    return Refusal(refusal.rule, toast_text) if toast and refusal.text.startswith(toast_text[:3]) else refusal


def _transfer(ctx: Context, case: Case, name: str) -> str:
    found = ctx.tx.people.by_name(name.strip().removeprefix("给").strip().partition(" ")[0])
    if len(found) != 1:
        why = "没找到" if not found else "有同名的，定不下来："
        raise Refusal(
            "R-APR-3", f"{why}「{name.strip()[:20]}」，回全名再说一遍，如「转交 {case.request.number} 周强」。"
        )
    moved = _moved_on(ctx, case)
    if moved:
        return moved
    ctx.tx.apply(approvals.transfer(case, actor=ctx.member, to=found[0], now=ctx.at, policy=ctx.tx.policy))
    return f"{case.request.number} 转给{found[0].name}了，时限不变。"


def _ask_whom(ctx: Context, case: Case) -> Reply | None:
    if ctx.member.id not in case.request.holders:
        now, policy = ctx.at, ctx.tx.policy
        raise Refusal("R-APR-3", approvals.late(case, actor=ctx.member, now=now, policy=policy))
    return forms.open_form(ctx, "approval_transfer", subject=subject_of(case.request))


def _urge(ctx: Context, case: Case) -> str:
    moved = _moved_on(ctx, case)
    if moved:
        return moved
    ctx.tx.apply(approvals.urge(case, actor=ctx.member, now=ctx.at, policy=ctx.tx.policy))
    return f"催过{case.names(case.request.holders)}了"


def _take(ctx: Context, case: Case) -> str:
    ctx.tx.apply(approvals.take(case, actor=ctx.member, now=ctx.at, policy=ctx.tx.policy))
    return "这张归你定了"


def _withdraw(ctx: Context, case: Case) -> str:
    ctx.tx.apply(approvals.withdraw(case, actor=ctx.member, now=ctx.at, policy=ctx.tx.policy))
    words = discount_words(case.request.base_fen, case.request.amount_fen)
    return f"已撤回 {words}"


def _moved_on(ctx: Context, case: Case) -> str:
    """The seat of somebody who is away or has left is filled again first; then who was told decides. R-APR-6."""
    moved = approvals.refill(case, now=ctx.at)
    if not moved.saves:
        return ""
    ctx.tx.apply(moved)
    return f"刚换成{case.names(_after(ctx).holders)}定"


def _after(ctx: Context) -> Request:
    """The request as this event leaves it."""
    return next(saved for saved in reversed(ctx.tx.decision.saves) if isinstance(saved, Request))


def _pressed(ctx: Context, click: Clicked) -> Case:
    """The request of a decision's button; to who holds the seat an old card says so, everybody else is told later."""
    case = case_of(ctx, click.subject)
    if ctx.member.id in case.request.holders and click.stamp != mark(case.request):
        raise Refusal("R-HOLD", OLD_CARD)
    return case
