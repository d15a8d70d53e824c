"""A metric over eight weeks: one line, the threshold dashed, a provisional end dotted, no value a gap. ux.md 7."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cards.pictures import png

LEFT, RIGHT, TOP, BOTTOM = 90, 1000, 215, 480
HEADROOM = 1.15
"""The axis ends this much above the highest value or the threshold."""


@dataclass(frozen=True, slots=True)
class Point:
    """One week on the canvas; `y` is None where there is no value. R-NONE."""

    label: str
    x: float
    y: float | None


def make(data: Mapping[str, Any], files: Path) -> bytes:
    """The PNG. `data`: title, subtitle, source, points (label, value text), threshold, healthy, provisional."""
    return png.from_template("trend.svg", layout(data))


def layout(data: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the template needs, in pixels."""
    points: Sequence[tuple[str, str]] = data["points"]
    values = [float(value) for _, value in points if value]
    threshold = float(data["threshold"])
    most = max([*values, threshold]) * HEADROOM

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * value / most, 1)

    step = (RIGHT - LEFT) / max(len(points) - 1, 1)
    placed = [
        Point(label, round(LEFT + step * n, 1), y(float(value)) if value else None)
        for n, (label, value) in enumerate(points)
    ]
    provisional = bool(data["provisional"]) and bool(placed)
    runs = _runs(placed[:-1] if provisional else placed)
    last = placed[-1] if placed and placed[-1].y is not None else None
    dotted = _segment(placed[-2:]) if provisional else ""
    return {
        "title": data["title"],
        "subtitle": data["subtitle"],
        "source": data["source"],
        "number": f"{points[-1][1]}%" if last else "—",
        "over": last is not None and float(points[-1][1]) > threshold,
        "threshold": data["threshold"],
        "threshold_y": y(threshold),
        "healthy_y": y(min(float(data["healthy"]), most)) if data.get("healthy") else None,
        "lines": [_segment(run) for run in runs if len(run) > 1],
        "dots": [run[0] for run in runs if len(run) == 1],
        "dotted": dotted,
        "last": last,
        "hollow": provisional,
        "labels": placed,
        "left": LEFT,
        "right": RIGHT,
        "bottom": BOTTOM,
        "width": png.WIDTH,
        "height": png.HEIGHT,
    }


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    """Neighbouring points with a value; a week without one parts them."""
    runs: list[list[Point]] = [[]]
    for point in points:
        if point.y is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _segment(points: Sequence[Point]) -> str:
    """The points of a line, or nothing when one of them has no value."""
    if len(points) < 2 or any(point.y is None for point in points):
        return ""
    return " ".join(f"{point.x},{point.y}" for point in points)
