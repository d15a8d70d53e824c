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
_TAG = re.compile(r"<(?=\s*[A-Za-z/!])")
_LINK = re.compile(r"\](?=\()")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[!-~]*|www\.[!-~]*", re.IGNORECASE)
_WWW = re.compile(r"(www)\.", re.IGNORECASE)


def clean(text: str) -> str:
    """The text without control, zero-width and direction characters; its line breaks are kept."""
    return _INVISIBLE.sub("", _BREAKS.sub("\n", text).replace("\t", " "))


def one_line(text: str) -> str:
    """The cleaned text on one line, for titles, names and labels."""
    return _SPACES.sub(" ", clean(text)).strip()


def defuse(text: str, *, own: str = "") -> str:
    """Cleaned text that a text message shows letter for letter: no mention, no styled run, no link.

    Links to our own pages, below the address `own`, stay links.
    """
    safe = _LINK.sub("] ", _TAG.sub("＜", clean(text)))
    return _URL.sub(lambda found: _shown(found[0], own), safe)


def _shown(url: str, own: str) -> str:
    home = own.rstrip("/") + "/"
    kept = home if own and url.startswith(home) else ""
    return kept + _WWW.sub(r"\1．", url[len(kept) :].replace("://", "：//"))
