"""Values that are kept encrypted: the database alone never tells them. R-PRIV."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sales.errors import Refusal

NONCE_BYTES = 12
VERSION = "v1:"


class Unreadable(Refusal):
    """The value was sealed with another key file, or altered. Who asked for it is told so, and nothing is lost."""

    def __init__(self) -> None:
        super().__init__("R-PRIV", "号码存着，现在的密钥打不开。请管理员放回原来的密钥文件。")


class Secrets:
    """Seals texts with AES-256-GCM under a key of 32 bytes. Sealing one text twice gives two different values."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        return "Secrets(…)"

    def seal(self, plain: str) -> str:
        """The text, unreadable without the key; nothing stays nothing."""
        if not plain:
            return ""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + base64.b64encode(nonce + self._cipher.encrypt(nonce, plain.encode(), None)).decode()

    def open(self, sealed: str) -> str:
        """The text that was sealed. Raises Unreadable."""
        if not sealed:
            return ""
        try:
            raw = base64.b64decode(sealed.removeprefix(VERSION), validate=True)
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None).decode()
        except (InvalidTag, ValueError) as error:
            raise Unreadable from error

    def digest(self, plain: str) -> str:
        """A keyed hash, the same each time: finds a text without telling it; nothing stays nothing."""
        return hmac.new(self._key, plain.encode(), hashlib.sha256).hexdigest() if plain else ""

    def opens(self, sealed: str) -> bool:
        """True when the text was sealed with this key."""
        try:
            self.open(sealed)
        except Unreadable:
            return False
        return True
