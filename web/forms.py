"""A form on a page: the same Form as on a card or asked in chat, with the same readers and the same end. R-HOLD."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aiohttp import web

from cards.form import mark
from cards.forms import FORMS
from cards.forms.field import Field, Form
from sales.conversations import Conversation, is_kept
from sales.errors import Refusal
from storage.tx import Tx
from web.answers import Shown, event_id, nonce, send
from web.desk import Desk
from web.html import page, state
from web.links import Visit, csrf

LONG = 60
"""A field for more characters than this has several lines."""
DONE = "这张表办过了，这页可以关了。"
NO_RIGHT = "这页你现在看不了。要看，回聊天说「授权」，我去问负责人。"


@dataclass(frozen=True, slots=True)
class Asked:
    """One field as the page shows it."""

    field: Field
    value: str
    error: str = ""

    @property
    def is_long(self) -> bool:
        """Several lines."""
        return self.field.most > LONG


async def show(desk: Desk, visit: Visit) -> web.Response:
    """The form with what was answered so far, by whatever way. R-HOLD."""
    found = await desk.read(lambda tx: current(tx, visit))
    if found is None:
        return state("看不了", NO_RIGHT, status=404)
    form = FORMS[found.form]
    if found.state in ("done", "dropped"):
        return state(form.title, DONE, status=200)
    return _form_page(desk, visit, form, [Asked(f, found.answers.get(f.name, "")) for f in _fields(form)])


async def submit(desk: Desk, visit: Visit, given: Mapping[str, str]) -> tuple[web.Response, Shown | None]:
    """Each field is read; a fault stands under its field, and nothing is sent. Else the form goes its usual way."""
    found = await desk.read(lambda tx: current(tx, visit))
    if found is None:
        return state("看不了", NO_RIGHT, status=404), None
    form = FORMS[found.form]
    event = event_id(visit, given.get("nonce", ""))
    values = {field.name: given.get(field.name, "").strip() for field in _fields(form)}
    if found.state not in ("done", "dropped"):
        asked = await desk.read(lambda tx: [_read(tx, field, values[field.name]) for field in _fields(form)])
        if any(each.error for each in asked):
            return _form_page(desk, visit, form, asked, status=422), None
    payload = {"do": "form", "form": found.id, "stamp": mark(found), "values": values}
    shown = await send(desk, visit, event, payload)
    now = await desk.read(lambda tx: current(tx, visit))
    if now and now.id == found.id and now.state not in ("done", "dropped") and not shown.is_late:
        asked = [Asked(field, values[field.name]) for field in _fields(form)]
        return _form_page(desk, visit, form, asked, status=422, message=shown.text), shown
    more = now is not None and now.id != found.id
    return page(
        "done.html", title=form.title, who=visit.member.name, shown=shown, again="接着填" if more else "",
        sent=draft_key(desk, visit, form),
    ), shown  # fmt: skip


def current(tx: Tx, visit: Visit) -> Conversation | None:
    """The form of the link while it is the person's own; or what its end has asked anew, in the same chat. R-PPL-2."""
    number = visit.link.subject.removeprefix("form:")
    found = tx.conversations.get(int(number)) if number.isdecimal() else None
    if found is None or found.member_id != visit.member.id:
        return None
    if found.state == "done":
        again = tx.conversations.open_in(found.member_id, platform=found.platform, chat=found.chat)
        return again if again and again.form == found.form and again.id > found.id else found
    return found if is_kept(found, now=tx.now, policy=tx.policy) else replace(found, state="dropped")


def draft_key(desk: Desk, visit: Visit, form: Form) -> str:
    """Under which the browser keeps what is typed: this person's, for this form, whatever link leads to it."""
    return desk.pages.proof("draft", [visit.member.id, form.name])


def _fields(form: Form) -> list[Field]:
    """What can be typed; files have a page of their own."""
    return [field for field in form.fields if not field.takes_files]


def _read(tx: Tx, field: Field, given: str) -> Asked:
    if not given:
        example = f"，如 {field.example}" if field.example else ""
        return Asked(field, "", f"还差{field.label}{example}。" if field.required else "")
    try:
        field.understand(given, tx.now, tx.policy)
    except Refusal as refusal:
        return Asked(field, given, refusal.text)
    return Asked(field, given)


def _form_page(
    desk: Desk, visit: Visit, form: Form, asked: list[Asked], *, status: int = 200, message: str = ""
) -> web.Response:
    first = next((each.field.name for each in asked if each.error), "")
    return page(
        "form.html", status=status, title=form.title, who=visit.member.name, csrf=csrf(desk.pages, visit), form=form,
        asked=asked, first=first, message=message, nonce=nonce(), draft=draft_key(desk, visit, form),
    )  # fmt: skip
