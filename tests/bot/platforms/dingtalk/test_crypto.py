"""Signatures and encryption, against the vectors that the vendor and its samples publish."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.dingtalk.crypto import Seal, Unreadable, card_signature, event_signature, robot_signature, same

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
RANDOM = b"0123456789abcdef"
SEALED = {
    "success": (
        "Q3stYC6hdFzMh9T8HCvyDDVB8nYie0nnKONkIDibUiTcunyZto7cyT6fvsj2ycZBt5pcv7rD+59xnhV60NTXKg==",
        "c8afacfa00493e2af9502d7f581c74f6c898ae2f",
    ),
    '{"EventType":"check_url"}': (
        "Q3stYC6hdFzMh9T8HCvyDLV8JeomtQuxZLosYEI28mjzSD5UpK2hp0QUc4H6M/N5b2wfg7/mXSjtxHSc44bdtA==",
        "2b43d4bf89a39c6311f85801a63d92d3608ce6aa",
    ),
    '{"EventType":"chat_disband","operator":"张三"}': (
        "Q3stYC6hdFzMh9T8HCvyDL4pJF55tQUD2TmqREI4vlPfJAXlyfTNV3GSxj7ueVVE5bB/mF0tMhqpt5E+uhgfcfUX+ONoEMDSkMzUv8H+"
        "Pwry5tzGqiW8TOkDk/9ETvGu",
        "e474c65bf690e83f536f5a1d7ddb3db17c563905",
    ),
}


@pytest.mark.parametrize(
    ("stamp", "secret", "sign"),
    [
        ("1577262236757", "this is a secret", "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="),
        ("1700000000000", "sim-app-secret", "icBRv5zTIpZET1gGR840rgWsu6Kz1Ffh11ZcnusALYE="),
    ],
)
def test_robot_signature_is_the_vendors(stamp: str, secret: str, sign: str) -> None:
    assert robot_signature(stamp, secret) == sign


def test_card_signature_is_the_vendors() -> None:
    assert card_signature("1700000000000", "sim-api-secret") == "VvkgAApfvJfbHMj9Kn5RofpxGO/9bySUDUW1bju2mtQ="


@pytest.mark.parametrize("plain", SEALED)
def test_event_vectors_are_met_both_ways(plain: str) -> None:
    text, signature = SEALED[plain]

    assert Seal(KEY).open(text) == (plain.encode(), "dingsimappkey")
    assert Seal(KEY).close(plain.encode(), "dingsimappkey", random=RANDOM) == text
    assert event_signature("simtoken", "1700000000000", "nonce123", text) == signature


def test_vendors_own_sample_is_read() -> None:
    text = (
        "0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOF"
        "chzNukR+t8SB/qk4ROMu3"
    )

    opened = Seal("Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7").open(text)

    assert opened == (b'{"EventType":"check_url"}', "ding6ccabc44d2c8d38b")
    signature = event_signature("mryue", "1608001896814", "WL4PK6yA", text)
    assert signature == "03044561471240d4a14bb09372dfcfd4fd0e40cb"


def test_text_without_a_length_is_no_envelope() -> None:
    text = "DwCJ9BMxu4r+VTe9TD+AWc1yfxqs7d2YgepFe4XruMgh1+6pTjCCq4nqAM6StRcafOx5a1OfwmX3ckSBifatlA=="

    with pytest.raises(Unreadable):
        Seal("4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij").open(text)


@pytest.mark.parametrize("key", ["", "short", KEY + "H", "!" * 43])
def test_key_of_another_length_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Seal(key)


@pytest.mark.parametrize(
    "text", ["", "x", "====", "AAAA", SEALED["success"][0][:-4], SEALED["success"][0] + "\n", "张"]
)
def test_what_nobody_sealed_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        Seal(KEY).open(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_opened_or_unreadable(raw: bytes) -> None:
    text = base64.b64encode(raw).decode()
    try:
        message, _ = Seal(KEY).open(text)
    except Unreadable:
        return
    assert len(message) < len(raw)


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_was_sealed_is_opened(message: bytes, owner: str) -> None:
    owner = owner.encode(errors="replace").decode()

    assert Seal(KEY).open(Seal(KEY).close(message, owner, random=RANDOM)) == (message, owner)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Unreadable):
        Seal(KEY[::-1]).open(SEALED["success"][0])


@given(st.text(max_size=40), st.text(max_size=40))
def test_equality_holds_for_any_text(one: str, other: str) -> None:
    assert same(one, one)
    assert not same(one + "a", one + "b")
    assert same(one, other) or one != other
