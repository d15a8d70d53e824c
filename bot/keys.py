"""The key file: signs links and the audit head, encrypts stored secrets. Never in the database or a backup."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path


class Keys:
    """Purposes get keys of their own, derived from the one in the file."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Keys(…)"

    def sign(self, purpose: str, message: bytes) -> str:
        """Hex HMAC-SHA256 of the message under the purpose's key."""
        key = hmac.new(self._secret, purpose.encode(), hashlib.sha256).digest()
        return hmac.new(key, message, hashlib.sha256).hexdigest()

    def sign_audit(self, message: bytes) -> str:
        """Signature of an audit head. R-AUD."""
        return self.sign("audit", message)


def load_keys(path: Path) -> Keys:
    """The key of this file, made at the first start, readable by the owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Keys(bytes.fromhex(path.read_text().strip()))
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
    return load_keys(path)
