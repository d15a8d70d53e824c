"""Evidence 凭证: a file becomes a submission of one requirement, judged by what its checks found. R-EVD-1, R-EVD-4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sales.deals import Deal
from sales.decision import Audit, Become, Decision, Job, Notice, StartTimer, Urgency
from sales.freezes import Freeze, thaw_by_evidence
from sales.gates import Requirement, evidence_of, subject_of
from sales.policy import Policy

NUDGE_TIMER = "evidence.nudge"
ESCALATE_TIMER = "evidence.escalate"
FILES_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Submission:
    """A file somebody sent. `offered` are the requirements it may be for, `requirement_id` the one it is for.

    `sha` names the original; `findings` are `check:found` or `check:found:detail`. `reviewers` are those asked to
    decide, the latest last. State: fetching (and being checked), asking (whose is it), waiting (for review), accepted,
    rejected, replaced (by a newer file), same (as an earlier one). Live are waiting and accepted. R-EVD-3.
    """

    id: int
    member_id: str
    platform: str
    chat: str
    name: str
    text: str
    sent_at: datetime
    offered: tuple[str, ...] = ()
    requirement_id: str = ""
    deal_id: int = 0
    note: str = ""
    sha: str = ""
    size: int = 0
    kind: str = ""
    findings: tuple[str, ...] = ()
    state: str = "fetching"
    reviewers: tuple[str, ...] = ()
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Original:
    """A file's bytes as they came, by SHA-256, and the one deal that uses them (0: none). R-EVD-1, R-EVD-4."""

    id: str
    size: int
    kind: str
    deal_id: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a finding means: verdict, the word before it on a card, and what to do."""

    verdict: str
    name: str
    words: str


MEANINGS = {
    "type:unknown": Meaning("rejected", "类型", "这种我不认，发照片或 PDF"),
    "readable:empty": Meaning("rejected", "空的", "0 字节，请重新发一份"),
    "readable:broken": Meaning("rejected", "打不开", "坏了或没传完，请重新发"),
    "readable:gave_up": Meaning("rejected", "看不完", "太复杂了，换简单的版本发"),
    "readable:unsure": Meaning("doubtful", "没细看", "这种我打不开，请人看"),
    "limits:bytes": Meaning("rejected", "太大", "{}，最多 20 MB，压一下再发"),
    "limits:pages": Meaning("rejected", "太长", "{} 页，最多 200 页"),
    "limits:pixels": Meaning("rejected", "太大", "{} 像素，最多 1.2 亿"),
    "password:locked": Meaning("rejected", "有密码", "去掉密码再发我"),
    "active:found": Meaning("rejected", "有脚本", "另存成普通 PDF 再发"),
    "duplicate:deal": Meaning("rejected", "重复", "和 #{} 用过的是同一份"),
    "fetch:too_large": Meaning("rejected", "太大", "超过 30 MB，压到 20 MB 内"),
    "fetch:failed": Meaning("rejected", "没取到", "平台没给我，请重新发一次"),
}
"""Every finding that is not simply good. R-EVD-2, R-EVD-4."""


def meaning_of(finding: str) -> Meaning | None:
    """What a finding means; None for one that is in order."""
    check, _, rest = finding.partition(":")
    found, _, detail = rest.partition(":")
    meaning = MEANINGS.get(f"{check}:{found}")
    return replace(meaning, words=meaning.words.format(detail)) if meaning else None


def is_rejected(findings: Sequence[str]) -> bool:
    """True when the worst finding ends it: a submission's verdict is the worst of them. R-EVD-4."""
    return any(meaning.verdict == "rejected" for each in findings if (meaning := meaning_of(each)))


@dataclass(frozen=True, slots=True)
class Link:
    """What a file may be for: `options` in order, and whether the only one needs no question. R-EVD-1."""

    options: tuple[Requirement, ...] = ()
    sure: bool = False


def link(
    *,
    replied: Sequence[Requirement],
    ear: Sequence[Requirement],
    named: Sequence[Requirement],
    own: Sequence[Requirement],
    text: str,
) -> Link:
    """The requirement a file is for, by the first hint there is: card replied to, open ear, text, only open one.

    Each hint is given as the requirements it leaves; words of the text pick among them. Two that fit are asked, and so
    is one whose file would replace another that nobody asked to replace. R-EVD-1.
    """
    for hinted, meant in ((replied, True), (ear, True), (named, True), (own, False)):
        found = _by_words([each for each in hinted if each.state != "accepted"], text)
        still_open = [each for each in found if each.state == "open"] or found
        if still_open:
            sure = len(still_open) == 1 and (meant or still_open[0].state == "open")
            return Link(tuple(still_open), sure)
    return Link()


