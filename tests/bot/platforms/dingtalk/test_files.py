"""Uploads and downloads: sizes, names, and addresses that lead into our own network."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.base import Gone, Malformed, NotAllowed, RetryLater, TooLarge
from bot.platforms.dingtalk.files import DOWNLOAD_BYTES, FILE_BYTES, VOICE_BYTES, Outside, is_public
from tests.bot.platforms.dingtalk.helpers import Meter, Vendor, calling, vendor

DOWNLOAD = "POST /v1.0/robot/messageFiles/download"
UPLOAD = "POST /oapi/media/upload"


@pytest.fixture
async def fake() -> AsyncIterator[Vendor]:
    async with vendor() as running:
        running.on(DOWNLOAD, {"downloadUrl": f"{running.base}/files/1?Expires=1"})
        running.on("GET /files/1", lambda *_: web.Response(body=b"\xff\xd8photo"))
        running.on(UPLOAD, {"errcode": 0, "media_id": "@lADP1", "type": "image"})
        yield running


async def test_file_is_fetched_without_the_token(fake: Vendor) -> None:
    async with calling(fake.keys) as dingtalk:
        got = await dingtalk.download("msg1", "code/+=", kind="image")

    assert (got.content, got.name) == (b"\xff\xd8photo", "")
    assert fake.seen(DOWNLOAD)[0].json == {"downloadCode": "code/+=", "robotCode": "dingsimappkey"}
    headers = {name.lower() for name in fake.seen("GET /files/1")[0].headers}
    assert not headers & {"x-acs-dingtalk-access-token", "authorization", "cookie"}


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/x",
        "https://127.0.0.1/x",
        "https://10.0.0.8/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "http://files.example.com/x",
        "file:///etc/passwd",
        "ftp://example.com/x",
        "https://",
        "https://[",
        "",
    ],
)
async def test_address_that_is_none_of_the_vendors_is_not_visited(fake: Vendor, address: str) -> None:
    fake.on(DOWNLOAD, {"downloadUrl": address})

    async with calling(fake.keys) as dingtalk:
        with pytest.raises(NotAllowed):
            await dingtalk.download("msg1", "code", kind="file")


async def test_name_that_leads_into_our_network_is_not_visited(fake: Vendor) -> None:
    fake.on(DOWNLOAD, {"downloadUrl": "https://localhost/x"})

    async with calling(fake.keys) as dingtalk:
        with pytest.raises(RetryLater):
            await dingtalk.download("msg1", "code", kind="file")


async def test_redirect_is_not_followed(fake: Vendor) -> None:
    fake.on("GET /files/1", lambda *_: web.Response(status=302, headers={"Location": "/files/2"}))

    async with calling(fake.keys) as dingtalk:
        with pytest.raises(Gone):
            await dingtalk.download("msg1", "code", kind="file")
    assert fake.seen("GET /files/2") == []


@pytest.mark.parametrize(("status", "kind"), [(403, Gone), (404, Gone), (500, RetryLater), (429, RetryLater)])
async def test_refused_file(fake: Vendor, status: int, kind: Any) -> None:
    fake.on("GET /files/1", (status, "no"))

    async with calling(fake.keys) as dingtalk:
        with pytest.raises(kind):
            await dingtalk.download("msg1", "code", kind="file")


async def test_endless_file_is_not_read(fake: Vendor) -> None:
    fake.on("GET /files/1", lambda *_: web.Response(body=b" " * (DOWNLOAD_BYTES + 1)))

    async with calling(fake.keys) as dingtalk:
        with pytest.raises(TooLarge):
            await dingtalk.download("msg1", "code", kind="file")


@pytest.mark.parametrize(("code", "kind"), [("downloadCode", Gone), ("auth", NotAllowed)])
async def test_code_that_opens_nothing(fake: Vendor, code: str, kind: Any) -> None:
    fake.on(DOWNLOAD, (400, {"code": f"invalidParameter.robotCode.{code}"}))

    async with calling(fake.keys) as dingtalk:
        with pytest.raises(kind):
            await dingtalk.download("msg1", "code", kind="file")


async def test_upload_gives_a_media_id(fake: Vendor) -> None:
    meter = Meter()
    async with calling(fake.keys, meter) as dingtalk:
        assert await dingtalk.upload(b"png", name="trend\n.png", kind="image") == "@lADP1"

    (call,) = fake.seen(UPLOAD)
    assert call.query == {"access_token": "token-1"}
    assert b'name="media"; filename="trend .png"' in call.raw.replace(b"%20", b" ")
    assert b'name="type"\r\n\r\nimage' in call.raw
    assert meter.counts == {"api": 1}


@pytest.mark.parametrize(("kind", "size"), [("image", FILE_BYTES), ("file", FILE_BYTES), ("audio", VOICE_BYTES)])
async def test_upload_that_is_too_large_is_not_tried(fake: Vendor, kind: str, size: int) -> None:
    async with calling(fake.keys) as dingtalk:
        with pytest.raises(TooLarge):
            await dingtalk.upload(b"x" * (size + 1), name="a", kind=kind)
        with pytest.raises(Malformed):
            await dingtalk.upload(b"", name="a", kind=kind)
    assert fake.seen(UPLOAD) == []


async def test_upload_without_a_media_id_is_tried_again(fake: Vendor) -> None:
    fake.on(UPLOAD, {"errcode": 0})

    async with calling(fake.keys) as dingtalk:
        with pytest.raises(RetryLater):
            await dingtalk.upload(b"x", name="a", kind="file")


class Names(AbstractResolver):
    """Answers with given addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0)
            for each in self.addresses
        ]

    async def close(self) -> None:
        return None


async def test_only_public_addresses_of_a_name_are_used() -> None:
    found = await Outside(Names("10.0.0.1", "203.119.0.1", "::1")).resolve("files.example.com", 443)

    assert [each["host"] for each in found] == ["203.119.0.1"]
    with pytest.raises(OSError, match="no public address"):
        await Outside(Names("127.0.0.1", "192.168.1.1")).resolve("files.example.com", 443)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("203.119.0.1", True),
        ("2400:3200::1", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("fe80::1", False),
        ("::ffff:192.168.0.1", False),
        ("localhost", False),
    ],
)
def test_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@given(st.ip_addresses())
def test_private_addresses_are_never_public(address: Any) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert not is_public(str(address))
