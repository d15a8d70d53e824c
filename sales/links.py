"""Page links 链接: for one person, one subject, one purpose; opened once, then bound to the browser. R-LINK."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime

from sales.decision import Audit, Decision
from sales.policy import Policy

FORM, UPLOAD = "form", "upload"
"""What a page is for. R-LINK."""


@dataclass(frozen=True, slots=True)
class Link:
    """`platform` and `account` are where the person asked for it: what is sent by the page counts as said there.

    `subject` is what the page is about (`form:12`, `deal:17`, or empty). `browser` is the hash of the secret that the
    browser keeps which opened it; empty until then.
    """

    id: int
    member_id: str
    platform: str
    account: str
    purpose: str
    subject: str
    made_at: datetime
    browser: str = ""
    opened_at: datetime | None = None
    version: int = 0


def make(link: Link) -> Decision:
    """The link is there, for its person alone. R-LINK, R-AUD."""
    entry = Audit("link.make", f"link:{link.id}", after={"purpose": link.purpose, "subject": link.subject})
    return Decision(saves=(link,), audits=(entry,))


def is_fresh(link: Link, *, now: datetime, policy: Policy) -> bool:
    """True while the link was not opened and is at most 15 minutes old; the last instant counts. R-LINK, R-TIME-2."""
    return not link.browser and now <= link.made_at + policy.link_life


def is_bound(link: Link, *, browser: str, now: datetime, policy: Policy) -> bool:
    """True in the browser that opened it, for 8 hours; the last instant counts. R-LINK, R-TIME-2."""
    if link.opened_at is None or not browser or not hmac.compare_digest(link.browser, browser):
        return False
    return now <= link.opened_at + policy.page_life


def opened(link: Link, *, browser: str, now: datetime) -> Decision:
    """The link is used up: its page belongs to this browser from now on. R-LINK, R-AUD."""
    return Decision(
        saves=(replace(link, browser=browser, opened_at=now),), audits=(Audit("link.open", f"link:{link.id}"),)
    )


def say_again(link: Link) -> str:
    """What the person types in chat to get a fresh link of the same kind. ux.md 6."""
    kind, _, number = link.subject.partition(":")
    if link.purpose == UPLOAD:
        return f"传文件 {number.partition(':')[0]}" if kind in ("deal", "requirement") else "传文件"
    return "打开"
