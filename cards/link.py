"""A fresh link to a page: words for its person alone, made anew each time they are sent. R-LINK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.blocks import Card, words
from cards.forms import FORMS
from cards.when import clock
from sales.links import FORM, Link
from sales.people import Member
from storage.tx import Tx


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The link `args["link"]` names, to the person it is for and to nobody else. R-LINK, R-PPL-2."""
    link, pages = tx.links.get(int(args["link"])), tx.store.pages
    if link is None or pages is None or viewer is None or viewer.id != link.member_id:
        return None
    return draw(title_of(tx, link), pages.url(link), clock(link.made_at + tx.policy.link_life, tx.policy))


def draw(title: str, url: str, until: str) -> Card:
    """What the page is for, the link, and until when it can be opened."""
    return words(f"{title}，点开就行：\n{url}\n{until} 前有效，只给你用，别转发。")


def title_of(tx: Tx, link: Link) -> str:
    """What the page is for, in words: the form's title, or which deal the files are for."""
    kind, _, number = link.subject.partition(":")
    if link.purpose == FORM:
        conversation = tx.conversations.get(int(number))
        return FORMS[conversation.form].title if conversation else "填表"
    return f"给 #{number.partition(':')[0]} 传文件" if kind in ("deal", "requirement") else "传文件"
