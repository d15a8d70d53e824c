"""群: which group the bot is in, and what a group is bound to. R-PPL-1 (chat:NAME), R-PPL-3."""

from __future__ import annotations

import hashlib
import re

from handlers import admin
from handlers.context import Context, Line, command, is_direct
from handlers.events import Said
from sales import chats
from sales.chats import Hook, binding_words, read_binding
from sales.decision import Reply, say
from sales.errors import Refusal
from storage.entities import get
from storage.inbox import Inbound
from storage.tx import Tx

WELCOME = "我是销售助手，@我 加一句话就行，例：@我 LDR 本周。"
HOW = "在要绑的群里 @我 说「群 绑定 总监」或「群 绑定 华东一组」。"
ROWS = 6
_KEY = re.compile(r"(?<![0-9A-Za-z-])[0-9A-Za-z-]{20,80}$")
"""The key at the end of a webhook's address, or alone."""


def entered(tx: Tx, inbound: Inbound, name: str) -> Reply | None:
    """The bot is in a group: the group is known, and the bot says one line. ux.md 2."""
    known = tx.chats.get(f"{inbound.platform}:{inbound.chat}")
    tx.apply(chats.entered(known, platform=inbound.platform, chat=inbound.chat, name=name))
    return say(WELCOME, private=False)


def left(tx: Tx, inbound: Inbound) -> Reply | None:
    """The bot is not in the group any more."""
    tx.apply(chats.left(tx.chats.get(f"{inbound.platform}:{inbound.chat}")))
    return None


def remember(ctx: Context) -> None:
    """A group is known once somebody spoke to the bot there."""
    if isinstance(ctx.event, Said) and not ctx.event.direct:
        known = ctx.tx.chats.get(f"{ctx.platform}:{ctx.inbound.chat}")
        name = ctx.event.chat_name
        if known is None or known.state != "active" or (name and name != known.name):
            ctx.tx.apply(chats.entered(known, platform=ctx.platform, chat=ctx.inbound.chat, name=name))


@command("群", topic="群", example="群 绑定 总监（在群里 @我 说）", roles=("admin",), rank=3, in_groups=True)
def group(ctx: Context, line: Line) -> Reply | None:
    """Bind this group; without 绑定 say what is bound to what. R-PPL-3."""
    order = re.fullmatch(r"(绑定|解绑|解除绑定)?\s*(.*)", line.rest.strip(), re.DOTALL)
    word, rest = (order[1], order[2].strip()) if order else (None, "")
    direct = not isinstance(ctx.event, Said) or ctx.event.direct
    if direct:
        return say(_overview(ctx))
    if word == "绑定":
        return _bind(ctx, rest)
    if word:
        return _bind(ctx, "")
    known = ctx.tx.chats.get(f"{ctx.platform}:{ctx.inbound.chat}")
    return say(f"这个群现在：{binding_words(known.bound_to if known else '')}。{HOW}", private=False)


@command("群机器人", roles=("admin",))
def webhook(ctx: Context, line: Line) -> Reply | None:
    """A group that can only be written to, by its webhook, and what it is bound to. The key is sealed. R-PPL-3."""
    if not is_direct(ctx.event):
        raise Refusal("R-PRIV", "网址里有钥匙，这句单聊我说，然后把群里这条撤回。")
    if ctx.platform not in ctx.tx.store.webhooks:
        raise Refusal("R-PPL-3", f"这个平台不用群机器人网址。{HOW}")
    order = re.fullmatch(r"(\S{1,30})\s+(\S{1,400})\s+(?:绑定\s*)?(.+)", line.rest.strip(), re.DOTALL)
    key = _KEY.search(order[2]) if order else None
    bound_to = read_binding(order[3], teams=ctx.tx.chats.team_paths()) if order else None
    if order is None or key is None or not bound_to:
        raise Refusal("R-PPL-3", "说清群名、机器人网址、绑什么，如「群机器人 华东一组群 https://… 绑定 华东一组」。")
    name = hashlib.sha256(key[0].encode()).hexdigest()[:16]
    known = get(ctx.tx.conn, Hook, name)
    hook = Hook(name, ctx.tx.store.secrets.seal(key[0]), known.version if known else 0)
    chat_id = f"{ctx.platform}:{chats.HOOK}{name}"
    ctx.tx.apply(chats.add_hook(ctx.tx.chats.get(chat_id), platform=ctx.platform, hook=hook, name=order[1]))
    return admin.propose(ctx, kind="chat", about=chat_id, value=bound_to)


def _bind(ctx: Context, words: str) -> Reply:
    """A card that shows what it is bound to now and then; the same admin confirms. R-ADM-1."""
    bound_to = read_binding(words, teams=ctx.tx.chats.team_paths()) if words else ""
    if bound_to is None:
        raise Refusal("R-PPL-3", f"「{words[:20]}」不是团队也不是角色。{HOW}")
    chat_id = f"{ctx.platform}:{ctx.inbound.chat}"
    known = ctx.tx.chats.get(chat_id)
    if known and known.bound_to == bound_to:
        return say(f"这个群已经是：{binding_words(bound_to)}，不用改。", private=False)
    return admin.propose(ctx, kind="chat", about=chat_id, value=bound_to, private=False)


def _overview(ctx: Context) -> str:
    found = ctx.tx.chats.all(limit=ROWS)
    if not found:
        return f"我还没进过群。拉我进群，再{HOW.removeprefix('在')}"
    rows = "；".join(f"{chat.name or '没名字的群'}：{binding_words(chat.bound_to)}" for chat in found)
    return f"{rows}。{HOW}"
