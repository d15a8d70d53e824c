"""The simulator's frames against the vendor's own protobuf classes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.feishu.frames import Frame, NoFrame, unpack
from tests.support.larkpb import VendorFrame, VendorRefuses

texts = st.text(st.characters(codec="utf-8"), max_size=20)
frames = st.builds(
    Frame,
    method=st.integers(0, 1),
    service=st.integers(0, 2**31 - 1),
    headers=st.dictionaries(texts, texts, max_size=6),
    payload=st.binary(max_size=300),
    seq_id=st.integers(0, 2**64 - 1),
    log_id=st.integers(0, 2**64 - 1),
)


def to_vendor(frame: Frame) -> bytes:
    made = VendorFrame(SeqID=frame.seq_id, LogID=frame.log_id, service=frame.service, method=frame.method)
    for key, value in frame.headers.items():
        header = made.headers.add()
        header.key, header.value = key, value
    if frame.payload:
        made.payload = frame.payload
    return bytes(made.SerializeToString())


@given(frames)
def test_bytes_are_those_of_the_vendors_classes(frame: Frame) -> None:
    assert frame.pack() == to_vendor(frame)
    assert unpack(to_vendor(frame)) == frame


@given(frames, texts)
def test_fields_of_no_interest_are_passed_over(frame: Frame, text: str) -> None:
    made = VendorFrame()
    made.ParseFromString(frame.pack())
    made.payload_encoding = made.payload_type = made.LogIDNew = text

    assert unpack(bytes(made.SerializeToString())) == frame


@given(st.binary(max_size=200))
def test_bytes_that_are_no_frame_are_refused(raw: bytes) -> None:
    with contextlib.suppress(NoFrame):
        unpack(raw)
        VendorFrame().ParseFromString(raw)


@given(frames, st.data())
def test_frame_cut_short_is_refused_where_the_vendors_classes_refuse_it(frame: Frame, data: st.DataObject) -> None:
    raw = frame.pack()
    raw = raw[: data.draw(st.integers(0, len(raw) - 1))]
    found = VendorFrame()
    try:
        found.ParseFromString(raw)
        good = found.IsInitialized()
    except VendorRefuses:
        good = False

    if good:
        unpack(raw)
    else:
        with pytest.raises(NoFrame):
            unpack(raw)


def test_documented_ping() -> None:
    ping = Frame(0, 33, {"type": "ping"})

    assert ping.pack().hex() == "08001000182120002a0c0a0474797065120470696e67"
