"""Signatures and event encryption against fixed vectors."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.dingtalk.crypto import EventCrypto, card_sign, robot_sign

CRYPTO = EventCrypto("simtoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "dingsimappkey")
HEAD = b"0123456789abcdef"
EVENTS = [
    (
        "success",
        "Q3stYC6hdFzMh9T8HCvyDDVB8nYie0nnKONkIDibUiTcunyZto7cyT6fvsj2ycZBt5pcv7rD+59xnhV60NTXKg==",
        "c8afacfa00493e2af9502d7f581c74f6c898ae2f",
    ),
    (
        '{"EventType":"check_url"}',
        "Q3stYC6hdFzMh9T8HCvyDLV8JeomtQuxZLosYEI28mjzSD5UpK2hp0QUc4H6M/N5b2wfg7/mXSjtxHSc44bdtA==",
        "2b43d4bf89a39c6311f85801a63d92d3608ce6aa",
    ),
    (
        '{"EventType":"chat_disband","operator":"张三"}',
        "Q3stYC6hdFzMh9T8HCvyDL4pJF55tQUD2TmqREI4vlPfJAXlyfTNV3GSxj7ueVVE5bB/mF0tMhqpt5E+uhgfcfUX+ONoEMDSkMzUv8H+"
        "Pwry5tzGqiW8TOkDk/9ETvGu",
        "e474c65bf690e83f536f5a1d7ddb3db17c563905",
    ),
]


@pytest.mark.parametrize(
    ("timestamp", "secret", "expected"),
    [
        ("1577262236757", "this is a secret", "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="),
        ("1700000000000", "sim-app-secret", "icBRv5zTIpZET1gGR840rgWsu6Kz1Ffh11ZcnusALYE="),
        ("1700000000000", "SECsimsecret", "sKbkjKKwjRTRcAuJUdsV1kiMPLdL4MDax6NBV50Pyx8="),
    ],
)
def test_robot_signature_vectors(timestamp: str, secret: str, expected: str) -> None:
    assert robot_sign(timestamp, secret) == expected


def test_card_signature_vector() -> None:
    assert card_sign("1700000000000", "sim-api-secret") == "VvkgAApfvJfbHMj9Kn5RofpxGO/9bySUDUW1bju2mtQ="


@pytest.mark.parametrize(("plain", "sealed", "signature"), EVENTS)
def test_event_vectors(plain: str, sealed: str, signature: str) -> None:
    assert CRYPTO.encrypt(plain.encode(), HEAD) == sealed
    assert CRYPTO.signature("1700000000000", "nonce123", sealed) == signature
    assert CRYPTO.decrypt(sealed) == plain.encode()


def test_vendor_sample_opens() -> None:
    sealed = (
        "0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchz"
        "NukR+t8SB/qk4ROMu3"
    )
    sample = EventCrypto("mryue", "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7", "ding6ccabc44d2c8d38b")
    assert sample.decrypt(sealed) == b'{"EventType":"check_url"}'
    assert sample.signature("1608001896814", "WL4PK6yA", sealed) == "03044561471240d4a14bb09372dfcfd4fd0e40cb"


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "not base64",
        "AAAA",
        pytest.param(EventCrypto("simtoken", CRYPTO.aes_key, "another").encrypt(b"success"), id="another owner"),
        "DwCJ9BMxu4r+VTe9TD+AWc1yfxqs7d2YgepFe4XruMgh1+6pTjCCq4nqAM6StRcafOx5a1OfwmX3ckSBifatlA==",
    ],
)
def test_foreign_and_broken_texts_do_not_open(sealed: str) -> None:
    with pytest.raises(ValueError, match="wrong"):
        CRYPTO.decrypt(sealed)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_every_text_comes_back(plain: bytes) -> None:
    assert CRYPTO.decrypt(CRYPTO.encrypt(plain)) == plain
