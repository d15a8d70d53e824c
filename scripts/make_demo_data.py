"""Writes config/demo/customers.csv and deals.csv: the same company on every run. Run it after changing the lists."""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent / "config" / "demo"
NOW = datetime(2026, 11, 19, 9, 0, tzinfo=timezone(timedelta(hours=8)))

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


def main() -> None:
    """Write both files."""
    dice = random.Random(20261119)
    customers: list[list[Any]] = []
    names: dict[str, str] = {}
    for owner, owned in REPS.items():
        for name in owned:
            number = f"c{len(customers) + 1:02d}"
            names[number] = owner
            tier = dice.choices(["A", "B", "C"], [2, 3, 5])[0]
            region = "华东" if owner in ("m03", "m04", "m05") else "华南" if owner in ("m07", "m08") else "全国"
            customers.append([number, name, "A" if name == "华东医疗" else tier, region, "医疗", owner, ""])
    _write("customers.csv", ["customer_id", "name", "tier", "region", "industry", "owner_id", "phone"], customers)
    deals: list[list[Any]] = []
    numbers = list(names)
    for n in range(60):
        customer = numbers[n % len(numbers)] if n < len(numbers) else dice.choice(numbers)
        product, wan = dice.choice(PRODUCTS)
        amount = round(wan * dice.uniform(0.8, 1.6)) * 10_000
        created = NOW - timedelta(days=dice.randint(1, 90), hours=dice.randint(0, 8), minutes=dice.randint(0, 59))
        state = dice.choices(["open", "won", "lost"], [8, 1, 1])[0]
        stage = 8 if state == "won" else dice.randint(1, 7)
        closed = (created + (NOW - created) / 2).isoformat(timespec="seconds") if state != "open" else ""
        reason = dice.choice(REASONS) if state == "lost" else ""
        deals.append(
            [f"d{n + 1:02d}", customer, names[customer], product, f"{amount}.00", stage,
             created.isoformat(timespec="seconds"), state, closed, reason]
        )  # fmt: skip
    header = ["deal_id", "customer_id", "owner_id", "product", "amount_yuan", "stage", "created_at", "state",
              "closed_at", "lost_reason"]  # fmt: skip
    _write("deals.csv", header, sorted(deals, key=lambda deal: deal[6]))


def _write(name: str, header: list[str], rows: list[list[Any]]) -> None:
    with (HERE / name).open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
