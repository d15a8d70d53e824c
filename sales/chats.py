"""Groups, what they are bound to, and what the narrowest of their members may see. R-PPL-3."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sales.decision import Audit, Decision
from sales.people import ROLES, Member

HOOK = "hook:"
"""The chat of a webhook has an id with this in front."""
GROUP = "chat:"
"""A group as the viewer of a card has an id with this in front."""

WHOLE_COMPANY = frozenset({"director", "marketing", "marketing_lead", "ops", "admin"})
"""Roles that see every team's lead metrics. R-PPL-2."""

MARKETING = frozenset({"marketing", "marketing_lead"})


@dataclass(frozen=True, slots=True)
class Chat:
    """A group the bot is in; `id` is platform:chat. `bound_to` is team:PATH, roles joined by `;`, or empty.

    State: active, or removed once the bot was taken out.
    """

    id: str
    platform: str
    chat: str
    name: str = ""
    kind: str = "group"
    bound_to: str = ""
    state: str = "active"
    version: int = 0


@dataclass(frozen=True, slots=True)
class Hook:
    """The sealed key of a group's outgoing webhook; its chat is `hook:` and this id."""

    id: str
    sealed: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class GroupView:
    """What may be shown in a group, never a single person's figures. R-PPL-3.

    `team` is the root of what is counted, empty for the company. `teams`: sums of the teams below may be told apart;
    `amounts`: deal amounts may stand there.
    """

    team: str = ""
    teams: bool = False
    amounts: bool = False


def roles_of_binding(bound_to: str) -> tuple[str, ...]:
    """The roles a group is bound to; none for a team or an unbound group."""
    return () if bound_to.startswith("team:") else tuple(part for part in bound_to.split(";") if part)


def view_of(chat: Chat) -> GroupView | None:
    """What the narrowest of whom the group is bound to may see; None where only help is given. R-PPL-3.

    A team's group sees its own sums. A group of roles sees the company; its teams only where each role sees every
    team; amounts only where no marketing sits.
    """
    if chat.state != "active" or not chat.bound_to:
        return None
    if chat.bound_to.startswith("team:"):
        return GroupView(team=chat.bound_to.removeprefix("team:"), amounts=True)
    roles = set(roles_of_binding(chat.bound_to))
    return GroupView(teams=roles <= WHOLE_COMPANY, amounts="director" in roles and not roles & MARKETING)


def as_viewer(chat: Chat) -> Member:
    """The group as somebody who looks: without a role or team of its own it sees no deal, customer or lead. R-PPL-3."""
    return Member(id=GROUP + chat.id, name=chat.name or "这个群")


def is_group(viewer: Member) -> bool:
    """True when a card is drawn for a group."""
    return viewer.id.startswith(GROUP)


def entered(known: Chat | None, *, platform: str, chat: str, name: str) -> Decision:
    """The bot is in the group: it is known by its name, its binding as it was."""
    fresh = known or Chat(id=f"{platform}:{chat}", platform=platform, chat=chat)
    now = replace(fresh, name=name or fresh.name, state="active")
    return Decision() if now == known else Decision(saves=(now,))


def add_hook(known: Chat | None, *, platform: str, hook: Hook, name: str) -> Decision:
    """A group that can only be written to is known by its webhook; what it is bound to is asked next."""
    chat = entered(known, platform=platform, chat=f"{HOOK}{hook.id}", name=name)
    entry = Audit("chat.webhook", f"chat:{platform}:{HOOK}{hook.id}", after={"name": name})
    return chat + Decision(saves=(hook,), audits=(entry,))


def left(known: Chat | None) -> Decision:
    """The bot is not in the group any more: nothing is sent there, and coming back does not bring the binding back."""
    if known is None:
        return Decision()
    gone = replace(known, state="removed", bound_to="")
    entry = Audit("chat.removed", f"chat:{known.id}", before={"bound_to": known.bound_to})
    return Decision(saves=(gone,), audits=(entry,))


def read_binding(text: str, *, teams: Collection[str]) -> str | None:
    """`team:PATH` or roles joined by `;`, from what was typed; None when a part is neither. R-PPL-3.

    A team is its whole path or its last part, when only one team ends so.
    """
    words = text.removeprefix("team:").strip()
    ending = [path for path in teams if path == words or path.rpartition("/")[2] == words]
    if words in teams:
        return f"team:{words}"
    if len(ending) == 1:
        return f"team:{ending[0]}"
    by_word = {word: role for role, word in ROLES.items()} | {role: role for role in ROLES}
    for separator in "、，,；/ ":
        words = words.replace(separator, ";")
    parts = [part for part in words.split(";") if part]
    if not parts or any(part not in by_word for part in parts):
        return None
    return ";".join(dict.fromkeys(by_word[part] for part in parts))


def binding_words(bound_to: str) -> str:
    """What people read for a binding."""
    if bound_to.startswith("team:"):
        return bound_to.removeprefix("team:").rpartition("/")[2]
    return "、".join(ROLES.get(role, role) for role in roles_of_binding(bound_to)) or "没绑定"
