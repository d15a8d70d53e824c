"""The demo's company on the platforms: their keys, and whose account is whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from bot.main import Bot
from sales.people import Account, Member, bind
from storage import audit, entities
from storage.engine import Connection

COMPANY = Path(__file__).resolve().parents[2] / "simulator" / "company.json"
PLATFORMS = ("wecom", "feishu", "dingtalk")
_OURS = {
    "feishu": ("app_id", "app_secret", "encrypt_key", "verification_token"),
    "wecom": (
        "corp_id", "agent_id", "secret", "token", "aes_key", "bot_id", "bot_secret", "bot_token", "bot_aes_key",
    ),
    "dingtalk": ("app_key", "app_secret", "corp_id", "robot_code", "token", "aes_key"),
}  # fmt: skip


def settings_of(
    simulator: str, platforms: Sequence[str] = PLATFORMS, modes: Mapping[str, str] | None = None
) -> dict[str, dict[str, Any]]:
    """The settings of each platform as an admin would fill them in, with the simulator at this URL as the vendor.

    `modes` says webhook, socket or both for a platform; without an entry it is webhook.
    """
    company = orjson.loads(COMPANY.read_bytes())
    found: dict[str, dict[str, Any]] = {}
    for name in platforms:
        found[name] = {key: company[name][key] for key in _OURS[name]}
        found[name]["mode"] = (modes or {}).get(name, "webhook")
        found[name]["api_base"] = f"{simulator}/{name}"
    if "wecom" in found:
        found["wecom"]["oauth_base"] = f"{simulator}/wecom"
        found["wecom"]["ws_base"] = f"{simulator.replace('http', 'ws', 1)}/wecom/ws"
    if "dingtalk" in found:
        found["dingtalk"]["oapi_base"] = f"{simulator}/dingtalk-oapi"
    return found


def account_of(person: Mapping[str, Any], platform: str) -> str:
    """A person's account as the platform's events name it; `person` as the simulator tells them."""
    return str(person["open_id"] if platform == "feishu" else person["userid"])


async def bind_people(bot: Bot, people: Sequence[Mapping[str, Any]]) -> None:
    """Each member of the company has the account of the platform they live on, as soon as this was called once."""
    at = bot.clock.business_us()

    def write(conn: Connection) -> None:
        for person in people:
            platform = str(person["platform"])
            member = entities.get(conn, Member, str(person["id"]))
            if member is None or platform not in bot.platforms:
                continue
            account = account_of(person, platform)
            if entities.get(conn, Account, f"{platform}:{account}"):
                continue
            bound = bind(member=member, platform=platform, account=account, chat="", why="demo")
            for entity in bound.saves:
                entities.save(conn, entity)
            audit.write(conn, bot.store, bound.audits, at=at, who="system", chat="")

    await bot.writer.run(write)
