"""Signatures and encryption of callbacks, with wechatpy as the other side and the vendor's vectors."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy import utils  # type: ignore[import-untyped]  # wechatpy has no types
from wechatpy.enterprise import crypto  # type: ignore[import-untyped]  # the same

from bot.platforms.wecom.crypto import Envelope, Unreadable, aes_bytes, open_file
from tests.bot.platforms.wecom.helpers import KEYS, seal

VECTORS = Path(__file__).resolve().parents[5] / "shared" / "payloads" / "crypto" / "vectors.json"
TIMESTAMP, NONCE = "1700000000", "n0nce"
AES_HEX = "69b71d79f8218a39259a7a29aabb2dbafc31cb3d35db7e39ebbf3d0010831051"
OURS = [
    pytest.param(
        "ww0000000000000001",
        b"<xml><Content>hi</Content></xml>",
        "6fa775d0744ee2b4d68341f279f3b49a278d972c",
        "Q3stYC6hdFzMh9T8HCvyDCEPX2Akqj/gygI/6v/7fonvwELc/mZ525i/WoR+zYxupUm46eQYYxp2nkTjLaeMrDvGBXYn1DjLKvltQFPzBAtLU2"
        "+8+HUh3F/QopYWceaS",
        id="app message",
    ),
    pytest.param(
        "ww0000000000000001",
        b"1616140317555161061",
        "32e0f9678b86d4599dd917ecef368b49868bdd18",
        "Q3stYC6hdFzMh9T8HCvyDH0IHJENRtL8kKsqSYgg4gC0GdhkADJJp+woM+IA/sN2XODYCsoh8g7CMx5Qw2153g==",
        id="app echo",
    ),
    pytest.param(
        "",
        b'{"msgtype":"text"}',
        "a1055f77cc67cc312473fbb53ff5b9858417a02e",
        "Q3stYC6hdFzMh9T8HCvyDD712uX8onmHUva9KNYQqhHhJQeojMWP+B2d9+v8WlysuzAHHrvUZ9vvpslnY8rN/A==",
        id="smart bot",
    ),
]


def envelope(receive_id: str = KEYS.corp_id, *, token: str = KEYS.token, key: str = KEYS.aes_key) -> Envelope:
    return Envelope(token, key, receive_id)


@pytest.mark.parametrize(("receive_id", "message", "signature", "sealed"), OURS)
def test_vector_is_signed_and_opened(receive_id: str, message: bytes, signature: str, sealed: str) -> None:
    ours = envelope(receive_id)

    assert ours.signature(TIMESTAMP, NONCE, sealed) == signature
    assert ours.is_signed(signature, TIMESTAMP, NONCE, sealed)
    assert ours.open(sealed) == message


def published() -> list[object]:
    known = json.loads(VECTORS.read_text("utf-8")) if VECTORS.exists() else []
    return [pytest.param(row, id=row["id"]) for row in known if row["platform"] == "wecom"]


@pytest.mark.parametrize("row", published())
def test_published_vector_is_opened_or_refused_for_its_receiver(row: dict[str, str]) -> None:
    ours = envelope(row["actual_receive_id"], token=row["token"], key=row["aes_key"])

    assert ours.open(row["ciphertext"]).decode() == row["plaintext"]
    if row.get("signature"):
        assert ours.is_signed(row["signature"], row["timestamp"], row["nonce"], row["ciphertext"])
    with pytest.raises(Unreadable):
        envelope("ww-another", token=row["token"], key=row["aes_key"]).open(row["ciphertext"])


def test_key_is_the_documented_one_and_spare_bits_do_not_matter() -> None:
    assert aes_bytes(KEYS.aes_key).hex() == AES_HEX
    assert {aes_bytes(KEYS.aes_key[:-1] + last) for last in "EFGH"} == {bytes.fromhex(AES_HEX)}


@pytest.mark.parametrize("key", ["", "short", "x" * 42, "x" * 44, "#" * 43, "中" * 43])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="no AES key"):
        aes_bytes(key)


@given(message=st.binary(max_size=200))
def test_what_wechatpy_seals_we_open(message: bytes) -> None:
    assert envelope().open(seal(message)) == message


@given(message=st.text(max_size=100))
def test_what_we_seal_wechatpy_opens(message: str) -> None:
    theirs = crypto.WeChatCrypto(KEYS.token, KEYS.aes_key, KEYS.corp_id)
    ours = envelope()
    sealed = ours.seal(message.encode())

    opened = theirs.decrypt_message({"Encrypt": sealed}, ours.signature("1", "n", sealed), "1", "n")
    assert opened == message


@given(parts=st.tuples(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20)))
def test_signature_is_wechatpys(parts: tuple[str, str, str]) -> None:
    signer = utils.WeChatSigner()
    signer.add_data(KEYS.token, *parts)

    assert envelope().signature(*parts) == signer.signature


def test_signature_of_another_nonce_and_odd_ones_are_refused() -> None:
    ours = envelope()
    sealed = seal("hi")
    good = ours.signature("1", "n", sealed)

    assert ours.is_signed(good, "1", "n", sealed)
    assert not ours.is_signed(good, "1", "m", sealed)
    for odd in ("", good[:-1], good.upper(), "中文", "\udcff", good + "0"):
        assert not ours.is_signed(odd, "1", "n", sealed)


def raw_sealed(padded: bytes) -> str:
    """Whole blocks, padded rightly or wrongly."""
    cipher = crypto.PrpCrypto(aes_bytes(KEYS.aes_key)).cipher
    return base64.b64encode(cipher.encrypt(padded)).decode()


def head(message: bytes, *, size: int | None = None, receive_id: str = KEYS.corp_id) -> bytes:
    length = len(message) if size is None else size
    return bytes(16) + length.to_bytes(4, "big") + message + receive_id.encode()


def padded(text: bytes) -> bytes:
    size = 32 - len(text) % 32
    return text + bytes([size]) * size


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "%%%%",
        "QUJD\n",
        "QUI",
        base64.b64encode(b"x" * 15).decode(),
        raw_sealed(bytes(32)),
        raw_sealed(b"x" * 31 + b"\x21"),
        raw_sealed(b"x" * 30 + b"\x01\x02"),
        raw_sealed(padded(b"short")),
        raw_sealed(padded(head(b"hi", size=2**32 - 1))),
        raw_sealed(padded(head(b"hi", receive_id="ww0000000000000002"))),
        raw_sealed(padded(head(b"hi", size=1))),
        pytest.param(seal("hi", key="x" * 43), id="another key"),
        "中文",
    ],
)
def test_what_the_holder_of_the_key_did_not_make_for_us_is_refused(sealed: str) -> None:
    with pytest.raises(Unreadable):
        envelope().open(sealed)


@given(noise=st.binary(max_size=96))
@settings(max_examples=200)
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(Unreadable):
        envelope().open(base64.b64encode(noise).decode())


def test_every_sealing_differs() -> None:
    ours = envelope()
    assert len({ours.seal(b"same") for _ in range(20)}) == 20


@pytest.mark.parametrize("ending", ["", "="])
def test_file_is_opened_with_padded_and_unpadded_key(ending: str) -> None:
    cipher = crypto.PrpCrypto(aes_bytes(KEYS.bot_aes_key)).cipher
    content = b"%PDF-1.7 " * 100

    assert open_file(cipher.encrypt(padded(content)), KEYS.bot_aes_key + ending) == content


@pytest.mark.parametrize(("content", "key"), [(b"", KEYS.aes_key), (b"x" * 20, KEYS.aes_key), (b"x" * 32, "no key")])
def test_file_that_cannot_be_opened_is_refused(content: bytes, key: str) -> None:
    with pytest.raises(Unreadable):
        open_file(content, key)
