"""Typed text made safe and plain before it is read: width, script, invisible characters. ux.md 3."""

from __future__ import annotations

import re
import unicodedata

from sales.traditional import simplify

LIMIT = 500
"""Characters of one line that are considered; a longer one is no quick entry."""

BROKEN = "\ufffd"
"""Stands where a character was whose sense is lost: a figure that touches it is never certain. R-QE-3."""

_TURNED = "\u202b\u202e\u2067"  # what follows is shown from right to left, so the figure read is not the one seen
_SAME = str.maketrans(
    {
        "，": "，",
        "\u2212": "-",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "—",
        "\u2013": "—",
        "\u2015": "—",
        "\u301c": "~",
        "\u223c": "~",
        "\r": "\n",
        "\u2028": "\n",
        "\u2029": "\n",
        "\t": " ",
    }
)
_WIDE_GROUP = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
_BLANKS = re.compile(r" {2,}")
_ROWS = re.compile(r" ?\n[ \n]*")
_MARKER = ("CIRCLED", "PARENTHESIZED", "FULL STOP", "NEGATIVE CIRCLED", "DOUBLE CIRCLED")


def clean(text: str) -> str:
    """The text in half width and simplified characters, without control, zero-width and direction characters.

    A full-width comma stays one, so that it separates and never groups digits, except among full-width digits.
    List marks such as ③ become blanks; other figures that are no plain digits become BROKEN. Linear in length.
    """
    grouped = _WIDE_GROUP.sub(",", text)
    plain = "".join(map(_plain, grouped.translate(_SAME)))
    return _ROWS.sub("\n", _BLANKS.sub(" ", simplify(plain))).strip()


def _plain(char: str) -> str:
    """What one character is read as."""
    if char < "\x7f":
        return char if char >= " " or char == "\n" else ""
    if "\u4e00" <= char <= "\u9fff" or char == "，":
        return char
    if char >= "\U0001f000" or "\u2600" <= char <= "\u27bf":
        return " "
    if char in _TURNED:
        return BROKEN
    kind = unicodedata.category(char)
    if kind in ("Cc", "Cf", "Cs", "Co") or char == "\ufe0f":
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind == "No":
        name = unicodedata.name(char)
        return " " if any(mark in name for mark in _MARKER) else BROKEN
    return unicodedata.normalize("NFKC", char)
