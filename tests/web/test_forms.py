"""Every form of the product as a page, and a form with everything a field can be. R-LINK, R-HOLD."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from cards.forms import FORMS
from cards.forms.field import Field, Form
from handlers.context import FINISHED, Context
from handlers.events import Clicked, Event
from sales.conversations import Conversation
from sales.decision import Reply, say
from sales.errors import Refusal
from sales.links import FORM, Link
from storage import entities
from storage.inbox import Inbound
from storage.types import from_us
from tests.support.house import House
from tests.support.pages import Visitor, public_house, visitor

EVERYTHING = Form(
    name="everything",
    title="什么都有",
    fields=(
        Field("kind", "类型", "选哪个？", choices=(("a", "甲 <b>"), ("b", "乙"))),
        Field("words", "说明", "说一句？", "随便写", required=False, most=200),
        Field("short", "短的", "几个字？", most=3),
        Field("file", "凭证", "拍给我。", takes_files=True, required=False),
    ),
)


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """With a public address and one more form."""
    monkeypatch.setitem(FORMS, "everything", EVERYTHING)
    monkeypatch.setitem(FINISHED, "everything", lambda ctx, form: say(" · ".join(map("=".join, form.answers.items()))))
    async with public_house(monkeypatch, tmp_path) as opened:
        yield opened


@pytest.fixture
async def phone(house: House) -> AsyncIterator[Visitor]:
    """李雷's."""
    async with visitor(house) as opened:
        yield opened


async def link_to(house: House, *names: str) -> dict[str, str]:
    """A link to a form of each name, asked of 李雷 somewhere."""
    await house.person("李雷").says("你好")
    with house.bot.store.snapshot() as conn:
        account = conn.execute(text("SELECT account FROM accounts WHERE member_id = 'm03'")).scalar_one()
    now, pages, urls = from_us(house.clock.business_us()), house.bot.store.pages, {}
    assert pages
    for number, name in enumerate(names, 500):
        asked = Conversation(number, "m03", "feishu", f"oc_{name}", name, "", FORMS[name].fields[0].name, now)
        link = Link(number, "m03", "feishu", account, FORM, f"form:{number}", now)
        await house.bot.writer.run(partial(entities.save_all, found=(asked, link)))
        urls[name] = pages.url(link)
    return urls


async def test_every_form_of_the_product_is_a_page_R_LINK(house: House, phone: Visitor) -> None:
    names = [name for name, form in FORMS.items() if not all(field.takes_files for field in form.fields)]
    assert {"deal", "discount", "review_reason"} <= set(names)

    for name, url in (await link_to(house, *names)).items():
        page = await phone.open(url)
        typed = [field for field in FORMS[name].fields if not field.takes_files]
        assert page.status == 200
        assert FORMS[name].title in page.words
        for field in typed:
            assert re.search(rf'<label for="f-{field.name}">{field.label}', page.body), (name, field.name)
            assert re.search(rf'<(input|textarea|select) id="f-{field.name}" name="{field.name}"', page.body)
        assert page.body.count('class="field"') == len(typed)


async def test_choices_long_texts_and_what_may_stay_empty_R_HOLD(house: House, phone: Visitor) -> None:
    url = (await link_to(house, "everything"))["everything"]
    page = await phone.open(url)
    assert "甲 <b>" in page.words
    assert "<b>" not in page.body.split("<main")[1].split("<script")[0]
    assert "说明 （可不填）" in page.words
    assert "凭证" not in page.words

    wrong = await phone.fill(url, page, kind="c", words="第一行\r\n第二行", short="四个字啊")
    assert wrong.status == 422
    assert "选一个就行：甲 <b>、乙。" in wrong.words
    assert "短的最多 3 个字，短一点再说一遍。" in wrong.words
    assert "\n第一行\n第二行</textarea>" in wrong.body

    chosen = await phone.fill(url, wrong, kind="乙", short="四个字啊")
    assert '<option value="b" selected>' in chosen.body
    done = await phone.fill(url, chosen, kind="乙", words="", short="三个字")
    assert done.words.startswith("什么都有 kind=b · short=三个字")


async def test_end_that_says_no_leaves_the_form_filled_in_under_its_words_R_HOLD(
    house: House, phone: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(ctx: Context, form: Conversation) -> Reply | None:
        raise Refusal("R-HOLD", "现在办不了，下午再交。")

    url = (await link_to(house, "everything"))["everything"]
    page = await phone.open(url)
    end = FINISHED["everything"]
    monkeypatch.setitem(FINISHED, "everything", refuses)
    told = await phone.fill(url, page, kind="b", short="好")
    assert told.words.startswith("什么都有 现在办不了，下午再交。 类型")
    assert told.value("short") == "好"
    assert '<option value="b" selected>' in told.body

    monkeypatch.setitem(FINISHED, "everything", end)
    assert "kind=b · short=好" in (await phone.fill(url, told, kind="b", short="好")).words


async def test_field_nobody_asked_for_is_no_answer(house: House, phone: Visitor) -> None:
    url = (await link_to(house, "everything"))["everything"]
    page = await phone.open(url)
    done = await phone.fill(url, page, kind="a", short="好", member_id="m01", file="x", stamp="0", form="1")

    assert done.words.startswith("什么都有 kind=a · short=好")


async def test_form_goes_to_the_handlers_as_its_own_button_R_LINK(house: House, phone: Visitor) -> None:
    seen: list[Event] = []
    parse = house.bot.worker._parse

    def parsed(inbound: Inbound) -> Event | None:
        event = parse(inbound)
        if event:
            seen.append(event)
        return event

    house.bot.worker._parse = parsed
    url = (await link_to(house, "everything"))["everything"]
    page = await phone.open(url)
    await phone.fill(url, page, kind="a", short="好")

    [click] = [event for event in seen if isinstance(event, Clicked)]
    assert (click.action, click.subject) == ("form.submit", "form:500")
    assert dict(click.values) == {"kind": "a", "words": "", "short": "好"}
