"""K21a and K21b: a change of the configuration or of a group's binding, before and after it is confirmed. R-ADM-1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cards.blocks import Action, Block, Button, Buttons, Card, Fields, Text, Title
from cards.stamp import stamp
from cards.when import day_clock
from sales.chats import Chat, binding_words
from sales.metrics import earlier_week, week_of
from sales.people import Member
from sales.policy import Policy
from sales.proposals import Proposal, changes, settings_after
from sales.replay import DAYS, trial_words
from sales.settings import BY_KEY, FIRST_VERSION
from storage.tx import Tx

ROWS = 3


@dataclass(frozen=True, slots=True)
class ProposalCard:
    """What the card needs. `changed` are key, value now and value then; `newest` the version now in force.

    `trial`, `touches` and `since` are words; `who` made it and when, once it is done.
    """

    proposal: Proposal
    changed: tuple[tuple[str, str, str], ...]
    newest: int
    trial: str = ""
    touches: str = ""
    who: str = ""


def mark(tx: Tx, proposal: Proposal) -> str:
    """The stamp of the confirm button: another configuration, or another binding, in force makes it void. R-ADM-2."""
    if proposal.kind == "chat":
        chat = tx.chats.get(proposal.about)
        return stamp("proposal", proposal.id, chat.bound_to if chat else "")
    newest = tx.config.newest()
    return stamp("proposal", proposal.id, newest.id if newest else FIRST_VERSION)


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The proposal, to the admin who asked for it and nobody else. R-ADM-1."""
    proposal = tx.config.proposal(int(subject.removeprefix("proposal:")))
    if proposal is None or viewer is None or viewer.id != proposal.member_id or "admin" not in viewer.roles:
        return None
    if proposal.kind == "chat":
        chat = tx.chats.get(proposal.about)
        return draw_binding(proposal, chat, mark(tx, proposal)) if chat else None
    return draw(load(tx, proposal), mark(tx, proposal))


def load(tx: Tx, proposal: Proposal) -> ProposalCard:
    """An open one against what is in force now, a done one against what was in force before it."""
    newest = tx.config.newest()
    number = newest.id if newest else FIRST_VERSION
    if proposal.state == "done":
        before, after = tx.config.get(proposal.outcome - 1), tx.config.get(proposal.outcome)
        changed = changes(before.settings if before else {}, after.settings if after else {})
        maker = tx.people.get(after.by) if after else None
        who = f"{maker.name if maker else '命令行'} · {day_clock(after.at, tx.policy)}" if after else ""
        return ProposalCard(proposal, tuple(changed), number, who=who)
    target = tx.config.get(int(proposal.about)) if proposal.kind == "rollback" else None
    after_values = settings_after(proposal, newest=newest, target=target)
    changed = changes(newest.settings if newest else {}, after_values)
    felt = any(key.startswith("ldr_") for key, _, _ in changed)
    then = tx.policy
    for key, _, new in changed:
        then = BY_KEY[key].put(then, new)
    return ProposalCard(
        proposal,
        tuple(changed),
        number,
        trial=_trial(tx, then) if felt and proposal.state == "open" else "",
        touches=_touches(tx) if felt else "全公司",
    )


