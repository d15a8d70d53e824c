"""What WeCom's chats can show, and how fast they may be written to (docs/platforms/wecom.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.platforms.kinds import Example
from bot.platforms.pace import Limits
from bot.platforms.wecom.chats import kind_of
from bot.platforms.wecom.keys import WecomKeys
from cards.fit import Capabilities

LIMITS: Limits = {
    "member": ((25, 60.0), (950, 3600.0)),
    "hook": ((18, 60.0),),
    "bot": ((25, 60.0), (950, 3600.0)),
    "chat": ((180, 60.0),),
    "app": ((9000, 60.0),),
}
"""The vendor drops what one member gets over 30 a minute or 1000 an hour, and says nothing; a group webhook takes 20 a
minute, a smart bot's chat 30 a minute and 1000 an hour, an app group 200 a minute for each member, an API 10,000 a
minute."""

TEXT_BYTES = 2048
"""Longer texts and app markdown are cut without a word."""
HOOK_BYTES = 4096
BOT_BYTES = 20_480

DUPLICATE_SECONDS = 14_400
"""The longest time for which the vendor compares a request with earlier ones."""
RESPONSE_SECONDS = 3600
"""A smart bot's response address lives an hour and takes one message."""

MEDIA_DAYS = 3
"""How long an upload lives."""

CHOICES = 9
"""A list holds 10, and the first is ours: it stands for "nothing chosen"."""

APP_CHAT = Capabilities(
    inputs=False,
    menus=1,
    menu_choices=CHOICES,
    confirms=False,
    buttons=6,
    button_chars=10,
    fields=6,
    name_chars=5,
    value_chars=30,
    title_chars=36,
    tag_chars=20,
    text_chars=160,
    bytes_limit=TEXT_BYTES,
    pictures="before",
    files_in=False,
    files_where="智能机器人的单聊",
    answer="none",
    update="once",
    update_days=3,
    idempotent_seconds=DUPLICATE_SECONDS,
    upload_days=MEDIA_DAYS,
)
"""The app's chat with one person. Pictures that people send arrive, documents do not."""

BOT_CHAT = replace(
    APP_CHAT,
    value_chars=26,
    title_chars=26,
    tag_chars=13,
    text_chars=112,
    bytes_limit=BOT_BYTES,
    files_in=True,
    answer="card",
    update="answer",
    update_days=0,
    idempotent_seconds=0,
)
"""The smart bot's chats; in a group it hears what mentions it, and gets no files."""

GROUP_OUT = replace(
    BOT_CHAT,
    menus=0,
    buttons=0,
    fields=10,
    name_chars=8,
    value_chars=60,
    title_chars=60,
    text_chars=600,
    bytes_limit=TEXT_BYTES,
    files_in=False,
    hears=False,
    answer="none",
    update="never",
)
"""A group the app made: it shows text, markdown and pictures, and nothing that is said there reaches us."""

HOOK_OUT = replace(GROUP_OUT, bytes_limit=HOOK_BYTES)
"""A group's webhook."""

CHATS: Mapping[str, Example] = {
    "app": Example("app:m03", True),
    "bot": Example("bot:u:m03", True),
    "bot-group": Example("bot:g:sales", False),
    "appchat": Example("appchat:sales", False),
    "hook": Example("hook:1", False),
}


def capabilities(keys: WecomKeys, chat: str, *, direct: bool) -> Capabilities:
    """What this chat can show; with no chat named, the app's chat with one person."""
    match kind_of(chat):
        case "bot":
            mention = "" if direct or not chat.startswith("bot:g:") else "@我 "
            found = replace(BOT_CHAT, mention=mention, files_in=not mention)
            if keys.bot_by_socket:
                return found
            return replace(found, pictures="none", idempotent_seconds=RESPONSE_SECONDS)
        case "appchat":
            return GROUP_OUT
        case "hook":
            return HOOK_OUT
    return APP_CHAT if keys.app_hears else replace(APP_CHAT, buttons=0, menus=0, hears=False, update="never")
