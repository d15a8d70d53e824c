"""What stands around a figure and makes it doubtful: vague words, deposits, minus signs, digits that touch. R-QE-3."""

from __future__ import annotations

import re
from decimal import Decimal

from sales import numerals
from sales.clean import BROKEN
from sales.nouns import begins_with_place

NO_NAME = "\x00"
"""Stands in place of what is no figure: a date, a phone number."""

MEASURE = re.compile(
    r" ?(?:[台套件只支条张把辆批组盒箱瓶包份片排层寸吨米岁名位家次年月日号天周期代维导人床户座间栋级颗枚部架具副针孔芯]"
    r"|个|通道|小时|点|分钟|公里|毫|厘|度|像素|英寸|平)"
)
YUAN = re.compile(r" ?(?:元|块钱|块|圆|人民币|rmb|cny|大洋)(?:人民币|rmb)?")
CURRENCY = re.compile(r"(?:¥|rmb|cny|人民币)[: ]?$")
_MINUS = re.compile(r"(?:^|[\s:,，;¥]|金额|价)[-—]+¥?$|(?:^|[:：¥])[-—]+ ¥?$|负$|零下$")
_VAGUE_BEFORE = re.compile(
    r"(?:(?<![纽预签合节违公特简制])大?约|接近|将近|差不多|超过|不到|不足|至少|最多|最少|起码"
    r"|[大小高低多少]于|不止|顶多|几乎"
    r"|[~≈><≥≤±])[: ]{0,2}¥?$|(?:(?<![远附])近|(?<![彩b声腹])超|从|不是|别是|没到|(?:^|[\s,，])[上快小])¥?$"
)
VAGUE_AFTER = re.compile(
    r" ?(?:左右|上下|以[上下内]|之[内间]|出头|开外|的样子|这样|不到|附近|前后|打底|封顶|往上|往下|[~±?吧呗]"
    r"|吗(?![啡替])|多(?!功能|普勒|参数|排|通道|层|媒体|联|肽|糖|维)|内(?!窥|镜|科|蒙|部)|起(?!重|搏|动)|级"
    r"|来(?!自|宾)|余(?![姚杭江])|几"
    r"|\+(?=$|[\s,，。;元]))"
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
_DASHED = re.compile(r"[0-9]-+$")
CODE = re.compile(r"(?:^|[^a-z])(?:ct|dr|cr|mr|mri|dsa|pet|cbct|ecmo|aed|his|pacs|erp|crm|oa|mes)$")
_DIGITS_OF_TWO = re.compile(rf"([0-9])[0-9]{{1,3}}(?={MEASURE.pattern})")
_LOOSE_TAIL = re.compile(r"(.*[万亿wkm]).+")
_TIMES_BEFORE = re.compile(r"[0-9台套] ?[*x×] ?$")


def fault_of(run: str, before: str, after: str, value: Decimal | None, pair: tuple[Decimal, Decimal] | None) -> str:
    """Why the figure is not certain by itself, or an empty string."""
    if pair is not None:
        return "range"
    if value is None or _is_torn(run, before, after):
        return "malformed"
    if _DASHED.search(before):
        return "dashed"
    if _MINUS.search(before) or value == 0:
        return "not_positive"
    if _VAGUE_BEFORE.search(before) or VAGUE_AFTER.match(after):
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


def shorter_reading(run: str, text: str, end: int) -> Decimal | None:
    """The other reading where digits touch: 120万三类耗材 is 120 万 or 123 万, 36万52台 is 36 万 or 36 万 5."""
    counted = _DIGITS_OF_TWO.match(text, end)
    if counted and run[-1] in "万亿千wkm":
        return numerals.value(run + counted[1])
    tail = _LOOSE_TAIL.fullmatch(run)
    if tail and re.match(rf"[a-z{NO_NAME}]|(?!整|正|左|上|以|出|起|吧|的)[\u4e00-\u9fff]", text[end : end + 1]):
        return numerals.value(tail[1])
    return None


def is_glued(run: str, before: str) -> bool:
    """True when the first digits may end a name: uCT76012万, DR3065万, 北京30112万; CT120万 is plain."""
    if CURRENCY.search(before) or _SUM_WORD.search(before):
        return False
    if re.search(r"[\u4e00-\u9fff]$", before):
        return re.match(r"[0-9]{5,}[.0-9]*[万w]", run) is not None
    if not re.search(r"[a-z]-?$", before):
        return False
    return not CODE.search(before.rstrip("-")) or re.match(r"[0-9]{4}", run) is not None


def may_go_on(run: str, text: str, end: int) -> bool:
    """True when the figure's last letter may begin or end a name: 500W组件, 三百万里, 120万达集团."""
    if not re.match(r"[a-z\u4e00-\u9fff]", text[end : end + 1]):
        return False
    if run[-1] in "wkm" or run[0] not in "0123456789":
        return True
    names = re.match(r"[万亿][达东科华孚和润向泰丰通安方国宁事州盛家兴利隆德源纬嘉联]", text[end - 1 : end + 1])
    return bool(names) and not begins_with_place(text[end:])
