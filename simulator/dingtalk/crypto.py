"""The vendor's three signatures, and the encryption of organisation events."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
HEAD = 16


def robot_sign(timestamp: str, secret: str) -> str:
    """Signature of robot callbacks (secret of the app) and of custom robots (their SEC secret)."""
    return _hmac(secret, f"{timestamp}\n{secret}")


def card_sign(timestamp: str, api_secret: str) -> str:
    """Signature of card callbacks: the timestamp alone."""
    return _hmac(api_secret, timestamp)


def _hmac(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


@dataclass(frozen=True, slots=True)
class EventCrypto:
    """Seals and opens event bodies; `owner` is the AppKey in the console's subscription."""

    token: str
    aes_key: str
    owner: str

    def encrypt(self, plain: bytes, head: bytes | None = None) -> str:
        """Base64 of AES-256-CBC over 16 random bytes, the length, the text and the owner."""
        body = (head or secrets.token_bytes(HEAD)) + len(plain).to_bytes(4, "big") + plain + self.owner.encode()
        pad = BLOCK - len(body) % BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(body + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def decrypt(self, text: str) -> bytes:
        """The text again; ValueError for a wrong length, padding or owner."""
        decryptor = self._cipher().decryptor()
        try:
            padded = decryptor.update(base64.b64decode(text, validate=True)) + decryptor.finalize()
        except ValueError as error:
            raise ValueError("wrong ciphertext") from error
        if not padded or not 1 <= padded[-1] <= BLOCK:
            raise ValueError("wrong padding")
        body = padded[: -padded[-1]]
        end = HEAD + 4 + int.from_bytes(body[HEAD : HEAD + 4], "big")
        if body[end:] != self.owner.encode():
            raise ValueError("wrong length or owner")
        return body[HEAD + 4 : end]

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """Hex SHA-1 over the four texts in sorted order."""
        return hashlib.sha1("".join(sorted((self.token, timestamp, nonce, encrypted))).encode()).hexdigest()

    def _cipher(self) -> Cipher[modes.CBC]:
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
