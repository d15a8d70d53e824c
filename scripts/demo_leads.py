"""The demo company's leads: who got which lead when, and when somebody was reached. The same on every run.

LDR of the weeks W40 to W46, and of W47 as judged on 2026-11-19 at 09:10, follows from the tables below.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

ZONE = timezone(timedelta(hours=8))
LIMIT = timedelta(hours=48)

EAST, SOUTH, KEY = "华东", "华南", "全国"
TEAMS: Mapping[str, tuple[str, ...]] = {EAST: ("m03", "m04", "m05"), SOUTH: ("m07", "m08"), KEY: ("m10", "m11")}

DAYS_OFF = {date(2026, 9, 25), *(date(2026, 10, day) for day in (1, 2, 5, 6, 7))}
DAYS_ON = {date(2026, 9, 20), date(2026, 10, 10)}

WEEKS: Sequence[tuple[int, tuple[int, int, int], tuple[int, int, int]]] = (
    (34, (1, 1, 0), (0, 0, 0)),
    (35, (6, 5, 2), (0, 0, 0)),
    (36, (5, 4, 2), (0, 1, 0)),
    (37, (4, 5, 3), (1, 0, 0)),
    (38, (6, 5, 2), (0, 1, 0)),
    (39, (7, 4, 3), (1, 0, 0)),
    (40, (11, 8, 5), (1, 1, 0)),
    (41, (10, 7, 5), (0, 1, 1)),
    (42, (13, 8, 6), (1, 2, 0)),
    (43, (13, 9, 7), (1, 1, 1)),
    (44, (11, 8, 5), (1, 2, 0)),
    (45, (12, 9, 6), (2, 2, 0)),
    (46, (13, 9, 6), (2, 2, 1)),
)
"""Week, cycles and untouched cycles of the east, the south and the key accounts: LDR 8.33 ... 17.86."""

LAST_WEEK = (20, 10, 10), (4, 3, 1)
"""W47 as ripe on Thursday at 09:05. With 珠海康宁医院, ripe at 09:08, it is 9 of 41, and 4 of 11 in the south."""

RUNNING: Sequence[tuple[str, str, str, str]] = (
    ("11-17T13:30", "m03", "南通海安医院", ""),
    ("11-17T13:42", "m04", "", "11-17T14:20"),
    ("11-17T14:10", "m05", "", "11-17T16:48"),
    ("11-17T14:25", "m10", "", "11-17T15:05"),
    ("11-17T14:48", "m03", "", "11-17T15:32"),
    ("11-17T15:10", "m08", "湛江港湾康复医院", ""),
    ("11-17T16:42", "m11", "同和影像连锁", ""),
    ("11-18T13:36", "m04", "", "11-18T14:02"),
    ("11-18T13:44", "m07", "", "11-18T15:15"),
    ("11-18T13:50", "m11", "", "11-18T15:05"),
    ("11-18T13:58", "m03", "无锡同济康复医院", "11-18T15:42"),
    ("11-18T14:05", "m10", "", "11-18T14:40"),
    ("11-18T14:20", "m03", "盐城佑宁医院", ""),
    ("11-18T15:05", "m05", "", ""),
    ("11-18T16:30", "m07", "", ""),
    ("11-18T17:20", "m08", "", "11-18T17:55"),
    ("11-19T09:01", "m03", "江南康复医院", ""),
    ("11-19T09:04", "m04", "", ""),
)
"""Cycles of W47 that are not ripe on Thursday at 09:10: start, holder, company (any if empty), first touch.

