"""What a simulator is started with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simulator.clock import Clock

COMPANY_FILE = Path(__file__).with_name("company.json")
PAGE_DIR = Path(__file__).with_name("page")


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of one simulator; every default suits a bot on this computer.

    `control` is the base URL of the bot's admin port, without which only the simulator's own clock moves.
    `vendors` are the platforms that are on, the first one where nothing says otherwise. Feishu posts to
    `callback` when it is given, else it posts as the others do below `callback_base`. `modes` says per vendor
    whether it posts: webhook (as without an entry), socket, or on WeCom both. `retry_scale` divides the waits
    between event deliveries. `seed` repeats message ids.
    """

    callback: str = ""
    callback_base: str = "http://127.0.0.1:8080"
    vendors: tuple[str, ...] = ("feishu",)
    modes: Mapping[str, str] = field(default_factory=dict)
    control: str | None = None
    company: Path = COMPANY_FILE
    retry_scale: float = 1.0
    gallery: str | None = None
    verify_on_start: bool = False
    max_tables: int = 3
    seed: str | None = None
    clock: Clock | None = None
    page: Path = PAGE_DIR

    def url_of(self, name: str) -> str:
        """The bot's URL of a callback: feishu, wecom/app, wecom/bot, dingtalk/robot, dingtalk/card, dingtalk/event."""
        if name == "feishu" and self.callback:
            return self.callback
        return f"{self.callback_base.rstrip('/')}/callback/{name}"

    def posts(self, vendor: str) -> bool:
        """False when everything of this vendor goes over its socket."""
        return self.modes.get(vendor, "webhook") != "socket"
