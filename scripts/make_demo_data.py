"""Writes the files of config/demo that are drawn by dice: the same company on every run.

Run it after changing the lists: `python -m scripts.make_demo_data`.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from scripts.demo_leads import ZONE, build, is_workday

HERE = Path(__file__).resolve().parent.parent / "config" / "demo"
NOW = datetime(2026, 11, 19, 9, 5, tzinfo=ZONE)

REPS = {
    "m03": [
        "华东医疗",
        "南通海安医院",
        "苏州瑞康医疗",
        "常州德安医疗",
        "无锡同济康复医院",
        "华东医学院附属医院",
        "扬州瑞祥诊所",
    ],
    "m04": ["芜湖镜湖医院", "湖州仁和医疗", "绍兴越秀医院", "嘉兴南湖门诊部", "台州海岳医疗"],
    "m05": ["合肥安和医院", "华东医疗器材（无锡）", "宁波博仁医疗", "杭州西溪体检中心", "金华双龙医院", "温州瓯江医疗"],
    "m07": ["珠海康宁医院", "佛山顺康医疗", "东莞松湖医院", "中山岐江门诊部", "惠州西湖体检"],
    "m08": ["广州白云康复医院", "深圳前海医疗", "汕头海湾医院", "江门五邑医疗", "湛江港区医院"],
    "m10": ["江南康复医院集团", "国康体检连锁", "华夏妇幼医院集团", "泰和口腔连锁", "安宁康养集团", "中原肿瘤医院"],
    "m11": ["北方心血管中心", "蓝海影像中心", "同德第三方检验", "瑞和眼科集团", "松鹤老年医院", "众康医疗科技"],
}
OWNERS = {"宁波博仁医疗": "m03"}
"""Handed over since: the customer's place in the list stays, the owner is another."""

PRODUCTS = [
    ("CT机", 120),
    ("DR", 65),
    ("彩超", 90),
    ("核磁共振", 880),
    ("除颤仪", 6),
    ("监护仪", 12),
    ("呼吸机", 28),
    ("乳腺机", 160),
]
REASONS = ["预算砍了", "丢给联影", "项目推迟到明年", "客户换了负责人"]
STAGE_WEIGHTS = [3, 4, 1, 4, 1, 1, 2]
DEALS = 60

CAST: Mapping[int, tuple[str, str, int, int, str]] = {
    9: ("宁波博仁医疗", "彩超", 900_000, 7, "2026-11-16T15:40:00+08:00"),
    17: ("苏州瑞康医疗", "DR", 650_000, 3, "2026-11-18T15:20:00+08:00"),
}
"""Deals the stories are about, by the number they get: customer, product, yuan, stage and since when it is there."""


def main() -> None:
    """Write every file."""
    dice = random.Random(20261119)
    customers, owners, names = _customers(dice)
    deals = _deals(dice, owners, {name: number for number, name in names.items()})
    book = build(deals, names, now=NOW)
    for deal in deals:
        deal["lead_id"] = book.converted.get(deal["deal_id"], "")
    _write("customers.csv", customers)
    _write("deals.csv", deals)
    _write("leads.csv", book.leads)
    _write("assignments.csv", sorted(book.assignments, key=lambda row: row["assigned_at"]))
    _write("touches.csv", sorted(book.touches, key=lambda row: row["touched_at"]))


def _customers(dice: random.Random) -> tuple[list[dict[str, Any]], dict[str, str], dict[str, str]]:
    """The rows, each customer's owner, and each customer's name."""
    rows: list[dict[str, Any]] = []
    for rep, owned in REPS.items():
        for name in owned:
            tier = dice.choices(["A", "B", "C"], [2, 3, 5])[0]
            region = "华东" if rep in ("m03", "m04", "m05") else "华南" if rep in ("m07", "m08") else "全国"
            rows.append({
                "customer_id": f"c{len(rows) + 1:02d}", "name": name, "tier": "A" if name == "华东医疗" else tier,
                "region": region, "industry": "医疗", "owner_id": OWNERS.get(name, rep), "phone": "",
            })  # fmt: skip
    numbers = [row["customer_id"] for row in rows]
    owners = dict(zip(numbers, (row["owner_id"] for row in rows), strict=True))
    return rows, owners, dict(zip(numbers, (row["name"] for row in rows), strict=True))


def _deals(dice: random.Random, owners: Mapping[str, str], by_name: Mapping[str, str]) -> list[dict[str, Any]]:
    """All deals in the order they were logged; the cast's stand where their numbers say."""
    rows = [_deal(dice, number, owners) for number in range(DEALS - len(CAST))]
    rows.sort(key=lambda row: row["created_at"])
    for place, (name, product, yuan, stage, entered) in sorted(CAST.items()):
        customer = by_name[name]
        created = rows[place - 2]["created_at"]  # the same minute as the one before: right behind it
        rows.insert(place - 1, {
            "deal_id": "", "customer_id": customer, "owner_id": owners[customer], "product": product,
            "amount_yuan": f"{yuan}.00", "stage": stage, "entered_at": entered,
            "created_at": created, "state": "open", "closed_at": "", "lost_reason": "",
        })  # fmt: skip
    for place, row in enumerate(rows, 1):
        row["deal_id"] = f"d{place:02d}"
    return rows


def _deal(dice: random.Random, number: int, owners: Mapping[str, str]) -> dict[str, Any]:
    customers = list(owners)
    customer = customers[number] if number < len(customers) else dice.choice(customers)
    product, wan = dice.choice(PRODUCTS[1:] if customer == "c01" else PRODUCTS)  # people log 华东医疗's CT in the demo
    created = _in_hours(NOW - timedelta(days=dice.randint(2, 90)), dice)
    state = dice.choices(["open", "won", "lost"], [8, 1, 1])[0]
    stage = 8 if state == "won" else dice.choices(range(1, 8), STAGE_WEIGHTS)[0]
    age = NOW - created
    return {
        "deal_id": "", "customer_id": customer, "owner_id": owners[customer], "product": product,
        "amount_yuan": f"{round(wan * dice.uniform(0.8, 1.6)) * 10_000}.00", "stage": stage,
        "entered_at": _in_hours(created + age * min(0.9, 0.1 * stage), dice, after=created), "created_at": created,
        "state": state, "closed_at": _in_hours(created + age * 0.95, dice, after=created) if state != "open" else "",
        "lost_reason": dice.choice(REASONS) if state == "lost" else "",
    }  # fmt: skip


def _in_hours(moment: datetime, dice: random.Random, *, after: datetime | None = None) -> datetime:
    """A moment of that day's working hours, or of the last workday before; not before `after`."""
    day = moment.date()
    while not is_workday(day):
        day -= timedelta(days=1)
    at = datetime.combine(day, time(9, 10), ZONE) + timedelta(minutes=dice.randint(0, 500))
    at = min(at, NOW - timedelta(minutes=dice.randint(30, 90)))
    return max(at, after) if after else at


def _write(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    with (HERE / name).open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(_texts(rows))


def _texts(rows: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for row in rows:
        yield {
            name: value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
            for name, value in row.items()
        }


if __name__ == "__main__":
    main()
