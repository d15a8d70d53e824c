"""Fixed vectors, and ciphertexts that nobody with the key made."""

from __future__ import annotations

import base64

import pytest

from bot.platforms.feishu.crypto import Unreadable, legacy_signature, opener, same, signature
from tests.bot.platforms.feishu.helpers import seal, seal_blocks

BODY = (
    b'{"encrypt":"AAECAwQFBgcICQoLDA0OD9GzvjLdCiI6SeJ4I/o8YByyEHZ9VhwF4PMoSvh2DLnJFCMTPSpcgiAHYeoLeXFZ2PPoi74A'
    b'Ed4FTGcAod1Id2M="}'
)


def test_unseal_reads_the_vendor_sample() -> None:
    assert opener("test key")("P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=") == b"hello world"


def test_unseal_reads_a_challenge() -> None:
    sealed = BODY.split(b'"')[3].decode()

    assert opener("sim-encrypt-key")(sealed) == b'{"challenge":"c-123","token":"vt","type":"url_verification"}'


def test_signature_is_over_the_bytes_as_received() -> None:
    made = signature(b"1700000000", b"nonce1", b"sim-encrypt-key", BODY)

    assert made == b"8af208cb7ed56e3652c63f31b901dda0ec17b26779bb0f19328b03f4db3c5349"


def test_legacy_signature_is_made_with_the_verification_token() -> None:
    assert legacy_signature(b"1700000000", b"nonce1", b"vt", BODY) == b"d165dde66f10be41c1bf9320cae963fed01bbdd8"


def test_same_tells_equal_from_different() -> None:
    assert same(b"abc", b"abc")
    assert not same(b"abc", b"abd")


@pytest.mark.parametrize("length", range(33))
def test_unseal_opens_every_length(length: int) -> None:
    assert opener("k")(seal(b"x" * length, key="k")) == b"x" * length


@pytest.mark.parametrize(
    "padded",
    [
        b"x" * 15 + b"\x00",
        b"x" * 15 + b"\x11",
        b"x" * 14 + b"\x01\x02",
        b"x" * 16,
        bytes(range(16)),
        b"\x20" * 16,
    ],
)
def test_unseal_refuses_wrong_padding(padded: bytes) -> None:
    with pytest.raises(Unreadable):
        opener("k")(seal_blocks(padded, key="k"))


@pytest.mark.parametrize("cut", [1, 4, 15, 16, 32, 48, 63])
def test_unseal_refuses_truncated_bytes(cut: int) -> None:
    raw = base64.b64decode(seal(b"y" * 40, key="k"))

    with pytest.raises(Unreadable):
        opener("k")(base64.b64encode(raw[:-cut]).decode())


@pytest.mark.parametrize("sealed", ["", "====", "a", "不是", "AAAA AAAA", "AAAA\nAAAA", "_-_-", "AAAA=AAAA"])
def test_unseal_refuses_what_is_not_exact_base64(sealed: str) -> None:
    with pytest.raises(Unreadable):
        opener("k")(sealed)


def test_unseal_refuses_another_key() -> None:
    with pytest.raises(Unreadable):
        opener("other")(seal(b"z" * 40, key="k"))
