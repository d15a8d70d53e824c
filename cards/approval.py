"""A request to each person involved: K11a to who decides, K11b once it ended, K11c to the superior. R-APR-2, R-APR-3.

One live card per person, drawn from the request as it is for its viewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.approval_rows import (
    ApprovalCard,
    afterwards,
    asked_twice,
    cut,
    deal_line,
    decided_before,
    due_text,
    mark,
    title_words,
    word_wanted,
)
from cards.blocks import Action, Button, Buttons, Card, Fields, Headline, Input, Inputs, Menu, Text, Title
from cards.when import day_clock
from sales.approval_trail import ESCALATED, LATE, NUDGED, may_see, moment, subject_of
from sales.approvals import may_take, may_urge
from sales.discounts import discount_words, short_words
from sales.money import format_wan, format_yuan
from sales.people import Member
from storage.tx import Tx


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The request, to whom it touches. R-PPL-2. A push that lost its reason before it was sent is nothing. R-MERGE."""
    data = load(tx, int(subject.removeprefix("request:")), viewer, asked=str(args.get("asked", "")))
    if data is None or _lost_its_reason(tx, data, str(args.get("for", ""))):
        return None
    return draw(data)


def load(tx: Tx, request_id: int, viewer: Member | None, *, asked: str = "") -> ApprovalCard | None:
    """Rights are applied here: a request of others never reaches the drawing. R-PPL-2."""
    request = tx.approvals.get(request_id)
    deal = tx.deals.get(request.deal_id) if request else None
    if request is None or deal is None or viewer is None:
        return None
    case = tx.approvals.case(request)
    if not may_see(case, viewer):
        return None
    customer = tx.customers.get(deal.customer_id)
    name = customer.name if customer else "—"
    return ApprovalCard(case, deal, name, viewer, now=tx.now, policy=tx.policy, asked=asked)


def _lost_its_reason(tx: Tx, data: ApprovalCard, kind: str) -> bool:
    """True for a push that is not in the chat yet and is about a seat or an instant that has gone. R-TIME-3, R-TIME-6.

    A nudge gives way to overdue; what was decided meanwhile is no more asked for.
    """
    request = data.case.request
    if kind not in ("assigned", "nudge", "urged", "overdue", "escalated"):
        return False
    if tx.approvals.was_shown(subject_of(request), data.viewer, kind):
        return False
    if request.state != "open":
        return True
    if kind == "nudge" and tx.now > request.due_at and request.paused_at is None:
        return True
    return kind in ("assigned", "nudge", "urged") and data.viewer.id not in request.holders and bool(request.holders)


def draw(data: ApprovalCard) -> Card:
    """The face for this viewer in this state."""
    request, viewer = data.case.request, data.viewer
    if request.state in ("withdrawn", "unneeded"):
        return _gone(data)
    if request.state in ("approved", "rejected"):
        return _decided(data)
    if request.state == "returned":
        return _returned(data)
    if viewer.id in request.holders and request.paused_at is None:
        return _to_decide(data)
    if request.told >= LATE and viewer.id != request.initiator_id and (data.case.leads(viewer) or _is_ops(viewer)):
        return _overdue(data)
    return _waiting(data)


def _to_decide(data: ApprovalCard) -> Card:
    """K11a: reason and buttons in one block, the rest under 更多."""
    request = data.case.request
    number, subject = request.number, subject_of(request)
    step = request.step_name(request.step)
    tag = {0: f"折扣 · 等你{step}", NUDGED: f"折扣 · {day_clock(request.due_at, data.policy)[:5]} 到期"}
    fields = [
        ("原价", f"{format_yuan(request.base_fen)}，让 {format_yuan(request.base_fen - request.amount_fen)}"),
        ("商机", deal_line(data)),
        ("理由", cut(request.reason)),
        *decided_before(data),
        *afterwards(data),
        ("时限", due_text(data)),
        ("编号", number),
    ]

    def button(label: str, name: str, **more: Any) -> Button:
        return Button(label, Action(f"approval.{name}", subject, mark(request)), line=f"{label} {number}", **more)

    reason = Input("reason", "说明", "驳回、退回要写一句；同意可不写", most=200)
    buttons = (button("同意", "approve", style="primary"), button("驳回", "reject"), button("退回补充", "return"))
    more = Menu(
        "更多",
        Action("approval.more", subject, mark(request)),
        (("transfer", "转交"), ("trail", "看全程")),
        line=f"转交 {number} 姓名",
    )
    return (
        Title(title_words(data, f"{data.case.initiator.name}申请 "), "orange", tag.get(request.told, "折扣 · 已超时")),
        Headline(format_yuan(request.amount_fen)),
        Fields(tuple(fields[:7])),
        *asked_twice(data),
        Inputs("decide", (reason,), buttons),
        Buttons((more,)),
    )


def _waiting(data: ApprovalCard) -> Card:
    """On its way, for the initiator and for whoever decided before: 已送王芳; 初审已过，等张伟."""
    case, request = data.case, data.case.request
    who = case.names(request.holders)
    mine = data.viewer.id == request.initiator_id
    first = title_words(data, behind=f"已送{who}" if mine else f"等{who}")
    if request.step:
        first = f"{request.step_name(request.step - 1)}已过，等{who}"
    fields = [
        ("折扣", discount_words(request.base_fen, request.amount_fen)),
        ("商机", deal_line(data)),
        *([] if mine else [("申请", f"{case.initiator.name}：{request.reason}"[:26])]),
        *decided_before(data),
        *afterwards(data),
        ("时限", due_text(data)),
        ("编号", request.number),
    ]
    state = "已超时" if request.told >= LATE else request.step_name(request.step)
    return (
        Title(first, "blue", f"折扣 · {state}"),
        Headline(format_yuan(request.amount_fen)),
        Fields(tuple(fields)),
        *word_wanted(data),
        *_below(data),
    )


