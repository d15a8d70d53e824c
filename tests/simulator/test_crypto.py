"""Encryption and signature against the fixed vectors."""

from __future__ import annotations

import json

from simulator.feishu.crypto import decrypt, encrypt, signature

PLAIN = b'{"challenge":"c-123","token":"vt","type":"url_verification"}'
BODY = (
    b'{"encrypt":"AAECAwQFBgcICQoLDA0OD9GzvjLdCiI6SeJ4I/o8YByyEHZ9VhwF4PMoSvh2DLnJFCMTPSpcgiAHYeoLeXFZ2'
    b'PPoi74AEd4FTGcAod1Id2M="}'
)


def test_vendor_sample_decrypts() -> None:
    assert decrypt("P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=", "test key") == b"hello world"


def test_own_vector_encrypts_to_the_same_bytes() -> None:
    sealed = encrypt(PLAIN, "sim-encrypt-key", iv=bytes(range(16)))
    assert json.dumps({"encrypt": sealed}, separators=(",", ":")).encode() == BODY


def test_signature_vector() -> None:
    expected = "8af208cb7ed56e3652c63f31b901dda0ec17b26779bb0f19328b03f4db3c5349"
    assert signature("1700000000", "nonce1", "sim-encrypt-key", BODY) == expected


def test_every_length_survives_the_padding() -> None:
    for length in range(33):
        assert decrypt(encrypt(b"x" * length, "k"), "k") == b"x" * length
