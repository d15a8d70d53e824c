"""Command words: exact ones, their synonyms, and the repair of misspelt ones. ux.md 3.

An exact command word wins over every other reading. Decisions, configuration, claims, 交接 and 回滚 are never
repaired: a near miss of them is no command.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sales.names import sounds

_TABLE = {
    "deal": "录单=录入,报单,新单,加个单,记一单,记个单,录个单,录一单,录商机,新建商机,ld",
    "followup": "跟进=拜访,回访,聊了,gj",
    "undo": "撤销=撤回,搞错了",
    "help": "帮助=菜单,怎么用,help",
    "config": "配置",
    "approve": "同意 驳回 退回补充 转交 加签",
    "lead_touch": "接通了=已联系 没接 号码错",
    "deal_lost": "流失=丢了,黄了",
    "evidence": "传凭证 凭证通过 凭证退回 传文件",
    "command": """
        取消=算了 继续 稍后 商机 客户 查 我的商机 打开 推进=tj 缺什么=差什么,凭证 报价 申请 待我审批=待办 催办 我发起的
        我的线索 公海 领取 退回 号码 转商机 上班 下班 我的目标 团队目标 PCI=pci LDR=ldr ADA=ada 漏斗 预测 清单=今天干啥
        日志=日报 周报 导出 授权 交接 请假=代理 为什么=凭啥 成员 绑定 群 群机器人 模板 诊断 开通 回滚 关键人 别打扰
        少发点 话术 竞品 解冻 改派 团队今天 风险前十 我是管理员 我来定 看全程 确认无效
    """,
}
"""Intent -> command words; behind = their synonyms. ux.md 3."""

EXACT_ONLY = (
    "凭证通过",
    "凭证退回",
    "同意",
    "驳回",
    "退回补充",
    "转交",
    "加签",
    "我来定",
    "确认无效",
    "配置",
    "领取",
    "交接",
    "回滚",
    "绑定",
    "授权",
    "退回",
)
"""Never repaired."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BOUNDED = _set("""
    客户 商机 号码 报价 成员 模板 预测 清单 凭证 群 算了 菜单 怎么用 待办 代理 竞品 话术 打开 继续 上班 下班
    黄了 丢了 日志 取消 新单 聊了 开通 关键人 我来定 看全程 传文件
""") | set(EXACT_ONLY)
_NUMBERED = _set("""
    丢了 黄了 流失 没接 接通了 已联系 号码错 退回 推进 打开 缺什么 差什么 号码 转商机 领取 跟进 话术 竞品 解冻
""")
_REAL_WORDS = _set("""
    上级 深情 公害 交界 推荐 推广 推动 推销 推迟 推出 跟着 跟踪 跟随 跟单 撤退 撤离 撤诉 帮忙 帮我 帮你 取得 取款 取货
    继承 申购 亲家
