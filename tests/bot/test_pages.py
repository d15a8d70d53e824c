"""A submitted page is, to the handlers, the form's button or a message with files. R-LINK."""

from __future__ import annotations

from typing import Any

import orjson

from bot.pages import event_of
from handlers.events import Clicked, Said, SentFile
from storage.inbox import Inbound


def page(**sent: Any) -> Inbound:
    return Inbound("page:8:0a", "in:x", "page", "feishu", "ou_1", "oc_1", orjson.dumps(sent), 0, 0, 6000)


def test_form_is_its_button_with_what_was_filled_in() -> None:
    event = event_of(page(do="form", form=12, stamp="ab", values={"amount": "120万"}))

    assert event == Clicked("", "form.submit", "form:12", "ab", values={"amount": "120万"})


def test_files_are_a_message_in_the_direct_chat() -> None:
    event = event_of(page(do="upload", text="#17 ", files=[{"sha": "ab" * 32, "name": "a.jpg", "kind": "image"}]))

    file = SentFile("kept:" + "ab" * 32, "image", "a.jpg")
    assert event == Said("page:8:0a", "#17 ", direct=True, addressed=True, files=(file,))
