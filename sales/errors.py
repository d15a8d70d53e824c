"""The one way business code says no when nothing should remain of the attempt."""

from __future__ import annotations


class Refusal(Exception):
    """Something cannot be done. `text` is what the person reads: what happened, why, what to do next (ux.md 1).

    `rule` is the rulebook id that says no; `hint` an optional typed line that helps.
    """

    def __init__(self, rule: str, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.rule = rule
        self.text = text
        self.hint = hint


class NotVisible(Refusal):
    """The subject does not exist for this person; the text never tells whether it exists for others. R-PPL-2."""
