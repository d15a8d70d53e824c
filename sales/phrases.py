"""One stretch of words without separators, cut into customer, product and the rest. R-QE-1, R-QE-3.

Cuts are made only where words say so: a company ending, a known product, a label, a joining verb. A stretch that
can be cut in two ways is `unclear` and is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sales import nouns

CUSTOMER, PRODUCT, UNKNOWN, HEAD, UNCLEAR, MODIFIER, PLACE, CONTACT, NOTE, QUANTITY = (
    "customer",
    "product",
    "unknown",
    "head",  # unknown words glued to the front of a known product
    "unclear",
    "modifier",
    "place",
    "contact",
    "note",
    "quantity",
)
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢"
    "蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史"
    "顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_TITLES = (
    "主任|院长|科长|处长|局长|所长|部长|校长|厂长|店长|会长|总监|总工|经理|主管|医生|教授|老师|老板"
    "|博士|护士长|工程师|采购|总|工|董"
)
_BEHIND_PERSON = "(?:那边|对接|那|介绍的?|负责)?"
_CONTACT = re.compile(f"(?:小|老)?[{_SURNAMES}]副?(?:{_TITLES}){_BEHIND_PERSON}")
_FULL_NAME = re.compile(f"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}副?(?:{_TITLES}){_BEHIND_PERSON}")
_HIGH_TITLE = re.compile("(?:主任|院长|科长|处长|局长|所长|部长|校长|厂长|店长|总监|总工|教授|老板|护士长)")
_ROLE = re.compile(r"(?:联系|对接|负责|介绍|经办)人[:是]?")
_ROOM = re.compile(
    r"(?:设备|放射|影像|超声|检验|急诊|手术|护理|麻醉|采购|信息|内|外|骨|妇产|儿|眼|口腔|心内|神经|器械|医务"
    r"|物资|后勤|基建|技术|财务)+"
    r"[科室处部](?![技室])"
)
_JOIN_LEFT = re.compile(
    r"(?:那边|这边|那里|这里|那儿|这个|那个|刚刚?|今天|昨天|现在|已经|正式|想要?|需要|打算|准备|计划|决定"
    r"|确定|有意向?|意向"
    r"|采购|订购|购买|购置|购进|要买|要上|要换|要订|订了|定了|要了|买了|上了|签了|下了|买|要|上的|谈了|谈的"
    r"|谈|聊的|做的|有个|一个|的|了)+$"
)
_JOIN_RIGHT = re.compile(
    r"(?:那边|这边|那里|这里|那儿|刚刚?|今天|昨天|现在|已经|正式|想要?|需要|打算|准备|计划|决定|确定|有意向?|意向"
    r"|采购(?!中心|部|科|处|员|平台|系统)|订购|购买|购置|购进|要买|要上|要换|要订|订了|定了|要了|买了|上了"
    r"|签了|下了|买|要|谈了个?|谈的|谈个?|聊的"
    r"|做个?|有个?|上个?|个|的|了|是|为)+"
)
_WORK = re.compile(
    r".*(?:集成|开发|改造|安装|托管|升级|实施|迁移|工程|项目|定制|部署|施工|回收|拆装|支架|线缆|面板|外壳|主机|整机|套装)"
)
_AND_END = re.compile(r"[和与及跟加&+]$")
_TWO_COMPANIES = re.compile(
    rf"(?:{nouns.FULL_ENDING.pattern}|医疗|科技|器械|电子|生物|药业|超市)[和与及跟&][\u4e00-\u9fff]{{2}}"
)
_LEAD_IN = re.compile(
    r"(?:我?给|我?跟(?!腱)|把|替|新客户|老客户|客户名?称?[是为:]?|单位[是为:]|(?<![\u4e00-\u9fff])(?:帮"
    r"|为)(?=[\u4e00-\u9fff]{4}))"
)
_LEAD_OUT = re.compile(
    r"(?:这个|的)?(?:单子|订单|项目|商机|单|生意)?(?:录一?下|录进去|录上|记一?下|记上|录个单|录一单|一下|吧"
    r"|啊|哈|呀|了)*$"
)
_QUANTITY = re.compile(
    r"(?:(?<![0-9a-z.-])[0-9]{1,5} ?|[一二两三四五六七八九十]{1,3})"
    r"(?:台|套|个|件|只|支|条|辆|批|组|盒|箱|瓶|份|部|架|副|张|把)(?:设备)?(?![县山市镇乡村区城湾])"
)
_NOTE = re.compile(
    r"急|加急|尽快|在线等|客户|产品|金额|项目|订单|商机|单子|一单|新单|新客户|老客户|意向|备注.*|今天|明天"
    r"|后天|本?周[一二三四五六日末]?"
    r"|.*(?:签约|签单|签$|交货|到货|付款|回款|招标|开标|投标|介绍|交付|发货|成交|对接|跟进|负责|验收).*"
    r"|(?:联系|对接|负责|介绍|经办)人|(?:首付|首期|[定订]金|预付款?|押金|尾款|[原标单均]价|每[台套个]|或者?"
    r"|还是|从|到|美元|美金)+|(?:本|下|上|这|这个|下个)?(?:月|年|季度|周)[底末初中]?|[今明后]年"
    r"|合同|合同额?|预算|报价|总价|总额|共计?|一共|总共|合计|左右|人民币|不?含(?:税|维保|安装|培训|运费"
    r"|.{0,4}费)|.{0,4}(?:维保|质保|保修)[一二三四五六七八九十两0-9]年|[一二三四五六七八九十两0-9]年(?:维保"
    r"|质保|保修|服务).*|年费|每[月年]|.{0,8}[新老]客户|.{0,8}意向.{0,2}|(?:新单|单子)来了.?|数量|账号|用户"
    r"|点位|席位|终端|是?[吗吧]|对[吗吧]|送.{1,6}|全款|现款|元|整|是|为|要|的|了|和|跟|与|及|，|有|大概|给"
    r"|录单|吧"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line and what it is; `sure` when a company ending or a known word says so."""

    kind: str
    text: str
    sure: bool = True


