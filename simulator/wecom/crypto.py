"""How the vendor encrypts and signs callbacks, and encrypts media for the smart bot."""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
RANDOM = 16


class BadCipher(ValueError):
    """The text was not made with this key, or not for this receiver."""


def aes_key(encoding_aes_key: str) -> bytes:
    """The 32 bytes behind the 43 characters; spare bits of the last character are ignored."""
    return base64.b64decode(encoding_aes_key + "=")


def encrypt(plain: bytes, key: bytes, receive_id: str, random: bytes | None = None) -> str:
    """Base64 of random + length + plain + receiver, AES-256-CBC under the first half of the key as IV."""
    head = random or secrets.token_bytes(RANDOM)
    buffer = head + struct.pack(">I", len(plain)) + plain + receive_id.encode()
    return base64.b64encode(seal(buffer, key)).decode()


def decrypt(text: str, key: bytes, receive_id: str) -> bytes:
    """The plain bytes again; BadCipher when padding, length or receiver are wrong."""
    try:
        buffer = unseal(base64.b64decode(text, validate=True), key)
        (length,) = struct.unpack(">I", buffer[RANDOM : RANDOM + 4])
    except (ValueError, struct.error) as error:
        raise BadCipher("not encrypted with this key") from error
    end = RANDOM + 4 + length
    if end > len(buffer):
        raise BadCipher("the length is wrong")
    if buffer[end:] != receive_id.encode():
        raise BadCipher("the receiver is wrong")
    return buffer[RANDOM + 4 : end]


def seal(data: bytes, key: bytes) -> bytes:
    """The bytes padded to 32 and encrypted; media of the smart bot look like this."""
    pad = BLOCK - len(data) % BLOCK
    encryptor = _cipher(key).encryptor()
    return encryptor.update(data + bytes([pad]) * pad) + encryptor.finalize()


def unseal(data: bytes, key: bytes) -> bytes:
    """The bytes before `seal`; BadCipher when the padding is wrong."""
    decryptor = _cipher(key).decryptor()
    plain = decryptor.update(data) + decryptor.finalize()
    if not plain or not 1 <= plain[-1] <= BLOCK:
        raise BadCipher("the padding is wrong")
    return plain[: -plain[-1]]


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """Lower-case hex SHA-1 over the four texts, sorted and joined."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, encrypted))).encode()).hexdigest()


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
