"""What a request's card is made of: its data, and the rows its faces share. R-APR-2, ux.md 4."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cards.blocks import Note, Text
from cards.stamp import stamp
from cards.when import day_clock
from sales.approval_trail import DONE_WORDS, Case, Entry, Request, moment
from sales.deals import Deal
from sales.discounts import discount_words, short_words
from sales.people import Member
from sales.policy import Policy
from sales.seats import fill

VALUE_CHARS = 26
TITLE_CHARS = 22
ASK_WORD = "要说一句吗？回我就写在卡上。"


@dataclass(frozen=True, slots=True)
class ApprovalCard:
    """What the card needs; `viewer` decides which face is shown, `asked` is a misspelt command that was meant."""

    case: Case
    deal: Deal
    customer: str
    viewer: Member
    now: datetime
    policy: Policy
    asked: str = ""


def mark(request: Request) -> str:
    """The stamp of what is decided about: these terms in this round and step, whoever sits there."""
    return stamp("request", request.id, request.step, request.round, request.amount_fen)


def asked_twice(data: ApprovalCard) -> tuple[Text, ...]:
    """After a misspelt decision: what was meant, perhaps. ux.md 3."""
    return (
        (Text(f"是要{data.asked}吗？点一下，或说「{data.asked} {data.case.request.number}」。"),) if data.asked else ()
    )


def word_wanted(data: ApprovalCard) -> tuple[Note, ...]:
    """To who has just approved without a word, while the next text is still it. R-HOLD."""
    own = data.case.last("approved", who=data.viewer.id)
    fresh = own is not None and not own.words and (data.now - own.at).total_seconds() <= 600
    return (Note(ASK_WORD),) if fresh else ()


def decided_before(data: ApprovalCard) -> list[tuple[str, str]]:
    """One row per step decided or passed: 张伟 15:02 同意：限本月签."""
    rows: dict[int, Entry] = {}
    for entry in data.case.trail:
        if entry.did in ("approved", "passed", "rejected"):
            rows[entry.step] = entry
    return [(data.case.request.step_name(step), cut(_act(data, entry))) for step, entry in sorted(rows.items())]


def _act(data: ApprovalCard, entry: Entry) -> str:
    if not entry.who:
        return f"跳过：{entry.words}"
    name = data.case.circle[entry.who].name
    when = moment(entry.at, now=data.now, policy=data.policy)
    return f"{name} {when} {DONE_WORDS[entry.did]}" + (f"：{entry.words}" if entry.words else "")


def afterwards(data: ApprovalCard) -> list[tuple[str, str]]:
    """Who comes next, as the seat would be filled now."""
    case, request = data.case, data.case.request
    if request.step + 1 >= len(request.steps):
        return []
    relation = request.steps[request.step + 1].partition(":")[2]
    before = (*case.deciders, *request.holders)
    seat = fill(relation, initiator=case.initiator, circle=case.circle, deciders=before)
    edge = f"{data.policy.discount_alone_percent:f}"
    return [("之后", cut(f"让超过 {edge}%，再到{case.names(seat.holders)}"))] if seat.holders else []


def title_words(data: ApprovalCard, before: str = "", behind: str = "") -> str:
    """8.8 折（让 12%） between two words, without the bracket where that is too long. ux.md 0.3."""
    terms = data.case.request.base_fen, data.case.request.amount_fen
    whole = f"{before}{discount_words(*terms)}{behind}"
    return whole if len(whole) <= TITLE_CHARS else f"{before}{short_words(*terms)}{behind}"


def due_text(data: ApprovalCard) -> str:
    """The instant, never a countdown. ux.md 0.4."""
    request = data.case.request
    return "商机冻结，先停着" if request.paused_at else day_clock(request.due_at, data.policy)


def deal_line(data: ApprovalCard) -> str:
    """#9 宁波博仁 彩超 · 第 7 阶段, the stage only where it fits."""
    deal = data.deal
    line = f"#{deal.id} {data.customer} {deal.product}"
    staged = f"{line} · 第 {deal.stage} 阶段"
    return staged if len(staged) <= VALUE_CHARS else cut(line)


def cut(text: str) -> str:
    """At most 26 characters. ux.md 0.3."""
    return text if len(text) <= VALUE_CHARS else text[: VALUE_CHARS - 1] + "…"
