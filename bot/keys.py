"""The key file: signs links and the audit head, encrypts stored secrets. Never in the database or a backup."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from config.settings import WrongSettings

KEY_BYTES = 32


class Keys:
    """Purposes get keys of their own, derived from the one in the file."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Keys(…)"

    def sign(self, purpose: str, message: bytes) -> str:
        """Hex HMAC-SHA256 of the message under the purpose's key."""
        return hmac.new(self.derived(purpose), message, hashlib.sha256).hexdigest()

    def derived(self, purpose: str) -> bytes:
        """The purpose's own key of 32 bytes."""
        return hmac.new(self._secret, purpose.encode(), hashlib.sha256).digest()

    def sign_audit(self, message: bytes) -> str:
        """Signature of an audit head. R-AUD."""
        return self.sign("audit", message)


def load_keys(path: Path) -> Keys:
    """The key of this file, made at the first start, readable by the owner only. Raises WrongSettings."""
    if not path.exists():
        _make(path)
    try:
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise WrongSettings(
            f"DEALDESK_KEY_FILE: cannot be read ({type(error).__name__}); put your copy of it back"
        ) from None
    if len(secret) != KEY_BYTES:
        raise WrongSettings("DEALDESK_KEY_FILE: holds no key of 32 bytes; put your copy of it back")
    return Keys(secret)


def _make(path: Path) -> None:
    """A new key appears whole or not at all; of two processes that start at once one makes it, both read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
    finally:
        made.unlink()
