"""Pages under attack and at their edges: forged, expired, replayed, somebody else's, faked, too much. R-LINK."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from yarl import URL

from bot.intake import Intake
from bot.platforms.base import Accepted
from sales.links import FORM, Link
from sales.people import Member
from storage import entities
from storage.inbox import Inbound
from storage.types import from_us
from tests.support.files import photo
from tests.support.house import House, open_house
from tests.support.pages import PUBLIC, Answer, Visitor, link_of, public_house, visitor
from tests.support.stores import sqlite_url
from web import answers

EXPIRED = "链接过期了。回聊天说「打开」，马上给你新的。"
NO_RIGHT = "这页你现在看不了。要看，回聊天说「授权」，我去问负责人。"
DEAL = {"customer": "华东医疗", "product": "CT机", "amount": "120万"}


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """With a public address."""
    async with public_house(monkeypatch, tmp_path) as opened:
        yield opened


@pytest.fixture
async def phone(house: House) -> AsyncIterator[Visitor]:
    """The browser of whoever was sent the link."""
    async with visitor(house) as opened:
        yield opened


@pytest.fixture
async def other(house: House) -> AsyncIterator[Visitor]:
    """Somebody else's browser, which has got hold of the address."""
    async with visitor(house) as opened:
        yield opened


def is_sealed(answer: Answer) -> bool:
    """No script but ours, kept nowhere, framed by nobody, told to nobody: true of every answer below /p/."""
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", policy["script-src"])
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return len(answer.body.encode()) < 60_000


async def deals(house: House) -> str:
    """李雷's deals, in the bot's words."""
    rep = house.person("李雷")
    await rep.says("我的商机")
    return await rep.last()


async def link_made(house: House, subject: str, *, member: str = "m03", purpose: str = FORM) -> str:
    """A link as the bot would make it, whatever it is for."""
    rep = house.person("李雷")
    await rep.says("你好")
    with house.bot.store.snapshot() as conn:
        account = conn.execute(text("SELECT account FROM accounts WHERE member_id = 'm03'")).scalar_one()
    link = Link(900, member, "feishu", account, purpose, subject, from_us(house.clock.business_us()))
    await house.bot.writer.run(lambda conn: entities.save(conn, link))
    assert house.bot.store.pages
    return house.bot.store.pages.url(link)


async def test_looking_at_a_link_uses_nothing_up_R_LINK(house: House, phone: Visitor, other: Visitor) -> None:
    url = await link_of(house.person("李雷"), "打开 录单")
    for _ in range(3):
        seen = await other.get(url)
        async with other.http.head(other.here(url)) as answer:
            assert answer.status == 200
        other.http.cookie_jar.clear()

    assert seen.words == "打开这一页 这个链接只给收到它的人用，只能在一台设备上打开。 打开"
    assert "李雷" not in seen.body
    assert "客户" in (await phone.open(url)).words


@pytest.mark.parametrize(
    "path",
    [
        "", "8", "1", "900-" + "0" * 32, "1-" + "0" * 32, "1-" + "g" * 32, "../healthz", "..%2fhealthz", "a/b/c", "%00",
        "%2e%2e/%2e%2e/key", "%ff%fe", "1-%F0%9F%98%80", "x" * 4000, "<script>alert(1)</script>", "{{7*7}}", "page.css",
    ],
)  # fmt: skip
async def test_forged_address_is_an_expired_link_and_nothing_else_R_LINK(phone: Visitor, path: str) -> None:
    for method in ("GET", "POST"):
        async with phone.http.request(method, URL(f"{phone.base}/p/{path}", encoded=True), data=b"") as answer:
            got = Answer(answer.status, answer.headers, await answer.text())
        assert (got.status, got.words) == (410, f"链接过期了 {EXPIRED}")
        assert is_sealed(got)


async def test_link_of_another_key_file_is_expired_R_LINK(house: House, phone: Visitor) -> None:
    url = await link_of(house.person("李雷"), "打开 录单")
    forged = url[:-1] + ("0" if url[-1] != "0" else "1")

    assert (await phone.get(forged)).words == f"链接过期了 {EXPIRED}"


async def test_link_dies_after_fifteen_minutes_and_says_how_to_get_a_fresh_one_R_LINK(
    house: House, phone: Visitor
) -> None:
    rep = house.person("李雷")
    url, late = await link_of(rep, "打开 录单"), await link_of(rep, "传文件")
    await house.later("14m")
    assert (await phone.get(url)).status == 200
    await house.later("2m")

    shown = await phone.get(late)
    assert (shown.status, shown.words) == (410, "链接过期了 链接过期了。回聊天说「传文件」，马上给你新的。")
    assert await link_of(rep, "传文件") != late


