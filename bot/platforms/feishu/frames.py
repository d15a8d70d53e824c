"""Frames of the long connection: one protobuf message in each binary websocket message (docs/platforms/feishu.md).

message Header { required string key = 1; required string value = 2; }
message Frame  { required uint64 SeqID = 1; required uint64 LogID = 2; required int32 service = 3;
                 required int32 method = 4; repeated Header headers = 5; optional string payload_encoding = 6;
                 optional string payload_type = 7; optional bytes payload = 8; optional string LogIDNew = 9; }
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

CONTROL, DATA = 0, 1

_VARINT, _BYTES = 0, 2
_FIXED = {1: 8, 5: 4}
"""Kinds of fields with a fixed size, in bytes."""
_MASK64 = (1 << 64) - 1
_NUMBERS = {1: "seq_id", 2: "log_id", 3: "service", 4: "method"}
_SIGNED = ("service", "method")
_HEADERS, _PAYLOAD = 5, 8
_OPTIONAL = {6: "payload_encoding", 7: "payload_type", _PAYLOAD: "payload", 9: "log_id_new"}


class BadFrame(ValueError):
    """The bytes are no frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; None where an optional field is absent."""

    service: int
    method: int
    headers: tuple[tuple[str, str], ...] = ()
    payload: bytes | None = None
    seq_id: int = 0
    log_id: int = 0
    payload_encoding: str | None = None
    payload_type: str | None = None
    log_id_new: str | None = None

    def header(self, key: str) -> str | None:
        """The first value under the key."""
        return next((value for name, value in self.headers if name == key), None)


def encode(frame: Frame) -> bytes:
    """The frame's bytes, fields in the order of their numbers."""
    out = bytearray()
    for number, name in _NUMBERS.items():
        out += _varint(number << 3 | _VARINT) + _varint(getattr(frame, name))
    for key, value in frame.headers:
        out += _chunk(_HEADERS, _chunk(1, key.encode()) + _chunk(2, value.encode()))
    for number, name in _OPTIONAL.items():
        given: str | bytes | None = getattr(frame, name)
        if given is not None:
            out += _chunk(number, given.encode() if isinstance(given, str) else given)
    return bytes(out)


def decode(raw: bytes) -> Frame:
    """The frame in these bytes; unknown fields are passed over. Raises BadFrame."""
    known: dict[str, Any] = {}
    headers: list[tuple[str, str]] = []
    for number, value in _fields(raw):
        if isinstance(value, int):
            if name := _NUMBERS.get(number):
                known[name] = _signed(value) if name in _SIGNED else value
        elif number == _HEADERS:
            headers.append(_header(value))
        elif name := _OPTIONAL.get(number):
            known[name] = value if number == _PAYLOAD else _text(value)
    if not known.keys() >= set(_NUMBERS.values()):
        raise BadFrame("a required field is missing")
    return Frame(headers=tuple(headers), **known)


def _header(raw: bytes) -> tuple[str, str]:
    texts = {number: _text(value) for number, value in _fields(raw) if number in (1, 2) and isinstance(value, bytes)}
    if len(texts) < 2:
        raise BadFrame("a header lacks its key or value")
    return texts[1], texts[2]


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field that is a number or bytes; other kinds are passed over."""
    at = 0
    while at < len(raw):
        tag, at = _read_varint(raw, at)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise BadFrame("field 0")
        if kind == _VARINT:
            value, at = _read_varint(raw, at)
            yield number, value
        elif kind == _BYTES:
            size, at = _read_varint(raw, at)
            yield number, _part(raw, at, size)
            at += size
        elif kind in _FIXED:
            at += len(_part(raw, at, _FIXED[kind]))
        else:
            raise BadFrame("unknown kind of field")


def _part(raw: bytes, at: int, size: int) -> bytes:
    if size > len(raw) - at:
        raise BadFrame("cut short")
    return raw[at : at + size]


def _read_varint(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(raw):
            raise BadFrame("cut short")
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & _MASK64, at
    raise BadFrame("a number over ten bytes")


def _varint(value: int) -> bytes:
    value &= _MASK64
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _chunk(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(value)) + value


def _signed(value: int) -> int:
    """The low 32 bits as the signed number they stand for."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise BadFrame("not UTF-8") from error
