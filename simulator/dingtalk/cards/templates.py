"""The templates this simulator knows, and what a client shows of one card to one person."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.dingtalk.cards.checks import Params
from simulator.dingtalk.cards.fields import Field, NotPossible, read_fields
from simulator.words import words

AI = "382e4302-551d-4880-bf29-a30acfab2e71.schema"
MARKDOWN = "589420e2-c1e2-46ef-a5ed-b8728e654da9.schema"
MARKDOWN_BUTTONS = "1366a1eb-bc54-4859-ac88-517c56a9acb1.schema"
FORM_SAMPLE = "280f6d7a-63bc-4905-bf3f-4c6d95e5166b.schema"
STATUSES = {"1": "处理中", "2": "输入中", "3": "", "4": "执行中", "5": "失败"}
COLORS = words("blue gray red")
DEFAULT_ORDER = ("msgTitle", "msgContent", "staticMsgContent", "msgButtons")
SHOWN_AS_NOTHING = words("msgTextList msgImages msgSlider")


@dataclass(frozen=True, slots=True)
class Button:
    """One button; `action` and `params` go into the callback, `url` opens a page."""

    label: str
    color: str
    url: str = ""
    action: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def calls_back(self) -> bool:
        """False for a button that only opens a link."""
        return bool(self.params)


@dataclass(slots=True)
class Look:
    """What one person sees of a card; `blank` says why there is nothing to see."""

    kind: str
    title: str = ""
    body: str = ""
    status: str = ""
    order: tuple[str, ...] = ("title", "body", "form", "buttons")
    buttons: list[Button] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    form_enabled: bool = False
    form_button: str = ""
    form_text: str = ""
    blank: str = ""


def _ai(data: Params) -> Look:
    status = data.get("flowStatus", "")
    if status not in STATUSES:
        return Look("ai", blank="flowStatus 没有给，卡片是空的")
    whole = _object(data.get("sys_full_json_obj", "{}"))
    order = whole.get("order", list(DEFAULT_ORDER)) if whole is not None else None
    if whole is None or not isinstance(order, list):
        return Look("ai", blank="sys_full_json_obj 看不懂")
    names = {"msgTitle": "title", "msgContent": "body", "staticMsgContent": "body", "msgButtons": "buttons"}
    texts = [data.get(name, "") for name in order if names.get(str(name)) == "body"]
    look = Look("ai", status=STATUSES[status], body="\n\n".join(text for text in texts if text))
    look.order = tuple(dict.fromkeys(names[name] for name in order if name in names))
    if "title" in look.order:
        look.title = data.get("msgTitle", "")
    if "buttons" in look.order:
        look.buttons = [_ai_button(row) for row in _rows(whole.get("msgButtons"))]
    return look


def _ai_button(row: dict[str, Any]) -> Button:
    color = str(row.get("color", "gray"))
    params = {"id": str(row.get("id", ""))} if row.get("request") is True else {}
    url = "" if params else str(row.get("url") or row.get("iosUrl") or "")
    return Button(str(row.get("text", "")), color if color in COLORS else "gray", url, "msgButtons_node", params)


def _markdown(data: Params) -> Look:
    return Look("markdown", title=data.get("title", ""), body=data.get("markdown", ""))


def _markdown_buttons(data: Params) -> Look:
    look = _markdown(data)
    whole = _object(data.get("sys_full_json_obj", "{}"))
    if whole is None:
        return Look("markdown", blank="sys_full_json_obj 看不懂")
    look.buttons = [_ai_button(row) for row in _rows(whole.get("msgButtons"))]
    return look


def _form(data: Params) -> Look:
    look = Look("form", title=data.get("title", ""), body=data.get("body", ""))
    look.status = {"done": "已完成", "expired": "已失效"}.get(data.get("card_status", ""), "")
    look.form_text = data.get("form", "")
    if look.form_text:
        try:
            look.fields = read_fields(look.form_text)
        except NotPossible as wrong:
            return Look("form", blank=str(wrong))
    look.form_enabled = data.get("form_status", "normal") == "normal"
    look.form_button = data.get("form_btn_text", "") or "提交"
    if data.get("buttons_visible", "true") == "true":
        look.buttons = [_row_button(row) for row in _rows(_list(data.get("buttons", "[]")))]
    return look


def _row_button(row: dict[str, Any]) -> Button:
    url = str(row.get("url", ""))
    params = {} if url else {"action": str(row.get("action", ""))}
    return Button(str(row.get("text", "")), str(row.get("color", "gray")), url, "buttons_node", params)


def _object(text: str) -> dict[str, Any] | None:
    found = _json(text)
    return found if isinstance(found, dict) else None


def _list(text: str) -> Any:
    return _json(text)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


class Templates:
    """The shared templates, and the form template under the tenant's own id."""

    def __init__(self, form_template_id: str) -> None:
        self._looks: dict[str, Callable[[Params], Look]] = {
            AI: _ai,
            MARKDOWN: _markdown,
            MARKDOWN_BUTTONS: _markdown_buttons,
            FORM_SAMPLE: _form,
            form_template_id: _form,
        }

    def known(self, template_id: object) -> bool:
        """True for a template that is published and open to this app."""
        return str(template_id) in self._looks

    def look(self, template_id: str, data: Params) -> Look:
        """What a client shows with these variables."""
        return self._looks[template_id](data)
