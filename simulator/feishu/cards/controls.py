"""What a person can press, pick or fill on a card, found by its label, name or number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from simulator.feishu.cards import parts, schema

Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Control:
    """One interactive component with the form it stands in."""

    element: Element
    label: str
    form: Element | None

    @property
    def tag(self) -> str:
        """The component's tag."""
        return str(self.element["tag"])

    @property
    def is_submit(self) -> bool:
        """True when pressing it sends the form it stands in."""
        if self.form is None or self.tag != "button":
            return False
        action = self.element.get("form_action_type") or self.element.get("action_type")
        if action is not None:
            return action in ("submit", "form_submit")
        return callback_value(self.element) is None and open_url(self.element) is None


def controls(card: Element) -> list[Control]:
    """Every interactive component of the card in reading order; works on both card generations."""
    body = card.get("body", card)
    return [_control(element, form) for element, form in _walk(body, None)]


def pressable(card: Element) -> list[Control]:
    """The controls a single click is enough for: all but the fields of a form."""
    return [c for c in controls(card) if not (c.form is not None and c.tag in schema.FIELDS)]


def find(candidates: list[Control], wanted: str | int) -> Control | None:
    """The control with this number, label, name or element_id; a part of a label must be unique."""
    if isinstance(wanted, int):
        return candidates[wanted] if 0 <= wanted < len(candidates) else None
    for name in ("label", "name", "element_id"):
        for control in candidates:
            if (control.label if name == "label" else control.element.get(name)) == wanted:
                return control
    partly = [c for c in candidates if wanted and wanted in c.label]
    return partly[0] if len(partly) == 1 else None


def callback_value(element: Element) -> Any:
    """The value the component calls back with, in either spelling; None when it has none."""
    for behavior in element.get("behaviors", []):
        if behavior.get("type") == "callback":
            return behavior.get("value")
    return element.get("value")


def open_url(element: Element) -> str | None:
    """The address the component opens, if any."""
    for behavior in element.get("behaviors", []):
        if behavior.get("type") == "open_url":
            return str(behavior.get("default_url") or behavior.get("pc_url"))
    url = element.get("url") or element.get("multi_url", {}).get("url")
    return str(url) if url else None


def _walk(element: Element, form: Element | None) -> Iterator[tuple[Element, Element | None]]:
    for child in parts.children(element):
        if child["tag"] in schema.INTERACTIVE:
            yield child, form
        yield from _walk(child, child if child["tag"] == "form" else form)


def _control(element: Element, form: Element | None) -> Control:
    return Control(element, _label(element), form)


def _label(element: Element) -> str:
    for name in ("text", "label", "placeholder"):
        text = element.get(name)
        if isinstance(text, dict) and text.get("content"):
            return str(text["content"])
    if element["tag"] == "interactive_container":
        return " ".join(str(e.get("content", "")) for e in parts.descendants(element) if "content" in e)
    return str(element.get("name", ""))
