"""The vendor's published payloads sent by the simulator as they are, over both transports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.dingtalk.payloads import event_fields, event_type

FOLDER = Path(__file__).resolve().parents[3].parent / "shared" / "payloads" / "inbound" / "dingtalk"
ROWS = [pytest.param(json.loads(file.read_text("utf-8")), id=file.stem) for file in sorted(FOLDER.glob("*.json"))]

pytestmark = pytest.mark.skipif(not ROWS, reason="the published payloads are not beside this checkout")


@pytest.mark.parametrize("body", ROWS)
async def test_stream_carries_it_unchanged(socket_sim: Any, body: Any) -> None:
    client = await socket_sim.stream()
    answer = await socket_sim.sim("deliver", event=body)
    [frame] = client.frames
    assert answer["delivered"][0]["code"] == 0
    is_event = event_type(body) != ""
    assert frame["type"] == ("EVENT" if is_event else "CALLBACK")
    assert json.loads(frame["data"]) == (event_fields(body) if is_event else body)


@pytest.mark.parametrize("body", [row for row in ROWS if "EventType" in row.values[0]])  # type: ignore[operator]
async def test_flat_events_are_posted_unchanged(sim: Any, bot: Any, body: Any) -> None:
    answer = await sim.sim("deliver", event=body)
    assert answer["delivered"][0]["code"] == 0
    assert bot.events == [body]