Nothing of them falls due on Thursday before 13:30, when 南通海安医院 does."""

INVALID = (43, 45, 46)
"""Weeks with one return that marketing confirmed as invalid: it counts nowhere."""

RECLAIMED = {42: 1, 43: 2, 44: 1, 45: 2, 46: 2}
"""How many recycled leads are taken out of the pool in a week: their second cycle."""

TOWNS: Mapping[str, tuple[str, ...]] = {
    EAST: ("南京", "苏州", "常州", "无锡", "镇江", "泰州", "盐城", "徐州", "嘉兴", "绍兴", "湖州", "宁波", "芜湖"),
    SOUTH: ("广州", "佛山", "东莞", "中山", "惠州", "珠海", "江门", "肇庆", "湛江", "汕头", "厦门", "泉州"),
    KEY: ("武汉", "成都", "郑州", "长沙", "西安", "济南", "石家庄", "重庆", "合肥", "沈阳"),
}  # fmt: skip
BRANDS = (
    "佑宁", "颐安", "明澄", "瑞棠", "嘉禾", "德铭", "泽普", "和颐", "惠宸", "仁朗", "康屹", "安泽", "博颐", "益民",
    "同辉", "晨曦", "启和", "永安", "新澜", "百川",
)  # fmt: skip
KINDS: Mapping[str, tuple[str, ...]] = {
    EAST: ("医院", "康复医院", "门诊部", "体检中心", "妇产医院"),
    SOUTH: ("医院", "康复医院", "门诊部", "体检中心", "口腔医院"),
    KEY: ("医疗集团", "影像连锁", "体检连锁", "肿瘤医院", "康养集团"),
}
SURNAMES = "刘王陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁"
TITLES = ("设备科主任", "设备科科长", "采购经理", "院长助理", "放射科主任", "运营总监", "副院长")
SOURCES = (
    ("官网", "维保白皮书"),
    ("展会", "秋季医博会"),
    ("转介绍", ""),
    ("400 电话", ""),
    ("直播", "影像科选型课"),
    ("广告", "彩超专题"),
)
WANTS = (("DR", 65), ("彩超", 90), ("CT机", 120), ("监护仪", 12), ("呼吸机", 28), ("乳腺机", 160), ("除颤仪", 6))
NOTES = ("想先看同城医院的案例", "旧机器过保，怕停机", "要带维保的报价", "年底前有预算要花掉", "")


@dataclass(slots=True)
class Book:
    """The three files as rows, in the order in which things happened."""

    leads: list[dict[str, Any]] = field(default_factory=list)
    assignments: list[dict[str, Any]] = field(default_factory=list)
    touches: list[dict[str, Any]] = field(default_factory=list)
    pool: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    converted: dict[str, str] = field(default_factory=dict)


def build(deals: Iterable[Mapping[str, Any]], names: Mapping[str, str], *, now: datetime) -> Book:
    """All leads of the 90 days before `now`; some of the deals grew out of one (`converted`: deal to lead)."""
    dice = random.Random(20261119)
    book = Book()
    companies = _companies(dice)
    grown = sorted(
        (deal for deal in deals if deal["created_at"].hour > 10 and deal["created_at"] > now - timedelta(days=60)),
        key=lambda deal: str(deal["deal_id"]),
    )[:8]
    for number, cycles, untouched in WEEKS:
        monday = date.fromisocalendar(2026, number, 1)
        days = [day for day in _days(monday) if is_workday(day) and day >= date(2026, 8, 21)]
        claims = RECLAIMED.get(number, 0)
        for start, region, cold in _slots(days, cycles, untouched, dice):
            deal = next((one for one in grown if _fits(one, start, region) and not cold), None)
            if deal:
                grown.remove(deal)
                _convert(book, deal, names[str(deal["customer_id"])], dice)
                continue
            lead, holder = _take(book, start, region, dice) if claims else ("", "")
            claims -= bool(lead)
            lead = lead or _lead(book, start, region, next(companies[region]), dice)
            _cycle(book, lead, holder or dice.choice(TEAMS[region]), start, cold=cold, dice=dice, now=now)
        if number in INVALID:
            _wrong_number(book, days[1], companies[EAST], dice)
    _last_week(book, companies, dice, now)
    return book


def _last_week(book: Book, companies: Mapping[str, Iterator[str]], dice: random.Random, now: datetime) -> None:
    for start, region, cold in _slots([date(2026, 11, 16)], *LAST_WEEK, dice):
        lead = _lead(book, start, region, next(companies[region]), dice)
        _cycle(book, lead, dice.choice(TEAMS[region]), start, cold=cold, dice=dice, now=now)
    start = datetime(2026, 11, 17, 9, 8, tzinfo=ZONE)
    _assign(book, _lead(book, start, SOUTH, "珠海康宁医院", dice), "m07", start)
    for began, holder, company, reached in RUNNING:
        start = datetime.fromisoformat(f"2026-{began}:00+08:00")
        region = next(region for region, reps in TEAMS.items() if holder in reps)
        lead = _lead(book, start, region, company or next(companies[region]), dice)
        _assign(book, lead, holder, start)
        if reached:
            _touch(book, lead, holder, datetime.fromisoformat(f"2026-{reached}:00+08:00"), dice)


def _slots(
    days: Sequence[date], cycles: Sequence[int], untouched: Sequence[int], dice: random.Random
) -> list[tuple[datetime, str, bool]]:
    """Start, region and whether nobody is reached, for every cycle of these days, in order."""
    wanted = [
        (region, at < cold) for region, count, cold in zip(TEAMS, cycles, untouched, strict=True) for at in range(count)
    ]
    dice.shuffle(wanted)
    starts = sorted(
        datetime.combine(dice.choice(days), time(9, 5), ZONE) + timedelta(minutes=dice.randint(0, 520)) for _ in wanted
    )
    return [(start, region, cold) for start, (region, cold) in zip(starts, wanted, strict=True)]


def _cycle(
    book: Book, lead: str, holder: str, start: datetime, *, cold: bool, dice: random.Random, now: datetime
) -> None:
    """One cycle that is over 48 h old: recycled, or reached and then left open, handed on or given back."""
    if cold:
        _assign(book, lead, holder, start, start + LIMIT, "recycled")
        book.pool.append((start + LIMIT, lead, holder, book.leads[int(lead[1:]) - 1]["region"]))
        return
    first = _reached_at(start, dice)
    if dice.random() < 0.2 and first.date() == start.date() and first - start > timedelta(hours=2):
        other = next(rep for reps in TEAMS.values() if holder in reps for rep in reps if rep != holder)
        passed = start + (first - start) / 2
        _assign(book, lead, holder, start, passed, "reassigned")
        holder, start = other, passed
    again = _workday_at(first + timedelta(days=dice.randint(1, 2)), dice)
    over = _workday_at(again + timedelta(days=dice.randint(3, 12)), dice)
    if over < now - timedelta(days=9) and dice.random() < 0.7:
        _assign(book, lead, holder, start, over, "returned")
    else:
        _assign(book, lead, holder, start)
    _touch(book, lead, holder, first, dice)
    if again < min(now, over):
        _touch(book, lead, holder, again, dice)


def _convert(book: Book, deal: Mapping[str, Any], company: str, dice: random.Random) -> None:
    """The lead a deal grew out of: reached within the hour, then logged as a deal."""
    logged, owner = deal["created_at"], str(deal["owner_id"])
    start = logged - timedelta(minutes=dice.randint(50, 110))
    region = next(region for region, reps in TEAMS.items() if owner in reps)
    lead = _lead(book, start, region, company, dice, product=str(deal["product"]))
    _assign(book, lead, owner, start, logged, "converted")
    _touch(book, lead, owner, start + (logged - start) / 2, dice)
    book.converted[str(deal["deal_id"])] = lead


def _fits(deal: Mapping[str, Any], start: datetime, region: str) -> bool:
    same_week = deal["created_at"].isocalendar()[:2] == start.isocalendar()[:2]
    return same_week and deal["owner_id"] in TEAMS[region]


def _wrong_number(book: Book, day: date, companies: Iterator[str], dice: random.Random) -> None:
    start = datetime.combine(day, time(10, 15), ZONE)
    lead = _lead(book, start, EAST, next(companies), dice)
    _assign(book, lead, "m05", start, start + timedelta(hours=2), "invalid")


def _take(book: Book, start: datetime, region: str, dice: random.Random) -> tuple[str, str]:
    """A recycled lead of the region, claimed by somebody who did not lose it; nothing when there is none."""
    for entry in book.pool:
        pooled_at, lead, loser, place = entry
        if place == region and timedelta(hours=1) < start - pooled_at < timedelta(days=7):
            book.pool.remove(entry)
            return lead, dice.choice([rep for rep in TEAMS[region] if rep != loser])
    return "", ""


def _lead(book: Book, start: datetime, region: str, company: str, dice: random.Random, *, product: str = "") -> str:
    number = len(book.leads) + 1
    source, campaign = dice.choice(SOURCES)
    wanted, wan = dice.choice(WANTS)
    count = dice.choice((1, 1, 1, 2, 3))
    book.leads.append({
        "lead_id": f"L{number:03d}", "market_id": f"MK{number:05d}",
        "created_at": start - timedelta(seconds=dice.randint(1, 3)),
        "name": dice.choice(SURNAMES) + dice.choice("伟芳敏静强磊洋艳"),
        "title": dice.choice(TITLES), "phone": f"1390000{number:04d}", "company": company, "industry": "医疗",
        "company_size": dice.choice(("50 床", "120 床", "300 床", "600 床", "")), "region": region,
        "source": source, "campaign": campaign, "product": product or wanted, "quantity": str(count),
        "budget_yuan": f"{wan * count * 10_000}.00" if dice.random() < 0.6 else "",
        "needed_by": dice.choice(("年内", "明年一季度", "")), "note": dice.choice(NOTES),
    })  # fmt: skip
    return f"L{number:03d}"


def _assign(book: Book, lead: str, holder: str, start: datetime, end: datetime | None = None, reason: str = "") -> None:
    number = f"A{len(book.assignments) + 1:03d}"
    book.assignments.append({
        "assignment_id": number, "lead_id": lead, "member_id": holder, "assigned_at": start, "ended_at": end or "",
        "end_reason": reason,
    })  # fmt: skip


def _touch(book: Book, lead: str, holder: str, at: datetime, dice: random.Random) -> None:
    kind = dice.choices(("call", "visit", "message"), (7, 1, 2))[0]
    book.touches.append({
        "touch_id": f"T{len(book.touches) + 1:03d}", "lead_id": lead, "member_id": holder, "touched_at": at,
        "kind": kind, "verified": "true" if kind == "call" and dice.random() < 0.7 else "false",
    })  # fmt: skip


def _reached_at(start: datetime, dice: random.Random) -> datetime:
    """Mostly within hours, sometimes the next morning, always in time and by 20:00."""
    quick = start + timedelta(minutes=round(dice.lognormvariate(4.2, 0.9)), seconds=dice.randint(0, 59))
    if quick < start + timedelta(minutes=2):
        return start + timedelta(minutes=2, seconds=dice.randint(0, 59))
    if quick.date() == start.date() and quick.hour < 20:
        return quick
    morning = datetime.combine(start.date() + timedelta(days=1), time(9, 10), ZONE)
    return morning + timedelta(minutes=dice.randint(0, 100), seconds=dice.randint(0, 59))


def _workday_at(moment: datetime, dice: random.Random) -> datetime:
    day = moment.date()
    while not is_workday(day):
        day += timedelta(days=1)
    return datetime.combine(day, time(9, 15), ZONE) + timedelta(
        minutes=dice.randint(0, 500), seconds=dice.randint(0, 59)
    )


def _companies(dice: random.Random) -> Mapping[str, Iterator[str]]:
    found = {}
    for region, towns in TOWNS.items():
        names = [town + brand + kind for town in towns for brand in BRANDS for kind in KINDS[region]]
        dice.shuffle(names)
        found[region] = iter(names)
    return found


def _days(monday: date) -> list[date]:
    return [monday + timedelta(days=n) for n in range(7)]


def is_workday(day: date) -> bool:
    """True on a day people work, make-up days included, of the months the demo is about."""
    return day in DAYS_ON or (day.weekday() < 5 and day not in DAYS_OFF)
