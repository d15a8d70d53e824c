"""A house with a public address, and browsers that open its pages, each with cookies of its own."""

from __future__ import annotations

import contextlib
import html
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.house import House, Person, open_house
from tests.support.stores import sqlite_url

PUBLIC = "http://pages.test"
KINDS = ("teams", "members", "customers", "deals")


@dataclass(slots=True)
class Answer:
    """One answer: status, headers, the document, and its words."""

    status: int
    headers: Any
    body: str

    @property
    def words(self) -> str:
        """What a person reads in the main part."""
        main = self.body.split("<main", 1)[-1].split("</main>")[0]
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main.partition(">")[2])).split())

    def hidden(self, name: str) -> str:
        """The value of a hidden field."""
        found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', self.body)
        assert found, (name, self.words)
        return html.unescape(found[1])

    def value(self, name: str) -> str:
        """What stands in a line of text."""
        found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', self.body)
        assert found, (name, self.words)
        return html.unescape(found[1])


class Visitor:
    """A browser without script: follows no link by itself, keeps cookies, sends forms as the page has them."""

    def __init__(self, house: House) -> None:
        self.base = house.callback.removesuffix("/callback/feishu")
        self.house = house
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def get(self, url: str) -> Answer:
        """What the address shows."""
        async with self.http.get(self.here(url)) as answer:
            return Answer(answer.status, answer.headers, await answer.text())

    async def post(self, url: str, data: Any, **more: Any) -> Answer:
        """What sending shows, after a redirect to the page itself."""
        async with self.http.post(self.here(url), data=data, **more) as answer:
            return Answer(answer.status, answer.headers, await answer.text())

    async def open(self, url: str) -> Answer:
        """The link followed and its one button pressed."""
        shown = await self.get(url)
        assert shown.status == 200, shown.words
        return await self.post(url, {"csrf": shown.hidden("csrf")})

    async def fill(self, url: str, page: Answer, **values: str) -> Answer:
        """The form on this page, filled in and sent."""
        done = await self.post(url, {"csrf": page.hidden("csrf"), "nonce": page.hidden("nonce"), **values})
        await self.house.quiet()
        return done

    async def upload(self, url: str, page: Answer, *files: tuple[str, bytes, str], text: str = "") -> Answer:
        """Files as (name, bytes, type), sent by the page's form."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("csrf", page.hidden("csrf"))
        form.add_field("nonce", page.hidden("nonce"))
        form.add_field("text", text or page.value("text"))
        for name, content, kind in files:
            form.add_field("file", io.BytesIO(content), filename=name, content_type=kind)
        done = await self.post(url, form)
        await self.house.quiet()
        return done

    def here(self, url: str) -> str:
        """The address of this test's server instead of the public one."""
        return self.base + url.removeprefix(PUBLIC) if url.startswith(PUBLIC) else url


def link_in(text: str) -> str:
    """The one link in a message."""
    [found] = re.findall(rf"{PUBLIC}/p/\S+", text)
    return str(found)


async def link_of(person: Person, line: str) -> str:
    """The link that a typed line is answered with."""
    await person.says(line)
    return link_in(await person.last())


@contextlib.asynccontextmanager
async def public_house(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *, public_url: str = PUBLIC, store: str = "", **more: Any
) -> AsyncIterator[House]:
    """The house with DEALDESK_PUBLIC_URL set, on SQLite unless `store` says where."""
    monkeypatch.setenv("DEALDESK_PUBLIC_URL", public_url)
    async with open_house(store or sqlite_url(folder), folder, **{"kinds": KINDS, **more}) as house:
        yield house


@contextlib.asynccontextmanager
async def visitor(house: House) -> AsyncIterator[Visitor]:
    """One more browser."""
    opened = Visitor(house)
    try:
        yield opened
    finally:
        await opened.http.close()
