"""Files that come by a page: kept by their hash, named as text, within limits; whatever else comes breaks nothing."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from yarl import URL

from checks import look
from storage.files import path_of
from tests.support.files import pdf, photo
from tests.support.house import House
from tests.support.pages import Answer, Visitor, link_of, public_house, visitor
from web import upload
from web.upload import plain_name

JPEG = "image/jpeg"


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """With a public address."""
    async with public_house(monkeypatch, tmp_path) as opened:
        yield opened


@pytest.fixture
async def phone(house: House) -> AsyncIterator[Visitor]:
    """李雷's."""
    async with visitor(house) as opened:
        yield opened


async def page_of(house: House, phone: Visitor, line: str = "传文件") -> tuple[str, Answer]:
    """The address and the opened page."""
    url = await link_of(house.person("李雷"), line)
    return url, await phone.open(url)


def submitted(house: House) -> list[tuple[Any, ...]]:
    """Name, type, hash and state of every file that became a submission."""
    with house.bot.store.snapshot() as conn:
        rows = conn.execute(text("SELECT name, kind, sha, platform, text FROM submissions ORDER BY id"))
        return [tuple(row) for row in rows]


def kept(house: House) -> list[bytes]:
    """Every original on disk."""
    folder = house.bot.settings.data_dir / "files"
    return sorted(file.read_bytes() for file in folder.rglob("*") if file.is_file()) if folder.exists() else []


def test_limit_is_the_one_of_evidence_R_EVD_2() -> None:
    assert upload.MOST_BYTES == look.MOST_BYTES


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\合同.pdf", "合同.pdf"),
        ("a\x00b\r\n.jpg", "ab .jpg"),
        ("ＡＢ 檔案\u200b.pdf", "ＡＢ 檔案.pdf"),
        ("..", ""),
        ("/", ""),
        ("", ""),
        ("\u202egpj.exe", "gpj.exe"),
        ("=HYPERLINK(1).pdf", "=HYPERLINK(1).pdf"),
        ("长" * 300 + ".pdf", "长" * 91 + "…" + "长" * 4 + ".pdf"),
    ],
)
def test_name_is_a_label_and_never_a_place_R_EVD_1(given_name: str, name: str) -> None:
    assert plain_name(given_name) == name


@given(st.text(max_size=400))
def test_any_name_becomes_a_short_line_of_text(name: str) -> None:
    plain = plain_name(name)

    assert len(plain) <= upload.NAME_CHARS
    assert not set(plain) & set("/\\\x00\n\r\x7f")


async def test_files_become_submissions_as_if_sent_in_chat_R_LINK_R_EVD_1(house: House, phone: Visitor) -> None:
    url, page = await page_of(house, phone)
    one, two = photo(), pdf(note="纪要")
    done = await phone.upload(url, page, ("IMG_1.jpg", one, JPEG), ("纪要.pdf", two, "application/pdf"))

    assert done.words.startswith("传文件 收到，正在看")
    assert [row[:4] for row in submitted(house)] == [
        ("IMG_1.jpg", "jpeg", hashlib.sha256(one).hexdigest(), "feishu"),
        ("纪要.pdf", "pdf", hashlib.sha256(two).hexdigest(), "feishu"),
    ]
    folder = house.bot.settings.data_dir / "files"
    assert path_of(folder, submitted(house)[1][2]).read_bytes() == two
    assert await house.calls("/resources/") == []


async def test_link_for_a_deal_begins_the_line_and_the_file_finds_it_R_LINK_R_EVD_1(
    house: House, phone: Visitor
) -> None:
    rep = house.person("李雷")
    url, page = await page_of(house, phone, "传文件 39")
    assert page.value("text") == "#39 "

    await phone.upload(url, page, ("a.jpg", photo(), JPEG), text="#39 会议纪要")
    assert submitted(house)[0][4] == "#39 会议纪要"
    assert "会议纪要" in await rep.last()
    assert "#39" in await rep.last()