async def test_used_link_opens_in_no_other_browser_and_eight_hours_in_its_own_R_LINK(
    house: House, phone: Visitor, other: Visitor
) -> None:
    url = await link_of(house.person("李雷"), "打开 录单")
    theirs = await other.get(url)
    await phone.open(url)

    for tried in (await other.get(url), await other.post(url, {"csrf": theirs.hidden("csrf")})):
        assert (tried.status, tried.words) == (410, f"链接过期了 {EXPIRED}")
    await house.later("7h")
    assert "客户" in (await phone.get(url)).words
    await house.later("2h")
    assert (await phone.get(url)).status == 410


async def test_button_pressed_twice_opens_and_of_two_browsers_one_gets_the_page_R_LINK(
    house: House, phone: Visitor, other: Visitor
) -> None:
    url = await link_of(house.person("李雷"), "打开 录单")
    mine, theirs = (await phone.get(url)).hidden("csrf"), (await other.get(url)).hidden("csrf")

    pressed = [phone.post(url, {"csrf": mine}), other.post(url, {"csrf": theirs})]
    first, second, again, late = await asyncio.gather(*pressed, *[phone.post(url, {"csrf": mine}), other.get(url)])
    got = [answer.status for answer in (first, again)], second.status
    assert got in (([200, 200], 410), ([410, 410], 200))
    assert late.status in (200, 410)
    assert [(await phone.get(url)).status, (await other.get(url)).status].count(200) == 1


async def test_cookie_of_one_page_opens_no_other_R_LINK(house: House, phone: Visitor, other: Visitor) -> None:
    mine = await link_of(house.person("李雷"), "打开 录单")
    theirs = await link_of(house.person("韩梅梅"), "打开 录单")
    await phone.open(mine)
    await other.open(theirs)
    [cookie] = [each for each in phone.http.cookie_jar if each.key == "page"]

    async with visitor(house) as thief:
        for url, status in ((theirs, 410), (mine, 200)):
            async with thief.http.get(thief.here(url), headers={"Cookie": f"page={cookie.value}"}) as answer:
                assert answer.status == status
    assert cookie["path"] == f"/p/{mine.rpartition('/')[2]}"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["secure"]


async def test_cookie_is_for_encrypted_connections_only_where_the_address_is_R_LINK(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with public_house(monkeypatch, tmp_path, public_url="https://sales.example.com/desk/") as house:
        rep = house.person("李雷")
        await rep.says("打开 录单")
        found = re.search(r"https://sales\.example\.com/desk/p/(\S+)", await rep.last())
        assert found
        async with visitor(house) as phone:
            shown = await phone.get(f"{phone.base}/p/{found[1]}")

    flags = shown.headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "Secure", "SameSite=Lax", f"Path=/desk/p/{found[1]}"} <= set(flags)


@pytest.mark.parametrize("proof", [{}, {"csrf": ""}, {"csrf": "0" * 32}, {"csrf": "é"}], ids=str)
async def test_faked_request_opens_nothing_and_sends_nothing_R_LINK(
    house: House, phone: Visitor, proof: dict[str, str]
) -> None:
    url = await link_of(house.person("李雷"), "打开 录单")
    await phone.get(url)
    faked = await phone.post(url, proof)
    assert (faked.status, "没认出是你点的" in faked.words) == (403, True)

    page = await phone.open(url)
    sent = await phone.post(url, {**DEAL, **proof, "nonce": page.hidden("nonce")})
    await house.quiet()
    assert sent.status == 403
    assert is_sealed(sent)
    assert "华东医疗 · CT机 · 120.00 万" not in await deals(house)


async def test_proof_of_one_page_is_none_of_another_R_LINK(house: House, phone: Visitor) -> None:
    rep = house.person("李雷")
    first, second = await link_of(rep, "打开 录单"), await link_of(rep, "打开 申请")
    proof = (await phone.open(first)).hidden("csrf")
    page = await phone.open(second)

    faked = await phone.post(second, {"csrf": proof, "nonce": page.hidden("nonce"), "deal": "17"})
    assert faked.status == 403


async def test_same_sending_twice_is_one_deal_with_one_answer_R_LINK(house: House, phone: Visitor) -> None:
    url = await link_of(house.person("李雷"), "打开 录单")
    page = await phone.open(url)
    first = await phone.fill(url, page, **DEAL)
    again = await phone.fill(url, page, **DEAL)
    other_sending = await phone.post(url, {"csrf": page.hidden("csrf"), "nonce": "0" * 16, **DEAL})
    with house.bot.store.snapshot() as conn:
        logged = conn.execute(text("SELECT count(*) FROM deals WHERE line LIKE '录单 华东医疗 CT机%'")).scalar()

    assert first.words == again.words
    assert "已录单" in first.words
    assert other_sending.words.startswith("录一单 这张表办过了，不用再点。")
    assert logged == 1
    assert (await phone.get(url)).words == "录一单 这张表办过了，这页可以关了。"


