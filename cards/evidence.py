"""What became of a file that was sent: looked at, whose is it, K8b waiting, K8c refused, K8d accepted. R-EVD-4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Fields, Text, Title
from cards.gate import advance_button, due_words, ear_button
from cards.stamp import stamp
from cards.when import day_clock
from sales.deals import Deal
from sales.evidence import Submission, meaning_of
from sales.gates import Requirement, can_advance, evidence_of, missing_of
from sales.people import Member
from sales.processes import DEFAULT
from storage.tx import Tx

CHOICES = 5


@dataclass(frozen=True, slots=True)
class Option:
    """A requirement the file may be for, and what people call it."""

    requirement: Requirement
    words: str


@dataclass(frozen=True, slots=True)
class EvidenceCard:
    """What the card needs. `reviewer` and `decider` are names, `decided` and `due` texts. `own`: the viewer sent it."""

    submission: Submission
    deal: Deal | None = None
    requirement: Requirement | None = None
    requirements: tuple[Requirement, ...] = ()
    options: tuple[Option, ...] = ()
    reviewer: str = ""
    decider: str = ""
    decided: str = ""
    due: str = ""
    own: bool = True
    sees_other: bool = False


def mark(submission: Submission) -> str:
    """The stamp of a submission's buttons: the file and what it is for."""
    return stamp("evidence", submission.id, submission.sha, submission.requirement_id)


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The submission, to who sent it and to who may see its deal. R-PPL-2."""
    submission = tx.evidence.submission(int(subject.removeprefix("submission:")))
    if submission is None or viewer is None:
        return None
    deal = tx.deals.get(submission.deal_id) if submission.deal_id else None
    sees = deal is not None and tx.people.sees(viewer, deal.owner_id)
    if not sees and viewer.id != submission.member_id:
        return None
    return draw(load(tx, submission, viewer, deal if sees else None))


def load(tx: Tx, submission: Submission, viewer: Member, deal: Deal | None) -> EvidenceCard:
    """The card's data; the deal is None where there is none or the viewer may not see it. R-PPL-2."""
    requirements = tx.evidence.requirements(deal) if deal else ()
    reviewers = [who.name for each in submission.reviewers if (who := tx.people.get(each))]
    decider = tx.people.get(submission.decided_by) if submission.decided_by else None
    requirement = next((each for each in requirements if each.id == submission.requirement_id), None)
    return EvidenceCard(
        submission=submission,
        deal=deal,
        requirement=requirement,
        requirements=requirements,
        options=options_of(tx, submission, viewer) if submission.state == "asking" else (),
        reviewer="、".join(reviewers) or "运营",
        decider=decider.name if decider else "",
        decided=day_clock(submission.decided_at, tx.policy) if submission.decided_at else "",
        due=due_words(tx, (requirement,)) if requirement else "",
        own=viewer.id == submission.member_id,
        sees_other=_sees_other(tx, submission, viewer),
    )


def options_of(tx: Tx, submission: Submission, viewer: Member) -> tuple[Option, ...]:
    """The offered requirements that the sender may still answer with, in order. R-EVD-1."""
    found: list[Option] = []
    for requirement_id in submission.offered:
        deal = tx.deals.visible(int(requirement_id.partition(":")[0]), viewer)
        if deal is None or deal.state != "open":
            continue
        customer = tx.customers.get(deal.customer_id)
        found += [
            Option(each, f"#{deal.id} {customer.name if customer else ''} {evidence_of(each).name}"[:26])
            for each in tx.evidence.requirements(deal)
            if each.id == requirement_id and each.state != "accepted"
        ]
    return tuple(found[:CHOICES])


def _sees_other(tx: Tx, submission: Submission, viewer: Member) -> bool:
    """May the viewer know which other deal uses the file? R-PPL-2."""
    for finding in submission.findings:
        if finding.startswith("duplicate:deal:"):
            return tx.deals.visible(int(finding.rpartition(":")[2]), viewer) is not None
    return False


def draw(data: EvidenceCard) -> Card:
    """The card of the submission's state."""
    match data.submission.state:
        case "fetching":
            return (Title("收到，正在看", "blue", "约 10 秒"), Text("看完告诉你结果。"))
        case "asking":
            return _whose(data)
        case "waiting" if data.deal and data.requirement:
            return _waiting(data, data.deal, data.requirement)
        case "accepted" if data.deal:
            return _accepted(data, data.deal)
        case "rejected":
            return _rejected(data)
    return (Title("换成新的了", "grey", "凭证"), Text("这份凭证有更新的一张，看最新那张。"))


