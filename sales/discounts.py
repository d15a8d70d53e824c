"""How a discount is written and what it comes to, exactly in fen: 8.8 折（让 12%）. R-APR-1, R-MONEY."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sales.amounts import find_amounts
from sales.clean import clean
from sales.errors import Refusal
from sales.money import format_yuan

EXAMPLE = "回「让12%」「8.8折」或成交价「到 79.2万」"
_HAN = str.maketrans("零〇一二两三四五六七八九", "001223456789")
_NUMBER = r"[0-9]{1,3}(?:\.[0-9]{1,4})?"
_FOLD = re.compile(r"打?(?P<fold>[0-9]{1,3}(?:\.[0-9]{1,4})?|[一二三四五六七八九零〇点]{1,5}) ?折扣?")
_OFF = re.compile(rf"(?:让利?|降价?|优惠|便宜|下浮|减)(?:价|掉|了|到)?[ :]?(?P<off>{_NUMBER}) ?(?:%|个?点)")
_TO = re.compile(r"(?:(?:让|降|做|谈|压|改)?到|成交价|总价|价格?|按) ?[:=]? ?")
_DEAL = re.compile(r"#?(?P<deal>[0-9]{1,9})(?:号|单)?(?=[ ,，、]|$|[打让降优便下减到做成按])")
_GAP = re.compile(r"[ ,，、:;。]+")


@dataclass(frozen=True, slots=True)
class Ask:
    """What a typed request holds: the deal's number, the discount as it was written, the reason; "" when missing."""

    deal: str = ""
    off: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Off:
    """A discount as it was written: `percent` off the price, or the new price in fen."""

    percent: Fraction | None = None
    price_fen: int | None = None


def read_ask(text: str) -> Ask:
    """The parts of 9 让12% 对手报 80 万, deal and discount in either order; the rest is the reason."""
    rest, deal, off = clean(text), "", ""
    for _ in range(2):
        rest = _GAP.sub("", rest, count=1) if _GAP.match(rest) else rest
        if not off and (end := _off_end(rest)):
            off, rest = rest[:end].strip(), rest[end:]
        elif not deal and (found := _DEAL.match(rest)):
            deal, rest = found["deal"], rest[found.end() :]
    return Ask(deal, off, rest.strip(" ,，、:;。\n"))


def read_off(text: str) -> Off:
    """The discount of an answer: 8.8折, 88折, 八八折, 让12%, 降 12 个点, 到 79.2万, 79.2万. R-HOLD.

    Raises Refusal with an example for anything else: 12% alone may be off or left, 88 may be a fold or a price.
    """
    line = clean(text)
    if (fold := _FOLD.fullmatch(line)) and (value := _fold(fold["fold"])):
        return Off(percent=(10 - value) * 10)
    if off := _OFF.fullmatch(line):
        percent = Fraction(off["off"])
        if 0 < percent < 100:
            return Off(percent=percent)
    to = _TO.match(line)
    price = line[to.end() :] if to else line
    amounts = find_amounts(price)
    if len(amounts) == 1 and (amounts[0].start, amounts[0].end) == (0, len(price)):
        return Off(price_fen=amounts[0].fen)
    raise Refusal("R-APR-1", f"让多少没看懂，{EXAMPLE}。")


def price_of(base_fen: int, off: Off) -> int:
    """The price in fen, exact. R-MONEY. Raises Refusal when it is no whole fen or no discount on the base."""
    if off.percent is not None:
        price = base_fen * (100 - off.percent) / 100
        if price.denominator != 1:
            raise Refusal("R-MONEY", "这个折扣算下来不是整分，")
        price_fen = int(price)
    else:
        price_fen = off.price_fen or 0
    if not 0 < price_fen < base_fen:
        raise Refusal("R-APR-1", f"成交价要比原价 {format_yuan(base_fen)} 低、比 0 高，")
    return price_fen


def percent_off(base_fen: int, price_fen: int) -> Fraction:
    """How many percent the price is below the base, exactly: bands are compared with this. R-APR-1, R-MET-0."""
    return Fraction((base_fen - price_fen) * 100, base_fen)


def discount_words(base_fen: int, price_fen: int) -> str:
    """8.8 折（让 12%）; 约 before it when the figures shown are rounded. R-MONEY."""
    percent = percent_off(base_fen, price_fen)
    fold, exact_fold = _short((100 - percent) / 10)
    off, exact_off = _short(percent)
    return f"{'' if exact_fold and exact_off else '约 '}{fold} 折（让 {off}%）"


def short_words(base_fen: int, price_fen: int) -> str:
    """8.8 折, for titles and lists."""
    return discount_words(base_fen, price_fen).partition("（")[0]


def _off_end(text: str) -> int:
    """Where a discount at the beginning of the text ends; 0 when it begins with none."""
    if found := _FOLD.match(text) or _OFF.match(text):
        return found.end()
    to = _TO.match(text)
    amounts = find_amounts(text[to.end() :]) if to else ()
    return to.end() + amounts[0].end if to and amounts and amounts[0].start == 0 else 0


def _fold(written: str) -> Fraction | None:
    """8.8 of 8.8, 88, 八八 or 八点八; None for what can be read in two ways, such as 80, 10 or 0.88."""
    digits = written.translate(_HAN).replace("点", ".")
    if not re.fullmatch(r"[1-9](?:[0-9]{0,2}|\.[0-9]{1,4})", digits) or (len(digits) > 1 and digits.endswith("0")):
        return None
    return Fraction(digits if "." in digits or len(digits) == 1 else f"{digits[0]}.{digits[1:]}")


def _short(number: Fraction) -> tuple[str, bool]:
    """The number with at most two places, half up, and whether that is all of it."""
    hundredths = (number * 200 + 1) // 2
    text = f"{Decimal(hundredths) / 100:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text), number * 100 == hundredths
