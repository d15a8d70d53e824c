"""Signatures and encryption of Feishu's callbacks (docs/platforms/feishu.md 1.2)."""

from __future__ import annotations

import binascii
import hashlib
import hmac
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16


class Unreadable(ValueError):
    """The ciphertext is not one that the holder of the key made."""


def signature(timestamp: bytes, nonce: bytes, encrypt_key: bytes, body: bytes) -> bytes:
    """The lower-case hex signature of an event or callback over the body's bytes as received."""
    return hashlib.sha256(timestamp + nonce + encrypt_key + body).hexdigest().encode()


def legacy_signature(timestamp: bytes, nonce: bytes, verification_token: bytes, body: bytes) -> bytes:
    """The signature of the old card callback, which is made with the verification token."""
    return hashlib.sha1(timestamp + nonce + verification_token + body).hexdigest().encode()


def same(one: bytes, other: bytes) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one, other)


def opener(encrypt_key: str) -> Callable[[str], bytes]:
    """A function that decrypts `encrypt` texts.

    It raises Unreadable on anything but exact base64, whole blocks and right padding.
    """
    algorithm = algorithms.AES(hashlib.sha256(encrypt_key.encode()).digest())

    def unseal(sealed: str) -> bytes:
        try:
            raw = binascii.a2b_base64(sealed, strict_mode=True)
        except ValueError as error:
            raise Unreadable("not base64") from error
        if len(raw) < 2 * BLOCK or len(raw) % BLOCK:
            raise Unreadable("not whole blocks")
        decryptor = Cipher(algorithm, modes.CBC(raw[:BLOCK])).decryptor()
        padded = decryptor.update(raw[BLOCK:]) + decryptor.finalize()
        size = padded[-1]
        if not 1 <= size <= BLOCK or padded[-size:] != padded[-1:] * size:
            raise Unreadable("wrong padding")
        return padded[:-size]

    return unseal
