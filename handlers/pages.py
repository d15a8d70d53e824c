"""Pages: 打开 and 传文件 answer with a fresh link, a button sends one to the clicker's direct chat. R-LINK."""

from __future__ import annotations

import re

from cards.forms import FORMS
from handlers import deals, forms, gates
from handlers.context import COMMANDS, LEADING, OLD_CARD, Context, Line, action, command, number_of
from handlers.events import Clicked
from sales import links
from sales.conversations import Conversation, is_kept
from sales.decision import Decision, Notice, Reply, Urgency
from sales.errors import NotVisible, Refusal
from sales.links import FORM, UPLOAD, Link
from sales.quickentry import read_line

NO_PAGES = "这里没有网页可开，在聊天里办就行：要填的一项项回我，照片和文件直接发我单聊。"
WHAT = "打开什么？说「打开 录单」「打开 申请」或「传文件 17」。"
UNSEEN = "这张表你现在看不了。"
OPENING = ("录单", "申请")
"""Commands whose form can be filled in on a page instead."""


@command("传文件", topic="传文件", example="传文件 17", roles=LEADING, rank=8)
def upload(ctx: Context, line: Line) -> Reply | None:
    """A link to the page that takes files, for the deal named or for whatever they turn out to be. R-LINK, R-EVD-1."""
    _check_pages(ctx)
    named = re.match(r"#?(\d{1,9})", line.rest)
    return _reply(ctx, UPLOAD, f"deal:{deals.deal_of(ctx, named[1]).id}" if named else "")


@command("打开")
def open_page(ctx: Context, line: Line) -> Reply | None:
    """The open form as a page, a form by its word, or the last link anew; a deal's number shows the deal. R-LINK."""
    number = re.search(r"\d{1,9}", line.text)
    reading = read_line(line.rest, now=ctx.at)
    name = "录单" if reading.intent == "deal" else reading.fields.get("name", "")
    if not name and number:
        return deals.one(ctx, Line(line.text, number[0]))
    _check_pages(ctx)
    rest = Line(line.rest, reading.fields.get("rest", ""))
    if name == "传文件":
        return upload(ctx, rest)
    if name == "传凭证":
        return _as_page(ctx, gates.listen(ctx, rest))
    if name in OPENING:
        return _as_page(ctx, _ask(ctx, name, rest))
    if line.rest:
        raise Refusal("R-LINK", WHAT)
    return _last(ctx)


@action("page.open")
def clicked(ctx: Context, click: Clicked) -> Reply | None:
    """A fresh link in the clicker's direct chat, from a group too: what the button was on is no link. R-LINK."""
    _check_pages(ctx)
    if click.subject.startswith("form:"):
        reply = _to_form(ctx, _own(ctx, click.subject))
    elif click.subject:
        kind, _, number = click.subject.partition(":")
        if kind not in ("deal", "requirement"):
            raise Refusal("R-LINK", OLD_CARD)
        deals.deal_of(ctx, number.partition(":")[0])
        reply = _reply(ctx, UPLOAD, click.subject)
    else:
        reply = _reply(ctx, UPLOAD, "")
    account = ctx.tx.people.account(ctx.platform, ctx.inbound.account)
    if account and account.chat and account.chat == ctx.inbound.chat:
        return Reply(card=reply.card, args=reply.args, toast="链接发你了")
    told = Notice("reply", f"member:{ctx.member.id}", reply.card, "", Urgency.ANSWER, "R-LINK", reply.args)
    ctx.tx.apply(Decision(notices=(told,)))
    return Reply(toast="链接发你单聊了")


def _ask(ctx: Context, name: str, line: Line) -> Reply | None:
    """What the command answers, for who may use it. R-PPL-1."""
    found = COMMANDS[name]
    if not found.roles & set(ctx.member.roles):
        raise Refusal("R-PPL-1", f"「{name}」你的角色还用不了。能用的说「帮助」看。")
    return found.handler(ctx, line)


def _as_page(ctx: Context, reply: Reply | None) -> Reply | None:
    """The form a command has just opened, as a page; any other answer as it is."""
    asked = [each for each in ctx.tx.decision.saves if isinstance(each, Conversation) and each.state == "open"]
    return _to_form(ctx, asked[-1]) if asked else reply


def _last(ctx: Context) -> Reply | None:
    """打开 alone: the form that is open here, else what the last link was for. R-LINK, R-HOLD."""
    if asked := forms.open_conversation(ctx):
        return _to_form(ctx, asked)
    last = ctx.tx.links.newest(ctx.member.id)
    if last is None:
        raise Refusal("R-LINK", WHAT)
    if last.purpose == FORM:
        return _to_form(ctx, _own(ctx, last.subject))
    if last.subject:
        deals.deal_of(ctx, last.subject.split(":")[1])
    return _reply(ctx, UPLOAD, last.subject)


def _to_form(ctx: Context, conversation: Conversation) -> Reply:
    """A link to the form; one that only takes a file is the page for files. R-LINK."""
    if all(field.takes_files for field in FORMS[conversation.form].fields):
        return _reply(ctx, UPLOAD, conversation.subject if conversation.subject.startswith("requirement:") else "")
    return _reply(ctx, FORM, f"form:{conversation.id}")


def _reply(ctx: Context, purpose: str, subject: str) -> Reply:
    """A link made now, as the answer in the direct chat."""
    link = Link(
        id=ctx.tx.next_number("link"), member_id=ctx.member.id, platform=ctx.platform, account=ctx.inbound.account,
        purpose=purpose, subject=subject, made_at=ctx.tx.now,
    )  # fmt: skip
    ctx.tx.apply(links.make(link))
    return Reply(card="link", args={"link": str(link.id)})


def _own(ctx: Context, subject: str) -> Conversation:
    """The person's own form that can still be filled in. R-PPL-2, R-HOLD."""
    found = ctx.tx.conversations.get(number_of(subject, "form"))
    if found is None or found.member_id != ctx.member.id:
        raise NotVisible("R-PPL-2", UNSEEN)
    if not is_kept(found, now=ctx.at, policy=ctx.tx.policy):
        raise Refusal("R-HOLD", "这张表办过了，或放太久了。重新说一句就行，如「打开 录单」。")
    return found


def _check_pages(ctx: Context) -> None:
    """Raises Refusal where there is no public address. R-LINK."""
    if ctx.tx.store.pages is None:
        raise Refusal("R-LINK", NO_PAGES)
