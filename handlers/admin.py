"""配置: set by a line, shown before and after, confirmed by the same admin, rolled back. R-ADM-1, R-ADM-2."""

from __future__ import annotations

import re

from cards.proposal import mark
from handlers.context import OLD_CARD, Context, Line, action, command, number_of
from handlers.events import Clicked
from sales import proposals
from sales.decision import Decision, Reply, say
from sales.errors import NotVisible, Refusal
from sales.proposals import Proposal
from sales.settings import FIRST_VERSION, SETTINGS, read_order

LIST = "说「配置」看能改哪些。"


@command("配置", topic="配置", example="配置 LDR 预警线 18 · 配置 历史", roles=("admin",), rank=1)
def configure(ctx: Context, line: Line) -> Reply | None:
    """The list, the history, a way back, or a change to confirm. R-ADM-1."""
    rest = line.rest.strip()
    if not rest:
        return Reply(card="settings", args={"view": "list"})
    if rest == "历史":
        return Reply(card="settings", args={"view": "history"})
    if rest.startswith("回滚"):
        number = re.fullmatch(r"回滚\s*v?([0-9]{1,9})", rest, re.IGNORECASE)
        if number is None:
            raise Refusal("R-ADM-2", "说清退回到第几版，如「配置 回滚 41」；「配置 历史」能看到有哪些版。")
        return roll_back(ctx, int(number[1]))
    return change(ctx, rest)


def change(ctx: Context, text: str) -> Reply | None:
    """K21a for a setting named in the line; nothing changes before it is confirmed. R-ADM-1."""
    order = read_order(text)
    if order is None:
        raise Refusal("R-ADM-1", f"「{text[:20]}」还不能在这里改。{LIST}")
    setting, typed = order
    if setting.sensitive:
        raise Refusal("R-ADM-1", f"{setting.name}要两位管理员一起定，聊天里还改不了。{LIST}")
    now = setting.now(ctx.tx.policy)
    if not typed:
        return say(f"{setting.name}现在是：{setting.shown(now)}。要改就说「配置 {setting.name} {setting.example}」。")
    value = setting.read(setting, typed)
    if value == now:
        return say(f"{setting.name}现在就是 {setting.short(now)}，不用改。")
    return propose(ctx, kind="set", about=setting.key, value=value)


def roll_back(ctx: Context, number: int) -> Reply | None:
    """K21a for the values of an earlier version. R-ADM-2."""
    newest = ctx.tx.config.newest()
    if number == (newest.id if newest else FIRST_VERSION):
        raise Refusal("R-ADM-2", f"现在就是 v{number}，不用回滚。")
    target = ctx.tx.config.get(number)
    if target is None and number != FIRST_VERSION:
        raise Refusal("R-ADM-2", f"没有 v{number} 这一版。「配置 历史」能看到有哪些版。")
    after = target.settings if target else {}
    if not proposals.changes(newest.settings if newest else {}, after):
        raise Refusal("R-ADM-2", f"v{number} 和现在一样，不用回滚。")
    return propose(ctx, kind="rollback", about=str(number))


def propose(ctx: Context, *, kind: str, about: str, value: str = "", private: bool = True) -> Reply:
    """The change is kept as a question to the admin who asked. R-ADM-1."""
    number = ctx.tx.next_number("proposal")
    asked = Proposal(number, ctx.member.id, kind, about, value, ctx.at)
    ctx.tx.apply(Decision(saves=(asked,), relies=(ctx.member,)))
    return Reply(card="proposal", subject=f"proposal:{number}", private=private)


@action("proposal.confirm")
def confirmed(ctx: Context, click: Clicked) -> Reply | None:
    """In force from now on, unless something else came into force since the card was drawn. R-ADM-1, R-ADM-2."""
    asked = _own(ctx, click)
    if click.stamp != mark(ctx.tx, asked):
        raise Refusal("R-ADM-2", f"{_meanwhile(ctx, asked)}，看一眼新的再定。")
    if asked.kind == "chat":
        chat = ctx.tx.chats.get(asked.about)
        if chat is None or chat.state != "active":
            raise Refusal("R-PPL-3", "我已经不在这个群了，先拉我进群。")
        ctx.tx.apply(proposals.bind_chat(asked, chat) + Decision(relies=(ctx.member,)))
        return Reply(toast="绑好了")
    newest = ctx.tx.config.newest()
    target = ctx.tx.config.get(int(asked.about)) if asked.kind == "rollback" else None
    done = proposals.confirm(asked, newest=newest, target=target, by=ctx.member.id, now=ctx.at)
    ctx.tx.apply(done + Decision(relies=(ctx.member,)))
    return Reply(toast="改好了，已生效" if asked.kind == "set" else "回滚好了，已生效")


@action("proposal.drop")
def dropped(ctx: Context, click: Clicked) -> Reply | None:
    """Nothing changes."""
    ctx.tx.apply(proposals.drop(_own(ctx, click)))
    return Reply(toast="好，先不改。")


@action("config.rollback")
def rollback_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """The button of K21b: asks as the line does. R-ADM-2."""
    _admin(ctx)
    number = click.subject.removeprefix("config:")
    if not (number.isdecimal() and len(number) < 10):
        raise Refusal("R-HOLD", OLD_CARD)
    return roll_back(ctx, int(number))


@action("config.history")
def history_clicked(ctx: Context, click: Clicked) -> Reply | None:
    """The button of the list."""
    _admin(ctx)
    return Reply(card="settings", args={"view": "history"})


def _own(ctx: Context, click: Clicked) -> Proposal:
    """The proposal of a button, when it is the admin's own and still open. R-ADM-1: the same admin's confirm."""
    _admin(ctx)
    asked = ctx.tx.config.proposal(number_of(click.subject, "proposal"))
    if asked is None:
        raise NotVisible("R-PPL-2", "这张卡你现在点不了。")
    if asked.member_id != ctx.member.id:
        asker = ctx.tx.people.get(asked.member_id)
        raise NotVisible("R-ADM-1", f"这张卡等{asker.name if asker else '别人'}点。")
    proposals.check_open(asked, now=ctx.at, policy=ctx.tx.policy)
    return asked


def _admin(ctx: Context) -> None:
    if "admin" not in ctx.member.roles or ctx.member.state != "active":
        raise Refusal("R-PPL-1", "配置是管理员的事，你看看就好。")


def _meanwhile(ctx: Context, asked: Proposal) -> str:
    """What happened since the card was drawn, in words."""
    newest = ctx.tx.config.newest()
    if asked.kind == "chat" or newest is None:
        return "刚有人改过"
    maker = ctx.tx.people.get(newest.by)
    who = maker.name if maker and maker.id != ctx.member.id else "你" if maker else "命令行"
    setting = next((s for s in SETTINGS if s.key == newest.about), None)
    if setting is None:
        return f"{who}刚改过配置（v{newest.id}）"
    gap = " " if setting.name[0].isascii() else ""
    what = f"把{gap}{setting.name}改成 {setting.short(setting.now(ctx.tx.policy))}"
    return f"{who}刚{what}（v{newest.id}）"