async def test_open_ear_takes_the_file_of_the_page_R_HOLD(house: House, phone: Visitor) -> None:
    url, page = await page_of(house, phone, "打开 传凭证 39 会议纪要")
    assert page.value("text").startswith("#39 会议纪要")
    await phone.upload(url, page, ("a.jpg", photo(), JPEG))

    with house.bot.store.snapshot() as conn:
        requirement, state = conn.execute(text("SELECT requirement_id, state FROM submissions")).one()
        ear = conn.execute(text("SELECT state FROM conversations WHERE form = 'evidence'")).scalar()
    assert requirement.startswith("39:")
    assert (state, ear) == ("waiting", "done")


async def test_link_for_a_deal_out_of_sight_is_not_made_R_PPL_2(house: House) -> None:
    other = house.person("韩梅梅")
    await other.says("传文件 39")

    assert "看不了" in await other.last()
    assert "/p/" not in await other.last()


async def test_wrong_content_is_told_by_the_checks_whatever_its_name_R_EVD_2(house: House, phone: Visitor) -> None:
    url, page = await page_of(house, phone)
    await phone.upload(url, page, ("photo.jpg", b"MZ\x90\x00 not a picture", JPEG))

    assert "这种我不认" in await house.person("李雷").last()


async def test_too_large_empty_and_too_many_are_named_and_the_rest_goes_R_EVD_2(house: House, phone: Visitor) -> None:
    url, page = await page_of(house, phone)
    large = b"\xff\xd8\xff" + b"0" * upload.MOST_BYTES
    good = [(f"{n}.jpg", photo(size=(64 + n, 64)), JPEG) for n in range(10)]
    done = await phone.upload(
        url, page, ("大.jpg", large, JPEG), ("空.jpg", b"", JPEG), *good, ("多.jpg", photo(), JPEG)
    )

    assert "没收：大.jpg：20.0 MB，最多 20 MB，压一下再发。" in done.words
    assert "没收：空.jpg：0 字节，请重新发一份。" in done.words
    assert "没收：多.jpg：一次最多 10 个，下次传。" in done.words
    assert len(submitted(house)) == len(kept(house)) == 10


async def test_nothing_that_can_be_taken_is_said_under_the_field_and_the_line_is_kept(
    house: House, phone: Visitor
) -> None:
    url, page = await page_of(house, phone)
    none = await phone.upload(url, page, ("", b"", "application/octet-stream"), text="17 纪要")
    assert (none.status, none.value("text")) == (422, "17 纪要")
    assert upload.NOTHING in none.words

    empty = await phone.upload(url, none, ("<b>.pdf", b"", JPEG))
    assert "<b>.pdf：0 字节，请重新发一份。" in empty.words
    assert "<b>" not in empty.body
    assert submitted(house) == []


async def test_same_sending_twice_is_one_submission_R_LINK(house: House, phone: Visitor) -> None:
    url, page = await page_of(house, phone)
    for _ in range(2):
        done = await phone.upload(url, page, ("a.jpg", photo(), JPEG))
        assert done.status == 200

    assert len(submitted(house)) == 1


@pytest.mark.parametrize("fields", [["file"], ["file", "csrf"], ["text", "file"], ["wrong", "file"], []], ids=str)
async def test_faked_upload_keeps_no_byte_R_LINK(house: House, phone: Visitor, fields: list[str]) -> None:
    url, page = await page_of(house, phone)
    parts = {
        "file": b'name="file"; filename="a.jpg"\r\n\r\n' + photo(),
        "csrf": b'name="csrf"\r\n\r\n' + page.hidden("csrf").encode(),
        "wrong": b'name="csrf"\r\n\r\n' + b"0" * 32,
        "text": b'name="text"\r\n\r\n17',
    }
    body = (
        b"".join(b"--x\r\nContent-Disposition: form-data; " + parts[name] + b"\r\n" for name in fields) + b"--x--\r\n"
    )
    faked = await phone.post(url, body, headers={"Content-Type": "multipart/form-data; boundary=x"})

    assert faked.status == 403
    assert (submitted(house), kept(house)) == ([], [])


