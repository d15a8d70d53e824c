"""The text below a card's title, as the markdown DingTalk reads, in at most so many bytes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.platforms.dingtalk.plain import clean, cut, literal, one_line
from cards.blocks import Block, Card, Fields, Headline, Inputs, Note, Picture, Text, Title
from cards.plain import plain_text

EMPTY = "—"
_PARAGRAPH = "\n\n"
_LINE = "<br>"
_REST = "…"
_SENSE = 12
"""Bytes of a line below which it is better left out."""

Piece = tuple[str, str, str]
"""What stands before a line, its own beginning, which is never cut, and its text, which may be."""


def body_text(card: Card, size: int) -> str:
    """The card without title, buttons and uploaded pictures; what is too much goes, from the end, in whole lines."""
    body = ""
    titles = 0
    for block in card:
        titles += isinstance(block, Title)
        for before, head, text in _pieces(block, again=titles > 1):
            before = before if body else ""
            line = before + head + text
            room = size - len(body.encode()) - len(_REST.encode())
            if len(line.encode()) <= room:
                body += line
                continue
            room -= len((before + head).encode())
            return body + (before + head + cut(text, room) if text and room >= _SENSE else _REST)
    return body


def _pieces(block: Block, *, again: bool) -> Iterator[Piece]:
    match block:
        case Title(text, _, tag):
            shown = f"{text} {tag}" if again else tag
            yield from _one("", literal(one_line(shown)))
        case Headline(text) if one_line(text):
            yield _PARAGRAPH, f"**{literal(one_line(text))}**", ""
        case Fields(pairs):
            for n, (name, value) in enumerate(pairs):
                head = f"**{literal(one_line(name)) or EMPTY}**："
                yield (_LINE if n else _PARAGRAPH), head, literal(one_line(value)) or EMPTY
        case Text(text):
            yield from _lines("", text)
        case Note(text):
            yield from _lines("> ", text)
        case Picture(_, alt, _, media) if not media:
            yield from _one("> 图：", literal(one_line(alt)))
        case Inputs():
            yield from _lines("", plain_text((block,)))


def _one(head: str, text: str) -> Iterator[Piece]:
    if text:
        yield _PARAGRAPH, head, text


def _lines(head: str, text: str) -> Iterator[Piece]:
    rows = [literal(row) for row in clean(text).strip().split("\n") if row.strip()]
    for n, row in enumerate(rows):
        yield (_LINE, "", row) if n else (_PARAGRAPH, head, row)
