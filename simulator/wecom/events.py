"""Plaintext of everything the app is told: messages, clicks, menus, comings and goings."""

from __future__ import annotations

import hashlib

from simulator.company import Person
from simulator.messages import Blob, Message
from simulator.wecom.platform import Wecom
from simulator.wecom.xml import Fields, write

Selected = list[tuple[str, list[str]]]


def text(wecom: Wecom, person: Person, content: str) -> str:
    """A member wrote to the app."""
    return _message(wecom, person, "text", [("Content", content)])


def image(wecom: Wecom, person: Person, blob: Blob) -> str:
    """A member sent a picture; it is fetched by its media id, the URL is a mere preview."""
    preview = f"https://wework.qpic.example/{blob.key}"
    return _message(wecom, person, "image", [("PicUrl", preview), ("MediaId", blob.key)])


def voice(wecom: Wecom, person: Person, blob: Blob) -> str:
    """A member spoke."""
    return _message(wecom, person, "voice", [("MediaId", blob.key), ("Format", "amr")])


def video(wecom: Wecom, person: Person, blob: Blob) -> str:
    """A member sent a film."""
    return _message(wecom, person, "video", [("MediaId", blob.key), ("ThumbMediaId", f"{blob.key}-thumb")])


def entered(wecom: Wecom, person: Person) -> str:
    """A member opened the chat with the app."""
    return _event(wecom, person, "enter_agent", [("EventKey", "")])


def subscribed(wecom: Wecom, person: Person, *, added: bool) -> str:
    """A member came into the app's visible range or left it."""
    return _event(wecom, person, "subscribe" if added else "unsubscribe", [("EventKey", "")])


def menu(wecom: Wecom, person: Person, kind: str, key: str) -> str:
    """A member tapped an entry of the menu: its key, or the page it leads to."""
    return _event(wecom, person, kind, [("EventKey", key)])


def pictures(wecom: Wecom, person: Person, kind: str, key: str, blob: Blob) -> str:
    """A member picked one picture by the menu; the picture itself comes after."""
    digest = hashlib.md5(blob.data).hexdigest()
    info: Fields = [("Count", 1), ("PicList", [("item", [("PicMd5Sum", digest)])])]
    return _event(wecom, person, kind, [("EventKey", key), ("SendPicsInfo", info)])


def card(
    wecom: Wecom, person: Person, item: Message, key: str, code: str, selected: Selected | None, seconds: int
) -> str:
    """A member pressed a button, or with `selected` None an entry of the corner menu."""
    shown = item.card or {}
    name = "template_card_menu_event" if selected is None else "template_card_event"
    fields: list[tuple[str, str | int | Fields]] = [
        ("EventKey", key),
        ("TaskId", str(shown.get("task_id", ""))),
        ("CardType", str(shown.get("card_type", ""))),
        ("ResponseCode", code),
    ]
    after = [("SelectedItems", [_selected(question, ids) for question, ids in selected])] if selected else []
    return write([*_head(wecom, person, "event", seconds), ("Event", name), *fields, _agent(wecom), *after])


def _selected(question: str, ids: list[str]) -> tuple[str, Fields]:
    options: Fields = [("OptionId", option) for option in ids]
    return ("SelectedItem", [("QuestionKey", question), ("OptionIds", options)])


def _message(wecom: Wecom, person: Person, kind: str, fields: list[tuple[str, str]]) -> str:
    head = _head(wecom, person, kind, wecom.clock.now_ms() // 1000)
    return write([*head, *fields, ("MsgId", wecom.next_msgid()), _agent(wecom)])


def _event(wecom: Wecom, person: Person, name: str, fields: Fields) -> str:
    head = _head(wecom, person, "event", wecom.clock.now_ms() // 1000)
    return write([*head, ("Event", name), *fields, _agent(wecom)])


def _head(wecom: Wecom, person: Person, kind: str, seconds: int) -> list[tuple[str, str | int | Fields]]:
    return [
        ("ToUserName", wecom.app.corp_id),
        ("FromUserName", person.userid),
        ("CreateTime", seconds),
        ("MsgType", kind),
    ]


def _agent(wecom: Wecom) -> tuple[str, int]:
    return ("AgentID", wecom.app.agent_id)
