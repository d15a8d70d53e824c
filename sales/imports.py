"""Rows of imported files: which columns a kind has, and what makes a row unusable. R-IMP, R-QE-6."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sales.deals import STAGES
from sales.leads import END_REASONS, FIELDS
from sales.people import ROLES, normal_mobile

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "members": ("member_id", "name", "team", "superior_id", "roles", "mobile"),
    "teams": ("team", "supervisor_id", "region"),
    "customers": ("customer_id", "name", "tier", "region", "industry", "owner_id", "phone"),
    "deals": (
        "deal_id", "customer_id", "owner_id", "product", "amount_yuan", "stage", "entered_at", "created_at", "state",
        "closed_at", "lost_reason", "lead_id",
    ),
    "leads": ("lead_id", "market_id", "created_at", *FIELDS),
    "assignments": ("assignment_id", "lead_id", "member_id", "assigned_at", "ended_at", "end_reason"),
    "touches": ("touch_id", "lead_id", "member_id", "touched_at", "kind", "verified"),
    "chats": ("platform", "chat_id", "name", "kind", "bound_to"),
}  # fmt: skip
"""Columns a file of each kind may have; `x_...` columns are free. Public surface."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "members": ("member_id", "name"),
    "teams": ("team",),
    "customers": ("name", "owner_id"),
    "deals": ("customer_id", "owner_id", "product", "amount_yuan"),
    "leads": (),
    "assignments": ("lead_id", "member_id", "assigned_at"),
    "touches": ("lead_id", "touched_at"),
    "chats": ("platform", "chat_id"),
}
"""Columns without which the rows of a kind mean nothing."""

IDS: Mapping[str, str] = {
    "members": "member_id",
    "teams": "team",
    "customers": "customer_id",
    "deals": "deal_id",
    "leads": "lead_id",
    "assignments": "assignment_id",
    "touches": "touch_id",
}

STATES = ("open", "won", "lost")
LONGEST_CELL = 500
MOST_DIGITS = 20
"""Digits of a number that are considered; below the precision at which arithmetic would begin to round."""
YEARS = range(1990, 2101)
_YES = frozenset({"true", "1", "yes", "y", "是", "t"})
_NO = frozenset({"", "false", "0", "no", "n", "否", "f"})