""")
_ONE_WRONG = _set("跟进 撤销 推进 帮助 取消 缺什么 传凭证 我的商机 我的线索 我的目标 待我审批 为什么 转商机 接通了")
_BOUNDARY = re.compile(r"[\s,，。.;:、!?#\d@-]|$|zk", re.IGNORECASE)
_NUMBER = re.compile(r"#?([0-9]{1,6}) ?(?:号|单)?[ ,，]?")
_REQUEST_ID = re.compile(r"zk-[0-9]{8}-[0-9]{1,6}", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Command:
    """A recognised command word: intent, its first name, what was typed, the rest of the line, a number before it.

    `repaired`: the right word when the typed one was misspelt. `near`: a word that is never repaired was meant,
    perhaps; then the intent is empty.
    """

    intent: str
    name: str = ""
    typed: str = ""
    rest: str = ""
    number: str = ""
    repaired: str = ""
    near: str = ""


def _entries() -> dict[str, tuple[str, str]]:
    words: dict[str, tuple[str, str]] = {}
    for intent, row in _TABLE.items():
        for entry in row.split():
            name, _, others = entry.partition("=")
            for word in (name, *filter(None, others.split(","))):
                words[word.lower()] = (intent, name)
    return words


WORDS = _entries()
_BY_LENGTH = sorted(WORDS, key=len, reverse=True)
_NUMBERED_BY_LENGTH = sorted(_NUMBERED, key=len, reverse=True)
_REPAIRABLE = tuple(word for word in _BY_LENGTH if len(word) > 1 and _HAN.fullmatch(word) and word not in EXACT_ONLY)
_DEAL_WORDS = tuple(word for word in _REPAIRABLE if WORDS[word][0] == "deal")


def recognise(line: str, *, has_amount: bool) -> Command | None:
    """The command a line begins with (or, after a number, as in 17 丢了), exact words first; None for no command."""
    if line in ("?", "??", "？"):
        return Command("help", "帮助", line)
    exact = _exact(line, _BY_LENGTH)
    if exact:
        return exact
    number = _NUMBER.match(line)
    if number:
        behind = _exact(line[number.end() :], _NUMBERED_BY_LENGTH)
        if behind:
            return Command(behind.intent, behind.name, behind.typed, behind.rest, number=number[1])
    return _misspelt(line, has_amount=has_amount)


def _exact(line: str, words: list[str]) -> Command | None:
    small = line.lower()
    for word in words:
        if small.startswith(word) and _may_end(word, line):
            intent, name = WORDS[word]
            rest = line[len(word) :].strip(" ,，:;、-—。/|\n")
            if intent == "undo" and _REQUEST_ID.match(rest):
                intent, name = "command", "撤回"
            return Command(intent, name, line[: len(word)], rest)
    return None


def _may_end(word: str, line: str) -> bool:
    """True when the word stops here: Latin words not inside a longer one, everyday words only before a boundary."""
    behind = line[len(word) : len(word) + 1]
    if word.isascii():
        return not (behind.isascii() and behind.isalpha())
    if word in ("客户", "商机", "报价", "号码") and behind in (":", "-"):
        return False
    if word == "查":
        return behind not in "询看看收验房"
    return word not in _BOUNDED or bool(_BOUNDARY.match(line, len(word)))


def _misspelt(line: str, *, has_amount: bool) -> Command | None:
    """A command word written with another character of the same sound, or with one wrong character."""
    token = _HAN.match(line)
    if not token:
        return None
    head = token[0]
    if head not in _REAL_WORDS:
        for word in EXACT_ONLY:
            if len(head) == len(word) and (_same_sound(head, word) or (_aims(line, head) and _one_wrong(head, word))):
                return Command("", near=word)
    for word in _REPAIRABLE:
        typed = line[: len(word)]
        if typed == word or typed in _REAL_WORDS or len(typed) < len(word) or not _HAN.fullmatch(typed):
            continue
        whole = head == typed
        deal = word in _DEAL_WORDS
        if (whole or (deal and has_amount)) and _same_sound(typed, word):
            return _repaired(word, typed, line)
        if whole and (word in _ONE_WRONG or (deal and has_amount and len(word) == 2)) and _one_wrong(typed, word):
            return _repaired(word, typed, line)
    return None


def _aims(line: str, head: str) -> bool:
    """True when a request or a number stands right behind: 驳会 ZK-20261119-0003, 领曲 3."""
    return (
        re.fullmatch(r" ?#?(?:zk-[0-9-]+|[0-9]{1,4})(?![0-9万亿w]).*", line[len(head) :], re.IGNORECASE | re.DOTALL)
        is not None
    )


def _repaired(word: str, typed: str, line: str) -> Command:
    intent, name = WORDS[word]
    return Command(intent, name, typed, line[len(typed) :].strip(" ,，:;、-—。/|\n"), repaired=name)


@lru_cache(maxsize=4096)
def _same_sound(typed: str, word: str) -> bool:
    return all(sounds(a) & sounds(b) for a, b in zip(typed, word, strict=True))


def _one_wrong(typed: str, word: str) -> bool:
    wrong = sum(a != b for a, b in zip(typed, word, strict=True))
    return wrong == 1 and (typed[0] == word[0] or WORDS[word][0] in ("deal", "approve"))
