"""How a chat line is understood: a new deal from three facts, or what else it is. R-QE-1, R-QE-3, R-QE-4.

Nothing here looks anything up; whether a customer is known is decided with the store (sales/customers.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sales import intents
from sales.amounts import AmountReadings, is_question, read_in_line
from sales.clean import LIMIT, clean
from sales.facts import GAP, Facts, read_facts
from sales.figures import without_marks
from sales.mentions import mentioned
from sales.money import yuan_text
from sales.words import Command, recognise

ASK = ("customer", "product", "amount")
_CALL = re.compile(
    r"(?:@(?:销售)?助手|@[^\s@,，:]{1,20}(?=[\s,，:]|$)|(?:销售)?助手(?=[\s,，:])|麻烦(?:你|您)?|劳驾|请帮我"
    r"|请|帮我们?|帮忙|我要|我想|[你您]好|在吗|hi|hello|[\s,，:。!~、])+",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:[\s,，。.!~、;…]|谢谢[你您]?(?:了|啦)?|多谢|谢了|谢啦|辛苦了?|麻烦[你您]?了|拜托了?|thanks|thx|3q"
    r"|哈(?=[。!~]|$)|哦(?=[。!~]|$)|\[[\u4e00-\u9fff]{1,4}\])+$",
    re.IGNORECASE,
)
_STICKER = re.compile(r"\[[\u4e00-\u9fff]{1,4}\]")
_ENTRY_WORD = r"录单|录个单|录一?下单|录一单|记一单|记个单|加个单|报个?单|建个单|下个单|录个?商机|录入|录一下|录一笔"
_GIVEN = re.compile(rf"(?:给|帮|把|替|为)(?P<head>.{{2,80}}?)(?:{_ENTRY_WORD})(?P<tail>.*)", re.DOTALL)
_AT_END = re.compile(
    rf"(?P<head>.{{4,300}}?)[\s,，。]*(?:请|帮我|帮忙|麻烦|给我)*(?:{_ENTRY_WORD})(?P<tail>)", re.DOTALL
)
_PLAIN_SHAPE = re.compile(
    r"(?!对手|竞品|上次|预算|报价|隔壁|别家|友商|同行|市场|去年|今年|大家|他们"
    r"|我们)[\u4e00-\u9fff]{2,8}[ ,，、]+\S{2,16}[ ,，、]+\S{2,12}"
)
_LABELLED = re.compile(r"客户.{2,60}(?:产品|型号|设备).{1,60}(?:[金总]额|价|预算)", re.DOTALL)
_MONEY_BEFORE = re.compile(
    r"(?:预计|预估|总|合同|成交|签约|报价|价格|价|金额|总价|总额|合计|一共|总共|共|预算|标的|额|首付|首期"
    r"|[定订]金|预付款?|押金|尾款|[原标单均]价|每[台套个]|或者?|还是|从|不到|超过|将近|接近|近|大概|大约"
    r"|可能|差不多|估计|约|应该|是|为|在|到|人民币|rmb|¥|[:=~\- ])+$",
    re.IGNORECASE,
)
_MONEY_AFTER = re.compile(
    r"(?: ?(?:左右|上下|以[上下内]|出头|吧|多|起|元|整|的样子|含税|不含税|人民币|美元|美金"
    r"|[/每][台套个件张支年月]|[~+]))+(?![\u4e00-\u9fff])"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How one line is understood.

    `intent` as in surface.md. `ask`: of customer, product, amount those to ask back for. `ambiguous`: something was
    said that can be read in two ways; for the amount the readings are in `amount_choices` (fen) and `why` says why,
    as in sales.amounts. `repaired`: the command word a misspelt one was read as. `fields`: what else was read.
    """

    intent: str
    fields: Mapping[str, str] = field(default_factory=dict)
    ask: tuple[str, ...] = ()
    ambiguous: bool = False
    customer: str = ""
    product: str = ""
    amount_fen: int | None = None
    amount_choices: tuple[int, ...] = ()
    why: str = ""
    repaired: str = ""


def read_line(text: str, *, now: datetime, products: Sequence[str] = ()) -> Reading:
    """The meaning of a chat line. R-QE-1, R-QE-3. Never raises; over 500 characters it is none, why too_long.

    `products`: the tenant's product names and aliases. `now` is for dates, which are not read yet.
    """
    if len(text) > LIMIT:
        return Reading("none", why="too_long")
    line = _THANKS.sub("", _STICKER.sub(" ", _call_off(clean(text))))
    if not line:
        return Reading("none")
    amount = read_in_line(line)
    command = recognise(line, has_amount=amount.why != "none")
    if command and command.name == "客户" and _LABELLED.search(line):
        command = None
    if command and command.intent == "deal" and not _is_how(command):
        reading = _deal(command.rest, products=products, repaired=command.repaired)
        if not (command.repaired and _is_glued(command, line)) or reading.customer:
            return reading
        command = None
    if command and command.intent != "deal":
        return _commanded(command)
    if command:
        return Reading("help", {"name": "录单"})
    return _uncommanded(line, amount, products)


