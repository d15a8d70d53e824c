"""Figures in a line that may be money, with the words around them that make them certain or not. R-QE-3, R-QE-4.

Dates, phone and order numbers, percentages, quantities and digits inside names are no figures of money.
All patterns read each character a bounded number of times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from sales import numerals
from sales.surroundings import (
    CODE,
    CURRENCY,
    MEASURE,
    NO_NAME,
    VAGUE_AFTER,
    YUAN,
    fault_of,
    is_glued,
    may_go_on,
    shorter_reading,
)

_HAN = "零〇一二两三四五六七八九十百千万亿" + numerals.CAPITALS
_ROUND = ("百万", "千万", "佰万", "仟万")
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_MARKS = (
    r"(?<![0-9])1[3-9][0-9]-?[0-9]{4}-?[0-9]{4}(?![0-9])"
    r"|(?<![0-9])0[0-9]{2,3}-[0-9]{7,8}(?![0-9])"
    r"|zk-[0-9]{8}-[0-9]{1,6}"
    r"|(?<![0-9])(?:19|20)[0-9]{2}(?:年[0-9]{0,2}(?:月(?:[0-9]{1,2}[日号]?)?)?"
    r"|[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?![0-9]))"
    r"|(?<![0-9.])[0-9]{1,2}月(?:[0-9]{1,2}[日号]?)?"
    r"|(?<![0-9.万亿千百wkm])(?:[1-9]|1[0-2])/[0-9]{1,2}(?![0-9./]| ?[万亿千百wk元])"
    r"|(?<![0-9:])[0-9]{1,2}:[0-9]{2}(?![0-9])"
    r"|(?:编号|单号|合同号|合同编号|订单号|工单号|电话|手机|tel|微信|税号|账号|邮编|qq)[:#]? ?"
    r"[a-z0-9-]{4,40}(?![a-z0-9.,-]| ?[万亿千百元])"
    r"|[0-9]{1,9}(?:\.[0-9]{1,4})?(?:%|‰|折)"
    r"|[一二三四五六七八九]{1,2}折"
)
_MARK = re.compile(_MARKS, re.IGNORECASE)
_MASK = re.compile(
    _MARKS + r"|[#第][0-9]{1,12}(?![0-9])"
    r"|第[一二三四五六七八九十]{1,3}"
)
_RUN = re.compile(
    rf"[0-9{_HAN}](?:[0-9{_HAN}]|[.,](?=[0-9])|点(?=[0-9{_HAN}])|[wkm](?![a-z])|w(?=ct|dr|cr|mr|pet|dsa)"
    r"| (?=[万亿]|[百千]万)|(?<=[0-9]) (?=[wk](?![a-z0-9]))|个(?= ?(?:[万亿]|w(?![a-z0-9]))))*"
)
_ARABIC_INSIDE = re.compile(rf"(?<=[一二两三四五六七八九{numerals.CAPITALS[:13]}])(?=[0-9])")
_NAME_INSIDE = re.compile(r"[万亿wkm][0-9一二三四五六七八九]?( )(?=[百千万亿])")
_QUANTITY_TAIL = re.compile(r"(.*[百千万亿wkm])([0-9]{1,4}|[一二两三四五六七八九十]{1,3})")
_MEASURE_OF_WAN = re.compile(r"[台套件只支条张把辆盒箱瓶片吨米次户册]|人(?!民)|像素")
_SMALL_CHANGE = re.compile(
    r"(?:([0-9一二三四五六七八九壹贰叁肆伍陆柒捌玖])角)?(?:零?([0-9一二三四五六七八九壹贰叁肆伍陆柒捌玖])分)?[整正]?"
)
_FOREIGN_BEFORE = re.compile(r"(?:[$€£₩]|usd|eur|hkd|gbp|jpy|美元|美金|欧元|港币|港元|日元|英镑)[: ]?$")
_FOREIGN_AFTER = re.compile(
    r" ?(?:[$€£₩]|usd|eur|hkd|gbp|jpy|美元|美金|美刀|欧元|港币|港元|日元|英镑|韩元|卢布|加币|澳币|台币)"
)
_VAGUE_FIGURE = re.compile(
    rf"(?:[0-9{_HAN}][ 0-9.{_HAN}]{{0,12}}?[多几来余]|[好大]?几|数|上|近|小)"
    rf"(?:[十百千万亿w][十百千万亿]{{0,2}})(?![{_HAN}0-9])"
)
_GOES_ON = re.compile(r"[0-9]+(?![0-9 ]*[台套个件张支辆只年月日])|[一二三四五六七八九](?![台套个件张支辆只年月次])")
_LONG_BEFORE_WAN = re.compile(r"(?:[0-9]{3},[0-9]{3}|[0-9]{6,})( )[万亿]$")
_UNIT_OF_NAME = re.compile(r"(?:[0-9],[0-9]{3}|(?<![0-9.])[0-9]{2,3}(?=[十百])|(?<![0-9.,])[0-9]{4,})(?=[十百千])")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of money: span in the line, value in yuan, how it was written.

    `unit`: named (万, 元, k, ¥ ...), plain (a long figure such as 1200000), bare (120, 一百二).
    `fault`: "", malformed, vague, range, dashed (behind a digit and a dash), not_positive, currency, side (a price
    per piece, a deposit).
    `weak`: what stands right before or behind it may belong to it or not; `other` is then the shorter reading.
    """

    text: str
    start: int
    end: int
    value: Decimal | None
    unit: str
    fault: str = ""
    weak: bool = False
    other: Decimal | None = None
    pair: tuple[Decimal, Decimal] | None = None