def _overdue(data: ApprovalCard) -> Card:
    """K11c, to the superior and, later, the next above and ops. R-APR-4, R-ESC."""
    case, request = data.case, data.case.request
    hours = 72 if request.told >= ESCALATED else int(request.limit.total_seconds() // 3600)
    since = moment(request.opened_at, now=data.now, policy=data.policy)
    fields = (
        ("卡在", f"{request.step_name(request.step)} {case.names(request.holders)}（{since} 起）"),
        ("商机", f"#{data.deal.id} {data.customer} {data.deal.product} {format_wan(request.amount_fen)}"[:26]),
        (f"{case.initiator.name}说"[-5:], cut(request.reason)),
        ("编号", request.number),
    )
    words = short_words(request.base_fen, request.amount_fen)
    return (Title(f"{words}等了 {hours} 小时", "red", "折扣 · 超时"), Fields(fields), *_below(data))


def _decided(data: ApprovalCard) -> Card:
    """K11b, green; red when rejected."""
    request = data.case.request
    yes = request.state == "approved"
    took = int(((request.closed_at or data.now) - request.created_at).total_seconds() // 60)
    fields = [
        ("商机", f"#{data.deal.id} {data.customer} {data.deal.product}"[:26]),
        ("原价", format_wan(request.base_fen)),
        *decided_before(data),
        ("用时", f"{took} 分钟" if took < 60 else f"{took // 60} 时 {took % 60} 分"),
        ("编号", request.number),
    ]
    return (
        Title(
            title_words(data, "已同意：" if yes else "没同意："),
            "green" if yes else "red",
            "折扣 · 办结" if yes else "折扣 · 驳回",
        ),
        Headline(format_yuan(request.amount_fen)),
        Fields(tuple(fields)),
        *word_wanted(data),
        *_below(data),
    )


def _returned(data: ApprovalCard) -> Card:
    """退回补充: the initiator's own form, filled, the question on top. R-APR-3."""
    case, request = data.case, data.case.request
    asked = case.last("returned")
    question = f"{case.circle[asked.who].name}问：{asked.words}" if asked else ""
    words = short_words(request.base_fen, request.amount_fen)
    mine = data.viewer.id == request.initiator_id
    fields = Fields(
        (
            ("折扣", discount_words(request.base_fen, request.amount_fen)),
            ("商机", deal_line(data)),
            ("理由", cut(request.reason)),
            ("编号", request.number),
        )
    )
    if not mine:
        return (Title(f"{words}等{case.initiator.name}补充", "blue", "折扣 · 退回补充"), Text(question), fields)
    again = Button("再交", Action("approval.resubmit", subject_of(request), mark(request)), style="primary")
    reason = Input("reason", "理由", value=request.reason, most=200)
    return (
        Title(f"{words}要补一点", "orange", "折扣 · 退回补充"),
        Text(question),
        fields,
        Inputs("resubmit", (reason,), (again,)),
        *_below(data),
    )


def _gone(data: ApprovalCard) -> Card:
    """Taken back, or the deal was lost. R-APR-3, R-APR-7."""
    case, request = data.case, data.case.request
    last = case.last("withdrawn", "unneeded")
    taken_back = request.state == "withdrawn"
    fields = [("商机", deal_line(data)), ("编号", request.number)]
    if last and last.words:
        fields.insert(1, ("原因" if not taken_back else "后来", cut(last.words)))
    title = title_words(data, "已撤回：" if taken_back else "不用批了：")
    return (Title(title, "grey", "折扣 · 撤回" if taken_back else "折扣 · 商机流失"), Fields(tuple(fields)))


def _below(data: ApprovalCard) -> tuple[Buttons, ...]:
    """Only buttons that will not be refused to this viewer. ux.md 0.5."""
    case, request, viewer = data.case, data.case.request, data.viewer
    subject, number = subject_of(request), request.number
    items: list[Button | Menu] = []
    if may_urge(case, viewer):
        who = case.names(request.holders)
        label = "催一下" if viewer.id == request.initiator_id or len(who) > 5 else f"催{who}"
        items.append(Button(label, Action("approval.urge", subject, mark(request)), line=f"催办 {number}"))
    if may_take(case, viewer):
        items.append(Button("我来定", Action("approval.take", subject, mark(request)), line=f"我来定 {number}"))
    if viewer.id == request.initiator_id and request.state in ("open", "returned"):
        confirm = "撤回后不再审批，要的话重新申请。"
        action = Action("approval.withdraw", subject, mark(request))
        items.append(Button("撤回", action, style="danger", confirm=confirm, line=f"撤回 {number}"))
    items.append(Button("看全程", Action("approval.trail", subject), line=f"看全程 {number}"))
    return (Buttons(tuple(items)),)


def _is_ops(viewer: Member) -> bool:
    return bool({"ops", "admin"} & set(viewer.roles))
