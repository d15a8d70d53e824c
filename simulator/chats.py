"""The chats a company has at the start: one or two with the bot per person and platform, and its groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator.company import Company
from simulator.ids import stable
from simulator.messages import Message

FACES: dict[str, tuple[str, ...]] = {"feishu": ("",), "wecom": ("app", "bot"), "dingtalk": ("",)}
"""The 1:1 chats with the bot per platform; the first is meant when none is named."""


@dataclass(slots=True)
class Chat:
    """A p2p chat with the bot, or a group; members are person ids.

    `face` tells WeCom's channels apart: app and bot for p2p chats, bot and appchat for groups. `hook` is the key
    of a group's webhook, where it has one. `menu` is drawn above the input: the vendor's own entries
    {name, type, key | url, sub_button}.
    """

    id: str
    kind: str
    name: str
    members: list[str]
    bot_in: bool = True
    owner: str | None = None
    description: str = ""
    platform: str = "feishu"
    face: str = ""
    hook: str = ""
    menu: list[dict[str, Any]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def view(self) -> dict[str, Any]:
        """The chat as JSON of the control API."""
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "members": self.members,
            "bot": self.bot_in,
            "platform": self.platform,
            "face": self.face,
            "menu": self.menu,
        }


def first_chats(company: Company) -> list[Chat]:
    """All chats at the start, new objects every time."""
    direct = [
        Chat(
            direct_id(platform, face, person.id),
            "p2p",
            person.name,
            [person.id],
            platform=platform,
            face=face,
        )
        for platform in company.platforms
        for person in company.people
        for face in FACES[platform]
    ]
    groups = [
        Chat(
            group.id,
            "group",
            group.name,
            list(group.members),
            owner=group.members[0],
            platform=group.platform,
            face="bot" if group.platform == "wecom" else "",
            hook=group.hook,
        )
        for group in company.groups
    ]
    return direct + groups


def direct_id(platform: str, face: str, person_id: str) -> str:
    """The id of a person's chat with the bot; on WeCom, where the wire has none, one of ours."""
    if platform == "feishu":
        return stable("oc_", "p2p", person_id)
    if platform == "dingtalk":
        return stable("cid", "p2p", person_id, length=22) + "=="
    return f"{platform}-{face}-{person_id}"
