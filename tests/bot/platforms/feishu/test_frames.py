"""The frame codec: the vendor's own protobuf classes are the truth, for good bytes and for odd ones."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.feishu.frames import BadFrame, Frame, decode, encode
from tests.support.larkpb import VendorFrame, VendorRefuses

PING = "08001000182120002a0c0a0474797065120470696e67"
EVENT = (
    "08001000180120012a0d0a047479706512056576656e742a100a0a6d6573736167655f696412026d312a0e0a0874726163655f"
    "6964120274312a080a0373756d1201312a080a0373657112013042027b7d"
)

texts = st.text(st.characters(codec="utf-8"), max_size=20)
frames = st.builds(
    Frame,
    service=st.integers(-(2**31), 2**31 - 1),
    method=st.integers(-(2**31), 2**31 - 1),
    headers=st.lists(st.tuples(texts, texts), max_size=6).map(tuple),
    payload=st.none() | st.binary(max_size=300),
    seq_id=st.integers(0, 2**64 - 1),
    log_id=st.integers(0, 2**64 - 1),
    payload_encoding=st.none() | texts,
    payload_type=st.none() | texts,
    log_id_new=st.none() | texts,
)
NAMES = {
    "SeqID": "seq_id",
    "LogID": "log_id",
    "service": "service",
    "method": "method",
    "payload_encoding": "payload_encoding",
    "payload_type": "payload_type",
    "payload": "payload",
    "LogIDNew": "log_id_new",
}


def of_vendor(raw: bytes) -> Frame | None:
    """What the vendor's classes read in these bytes; None where they refuse."""
    found = VendorFrame()
    try:
        found.ParseFromString(raw)
    except VendorRefuses:
        return None
    if not found.IsInitialized():
        return None
    fields: dict[str, Any] = {ours: getattr(found, name) for name, ours in NAMES.items() if found.HasField(name)}
    return Frame(headers=tuple((header.key, header.value) for header in found.headers), **fields)


def to_vendor(frame: Frame) -> bytes:
    """The bytes the vendor's classes make of it."""
    made = VendorFrame()
    for name, ours in NAMES.items():
        value = getattr(frame, ours)
        if value is not None:
            setattr(made, name, value)
    for key, value in frame.headers:
        header = made.headers.add()
        header.key, header.value = key, value
    return bytes(made.SerializeToString())


def ours(raw: bytes) -> Frame | None:
    try:
        return decode(raw)
    except BadFrame:
        return None


@given(frames)
def test_bytes_are_those_of_the_vendors_classes(frame: Frame) -> None:
    assert encode(frame) == to_vendor(frame)


@given(frames)
def test_bytes_of_the_vendors_classes_are_read(frame: Frame) -> None:
    assert decode(to_vendor(frame)) == frame


@given(st.binary(max_size=200))
def test_bytes_that_are_no_frame_raise_nothing_else(raw: bytes) -> None:
    assert ours(raw) in (None, of_vendor(raw))


@given(frames, st.data())
def test_damaged_frame_is_refused_or_read_as_the_vendors_classes_read_it(frame: Frame, data: st.DataObject) -> None:
    """Refused may be what holds a group, a kind of field that neither side makes."""
    raw = bytearray(encode(frame))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))

    assert ours(bytes(raw)) in (None, of_vendor(bytes(raw)))


@given(frames, st.binary(max_size=40))
def test_unknown_fields_are_passed_over(frame: Frame, value: bytes) -> None:
    more = b"\x50\x07" + b"\x5a" + bytes([len(value)]) + value + b"\x61" + bytes(8) + b"\x6d" + bytes(4)

    assert decode(encode(frame) + more) == decode(more + encode(frame)) == frame


def test_ping_is_the_documented_one() -> None:
    assert encode(Frame(service=33, method=0, headers=(("type", "ping"),))).hex() == PING


def test_event_is_the_documented_one() -> None:
    found = decode(bytes.fromhex(EVENT))

    headers = (("type", "event"), ("message_id", "m1"), ("trace_id", "t1"), ("sum", "1"), ("seq", "0"))
    assert found == Frame(service=1, method=1, headers=headers, payload=b"{}")
    assert (found.header("message_id"), found.header("no")) == ("m1", None)
    assert encode(found).hex() == EVENT


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_frame_without_a_required_field_is_none(number: int) -> None:
    fields = {1: b"\x08\x00", 2: b"\x10\x00", 3: b"\x18\x01", 4: b"\x20\x01"}
    raw = b"".join(value for key, value in fields.items() if key != number)

    assert ours(raw) is of_vendor(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"\x08" + b"\xff" * 10 + b"\x01",
        b"\x2a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
        b"\x2a\xff\xff\xff\xff\x0f",
        b"\x2a\x02\x0a\x00",
        b"\x2a\x06\x0a\x01\xff\x12\x01a",
        b"\x32\x01\xff",
        b"\x00\x00",
        b"\x0e\x00",
        b"\x09\x00\x00",
        b"\x08",
        b"\x80",
    ],
)
def test_what_is_no_field_is_refused(raw: bytes) -> None:
    whole = encode(Frame(service=1, method=1)) + raw

    assert ours(whole) is of_vendor(whole) is None


def test_frame_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Frame(1, 1).service = 2  # type: ignore[misc]