class WrongFile(Exception):
    """The file as a whole cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One usable row. `key` makes the same row of the same file known when it comes again. R-QE-6."""

    key: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was left out, with the reason a person reads."""

    number: int
    cells: tuple[str, ...]
    reason: str


def check_header(kind: str, header: Sequence[str]) -> None:
    """Raises WrongFile for unknown, doubled or missing columns, with their names."""
    known = COLUMNS.get(kind)
    if known is None:
        raise WrongFile(f"没有「{kind}」这一类。能导入的有：{'、'.join(COLUMNS)}。")
    if "" in header:
        raise WrongFile(f"第 {list(header).index('') + 1} 列没有列名。补上列名，或删掉这一列。")
    unknown = [name for name in header if name not in known and not name.startswith("x_")]
    if unknown:
        raise WrongFile(f"不认识的列：{'、'.join(unknown)}。自定义列请以 x_ 开头。")
    if len(set(header)) != len(header):
        raise WrongFile("有重复的列名，留一个就行。")
    missing = [name for name in NEEDED[kind] if name not in header]
    if missing:
        raise WrongFile(f"少了这些列：{'、'.join(missing)}。第一行要是列名。")


def check_rows(
    kind: str, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> tuple[list[ImportRow], list[Refused]]:
    """The usable rows and the refused ones, each row known by its id or by its cells and their count. R-QE-6."""
    good: list[ImportRow] = []
    refused: list[Refused] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(rows, 2):
        padded = tuple(cell.strip() for cell in (*cells, *[""] * (len(header) - len(cells))))
        if not any(padded):
            continue
        if not any(padded[len(header) :]):
            padded = padded[: len(header)]
        values = dict(zip(header, padded, strict=False))
        reason = "这行的格比列名多" if len(padded) > len(header) else _fault(kind, values)
        if reason:
            refused.append(Refused(number, padded, reason))
        else:
            good.append(ImportRow(_key(kind, values, padded, seen), values))
    return good, refused


def fen_of(yuan: str) -> int | None:
    """Exact fen of a decimal number of yuan with at most two places; None when it is none. R-MONEY."""
    try:
        amount = Decimal(yuan.replace(",", ""))
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount.adjusted() > MOST_DIGITS or len(amount.as_tuple().digits) > MOST_DIGITS:
        return None
    fen = amount * 100
    return int(fen) if fen == fen.to_integral_value() else None


def instant_of(written: str) -> datetime | None:
    """The instant of an ISO 8601 text with offset; None when it is none, or not of our time. R-TIME-1."""
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        return None
    return instant if instant.tzinfo and instant.year in YEARS else None


def truth_of(written: str) -> bool | None:
    """Yes or no as files write it, no when empty; None when it is neither."""
    word = written.casefold()
    return True if word in _YES else False if word in _NO else None


def roles_of(written: str) -> tuple[str, ...]:
    """Roles separated by semicolon, comma or blank, in English or as people say them."""
    names = {word: role for role, word in ROLES.items()} | {role: role for role in ROLES}
    parts = (
        written.replace(",", ";").replace("；", ";").replace("，", ";").replace("、", ";").replace(" ", ";").split(";")
    )
    return tuple(dict.fromkeys(names.get(part, part) for part in parts if part))


def _key(kind: str, values: Mapping[str, str], cells: tuple[str, ...], seen: dict[str, int]) -> str:
    if kind == "chats":  # known by two columns
        return f"id:{values['platform']}:{values['chat_id']}"
    if given := values.get(IDS[kind], ""):
        return f"id:{given}"
    digest = hashlib.sha256("\x1f".join(cells).encode("utf-8", "replace")).hexdigest()[:32]
    seen[digest] = seen.get(digest, 0) + 1
    return f"row:{digest}:{seen[digest]}"


def _fault(kind: str, values: Mapping[str, str]) -> str:
    """Why a row cannot be used, or nothing."""
    if any(len(value) > LONGEST_CELL for value in values.values()):
        return f"有一格超过 {LONGEST_CELL} 字"
    if any("\x00" in value for value in values.values()):
        return "有一格带看不见的控制字符，重新打一遍"
    if empty := [name for name in NEEDED[kind] if not values.get(name)]:
        return f"{'、'.join(empty)} 是空的"
    return _FAULTS.get(kind, _no_fault)(values)


def _lead_fault(values: Mapping[str, str]) -> str:
    if not any(values.get(name) for name in ("lead_id", "market_id", *FIELDS)):
        return "这行没有一格能认出线索"
    return _instant_fault(values, "created_at")


def _assignment_fault(values: Mapping[str, str]) -> str:
    if fault := _instant_fault(values, "assigned_at", "ended_at"):
        return fault
    reason = values.get("end_reason", "")
    if reason and reason not in END_REASONS:
        return f"end_reason 只能是 {'、'.join(END_REASONS)}，或空着"
    start, end = instant_of(values["assigned_at"]), instant_of(values.get("ended_at", ""))
    return "ended_at 比 assigned_at 早" if start and end and end < start else ""


def _touch_fault(values: Mapping[str, str]) -> str:
    if truth_of(values.get("verified", "")) is None:
        return "verified 只能是 true 或 false，或空着"
    return _instant_fault(values, "touched_at")


def _instant_fault(values: Mapping[str, str], *names: str) -> str:
    for name in names:
        if values.get(name) and instant_of(values[name]) is None:
            return f"{name} 要是带时区的时间，如 2026-11-19T09:00:00+08:00"
    return ""


def _no_fault(values: Mapping[str, str]) -> str:
    return ""


def _member_fault(values: Mapping[str, str]) -> str:
    unknown = [role for role in roles_of(values.get("roles", "")) if role not in ROLES]
    if unknown:
        return f"不认识的角色：{'、'.join(unknown)}；能用的有：{'、'.join(ROLES.values())}"
    mobile = values.get("mobile", "")
    if mobile and len(normal_mobile(mobile)) < 8:
        return "手机号看不懂"
    return ""


def _deal_fault(values: Mapping[str, str]) -> str:
    fen = fen_of(values["amount_yuan"])
    if fen is None or not 0 < fen <= 100_000_000_000:
        return "amount_yuan 要是大于 0、不超过 10 亿、最多两位小数的数"
    stage = values.get("stage", "")
    if stage and stage not in STAGES and stage not in {str(n) for n in range(1, len(STAGES) + 1)}:
        return f"不认识的阶段：{stage}"
    if values.get("state", "") not in ("", *STATES):
        return f"state 只能是 {'、'.join(STATES)}"
    return _instant_fault(values, "created_at", "entered_at", "closed_at")


_FAULTS: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "members": _member_fault,
    "deals": _deal_fault,
    "leads": _lead_fault,
    "assignments": _assignment_fault,
    "touches": _touch_fault,
}