def lower(line: str) -> str:
    """ASCII letters small, length kept."""
    return line.translate(_LOWER)


def without_marks(line: str, *, gap: str) -> str:
    """The line with dates, phone and order numbers and percentages blanked out."""
    return _MARK.sub(gap, line)


def find_figures(line: str) -> tuple[Figure, ...]:
    """Every figure of a cleaned line that may be money, in order."""
    text = _MASK.sub(lambda found: NO_NAME * len(found[0]), lower(line))
    vague = [(found.start(), found.end()) for found in _VAGUE_FIGURE.finditer(text)]
    figures = [Figure(text[a:b], a, b, None, "named", fault="vague") for a, b in vague]
    for run in _RUN.finditer(text):
        for start, end in _pieces(text, run.start(), run.end()):
            if any(a < end and start < b for a, b in vague):
                continue
            figure = _figure(text, start, end)
            if figure is not None:
                figures.append(figure)
    return tuple(sorted(figures, key=lambda figure: figure.start))


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A run cut where names meet figures (浙二120万, 120万 万科), without a quantity at its end."""
    inside = {found.start() for found in _ARABIC_INSIDE.finditer(text, start, end)}
    inside |= {found.end() for found in _UNIT_OF_NAME.finditer(text, start, end)}
    inside |= {found.start(1) for found in _NAME_INSIDE.finditer(text, start, end)}
    last = _LONG_BEFORE_WAN.search(text, start, end)
    if last and re.match(r"[\u4e00-\u9fff]", text[end : end + 1]) and not YUAN.match(text, end):
        inside.add(last.start(1))
    pieces = []
    for a, b in pairwise([start, *sorted(inside), end]):
        tail = _QUANTITY_TAIL.fullmatch(text, a, b)
        if tail and MEASURE.match(text, b):
            b = tail.end(1)
        pieces.append((a, b))
    return pieces


def _figure(text: str, start: int, end: int) -> Figure | None:
    """The figure at a span, or None when it is part of a name, a quantity or a date."""
    run = text[start:end].rstrip()
    end = start + len(run)
    if run in _ROUND:
        return _round(text, start, end)
    before, after = text[max(0, start - 12) : start], text[end : end + 12]
    yuan = YUAN.match(after)
    named = bool(yuan or CURRENCY.search(before)) or _has_unit(run)
    foreign = _FOREIGN_BEFORE.search(before) or _FOREIGN_AFTER.match(after)
    if not foreign and not named and _is_part_of_name(run, before, after):
        return None
    if named and not yuan and _is_count(run, before, after):
        return None
    stop, change = _with_yuan(text, end, yuan)
    value = numerals.value(run)
    pair = _spoken_range(run)
    unit = "named" if named else "plain" if value is not None and _is_plain(run, value) else "bare"
    torn = yuan is not None and _GOES_ON.match(text, stop) is not None
    fault = (
        "currency" if foreign else "malformed" if torn else fault_of(run, before, text[stop : stop + 12], value, pair)
    )
    total = None if value is None else value + change
    other = None if yuan else shorter_reading(run, text, end)
    weak = bool(other or is_glued(run, before) or (not yuan and may_go_on(run, text, end)))
    return Figure(text[start:stop], start, stop, total, unit, fault, weak, other, pair)


def _round(text: str, start: int, end: int) -> Figure | None:
    """百万 alone is about a million: offered, never certain; inside a name it is no figure."""
    if re.match(r"[\u4e00-\u9fff]", text[end : end + 1]) and not YUAN.match(text, end):
        return None
    return Figure(text[start:end], start, end, numerals.value("一" + text[start:end]), "named", fault="vague")


def _has_unit(run: str) -> bool:
    """True when the figure names 万, 亿, w, k, m, or 千 behind an Arabic digit, and has a digit at all."""
    counted = re.search(r"[0-9零〇一二两三四五六七八九十壹贰貳叁叄肆伍陆陸柒捌玖拾]", run)
    return bool(counted and re.search(r"[万亿萬億wkm]|[0-9] ?[千仟]", run))


def _is_part_of_name(run: str, before: str, after: str) -> bool:
    """True for a bare number that is no amount: 3M, 64排, DR300, 三一重工, HD-800, 17号, 2台."""
    if MEASURE.match(after) or re.match(r"[a-z0-9_.\u0370-\u03ff]|-[a-z0-9]*[a-z]", after):
        return True
    if re.search(r"[a-z_][-.]?$", before):
        return True
    ranged = re.match(r" ?(?:-|~|—|至|到|或|还是) ?[0-9零一二两三四五六七八九十]", after)
    if re.match(r"[\u4e00-\u9fff]", after) and not ranged and not VAGUE_AFTER.match(after):
        return True
    if run[0] in "0123456789":
        return False
    glued = bool(re.search(r"[\u4e00-\u9fff]$", before)) and not before.endswith(("是", "为", "额", "价"))
    return len(run) == 1 if not glued else not re.search(r"[十百千].*[百十]|[百千][一二两三四五六七八九]", run)


def _is_count(run: str, before: str, after: str) -> bool:
    """True for 5万台, 200万像素, and for k or m that end a model or a name: X3k, iPad2m."""
    if _MEASURE_OF_WAN.match(after) and run[-1] in "万亿千w":
        return True
    lettered = re.search(r"[a-z_]-?$", before) and not (run[-1] == "w" and CODE.search(before))
    return run[-1] in "kmw" and bool(lettered or re.match(r"(?!ct|dr|cr|mr|pet|dsa)[a-z0-9_]", after))


def _with_yuan(text: str, end: int, yuan: re.Match[str] | None) -> tuple[int, Decimal]:
    """Where the figure ends with 元, 角, 分, 整, and the small change."""
    if yuan is None:
        return end + (1 if text.startswith(("整", "正"), end) else 0), Decimal(0)
    change = _SMALL_CHANGE.match(text, end + yuan.end())
    assert change is not None  # every part of the pattern is optional
    parts = [numerals.value(part) or Decimal(0) if part else Decimal(0) for part in change.groups()]
    return change.end(), parts[0] / 10 + parts[1] / 100


def _is_plain(run: str, value: Decimal) -> bool:
    """True for a figure long enough to be yuan without saying so: five digits and more, no date such as 20261119."""
    date = re.fullmatch(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])", run)
    return value >= 10_000 and run[0] in "0123456789" and not date


def _spoken_range(run: str) -> tuple[Decimal, Decimal] | None:
    """三四十万 = 30 to 40 万, 三五万 = 3 to 5 万, 二百三四十万; else None."""
    found = re.search(r"(?<![0-9.])(一二|两三|二三|三四|四五|五六|六七|七八|八九|三五)(?=[十百千万亿])", run)
    if not found:
        return None
    a, b = found.span()
    low, high = (numerals.value(run[:a] + digit + run[b:]) for digit in found[0])
    return None if low is None or high is None else (low, high)
