"""What each vendor insists on when a message is sent, and what its clients would read as markup.

A platform joins the contract tests with one row in VENDORS; its kinds of chat come from the registry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.platforms.base import Platform
from bot.platforms.dingtalk import Dingtalk, DingtalkKeys
from bot.platforms.dingtalk.form import own_params
from bot.platforms.feishu import Feishu, FeishuKeys
from bot.platforms.feishu.render import tags
from bot.platforms.kinds import Example
from bot.platforms.pace import Pace
from bot.platforms.registry import KINDS
from bot.platforms.wecom import Wecom, WecomKeys
from bot.platforms.wecom.render import calls_back, template
from cards.blocks import Card
from cards.fit import fit
from simulator.dingtalk.cards import templates
from simulator.dingtalk.cards.checks import param_map, private_maps
from simulator.dingtalk.content import read_template
from simulator.feishu.cards.known import Known
from simulator.feishu.cards.validate import validate_card
from simulator.wecom.aibot.replies import MARKDOWN_BYTES as BOT_BYTES
from simulator.wecom.aibot.urls import LATER
from simulator.wecom.cards.blocks import Use
from simulator.wecom.cards.validate import BOT, BOT_UPDATE, SEND, UPDATE, WEBHOOK, check_card
from simulator.wecom.content import APP_TYPES, GROUP_TYPES, HOOK_MARKDOWN_BYTES, HOOK_TYPES, MARKDOWN_BYTES, TEXT_BYTES

Message = Mapping[str, Any]

OWN = "https://deal.example"
UPLOADED = "@lADPuploaded"
"""What the platform calls a picture that was uploaded."""
FORM = "sim-form.schema"
PACE = Pace({}, lambda: 0.0)


@dataclass(frozen=True)
class Vendor:
    """`settings`: the platform in each way it can be set up that changes what is shown, "" the usual one.

    `takes` fails when the vendor would refuse or cut the message in a chat of this kind; `markup` is every text in
    which clients look for markup, without the marks of our own.
    """

    settings: Mapping[str, Callable[[], Platform]]
    takes: Callable[[str, Message], None]
    markup: Callable[[Message], Iterator[str]]


@dataclass(frozen=True)
class Chat:
    """One kind of chat on one platform as it is set up."""

    vendor: Vendor
    platform: Platform
    kind: str
    example: Example

    def shown(self, card: Card) -> Message:
        """The message as it is sent."""
        caps = self.platform.capabilities(self.example.chat, direct=self.example.direct)
        return self.platform.render(fit(card, caps), self.example.chat)

    def takes(self, message: Message) -> None:
        """Fails when the vendor would not take the whole message."""
        self.vendor.takes(self.kind, message)


def opened(value: Any) -> Any:
    """The message with the JSON inside its texts read."""
    if isinstance(value, Mapping):
        return {key: opened(inside) for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [opened(inside) for inside in value]
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return opened(json.loads(value))
        except ValueError:
            return value
    return value


def texts(value: Any) -> Iterator[str]:
    """Every text of an opened message."""
    if isinstance(value, str):
        yield value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inside:
        yield from texts(one)


def _feishu() -> Platform:
    keys = FeishuKeys(app_id="cli_1", app_secret="s", verification_token="t", api_base="http://127.0.0.1:1")
    return Feishu(keys, business_us=lambda: 0, machine=lambda: 0.0, pace=PACE)


def _feishu_takes(kind: str, message: Message) -> None:
    """docs/platforms/feishu.md 6.2."""
    content = json.loads(message["content"])
    assert len(message["content"].encode()) <= 28_000
    assert tags(content) <= 200
    if message["msg_type"] == "interactive":
        validate_card(content, Known(image=UPLOADED.__eq__, person=lambda key: False))


def _feishu_markup(message: Message) -> Iterator[str]:
    content = json.loads(message["content"])
    if message["msg_type"] == "text":
        yield content["text"]
    yield from _contents(content)


def _contents(part: Any) -> Iterator[str]:
    if isinstance(part, dict) and part.get("tag") in ("markdown", "lark_md"):
        yield part["content"]
    inside = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for one in inside:
        yield from _contents(one)


_WECOM = WecomKeys(
    "ww1", 1_000_002, secret="s", token="t", aes_key="k" * 43, bot_token="t", bot_aes_key="k" * 43, public_url=OWN
)
_WECOM_SOCKET = WecomKeys("ww1", 1_000_002, secret="s", mode="socket", bot_id="b", bot_secret="s")
"""Without an address: the app hears nothing, the smart bot does."""


def _wecom(keys: WecomKeys) -> Platform:
    return Wecom(keys, business_us=lambda: 0, machine=lambda: 0.0, pace=PACE)


@dataclass(frozen=True)
class _Place:
    """What a chat of WeCom takes: message types, bytes of its markdown, cards sent and cards in an update."""

    types: frozenset[str]
    markdown: int
    send: Use | None = None
    update: Use | None = None


_PLACES = {
    "app": _Place(APP_TYPES, MARKDOWN_BYTES, SEND, UPDATE),
    "bot": _Place(frozenset(LATER), BOT_BYTES, BOT, BOT_UPDATE),
    "appchat": _Place(GROUP_TYPES, MARKDOWN_BYTES),
    "hook": _Place(HOOK_TYPES, HOOK_MARKDOWN_BYTES, WEBHOOK),
}


def _wecom_takes(kind: str, message: Message) -> None:
    """docs/platforms/wecom.md; a warning means that a client cuts a text."""
    place, msgtype = _PLACES[kind.partition("-")[0]], message["msgtype"]
    assert msgtype in place.types
    if msgtype != "template_card":
        size = len(message[msgtype]["content"].encode())
        assert 0 < size <= (TEXT_BYTES if msgtype == "text" else place.markdown)
    else:
        assert place.send
        task = {"task_id": "task-1"} if calls_back(message["template_card"]) else {}
        assert check_card({**message["template_card"], **task}, place.send) == []
    redrawn = template(message)
    if redrawn and place.update:
        task = {"task_id": "task-1"} if place.update.bot else {}
        assert check_card({**redrawn, **task}, place.update) == []


_FONT = re.compile(r'<font color="(?:info|warning|comment)">|</font>')
_BOLD_LINE = re.compile(r"^\*\*([^*\n]+)\*\*", re.MULTILINE)


def _wecom_markup(message: Message) -> Iterator[str]:
    """Template cards show plain text only."""
    if "text" in message:
        yield message["text"]["content"]
    if "markdown" in message:
        yield _BOLD_LINE.sub(r"\1", _FONT.sub("", message["markdown"]["content"]))


class _Unmetered:
    def count(self, what: str, calls: int = 1) -> None:
        """Counts nothing."""


_DINGTALK = DingtalkKeys("ding1", "s", public_url=OWN)


def _dingtalk(keys: DingtalkKeys) -> Platform:
    return Dingtalk(keys, business_us=lambda: 0, machine=lambda: 0.0, pace=PACE, meter=_Unmetered())


def _dingtalk_takes(kind: str, message: Message) -> None:
    """docs/platforms/dingtalk.md: whichever template a redraw may meet, and the words that stand for a refused card."""
    known = templates.Templates(FORM)
    for name, template_id in (("shared", templates.AI), ("form", FORM)):
        if params := message.get(name):
            assert param_map({"cardParamMap": params}, "cardData", strict=True) == params
            private_maps({"m03": {"cardParamMap": own_params(params)}}, strict=True)
            look = known.look(template_id, params)
            assert (look.blank, look.title) == ("", message["title"])
            assert all(button.label and button.calls_back for button in look.buttons)
    for said in (message["words"], message["short"], *message["pictures"]):
        read_template(said["msgKey"], said["msgParam"])


def _dingtalk_markup(message: Message) -> Iterator[str]:
    found = opened(message)
    bodies = [found["shared"]["staticMsgContent"], found.get("form", {}).get("body", "")]
    said = [
        words["msgParam"].get("text", words["msgParam"].get("content")) for words in (found["words"], found["short"])
    ]
    for body in (*bodies, *said, found["title"]):
        yield _BOLD_LINE.sub(r"\1", body.replace("<br>", "\n").replace("\n  ", "\n"))


VENDORS: Mapping[str, Vendor] = {
    "feishu": Vendor({"": _feishu}, _feishu_takes, _feishu_markup),
    "wecom": Vendor({"": lambda: _wecom(_WECOM), "socket": lambda: _wecom(_WECOM_SOCKET)}, _wecom_takes, _wecom_markup),
    "dingtalk": Vendor(
        {"": lambda: _dingtalk(_DINGTALK), "form": lambda: _dingtalk(replace(_DINGTALK, form_template_id=FORM))},
        _dingtalk_takes,
        _dingtalk_markup,
    ),
}


def _chats() -> Iterator[tuple[str, Chat]]:
    for name, kind in KINDS.items():
        vendor = VENDORS[name]
        for setting, made in vendor.settings.items():
            for chat, example in kind.chats.items():
                yield "-".join(filter(None, (name, chat, setting))), Chat(vendor, made(), chat, example)


CHATS: Mapping[str, Chat] = dict(_chats())
"""Every kind of chat of every platform of the registry, by platform, kind and setting."""
