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
from sales.clean import BROKEN
from sales.nouns import begins_with_place

_HAN = "零〇一二两三四五六七八九十百千万亿" + numerals.CAPITALS
_ROUND = ("百万", "千万", "佰万", "仟万")
_NO_NAME = "\x00"
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
_MEASURE = re.compile(
    r" ?(?:[台套件只支条张把辆批组盒箱瓶包份片排层寸吨米岁名位家次年月日号天周期代维导人床户座间栋级颗枚部架具副针孔芯]"
    r"|个|通道|小时|点|分钟|公里|毫|厘|度|像素|英寸|平)"
)
_MEASURE_OF_WAN = re.compile(r"[台套件只支条张把辆盒箱瓶片吨米次户册]|人(?!民)|像素")
_YUAN = re.compile(r" ?(?:元|块钱|块|圆|人民币|rmb|cny|大洋)(?:人民币|rmb)?")
_SMALL_CHANGE = re.compile(
    r"(?:([0-9一二三四五六七八九壹贰叁肆伍陆柒捌玖])角)?(?:零?([0-9一二三四五六七八九壹贰叁肆伍陆柒捌玖])分)?[整正]?"
)
_CURRENCY = re.compile(r"(?:¥|rmb|cny|人民币)[: ]?$")
_FOREIGN_BEFORE = re.compile(r"(?:[$€£₩]|usd|eur|hkd|gbp|jpy|美元|美金|欧元|港币|港元|日元|英镑)[: ]?$")
_FOREIGN_AFTER = re.compile(
    r" ?(?:[$€£₩]|usd|eur|hkd|gbp|jpy|美元|美金|美刀|欧元|港币|港元|日元|英镑|韩元|卢布|加币|澳币|台币)"
)
_MINUS = re.compile(r"(?:^|[\s:,，;¥]|金额|价)[-—]+¥?$|(?:^|[:：¥])[-—]+ ¥?$|负$|零下$")
_VAGUE_BEFORE = re.compile(
    r"(?:(?<![纽预签合节违公特简制])大?约|接近|将近|差不多|超过|不到|不足|至少|最多|最少|起码"
    r"|[大小高低多少]于|不止|顶多|几乎"
    r"|[~≈><≥≤±])[: ]{0,2}¥?$|(?:(?<![远附])近|(?<![彩b声腹])超|从|不是|别是|没到|(?:^|[\s,，])[上快小])¥?$"
)
_VAGUE_AFTER = re.compile(
    r" ?(?:左右|上下|以[上下内]|之[内间]|出头|开外|的样子|这样|不到|附近|前后|打底|封顶|往上|往下|[~±?吧呗]"
    r"|吗(?![啡替])|多(?!功能|普勒|参数|排|通道|层|媒体|联|肽|糖|维)|内(?!窥|镜|科|蒙|部)|起(?!重|搏|动)|级"
    r"|来(?!自|宾)|余(?![姚杭江])|几"
    r"|\+(?=$|[\s,，。;元]))"
)
_VAGUE_FIGURE = re.compile(
    rf"(?:[0-9{_HAN}][ 0-9.{_HAN}]{{0,12}}?[多几来余]|[好大]?几|数|上|近|小)"
    rf"(?:[十百千万亿w][十百千万亿]{{0,2}})(?![{_HAN}0-9])"
)
_SIDE_BEFORE = re.compile(
    r"(?:单价|每[台套个件张支年月]|均价|首付|首期|[定订]金|预付款?|押金|尾款|保证金|月租|[月年]付|年费|利润"
    r"|毛利|成本|优惠|让利?|便宜"
    r"|减免?|折扣|已付|回款|欠款?|原价|标价|竞品|对手|返点|佣金|提成|加价?|涨|降|砍|少)(?:了|到|是|为|价|:| ){0,3}¥?$"
)
_SIDE_AFTER = re.compile(
    r" ?(?:[/每][台套个件张支年月]|(?:首付|[定订]金|预付|押金)(?![ :]?[0-9\x00])|一?年(?![底末初前内])一?付?"
    r"|(?:一个|每)月|[*x×] ?[0-9])"
)
_CUT_BEFORE = re.compile(r"\.$|[0-9][.,']+$|(?<![a-z])[a-z]$")
_SUM_WORD = re.compile(r"(?:[额价计共约是为算到款同单币付]|一共)$")
_GOES_ON = re.compile(r"[0-9]+(?![0-9 ]*[台套个件张支辆只年月日])|[一二三四五六七八九](?![台套个件张支辆只年月次])")
_DASHED = re.compile(r"[0-9]-+$")
_CODE = re.compile(r"(?:^|[^a-z])(?:ct|dr|cr|mr|mri|dsa|pet|cbct|ecmo|aed|his|pacs|erp|crm|oa|mes)$")
_DIGITS_OF_TWO = re.compile(rf"([0-9])[0-9]{{1,3}}(?={_MEASURE.pattern})")
_UNIT_OF_NAME = re.compile(r"(?:[0-9],[0-9]{3}|(?<![0-9.])[0-9]{2,3}(?=[十百])|(?<![0-9.,])[0-9]{4,})(?=[十百千])")
_LOOSE_TAIL = re.compile(r"(.*[万亿wkm]).+")
_TIMES_BEFORE = re.compile(r"[0-9台套] ?[*x×] ?$")


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
    text = _MASK.sub(lambda found: _NO_NAME * len(found[0]), lower(line))
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
    pieces = []
    for a, b in pairwise([start, *sorted(inside), end]):
        tail = _QUANTITY_TAIL.fullmatch(text, a, b)
        if tail and _MEASURE.match(text, b):
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
    yuan = _YUAN.match(after)
    named = bool(yuan or _CURRENCY.search(before)) or _has_unit(run)
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
    fault = "currency" if foreign else "malformed" if torn else _fault(run, before, text[stop : stop + 12], value, pair)
    total = None if value is None else value + change
    other = None if yuan else _shorter(run, text, end)
    weak = bool(other or _is_glued(run, before) or (not yuan and _may_go_on(run, text, end)))
    return Figure(text[start:stop], start, stop, total, unit, fault, weak, other, pair)