def _whose(data: EvidenceCard) -> Card:
    submission = data.submission
    rows = tuple((f"{n} 可能是", option.words) for n, option in enumerate(data.options, 1))
    note = f"{submission.note}。" if submission.note else ""
    subject = f"submission:{submission.id}"
    if not data.options:
        words = f"{note}文件我存着。要记到别的单，回商机编号，如 17。"
        return (Title("这份是哪单的", "orange", "凭证 · 等你回"), Text(words))
    picks = [
        Button(f"是 {n}", Action("evidence.pick", subject, mark(submission), {"to": option.requirement.id}),
               line=str(n))
        for n, option in enumerate(data.options, 1)
    ]  # fmt: skip
    none = Button("都不是", Action("evidence.none", subject, mark(submission)), line="取消")
    return (
        Title("这份是哪单的", "orange", "凭证 · 等你选"),
        Fields(rows),
        Text(f"{note}文件已存好，不急。"),
        Buttons((*picks, none)),
    )


def _waiting(data: EvidenceCard, deal: Deal, requirement: Requirement) -> Card:
    """K8b."""
    evidence, subject = evidence_of(requirement), f"submission:{data.submission.id}"
    again = ear_button(requirement, "重拍一张")
    other = Button(
        "不是这单", Action("evidence.take_back", subject, mark(data.submission)), line=f"不是这单 {data.submission.id}"
    )
    doubts = [m for each in data.submission.findings if (m := meaning_of(each))]
    rows = [("▲ 请看", evidence.look), *((f"▲ {doubt.name}", doubt.words) for doubt in doubts)]
    return (
        Title(f"{evidence.name} 待主管看", "orange", _place(deal)),
        Fields((*rows, ("✓ 其余", "文件类型、大小、没重复"))),
        Text(f"已请{data.reviewer}看，有结果马上告诉你。算已提交，不会因此冻结。"),
        *((Buttons((Button(again.label, again.action, line=again.line), other)),) if data.own else ()),
    )


def _accepted(data: EvidenceCard, deal: Deal) -> Card:
    """K8d: what is really missing is said, what only waits for its review stands beside it."""
    name = _name(data.submission)
    missing = missing_of(data.requirements)
    done = f"{len(data.requirements) - len(missing)}/{len(data.requirements)}"
    here = data.requirement is not None
    lacking = "、".join(evidence_of(each).full for each in missing if each.state == "open")
    in_review = "、".join(evidence_of(each).name for each in missing if each.state == "waiting")
    if not here:
        words = "这一关已经过了。"
    elif lacking:
        words = f"还差{lacking}。"
    elif in_review:
        words = f"还差的都交了，等{in_review}看完。"
    elif deal.stage < len(DEFAULT.stages):
        words = f"可以进第 {deal.stage + 1} 阶段了。"
    else:
        words = "可以算成交了。"
    go = here and can_advance(deal, data.requirements)
    return (
        Title(f"{name} 通过", "green", f"{_place(deal)} {done}" if here else f"#{deal.id}"),
        Fields(
            (
                (f"✓ {data.decider}"[:5], f"{data.decided} 看过"),
                ("✓ 其余", "文件类型、大小、没重复"),
                *((("◐ 在审", in_review),) if here and in_review else ()),
            )
        ),
        Text(words),
        *((Buttons((advance_button(deal),)),) if go else ()),
    )


def _rejected(data: EvidenceCard) -> Card:
    """K8c: each reason and what to do; where it was for a requirement still open, the way to send another."""
    submission = data.submission
    rows = [(f"✗ {meaning.name}", meaning.words) for each in submission.findings if (meaning := meaning_of(each))]
    if not data.sees_other:
        rows = [(name, "和另一单用过的是同一份" if name == "✗ 重复" else words) for name, words in rows]
    if submission.reason:
        rows.append((f"✗ {data.decider}"[:5], submission.reason[:26]))
    if data.due:
        rows.append(("截止", data.due))
    again = data.requirement if data.requirement and data.requirement.state == "open" and data.own else None
    title = f"{_name(submission)} 没通过" if submission.requirement_id else "这个文件用不了"
    own = f"请发 #{data.deal.id} 自己的那份。" if data.deal and not submission.reason else ""
    return (
        Title(title, "red", _place(data.deal) if data.deal else "凭证"),
        Fields(tuple(rows)),
        Text(f"{own}这份我留着，没丢。" if submission.sha else "好的那份再发我一次就行。"),
        *((Buttons((ear_button(again, "重新传"),)),) if again else ()),
    )


def _place(deal: Deal) -> str:
    return f"#{deal.id} 第 {deal.stage} {'关' if DEFAULT.stage(deal.stage).mandatory else '阶段'}"


def _name(submission: Submission) -> str:
    _, stage, key = submission.requirement_id.split(":")
    return DEFAULT.evidence(int(stage), key).name
