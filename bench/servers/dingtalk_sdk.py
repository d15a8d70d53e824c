"""The peer on DingTalk's Stream: the vendor's own client with a handler that takes every message. It stores nothing.

`DINGTALK_OPENAPI_ENDPOINT=GATEWAY python -m bench.servers.dingtalk_sdk PORT`; it listens on PORT once it has begun.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

import uvloop
from dingtalk_stream import (  # type: ignore[import-untyped]  # dingtalk-stream has no types
    AckMessage,
    ChatbotHandler,
    ChatbotMessage,
    Credential,
    DingTalkStreamClient,
)

from bench.wires import DINGTALK


class Takes(ChatbotHandler):  # type: ignore[misc]  # the same
    """Reads the message as the vendor's example does."""

    async def process(self, callback: Any) -> tuple[int, str]:
        """Taken."""
        message = ChatbotMessage.from_dict(callback.data)
        return (AckMessage.STATUS_OK if message.sender_staff_id else AckMessage.STATUS_NOT_FOUND), "OK"


async def run(port: int) -> None:
    """Until a signal."""
    quiet = logging.getLogger("bench")
    quiet.setLevel(logging.CRITICAL)
    client = DingTalkStreamClient(Credential(DINGTALK["app_key"], DINGTALK["app_secret"]), logger=quiet)
    client.register_callback_handler(ChatbotMessage.TOPIC, Takes())
    await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", port)
    await client.start()


def main() -> None:
    """Serve until a signal."""
    uvloop.run(run(int(sys.argv[1])))


if __name__ == "__main__":
    main()
