"""What an admin may set in chat: names, ranges, how values print; versions of the whole. R-ADM-1, R-ADM-2.

A value is kept as its canonical text; `in_force` turns the texts of a version into the Policy the rules read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sales.errors import Refusal
from sales.policy import Policy

FIRST_VERSION = 1
"""The configuration as shipped; the first change makes version 2."""

_NUMBER = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*(?:%|％|条|次|小时|分钟)?")
_SPAN = re.compile(r"([0-9]{1,2})[:：]([0-9]{2})\s*(?:-|–|—|~|到|至)\s*([0-9]{1,2})[:：]([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing an admin sets.

    `read` gives the canonical text of what was typed or refuses with an example; `now` the text in force, `put` the
    policy with another one. `words` with the value in place of {} is how it reads; `since` says from when a change
    holds (R-ADM-2). A sensitive one needs a second admin.
    """

    key: str
    name: str
    words: str
    example: str
    read: Callable[[Setting, str], str]
    now: Callable[[Policy], str]
    put: Callable[[Policy, str], Policy]
    since: str = "你确认后，从下次计算起"
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    places: int = 0
    unit: str = ""
    sensitive: bool = False

    def shown(self, value: str) -> str:
        """How the value reads in a sentence: 单周 LDR > 18%."""
        return self.words.format(value)

    def short(self, value: str) -> str:
        """The value with its unit: 18%, 24 小时."""
        return f"{value}{self.unit}" if self.unit in ("", "%") else f"{value} {self.unit}"


@dataclass(frozen=True, slots=True)
class ConfigVersion:
    """All settings that differ from what was shipped, from `at` on. Never rewritten; the newest decides. R-ADM-2.

    `kind` is set or rollback, `about` the key that was set or the version gone back to; `by` a member's id.
    """

    id: int
    at: datetime
    by: str
    kind: str
    about: str
    settings: Mapping[str, str]
    version: int = 0


def read_number(setting: Setting, text: str) -> str:
    """The number in the text, when it lies in the setting's range. Raises Refusal with an example. R-ADM-1."""
    found = _NUMBER.fullmatch(text.strip())
    example = f"如「配置 {setting.name} {setting.example}」"
    if found is None:
        raise Refusal("R-ADM-1", f"「{text.strip()[:20]}」没看懂，要一个数，{example}。")
    value = Decimal(found[1])
    if not setting.low <= value <= setting.high or value != round(value, setting.places):
        places = f"、最多 {setting.places} 位小数" if setting.places else " 的整数"
        raise Refusal("R-ADM-1", f"{setting.name}能设 {setting.low} 到 {setting.high}{places}，{example}。")
    return plain(value)


def read_span(setting: Setting, text: str) -> str:
    """Two clock times as 22:00-08:00. Raises Refusal with an example. R-ADM-1, R-TIME-3."""
    found = _SPAN.fullmatch(text.strip())
    parts = [int(part) for part in found.groups()] if found else []
    if not parts or parts[0] > 23 or parts[2] > 23 or parts[1] > 59 or parts[3] > 59 or parts[:2] == parts[2:]:
        raise Refusal(
            "R-ADM-1", f"「{text.strip()[:20]}」没看懂，要起止两个钟点，如「配置 {setting.name} {setting.example}」。"
        )
    return "{:02d}:{:02d}-{:02d}:{:02d}".format(*parts)


def plain(value: Decimal) -> str:
    """20 and 17.5, never 2E+1 or 20.00."""
    return f"{value.normalize():f}"


def _amount(key: str, name: str, words: str, example: str, low: int, high: int, **more: Any) -> Setting:
    """A number that is a field of the policy as it stands: a percentage or a count."""

    def put(policy: Policy, value: str) -> Policy:
        kind = type(getattr(policy, key))
        return replace(policy, **{key: kind(Decimal(value))})

    def now(policy: Policy) -> str:
        return plain(Decimal(getattr(policy, key)))

    return Setting(key, name, words, example, read_number, now, put, low=Decimal(low), high=Decimal(high), **more)


