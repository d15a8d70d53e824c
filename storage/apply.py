"""The write step: one short transaction that checks what was relied on and writes everything a decision says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection

from sales.chats import GROUP
from sales.customers import Customer
from sales.decision import Decision, Job, Looked, Notice, Reply, Urgency
from sales.delivery import opens_at
from sales.policy import Policy
from storage import audit, entities, inbox, lanes, live_cards, names, numbers, outbox, timers
from storage.engine import Store
from storage.inbox import Inbound
from storage.lanes import Claim
from storage.outbox import DONE, HELD, SUPERSEDED, UNPUSHED, WAITING, Row
from storage.types import from_us, to_us

TO_ONE = ("", "choices", "sure")
"""Replies to a press that concern only who pressed: a toast, and what leads to another press."""


@dataclass(frozen=True, slots=True)
class Step:
    """Everything one handled event writes. `now` is the business instant in microseconds.

    `hold_ms` is how long the reply waits for whoever answers inline; 0 gives it to the outbox at once.
    `answer_under` is the message a reply in a group goes under.
    """

    claim: Claim
    seq: int
    inbound: Inbound
    decision: Decision
    reply: Reply | None
    actor: str
    now: int
    policy: Policy
    numbers_taken: Mapping[str, int]
    hold_ms: int = 0
    answer_under: str = ""
    clicked_message: str = ""
    click_handle: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What a write step left behind: the reply row, whether the lane has more rows for the same lease, and whether
    there is something to send."""

    reply: Row | None
    more: bool
    sends: bool


def write(conn: Connection, store: Store, step: Step) -> Written:
    """Check the lane's fence and every version, then write. Raises Conflict or LeaseLost, having written nothing
    that the caller commits."""
    lanes.hold(conn, store, step.claim)
    decision = step.decision
    for entity in decision.relies:
        entities.check(conn, entity, lock=not store.is_sqlite)
    entities.save_all(conn, decision.saves)
    for entity in decision.saves:
        if isinstance(entity, Customer):
            names.index(conn, entity)
    numbers.keep(conn, dict(step.numbers_taken))
    chat = f"{step.inbound.platform}:{step.inbound.chat}" if step.inbound.chat else ""
    audit.write(conn, store, decision.audits, at=step.now, who=step.actor, chat=chat)
    timers.apply(conn, decision.timers, policy_version=step.policy.version)
    for change in decision.becomes:
        live_cards.become(conn, subject=change.subject, card=change.card, new_subject=change.new_subject)
    reply, sends = _write_messages(conn, store, step)
    if step.clicked_message and (card := live_cards.by_message(conn, step.inbound.platform, step.clicked_message)):
        outbox.acted(conn, card.id, at=step.now)
        if step.click_handle:
            live_cards.pressed(conn, card.id, handle=step.click_handle)
    inbox.finish(conn, step.seq)
    more = inbox.has_waiting(conn, step.claim.lane)
    if more:
        lanes.renew(conn, store, step.claim)
    else:
        lanes.release(conn, store, step.claim, due_in_ms=None)
    return Written(reply, more, sends)


def row_id(inbound_id: str, part: str) -> str:
    """The id of a message an event causes: always the same, so that it is also the platform's send key."""
    return hashlib.sha256(f"{inbound_id}|{part}".encode("utf-8", "replace")).hexdigest()[:32]


def chat_lane(platform: str, chat: str) -> str:
    """The outbox lane of a chat or, with an account, of a person's direct chat not yet known."""
    return f"out:{platform}:{chat}"


def _write_messages(conn: Connection, store: Store, step: Step) -> tuple[Row | None, bool]:
    replies = _reply_rows(conn, store, step, step.reply) if step.reply else []
    rows = [*replies]
    rows += [_fanout_row(step, notice, n) for n, notice in enumerate(step.decision.notices)]
    rows += [_job_row(step, job, n) for n, job in enumerate(step.decision.jobs)]
    rows += [_looked_row(step, looked, n) for n, looked in enumerate(step.decision.looked)]
    if rows:
        outbox.plan(conn, store, rows)
    retired: list[tuple[str, str]] = []
    for row in replies:
        if row.subject:
            live_cards.plan(conn, row)
            retired += live_cards.retire(conn, row)
    held = replies[0].id if replies and replies[0].state == HELD else ""
    shown = {row.id for row in replies}
    subjects = dict.fromkeys((*step.decision.redraws, *(b.new_subject for b in step.decision.becomes)))
    redraws = [
        _redraw_row(step, card_id, platform, subject, held)
        for subject in subjects
        for card_id, platform in live_cards.ids_of(conn, subject)
        if card_id not in shown
    ]
    redraws += [_redraw_row(step, card_id, platform, "", held) for card_id, platform in retired]
    if redraws:
        outbox.plan(conn, store, redraws, delay_ms=outbox.AFTER_ANSWER_MS if held else 0)
    return (replies[0] if replies else None), bool(redraws) or any(row.lane for row in rows)


def _reply_rows(conn: Connection, store: Store, step: Step, reply: Reply) -> list[Row]:
    """One row; two when a click waits for its toast inline and a card follows it."""
    alone = reply.card in TO_ONE and _on_group_card(conn, step)
    if not (step.hold_ms and reply.toast):
        return [_reply_row(step, reply, part="reply", alone=alone)]
    until = store.machine_ms(conn) + step.hold_ms
    toast = _reply_row(step, Reply(toast=reply.toast), part="reply", alone=alone)
    toast = replace(toast, state=HELD, hold_until=until)
    if not reply.card:
        return [toast]
    card = _reply_row(step, reply, part="card", alone=alone)
    return [toast, replace(card, kind="card", toast="", after_id=toast.id)]


