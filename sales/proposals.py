"""A change an admin asked for and has not confirmed yet: nothing changes before. R-ADM-1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sales.chats import Chat
from sales.decision import Audit, Decision
from sales.errors import Refusal
from sales.policy import Policy
from sales.settings import BY_KEY, FIRST_VERSION, ConfigVersion

_SHIPPED = Policy()


@dataclass(frozen=True, slots=True)
class Proposal:
    """`kind` is set (about = key, value = canonical text), rollback (about = version) or chat (about = chat's id,
    value = what it is bound to). State: open, done, dropped; `outcome` is the version it became."""

    id: int
    member_id: str
    kind: str
    about: str
    value: str
    asked_at: datetime
    state: str = "open"
    outcome: int = 0
    version: int = 0


def settings_after(proposal: Proposal, *, newest: ConfigVersion | None, target: ConfigVersion | None) -> dict[str, str]:
    """All settings once the proposal is confirmed over the newest version. `target` is the one to go back to."""
    if proposal.kind == "rollback":
        return dict(target.settings) if target else {}
    return {**(newest.settings if newest else {}), proposal.about: proposal.value}


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Key, value now and value then of every setting that differs, in the order they are listed. R-ADM-1."""
    texts = [(s.key, before.get(s.key, s.now(_SHIPPED)), after.get(s.key, s.now(_SHIPPED))) for s in BY_KEY.values()]
    return [(key, old, new) for key, old, new in texts if old != new]


def check_open(proposal: Proposal, *, now: datetime, policy: Policy) -> None:
    """Raises Refusal unless the proposal still waits; its last instant counts. R-ADM-1, R-TIME-2."""
    if proposal.state == "done":
        raise Refusal("R-ADM-1", "已经改好了，不用再点。")
    if proposal.state == "dropped":
        raise Refusal("R-ADM-1", "这次没改。要改就再说一遍。")
    if now > proposal.asked_at + policy.proposal_life:
        raise Refusal("R-ADM-1", "这张卡放太久了，再说一遍就行。")


def confirm(
    proposal: Proposal, *, newest: ConfigVersion | None, target: ConfigVersion | None, by: str, now: datetime
) -> Decision:
    """What was proposed is in force, and the proposal done. Refused when nothing would change. R-ADM-1."""
    after = settings_after(proposal, newest=newest, target=target)
    made = renew(proposal.kind, proposal.about, newest=newest, after=after, by=by, now=now)
    done = replace(proposal, state="done", outcome=made.saves[0].id)
    return made + Decision(saves=(done,), redraws=(f"proposal:{proposal.id}",))


def renew(
    kind: str, about: str, *, newest: ConfigVersion | None, after: Mapping[str, str], by: str, now: datetime
) -> Decision:
    """A new version with these settings. Whoever is second at the same instant meets its number. R-ADM-2.

    Refused when nothing would change.
    """
    changed = changes(newest.settings if newest else {}, after)
    if not changed:
        raise Refusal("R-ADM-1", "现在就是这样，没有要改的。")
    number = (newest.id if newest else FIRST_VERSION) + 1
    entry = Audit(
        f"config.{kind}",
        f"config:{number}",
        before={key: old for key, old, _ in changed},
        after={key: new for key, _, new in changed},
        why=about if kind == "rollback" else "",
    )
    return Decision(saves=(ConfigVersion(number, now, by, kind, about, after),), audits=(entry,))


def drop(proposal: Proposal) -> Decision:
    """Nothing changes."""
    return Decision(saves=(replace(proposal, state="dropped"),), redraws=(f"proposal:{proposal.id}",))


def bind_chat(proposal: Proposal, chat: Chat) -> Decision:
    """The group is bound as proposed from now on. R-PPL-3."""
    entry = Audit(
        "chat.bind", f"chat:{chat.id}", before={"bound_to": chat.bound_to}, after={"bound_to": proposal.value}
    )
    done = replace(proposal, state="done")
    bound = replace(chat, bound_to=proposal.value)
    return Decision(saves=(bound, done), audits=(entry,), redraws=(f"proposal:{proposal.id}",))
