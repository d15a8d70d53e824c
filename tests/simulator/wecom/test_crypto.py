"""Encryption and signature against fixed vectors, and wechatpy reading what we make."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.enterprise import crypto as wechatpy_crypto  # type: ignore[import-untyped]  # wechatpy has no types

from simulator.wecom.crypto import BadCipher, aes_key, decrypt, encrypt, seal, signature, unseal

TOKEN, KEY, CORP = "simtoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "ww0000000000000001"
RANDOM = b"0123456789abcdef"
VECTORS = [
    (
        CORP,
        "<xml><Content>hi</Content></xml>",
        "6fa775d0744ee2b4d68341f279f3b49a278d972c",
        "Q3stYC6hdFzMh9T8HCvyDCEPX2Akqj/gygI/6v/7fonvwELc/mZ525i/WoR+zYxupUm46eQYYxp2nkTjLaeMrDvGBXYn1DjLKvltQFPzBAtL"
        "U2+8+HUh3F/QopYWceaS",
    ),
    (
        CORP,
        "1616140317555161061",
        "32e0f9678b86d4599dd917ecef368b49868bdd18",
        "Q3stYC6hdFzMh9T8HCvyDH0IHJENRtL8kKsqSYgg4gC0GdhkADJJp+woM+IA/sN2XODYCsoh8g7CMx5Qw2153g==",
    ),
    (
        "",
        '{"msgtype":"text"}',
        "a1055f77cc67cc312473fbb53ff5b9858417a02e",
        "Q3stYC6hdFzMh9T8HCvyDD712uX8onmHUva9KNYQqhHhJQeojMWP+B2d9+v8WlysuzAHHrvUZ9vvpslnY8rN/A==",
    ),
]


@pytest.mark.parametrize(("receiver", "plain", "signed", "text"), VECTORS)
def test_vector(receiver: str, plain: str, signed: str, text: str) -> None:
    key = aes_key(KEY)
    assert encrypt(plain.encode(), key, receiver, RANDOM) == text
    assert signature(TOKEN, "1700000000", "n0nce", text) == signed
    assert decrypt(text, key, receiver).decode() == plain


def test_key_is_that_of_the_vendor() -> None:
    assert aes_key(KEY).hex() == "69b71d79f8218a39259a7a29aabb2dbafc31cb3d35db7e39ebbf3d0010831051"


@given(st.binary(max_size=200), st.text(max_size=20))
def test_everything_comes_back(plain: bytes, receiver: str) -> None:
    key = aes_key(KEY)
    assert decrypt(encrypt(plain, key, receiver), key, receiver) == plain


@given(st.binary(max_size=200))
def test_media_come_back(data: bytes) -> None:
    key = aes_key(KEY)
    sealed = seal(data, key)
    assert len(sealed) % 32 == 0
    assert unseal(sealed, key) == data


@given(st.text(max_size=300))
def test_foreign_text_is_refused(text: str) -> None:
    with pytest.raises(BadCipher):
        decrypt(text, aes_key(KEY), CORP)


def test_another_receiver_is_refused() -> None:
    with pytest.raises(BadCipher):
        decrypt(VECTORS[0][3], aes_key(KEY), "ww0000000000000002")


@pytest.mark.parametrize("receiver", [CORP, ""])
def test_wechatpy_reads_it(receiver: str) -> None:
    crypto = wechatpy_crypto.WeChatCrypto(TOKEN, KEY, receiver)
    plain = json.dumps({"content": "你好" * 50}, ensure_ascii=False)
    text = encrypt(plain.encode(), aes_key(KEY), receiver)
    signed = signature(TOKEN, "1700000000", "n", text)
    assert crypto.decrypt_message({"Encrypt": text}, signed, "1700000000", "n") == plain
