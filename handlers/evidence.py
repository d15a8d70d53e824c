"""Files people send: linked to a requirement, fetched and looked at, submitted, or kept until it is clear. R-EVD-1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cards.evidence import mark, options_of
from cards.forms import FORMS
from handlers import linking
from handlers.context import LEADING, OLD_CARD, Context, action, finished, number_of
from handlers.events import Clicked, JobDone, Said
from sales import approval_clock, conversations, evidence, reviews
from sales.conversations import Conversation
from sales.decision import Decision, Notice, Reply, Urgency
from sales.errors import NotVisible, Refusal
from sales.evidence import FILES_AT_ONCE, Original, Submission, is_rejected
from sales.gates import evidence_of
from sales.people import Member
from storage.tx import Tx

NAME_CHARS = 100
TEXT_CHARS = 200
UNSEEN = "这份凭证你现在看不了。"


def files(ctx: Context, said: Said) -> Reply | None:
    """Each file is kept and looked at; the card of the first answers, each further one has its own. R-EVD-1.

    None where there is no file for us: a recording, or a sender who leads no deals.
    """
    sent = [file for file in said.files if file.kind != "audio"]
    if not sent or not set(LEADING) & set(ctx.member.roles):
        return None
    if len(sent) > FILES_AT_ONCE:
        raise Refusal("R-EVD-2", f"一次最多看 {FILES_AT_ONCE} 个文件，分几次发给我。")
    ear = linking.ear(ctx)
    found, note = linking.linked(ctx, said, ear)
    sure = found.sure and len(sent) == 1
    if sure and ear and ear.subject == f"requirement:{found.options[0].id}":
        ctx.tx.apply(conversations.finish(ear))
    first = ""
    for file in sent:
        submission = Submission(
            id=ctx.tx.next_number("submission"), member_id=ctx.member.id, platform=ctx.platform, chat=ctx.home,
            name=file.name[:NAME_CHARS], text=said.text.strip()[:TEXT_CHARS], sent_at=ctx.at,
            offered=tuple(each.id for each in found.options),
            requirement_id=found.options[0].id if sure else "", note=note,
        )  # fmt: skip
        ctx.tx.apply(evidence.receive(submission, message_id=said.message_id, key=file.key, kind=file.kind))
        subject = f"submission:{submission.id}"
        if first:
            told = Notice("reply", f"member:{ctx.member.id}", "evidence", subject, Urgency.ANSWER, "R-EVD-1")
            ctx.tx.apply(Decision(notices=(told,)))
        first = first or subject
    return Reply(card="evidence", subject=first)


def fetched(tx: Tx, result: JobDone) -> Reply | None:
    """The file is here and was looked at: refused, submitted, or asked about. A second result changes nothing."""
    submission = tx.evidence.submission(int(result.args["submission"]))
    if submission is None or submission.state != "fetching":
        return None
    tx.actor = submission.member_id
    got = result.result
    submission = replace(
        submission,
        sha=str(got.get("sha", "")),
        size=int(got.get("size", 0)),
        kind=str(got.get("kind", "")),
        name=submission.name or str(got.get("name", ""))[:NAME_CHARS],
        findings=("fetch:failed",) if result.error else tuple(got.get("findings", ())),
    )
    member = tx.people.get(submission.member_id)
    if is_rejected(submission.findings) or member is None:
        deal_id = int(submission.requirement_id.partition(":")[0] or 0)
        tx.apply(evidence.refuse(replace(submission, deal_id=deal_id)))
    elif submission.requirement_id:
        place(tx, submission, submission.requirement_id, member)
    else:
        _ask_whose(tx, submission)
    return None


def place(tx: Tx, submission: Submission, requirement_id: str, member: Member) -> None:
    """The file is submitted for this requirement, or asks again when that one wants nothing any more. R-EVD-1."""
    deal = tx.deals.visible(int(requirement_id.partition(":")[0]), member)
    requirements = tx.evidence.requirements(deal) if deal and deal.state == "open" else ()
    requirement = next((each for each in requirements if each.id == requirement_id), None)
    if deal is None or requirement is None:
        _ask_whose(tx, replace(submission, offered=()), note="那单现在不收这份凭证")
        return
    live = tx.evidence.live(requirement_id)
    if live is not None and live.sha == submission.sha:
        tx.apply(evidence.same_as(submission, earlier=live))
        return
    if requirement.state == "accepted":
        _ask_whose(tx, replace(submission, offered=()), note=f"#{deal.id} 的{evidence_of(requirement).name}已经通过了")
        return
    barred = (submission.member_id, deal.owner_id)
    decision = evidence.submit(
        replace(submission, requirement_id=requirement_id, state="fetching"),
        requirement=requirement,
        requirements=requirements,
        deal=deal,
        frozen=tx.evidence.open_freeze(deal.id),
        original=_original(tx, submission),
        earlier=live,
        reviewer=reviews.next_reviewer(tx.evidence.superiors_of(deal.owner_id), barred=barred),
        now=tx.now,
        policy=tx.policy,
    )
    tx.apply(decision)
    tx.apply(approval_clock.follow(tx.approvals.open_of_deal(deal.id), deal=deal, decision=decision, now=tx.now))


def _original(tx: Tx, submission: Submission) -> Original:
    return tx.evidence.original(submission.sha) or Original(submission.sha, submission.size, submission.kind)


def _ask_whose(tx: Tx, submission: Submission, *, note: str = "") -> None:
    """The card asks; where no other question is open in the chat, a typed answer is understood for 10 minutes."""
    tx.apply(evidence.ask_whose(submission, note=note))
    where: dict[str, Any] = {"platform": submission.platform, "chat": submission.chat}
    if tx.conversations.open_in(submission.member_id, **where) or tx.drafts.open_in(submission.member_id, **where):
        return
    asked = Conversation(
        id=tx.next_number("form"), member_id=submission.member_id, form="evidence_whose",
        subject=f"submission:{submission.id}", ask="whose", asked_at=tx.now,
        life_minutes=FORMS["evidence_whose"].life_minutes, **where,
    )  # fmt: skip
    tx.apply(conversations.ask(asked, now=tx.now))


@finished("evidence_whose")
def told_whose(ctx: Context, form: Conversation) -> Reply | None:
    """A typed answer: the number of a choice, or a deal's number or customer. R-EVD-1, R-HOLD."""
    submission = _own(ctx, form.subject)
    if submission.state != "asking":
        raise Refusal("R-EVD-1", "这份已经认好了，看最新那张卡。")
    text = form.answers["whose"]
    options = options_of(ctx.tx, submission, ctx.member)
    picked = re.fullmatch(r"(?:是\s*)?([1-9])", text)
    if picked and int(picked[1]) <= len(options):
        place(ctx.tx, submission, options[int(picked[1]) - 1].requirement.id, ctx.member)
        return Reply(card="evidence", subject=form.subject)
    named, note = linking.named(ctx, text)
    found = evidence.link(replied=(), ear=(), named=named, own=(), text=f"{submission.text} {text}")
    if not found.options:
        raise Refusal("R-EVD-1", f"{note or '没对上哪单'}。回商机编号就行，如 17。文件我存着。")
    if found.sure:
        place(ctx.tx, submission, found.options[0].id, ctx.member)
    else:
        offered = tuple(each.id for each in found.options)
        ctx.tx.apply(evidence.ask_whose(replace(submission, offered=offered, note="")))
    return Reply(card="evidence", subject=form.subject)


