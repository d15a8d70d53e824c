"""What a person can press and choose on a card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Control:
    """One thing to press; `kind` is button, submit, menu or link."""

    kind: str
    label: str
    key: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A list of options; `chosen` are the ids ticked before anybody touches it."""

    key: str
    title: str
    options: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...]
    many: bool
    locked: bool = False


class NotPossible(ValueError):
    """The card does not allow this; the text is Chinese."""


def controls(card: Json) -> list[Control]:
    """Everything that can be pressed, in the order it is drawn."""
    found = [Control("link", str(r.get("title", "")), "", str(r.get("url", ""))) for r in card.get("jump_list") or []]
    if not card.get("replace_text"):
        for row in card.get("button_list") or []:
            if row.get("type") == 1:
                found.append(Control("link", str(row["text"]), "", str(row["url"])))
            else:
                found.append(Control("button", str(row["text"]), str(row["key"])))
        if submit := card.get("submit_button"):
            found.append(Control("submit", str(submit["text"]), str(submit["key"])))
    menu = (card.get("action_menu") or {}).get("action_list") or []
    found.extend(Control("menu", str(row["text"]), str(row["key"])) for row in menu)
    return found


def find(candidates: list[Control], wanted: str | int) -> Control | None:
    """The control with this label or key, or at this place."""
    if isinstance(wanted, int):
        return candidates[wanted] if 0 <= wanted < len(candidates) else None
    exact = next((c for c in candidates if wanted in (c.label, c.key)), None)
    return exact or next((c for c in candidates if c.label.startswith(wanted)), None)


def questions(card: Json) -> list[Question]:
    """The dropdowns and the checkbox list."""
    found = [_dropdown(row) for row in card.get("select_list") or []]
    if selection := card.get("button_selection"):
        found.append(_dropdown(selection))
    if box := card.get("checkbox"):
        options = _options(box)
        ticked = tuple(str(o["id"]) for o in box["option_list"] if o.get("is_checked") is True)
        many = int(box.get("mode") or 0) == 1
        found.append(Question(str(box["question_key"]), "", options, ticked, many, bool(box.get("disable"))))
    return found


def chosen(card: Json, values: Json) -> list[tuple[str, list[str]]]:
    """The ids per question that go with a press: what the person chose, else what was preselected."""
    asked = questions(card)
    unknown = set(values) - {q.key for q in asked} - {q.title for q in asked if q.title}
    if unknown:
        raise NotPossible(f"卡片上没有「{'、'.join(sorted(unknown))}」")
    answers = []
    for question in asked:
        wanted = values.get(question.key, values.get(question.title) if question.title else None)
        ids = list(question.chosen) if wanted is None else _picked(question, wanted)
        answers.append((question.key, ids))
    return answers


def _picked(question: Question, wanted: Any) -> list[str]:
    if question.locked:
        raise NotPossible("这个选择现在不能改")
    items = wanted if isinstance(wanted, list) else [wanted]
    if len(items) > 1 and not question.many:
        raise NotPossible("只能选一个")
    ids = []
    for item in items:
        found = next((i for i, text in question.options if item in (i, text)), None)
        if found is None:
            raise NotPossible(f"没有「{item}」这个选项，可选：{'、'.join(text for _, text in question.options)}")
        ids.append(found)
    return ids


def _dropdown(row: Json) -> Question:
    options = _options(row)
    wanted = row.get("selected_id")
    first = wanted if any(wanted == option for option, _ in options) else options[0][0]
    key, title = str(row["question_key"]), str(row.get("title") or "")
    return Question(key, title, options, (str(first),), False, bool(row.get("disable")))


def _options(row: Json) -> tuple[tuple[str, str], ...]:
    return tuple((str(o["id"]), str(o["text"])) for o in row["option_list"])
