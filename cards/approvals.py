"""Lists of requests, 待我审批 and 我发起的, and 看全程, the timeline of one. R-APR-2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.blocks import Card, Fields, Headline, Note, Title, words
from cards.when import day_clock
from sales.approval_trail import DONE_WORDS, Request, may_see, moment
from sales.discounts import discount_words, short_words
from sales.money import format_yuan
from sales.people import Member
from storage.tx import Tx

ROWS = 10

STATES = {
    "open": "审批中", "returned": "等补充", "approved": "已同意", "rejected": "驳回", "withdrawn": "已撤回",
    "unneeded": "不用批了",
}  # fmt: skip


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The viewer's own seats, or own requests with `mine`. R-PPL-2."""
    if viewer is None:
        return None
    mine = bool(args.get("mine"))
    found, total = (tx.approvals.asked_by if mine else tx.approvals.waiting_for)(viewer, limit=ROWS)
    rows = [(str(n), _row(tx, request, mine=mine)) for n, request in enumerate(found, 1)]
    return draw(rows, total=total, mine=mine)


def draw(rows: list[tuple[str, str]], *, total: int, mine: bool) -> Card:
    """Ten rows, and how many are left."""
    if not rows:
        return words("你还没有发起过申请。要申请就说：申请 折扣 9 让12% 理由" if mine else "现在没有等你定的，挺好。")
    left = f"还有 {total - len(rows)} 条 · " if total > len(rows) else ""
    example = "说「我发起的 编号」看一条" if mine else "说「待我审批 编号」看一条"
    return (
        Title("我发起的" if mine else "待我审批", "blue" if mine else "orange", "审批"),
        Headline(f"{total} 件"),
        Fields(tuple(rows)),
        Note(f"{left}{example}"),
    )


def _row(tx: Tx, request: Request, *, mine: bool) -> str:
    what = f"{short_words(request.base_fen, request.amount_fen)} {format_yuan(request.amount_fen)}"
    if mine:
        return f"{request.number} · #{request.deal_id} {what} · {STATES[request.state]}"
    initiator = tx.people.get(request.initiator_id)
    due = day_clock(request.due_at, tx.policy)
    return f"{request.number} · {initiator.name if initiator else '—'} {what} · {due} 前"


def show_trail(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """Everything that was done with a request, to whom it touches. R-PPL-2, R-APR-2."""
    request = tx.approvals.get(int(subject.removeprefix("trail:")))
    if request is None or viewer is None:
        return None
    case = tx.approvals.case(request)
    if not may_see(case, viewer):
        return None
    rows = []
    for entry in case.trail:
        who = case.circle[entry.who].name if entry.who else "系统"
        said = f"：{entry.words}" if entry.words else ""
        to = case.names(tuple(entry.toward.split(","))) if entry.did in ("transferred", "seated") else ""
        what = f"{DONE_WORDS[entry.did]}{f'给{to}' if to else ''}{said}"
        rows.append((moment(entry.at, now=entry.at, policy=tx.policy), f"{who} {what}"))
    return draw_trail(request, rows)


def draw_trail(request: Request, rows: list[tuple[str, str]]) -> Card:
    """Instants and acts in order, the last ten."""
    left = (Note(f"前面还有 {len(rows) - ROWS} 步"),) if len(rows) > ROWS else ()
    return (
        Title(request.number, "blue", f"折扣 · {STATES[request.state]}"),
        Headline(discount_words(request.base_fen, request.amount_fen)),
        Fields(tuple(rows[-ROWS:])),
        *left,
    )
