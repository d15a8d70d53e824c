"""Stamps: a short hash of what a button's decision is about. Same stamp, valid button, however old the card."""

from __future__ import annotations

import hashlib


def stamp(*facts: object) -> str:
    """Eight characters that change when one of the facts does."""
    return hashlib.sha256("\x1f".join(map(str, facts)).encode("utf-8", "replace")).hexdigest()[:8]
