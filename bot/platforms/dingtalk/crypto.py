"""Three signatures and the encryption of events (docs/platforms/dingtalk.md)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
"""The padding's block, twice the cipher's."""
_CIPHER_BLOCK = 16
_RANDOM = 16
_LENGTH = 4


class Unreadable(ValueError):
    """The ciphertext is not one that the holder of the key made."""


def robot_signature(timestamp: str, app_secret: str) -> str:
    """The `sign` header of a robot message. It does not cover the body."""
    return _hmac(app_secret, f"{timestamp}\n{app_secret}")


def card_signature(timestamp: str, api_secret: str) -> str:
    """The `x-ddpaas-signature` header of a card callback. It covers the time and nothing else."""
    return _hmac(api_secret, timestamp)


def event_signature(token: str, timestamp: str, nonce: str, sealed: str) -> str:
    """The signature of an encrypted event, and of our answer to it."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, sealed))).encode(errors="replace")).hexdigest()


def same(one: str, other: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


class Seal:
    """Opens and makes `encrypt` texts with one aes_key of 43 characters. Raises ValueError on any other key."""

    def __init__(self, aes_key: str) -> None:
        key = base64.b64decode(aes_key + "=")
        if len(aes_key) != 43 or len(key) != 32:
            raise ValueError("an aes_key has 43 characters")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:_CIPHER_BLOCK]))

    def open(self, sealed: str) -> tuple[bytes, str]:
        """Message and owner. Raises Unreadable on anything but exact base64, whole blocks and right padding."""
        try:
            raw = binascii.a2b_base64(sealed, strict_mode=True)
        except ValueError as error:
            raise Unreadable("not base64") from error
        if not raw or len(raw) % _CIPHER_BLOCK:
            raise Unreadable("not whole blocks")
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(raw) + decryptor.finalize()
        size = padded[-1]
        if not 1 <= size <= BLOCK or padded[-size:] != padded[-1:] * size:
            raise Unreadable("wrong padding")
        body = padded[_RANDOM:-size]
        length = int.from_bytes(body[:_LENGTH], "big")
        if len(body) < _LENGTH + length:
            raise Unreadable("wrong length")
        return body[_LENGTH : _LENGTH + length], body[_LENGTH + length :].decode(errors="replace")

    def close(self, message: bytes, owner: str, *, random: bytes) -> str:
        """The `encrypt` text of this message for its owner; `random` has 16 bytes."""
        body = random + len(message).to_bytes(_LENGTH, "big") + message + owner.encode()
        size = BLOCK - len(body) % BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(body + bytes([size]) * size) + encryptor.finalize()).decode()


def _hmac(key: str, message: str) -> str:
    made = hmac.digest(key.encode(), message.encode(errors="replace"), "sha256")
    return base64.b64encode(made).decode()