async def test_refusal_is_told_on_the_page_and_only_there_R_LINK(house: House, phone: Visitor) -> None:
    rep = house.person("李雷")
    url = await link_of(rep, "打开 录单")
    page = await phone.open(url)
    await rep.says("取消")
    before = len(await rep.sees())

    told = await phone.fill(url, page, **DEAL)
    assert told.words.startswith("录一单 这张表办过了，不用再点。")
    assert len(await rep.sees()) == before


async def test_fault_stands_under_its_field_and_the_rest_is_kept_R_HOLD(house: House, phone: Visitor) -> None:
    url = await link_of(house.person("李雷"), "打开 录单")
    page = await phone.open(url)

    wrong = await phone.fill(url, page, customer="华东医疗", product="", amount="很多")
    assert wrong.status == 422
    assert wrong.value("customer") == "华东医疗"
    assert wrong.value("amount") == "很多"
    assert "产品 如 CT机 还差产品，如 CT机。" in wrong.words
    assert "金额 如 120万 没看懂这个金额" in wrong.words
    assert re.search(r'name="product"[^>]* autofocus', wrong.body)
    assert wrong.body.count("autofocus") == 1
    assert is_sealed(wrong)


async def test_what_the_end_of_a_form_asks_anew_goes_on_on_the_page_R_HOLD(house: House, phone: Visitor) -> None:
    url = await link_of(house.person("李雷"), "打开 申请")
    page = await phone.open(url)
    told = await phone.fill(url, page, deal="9999", off="让12%", reason="对手报 80 万")
    assert "换个编号回我" in told.words
    assert told.words.endswith("接着填")

    more = await phone.get(url)
    assert more.value("deal") == ""
    assert more.value("off") == "让12%"


async def test_form_page_shows_what_was_answered_in_chat_R_HOLD(house: House, phone: Visitor) -> None:
    rep = house.person("李雷")
    url = await link_of(rep, "打开 录单")
    await rep.says("华东医疗")

    assert (await phone.open(url)).value("customer") == "华东医疗"


async def test_no_right_and_not_there_look_the_same_R_LINK_R_PPL_2(house: House, phone: Visitor) -> None:
    await house.person("韩梅梅").says("录单")  # form 1 is hers
    url = await link_made(house, "form:1")
    proof = (await phone.get(url)).hidden("csrf")
    theirs = await phone.open(url)
    await house.bot.writer.run(lambda conn: conn.execute(text("DELETE FROM conversations")))

    missing = await phone.get(url)
    assert (await phone.post(url, {"csrf": proof, "nonce": "0" * 16})).body == missing.body
    assert (theirs.status, theirs.words) == (404, f"看不了 {NO_RIGHT}")
    assert (missing.status, missing.body) == (theirs.status, theirs.body)


async def test_who_left_or_changed_hands_sees_nothing_any_more_R_LINK_R_PPL_5(house: House, phone: Visitor) -> None:
    url = await link_of(house.person("李雷"), "打开 录单")
    page = await phone.open(url)
    with house.bot.store.snapshot() as conn:
        rep = entities.get(conn, Member, "m03")
    assert rep
    await house.bot.writer.run(lambda conn: entities.save(conn, replace(rep, state="left")))

    for tried in (await phone.get(url), await phone.fill(url, page, **DEAL)):
        assert (tried.status, tried.words) == (404, f"看不了 {NO_RIGHT}")


async def test_link_made_for_another_member_of_the_account_shows_nothing_R_PPL_2(house: House, phone: Visitor) -> None:
    url = await link_made(house, "form:1", member="m01")

    assert (await phone.get(url)).words == f"看不了 {NO_RIGHT}"


async def test_typed_values_are_shown_once_more_when_the_page_has_expired_R_LINK(house: House, phone: Visitor) -> None:
    url = await link_of(house.person("李雷"), "打开 录单")
    page = await phone.open(url)
    await house.later("9h")

    late = await phone.fill(url, page, customer="<b>华东</b>", product="CT机", amount="")
    assert late.status == 410
    assert late.words.endswith("你填的 <b>华东</b> CT机")
    assert "<b>华东" not in late.body


