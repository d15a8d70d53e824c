"""The trend picture: what is drawn where, and a PNG within its limits. ux.md 7."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from cards.pictures import make, png
from cards.pictures.trend import BOTTOM, LEFT, RIGHT, TOP, layout

POINTS = [["W40", "8.30"], ["W41", "9.10"], ["W42", ""], ["W43", "10.20"], ["W44", ""], ["W45", "14.90"],
          ["W46", "17.80"], ["W47", "21.95"]]  # fmt: skip
DATA: dict[str, Any] = {
    "title": "LDR 21.95%，过了 20% 线", "subtitle": "全公司 W47 暂计", "source": "数据至 11-19 周四 10:05",
    "points": POINTS, "threshold": "20", "healthy": "12", "provisional": True,
}  # fmt: skip


def test_picture_is_a_png_of_its_size_and_light(tmp_path: Path) -> None:
    content = make("trend", DATA, tmp_path)

    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", content[16:24]) == (1080, 608)
    assert len(content) <= 150_000


def test_week_without_a_value_is_a_gap_and_a_lone_week_a_dot_r_none() -> None:
    drawn = layout(DATA)

    assert [line.count(",") for line in drawn["lines"]] == [2, 2]
    assert [dot.label for dot in drawn["dots"]] == ["W43"]
    assert [point.label for point in drawn["labels"]] == [label for label, _ in POINTS]


def test_provisional_end_is_dotted_and_hollow() -> None:
    drawn, final = layout(DATA), layout({**DATA, "provisional": False})

    assert drawn["dotted"].count(",") == 2
    assert drawn["hollow"]
    assert (final["dotted"], final["hollow"]) == ("", False)
    assert [line.count(",") for line in final["lines"]] == [2, 3]


@pytest.mark.parametrize(("value", "over"), [("20.00", False), ("20.01", True)])
def test_number_is_red_over_the_threshold_only(value: str, over: bool) -> None:
    drawn = layout({**DATA, "points": [*POINTS[:-1], ["W47", value]]})

    assert (drawn["over"], drawn["number"]) == (over, f"{value}%")


def test_everything_lies_on_the_canvas_from_zero_up() -> None:
    drawn = layout({**DATA, "points": [["W46", "0.00"], ["W47", "100.00"]]})

    assert [(point.x, point.y) for point in drawn["labels"]] == [(LEFT, BOTTOM), (RIGHT, pytest.approx(TOP, abs=40))]
    assert TOP <= drawn["threshold_y"] <= BOTTOM
    assert TOP <= drawn["healthy_y"] <= BOTTOM


def test_eight_weeks_without_a_value_draw_too_r_none(tmp_path: Path) -> None:
    empty = {**DATA, "points": [[label, ""] for label, _ in POINTS], "healthy": ""}

    drawn = layout(empty)

    assert (drawn["number"], drawn["last"], drawn["lines"], drawn["dots"], drawn["dotted"]) == ("—", None, [], [], "")
    assert make("trend", empty, tmp_path)
    assert layout({**empty, "points": []})["labels"] == []


def test_names_in_a_picture_are_text_and_never_markup(tmp_path: Path) -> None:
    assert make("trend", {**DATA, "subtitle": '<image href="file:///etc/passwd"/> & "x"'}, tmp_path)


def test_bundled_font_holds_every_mark_and_its_licence_lies_beside_it() -> None:
    blank = png.from_svg(_text(" "))

    for mark in "✓○◐▲✗→─线索衰减暂计定数华东组0%":
        assert png.from_svg(_text(mark)) != blank, mark
    assert "SIL OPEN FONT LICENSE" in (png.FONT.parent / "OFL.txt").read_text("utf-8")


def _text(mark: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60">'
        f'<text x="5" y="45" font-size="40" font-family="Noto Sans SC">{mark}</text></svg>'
    )
