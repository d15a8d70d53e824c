"""The vendor's frames on the long connection, written and read byte by byte as protobuf has them.

Frame: 1 SeqID, 2 LogID, 3 service, 4 method (all required numbers), 5 headers (repeated: 1 key, 2 value),
6 payload_encoding, 7 payload_type, 8 payload, 9 LogIDNew.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PING_PONG, DELIVERY = 0, 1
"""The two values of `method`."""

REQUIRED = (1, 2, 3, 4)
NUMBER, LENGTH = 0, 2


class NoFrame(Exception):
    """The bot sent something that is no frame."""


@dataclass(slots=True)
class Frame:
    """A frame with the fields that this simulator writes or looks at."""

    method: int
    service: int
    headers: dict[str, str] = field(default_factory=dict)
    payload: bytes = b""
    seq_id: int = 0
    log_id: int = 0

    def pack(self) -> bytes:
        """The frame as bytes."""
        numbers = zip(REQUIRED, (self.seq_id, self.log_id, self.service, self.method), strict=True)
        parts = [_number(key << 3) + _number(value) for key, value in numbers]
        for name, value in self.headers.items():
            parts.append(_sized(5, _sized(1, name.encode()) + _sized(2, value.encode())))
        if self.payload:
            parts.append(_sized(8, self.payload))
        return b"".join(parts)


def unpack(data: bytes) -> Frame:
    """The frame in these bytes; refuses anything else with NoFrame."""
    try:
        return _read(data)
    except (IndexError, UnicodeDecodeError) as error:
        raise NoFrame("cut short or no text") from error


def _read(data: bytes) -> Frame:
    numbers: dict[int, int] = {}
    headers: dict[str, str] = {}
    payload = b""
    for key, value in _fields(data):
        if isinstance(value, int):
            numbers[key] = value
        elif key == 5:
            pair = {name: text.decode() for name, text in _fields(value) if isinstance(text, bytes)}
            headers[pair.get(1, "")] = pair.get(2, "")
        elif key == 8:
            payload = value
    missing = [key for key in REQUIRED if key not in numbers]
    if missing:
        raise NoFrame(f"required fields are missing: {missing}")
    return Frame(numbers[4], numbers[3], headers, payload, numbers[1], numbers[2])


def _fields(data: bytes) -> list[tuple[int, int | bytes]]:
    found: list[tuple[int, int | bytes]] = []
    rest = memoryview(data)
    while rest:
        tag, rest = _take_number(rest)
        value, rest = _take_number(rest)
        if tag & 7 == NUMBER:
            found.append((tag >> 3, value))
        elif tag & 7 == LENGTH and value <= len(rest):
            found.append((tag >> 3, bytes(rest[:value])))
            rest = rest[value:]
        else:
            raise NoFrame("a field of no kind that a frame has, or cut short")
    return found


def _take_number(rest: memoryview) -> tuple[int, memoryview]:
    value = size = 0
    while size < 10:
        byte = rest[size]
        value += (byte % 128) << (7 * size)
        size += 1
        if byte < 128:
            return value, rest[size:]
    raise NoFrame("a number of more than ten bytes")


def _number(value: int) -> bytes:
    out = []
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes([*out, value])


def _sized(key: int, value: bytes) -> bytes:
    return _number(key << 3 | LENGTH) + _number(len(value)) + value
