"""What somebody did on a page, as an event like any other, and its reply, shown on the page. style.md 6."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from cards import registry
from cards.blocks import Block, Buttons, Inputs
from sales.people import Member
from storage import outbox
from storage.apply import row_id
from storage.inbox import Inbound
from storage.tx import Tx
from web.desk import ANSWER_MS, Answer, Desk
from web.links import Visit

LATE = "收到了，正在办，结果在聊天里告诉你。"
_NONCE = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Shown:
    """The reply: its sentence, the card's blocks without buttons, and what to call once the browser has it."""

    text: str
    blocks: tuple[tuple[str, Block], ...] = ()
    answer: Answer | None = None
    is_late: bool = False


def nonce() -> str:
    """Names one sending of one page: sent twice, it is one event."""
    return secrets.token_hex(8)


def event_id(visit: Visit, given: str) -> str:
    """The event's id for de-duplication; a nonce that is none of ours counts as a new sending."""
    return f"page:{visit.link.id}:{given if _NONCE.fullmatch(given) else nonce()}"


async def send(desk: Desk, visit: Visit, event: str, payload: Mapping[str, Any]) -> Shown:
    """Stored, handled, answered: in the lane of the person's direct chat, where later messages go. R-LINK."""
    link = visit.link
    account = await desk.read(lambda tx: tx.people.account(link.platform, link.account))
    chat, now = account.chat if account else "", desk.now_us()
    inbound = Inbound(
        id=event, lane=f"in:{link.platform}:{link.account}:{chat}", kind="page", platform=link.platform,
        account=link.account, chat=chat, payload=orjson.dumps(payload), occurred_at=now, received_at=now,
        answer_within_ms=ANSWER_MS,
    )  # fmt: skip
    accepted = await desk.accept(inbound)
    text, blocks = await desk.read(lambda tx: _reply(tx, event, visit.member))
    answer = accepted.answer
    text = (answer.toast if answer else "") or text
    late = not text and not blocks and answer is None
    return Shown(LATE if late else text, blocks, answer, late)


def _reply(tx: Tx, event: str, viewer: Member) -> tuple[str, tuple[tuple[str, Block], ...]]:
    """The reply rows of an event as this viewer may see them now."""
    text, blocks = "", []
    for row in (outbox.reply_of(tx.conn, event), outbox.get(tx.conn, row_id(event, "card"))):
        if row is None:
            continue
        text = text or row.toast
        card = registry.show(row.card, tx, subject=row.subject, viewer=viewer, args=row.args) if row.card else None
        blocks += [block for block in card or () if not isinstance(block, Buttons | Inputs)]
    return text, tuple((type(block).__name__, block) for block in blocks)