FORM = "multipart/form-data; boundary=x"
HEAD = b"--x\r\nContent-Disposition: form-data; "


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the parser's own word on a bad header
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data"),
        (b"garbage", FORM),
        (b"--x\r\n", FORM),
        (b"--x\r\nno header at all\r\n\r\nx\r\n--x--", FORM),
        (HEAD + b"name=\"csrf\"\r\n\r\nnever ended", FORM),
        (HEAD + b"\r\n\r\n\r\n--x--", FORM),
        (HEAD + b"name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--", FORM),
        (HEAD + b"name=\"a\"\r\nContent-Encoding: gzip\r\n\r\n!!!\r\n--x--", FORM),
        (b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n--x--", FORM),
        (b"--" + b"y" * 200 + b"\r\n", "multipart/form-data; boundary=" + "y" * 200),
        (HEAD + b"name=\"csrf\"; name*=utf-9''%ff\r\n\r\n\r\n--x--", FORM),
        (HEAD + b"a: b\r\n" * 20_000, FORM),
        (b"x", "text/plain"),
    ],
    ids=range(13),
)  # fmt: skip
async def test_body_that_is_no_upload_is_refused_and_the_page_still_works(
    house: House, phone: Visitor, body: bytes, kind: str
) -> None:
    url, page = await page_of(house, phone)
    got = await phone.post(url, body, headers={"Content-Type": kind})

    assert got.status in (400, 403, 413)
    assert "Content-Security-Policy" in got.headers
    assert (await phone.upload(url, page, ("a.jpg", photo(), JPEG))).status == 200


@pytest.mark.parametrize("chunked", [False, True])
async def test_more_than_one_page_may_send_is_stopped_R_EVD_2(
    house: House, phone: Visitor, monkeypatch: pytest.MonkeyPatch, chunked: bool
) -> None:
    monkeypatch.setattr(upload, "MOST_TOTAL", 300_000)
    url, page = await page_of(house, phone)
    start = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + page.hidden("csrf").encode()
    start += b'\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'

    async def pieces() -> AsyncIterator[bytes]:
        yield start
        for _ in range(10):
            yield b"0" * 50_000
        yield b"\r\n--x--\r\n"

    body = pieces() if chunked else b"".join([piece async for piece in pieces()])
    got = await phone.post(url, body, headers={"Content-Type": "multipart/form-data; boundary=x"})

    assert (got.status, upload.TOO_MUCH in got.words) == (413, True)
    assert kept(house) == []


async def test_line_longer_than_a_page_has_room_for_is_stopped(house: House, phone: Visitor) -> None:
    url, page = await page_of(house, phone)

    got = await phone.upload(url, page, ("a.jpg", photo(), JPEG), text="长" * 5000)
    assert got.status == 413
    assert submitted(house) == []


async def test_deal_that_is_out_of_sight_by_now_is_not_named_R_PPL_2(house: House, phone: Visitor) -> None:
    url, page = await page_of(house, phone, "传文件 39")
    await house.bot.writer.run(lambda conn: conn.execute(text("UPDATE deals SET owner_id = 'm04' WHERE id = 39")))

    assert page.value("text") == "#39 "
    assert (await phone.get(url)).value("text") == ""


async def test_upload_after_the_page_has_expired_keeps_nothing_R_LINK(house: House, phone: Visitor) -> None:
    url, page = await page_of(house, phone)
    await house.later("9h")

    late = await phone.upload(url, page, ("a.jpg", photo(), JPEG))
    assert (late.status, "回聊天说「传文件」" in late.words) == (410, True)
    assert kept(house) == []


async def test_connection_that_breaks_in_the_middle_keeps_nothing_and_is_no_fault_of_ours(
    house: House, phone: Visitor
) -> None:
    url, page = await page_of(house, phone)
    [cookie] = [each for each in phone.http.cookie_jar if each.key == "page"]
    here = URL(phone.here(url))
    body = HEAD + b'name="csrf"\r\n\r\n' + page.hidden("csrf").encode() + b"\r\n"
    body += HEAD + b'name="file"; filename="a.jpg"\r\n\r\n' + photo()[:500]
    _, writer = await asyncio.open_connection(here.host, here.port)
    head = f"POST {here.path} HTTP/1.1\r\nHost: x\r\nCookie: page={cookie.value}\r\nContent-Type: {FORM}\r\n"
    writer.write(f"{head}Content-Length: 100000\r\n\r\n".encode() + body)
    await writer.drain()
    assert (await phone.get(url)).status == 200
    with structlog.testing.capture_logs() as logs:
        writer.close()
        await writer.wait_closed()
        for _ in range(20):
            assert (await phone.get(url)).status == 200

    assert (submitted(house), kept(house), logs) == ([], [], [])
