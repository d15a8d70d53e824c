"""Signatures and encryption of WeCom's callbacks and files, on wechatpy's primitives (docs/platforms/wecom.md).

wechatpy's own calls compare signatures in variable time, trust the padding and draw weak random bytes; so its signer,
cipher and padding are used one by one, and the checks are made here. It is loaded when a platform is built: it brings
`requests` along.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

BLOCK = 32
"""Padding runs to 32 bytes, two blocks of the cipher."""
_CIPHER_BLOCK = 16
_KEY_BYTES = 32
_RANDOM = 16
_HEAD = _RANDOM + 4


class Unreadable(ValueError):
    """The ciphertext is not one that the holder of the key made for us."""


class Envelope:
    """Signs, opens and seals what passes one callback address. `receive_id` is the corp id; a smart bot's is empty."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        from wechatpy.crypto.base import WeChatCipher  # type: ignore[import-untyped]  # wechatpy has no types
        from wechatpy.crypto.pkcs7 import PKCS7Encoder  # type: ignore[import-untyped]  # the same
        from wechatpy.utils import WeChatSigner  # type: ignore[import-untyped]  # the same

        self._cipher = WeChatCipher(aes_bytes(aes_key))
        self._padded = PKCS7Encoder.encode
        self._signer = WeChatSigner
        self._token = token.encode()
        self._receive_id = receive_id.encode()

    def signature(self, timestamp: str, nonce: str, sealed: str) -> str:
        """The lower-case hex signature of a sealed text."""
        signer = self._signer()
        signer.add_data(self._token, *(part.encode(errors="surrogatepass") for part in (timestamp, nonce, sealed)))
        made: str = signer.signature
        return made

    def is_signed(self, given: str, timestamp: str, nonce: str, sealed: str) -> bool:
        """True when the signature is ours; compared in constant time."""
        made = self.signature(timestamp, nonce, sealed)
        return hmac.compare_digest(given.encode(errors="surrogatepass"), made.encode())

    def open(self, sealed: str) -> bytes:
        """The message inside. Raises Unreadable on wrong base64, blocks, padding, length or receiver."""
        try:
            raw = binascii.a2b_base64(sealed, strict_mode=True)
        except ValueError as error:
            raise Unreadable("not base64") from error
        if len(raw) % _CIPHER_BLOCK:
            raise Unreadable("not whole blocks")
        opened = _unpadded(self._cipher.decrypt(raw))
        if len(opened) < _HEAD:
            raise Unreadable("too short")
        end = _HEAD + int.from_bytes(opened[_RANDOM:_HEAD], "big")
        if end > len(opened):
            raise Unreadable("wrong length")
        if not hmac.compare_digest(opened[end:], self._receive_id):
            raise Unreadable("for another receiver")
        return opened[_HEAD:end]

    def seal(self, message: bytes) -> str:
        """The message as only the holder of the key can read it."""
        text = secrets.token_bytes(_RANDOM) + len(message).to_bytes(4, "big") + message + self._receive_id
        return base64.b64encode(self._cipher.encrypt(self._padded(text))).decode()


def open_file(content: bytes, key: str) -> bytes:
    """A file that somebody sent to the smart bot. Raises Unreadable when the key does not fit it."""
    from wechatpy.crypto.base import WeChatCipher

    if not content or len(content) % _CIPHER_BLOCK:
        raise Unreadable("not whole blocks")
    try:
        cipher = WeChatCipher(aes_bytes(key))
    except ValueError as error:
        raise Unreadable("no key") from error
    return _unpadded(cipher.decrypt(content))


def aes_bytes(key: str) -> bytes:
    """The 32 bytes of a key, with or without base64 padding; spare bits of the last character do not matter.

    Raises ValueError when it is no key.
    """
    try:
        made = base64.b64decode(key.rstrip("=") + "=", validate=True)
    except ValueError:
        raise ValueError("is no AES key of 43 letters and digits") from None
    if len(made) != _KEY_BYTES:
        raise ValueError("is no AES key of 43 letters and digits")
    return made


def _unpadded(padded: bytes) -> bytes:
    size = padded[-1] if padded else 0
    if not 1 <= size <= BLOCK or padded[-size:] != bytes([size]) * size:
        raise Unreadable("wrong padding")
    return padded[:-size]
