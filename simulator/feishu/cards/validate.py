"""Refuses a card exactly where the vendor would refuse it when it is sent or updated."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from simulator.feishu.cards import parts, schema
from simulator.feishu.cards.known import Known
from simulator.feishu.errors import CardRefused

MAX_TAGS = 200
MAX_DEPTH = 5
_ELEMENT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")
_MARKDOWN_TABLE = re.compile(r"^\s*\|?\s*:?-{3,}:?\s*(\|\s*:?-{3,}:?\s*)+\|?\s*$", re.MULTILINE)


@dataclass(slots=True)
class _Walk:
    known: Known
    tags: int = 0
    tables: int = 0
    element_ids: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


def validate_card(card: Any, known: Known) -> None:
    """Return quietly when the vendor would accept the card, else raise CardRefused.

    A card without "schema" is one of the old generation: the vendor ignores what it does not know
    there, so only its outline is checked.
    """
    if not isinstance(card, dict):
        raise CardRefused(200621, "parse card json err, the card is not an object")
    if "schema" not in card:
        if not isinstance(card.get("elements", card.get("i18n_elements")), list | dict):
            raise CardRefused(200621, "parse card json err, elements is missing")
        return
    if card["schema"] != "2.0":
        raise CardRefused(200621, "schema version is not supported", str(card["schema"]))
    _no_nulls(card, "card")
    _only(card, schema.ROOT, "card")
    _outline(card)
    walk = _Walk(known)
    header = card.get("header")
    if header is not None:
        _header(walk, header)
    for element in card["body"]["elements"]:
        _element(walk, element, depth=0, parent=None, form=None)
    if walk.tags > MAX_TAGS:
        raise CardRefused(11310, "element exceeds the limit", str(walk.tags))
    if walk.tables > known.max_tables:
        raise CardRefused(11310, "card table number over limit", str(walk.tables))


def is_v2(card: Any) -> bool:
    """True for a card of the JSON 2.0 generation."""
    return isinstance(card, dict) and card.get("schema") == "2.0"


def _outline(card: dict[str, Any]) -> None:
    config = card.get("config", {})
    _only(config, schema.CONFIG, "config")
    _enums(config, "config")
    if config.get("update_multi", True) is not True:
        raise CardRefused(200621, "update_multi must be true in schema 2.0", json.dumps(config["update_multi"]))
    if "summary" in config:
        _only(config["summary"], frozenset({"content", "i18n_content"}), "config.summary")
    if "card_link" in card:
        _only(card["card_link"], schema.CARD_LINK, "card_link")
    body = card.get("body")
    _only(body, schema.BODY, "body")
    if not isinstance(body, dict) or not isinstance(body.get("elements"), list):
        raise CardRefused(200621, "body.elements must be a list")


def _header(walk: _Walk, header: Any) -> None:
    _only(header, schema.HEADER, "header")
    _enums(header, "header")
    if not isinstance(header.get("title"), dict):
        raise CardRefused(200621, "header.title is required")
    tags = header.get("text_tag_list", [])
    if not isinstance(tags, list) or len(tags) > 3:
        raise CardRefused(200621, "header.text_tag_list holds at most 3 tags")
    for name in ("title", "subtitle", "icon"):
        if name in header:
            _element(walk, header[name], depth=0, parent="header", form=None)
    for tag in tags:
        _element(walk, tag, depth=0, parent="header", form=None)


def _element(walk: _Walk, element: Any, *, depth: int, parent: str | None, form: str | None) -> None:
    if not isinstance(element, dict) or not isinstance(element.get("tag"), str):
        raise CardRefused(200621, "an element must be an object with a tag", str(element)[:80])
    tag = element["tag"]
    if tag in schema.REMOVED:
        raise CardRefused(200861, "cards of schema V2 no longer support this capability; unsupported tag", tag)
    if tag not in schema.TAGS:
        raise CardRefused(200621, "unknown tag", tag)
    walk.tags += 1
    _only(element, schema.TAGS[tag], tag)
    _required(element, tag)
    _enums(element, tag)
    _element_id(walk, element)
    _place(tag, parent, form)
    inner_depth = depth + 1 if tag in schema.CONTAINERS else depth
    if inner_depth > MAX_DEPTH:
        raise CardRefused(200621, f"containers nest at most {MAX_DEPTH} levels", tag)
    inner_form = element["name"] if tag == "form" else form
    parts.check(element, walk.known, in_form=form is not None)
    _count_tables(walk, element, tag)
    _field_name(walk, element, tag, form)
    if tag == "form":
        parts.check_form(element)
    for child in parts.children(element):
        _element(walk, child, depth=inner_depth, parent=tag, form=inner_form)


def _place(tag: str, parent: str | None, form: str | None) -> None:
    if tag in ("form", "table") and parent is not None:
        raise CardRefused(200621, f"{tag} can only be placed at the root of the card body", parent)
    if tag == "chart" and form is not None:
        raise CardRefused(200621, "chart can not be placed in a form")
    if tag == "column" and parent != "column_set":
        raise CardRefused(200621, "column can only be placed in a column_set")
    if tag in schema.TEXT_OBJECTS and parent is None:
        raise CardRefused(200621, "unknown tag at the root of the card body", tag)


def _element_id(walk: _Walk, element: dict[str, Any]) -> None:
    element_id = element.get("element_id")
    if element_id is None:
        return
    if not isinstance(element_id, str) or not _ELEMENT_ID.fullmatch(element_id):
        raise CardRefused(200621, "element_id is invalid", str(element_id))
    if element_id in walk.element_ids:
        raise CardRefused(200621, "element_id is duplicated", element_id)
    walk.element_ids.add(element_id)


def _field_name(walk: _Walk, element: dict[str, Any], tag: str, form: str | None) -> None:
    name = element.get("name")
    if name is None or not (tag == "form" or (form is not None and tag in schema.INTERACTIVE)):
        return
    if not isinstance(name, str) or not name:
        raise CardRefused(200621, "name must be a text", str(name))
    if name in walk.names:
        raise CardRefused(200621, "name is duplicated", name)
    walk.names.add(name)


def _count_tables(walk: _Walk, element: dict[str, Any], tag: str) -> None:
    if tag == "table":
        walk.tables += 1
    elif tag == "markdown":
        walk.tables += len(_MARKDOWN_TABLE.findall(element["content"]))


def _only(value: Any, allowed: frozenset[str], where: str) -> None:
    if not isinstance(value, dict):
        raise CardRefused(200621, f"{where} must be an object")
    for name in value:
        if name not in allowed:
            raise CardRefused(200621, f"unknown property in {where}", str(name))


def _required(element: dict[str, Any], tag: str) -> None:
    for name in schema.REQUIRED.get(tag, ()):
        if name not in element:
            raise CardRefused(200621, f"{tag}.{name} is required")
    if "content" in schema.REQUIRED.get(tag, ()) and not isinstance(element["content"], str):
        raise CardRefused(200621, f"{tag}.content must be a text")


def _enums(value: dict[str, Any], where: str) -> None:
    for name, item in value.items():
        allowed = schema.ENUMS.get((where, name))
        if allowed is not None and item not in allowed:
            raise CardRefused(200621, f"{where}.{name} is invalid", str(item))
        if name in schema.COLOUR_PROPERTIES and isinstance(item, str) and item.startswith("#"):
            raise CardRefused(200621, f"{where}.{name} takes no hex colour", item)


def _no_nulls(value: Any, where: str) -> None:
    if value is None:
        raise CardRefused(200621, "null is not allowed", where)
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in ("value", "chart_spec"):
                _no_nulls(item, f"{where}.{name}")
    elif isinstance(value, list):
        for item in value:
            _no_nulls(item, where)
