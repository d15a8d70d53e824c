"""The demo company: its people, groups and the app under test, read from company.json."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.ids import stable

PLATFORMS = ("feishu", "wecom", "dingtalk")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Person:
    """One employee; `home` is the platform they live in."""

    id: str
    name: str
    mobile: str
    team: str
    role: str
    job_title: str
    leader: str | None
    email: str
    home: str = "feishu"

    @property
    def userid(self) -> str:
        """The person's id on WeCom and DingTalk."""
        return self.id.lower()

    @property
    def open_id(self) -> str:
        """The person's id towards this app."""
        return stable("ou_", self.id)

    @property
    def union_id(self) -> str:
        """The person's id across the apps of one maker."""
        return stable("on_", self.id)

    @property
    def user_id(self) -> str:
        """The person's id inside the company: eight letters or digits."""
        digest = stable("", "user", self.id, length=16)
        return "".join(_LETTERS[int(digest[i : i + 2], 16) % 36] for i in range(0, 16, 2))

    def id_of(self, id_type: str) -> str:
        """The id of the wanted kind: open_id, union_id or user_id."""
        return {"union_id": self.union_id, "user_id": self.user_id}.get(id_type, self.open_id)

    def ids(self) -> dict[str, str]:
        """All three ids, as events carry them."""
        return {"union_id": self.union_id, "user_id": self.user_id, "open_id": self.open_id}


@dataclass(frozen=True, slots=True)
class Group:
    """A group chat of the company at the start."""

    id: str
    name: str
    members: tuple[str, ...]
    platform: str = "feishu"
    hook: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """Who a column of the chat page shows at first, where, and the chat that is open: a group's, else their own."""

    person: str
    platform: str
    chat: str | None


@dataclass(frozen=True, slots=True)
class App:
    """The credentials of the Feishu app under test."""

    app_id: str
    app_secret: str
    encrypt_key: str
    verification_token: str
    tenant_key: str


@dataclass(frozen=True, slots=True)
class WecomApp:
    """The credentials of the WeCom app and of the smart bot beside it."""

    corp_id: str
    agent_id: int
    secret: str
    token: str
    aes_key: str
    bot_id: str
    bot_secret: str
    bot_token: str
    bot_aes_key: str


@dataclass(frozen=True, slots=True)
class DingtalkApp:
    """The credentials of the DingTalk app, and the template of its form cards."""

    app_key: str
    app_secret: str
    corp_id: str
    robot_code: str
    token: str
    aes_key: str
    form_template_id: str


@dataclass(frozen=True, slots=True)
class Company:
    """What company.json says about the platforms that are on."""

    name: str
    platforms: tuple[str, ...]
    app: App
    wecom: WecomApp
    dingtalk: DingtalkApp
    bot_name: str
    bot_aliases: tuple[str, ...]
    people: tuple[Person, ...]
    groups: tuple[Group, ...]
    columns: tuple[Column, ...]
    guide: tuple[dict[str, Any], ...]

    @property
    def bot_open_id(self) -> str:
        """The bot's own open_id."""
        return stable("ou_", "bot", self.app.app_id)

    def find(self, key: str, kinds: Iterable[str] = ("id", "name", "open_id")) -> Person | None:
        """The person with this id, name or platform id; None when there is none."""
        return next((p for p in self.people if any(getattr(p, kind) == key for kind in kinds)), None)

    def calls_bot(self, text: str) -> bool:
        """True when the text holds an @ with the bot's name or one of its short names."""
        return any(f"@{name}" in text for name in (self.bot_name, *self.bot_aliases))

    def is_bot(self, key: str) -> bool:
        """True for the bot's name, its short names, its open_id and its app_id."""
        return key in (self.bot_name, *self.bot_aliases, self.bot_open_id, self.app.app_id, "bot")


def load_company(path: Path, platforms: tuple[str, ...] = ("feishu",)) -> Company:
    """Read a company file; a missing key or a platform nobody knows stops the start with its name.

    Only groups of these platforms are there; who lives elsewhere, or has a column elsewhere, is on the first one.
    """
    unknown = [name for name in platforms if name not in PLATFORMS]
    if unknown or not platforms:
        raise ValueError(f"no such platform: {', '.join(unknown) or 'none given'}; known: {', '.join(PLATFORMS)}")
    data = json.loads(path.read_text("utf-8"))
    reader = _Reader(data, platforms)
    return Company(
        name=data["company"],
        platforms=platforms,
        app=App(**data["feishu"]),
        wecom=WecomApp(**data["wecom"]),
        dingtalk=DingtalkApp(**data["dingtalk"]),
        bot_name=data["bot"]["name"],
        bot_aliases=tuple(data["bot"].get("aliases", ())),
        people=tuple(reader.person(row) for row in data["people"]),
        groups=tuple(reader.group(row) for row in data["groups"] if row.get("platform", "feishu") in platforms),
        columns=tuple(reader.column(row) for row in data["columns"]),
        guide=tuple(reader.task(row) for row in data["guide"]),
    )


def group_id(platform: str, key: str) -> str:
    """The chat id of the group the file knows by this key on this platform, in the vendor's shape."""
    if platform == "wecom":
        return stable("wr", "group", key, length=30)
    if platform == "dingtalk":
        return stable("cid", "group", key, length=22) + "=="
    return stable("oc_", "group", key)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Rows of the file, with the platforms that are on in mind."""

    data: dict[str, Any]
    platforms: tuple[str, ...]

    def person(self, row: dict[str, Any]) -> Person:
        return Person(
            id=row["id"],
            name=row["name"],
            mobile=row["mobile"],
            team=row.get("team", ""),
            role=row.get("role", ""),
            job_title=row.get("job_title", ""),
            leader=row.get("leader"),
            email=row.get("email", f"{row['id']}@qiming.example"),
            home=self.on(row.get("platform", "feishu")),
        )

    def group(self, row: dict[str, Any]) -> Group:
        platform = row.get("platform", "feishu")
        key = group_id(platform, row["id"])
        return Group(key, row["name"], tuple(row["members"]), platform, row.get("hook", ""))

    def column(self, row: dict[str, Any]) -> Column:
        platform = self.on(row.get("platform", "feishu"))
        return Column(row["person"], platform, group_id(platform, row["group"]) if "group" in row else None)

    def task(self, row: dict[str, Any]) -> dict[str, Any]:
        """Something to try, its steps naming platforms and chats as the page knows them."""
        homes = {one["id"]: one.get("platform", "feishu") for one in self.data["people"]}
        steps = []
        for step in row["steps"]:
            place = self.column({**step, "platform": step.get("platform", homes[step["person"]])})
            rest = {key: value for key, value in step.items() if key != "group"}
            steps.append({**rest, "platform": place.platform, "chat": place.chat})
        return {**row, "steps": steps}

    def on(self, platform: str) -> str:
        """The platform when it is on, else the first one that is."""
        return platform if platform in self.platforms else self.platforms[0]
