"""Samples of forms on their way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from cards import form, link
from cards.blocks import Card
from cards.forms import FORMS
from sales.conversations import Conversation

_DEAL = Conversation(
    id=4, member_id="m03", platform="feishu", chat="oc_1", form="deal", subject="", ask="product",
    asked_at=datetime(2026, 11, 12, 2, 22, tzinfo=UTC), answers={"customer": "华东医疗"}, version=1,
)  # fmt: skip

SAMPLES: Mapping[str, Card] = {
    "form: a deal, half filled in": form.draw(_DEAL, FORMS["deal"]),
    "form: finished": form.draw(replace(_DEAL, state="done"), FORMS["deal"]),
    "form: dropped": form.draw(replace(_DEAL, state="dropped"), FORMS["deal"]),
    "link: a page for files": link.draw("给 #17 传文件", f"https://sales.example.com/p/8-{'0f' * 16}", "15:35"),
}
