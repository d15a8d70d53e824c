"""Chromium for tests, and the demo it looks at.

In CI Chromium must be there, on a user's machine its tests are skipped with the reason.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

ROOT = Path(__file__).resolve().parents[2]
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Where Chromium is; skips the test when there is none, fails it in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        reason = "no Chromium on this machine (Debian: apt install chromium fonts-wqy-microhei)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@contextlib.asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        yield browser
        await browser.close()


async def picture(page: Page, name: str, *, of: Locator | None = None) -> None:
    """Keep a screenshot of the page, or of this part, under this name when SCREENSHOTS names a folder.

    It is taken once no toast covers anything.
    """
    if folder := os.environ.get("SCREENSHOTS"):
        await expect(page.locator(".toast")).to_have_count(0)
        path = Path(folder) / f"{name}.png"
        await (of or page).screenshot(path=path)
        with Image.open(path) as taken:
            small = taken.convert("RGB").quantize(256, dither=Image.Dither.NONE)  # a third of the bytes, looks the same
        small.save(path, optimize=True)


@contextlib.asynccontextmanager
async def demo_page() -> AsyncIterator[Page]:
    """The chat page of a running demo, on a screen of 1280 by 800; a script fault fails the test."""
    async with running_demo() as url, open_browser() as browser:
        screen = await browser.new_context(viewport={"width": 1280, "height": 800}, device_scale_factor=2)
        opened = await screen.new_page()
        faults: list[str] = []
        opened.on("pageerror", lambda fault: faults.append(str(fault)))
        await opened.goto(url)
        yield opened
        assert faults == []
        await screen.close()


@contextlib.asynccontextmanager
async def running_demo() -> AsyncIterator[str]:
    """`dealdesk demo` as a process of its own: the URL it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--no-browser", "--port", "0", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )  # fmt: skip
    assert process.stdout
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found, line
        yield found[0]
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 30)


async def type_line(column: Locator, line: str) -> None:
    """Type a line into a column's input and send it; an empty one sends what is offered there."""
    box = column.locator("textarea")
    await box.fill(line)
    await box.press("Enter")
