"""Customer and product of a line whose amount has been taken out. R-QE-1, R-QE-3."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sales import nouns, phrases
from sales.phrases import CONTACT, CUSTOMER, HEAD, MODIFIER, NOTE, PLACE, PRODUCT, QUANTITY, UNCLEAR, UNKNOWN, Part

GAP = "\n"
"""Put in place of an amount before the facts are read."""

_SEPARATOR = re.compile(
    r"[\s,，、;。?！!|→>\"“”'‘’《》【】\[\]{}…$]+|(?<![a-z0-9])\.|\.(?![0-9a-z])|—+|-{2,}"
    r"|(?<=[\u4e00-\u9fff\s])-|-(?=[\u4e00-\u9fff\s])|(?<=[\u4e00-\u9fff])[/\\+]|[/\\+](?=[\u4e00-\u9fff])"
    r"|(?<=[a-z0-9])\+(?=\s|$)|(?<=\s)[/\\+]|[/\\+](?=\s)",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\(([^()]{1,30})\)")
_LABEL = re.compile(
    r"(?:^|(?<=[\s,，;。、|(]))(?P<name>客户名称|客户单位|客户名|客户|单位名称|单位|医院名称|公司名称"
    r"|产品名称|产品型号|产品|品名|设备名称|设备|型号|商品"
    r"|预计金额|合同金额|总金额|金额|合同额|总价|价格|报价|预算|备注|联系人|负责人|数量)(?P<mark> ?[:=] ?"
    r"|[是为](?! )| ?-+ ?|(?=[ \u4e00-\u9fffA-Za-z]))"
)
_CUSTOMER_LABELS = ("客户", "单位", "医院", "公司")
_PRODUCT_LABELS = ("产品", "品名", "设备", "型号", "商品")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a line says besides its amount. Empty strings are missing; `unclear` when it can be split in two ways.

    `sure`: how many of the two were told by a known word, an ending or a label.
    """

    customer: str = ""
    product: str = ""
    unclear: bool = False
    sure: int = 0
    quantity: str = ""
    contact: str = ""
    note: str = ""


def read_facts(text: str, *, products: Sequence[str] = ()) -> Facts:
    """Customer and product of a cleaned line without command word and amount. R-QE-1.

    Labels win; then company endings and known products; then the documented order, customer before product.
    """
    known = _known(tuple(products))
    parts: list[Part] = []
    for label, stretch in _labelled(text):
        if label in (CUSTOMER, PRODUCT):
            first, *others = [word for word in _SEPARATOR.split(stretch) if word] or [""]
            parts += _under_label(label, first, known)
            parts += [part for word in others for part in phrases.cut(word, known=known)]
        elif label == "":
            parts += [part for word in _words(stretch) for part in phrases.cut(word, known=known)]
        else:
            parts.append(Part(label, _SEPARATOR.sub(" ", stretch).strip()))
    return _settle(_merged(parts))


@lru_cache(maxsize=8)
def _known(products: tuple[str, ...]) -> frozenset[str]:
    return nouns.PRODUCTS | {name.strip().lower() for name in products if name.strip()}


def _labelled(text: str) -> list[tuple[str, str]]:
    """The text cut at its labels: (label, stretch); the label is empty for what stands under none."""
    found = [label for label in _LABEL.finditer(text) if label["mark"].strip() or _names_all(text)]
    starts = [*(label.start() for label in found), len(text)]
    rows = [("", text[: starts[0]])]
    for at, label in enumerate(found):
        name = label["name"]
        kind = (
            CUSTOMER
            if name.startswith(_CUSTOMER_LABELS)
            else PRODUCT
            if name.startswith(_PRODUCT_LABELS)
            else CONTACT
            if name in ("联系人", "负责人")
            else QUANTITY
            if name == "数量"
            else NOTE
        )
        rows.append((kind, text[label.end() : starts[at + 1]]))
    return [(kind, stretch) for kind, stretch in rows if stretch.strip()]


def _names_all(text: str) -> bool:
    """True when a line without colons still labels both facts: 客户华东医疗 产品CT机 金额120万."""
    names = [label["name"] for label in _LABEL.finditer(text)]
    return any(name.startswith("客户") for name in names) and any(name.startswith("产品") for name in names)


def _under_label(label: str, word: str, known: frozenset[str]) -> list[Part]:
    """The whole word is what its label says; only counts and contacts are taken off."""
    kept = [part for part in phrases.cut(word, known=known) if part.kind in (QUANTITY, CONTACT)]
    for part in kept:
        word = word.replace(part.text, "")
    word = word.strip(" -:·")
    return [*([Part(label, word)] if word else []), *kept]


def _words(text: str) -> list[str]:
    """Stretches between separators; a bracket behind a company or a place in it stays with its name."""

    def aside(found: re.Match[str]) -> str:
        inside = found[1]
        behind = text[found.end() : found.end() + 12]
        stays = nouns.PLACES_ONLY.fullmatch(inside) or nouns.ENDINGS_ONLY.match(behind)
        return f"({inside.replace(' ', '')})" if stays else f" {inside} "

    return [word for word in _SEPARATOR.split(_ASIDE.sub(aside, text)) if word]