def _round(text: str, start: int, end: int) -> Figure | None:
    """百万 alone is about a million: offered, never certain; inside a name it is no figure."""
    if re.match(r"[\u4e00-\u9fff]", text[end : end + 1]) and not _YUAN.match(text, end):
        return None
    return Figure(text[start:end], start, end, numerals.value("一" + text[start:end]), "named", fault="vague")


def _has_unit(run: str) -> bool:
    """True when the figure names 万, 亿, w, k, m, or 千 behind an Arabic digit, and has a digit at all."""
    counted = re.search(r"[0-9零〇一二两三四五六七八九十壹贰貳叁叄肆伍陆陸柒捌玖拾]", run)
    return bool(counted and re.search(r"[万亿萬億wkm]|[0-9] ?[千仟]", run))


def _is_part_of_name(run: str, before: str, after: str) -> bool:
    """True for a bare number that is no amount: 3M, 64排, DR300, 三一重工, HD-800, 17号, 2台."""
    if _MEASURE.match(after) or re.match(r"[a-z0-9_.\u0370-\u03ff]|-[a-z0-9]*[a-z]", after):
        return True
    if re.search(r"[a-z_][-.]?$", before):
        return True
    ranged = re.match(r" ?(?:-|~|—|至|到|或|还是) ?[0-9零一二两三四五六七八九十]", after)
    if re.match(r"[\u4e00-\u9fff]", after) and not ranged and not _VAGUE_AFTER.match(after):
        return True
    if run[0] in "0123456789":
        return False
    glued = bool(re.search(r"[\u4e00-\u9fff]$", before)) and not before.endswith(("是", "为", "额", "价"))
    return len(run) == 1 if not glued else not re.search(r"[十百千].*[百十]|[百千][一二两三四五六七八九]", run)


def _is_count(run: str, before: str, after: str) -> bool:
    """True for 5万台, 200万像素, and for k or m that end a model or a name: X3k, iPad2m."""
    if _MEASURE_OF_WAN.match(after) and run[-1] in "万亿千w":
        return True
    lettered = re.search(r"[a-z_]-?$", before) and not (run[-1] == "w" and _CODE.search(before))
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


def _fault(run: str, before: str, after: str, value: Decimal | None, pair: tuple[Decimal, Decimal] | None) -> str:
    """Why the figure is not certain by itself, or an empty string."""
    if pair is not None:
        return "range"
    if value is None or _is_torn(run, before, after):
        return "malformed"
    if _DASHED.search(before):
        return "dashed"
    if _MINUS.search(before) or value == 0:
        return "not_positive"
    if _VAGUE_BEFORE.search(before) or _VAGUE_AFTER.match(after):
        return "vague"
    if _SIDE_BEFORE.search(before) or _SIDE_AFTER.match(after) or _TIMES_BEFORE.search(before):
        return "side"
    return ""


def _is_torn(run: str, before: str, after: str) -> bool:
    """True when the figure may be the rest of a longer one: 1 200万, 1，200万, A3,120万, .5万, 120½万."""
    if BROKEN in (before[-1:], after[:1]) or re.match(r"[.'][0-9]", after) or _CUT_BEFORE.search(before):
        return True
    if re.match(r"[0-9]{3}(?![0-9])", run) and re.search(r"(?<![a-z0-9])[0-9]{1,3}[ ，]$", before):
        return True
    return "," in run and bool(re.search(r"[a-z\u4e00-\u9fff]$", before)) and not _SUM_WORD.search(before)


def _shorter(run: str, text: str, end: int) -> Decimal | None:
    """The other reading where digits touch: 120万三类耗材 is 120 万 or 123 万, 36万52台 is 36 万 or 36 万 5."""
    counted = _DIGITS_OF_TWO.match(text, end)
    if counted and run[-1] in "万亿千wkm":
        return numerals.value(run + counted[1])
    tail = _LOOSE_TAIL.fullmatch(run)
    if tail and re.match(rf"[a-z{_NO_NAME}]|(?!整|正|左|上|以|出|起|吧|的)[\u4e00-\u9fff]", text[end : end + 1]):
        return numerals.value(tail[1])
    return None


def _is_glued(run: str, before: str) -> bool:
    """True when the first digits may end a name: uCT76012万, DR3065万, 北京30112万; CT120万 is plain."""
    if re.search(r"[\u4e00-\u9fff]$", before):
        return re.match(r"[0-9]{5,}[.0-9]*[万w]", run) is not None
    if not re.search(r"[a-z]-?$", before):
        return False
    return not _CODE.search(before.rstrip("-")) or re.match(r"[0-9]{4}", run) is not None


def _may_go_on(run: str, text: str, end: int) -> bool:
    """True when the figure's last letter may begin or end a name: 500W组件, 三百万里, 120万达集团."""
    if not re.match(r"[a-z\u4e00-\u9fff]", text[end : end + 1]):
        return False
    if run[-1] in "wkm" or run[0] not in "0123456789":
        return True
    names = re.match(r"[万亿][达东科华孚和润向泰丰通安方国宁事州盛家兴利隆德源纬嘉联]", text[end - 1 : end + 1])
    return bool(names) and not begins_with_place(text[end:])