async def test_markup_and_formulas_from_people_are_text_R_LINK(house: House, phone: Visitor) -> None:
    hostile = '=cmd|"x"</textarea><script>alert(1)</script>{{7*7}}'
    url = await link_of(house.person("李雷"), "打开 录单")
    page = await phone.open(url)
    wrong = await phone.fill(url, page, customer=hostile, product=hostile, amount="很多")
    assert wrong.value("customer") == hostile
    done = await phone.fill(url, wrong, customer=hostile, product="CT机", amount="120万")

    for shown in (wrong, done):
        assert shown.body.count("<script>") == 1
        assert "alert(1)</script>" not in shown.body
    assert "{{7*7}}" in done.words


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x=" + b"a" * (2 << 20), "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a%d=1" % n for n in range(500)), "application/x-www-form-urlencoded", 400),
        (b"csrf=%ff%00&customer=%F0%28", "application/x-www-form-urlencoded", 403),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded; charset=nothing-known", 403),
        (b"{}", "application/json", 403),
        (b"--x--", "multipart/form-data; boundary=x", 403),
        (b"", "", 403),
    ],
    ids=["2 MB", "500 fields", "no text", "no charset", "JSON", "files", "nothing"],
)
async def test_body_that_is_no_form_of_ours_has_no_effect_R_LINK(
    house: House, phone: Visitor, body: bytes, kind: str, status: int
) -> None:
    url = await link_of(house.person("李雷"), "打开 录单")
    await phone.get(url)
    headers = {"Content-Type": kind} if kind else {}

    got = await phone.post(url, io.BytesIO(body), headers=headers)
    assert got.status == status
    assert is_sealed(got)
    assert (await phone.open(url)).status == 200


async def test_every_page_is_small_and_sealed_R_LINK(house: House, phone: Visitor) -> None:
    rep = house.person("李雷")
    url, files = await link_of(rep, "打开 录单"), await link_of(rep, "传文件")
    shown = [await phone.get(url), await phone.open(url), await phone.open(files)]
    shown += [
        await phone.fill(url, shown[1], **DEAL),
        await phone.upload(files, shown[2], ("a.jpg", photo(), "image/jpeg")),
    ]
    async with phone.http.post(
        phone.here(url), data={"csrf": shown[1].hidden("csrf")}, allow_redirects=False
    ) as answer:
        shown.append(Answer(answer.status, answer.headers, await answer.text()))

    assert [page.status for page in shown] == [200, 200, 200, 200, 200, 303]
    assert all(is_sealed(page) for page in shown)


async def test_reply_that_is_late_comes_in_chat_and_the_page_says_so_R_LINK(
    house: House, phone: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "ANSWER_MS", 1)
    monkeypatch.setattr(house.bot.worker, "_handle", slow(house.bot.worker._handle))
    rep = house.person("李雷")
    url = await link_of(rep, "打开 录单")
    page = await phone.open(url)

    told = await phone.fill(url, page, **DEAL)
    assert told.words == f"录一单 {answers.LATE}"
    assert "已录单" in await rep.last()


def slow(handle: Any) -> Any:
    """The same, a little later: a machine that is busy."""
    from threading import Event

    def later(claim: Any) -> Any:
        Event().wait(0.2)
        return handle(claim)

    return later


async def test_fault_of_ours_keeps_what_was_typed_and_can_be_tried_again_R_LINK(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [True]
    accept = Intake.accept

    async def breaks(self: Intake, inbound: Inbound) -> Accepted:
        if inbound.kind == "page" and broken:
            raise OSError(broken.pop())
        return await accept(self, inbound)

    monkeypatch.setattr(Intake, "accept", breaks)
    async with public_house(monkeypatch, tmp_path) as house, visitor(house) as phone:
        url = await link_of(house.person("李雷"), "打开 录单")
        page = await phone.open(url)
        failed = await phone.fill(url, page, **DEAL)
        assert failed.status == 503
        assert re.fullmatch(r"没取到 没取到数据，你填的都在。（编号 [0-9a-f]{4}） 再试", failed.words)

        kept = {name: failed.hidden(name) for name in ("csrf", "nonce", *DEAL)}
        assert "已录单" in (await phone.post(url, kept)).words


async def test_without_a_public_address_there_are_no_pages_R_LINK(tmp_path: Path) -> None:
    async with open_house(sqlite_url(tmp_path), tmp_path) as house, visitor(house) as phone:
        rep = house.person("李雷")
        for line in ("传文件", "打开 录单", "打开"):
            await rep.says(line)
            assert (await rep.last()).startswith("这里没有网页可开，在聊天里办就行")
            assert PUBLIC not in await rep.last()

        assert (await phone.get(f"{phone.base}/p/1-{'0' * 32}")).status == 404