def _span(key: str, name: str, of: timedelta, words: str, example: str, low: int, high: int, **more: Any) -> Setting:
    """A stretch of time, a whole number of its unit."""

    def put(policy: Policy, value: str) -> Policy:
        return replace(policy, **{key: int(value) * of})  # type: ignore[arg-type]

    def now(policy: Policy) -> str:
        return str(getattr(policy, key) // of)

    return Setting(key, name, words, example, read_number, now, put, low=Decimal(low), high=Decimal(high), **more)


def _quiet_now(policy: Policy) -> str:
    return f"{policy.quiet_from:%H:%M}-{policy.quiet_to:%H:%M}"


def _put_quiet(policy: Policy, value: str) -> Policy:
    start, end = (time.fromisoformat(part) for part in value.split("-"))
    return replace(policy, quiet_from=start, quiet_to=end)


def _put_zone(policy: Policy, value: str) -> Policy:
    return replace(policy, zone=value)


_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
_LATER = "你确认后，从新开始的算起"

SETTINGS: tuple[Setting, ...] = (
    _amount("ldr_alarm_percent", "LDR 预警线", "单周 LDR > {}%", "18", 1, 99, places=2, unit="%"),
    _amount("ldr_cycles_running", "LDR 起报条数", "周中满 {} 条才报", "20", 1, 1000, unit="条"),
    _span("alert_repeat", "预警重发", _HOUR, "没人点，每 {} 小时再发", "24", 1, 168, since=_LATER, unit="小时"),
    _span("alert_calm", "预警恢复", _HOUR, "回到线内满 {} 小时", "6", 1, 72, since=_LATER, unit="小时"),
    Setting("quiet", "安静时段", "{} 不打扰", "22:00-08:00", read_span, _quiet_now, _put_quiet),
    _span("undo_window", "撤销时限", _MINUTE, "{} 分钟内能撤销", "10", 1, 60, unit="分钟"),
    _amount("ldr_cycles_final", "LDR 定数条数", "定数满 {} 条才报", "5", 1, 1000, unit="条"),
    _amount("peeks_per_day", "撞客户上限", "一天超 {} 次告诉上级", "10", 1, 1000, unit="次"),
    Setting("zone", "时区", "{}", "Asia/Shanghai", read_span, lambda policy: policy.zone, _put_zone, sensitive=True),
)
"""Everything that can be set in chat. A new one is one line here; command, list and history come from it."""

BY_KEY: Mapping[str, Setting] = {setting.key: setting for setting in SETTINGS}


def in_force(version: ConfigVersion | None, *, base: Policy) -> Policy:
    """The policy of a version over what was shipped; None is what was shipped. Unknown keys change nothing. R-ADM-2."""
    if version is None:
        return base
    policy = replace(base, version=version.id)
    for key, value in version.settings.items():
        if key in BY_KEY:
            policy = BY_KEY[key].put(policy, value)
    return policy


def read_order(text: str) -> tuple[Setting, str] | None:
    """The setting a line names and the rest behind its name, however it is spaced; None when it names none.

    Understands `LDR 预警线 25`, `LDR预警线改成 18` and `把LDR预警线改成18%`. R-ADM-1.
    """
    line = re.sub(r"^(?:请|帮我)?(?:把|将)?\s*", "", text.strip())
    for setting in SETTINGS:
        name = r"\s*".join(map(re.escape, setting.name.replace(" ", "")))
        asked = re.match(
            rf"{name}\s*(?:改成|改为|改到|调到|调成|调整为|设为|设成|设置为|定为|改)?\s*[:：=]?\s*(.*)",
            line,
            re.IGNORECASE | re.DOTALL,
        )
        if asked:
            return setting, asked[1].strip()
    return None
