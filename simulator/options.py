"""What a simulator is started with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulator.clock import Clock

COMPANY_FILE = Path(__file__).with_name("company.json")
PAGE_DIR = Path(__file__).with_name("page")


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of one simulator; every default suits a bot on this computer.

    `control` is the base URL of the bot's admin port, without which only the simulator's own clock
    moves. `retry_scale` divides the waits between event deliveries. `seed` repeats message ids.
    """

    callback: str = "http://127.0.0.1:8080/callback/feishu"
    control: str | None = None
    company: Path = COMPANY_FILE
    retry_scale: float = 1.0
    gallery: str | None = None
    verify_on_start: bool = False
    max_tables: int = 3
    seed: str | None = None
    clock: Clock | None = None
    page: Path = PAGE_DIR
