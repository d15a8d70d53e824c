"""How the vendor encrypts and signs what it sends to the app."""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16


def encrypt(plain: bytes, encrypt_key: str, iv: bytes | None = None) -> str:
    """Base64 of iv + AES-256-CBC; the key is the SHA-256 of the Encrypt Key's text."""
    iv = iv or secrets.token_bytes(BLOCK)
    pad = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(algorithms.AES(_key(encrypt_key)), modes.CBC(iv)).encryptor()
    return base64.b64encode(iv + encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def decrypt(text: str, encrypt_key: str) -> bytes:
    """The plain bytes again; the tests use it to read what was sent."""
    raw = base64.b64decode(text)
    decryptor = Cipher(algorithms.AES(_key(encrypt_key)), modes.CBC(raw[:BLOCK])).decryptor()
    plain = decryptor.update(raw[BLOCK:]) + decryptor.finalize()
    return plain[: -plain[-1]]


def signature(timestamp: str, nonce: str, encrypt_key: str, body: bytes) -> str:
    """Lower-case hex SHA-256 over timestamp, nonce, Encrypt Key and the body as sent."""
    return hashlib.sha256((timestamp + nonce + encrypt_key).encode() + body).hexdigest()


def _key(encrypt_key: str) -> bytes:
    return hashlib.sha256(encrypt_key.encode()).digest()
