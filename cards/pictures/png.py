"""SVG to PNG with the bundled font, so that a picture looks the same on every machine. ux.md 7."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FONT = HERE / "fonts" / "NotoSansSC-subset.ttf"
"""Noto Sans SC (OFL.txt beside it): common Chinese characters, ASCII, and the marks ✓ ○ ◐ ▲ ✗ → ─."""

WIDTH, HEIGHT = 1080, 608


def from_template(name: str, values: Mapping[str, Any]) -> bytes:
    """The PNG of a template beside this file, 1080 x 608; every text in it is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    return from_svg(templates.get_template(name).render(values))


def from_svg(svg: str) -> bytes:
    """The PNG of a drawing. The library is loaded here: only the process that draws pays for it."""
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            font_files=[str(FONT)],
            skip_system_fonts=True,
            font_family="Noto Sans SC",
            background="#FFFFFF",
        )
    )
