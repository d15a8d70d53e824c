"""The demo company: its people, groups and the app under test, read from company.json."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.ids import stable

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Person:
    """One employee as the platform knows them."""

    id: str
    name: str
    mobile: str
    team: str
    role: str
    job_title: str
    leader: str | None
    email: str

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


@dataclass(frozen=True, slots=True)
class Column:
    """Who a column of the chat page shows at first, and the chat that is open: a group's, else their own."""

    person: str
    chat: str | None


@dataclass(frozen=True, slots=True)
class App:
    """The credentials of the app under test."""

    app_id: str
    app_secret: str
    encrypt_key: str
    verification_token: str
    tenant_key: str


@dataclass(frozen=True, slots=True)
class Company:
    """Everything company.json says."""

    name: str
    app: App
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

    def is_bot(self, key: str) -> bool:
        """True for the bot's name, its short names, its open_id and its app_id."""
        return key in (self.bot_name, *self.bot_aliases, self.bot_open_id, self.app.app_id, "bot")


def _person(row: dict[str, Any]) -> Person:
    return Person(
        id=row["id"],
        name=row["name"],
        mobile=row["mobile"],
        team=row.get("team", ""),
        role=row.get("role", ""),
        job_title=row.get("job_title", ""),
        leader=row.get("leader"),
        email=row.get("email", f"{row['id']}@qiming.example"),
    )


def group_id(key: str) -> str:
    """The chat id of the group the file knows by this key."""
    return stable("oc_", "group", key)


def _column(row: dict[str, Any]) -> Column:
    return Column(row["person"], group_id(row["group"]) if "group" in row else None)


def _task(row: dict[str, Any]) -> dict[str, Any]:
    """Something to try, its steps naming chats as the page knows them."""
    steps = [
        {**{key: value for key, value in step.items() if key != "group"}, "chat": _column(step).chat}
        for step in row["steps"]
    ]
    return {**row, "steps": steps}


def load_company(path: Path) -> Company:
    """Read a company file; a missing key stops the start with its name."""
    data = json.loads(path.read_text("utf-8"))
    people = tuple(_person(row) for row in data["people"])
    groups = tuple(Group(group_id(row["id"]), row["name"], tuple(row["members"])) for row in data["groups"])
    return Company(
        name=data["company"],
        app=App(**data["feishu"]),
        bot_name=data["bot"]["name"],
        bot_aliases=tuple(data["bot"].get("aliases", ())),
        people=people,
        groups=groups,
        columns=tuple(_column(row) for row in data["columns"]),
        guide=tuple(_task(row) for row in data["guide"]),
    )
