"""Events in several frames: put together in any order, given up after five seconds, and never too many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.feishu import parts as limits
from bot.platforms.feishu.frames import BadFrame, Frame
from bot.platforms.feishu.parts import Parts
from tests.bot.platforms.feishu.helpers import Seconds


def part(message_id: str, total: int, number: int, payload: bytes) -> Frame:
    headers = {"type": "event", "message_id": message_id, "trace_id": "t", "sum": str(total), "seq": str(number)}
    return Frame(service=1, method=1, headers=tuple(headers.items()), payload=payload)


@given(st.data(), st.lists(st.lists(st.binary(max_size=5), min_size=1, max_size=6), min_size=1, max_size=4))
def test_events_are_whole_once_their_last_part_came_in_whatever_order(
    data: st.DataObject, events: list[list[bytes]]
) -> None:
    frames = [
        (name, part(f"m{name}", len(chunks), number, chunk))
        for name, chunks in enumerate(events)
        for number, chunk in enumerate(chunks)
    ]
    parts, whole = Parts(Seconds()), {}
    left = [len(chunks) for chunks in events]
    for name, frame in data.draw(st.permutations(frames)):
        found = parts.whole(frame)
        left[name] -= 1
        assert (found is not None) == (left[name] == 0)
        if found is not None:
            whole[name] = found

    assert whole == {name: b"".join(chunks) for name, chunks in enumerate(events)}


def test_part_that_comes_twice_counts_once() -> None:
    parts = Parts(Seconds())

    assert [parts.whole(part("m", 2, 0, b"a")) for _ in range(3)] == [None] * 3
    assert parts.whole(part("m", 2, 1, b"b")) == b"ab"


@pytest.mark.parametrize(("pause", "found"), [(5.0, b"ab"), (5.001, None)])
def test_parts_follow_each_other_within_five_seconds(pause: float, found: bytes | None) -> None:
    clock = Seconds()
    parts = Parts(clock)
    parts.whole(part("m", 2, 0, b"a"))
    clock.now += pause

    assert parts.whole(part("m", 2, 1, b"b")) == found


def test_event_may_take_longer_when_its_parts_keep_coming() -> None:
    clock = Seconds()
    parts = Parts(clock)
    for number in range(4):
        assert parts.whole(part("m", 5, number, b"x")) is None
        clock.now += 4

    assert parts.whole(part("m", 5, 4, b"x")) == b"xxxxx"


@pytest.mark.parametrize(("total", "number"), [(2, 2), (2, 9), (1001, 0)])
def test_part_that_cannot_be_is_refused(total: int, number: int) -> None:
    parts = Parts(Seconds())
    parts.whole(part("m", 2, 0, b"a"))

    with pytest.raises(BadFrame):
        parts.whole(part("m", total, number, b"x"))
    assert parts.whole(part("m", 2, 1, b"b")) == b"ab"


def test_event_that_was_whole_can_come_again() -> None:
    parts = Parts(Seconds())
    for _ in range(2):
        parts.whole(part("m", 2, 0, b"a"))
        assert parts.whole(part("m", 2, 1, b"b")) == b"ab"


def test_event_of_more_than_a_mebibyte_is_refused_and_forgotten() -> None:
    parts = Parts(Seconds())
    half = bytes(limits.MOST_BYTES // 2)
    assert parts.whole(part("m", 3, 0, half)) is None
    assert parts.whole(part("m", 3, 1, half)) is None

    with pytest.raises(BadFrame):
        parts.whole(part("m", 3, 2, b"x"))
    assert parts.whole(part("m", 2, 0, b"a")) is None


def test_only_so_many_events_wait_for_parts() -> None:
    clock = Seconds()
    parts = Parts(clock)
    for number in range(limits.MOST_WAITING):
        parts.whole(part(f"m{number}", 2, 0, b"a"))

    with pytest.raises(BadFrame):
        parts.whole(part("one more", 2, 0, b"a"))
    assert parts.whole(part("m0", 2, 1, b"b")) == b"ab"
    clock.now += 6
    assert parts.whole(part("one more", 2, 0, b"a")) is None
