"""Strangers, the first admin, and binding accounts to members. R-PPL-4."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, replace
from datetime import timedelta

from handlers.context import Context, Line, command
from handlers.events import ChatEntered, Clicked, Event, PeopleLeft, Said
from sales.calendar import day_of
from sales.decision import Decision, Job, Reply, say
from sales.errors import Refusal
from sales.people import Member, Stranger, bind, is_usable, leave, make_first_admin, normal_mobile, used
from storage.inbox import Inbound
from storage.tx import Tx

CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
ADMIN_CODE = re.compile(r"(?:我是管理员\s*)?([0-9A-Z]{4}-?[0-9A-Z]{4})")
LOOKING = "正在认人，是同事就接着办。"


def digest(code: str) -> str:
    """How a one-time code is kept: only its hash. R-PPL-4."""
    return hashlib.sha256(code.replace("-", "").upper().encode()).hexdigest()


def stranger(tx: Tx, inbound: Inbound, event: Event) -> Reply | None:
    """Unknown people read and change nothing: the directory is asked who they are, then they are told once a day.

    What a member said or pressed meanwhile goes with the question, and is handled once the answer is there.
    """
    if isinstance(event, Said) and event.direct and (admin := _first_admin(tx, inbound, event)):
        return admin
    if isinstance(event, Said | Clicked | ChatEntered):
        did = {Said: "said", Clicked: "clicked", ChatEntered: "entered"}[type(event)]
        args = {"account": inbound.account, did: asdict(event), "at": inbound.occurred_at}
        tx.apply(Decision(jobs=(Job("lookup", args),)))
    return Reply(toast=LOOKING) if isinstance(event, Clicked) else None


def left(tx: Tx, inbound: Inbound, event: PeopleLeft) -> Reply | None:
    """Who left by the platform's directory can do nothing from now on; the superior is told. R-PPL-5."""
    for account in event.accounts:
        if member := tx.people.by_account(inbound.platform, account):
            tx.apply(leave(member))
    return None


def tell_stranger(tx: Tx, inbound: Inbound) -> Reply | None:
    """K22 with a bind code, once a tenant day, and nothing about the company. R-PPL-4."""
    known = tx.people.stranger(inbound.platform, inbound.account)
    if known and day_of(known.told_at, tx.policy) == day_of(tx.now, tx.policy):
        return None
    code = _bind_code(inbound, tx)
    until = tx.now + tx.policy.bind_code_life
    fresh = Stranger(f"{inbound.platform}:{inbound.account}", inbound.platform, inbound.account, code, until, tx.now)
    tx.apply(Decision(saves=(replace(fresh, version=known.version) if known else fresh,)))
    return Reply(card="stranger", args={"code": code}, private=False)


def remember_chat(ctx: Context) -> None:
    """The direct chat of an account, and that it is in use, is known once its person wrote there. R-DEL.

    A chat where the bot may only answer is no place for messages of our own.
    """
    said = ctx.event
    if not (isinstance(said, Said) and said.direct and not said.threaded):
        return
    accounts = ctx.tx.people.accounts_of(ctx.member.id)
    for account in accounts:
        if (account.platform, account.account) == (ctx.inbound.platform, ctx.inbound.account):
            now = used(account, chat=ctx.inbound.chat, at=ctx.at, others=accounts)
            if now != account:
                ctx.tx.apply(Decision(saves=(now,)))


def bind_by_mobile(tx: Tx, inbound: Inbound, mobile: str, *, chat: str) -> Member | None:
    """The member with this verified mobile number, now bound to the account; None unless exactly one has it."""
    found = tx.people.by_mobile(normal_mobile(mobile))
    if len(found) != 1 or tx.people.account(inbound.platform, inbound.account):
        return None
    tx.apply(
        bind(member=found[0], platform=inbound.platform, account=inbound.account, chat=chat, why="mobile in directory")
    )
    return found[0]


@command("绑定", topic="绑定", example="绑定 7K2M 李雷", roles=("admin",), rank=2)
def bind_by_code(ctx: Context, line: Line) -> Reply | None:
    """An admin says whose account a bind code is. R-PPL-4."""
    found = re.fullmatch(r"\s*([0-9A-Za-z]{4})\s+(\S{1,40})\s*", line.rest)
    if not found:
        raise Refusal("R-PPL-4", "说清绑定码和姓名，如「绑定 7K2M 李雷」。")
    unknown = ctx.tx.people.stranger_by_code(found[1].upper())
    if unknown is None or ctx.at > unknown.code_until:
        raise Refusal("R-PPL-4", "这个绑定码过期了或不对，请对方再发我一句，会给他新的。")
    named = [m for m in ctx.tx.people.by_name(found[2]) if m.state != "left"]
    if len(named) != 1:
        why = "没有这个成员" if not named else "同名的不止一位"
        raise Refusal("R-PPL-4", f"{why}：{found[2]}。先用 import members 导入成员，或写全名。")
    if ctx.tx.people.account(unknown.platform, unknown.account):
        raise Refusal("R-PPL-4", "这个账号已经绑定了。")
    ctx.tx.apply(
        bind(member=named[0], platform=unknown.platform, account=unknown.account, chat="", why="bind code")
        + Decision(saves=(replace(unknown, code="", code_until=ctx.at - timedelta(seconds=1)),))
    )
    return say(f"绑好了：{named[0].name}，{named[0].team or '没有团队'}。")


def _first_admin(tx: Tx, inbound: Inbound, said: Said) -> Reply | None:
    typed = ADMIN_CODE.fullmatch(said.text.strip().upper())
    code = tx.people.admin_code(digest(typed[1])) if typed else None
    if code is None or not is_usable(code, now=tx.now):
        return None
    short = hashlib.sha256(f"{inbound.platform}:{inbound.account}".encode()).hexdigest()[:8]
    admin = Member(id=f"admin-{short}", name="管理员", roles=())
    made = make_first_admin(member=admin, code=code, now=tx.now)
    bound = bind(member=admin, platform=inbound.platform, account=inbound.account, chat=inbound.chat, why="admin-code")
    tx.actor = admin.id
    tx.apply(made + replace(bound, relies=()))
    return say("认出来了，你是管理员。先导入成员：在服务器上运行 dealdesk import members 文件。")


@command("我是管理员", example="我是管理员 码")
def become_admin(ctx: Context, line: Line) -> Reply | None:
    """A known member becomes admin with the one-time code. R-PPL-4."""
    code = ctx.tx.people.admin_code(digest(line.rest.strip()))
    if code is None or not is_usable(code, now=ctx.tx.now):
        raise Refusal("R-PPL-4", "这个码用过了或不对。在服务器上运行 dealdesk admin-code 拿新的。")
    ctx.tx.apply(make_first_admin(member=ctx.member, code=code, now=ctx.tx.now))
    return say("好，你现在是管理员了。")


def _bind_code(inbound: Inbound, tx: Tx) -> str:
    """Four characters, different every time, not guessable from the account."""
    raw = hashlib.sha256(f"{inbound.id}|{inbound.account}|{tx.now.isoformat()}".encode("utf-8", "replace")).digest()
    return "".join(CODE_LETTERS[byte % len(CODE_LETTERS)] for byte in raw[:4])
