"""Where our pages are, and the key that proves their links: a row alone, or an altered one, opens nothing. R-LINK."""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import urlsplit

import orjson

from sales.links import Link

_TOKEN = re.compile(r"([1-9][0-9]{0,10})-([0-9a-f]{32})")


class Pages:
    """`public_url` is DEALDESK_PUBLIC_URL, `key` 32 bytes derived from the key file for links alone."""

    def __init__(self, public_url: str, key: bytes) -> None:
        self._home = public_url.rstrip("/")
        self._key = key

    def __repr__(self) -> str:
        return f"Pages({self._home})"

    @property
    def folder(self) -> str:
        """The path below which the pages are, for the browser: /p/, behind whatever path the public URL has."""
        return f"{urlsplit(self._home).path}/p/"

    @property
    def is_https(self) -> bool:
        """True when cookies may be kept from plain connections."""
        return self._home.startswith("https://")

    def url(self, link: Link) -> str:
        """The address that opens this link's page."""
        return f"{self._home}/p/{self.token(link)}"

    def token(self, link: Link) -> str:
        """Number and signature; the signature covers everything the link says, so that no row can be altered."""
        said = [link.id, link.member_id, link.platform, link.account, link.purpose, link.subject]
        return f"{link.id}-{self.proof('link', [*said, link.made_at])}"

    def number(self, token: str) -> int:
        """The number of the link a token speaks of; 0 for what is no token."""
        found = _TOKEN.fullmatch(token)
        return int(found[1]) if found else 0

    def is_genuine(self, link: Link, token: str) -> bool:
        """True for the token this link was given."""
        return hmac.compare_digest(self.token(link).encode(), token.encode("utf-8", "replace"))

    def proof(self, purpose: str, parts: list[object]) -> str:
        """32 hex digits that only the holder of the key can make for these parts."""
        return hmac.new(self._key, orjson.dumps([purpose, *parts]), hashlib.sha256).hexdigest()[:32]