def _merged(parts: list[Part]) -> list[Part]:
    """Neighbours that belong together: a town and its customer, a brand or model and its product."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if last and last.kind == PLACE and part.kind in (CUSTOMER, UNKNOWN):
            merged[-1] = Part(part.kind, last.text + part.text, sure=True)
        elif last and part.kind == CUSTOMER and nouns.ENDINGS_ONLY.fullmatch(part.text):
            merged[-1:] = _with_ending(last, part)
        elif last and last.kind == MODIFIER and part.kind in (PRODUCT, MODIFIER):
            merged[-1] = Part(part.kind, _joined(last.text, part.text), part.sure)
        elif last and last.kind == PRODUCT and (part.kind == MODIFIER or _is_accessory(part)):
            merged[-1] = Part(PRODUCT, _joined(last.text, part.text), last.sure)
        else:
            merged.append(part)
    return merged


def _with_ending(last: Part, ending: Part) -> list[Part]:
    """弘康 医疗 is one name; 人民医院 信息中心 is a customer and a room of it."""
    if last.kind in (UNKNOWN, HEAD):
        return [Part(CUSTOMER, last.text + ending.text)]
    return [last, Part(NOTE if last.kind == CUSTOMER else CUSTOMER, ending.text)]


def _is_accessory(part: Part) -> bool:
    """True for a part of another product: CT 球管, CRM 维保."""
    return part.kind == PRODUCT and nouns.ACCESSORY.fullmatch(part.text) is not None


def _joined(left: str, right: str) -> str:
    """Two words of a product, with the blank that was typed between them."""
    return f"{left} {right}"


def _settle(parts: list[Part]) -> Facts:
    """One customer and one product, or what has to be asked. R-QE-3."""
    named = {kind: list(dict.fromkeys(p.text for p in parts if p.kind == kind)) for kind in (CUSTOMER, PRODUCT)}
    customers, goods = named[CUSTOMER], named[PRODUCT]
    others = [p for p in parts if p.kind in (UNKNOWN, HEAD, PLACE, MODIFIER)]
    rest = {
        "quantity": " ".join(p.text for p in parts if p.kind == QUANTITY),
        "contact": " ".join(p.text for p in parts if p.kind == CONTACT),
        "note": " ".join(p.text for p in parts if p.kind == NOTE and len(p.text) > 2),
    }
    sure = sum(any(p.kind == kind and p.sure for p in parts) for kind in (CUSTOMER, PRODUCT))
    facts = _one_each(parts, customers, goods, others)
    return Facts(facts[0], facts[1], facts[2], sure, **rest)


def _one_each(parts: list[Part], customers: list[str], goods: list[str], others: list[Part]) -> tuple[str, str, bool]:
    """(customer, product, unclear); what is unclear is empty, so that it is asked."""
    if any(p.kind == UNCLEAR for p in parts) or len(customers) > 1:
        return "", (goods[0] if len(goods) == 1 else ""), True
    if len(goods) > 1:
        return (customers[0] if customers else ""), "", True
    heads = [p for p in others if p.kind == HEAD]
    if heads and goods and (customers or len(others) > len(heads)):
        goods = [heads[0].text + goods[0]]
        others = [p for p in others if p.kind != HEAD]
    customer, product = (customers or [""])[0], (goods or [""])[0]
    if nouns.ENDINGS_ONLY.fullmatch(customer):
        return "", product, True
    if customer and product:
        return _with_product_words(parts, customer, product, others)
    if customer:
        return _product_from(customer, others)
    if product:
        return _customer_from(product, others)
    if len(others) == 2 and all(p.kind == UNKNOWN for p in others):
        return others[0].text, others[1].text, False
    if len(others) != 1:
        return "", "", bool(others)
    alone = others[0]
    return (alone.text if alone.kind == UNKNOWN else ""), (alone.text if alone.kind == MODIFIER else ""), False


def _with_product_words(parts: list[Part], customer: str, product: str, others: list[Part]) -> tuple[str, str, bool]:
    """Both are known: one unknown word right before the product is part of it (三诺 血糖仪); more is unclear."""
    if not others:
        return customer, product, False
    at = next(n for n, p in enumerate(parts) if p.kind == PRODUCT)
    if len(others) == 1 and at and parts[at - 1] is others[0] and others[0].kind != PLACE:
        return customer, _joined(others[0].text, product), False
    return customer, "", True


def _product_from(customer: str, others: list[Part]) -> tuple[str, str, bool]:
    """The product beside a known customer: the one other word."""
    words = [p.text for p in others if p.kind != PLACE]
    if len(words) == 1 and len(others) == 1:
        return (customer, words[0], False) if len(words[0]) > 1 else (customer, "", True)
    return customer, "", bool(others)


def _customer_from(product: str, others: list[Part]) -> tuple[str, str, bool]:
    """The customer beside a known product: the one other word, of two characters at least."""
    if len(others) == 1 and others[0].kind in (UNKNOWN, HEAD, PLACE) and len(others[0].text) >= 2:
        town = others[0].kind == PLACE
        return ("" if town else others[0].text), product, town
    return "", product, bool(others)
