"""How money is written. The value is integer fen everywhere; nothing is rounded. R-MONEY."""

from __future__ import annotations

_FEN_PER_YUAN = 100
_FEN_PER_WAN_PLACE = 10_000  # 0.01 万


def yuan_text(fen: int) -> str:
    """`1200000.00`: yuan with two places, for JSON and files. R-MONEY."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), _FEN_PER_YUAN)
    return f"{sign}{yuan}.{rest:02d}"


def format_yuan(fen: int) -> str:
    """`¥1,200,000.00`: wherever somebody decides. R-MONEY."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), _FEN_PER_YUAN)
    return f"{sign}¥{yuan:,}.{rest:02d}"


def format_wan(fen: int) -> str:
    """`120.00 万` when that is exact to two places of 万, else the figure in yuan; never 亿. R-MONEY.

    The blank before 万 is the product's typography (ux.md 1).
    """
    if fen % _FEN_PER_WAN_PLACE:
        return format_yuan(fen)
    sign = "-" if fen < 0 else ""
    wan, rest = divmod(abs(fen) // _FEN_PER_WAN_PLACE, 100)
    return f"{sign}{wan}.{rest:02d} 万"
