"""A form on its way: what was answered, the question that is open, and everything left to fill in. R-HOLD."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Fields, Input, Inputs, Text, Title
from cards.forms import FORMS
from cards.forms.field import Field, Form
from cards.stamp import stamp
from sales.conversations import Conversation
from sales.people import Member
from storage.tx import Tx


def mark(conversation: Conversation) -> str:
    """The stamp of a form's buttons: any of its states may be submitted, its own only."""
    return stamp("form", conversation.id, conversation.form, conversation.subject)


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The form, to the person who fills it in and to nobody else. R-PPL-2."""
    conversation = tx.conversations.get(int(subject.removeprefix("form:")))
    if conversation is None or viewer is None or conversation.member_id != viewer.id:
        return None
    return draw(conversation, FORMS[conversation.form], pages=tx.store.pages is not None)


def draw(conversation: Conversation, form: Form, *, pages: bool = False) -> Card:
    """The open form; grey once it is finished or dropped. `pages`: it can also be filled in on a page."""
    answered = Fields(tuple(_answered(conversation, form)))
    if conversation.state in ("done", "dropped"):
        words = "办好了" if conversation.state == "done" else "不办了"
        return (Title(form.title, "grey", words), *((answered,) if answered.pairs else ()))
    subject = f"form:{conversation.id}"
    send = Button(form.submit, Action("form.submit", subject, mark(conversation)), style="primary")
    drop = Button("取消", Action("form.drop", subject, mark(conversation)), line="取消")
    page = Button("网页填", Action("page.open", subject), line="打开", without="inputs")
    question = form.field(conversation.ask).question
    inputs = tuple(_input(field, conversation.answers) for field in form.fields if not field.takes_files)
    return (
        Title(form.title, "blue", "填一下"),
        *((answered,) if answered.pairs else ()),
        Text(question),
        *((Inputs("form", inputs, (send,), needed=True),) if inputs else ()),
        Buttons((page, drop) if pages and inputs else (drop,)),
    )


def _answered(conversation: Conversation, form: Form) -> list[tuple[str, str]]:
    return [
        (field.label, dict(field.choices).get(given, given))
        for field in form.fields
        if (given := conversation.answers.get(field.name, ""))
    ]


def _input(field: Field, answers: Mapping[str, str]) -> Input:
    return Input(
        name=field.name,
        label=field.label,
        example=field.example,
        value=answers.get(field.name, ""),
        choices=field.choices,
        required=field.required,
        most=field.most,
    )
