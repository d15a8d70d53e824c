"""Who stands before a page: a link's token, and the browser that opened it. R-LINK.

The token proves person, subject and purpose. A GET hands the browser a secret in a cookie and uses nothing up; the
first POST that proves to come from that page (CSRF) binds the link to it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from aiohttp import web

from sales import links
from sales.links import Link
from sales.people import Member
from storage.pages import Pages
from storage.tx import Tx
from web.desk import Desk

COOKIE = "page"
COOKIE_SECONDS = 9 * 3600
"""Longer than a page lives: the server decides, not the cookie."""
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Visit:
    """One browser before one page. `is_bound`: the page is its own; else the link can still be opened."""

    link: Link
    token: str
    member: Member
    secret: str
    is_bound: bool


@dataclass(frozen=True, slots=True)
class Turned:
    """No page: `why` is expired (or never given, or somebody else's) or right; `say` brings a fresh link in chat."""

    why: str
    say: str = "打开"


def secret_of(request: web.Request) -> str:
    """The browser's secret for this page; a new one when it has none."""
    given = request.cookies.get(COOKIE, "")
    return given if _SECRET.fullmatch(given) else secrets.token_urlsafe(32)


async def visit(desk: Desk, request: web.Request) -> Visit | Turned:
    """Who comes, as things are now: every request is judged anew. R-LINK, R-PPL-2."""
    token, secret = request.match_info["token"], secret_of(request)
    return await desk.read(lambda tx: look(tx, desk.pages, token=token, secret=secret))


def look(tx: Tx, pages: Pages, *, token: str, secret: str) -> Visit | Turned:
    """The rule of `visit`, on one snapshot."""
    number = pages.number(token)
    link = tx.links.get(number) if number else None
    if link is None or not pages.is_genuine(link, token):
        return Turned("expired")
    bound = links.is_bound(link, browser=hashed(secret), now=tx.now, policy=tx.policy)
    if not bound and not links.is_fresh(link, now=tx.now, policy=tx.policy):
        return Turned("expired", links.say_again(link))
    member = tx.people.by_account(link.platform, link.account)
    if member is None or member.id != link.member_id:
        return Turned("right")
    return Visit(link, token, member, secret, bound)


def hashed(secret: str) -> str:
    """How a browser's secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf(pages: Pages, visit: Visit) -> str:
    """What a form on the page carries to prove that this browser was shown it."""
    return pages.proof("csrf", [visit.link.id, visit.secret])


def is_own_form(pages: Pages, visit: Visit, given: str) -> bool:
    """True for a form of this page in this browser."""
    return hmac.compare_digest(csrf(pages, visit).encode(), given.encode("utf-8", "replace"))


def give_cookie(pages: Pages, visit: Visit, response: web.StreamResponse) -> None:
    """The browser keeps its secret for this page alone."""
    response.set_cookie(
        COOKIE, visit.secret, path=pages.folder + visit.token, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax",
        secure=pages.is_https,
    )  # fmt: skip


async def open_once(desk: Desk, visit: Visit) -> bool:
    """The link is used up and the page is this browser's; False when another browser was faster. R-LINK."""
    browser = hashed(visit.secret)

    def decided(tx: Tx) -> bool:
        again = look(tx, desk.pages, token=visit.token, secret=visit.secret)
        return isinstance(again, Visit) and again.is_bound

    now = await desk.read(lambda tx: tx.now)
    decision = links.opened(visit.link, browser=browser, now=now)
    return await desk.open_link(decision, visit.member.id) or await desk.read(decided)
