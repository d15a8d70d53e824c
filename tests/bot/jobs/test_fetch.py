"""A file is fetched, kept and looked at in a process with limits; what goes wrong is a finding. R-EVD-1, R-EVD-2."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any, cast

import pytest

from bot.jobs import JobRunner, check
from bot.platforms.base import Download, Gone, Malformed, Platform, RetryLater, TooLarge
from storage.files import keep, path_of
from tests.support.files import photo

ARGS = {"message": "om_1", "key": "img_1", "kind": "image"}


class Vendor:
    """A platform that gives these bytes, or refuses."""

    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, str]] = []

    async def download(self, message_id: str, key: str, *, kind: str) -> Download:
        self.asked.append((message_id, key, kind))
        if isinstance(self.answer, Exception):
            raise self.answer
        return Download(self.answer, "IMG_1.jpg")


async def fetched(folder: Path, answer: bytes | Exception) -> dict[str, Any]:
    vendor = Vendor(answer)
    runner = JobRunner({"feishu": cast(Platform, vendor)}, folder)
    result = await runner.run("fetch", "feishu", ARGS)
    assert vendor.asked == [("om_1", "img_1", "image")]
    return dict(result)


async def test_file_is_kept_and_looked_at_r_evd_1(tmp_path: Path) -> None:
    sha = hashlib.sha256(photo()).hexdigest()

    assert await fetched(tmp_path, photo()) == {
        "sha": sha, "name": "IMG_1.jpg", "kind": "jpeg", "size": len(photo()),
        "findings": ["type:ok:jpeg", "readable:ok"],
    }  # fmt: skip
    assert path_of(tmp_path, sha).read_bytes() == photo()


@pytest.mark.parametrize(
    ("error", "finding"),
    [(TooLarge("30 MB"), "fetch:too_large"), (Gone("recalled"), "fetch:failed"), (Malformed("?"), "fetch:failed")],
)
async def test_what_the_platform_does_not_give_is_a_finding_r_evd_4(
    tmp_path: Path, error: Exception, finding: str
) -> None:
    assert await fetched(tmp_path, error) == {"findings": [finding]}


async def test_a_platform_that_is_busy_is_asked_again(tmp_path: Path) -> None:
    with pytest.raises(RetryLater):
        await fetched(tmp_path, RetryLater("busy", after=1))


async def test_looking_that_takes_too_long_is_ended_r_evd_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "SECONDS", 0.01)

    report = await check.look(path_of(tmp_path, keep(tmp_path, photo())), places=asyncio.Semaphore(1))

    assert report == {"kind": "", "size": len(photo()), "findings": ["readable:gave_up"]}


async def test_process_that_dies_is_a_finding_and_not_a_crash_r_evd_2(tmp_path: Path) -> None:
    folder = tmp_path / "no_file"
    folder.mkdir()

    report = await check.look(folder, places=asyncio.Semaphore(1))

    assert report["findings"] == ["readable:gave_up"]


def test_hostile_files_are_opened_far_from_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALDESK_FEISHU__APP_SECRET", "s")

    assert not [name for name in check._environment() if name.startswith("DEALDESK_")]


async def kept_by_a_page(folder: Path, **args: str) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    vendor = Vendor(b"from the vendor")
    runner = JobRunner({"feishu": cast(Platform, vendor)}, folder)
    return dict(await runner.run("fetch", "feishu", {**ARGS, **args})), vendor.asked


async def test_file_a_page_has_kept_is_looked_at_and_asked_of_no_vendor_r_link_r_evd_1(tmp_path: Path) -> None:
    sha = keep(tmp_path, photo())

    result, asked = await kept_by_a_page(tmp_path, message="page:8:0a", key=f"kept:{sha}")

    assert (result["sha"], result["kind"], result["findings"][0]) == (sha, "jpeg", "type:ok:jpeg")
    assert asked == []


async def test_file_a_page_kept_that_is_gone_is_a_finding_r_evd_1(tmp_path: Path) -> None:
    result, _ = await kept_by_a_page(tmp_path, message="page:8:0a", key=f"kept:{'ab' * 32}")

    assert result == {"findings": ["fetch:failed"]}


async def test_message_of_a_vendor_never_names_a_file_of_ours_r_evd_1(tmp_path: Path) -> None:
    key = f"kept:{keep(tmp_path, photo())}"

    result, asked = await kept_by_a_page(tmp_path, key=key)

    assert asked == [("om_1", key, "image")]
    assert result["kind"] != "jpeg"