def _by_words(requirements: list[Requirement], text: str) -> list[Requirement]:
    named = [each for each in requirements if any(word in text for word in evidence_of(each).words)]
    return named or requirements


def receive(submission: Submission, *, message_id: str, key: str, kind: str) -> Decision:
    """The file will be fetched, kept and checked. R-EVD-1."""
    args = {"submission": submission.id, "message": message_id, "key": key, "kind": kind}
    return Decision(saves=(submission,), jobs=(Job("fetch", args),))


def ask_whose(submission: Submission, *, note: str = "") -> Decision:
    """The file is kept and its card asks whose it is. R-EVD-1, R-HOLD."""
    asked = replace(submission, state="asking", requirement_id="", deal_id=0, note=note or submission.note)
    return Decision(saves=(asked,), redraws=(f"submission:{submission.id}",))


def refuse(submission: Submission, *, deal: Deal | None = None) -> Decision:
    """A machine's no, with its reasons in the findings; the requirement stays as it was. R-EVD-4."""
    subject = f"submission:{submission.id}"
    why = ",".join(each for each in submission.findings if meaning_of(each))
    return Decision(
        saves=(replace(submission, state="rejected"),),
        relies=(deal,) if deal else (),
        audits=(Audit("evidence.refuse", subject, after={"requirement": submission.requirement_id}, why=why),),
        redraws=(subject,),
    )


def same_as(submission: Submission, *, earlier: Submission) -> Decision:
    """The same file again for one requirement is the same submission: its card shows the earlier one. R-EVD-1."""
    became = Become(f"submission:{submission.id}", "evidence", f"submission:{earlier.id}")
    return Decision(saves=(replace(submission, state="same"),), relies=(earlier,), becomes=(became,))


def submit(
    submission: Submission,
    *,
    requirement: Requirement,
    requirements: Sequence[Requirement],
    deal: Deal,
    frozen: Freeze | None,
    original: Original,
    earlier: Submission | None,
    reviewer: str,
    now: datetime,
    policy: Policy,
) -> Decision:
    """The file waits for review and counts as submitted: a deal that only lacked it thaws. R-EVD-3, R-EVD-5, R-GATE-2.

    No machine check accepts anything yet, so every submission is a person's to decide. The same bytes on another deal
    are refused. `earlier` is the submission that waits for the same requirement: it is replaced, its review card shows
    the new file, and nobody is asked twice. R-EVD-4.
    """
    if original.deal_id not in (0, deal.id):
        found = (*submission.findings, f"duplicate:deal:{original.deal_id}")
        return refuse(replace(submission, findings=found, deal_id=deal.id), deal=deal)
    reviewers = earlier.reviewers if earlier else (reviewer,) if reviewer else ()
    waiting = replace(submission, state="waiting", deal_id=deal.id, note="", reviewers=reviewers)
    live = replace(requirement, state="waiting")
    after = [live if each.id == live.id else each for each in requirements]
    thaw = thaw_by_evidence(
        deal, frozen=frozen, requirements=after, proved_at=submission.sent_at, now=now, policy=policy
    )
    replaced = (replace(earlier, state="replaced"),) if earlier else ()
    subject = f"submission:{submission.id}"
    entry = Audit("evidence.submit", subject, after={"requirement": requirement.id, "sha256": original.id})
    decision = Decision(
        saves=(*replaced, waiting, live, replace(original, deal_id=deal.id)),
        relies=() if thaw.saves else (deal,),
        audits=(entry,),
        redraws=(subject, subject_of(deal), *((f"submission:{earlier.id}",) if earlier else ())),
    )
    return decision + _ask_review(waiting, earlier=earlier, now=now, policy=policy) + thaw


def _ask_review(submission: Submission, *, earlier: Submission | None, now: datetime, policy: Policy) -> Decision:
    """One card to the reviewer, and the clocks of the nudge and the next above. R-EVD-5."""
    review, subject = f"review:{submission.id}", f"submission:{submission.id}"
    clocks = (
        StartTimer(NUDGE_TIMER, subject, now + policy.review_nudge),
        StartTimer(ESCALATE_TIMER, subject, now + policy.review_limit),
    )
    if earlier is not None:
        return Decision(becomes=(Become(f"review:{earlier.id}", "review", review),), timers=clocks)
    audience = f"member:{submission.reviewers[-1]}" if submission.reviewers else "ops"
    return Decision(notices=(Notice("review", audience, "review", review, Urgency.NOW, "R-EVD-5"),), timers=clocks)
