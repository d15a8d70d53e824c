"""The ten questions: what each kind of chat can show, and the immediate answer."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.platforms.wecom.chats import kind_of, name_of
from cards.blocks import words
from tests.bot.platforms.wecom.helpers import KEYS, SOCKET_KEYS, adapter
from tests.bot.platforms.wecom.test_render import DEAL


@pytest.mark.parametrize(
    ("chat", "kind", "name"),
    [
        ("app:lilei", "app", "lilei"),
        ("", "app", ""),
        ("bot:u:lilei", "bot", "lilei"),
        ("bot:g:wr:x", "bot", "wr:x"),
        ("appchat:c:1", "appchat", "c:1"),
        ("hook:h1", "hook", "h1"),
        ("lilei", "app", "lilei"),
    ],
)
def test_chat_is_told_by_its_beginning(chat: str, kind: str, name: str) -> None:
    assert (kind_of(chat), name_of(chat)) == (kind, name)


def test_abilities_differ_by_kind_of_chat() -> None:
    wecom = adapter()
    app, person, group, made, hook = (
        wecom.capabilities(chat, direct=direct)
        for chat, direct in (
            ("", True), ("bot:u:a", True), ("bot:g:g", False), ("appchat:c", False), ("hook:h", False),
        )
    )  # fmt: skip

    assert (app.update, app.update_days, app.answer, app.pictures, app.files_in) == ("once", 3, "none", "before", False)
    assert (app.inputs, app.confirms, app.menus, app.buttons) == (False, False, 1, 6)
    assert (person.update, person.answer, person.files_in, person.mention) == ("answer", "card", True, "")
    assert (group.files_in, bool(group.mention)) == (False, True)
    for outgoing in (made, hook):
        assert (outgoing.buttons, outgoing.hears, outgoing.update, outgoing.files_in) == (0, False, "never", False)
    assert {each.pictures for each in (made, hook)} == {"before"}
    assert (person.pictures, group.pictures) == ("none", "none")
    assert adapter(SOCKET_KEYS).capabilities("bot:g:a", direct=False).pictures == "before"


def test_repeat_is_harmless_where_the_vendor_promises_it() -> None:
    by_url, by_socket = adapter(), adapter(SOCKET_KEYS)

    assert by_url.capabilities("app:a", direct=True).idempotent_seconds == 14400
    assert by_url.capabilities("bot:g:a", direct=False).idempotent_seconds == 3600
    assert by_socket.capabilities("bot:g:a", direct=False).idempotent_seconds == 0
    assert by_url.capabilities("appchat:a", direct=False).idempotent_seconds == 0


def test_app_without_callback_address_shows_no_buttons() -> None:
    found = adapter(replace(KEYS, token="", aes_key="")).capabilities("app:a", direct=True)

    assert (found.buttons, found.menus, found.hears, found.update) == (0, 0, False, "never")


def test_immediate_answer_is_a_card_or_nothing() -> None:
    wecom = adapter()

    assert wecom.answer(toast="", card=None) == b""
    assert wecom.answer(toast="好", card=None) == b""
    assert wecom.answer(toast="", card=words("好")) == b""
    answer = json.loads(wecom.answer(toast="好", card=DEAL))
    assert answer["response_type"] == "update_template_card"
    assert answer["template_card"]["card_type"] == "button_interaction"
