"""How many characters a client shows: the vendor words them as advice, so they are never refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lengths:
    """Characters shown per text of a card."""

    source: int
    title: int
    title_desc: int
    emphasis: tuple[int, int]
    sub_title: int
    row_name: int
    row_value: int
    vertical: tuple[int, int]
    jump: int
    button: int
    selection: int
    checkbox: int
    choice: int
    submit: int


APP = Lengths(
    source=20,
    title=36,
    title_desc=44,
    emphasis=(14, 22),
    sub_title=160,
    row_name=5,
    row_value=30,
    vertical=(38, 160),
    jump=18,
    button=10,
    selection=16,
    checkbox=17,
    choice=16,
    submit=10,
)
SHORT = Lengths(
    source=13,
    title=26,
    title_desc=30,
    emphasis=(10, 15),
    sub_title=112,
    row_name=5,
    row_value=26,
    vertical=(26, 112),
    jump=13,
    button=10,
    selection=10,
    checkbox=11,
    choice=10,
    submit=10,
)
VOTE_TITLE = 16
QUESTION_DESC = 160
