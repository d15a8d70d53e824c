"""The value of one figure as people write it: Arabic, Chinese, capital, mixed, with 万/亿 and w/k/m. R-QE-4.

A closed grammar: what it does not know has no value (None) and is asked, never guessed (R-QE-3). cn2an agrees on
every Chinese numeral it covers (tests/sales/test_numerals.py); it is not used here because its tolerant mode also
reads what must be asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

DIGITS = "零〇一二两三四五六七八九"
CAPITALS = "壹贰貳叁叄肆伍陆陸柒捌玖拾佰仟萬億"
_TO_PLAIN = str.maketrans(CAPITALS + "〇", "一二二三三四五六六七八九十百千万亿零")
_VALUE = {char: Decimal(n) for n, char in enumerate("零一二三四五六七八九")} | {"两": Decimal(2)}
_UNITS = {"千": 1000, "百": 100, "十": 10}
_ARABIC = re.compile(r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|0|[1-9][0-9]{0,15})(?:\.[0-9]{1,12})?")
_STEP = re.compile(r"(零?)([0-9][0-9.,]*|[一二两三四五六七八九])?([千百十])")
_LATIN = {"w": "万", "k": "千", "m": "百万"}
WAN, YI = 10_000, 100_000_000


def plain(text: str) -> str:
    """The figure in small letters, plain numerals and Chinese units, without blanks and 个."""
    small = text.lower().translate(_TO_PLAIN).replace(" ", "").replace("个", "")
    return "".join(_LATIN.get(char, char) for char in small)


def value(text: str) -> Decimal | None:
    """The exact value of a whole figure, or None when the grammar does not know it.

    十五万六 = 156000 (one digit after 万 counts the next place down), 120万5千, 1.2m, 二十万零五百, 1万2, 3千5.
    Refused: 1,20 and 012 (grouping, leading zero), 一百五万 (105 or 150), a second 万, decimals before a rest.
    """
    if "m" in text.lower().rstrip("m"):
        return None
    figure = plain(text)
    head, yi, tail = figure.partition("亿")
    if not yi:
        return _below_yi(figure)
    return _joined(_below_yi(head), _below_yi, tail, place=YI)


def _below_yi(figure: str) -> Decimal | None:
    """Value of a figure with at most one 万."""
    head, wan, tail = figure.partition("万")
    if not wan:
        return _small(figure)
    return _joined(_small(head, spoken_tail=False), _small, tail, place=WAN)


def _joined(head: Decimal | None, read: Callable[[str], Decimal | None], tail: str, *, place: int) -> Decimal | None:
    """head x place + tail, where one lone digit as tail counts place / 10."""
    if head is None:
        return None
    if not tail:
        return head * place
    if head != int(head) or head == 0:
        return None
    if len(tail) == 1 and tail in "123456789一二三四五六七八九":
        return head * place + _digit(tail) * (place // 10)
    rest = read(tail.removeprefix("零"))
    if rest is None or not 0 < rest < place or not _may_follow(tail):
        return None
    return head * place + rest


def _may_follow(tail: str) -> bool:
    """True for a rest that can only mean itself: it names its own units, or has 零 before it, or four digits."""
    return tail[0] == "零" or any(unit in tail for unit in "万千百十") or bool(re.match(r"[0-9]{4}(?![0-9])", tail))


def _digit(char: str) -> Decimal:
    return _VALUE[char] if char in _VALUE else Decimal(char)


def _arabic(text: str) -> Decimal | None:
    return Decimal(text.replace(",", "")) if _ARABIC.fullmatch(text) else None


def _small(figure: str, *, spoken_tail: bool = True) -> Decimal | None:
    """Value of a figure without 万 and 亿: 120, 1,200.5, 一百二十, 一百二十点五, 3.6千, 三千零五."""
    if not figure:
        return None
    if figure == "零":
        return Decimal(0)
    if figure[0] in "0123456789" and not any(unit in figure for unit in "千百十"):
        return _arabic(figure)
    head, point, places = figure.partition("点")
    if not point:
        return _stepped(figure, spoken_tail=spoken_tail)
    if not head:
        return None
    whole = Decimal(0) if head == "零" else _stepped(head, spoken_tail=False)
    digits = "".join(str(_VALUE[char]) if char in _VALUE else char for char in places)
    if whole is None or not re.fullmatch(r"[0-9]{1,12}", digits):
        return None
    return Decimal(f"{whole}.{digits}")


def _stepped(figure: str, *, spoken_tail: bool) -> Decimal | None:
    """Sum of falling steps (千 百 十), a 零 exactly where a place is skipped, then one digit."""
    total, above, at = Decimal(0), 0, 0
    while step := _STEP.match(figure, at):
        unit = _UNITS[step[3]]
        number = _step_number(step[2], unit=unit, first=at == 0, whole=step.end() == len(figure))
        skipped = above > unit * 10
        if number is None or (above and unit >= above) or skipped != bool(step[1]):
            return None
        total, above, at = total + number * unit, unit, step.end()
    rest = figure[at:]
    if not rest:
        return total
    last = _last_digits(rest, above=above, spoken_tail=spoken_tail)
    return None if last is None or total != int(total) else total + last


def _step_number(text: str | None, *, unit: int, first: bool, whole: bool) -> Decimal | None:
    """How many of a unit: 十 alone is one ten; only a first and only step takes decimals or more than 9."""
    if text is None:
        return Decimal(1) if unit == 10 and first else None
    if text in _VALUE:
        return _VALUE[text]
    number = _arabic(text)
    if number is None or (not (first and whole) and not (number == int(number) and 1 <= number <= 9)):
        return None
    return number


def _last_digits(rest: str, *, above: int, spoken_tail: bool) -> Decimal | None:
    """What follows the last named unit: 二十五, 一百零五, spoken 一百二 (120), 1百20, 1千200."""
    zero = rest[0] == "零"
    bare = rest[1:] if zero else rest
    if re.fullmatch(r"[1-9一二两三四五六七八九]", bare):
        if zero:
            return _digit(bare) if above > 10 else None
        if above in (0, 10):
            return _digit(bare)
        return _digit(bare) * (above // 10) if spoken_tail and bare != "两" else None
    if not zero and re.fullmatch(r"[1-9][0-9]{1,2}", bare) and 10 ** len(bare) == above:
        return Decimal(bare)
    return None
