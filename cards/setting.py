"""What an admin can set and what was set: the list of settings and their history. R-ADM-1, R-ADM-2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Fields, Note, Text, Title
from cards.when import clock
from sales.calendar import local
from sales.people import Member
from sales.policy import Policy
from sales.settings import BY_KEY, FIRST_VERSION, SETTINGS, ConfigVersion
from storage.tx import Tx

ROWS = 6


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The settings in force or, with `view` history, their versions; to admins."""
    if viewer is None or "admin" not in viewer.roles:
        return None
    if args.get("view") != "history":
        return draw(tx.policy)
    versions = tx.config.history(limit=ROWS + 1)
    return draw_history([(version.id, _line(tx, version)) for version in versions])


def draw(policy: Policy) -> Card:
    """Each setting with what is in force, by the name it is set by."""
    rows = [(str(n), f"{s.name}：{s.shown(s.now(policy))}") for n, s in enumerate(SETTINGS[:ROWS], 1)]
    rest = " · ".join(f"{s.name} {s.short(s.now(policy))}" for s in SETTINGS[ROWS:])
    example = SETTINGS[0]
    return (
        Title("能改的配置", "blue", f"配置 v{policy.version}"),
        Fields(tuple(rows)),
        Text(f"要改就说：配置 {example.name} {example.example}"),
        Note(f"还有 {rest}"),
        Buttons((Button("看历史", Action("config.history"), line="配置 历史"),)),
    )


def draw_history(versions: Sequence[tuple[int, str]]) -> Card:
    """The newest versions as rows, and the way back."""
    if not versions:
        return (Title("配置还没改过", "blue", f"配置 v{FIRST_VERSION}"), Text("现在都是出厂的值。说「配置」看有哪些。"))
    rows = tuple((f"v{number}", line) for number, line in versions[:ROWS])
    newest = versions[0][0]
    return (
        Title("配置历史", "blue", f"配置 v{newest}"),
        Fields(rows),
        Text(f"要退回就说「配置 回滚 {newest - 1}」，先给你看前后再定。"),
    )


def _line(tx: Tx, version: ConfigVersion) -> str:
    """11-19 16:13 刘洋 LDR 预警线 18%"""
    maker = tx.people.get(version.by)
    if version.kind == "rollback":
        what = f"回滚到 v{version.about}"
    elif setting := BY_KEY.get(version.about):
        what = f"{setting.name} {setting.short(version.settings[version.about])}"
    else:
        what = version.about
    at = f"{local(version.at, tx.policy):%m-%d} {clock(version.at, tx.policy)}"
    return f"{at} {maker.name if maker else '命令行'} {what}"
