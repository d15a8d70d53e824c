"""A link is fresh for 15 minutes, once; its page is one browser's for 8 hours. R-LINK."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sales.decision import Audit
from sales.links import FORM, UPLOAD, Link, is_bound, is_fresh, make, opened, say_again
from tests.support.facts import MICROSECOND, NOW, POLICY

LINK = Link(8, "m03", "feishu", "ou_1", UPLOAD, "deal:17", NOW)
OPENED = replace(LINK, browser="b1", opened_at=NOW, version=1)


@pytest.mark.parametrize(
    ("later", "fresh"),
    [
        (timedelta(), True),
        (timedelta(minutes=15) - MICROSECOND, True),
        (timedelta(minutes=15), True),
        (timedelta(minutes=15) + MICROSECOND, False),
    ],
)
def test_link_can_be_opened_for_fifteen_minutes_R_LINK_R_TIME_2(later: timedelta, fresh: bool) -> None:
    assert is_fresh(LINK, now=NOW + later, policy=POLICY) is fresh


def test_opened_link_opens_nothing_again_R_LINK() -> None:
    assert not is_fresh(OPENED, now=NOW, policy=POLICY)


@pytest.mark.parametrize(
    ("later", "bound"),
    [
        (timedelta(), True),
        (timedelta(hours=8) - MICROSECOND, True),
        (timedelta(hours=8), True),
        (timedelta(hours=8) + MICROSECOND, False),
    ],
)
def test_page_is_the_browsers_for_eight_hours_R_LINK_R_TIME_2(later: timedelta, bound: bool) -> None:
    assert is_bound(OPENED, browser="b1", now=NOW + later, policy=POLICY) is bound


@pytest.mark.parametrize(("link", "browser"), [(OPENED, "b2"), (OPENED, ""), (LINK, "b1"), (LINK, "")])
def test_page_is_nobody_elses_R_LINK(link: Link, browser: str) -> None:
    assert not is_bound(link, browser=browser, now=NOW, policy=POLICY)


def test_making_and_opening_are_in_the_audit_log_without_the_secret_R_LINK_R_AUD() -> None:
    made, used = make(LINK), opened(replace(LINK, version=1), browser="b1", now=NOW)

    assert made.saves == (LINK,)
    assert made.audits == (Audit("link.make", "link:8", after={"purpose": "upload", "subject": "deal:17"}),)
    assert used.saves == (OPENED,)
    assert used.audits == (Audit("link.open", "link:8"),)


@pytest.mark.parametrize(
    ("purpose", "subject", "words"),
    [
        (UPLOAD, "", "传文件"),
        (UPLOAD, "deal:17", "传文件 17"),
        (UPLOAD, "requirement:17:3:sheet", "传文件 17"),
        (FORM, "form:12", "打开"),
    ],
)
def test_expired_link_names_the_line_that_brings_a_fresh_one_R_LINK(purpose: str, subject: str, words: str) -> None:
    assert say_again(replace(LINK, purpose=purpose, subject=subject)) == words