@action("evidence.pick")
def picked(ctx: Context, click: Clicked) -> Reply | None:
    """One of the offered requirements. R-EVD-1."""
    submission = _asked(ctx, click)
    chosen = click.args.get("to", "")
    if chosen not in {option.requirement.id for option in options_of(ctx.tx, submission, ctx.member)}:
        raise Refusal("R-EVD-1", "这项现在不用传了，看最新那张卡。")
    place(ctx.tx, submission, chosen, ctx.member)
    _close_question(ctx, click.subject)
    return Reply(toast="记好了")


@action("evidence.none")
def none_of_them(ctx: Context, click: Clicked) -> Reply | None:
    """None of them: kept, and a deal's number may be typed. R-HOLD."""
    submission = _asked(ctx, click)
    ctx.tx.apply(evidence.ask_whose(replace(submission, offered=(), note="")))
    return Reply(toast="存着，回商机编号就行")


@action("evidence.take_back")
def taken_back(ctx: Context, click: Clicked) -> Reply | None:
    """不是这单: the file asks again whose it is. R-EVD-1."""
    submission = _own(ctx, click.subject)
    if click.stamp != mark(submission):
        raise Refusal("R-EVD-1", OLD_CARD)
    deal = ctx.tx.deals.get(submission.deal_id)
    requirements = ctx.tx.evidence.requirements(deal) if deal else ()
    requirement = next((each for each in requirements if each.id == submission.requirement_id), None)
    if deal is None or requirement is None:
        raise Refusal("R-EVD-1", "这份已经有结果了，改不了归属。")
    others = [each for each in linking.owned(ctx) if each.state == "open" and each.id != requirement.id]
    decision = reviews.take_back(
        submission, requirement=requirement, requirements=requirements, original=_original(ctx.tx, submission),
        deal=deal, offered=tuple(each.id for each in others), actor=ctx.member, now=ctx.tx.now,
    )  # fmt: skip
    ctx.tx.apply(decision)
    return Reply(toast="好，选选是哪单的")


def _own(ctx: Context, subject: str) -> Submission:
    """The sender's own submission. R-PPL-2."""
    found = ctx.tx.evidence.submission(number_of(subject, "submission"))
    if found is None or found.member_id != ctx.member.id:
        raise NotVisible("R-PPL-2", UNSEEN)
    return found


def _asked(ctx: Context, click: Clicked) -> Submission:
    """The submission whose question the button answers. R-EVD-1."""
    found = _own(ctx, click.subject)
    if found.state != "asking" or click.stamp != mark(found):
        raise Refusal("R-EVD-1", OLD_CARD)
    return found


def _close_question(ctx: Context, subject: str) -> None:
    """A click answered what could also have been typed."""
    form = ctx.tx.conversations.open_in(ctx.member.id, platform=ctx.platform, chat=ctx.home)
    if form and form.form == "evidence_whose" and form.subject == subject:
        ctx.tx.apply(conversations.finish(form))


def names_of(tx: Tx, ids: Sequence[str]) -> str:
    """Members as people call them."""
    return "、".join(who.name for each in ids if (who := tx.people.get(each))) or "运营"