def cut(text: str, *, known: frozenset[str]) -> list[Part]:
    """The parts of one stretch, in order. `known` are product names in small letters. R-QE-3."""
    text = text.strip(" -:·")
    lead = _LEAD_IN.match(text)
    text = text[lead.end() :] if lead else text
    if _NOTE.fullmatch(text):
        return [Part(NOTE, text)]
    text = _LEAD_OUT.sub("", text).strip(" -:·")
    if not text:
        return []
    if _NOTE.fullmatch(text):
        return [Part(NOTE, text)]
    two = _TWO_COMPANIES.search(text)
    if two and nouns.ENDINGS_ONLY.search(text, two.end()):
        return [Part(UNCLEAR, text)]
    counted = _QUANTITY.search(text)
    if counted and not _counts_a_name(text, counted, known):
        return [
            *cut(text[: counted.start()], known=known),
            Part(QUANTITY, counted[0]),
            *cut(text[counted.end() :], known=known),
        ]
    contact = next((found for found in _people(text) if _is_person(text, found)), None)
    if contact:
        rest = [text[: contact.start()], text[contact.end() :]]
        return [*cut(rest[0], known=known), Part(CONTACT, contact[0]), *cut(rest[1], known=known)]
    return _cut_words(text, known)


def _unjoined(text: str) -> str:
    """The text without the joining words in front: 要买CT机 is CT机."""
    joined = _JOIN_RIGHT.match(text)
    return text[joined.end() :] if joined else text


def _counts_a_name(text: str, counted: re.Match[str], known: frozenset[str]) -> bool:
    """True when a Chinese count is inside a name: it must begin or end the stretch or touch a product or a company."""
    if counted[0][0] in "0123456789" or counted.end() == len(text):
        return False
    head, tail = text[: counted.start()], text[counted.end() :]
    cut_before = (
        (not head and counted[0][-1] in "台套辆批部架备")
        or _JOIN_LEFT.search(head)
        or (head and _last_ending(head, len(head)) == len(head))
    )
    return not (cut_before or nouns.product_at_start(tail.lower(), known))


def _people(text: str) -> list[re.Match[str]]:
    """Where 王主任 or 李建国主任 may stand, the short form first."""
    return [found for found in (_CONTACT.search(text), _FULL_NAME.search(text)) if found]


def _is_person(text: str, contact: re.Match[str]) -> bool:
    """True for 王主任 that stands at an edge or right behind a company; the 张江总部 of a name is no person."""
    head = text[: contact.start()]
    short = _CONTACT.fullmatch(contact[0]) and _HIGH_TITLE.search(contact[0])
    if _ROLE.fullmatch(head) or (short and len(head) >= 2):
        return True
    return not head or _last_ending(head, len(head)) == len(head) or bool(_ROOM.search(head) or _JOIN_LEFT.search(head))


def _cut_words(text: str, known: frozenset[str]) -> list[Part]:
    small = text.lower()
    at_end = nouns.product_at_end(small, known)
    if at_end >= 0 and _is_company(text, at_end):
        at_end = -1
    if at_end >= 0:
        return _before_product(text, at_end)
    size = nouns.product_at_start(small, known)
    wide = size or _with_modifiers_before(small, known)
    if 0 < wide < len(text) and not nouns.ENDINGS_ONLY.fullmatch(text[wide:]):
        rest = _unjoined(text[wide:])
        if _last_ending(rest, len(rest)) == len(rest) or nouns.begins_with_place(rest):
            return [Part(PRODUCT, text[:wide]), *_without_product(rest)]
        if len(rest) > 1:
            return [Part(PRODUCT, text, sure=False) if _WORK.fullmatch(rest) else Part(UNCLEAR, text)]
    return _without_product(text)


def _is_company(text: str, at: int) -> bool:
    """True when the product noun at the end is itself a company ending, as 医疗器械 or 建材 may be."""
    return at > 0 and nouns.ENDINGS_ONLY.fullmatch(text[at:]) is not None


