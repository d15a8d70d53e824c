"""A form and its fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sales.errors import Refusal
from sales.policy import Policy

Read = Callable[[str, datetime, Policy], str]
"""Reads an answer into the text that is kept. Raises Refusal with an example of a good answer."""


def as_written(text: str, now: datetime, policy: Policy) -> str:
    """The answer as it was written, without blanks around it."""
    return text.strip()


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to ask. `choices` are (value, words); an optional field is never asked in chat, only in the card."""

    name: str
    label: str
    question: str
    example: str = ""
    read: Read = as_written
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = True
    most: int = 200
    takes_files: bool = False

    def understand(self, text: str, now: datetime, policy: Policy) -> str:
        """What an answer means here, however it was given. Raises Refusal: not one of the choices, too long, unread."""
        given = text.strip()
        if self.choices:
            by_word = {word: value for value, word in self.choices}
            value = by_word.get(given, given)
            if value not in {value for value, _ in self.choices}:
                raise Refusal("R-HOLD", f"选一个就行：{'、'.join(by_word)}。")
            return value
        if len(given) > self.most:
            raise Refusal("R-HOLD", f"{self.label}最多 {self.most} 个字，短一点再说一遍。")
        return self.read(given, now, policy)


@dataclass(frozen=True, slots=True)
class Form:
    """Fields in the order they are asked; `submit` is the word on the button. `life_minutes` as in R-HOLD.

    An `ear` is shown as its question alone: the next text (or file) of the person in this chat is the answer.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    submit: str = "提交"
    life_minutes: int = 30
    ear: bool = False

    def field(self, name: str) -> Field:
        """The field with this name."""
        return next(field for field in self.fields if field.name == name)

    def next_field(self, answers: object) -> Field | None:
        """The first required field without an answer; None when the form is complete."""
        given = answers if isinstance(answers, dict) else dict(answers)  # type: ignore[call-overload]
        return next((field for field in self.fields if field.required and not given.get(field.name)), None)
