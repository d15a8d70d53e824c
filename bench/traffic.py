"""Feishu events as the vendor sends them, written into a file that the load generators read."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import struct
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bench.product import APP_ID, ENCRYPT_KEY, PATH, TOKEN

CHATS = 997
PERSON = {"union_id": "on_" + "5" * 32, "user_id": "b1e2n3c4", "open_id": "ou_" + "7" * 32}
BOT = {"union_id": "on_" + "6" * 32, "user_id": "", "open_id": "ou_" + "8" * 32}
LINE = (
    "@_user_1 录单 华东医疗器械有限公司 CT机 128万 预计 12月15日 阶段 方案确认 备注 "
    + "客户确认了预算，在等法务审合同。" * 9
)


def message(n: int, *, line: str = LINE, person: dict[str, str] = PERSON, direct: str = "") -> bytes:
    """The decrypted body of one message event, about 1.5 KB with the default line; every number is another event.

    `direct` is a direct chat; without it the line is said in one of many groups.
    """
    mention = {"key": "@_user_1", "id": BOT, "name": "小单", "tenant_key": "bench0tenant"}
    now = str(time.time_ns() // 1_000_000)
    return orjson.dumps(
        {
            "schema": "2.0",
            "header": {
                "event_id": f"{n:032x}",
                "token": TOKEN,
                "create_time": now,
                "event_type": "im.message.receive_v1",
                "tenant_key": "bench0tenant",
                "app_id": APP_ID,
            },
            "event": {
                "sender": {"sender_id": person, "sender_type": "user", "tenant_key": "bench0tenant"},
                "message": {
                    "message_id": f"om_{n:032x}",
                    "create_time": now,
                    "update_time": now,
                    "chat_id": direct or f"oc_{n % CHATS:032x}",
                    "chat_type": "p2p" if direct else "group",
                    "message_type": "text",
                    "content": orjson.dumps({"text": line}).decode(),
                    "mentions": [] if direct else [mention],
                    "user_agent": "bench",
                },
            },
        }
    )


def click(n: int, *, action: str, person: dict[str, str], chat: str) -> bytes:
    """The decrypted body of one press of a button."""
    now = str(time.time_ns() // 1000)
    return orjson.dumps(
        {
            "schema": "2.0",
            "header": {
                "event_id": f"{n:032x}",
                "token": TOKEN,
                "create_time": now,
                "event_type": "card.action.trigger",
                "tenant_key": "bench0tenant",
                "app_id": APP_ID,
            },
            "event": {
                "operator": {"tenant_key": "bench0tenant", **person},
                "token": f"c-{n:032x}",
                "action": {"value": {"a": action, "s": "", "t": "", "v": {}}, "tag": "button"},
                "host": "im_message",
                "context": {"open_message_id": f"om_{n % CHATS:032x}", "open_chat_id": chat},
            },
        }
    )


def sealed(body: bytes) -> tuple[bytes, dict[str, str]]:
    """The HTTP body and headers: encrypted and signed with the bench's key."""
    padding = 16 - len(body) % 16
    start = os.urandom(16)
    cipher = Cipher(algorithms.AES(hashlib.sha256(ENCRYPT_KEY.encode()).digest()), modes.CBC(start)).encryptor()
    secret = start + cipher.update(body + bytes([padding]) * padding) + cipher.finalize()
    outer = orjson.dumps({"encrypt": base64.b64encode(secret).decode()})
    stamp, nonce = str(int(time.time())), str(random.randrange(10**9))
    proof = hashlib.sha256((stamp + nonce + ENCRYPT_KEY).encode() + outer).hexdigest()
    return outer, {
        "X-Lark-Request-Timestamp": stamp,
        "X-Lark-Request-Nonce": nonce,
        "X-Lark-Signature": proof,
        "Content-Type": "application/json",
    }


def write_requests(file_path: Path, bodies: Iterable[bytes], *, path: str = PATH) -> None:
    """Feishu deliveries of these bodies."""
    write_all(file_path, (posted(path, *sealed(plain)) for plain in bodies))


def posted(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A whole HTTP request."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


def write_all(file_path: Path, requests: Iterable[bytes]) -> None:
    """Whole HTTP requests, each behind its length in four bytes."""
    with file_path.open("wb") as file:
        for request in requests:
            file.write(struct.pack(">I", len(request)) + request)


def read_requests(path: Path, *, start: int, count: int) -> list[bytes]:
    """Some of them."""
    found: list[bytes] = []
    with path.open("rb") as file:
        for n in range(start + count):
            size = file.read(4)
            if not size:
                break
            request = file.read(struct.unpack(">I", size)[0])
            if n >= start:
                found.append(request)
    return found
