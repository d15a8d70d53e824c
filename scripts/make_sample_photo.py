"""Draws the two made-up papers that the demo sends as photos: a signed requirement sheet and meeting minutes.

Run it after changing them: `python -m scripts.make_sample_photo --font PATH` (any font with Chinese characters).
"""

from __future__ import annotations

import argparse
import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).resolve().parent.parent / "simulator" / "page" / "samples"
FONT = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
SIZE = (1000, 730)
INK, PEN, SEAL, RULE = "#23262B", "#1D3C8C", (190, 38, 34), "#8A8F98"
LARGEST = 120_000

SHEET = (
    ("设备", "数字化 X 射线摄影系统（DR） 1 台"),
    ("探测器", "17×17 英寸，无线，像素 ≤ 140 μm"),
    ("接口", "接现有 PACS，DICOM 3.0"),
    ("维保", "原厂三年，停机 24 小时内到场"),
    ("预算", "60 万至 70 万元，年内付款"),
    ("到货", "2026 年 12 月 25 日前"),
)
MINUTES = (
    "时间：2026 年 11 月 18 日 14:00 至 15:10      地点：三楼会议室",
    "出席：周科长（设备科）、沈主任（放射科）、李雷",
    "一、放射科每天约 90 人次，旧机今年停机 6 次，要尽快换。",
    "二、要无线平板，接现有 PACS；探测器可以在床旁用。",
    "三、预算 60 万至 70 万元，本年内付款，由周科长报院长办公会。",
    "四、李雷 11 月 19 日前送需求匹配表请科室签字，下周出方案。",
    "记录：李雷                              核对：沈主任",
)


def main() -> None:
    """Write both photos."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--font", type=Path, default=FONT)
    font = parser.parse_args().font
    HERE.mkdir(exist_ok=True)
    _photo(_sheet(font), "requirement-sheet.jpg", tilt=1.6)
    _photo(_minutes(font), "meeting-minutes.jpg", tilt=-1.1)


def _sheet(path: Path) -> Image.Image:
    page, draw = _paper(path, "客户需求匹配表", "客户：苏州瑞康医疗（示例）      编号：XQ-17")
    font, height = ImageFont.truetype(path, 27), 62
    for place, (name, value) in enumerate(SHEET):
        y = 200 + place * height
        draw.rectangle((60, y, 940, y + height), outline=RULE, width=2)
        draw.line((200, y, 200, y + height), fill=RULE, width=2)
        draw.text((80, y + 16), name, fill=INK, font=font)
        draw.text((220, y + 16), value, fill=INK, font=font)
    draw.text((60, 600), "以上需求已由科室确认，作为方案依据。", fill=INK, font=font)
    draw.text((60, 660), "科室负责人签字：", fill=INK, font=font)
    draw.text((450, 660), "2026 年 11 月 18 日", fill=INK, font=font)
    _signature(draw, (280, 675), seed=3)
    _seal(page, (820, 590), path, "苏州瑞康医疗示例章")
    return page


def _minutes(path: Path) -> Image.Image:
    page, draw = _paper(path, "会 议 纪 要", "客户：苏州瑞康医疗（示例）      主题：DR 需求沟通")
    font = ImageFont.truetype(path, 28)
    for place, line in enumerate(MINUTES):
        draw.text((70, 215 + place * 64), line, fill=INK, font=font)
    _signature(draw, (190, 665), seed=5)
    _signature(draw, (620, 665), seed=9)
    return page


def _paper(path: Path, title: str, line: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("RGB", SIZE, "#FBFAF6")
    draw = ImageDraw.Draw(page)
    draw.text((SIZE[0] / 2, 80), title, fill=INK, font=ImageFont.truetype(path, 52), anchor="mm")
    draw.text((60, 130), line, fill=INK, font=ImageFont.truetype(path, 25))
    draw.line((60, 178, 940, 178), fill=INK, width=2)
    return page, draw


def _signature(draw: ImageDraw.ImageDraw, start: tuple[int, int], *, seed: int) -> None:
    """A made-up scribble with a pen, of nobody's name."""
    dice = random.Random(seed)
    x, y = float(start[0]), float(start[1])
    for _ in range(3):
        points = []
        for step in range(28):
            wave = math.sin(step / 28 * math.tau * dice.uniform(1.1, 1.9)) * dice.uniform(14, 26)
            points.append((x + step * 1.9, y + wave + dice.uniform(-2, 2)))
        draw.line(points, fill=PEN, width=4, joint="curve")
        x += 46


def _seal(page: Image.Image, centre: tuple[int, int], path: Path, words: str) -> None:
    """A round red stamp with the words on its upper arc, faint as ink on paper is."""
    layer = Image.new("RGBA", page.size, (0, 0, 0, 0))
    draw, (x, y), radius = ImageDraw.Draw(layer), centre, 118
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=(*SEAL, 190), width=7)
    star = [(x + r * math.sin(n * math.pi / 5), y - r * math.cos(n * math.pi / 5)) for n, r in enumerate([36, 14] * 5)]
    draw.polygon(star, fill=(*SEAL, 190))
    font = ImageFont.truetype(path, 31)
    for place, letter in enumerate(words):
        angle = math.radians(-118 + 236 * place / (len(words) - 1))
        tile = Image.new("RGBA", (48, 48), (0, 0, 0, 0))
        ImageDraw.Draw(tile).text((24, 24), letter, fill=(*SEAL, 190), font=font, anchor="mm")
        tile = tile.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC)
        layer.alpha_composite(tile, (round(x + 88 * math.sin(angle)) - 24, round(y - 88 * math.cos(angle)) - 24))
    page.paste(layer, (0, 0), layer)


def _photo(page: Image.Image, name: str, *, tilt: float) -> None:
    """The paper as a phone sees it on a desk: a little turned, a little soft, small."""
    desk = Image.new("RGB", (SIZE[0] + 120, SIZE[1] + 120), "#8B7A66")
    sheet = page.convert("RGBA").rotate(tilt, expand=True, resample=Image.Resampling.BICUBIC)
    desk.paste(sheet, ((desk.width - sheet.width) // 2, (desk.height - sheet.height) // 2), sheet)
    desk = desk.filter(ImageFilter.GaussianBlur(0.6))
    desk.save(HERE / name, quality=72, optimize=True, progressive=True)
    if (HERE / name).stat().st_size > LARGEST:
        raise SystemExit(f"{name} is over {LARGEST} bytes")


if __name__ == "__main__":
    main()