def as_json(reading: Reading) -> dict[str, object]:
    """The reading as `dealdesk parse` prints it. surface.md (parse)."""
    fields: dict[str, object] = {
        "customer": reading.customer or None,
        "product": reading.product or None,
        "amount_yuan": None if reading.amount_fen is None else yuan_text(reading.amount_fen),
        "date": None,
    }
    fields.update(reading.fields)
    if reading.amount_choices:
        fields["amount_choices"] = [yuan_text(fen) for fen in reading.amount_choices]
    told = {"why": reading.why, "repaired": reading.repaired}
    fields |= {name: value for name, value in told.items() if value}
    return {
        "intent": reading.intent,
        "fields": fields,
        "ask": ["amount_yuan" if name == "amount" else name for name in reading.ask],
        "ambiguous": reading.ambiguous,
    }


def _call_off(line: str) -> str:
    """The line without the bot's name and polite words in front."""
    called = _CALL.match(line)
    return line[called.end() :] if called else line


def _is_how(command: Command) -> bool:
    """True for 录单怎么用: a question about the command itself."""
    return re.fullmatch(r"(?:是|要|应该)?(?:怎么|如何|咋|什么).{0,8}", command.rest) is not None


def _is_glued(command: Command, line: str) -> bool:
    """True when more characters follow the misspelt word at once: 路丹医院 may simply be a name."""
    return re.match(r"[\u4e00-\u9fff]", line[len(command.typed) :]) is not None


def _commanded(command: Command) -> Reading:
    """A line that begins with another command word; a near miss of an exact-only word is none."""
    if not command.intent:
        return Reading("none", {"near": command.near}, why="near_miss")
    fields = {"name": command.name, "typed": command.typed, "rest": command.rest, "number": command.number}
    customer = mentioned(command.rest) if command.intent in ("followup", "deal_lost", "lead_touch") else ""
    kept = {name: value for name, value in fields.items() if value}
    return Reading(command.intent, kept, customer=customer, repaired=command.repaired)


def _uncommanded(line: str, amount: AmountReadings, products: Sequence[str]) -> Reading:
    """A line without a command word in front: 录单 elsewhere in it, the shape of a deal, or another intent."""
    if intents.overrides_rules(line):
        return Reading("none")
    if not intents.is_small_talk(line):
        given = _GIVEN.fullmatch(line) or _AT_END.fullmatch(line)
        if given and not re.search(r"别|不要|不用|先不", given["head"]):
            return _deal(f"{given['head']}{GAP}{given['tail']}", products=products)
        shaped = _shaped(line, amount, products)
        if shaped:
            return shaped
    intent = intents.about(line)
    number = re.match(r"#?([0-9]{1,6})(?=号|单|的|金额| |,|，|$)", line)
    fields = {"number": number[1]} if number else {}
    told = intent in ("followup", "lead_touch", "evidence", "deal_update", "deal_lost", "status")
    said = read_in_line(line[number.end() :] if number else line)
    known = said.certain if intent == "deal_update" and intents.changes_amount(line) else None
    return Reading(intent, fields, customer=mentioned(line) if told else "", amount_fen=known)


def _shaped(line: str, amount: AmountReadings, products: Sequence[str]) -> Reading | None:
    """A deal without command word: customer, product and amount are there, and nothing says otherwise. R-QE-1."""
    if amount.why == "none" or re.search(r"(?:别|不要|先不|不用)(?:录|记|报)", line):
        return None
    if is_question(line) or intents.changes_or_tells(line) or intents.about(line) in ("status", "config", "help"):
        return None
    reading = _deal(line, products=products)
    facts = _facts(line, amount, products)
    plain = intents.wants_to_buy(line) or _PLAIN_SHAPE.fullmatch(line)
    if not (reading.customer and reading.product) or facts.sure < (1 if plain else 2):
        return None
    return reading


def _facts(body: str, amount: AmountReadings, products: Sequence[str]) -> Facts:
    """Customer and product of the line with amounts, dates and numbers taken out."""
    text, at = "", 0
    for start, end in amount.spans:
        before = body[at:start]
        text += (_MONEY_BEFORE.sub("", before) if before.strip() else before) + GAP
        after = _MONEY_AFTER.match(body, end)
        at = max(at, after.end() if after else end)
    return read_facts(without_marks(text + body[at:], gap=GAP), products=products)


def _deal(body: str, *, products: Sequence[str], repaired: str = "") -> Reading:
    """A new deal with what was read and what has to be asked. R-QE-3, R-HOLD."""
    amount = read_in_line(body)
    facts = _facts(body, amount, products)
    facts = _in_order(facts, body, amount)
    missing = (not facts.customer, not facts.product, amount.certain is None)
    extra = {"quantity": facts.quantity, "contact": facts.contact, "note": facts.note}
    return Reading(
        "deal",
        {name: value for name, value in extra.items() if value},
        ask=tuple(name for name, gone in zip(ASK, missing, strict=True) if gone),
        ambiguous=facts.unclear or amount.why not in ("", "none"),
        customer=facts.customer,
        product=facts.product,
        amount_fen=amount.certain,
        amount_choices=amount.choices,
        why="" if amount.why == "none" else amount.why,
        repaired=repaired,
    )


def _in_order(facts: Facts, body: str, amount: AmountReadings) -> Facts:
    """Two unknown words are customer and product only in the documented order, the amount behind them. R-QE-1."""
    if facts.sure or not (facts.customer and facts.product) or not amount.spans:
        return facts
    if amount.spans[0][0] > body.find(facts.product) >= 0:
        return facts
    return Facts(unclear=True, quantity=facts.quantity, contact=facts.contact, note=facts.note)