def _on_group_card(conn: Connection, step: Step) -> bool:
    """True when the pressed card stands in a group: what a press is told concerns only who pressed. R-PPL-3."""
    card = live_cards.by_message(conn, step.inbound.platform, step.clicked_message) if step.clicked_message else None
    return card is not None and card.viewer.startswith(GROUP)


def _reply_row(step: Step, reply: Reply, *, part: str, alone: bool = False) -> Row:
    """`alone`: to the person's direct chat, wherever they acted."""
    inbound = step.inbound if not alone else step.inbound._replace(chat="")
    return Row(
        id=row_id(inbound.id, part),
        lane=chat_lane(inbound.platform, inbound.chat or inbound.account),
        kind="reply",
        urgency=Urgency.ANSWER,
        platform=inbound.platform,
        chat=inbound.chat,
        account=inbound.account,
        reply_to=step.answer_under,
        viewer=step.actor,
        card=reply.card,
        subject=reply.subject,
        args=dict(reply.args),
        toast=reply.toast,
        message_kind="reply",
        rule="R-TIME-3",
        policy_version=step.policy.version,
        inbound_id=inbound.id,
        planned_at=step.now,
        state=WAITING if inbound.platform else DONE,
    )


def _fanout_row(step: Step, notice: Notice, n: int) -> Row:
    opening = opens_at(notice.urgency, now=from_us(step.now), policy=step.policy)
    message = row_id(step.inbound.id, f"notice{n}")
    return Row(
        id=message,
        lane=f"out:notice:{message}",
        kind="fanout",
        urgency=notice.urgency,
        viewer=notice.audience,
        card=notice.card,
        subject=notice.subject,
        args=dict(notice.args),
        message_kind=notice.kind,
        rule=notice.rule,
        policy_version=step.policy.version,
        inbound_id=step.inbound.id,
        planned_at=step.now,
        deliver_at=to_us(opening.at) if opening.held and opening.at else None,
        held_why=opening.held,
        state=UNPUSHED if opening.at is None else WAITING,
    )


def _job_row(step: Step, job: Job, n: int) -> Row:
    message = row_id(step.inbound.id, f"job{n}")
    return Row(
        id=message,
        lane=f"out:job:{message}",
        kind="job",
        urgency=Urgency.NOW,
        platform=step.inbound.platform,
        chat=step.inbound.chat,
        account=step.inbound.account,
        card=job.kind,
        args={**job.args, "lane": step.inbound.lane, "asked_by": step.inbound.id},
        message_kind="job",
        inbound_id=step.inbound.id,
        planned_at=step.now,
    )


def plan_notices(conn: Connection, store: Store, rows: Sequence[Row]) -> None:
    """Messages to the people of a notice, each with its live card."""
    outbox.plan(conn, store, rows)
    for row in rows:
        if row.subject:
            live_cards.plan(conn, row)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Where a card is now, what it shows and offers, since when in business microseconds, and its update handle."""

    message_id: str
    chat: str
    content_hash: str
    at: int
    handle: str = ""
    offers: str = ""


def arrive(conn: Connection, store: Store, row: Row, shown: Arrived, *, alone: bool) -> None:
    """The card is in the chat. Unless it is one of a list, older ones of its object there point to it. R-MERGE."""
    live_cards.sent(conn, row.id, **asdict(shown))
    if alone and row.kind == "notice" and row.subject:
        retired = live_cards.retire_sent(conn, row, chat=shown.chat)
        if redraws := [_pointer_row(row, card_id, platform) for card_id, platform in retired]:
            outbox.plan(conn, store, redraws)


def _pointer_row(row: Row, card_id: str, platform: str) -> Row:
    return Row(
        id=row_id(row.id, f"redraw:{card_id}"),
        lane=f"out:card:{card_id}",
        kind="redraw",
        urgency=Urgency.ANSWER,
        platform=platform,
        message_kind="redraw",
        rule="R-MERGE",
        policy_version=row.policy_version,
        inbound_id=row.inbound_id,
        merge_key=f"redraw:{card_id}",
        planned_at=row.planned_at,
        args={"card_id": card_id},
    )


def _redraw_row(step: Step, card_id: str, platform: str, subject: str, after: str) -> Row:
    return Row(
        id=row_id(step.inbound.id, f"redraw:{card_id}"),
        lane=f"out:card:{card_id}",
        kind="redraw",
        urgency=Urgency.ANSWER,
        platform=platform,
        subject=subject,
        message_kind="redraw",
        rule="R-MERGE",
        policy_version=step.policy.version,
        inbound_id=step.inbound.id,
        merge_key=f"redraw:{card_id}",
        after_id=after,
        planned_at=step.now,
        args={"card_id": card_id},
    )


def _looked_row(step: Step, looked: Looked, n: int) -> Row:
    return Row(
        id=row_id(step.inbound.id, f"looked{n}"),
        lane="",
        kind="looked",
        subject=looked.subject,
        rule=looked.rule,
        policy_version=step.policy.version,
        inbound_id=step.inbound.id,
        planned_at=step.now,
        state=SUPERSEDED,
        error=looked.why,
    )