def _with_modifiers_before(small: str, known: frozenset[str]) -> int:
    """End of a product phrase at the start such as 64排ct机 or 西门子dr; 0 when there is none."""
    for at in range(1, min(len(small), 12)):
        size = 0 if nouns.splits_word(small, at) else nouns.product_at_start(small[at:], known)
        if size and nouns.is_modifier(small[:at]):
            return at + size
    return 0


def _last_ending(text: str, limit: int, *, full: bool = False) -> int:
    """Where the last company ending before `limit` stops, a bracket behind it included; 0 for none."""
    ends = [found.end() for found in nouns.FULL_ENDING.finditer(text, 0, limit)]
    if not full:
        ends += [found.end() for found in nouns.SOFT_ENDING.finditer(text, 0, limit)]
    ends = [end for end in ends if end >= 3 or full]
    return _past_bracket(text, max(ends)) if ends else 0


def _past_bracket(text: str, end: int) -> int:
    bracket = re.compile(r"\([^()]{1,12}\)").match(text, end)
    return bracket.end() if bracket else end


def _before_product(text: str, noun: int) -> list[Part]:
    """Customer and product of a stretch that ends in a known product. R-QE-3."""
    wide = nouns.widen_left(text.lower(), noun)
    overlap = any(found.start() <= noun < found.end() for found in nouns.FULL_ENDING.finditer(text))
    full = _last_ending(text, noun, full=True)
    if overlap and not full:
        return [Part(UNCLEAR, text)]
    if full:
        return [Part(CUSTOMER, text[:full]), *_product_phrase(text[full:], noun - full)]
    ends = {found.end() for found in nouns.SOFT_ENDING.finditer(text, 0, noun) if found.end() >= 3}
    if wide in ends:
        return [Part(CUSTOMER, text[:wide]), _good(text[wide:])]
    fitting = [end for end in ends if end < wide]
    if not fitting:
        return [Part(UNCLEAR, text)] if ends else _plain_head(text, wide)
    end = max(fitting)
    if _behind_room(text, end, wide) < wide:
        return [Part(UNCLEAR, text)]
    return [Part(CUSTOMER, text[:end]), _good(text[wide:])]


def _good(text: str) -> Part:
    """A product without what joined it to the words before."""
    return Part(PRODUCT, text.lstrip(" ·的-"))


def _product_phrase(text: str, noun: int) -> list[Part]:
    """The product behind a complete company name, without joining verbs and rooms, with its own unknown words."""
    return [_good(text[_behind_room(text, 0, noun) :])]


def _behind_room(text: str, start: int, limit: int) -> int:
    """Where the words between a company and its product end: 设备科要买 in front of CT机."""
    for pattern in (_JOIN_RIGHT, _ROOM, _JOIN_RIGHT):
        found = pattern.match(text, start, limit)
        start = found.end() if found else start
    return start


def _plain_head(text: str, wide: int) -> list[Part]:
    """芜湖弘康彩超: words without an ending before a product, read as the customer when nothing else can be it."""
    head = _JOIN_LEFT.sub("", text[:wide])
    product = _good(text[wide:])
    first = _AND_END.sub("", head)
    if nouns.product_at_end(first.lower(), nouns.PRODUCTS) == 0:
        return [Part(PRODUCT, first), product] if first != head else [Part(PRODUCT, text)]
    if not head:
        return [product]
    if nouns.is_modifier(head):
        return [Part(PRODUCT, text)]
    if nouns.PLACES_ONLY.fullmatch(head):
        return [Part(PLACE, head), product]
    joined = head != text[:wide]
    sure = joined or nouns.begins_with_place(head)
    return [Part(UNKNOWN if sure else HEAD, head, sure=sure), product]


def _without_product(text: str) -> list[Part]:
    """A stretch without a known product: a company, a company and an unknown product, a describing word, or unknown."""
    if nouns.PLACES_ONLY.fullmatch(text):
        return [Part(PLACE, text)]
    if _ROOM.fullmatch(text):
        return [Part(NOTE, text)]
    if nouns.ENDINGS_ONLY.fullmatch(text):
        return [Part(CUSTOMER, text, sure=False)]
    end = _last_ending(text, len(text), full=True) or _last_ending(text, len(text))
    if end == len(text):
        return [Part(CUSTOMER, text)]
    if end:
        rest = _unjoined(text[end:])
        return [Part(CUSTOMER, text[:end]), *_behind_company(rest)]
    bare = _JOIN_LEFT.sub("", text)
    if nouns.is_modifier(bare.lower()):
        return [Part(MODIFIER, bare)]
    if nouns.sounds_like_product(bare):
        return [Part(PRODUCT, bare, sure=False)]
    return [Part(UNKNOWN, bare, sure=bare != text)] if bare else []


def _behind_company(rest: str) -> list[Part]:
    if not rest or _NOTE.fullmatch(rest) or _ROOM.fullmatch(rest):
        return [Part(NOTE, rest)] if rest else []
    if nouns.is_modifier(rest.lower()):
        return [Part(MODIFIER, rest)]
    if nouns.sounds_like_product(rest):
        return [Part(PRODUCT, rest, sure=False)]
    return [Part(UNKNOWN, rest, sure=False)]
