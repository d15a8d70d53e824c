"""XML as the vendor writes it: numbers bare, texts in CDATA; and XML the bot answered, read safely."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

Fields = Sequence[tuple[str, "str | int | Fields"]]


class BadXml(ValueError):
    """Not XML that anybody should answer."""


def write(fields: Fields) -> str:
    """The fields below one <xml> element."""
    return _element("xml", fields)


def _element(name: str, value: str | int | Fields) -> str:
    if isinstance(value, int):
        inner = str(value)
    elif isinstance(value, str):
        inner = f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
    else:
        inner = "".join(_element(child, content) for child, content in value)
    return f"<{name}>{inner}</{name}>"


def read(text: str) -> ElementTree.Element:
    """The root element; BadXml for anything broken, and for every DTD."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadXml("a DTD is not accepted")
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise BadXml(str(error)) from error


def text_of(element: ElementTree.Element, name: str) -> str:
    """The text of a child, empty when it is missing."""
    return (element.findtext(name) or "").strip()
