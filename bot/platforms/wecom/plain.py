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
_TAG = re.compile(r"<(?=\s*[A-Za-z/!@])")
_LINK = re.compile(r"\](?=\()")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[!-~]*|www\.[!-~]*", re.IGNORECASE)
_PATH = re.compile(r"[A-Za-z0-9/._~%?=&#-]*")
_WWW = re.compile(r"(www)\.", re.IGNORECASE)
_HEADING = re.compile(r"^(\s*)(#+)(?=\s|$)", re.MULTILINE)
_RULE_OR_LIST = re.compile(r"^(\s*)([-+=])(?=[-+=\s]|$)", re.MULTILINE)
_MARKS = str.maketrans("*_`[]<>~|\\", "＊＿｀［］＜＞～｜＼")
_WIDE = {"#": "＃", "-": "－", "+": "＋", "=": "＝"}


def clean(text: str) -> str:
    """The text without control, zero-width and direction characters; its line breaks are kept."""
    return _INVISIBLE.sub("", _BREAKS.sub("\n", text).replace("\t", " "))


def one_line(text: str) -> str:
    """The cleaned text on one line, for titles, names and labels."""
    return _SPACES.sub(" ", clean(text)).strip()


def defuse(text: str, *, own: str = "") -> str:
    """Cleaned text for a text message: no mention and no link in it.

    Links to our own pages, below the address `own`, stay links.
    """
    return _URL.sub(lambda found: _shown(found[0], own), _LINK.sub("] ", _TAG.sub("＜", clean(text))))


def unmarked(text: str, *, own: str = "") -> str:
    """Cleaned text for a markdown message, which knows no escapes: its marks are shown by their wide twins."""
    parts: list[str] = []
    said, at = clean(text), 0
    for found in _URL.finditer(said):
        parts += (_wide(said[at : found.start()]), _shown(found[0], own, wide=True))
        at = found.end()
    return _lines("".join((*parts, _wide(said[at:]))))


def cut(text: str, size: int) -> str:
    """The text in at most so many bytes of UTF-8."""
    raw = text.encode()
    return text if len(raw) <= size else raw[: size - 3].decode(errors="ignore") + "…"


def shorter(text: str, chars: int) -> str:
    """The text in at most so many characters."""
    return text if len(text) <= chars else text[: chars - 1] + "…"


def _wide(text: str) -> str:
    return text.translate(_MARKS)


def _lines(text: str) -> str:
    """Headings, rules and lists begin at the start of a line."""
    text = _HEADING.sub(lambda found: found[1] + _WIDE["#"] * len(found[2]), text)
    return _RULE_OR_LIST.sub(lambda found: found[1] + _WIDE[found[2]], text)


def _shown(url: str, own: str, *, wide: bool = False) -> str:
    home = own.rstrip("/") + "/"
    kept = ""
    if own and url.startswith(home) and (path := _PATH.match(url, len(home))):
        kept = home + path[0]
    foreign = _WWW.sub(r"\1．", url[len(kept) :].replace("://", "：//"))
    return kept + (_wide(foreign) if wide else foreign)
