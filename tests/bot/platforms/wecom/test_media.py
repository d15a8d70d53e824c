"""Files up and down, by media id and by the smart bot's addresses; no host but the vendor's is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp import web
from wechatpy.enterprise import crypto  # type: ignore[import-untyped]  # wechatpy has no types
from yarl import URL

from bot.platforms.base import Gone, Malformed, NotAllowed, RetryLater, TooLarge
from bot.platforms.wecom.crypto import aes_bytes
from bot.platforms.wecom.media import CHUNK_BYTES, is_vendors
from tests.bot.platforms.wecom.helpers import KEYS, calling, error

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
ENCRYPTED_WITH = "K" * 42 + "A"


def attachment(content: bytes, name: str = "evidence.png", *, status: int = 200, **headers: str) -> web.Response:
    given = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": "application/octet-stream"}
    return web.Response(body=content, status=status, headers={**given, **headers})


def encrypted(content: bytes, key: str) -> bytes:
    size = 32 - len(content) % 32
    sealed: bytes = crypto.PrpCrypto(aes_bytes(key)).cipher.encrypt(content + bytes([size]) * size)
    return sealed


async def test_upload_carries_the_chinese_name_as_it_is() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("POST /media/upload", {"errcode": 0, "errmsg": "", "media_id": "M1", "created_at": "1380000000"})
        key = await wecom.upload(PNG, name='证"据\r\n.png', kind="image")

    (call,) = vendor.seen("POST /media/upload")
    assert (key, call.query["type"]) == ("M1", "image")
    assert 'name="media"; filename="证据 .png"'.encode() in call.raw
    assert PNG in call.raw


async def test_upload_is_whole_again_after_a_new_token() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("POST /media/upload", error(42001), {"errcode": 0, "media_id": "M1"})
        await wecom.upload(PNG, name="a.png", kind="image")

    first, second = vendor.seen("POST /media/upload")
    assert PNG in first.raw
    assert PNG in second.raw


@pytest.mark.parametrize(
    ("size", "kind", "error"),
    [
        (0, "file", Malformed),
        (5, "image", Malformed),
        ((10 << 20) + 1, "image", TooLarge),
        ((20 << 20) + 1, "x", TooLarge),
    ],
)
async def test_upload_beyond_the_limits_is_not_tried(size: int, kind: str, error: type[Exception]) -> None:
    async with calling() as (wecom, vendor):
        with pytest.raises(error):
            await wecom.upload(b"x" * size, name="a", kind=kind)

    assert vendor.calls == []


async def test_upload_without_media_id_is_tried_again_later() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("POST /media/upload", {"errcode": 0})
        with pytest.raises(RetryLater):
            await wecom.upload(PNG, name="a.png", kind="image")


async def test_file_is_downloaded_with_its_cleaned_name() -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /media/get", lambda *_: attachment(PNG, "../..\\x\u202e.png"))
        got = await wecom.download("7", "M1", kind="image")

    assert (got.content, got.name) == (PNG, "x.png")
    assert vendor.seen("GET /media/get")[0].query["media_id"] == "M1"


@pytest.mark.parametrize(("code", "kind"), [(40007, Gone), (40014, NotAllowed), (-1, RetryLater)])
async def test_error_in_place_of_a_file_is_an_error(code: int, kind: type[Exception]) -> None:
    async with calling() as (wecom, vendor):
        vendor.on("GET /media/get", error(code))
        with pytest.raises(kind):
            await wecom.download("7", "M1", kind="image")


async def test_large_file_comes_in_parts() -> None:
    content = bytes(range(256)) * (70_000)
    ranges = []

    def part(request: web.Request, _: bytes) -> web.Response:
        wanted = request.headers.get("Range", "")
        ranges.append(wanted)
        if not wanted:
            return web.json_response(error(830002))
        first, last = (int(each) for each in wanted.removeprefix("bytes=").split("-"))
        found = content[first : last + 1]
        where = f"bytes {first}-{first + len(found) - 1}/{len(content)}"
        return attachment(found, "video.mp4", status=206, **{"Content-Range": where})

    async with calling() as (wecom, vendor):
        vendor.on("GET /media/get", part)
        got = await wecom.download("7", "M1", kind="video")

    assert got.content == content
    assert ranges == ["", f"bytes=0-{CHUNK_BYTES - 1}", f"bytes={CHUNK_BYTES}-{2 * CHUNK_BYTES - 1}"]


@pytest.mark.parametrize("where", ["", "bytes 5-9/10", "bytes x", "bytes 0-9/99999999999"])
async def test_part_that_is_none_is_refused(where: str) -> None:
    def part(request: web.Request, _: bytes) -> web.Response:
        if "Range" not in request.headers:
            return web.json_response(error(830002))
        return attachment(b"x" * 10, status=206, **{"Content-Range": where})

    async with calling() as (wecom, vendor):
        vendor.on("GET /media/get", part)
        with pytest.raises((RetryLater, TooLarge)):
            await wecom.download("7", "M1", kind="video")


async def test_smart_bots_file_is_opened_with_the_bots_key_or_its_own() -> None:
    content = b"%PDF-1.7 " * 50
    async with calling() as (wecom, vendor):
        vendor.on("GET /files/a", lambda *_: attachment(encrypted(content, KEYS.bot_aes_key), "合同.pdf"))
        vendor.on("GET /files/b", lambda *_: attachment(encrypted(content, ENCRYPTED_WITH), ""))
        address = vendor.base + "/cgi-bin/files/"
        named = await wecom.download("rc:x", address + "a?sign=1", kind="file")
        other = await wecom.download("req:x", f"{address}b#{ENCRYPTED_WITH}", kind="file")
        with pytest.raises(Malformed):
            await wecom.download("req:x", address + "b", kind="file")

    assert (named.content, other.content) == (content, content)
    assert (named.name, other.name) == ("合同.pdf", "")
    assert "access_token" not in str(vendor.calls)


@pytest.mark.parametrize("status", [302, 403, 404, 500])
async def test_smart_bots_file_that_is_not_there_is_no_file(status: int) -> None:
    async with calling() as (wecom, vendor):
        headers = {"Location": vendor.base + "/cgi-bin/files/b"}
        vendor.on("GET /files/a", lambda *_: web.Response(status=status, headers=headers))
        with pytest.raises((Gone, RetryLater)):
            await wecom.download("rc:x", vendor.base + "/cgi-bin/files/a", kind="file")

    assert vendor.seen("GET /files/b") == []


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://qyapi.weixin.qq.com/x", True),
        ("http://qyapi.weixin.qq.com/x", False),
        ("https://ww-aibot-img-1258476243.cos.ap-guangzhou.myqcloud.com/x?sign=1", True),
        ("http://ww-aibot-img-1258476243.cos.ap-guangzhou.myqcloud.com/x", False),
        ("https://evil-1258476243.cos.ap-guangzhou.myqcloud.com/x", False),
        ("https://qyapi.weixin.qq.com.evil.cn/x", False),
        ("https://evil.cn/?x=.weixin.qq.com", False),
        ("https://qyapi.weixin.qq.com:8443/x", False),
        ("https://user@qyapi.weixin.qq.com/x", False),
        ("https://169.254.169.254/latest", False),
        ("http://127.0.0.1:8081/metrics", False),
        ("https:///x", False),
    ],
)
async def test_only_the_vendors_hosts_are_asked(address: str, allowed: bool) -> None:
    keys = replace(KEYS, api_base="https://qyapi.weixin.qq.com")
    assert is_vendors(URL(address), keys) is allowed
    if not allowed:
        async with calling() as (wecom, vendor):
            with pytest.raises((NotAllowed, Malformed)):
                await wecom.download("rc:x", address, kind="file")
        assert vendor.calls == []