def _trial(tx: Tx, after: Policy) -> str:
    last = week_of(tx.now, tx.policy)
    weeks = [earlier_week(last, back, tx.policy) for back in range(DAYS // 7 + 1)]
    facts = tx.leads.cycle_facts(tx.now - timedelta(days=DAYS), tx.now)
    return trial_words(facts, weeks=weeks, now=tx.now, before=tx.policy, after=after)


def _touches(tx: Tx) -> str:
    """Whom the alert goes to by its route. R-ALERT-2."""
    groups = [chat.name or "总监群" for chat in tx.chats.called("director")]
    directors = [] if groups else [member.name for member in tx.people.with_role("director")]
    return "、".join([*groups, *directors, *(m.name for m in tx.people.with_role("marketing_lead"))]) or "—"


def draw(data: ProposalCard, stamped: str) -> Card:
    """K21a while it is open, K21b once it is in force, grey when it was dropped."""
    proposal = data.proposal
    if proposal.state == "dropped":
        return (Title("先不改", "grey", f"配置 v{data.newest} 照旧"), Fields(_rows(data)))
    if proposal.state == "done":
        return _done(data)
    title = f"回滚到 v{proposal.about}" if proposal.kind == "rollback" else f"改 {_name(data)}"
    fields = list(_rows(data))
    if data.trial:
        fields.append(("试算", data.trial))
    fields.append(("影响", data.touches))
    if len(data.changed) == 1:
        fields.append(("生效", BY_KEY[data.changed[0][0]].since))
    return (
        Title(f"{title}，确认吗", "orange", f"配置 v{data.newest} → v{data.newest + 1}"),
        Fields(tuple(fields)),
        Buttons(_buttons(proposal, stamped)),
    )


def _done(data: ProposalCard) -> Card:
    proposal = data.proposal
    short = BY_KEY[data.changed[0][0]].short(data.changed[0][2]) if data.changed else ""
    if proposal.kind == "rollback":
        title, tag = f"已回滚：{_name(data)} {short}", f"配置 v{proposal.outcome}（内容同 v{proposal.about}）"
    else:
        title, tag = f"{_name(data)}改为 {short}", f"配置 v{proposal.outcome} 已生效"
    earlier = proposal.outcome - 1
    blocks: list[Block] = [
        Title(title, "green", tag),
        Fields((("谁", data.who), *_rows(data), ("退路", f"配置 回滚 {earlier}"))),
    ]
    if data.newest == proposal.outcome:
        back = Action("config.rollback", f"config:{earlier}", stamp("rollback", proposal.outcome))
        blocks.append(Buttons((Button("回滚", back, style="danger", line=f"配置 回滚 {earlier}"),)))
    return tuple(blocks)


def _rows(data: ProposalCard) -> tuple[tuple[str, str], ...]:
    """One change as now and then; several as a row each, and how many are left."""
    if not data.changed:
        return (("现在", "就是这样，没有要改的"),)
    if len(data.changed) == 1:
        key, old, new = data.changed[0]
        setting = BY_KEY[key]
        if data.proposal.state == "done":
            return (("现在", f"{setting.shown(new)}（原 {setting.short(old)}）"),)
        return (("现在", setting.shown(old)), ("改成", setting.shown(new)))
    rows = [
        (f"{n} 改", f"{BY_KEY[key].name} → {BY_KEY[key].short(new)}")
        for n, (key, _, new) in enumerate(data.changed[:ROWS], 1)
    ]
    left = len(data.changed) - len(rows)
    return (*rows, ("还有", f"{left} 项")) if left else tuple(rows)


def _name(data: ProposalCard) -> str:
    keys = [key for key, _, _ in data.changed] or [data.proposal.about]
    name = BY_KEY[keys[0]].name if keys[0] in BY_KEY else "配置"
    return name if len(keys) == 1 else f"{name}等 {len(keys)} 项"


def _buttons(proposal: Proposal, stamped: str) -> tuple[Button, ...]:
    subject = f"proposal:{proposal.id}"
    yes = Button("确认", Action("proposal.confirm", subject, stamped), style="primary")
    return (yes, Button("先不改", Action("proposal.drop", subject, stamp("drop", proposal.id))))


def draw_binding(proposal: Proposal, chat: Chat, stamped: str) -> Card:
    """What a group is bound to, before and after. R-PPL-3."""
    name = chat.name or "这个群"
    after = ("改成" if proposal.state == "open" else "没改成", binding_words(proposal.value))
    if proposal.state == "done":
        return (
            Title(f"{name}绑好了", "green", "群绑定"),
            Fields((("绑给", binding_words(proposal.value)),)),
            Text("群里只发这些人都能看的：合计和次数，不点名。"),
        )
    if proposal.state == "dropped":
        return (Title(f"{name}先不改", "grey", "群绑定"), Fields((("现在", binding_words(chat.bound_to)), after)))
    return (
        Title(f"{name}换绑定，确认吗", "orange", "群绑定"),
        Fields((("现在", binding_words(chat.bound_to)), after)),
        Text("群里只发这些人都能看的：合计和次数，不点名。"),
        Buttons(_buttons(proposal, stamped)),
    )
