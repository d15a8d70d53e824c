"""The amount of a line: one certain value, or the readings to offer. R-QE-3, R-QE-4, R-MONEY.

The value is integer fen. Nothing is rounded and nothing is guessed: vague words, ranges, second amounts, bare small
numbers, foreign money and doubtful spellings are asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from sales.clean import LIMIT, clean
from sales.figures import Figure, find_figures, lower
from sales.nouns import begins_with_product
from sales.numerals import WAN, plain, value

LIMIT_FEN = 100_000_000_000
MOST_CHOICES = 4
_RANGE = re.compile(r" ?(?:-+|~+|—+|至|到|→|->|\.{2,}) ?(?:¥ ?)?")
_EITHER = re.compile(r" ?(?:或者?|还是) ?(?:¥ ?)?")
_UNIT_TAIL = re.compile(r"[百千万亿]+$")
_DOUBT = re.compile(
    r"大概|大约|可能|差不多|估计|也许|或许|兴许|不确定|没定|未定|待定|说不准|好像|暂估|粗估|毛估|目测"
    r"|打[一二三四五六七八九0-9.]+折|[0-9.]+折"
    r"|让利|打折|(?:让|优惠|减|[上下]浮) ?[0-9.]+ ?(?:%|个?点)"
)
_QUESTION = re.compile(
    r"[?？]|吗(?![啡替])|呢(?=$|[\s,，。!~])|多少|几钱|什么价|是不是|有没有|能不能|可不可以|行不行|对不对|好不好"
    r"|要不要"
)
_MANY = re.compile(r"(?<![0-9.])([2-9]|[1-9][0-9]{1,3}|[两二三四五六七八九十]) ?[台套个件张支辆只]")
_ONE_PIECE = re.compile(r" ?(?:一|1 ?)[台套个件张支辆只]")
_ONE_PIECE_END = re.compile(r"(?:[一1] ?[台套个件张支辆只]|[/每][台套个件张支]) ?$")
_HAN_COUNT = {char: n for n, char in enumerate("零一二三四五六七八九十")} | {"两": 2}
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_NAMES = re.compile(r"(?:3m|[248]k)")


@dataclass(frozen=True, slots=True)
class Amount:
    """One certain reading: `fen`, and where in the cleaned line it stands."""

    fen: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AmountReadings:
    """What a text says about its amount: `certain`, or `choices` to offer and `why` it is not certain.

    `why`: "", none, vague, range, several, no_unit, not_positive, too_precise, over_limit, malformed, currency.
    `spans`: where figures of money stand in the cleaned text.
    """

    certain: int | None
    choices: tuple[int, ...] = ()
    why: str = ""
    spans: tuple[tuple[int, int], ...] = ()


def read_amount(text: str, *, limit_fen: int = LIMIT_FEN) -> AmountReadings:
    """The amount of an answer such as 120万 or 大概130. R-QE-3, R-QE-4. A text over 500 characters has none."""
    if len(text) > LIMIT:
        return AmountReadings(None, why="none")
    return read_in_line(clean(text), limit_fen=limit_fen)


def find_amounts(line: str) -> tuple[Amount, ...]:
    """Every amount of a line that is certain by itself, with its span in the cleaned line."""
    found = []
    for figure in find_figures(clean(line[:LIMIT])):
        fen = _fen(figure.value)
        if fen and not figure.fault and not figure.weak and figure.unit != "bare":
            found.append(Amount(fen, figure.text, figure.start, figure.end))
    return tuple(found)


def is_question(line: str) -> bool:
    """True for a line that asks: R-QE-3 saves nothing from it."""
    return bool(_QUESTION.search(line))


def read_in_line(line: str, *, limit_fen: int = LIMIT_FEN) -> AmountReadings:
    """The amount of a cleaned line. R-QE-3.

    Certain only when every figure of money in it says the same positive value within the limit, exactly to the
    fen, and no word of the line makes it vague.
    """
    figures = _relevant(find_figures(line), line)
    if not figures:
        return AmountReadings(None, why="none")
    spans = tuple((figure.start, figure.end) for figure in figures)
    why, values = _weigh(figures, lower(line))
    if why in ("malformed", "not_positive", "currency"):
        return AmountReadings(None, why=why, spans=spans)
    fens = [_fen(amount) for amount in dict.fromkeys(values)]
    choices = tuple(fen for fen in fens if fen is not None and 0 < fen <= limit_fen)[:MOST_CHOICES]
    if not choices and fens:
        why = "too_precise" if None in fens else "over_limit"
    if not why and len(choices) == 1:
        return AmountReadings(choices[0], spans=spans)
    return AmountReadings(None, choices, why, spans)


def _fen(amount: Decimal | None) -> int | None:
    """Integer fen, or None when the amount has more than two places of a yuan. R-MONEY."""
    if amount is None:
        return None
    fen = amount * 100
    return int(fen) if fen == int(fen) else None


def _relevant(figures: Sequence[Figure], line: str) -> list[Figure]:
    """Without the numbers that are no second amount beside a real one: 3M, 4K, 500W组件, a year, one digit."""
    named = [_is_name(figure, figures, line) for figure in figures]
    strong = [f for f, name in zip(figures, named, strict=True) if f.unit != "bare" and not name]
    if not strong:
        return list(figures)
    return [f for f, name in zip(figures, named, strict=True) if not name]


def _is_name(figure: Figure, figures: Sequence[Figure], line: str) -> bool:
    """True for a figure that, beside a real amount, is read as part of a name or as a count."""
    at = figures.index(figure)
    if at + 1 < len(figures) and _RANGE.fullmatch(line[figure.end : figures[at + 1].start]):
        return False
    if figure.unit == "bare":
        small = figure.value is not None and figure.value < 10
        return figure.fault == "" and (small or bool(_YEAR.fullmatch(figure.text)))
    if _NAMES.fullmatch(figure.text):
        return figure.weak or at + 1 < len(figures)
    return figure.weak and figure.text[-1] in "wkm" and begins_with_product(line[figure.end :])


def _weigh(figures: Sequence[Figure], line: str) -> tuple[str, list[Decimal]]:
    """Why the figures are not certain ("" when they are), and the values to offer in order."""
    faults = {figure.fault for figure in figures}
    for fault in ("malformed", "currency", "not_positive"):
        if fault in faults:
            return fault, []
    ranged = _as_range(figures, line)
    if ranged:
        return ranged
    values = [reading for figure in figures for reading in _readings(figure)]
    if len(figures) == 1 and _is_per_piece(figures[0], line):
        return "vague", _with_total(values, line)
    distinct = dict.fromkeys(figure.value for figure in figures if figure.value is not None)
    if "dashed" in faults or len(distinct) > 1 or ("side" in faults and len(figures) > 1):
        return "several", values
    if "vague" in faults or _DOUBT.search(line) or is_question(line):
        return "vague", values
    if all(figure.unit == "bare" for figure in figures):
        return "no_unit", values
    if any(figure.weak for figure in figures):
        return "several", values
    return "", [figure.value for figure in figures if figure.value is not None and figure.unit != "bare"]


def _is_per_piece(figure: Figure, line: str) -> bool:
    """True for a price that is not the sum: 单价60万, 60万/台, and 60万一台 when the line speaks of several."""
    single = _ONE_PIECE.match(line, figure.end) or _ONE_PIECE_END.search(line[: figure.start])
    return figure.fault == "side" or bool(single and _MANY.search(line))


def _readings(figure: Figure) -> list[Decimal]:
    """The values one figure can have: a bare one N 万 and N 元, one that touches other digits two."""
    if figure.value is None:
        return []
    if figure.unit == "bare":
        return [figure.value * WAN, figure.value]
    return [figure.value] if figure.other is None else sorted([figure.other, figure.value])


def _as_range(figures: Sequence[Figure], line: str) -> tuple[str, list[Decimal]] | None:
    """Lower and upper of the first two figures joined by a range sign, or the two joined by 或; else None."""
    for figure in figures:
        if figure.pair is not None:
            return "range", sorted(figure.pair)
    for left, right in pairwise(figures):
        between = line[left.end : right.start]
        either = _EITHER.fullmatch(between)
        usable = left.value and right.value and right.fault in ("", "dashed", "vague") and left.fault in ("", "vague")
        if usable and (either or _RANGE.fullmatch(between)) and left.value and right.value:
            low = _in_unit_of(left.value, left, right)
            high = right.value * WAN if left.unit == right.unit == "bare" else right.value
            return ("several" if either else "range"), sorted([low, high])
    return None


def _in_unit_of(number: Decimal, left: Figure, right: Figure) -> Decimal:
    """The left end of 50-60万, which borrows its unit from the right one."""
    if left.unit != "bare":
        return number
    if right.unit == "bare":
        return number * WAN
    tail = _UNIT_TAIL.search(plain(right.text.rstrip("元块圆整")))
    return (value(plain(left.text) + tail[0]) if tail else None) or number


def _with_total(values: list[Decimal], line: str) -> list[Decimal]:
    """A price per piece, and that price times the one quantity of the line: 单价60万 2台 offers 60 万 and 120 万."""
    counts = {found[1] for found in _MANY.finditer(line)} | set(re.findall(r"[*x×] ?([2-9])(?![0-9])", line))
    if len(counts) != 1 or len(values) != 1:
        return values
    count = counts.pop()
    return [values[0], values[0] * (_HAN_COUNT[count] if count in _HAN_COUNT else int(count))]
