"""Text from people, made harmless: what stands on the screen is what was meant to be said."""

from __future__ import annotations

import re

_BREAKS = re.compile("\r\n?|[\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SPACES = re.compile(r"\s+")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[!-~]*|www\.[!-~]*", re.IGNORECASE)
_WWW = re.compile(r"(www)\.", re.IGNORECASE)
_MARKS = str.maketrans("*_`~[]<>\\|$&", "＊＿｀～［］＜＞＼｜＄＆")
"""DingTalk's markdown has no documented escape, so a mark is shown by its wide twin."""
_LINE_START = re.compile(
    r"^(\s*)(#{1,6}(?=\s|$)|>|[+-](?=\s|$)|=+(?=\s*$)|-+(?=\s*$)|\d{1,9}[.)](?=\s|$))", re.MULTILINE
)
_WIDE_START = str.maketrans("#>+=-.)", "＃＞＋＝－．）")


def clean(text: str) -> str:
    """The text without control, zero-width and direction characters; its line breaks are kept."""
    return _INVISIBLE.sub("", _BREAKS.sub("\n", text).replace("\t", " "))


def one_line(text: str) -> str:
    """The cleaned text on one line, for titles, names and labels."""
    return _SPACES.sub(" ", clean(text)).strip()


def defuse(text: str, *, own: str = "") -> str:
    """Cleaned text in which no link can be pressed, but those to our own pages, below the address `own`."""
    return _URL.sub(lambda found: _shown(found[0], own), clean(text))


def literal(text: str) -> str:
    """Text for a place where markdown is read: every letter stands as it was typed, nothing is styled or linked."""
    safe = defuse(text).translate(_MARKS)
    return _LINE_START.sub(lambda found: found[1] + found[2].translate(_WIDE_START), safe)


def cut(text: str, size: int) -> str:
    """The text in at most so many bytes of UTF-8, never half a character."""
    raw = text.encode(errors="replace")
    if len(raw) <= size:
        return text
    return raw[: max(size - 3, 0)].decode(errors="ignore") + ("…" if size >= 3 else "")


def _shown(url: str, own: str) -> str:
    home = own.rstrip("/") + "/"
    kept = home if own and url.startswith(home) else ""
    return kept + _WWW.sub(r"\1．", url[len(kept) :].replace("://", "：//"))
