"""Rules of single components: their values, their limits, and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from simulator.feishu.cards.known import Known
from simulator.feishu.errors import CardRefused
from simulator.words import words

Element = dict[str, Any]
_OPAQUE = frozenset({"value", "chart_spec", "behaviors", "rows"})
_BEHAVIOR = {
    "callback": frozenset({"type", "value"}),
    "open_url": frozenset({"type", "default_url", "pc_url", "ios_url", "android_url"}),
    "form_action": frozenset({"type", "behavior"}),
}
_OPTION = frozenset({"text", "value", "icon", "multi_url", "img_key"})
_PANEL_HEADER = words("title background_color icon icon_position icon_expanded_angle padding vertical_align width")
_CELL_TYPES = words("text lark_md options number persons date markdown")
_COLUMN = words("name display_name data_type width horizontal_align vertical_align format date_format")
_COMBINATIONS = {"double": (2,), "triple": (3,), "bisect": (2, 3, 4, 6), "trisect": (2, 3, 4, 6, 9)}


def children(value: Any) -> Iterator[Element]:
    """The tagged objects directly under this one, through lists and untagged objects."""
    for name, item in value.items():
        if name not in _OPAQUE:
            yield from _tagged(item)


def _tagged(item: Any) -> Iterator[Element]:
    if isinstance(item, list):
        for entry in item:
            yield from _tagged(entry)
    elif isinstance(item, dict):
        if "tag" in item:
            yield item
        else:
            yield from children(item)


def check(element: Element, known: Known, *, in_form: bool) -> None:
    """Refuses wrong values of one component."""
    _behaviors(element)
    _confirm(element)
    rule = _RULES.get(element["tag"])
    if rule is not None:
        rule(element, known)
    if element.get("required") is True and not in_form:
        raise CardRefused(200621, "required is only allowed in a form", element["tag"])
    if "form_action_type" in element and not in_form:
        raise CardRefused(200621, "form_action_type is only allowed in a form")


def check_form(form: Element) -> None:
    """Refuses a form that cannot be submitted."""
    if not isinstance(form["elements"], list):
        raise CardRefused(200621, "form.elements must be a list")
    if not any(is_submit(element) for element in descendants(form)):
        raise CardRefused(200621, "form should contain at least one submit button", str(form["name"]))


def is_submit(element: Element) -> bool:
    """True for a button that sends its form."""
    return element.get("tag") == "button" and element.get("form_action_type") == "submit"


def descendants(element: Element) -> Iterator[Element]:
    """All tagged objects below this one."""
    for child in children(element):
        yield child
        yield from descendants(child)


def _refuse(why: str, value: object = "") -> CardRefused:
    return CardRefused(200621, why, str(value))


def _only(value: Any, allowed: frozenset[str], where: str) -> None:
    if not isinstance(value, dict):
        raise _refuse(f"{where} must be an object")
    for name in value:
        if name not in allowed:
            raise _refuse(f"unknown property in {where}", name)


def _behaviors(element: Element) -> None:
    behaviors = element.get("behaviors", [])
    if not isinstance(behaviors, list):
        raise _refuse("behaviors must be a list", element["tag"])
    for behavior in behaviors:
        kind = behavior.get("type") if isinstance(behavior, dict) else None
        if kind not in _BEHAVIOR:
            raise _refuse("behavior type is invalid", kind)
        _only(behavior, _BEHAVIOR[kind], f"behavior {kind}")
        if kind == "open_url" and not behavior.get("default_url") and not behavior.get("pc_url"):
            raise _refuse("open_url needs default_url")
        if kind == "callback" and not isinstance(behavior.get("value"), dict | str):
            raise _refuse("callback value must be an object or a text")


def _confirm(element: Element) -> None:
    if "confirm" not in element:
        return
    _only(element["confirm"], frozenset({"title", "text"}), "confirm")
    if "title" not in element["confirm"]:
        raise _refuse("confirm.title is required")


def _button(element: Element, known: Known) -> None:
    if "text" not in element and "icon" not in element:
        raise _refuse("button needs a text or an icon")


def _input(element: Element, known: Known) -> None:
    length = element.get("max_length", 1000)
    if not isinstance(length, int) or not 1 <= length <= 1000:
        raise _refuse("input.max_length must be 1 to 1000", length)
    placeholder = element.get("placeholder", {})
    if isinstance(placeholder, dict) and len(placeholder.get("content", "")) > 100:
        raise _refuse("input.placeholder holds at most 100 characters")
    if len(str(element.get("default_value", ""))) > length:
        raise _refuse("input.default_value is longer than max_length")


def _options(element: Element, known: Known) -> None:
    options = element.get("options", [])
    if not isinstance(options, list):
        raise _refuse("options must be a list")
    seen: set[str] = set()
    for option in options:
        _only(option, _OPTION, f"option of {element['tag']}")
        value = option.get("value")
        if not isinstance(value, str) or value in seen:
            raise _refuse("option.value must be a unique text", value)
        seen.add(value)
    initial = element.get("initial_option")
    if element["tag"].endswith("_static") and initial is not None and initial not in seen:
        raise _refuse("initial_option is not among the options", initial)


def _people_options(element: Element, known: Known) -> None:
    for option in element.get("options", []):
        if not isinstance(option, dict) or not known.person(str(option.get("value"))):
            raise CardRefused(100290, "invalid user id", str(option))


def _image(element: Element, known: Known) -> None:
    _image_key(element["img_key"], known)


def _image_key(key: Any, known: Known) -> None:
    if not isinstance(key, str) or not known.image(key):
        raise CardRefused(200570, "img_key is invalid", str(key))


def _combination(element: Element, known: Known) -> None:
    images = element.get("img_list", [])
    wanted = _COMBINATIONS.get(element.get("combination_mode", ""))
    if wanted is None or not isinstance(images, list) or len(images) not in wanted:
        raise _refuse("img_combination has the wrong number of images", len(images))
    for image in images:
        _image_key(image.get("img_key") if isinstance(image, dict) else None, known)


def _icon(element: Element, known: Known) -> None:
    _image_key(element.get("img_key"), known)


def _person(element: Element, known: Known) -> None:
    _known_person(element["user_id"], known)


def _persons(element: Element, known: Known) -> None:
    for entry in element["persons"]:
        _known_person(entry.get("id") if isinstance(entry, dict) else None, known)


def _known_person(user_id: Any, known: Known) -> None:
    if not isinstance(user_id, str) or not known.person(user_id):
        raise CardRefused(100290, "invalid user id", str(user_id))


def _chart(element: Element, known: Known) -> None:
    spec = element.get("chart_spec")
    if not isinstance(spec, dict) or not spec.get("type") or not spec.get("data"):
        raise CardRefused(200550, "chart_spec is invalid", "type or data is missing")


def _table(element: Element, known: Known) -> None:
    columns, rows = element["columns"], element["rows"]
    if not isinstance(columns, list) or not 1 <= len(columns) <= 50:
        raise _refuse("table.columns holds 1 to 50 columns")
    page_size = element.get("page_size", 5)
    if not isinstance(page_size, int) or not 1 <= page_size <= 10:
        raise _refuse("table.page_size must be 1 to 10", page_size)
    names = set()
    for column in columns:
        _only(column, _COLUMN, "table column")
        if column.get("data_type", "text") not in _CELL_TYPES:
            raise _refuse("table column data_type is invalid", column.get("data_type"))
        names.add(column.get("name"))
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CardRefused(200914, "table rows is invalid")
    for row in rows:
        for name in row:
            if name not in names:
                raise CardRefused(200915, "table row has no such column", name)


def _panel(element: Element, known: Known) -> None:
    _only(element["header"], _PANEL_HEADER, "collapsible_panel.header")
    if "title" not in element["header"]:
        raise _refuse("collapsible_panel.header.title is required")


def _columns(element: Element, known: Known) -> None:
    columns = element["columns"]
    if not isinstance(columns, list) or not all(isinstance(c, dict) and c.get("tag") == "column" for c in columns):
        raise _refuse("column_set.columns must be columns")


def _checker(element: Element, known: Known) -> None:
    buttons = element.get("button_area", {}).get("buttons", [])
    if len(buttons) > 3:
        raise _refuse("checker.button_area holds at most 3 buttons")


_RULES: dict[str, Callable[[Element, Known], None]] = {
    "button": _button,
    "input": _input,
    "select_static": _options,
    "multi_select_static": _options,
    "overflow": _options,
    "select_person": _people_options,
    "multi_select_person": _people_options,
    "img": _image,
    "img_combination": _combination,
    "custom_icon": _icon,
    "person": _person,
    "person_list": _persons,
    "chart": _chart,
    "table": _table,
    "collapsible_panel": _panel,
    "column_set": _columns,
    "checker": _checker,
}
