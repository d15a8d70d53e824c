"""Pictures for cards: made in a process of their own, uploaded once per platform, never a reason not to send."""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import orjson
import structlog

from bot.clock import Clock
from bot.platforms.base import Platform, PlatformError, RetryLater
from bot.writer import Writer
from cards import pictures
from cards.blocks import Card, Picture
from storage import media
from storage.engine import Store

DAY_US = 86_400 * 1_000_000
KEPT_SHARE = 0.9
"""An upload is made anew a little before the platform forgets it."""
SECONDS = 20
"""Longer than this no picture takes; the card then goes without it."""

log = structlog.get_logger()


class Pictures:
    """Puts the platform's keys into the pictures of a card."""

    def __init__(self, store: Store, writer: Writer, clock: Clock, files: Path) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._files = files
        self._process: ProcessPoolExecutor | None = None
        self._under_way: dict[str, asyncio.Lock] = {}

    async def place(self, card: Card, platform: Platform) -> Card:
        """The card with its pictures uploaded. Raises RetryLater while the platform takes none; a picture that
        cannot be made or is refused leaves its words."""
        if not any(isinstance(block, Picture) for block in card):
            return card
        placed = [await self._placed(block, platform) if isinstance(block, Picture) else block for block in card]
        return tuple(placed)

    def stop(self) -> None:
        """End the process that draws."""
        if process := self._process:
            self._process = None
            for worker in list((process._processes or {}).values()):
                worker.kill()
            process.shutdown(wait=False, cancel_futures=True)

    async def _placed(self, picture: Picture, platform: Platform) -> Picture:
        name = f"{platform.name}:{_digest(picture)}"
        lock = self._under_way.setdefault(name, asyncio.Lock())
        try:
            async with lock:  # many cards with one picture: it is made and uploaded once
                return await self._known_or_made(picture, platform, name)
        finally:
            if not lock.locked():
                self._under_way.pop(name, None)

    async def _known_or_made(self, picture: Picture, platform: Platform, name: str) -> Picture:
        days = platform.capabilities("", direct=True).upload_days
        since = self._clock.business_us() - int(days * KEPT_SHARE * DAY_US) if days else 0
        key = await asyncio.to_thread(self._known, name, since)
        if key:
            return replace(picture, media=key)
        content = await self._made(picture)
        if not content:
            return picture
        try:
            key = await platform.upload(content, name=f"{picture.kind}.png", kind="image")
        except RetryLater as error:  # whether the upload arrived is no question: no message was sent
            raise RetryLater(str(error), after=error.after, code=error.code, whole_app=error.whole_app) from error
        except PlatformError as error:
            log.warning("picture_refused", kind=picture.kind, reason=type(error).__name__, code=error.code)
            return picture
        at = self._clock.business_us()
        await self._writer.run(lambda conn: media.keep(conn, name, media_key=key, at=at))
        return replace(picture, media=key)

    def _known(self, name: str, since: int) -> str:
        with self._store.snapshot() as conn:
            return media.known(conn, name, since=since)

    async def _made(self, picture: Picture) -> bytes:
        if self._process is None:
            spawning = multiprocessing.get_context("spawn")
            self._process = ProcessPoolExecutor(1, mp_context=spawning, initializer=_end_with_parent)
        data: Mapping[str, Any] = dict(picture.data)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(SECONDS):
                return await loop.run_in_executor(self._process, pictures.make, picture.kind, data, self._files)
        except (TimeoutError, BrokenProcessPool) as error:
            log.error("picture_process_ended", kind=picture.kind, reason=type(error).__name__)
            self.stop()
        except Exception as error:
            log.error("picture_not_made", kind=picture.kind, error=repr(error))
        return b""


def _end_with_parent() -> None:
    """The process that draws does not outlive a bot that was killed."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _digest(picture: Picture) -> str:
    data = orjson.dumps({"kind": picture.kind, **picture.data}, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(data).hexdigest()
