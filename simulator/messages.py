"""A message as the chat keeps it, and as the chat page and the tests see it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulator.clock import SHANGHAI

_AT = re.compile(r'<at user_id="([^"]*)">([^<]*)</at>')


@dataclass(slots=True)
class Blob:
    """Bytes of one uploaded image or file."""

    key: str
    kind: str
    name: str
    mime: str
    data: bytes
    owner: str


@dataclass(slots=True)
class Message:
    """One message of a chat with everything that happened to it."""

    message_id: str
    chat_id: str
    seq: int
    sender_kind: str
    sender_id: str
    sender_name: str
    msg_type: str
    content: str
    created_ms: int
    updated_ms: int
    text: str = ""
    card: dict[str, Any] | None = None
    blob: Blob | None = None
    root_id: str | None = None
    parent_id: str | None = None
    mentions: list[dict[str, Any]] = field(default_factory=list)
    only_for: str | None = None
    recalled: bool = False
    edited: bool = False
    edits: int = 0
    updates: int = 0
    urgent: list[str] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    pending_clicks: int = 0
    card_for: dict[str, dict[str, Any]] = field(default_factory=dict)

    def card_of(self, person_id: str) -> dict[str, Any] | None:
        """The card as this person sees it."""
        return self.card_for.get(person_id, self.card)

    def view(self) -> dict[str, Any]:
        """The message as JSON of the control API."""
        blob = self.blob
        return {
            "message_id": self.message_id,
            "chat": self.chat_id,
            "seq": self.seq,
            "sender": {"kind": self.sender_kind, "id": self.sender_id, "name": self.sender_name},
            "type": self.msg_type,
            "text": self.text,
            "card": self.card,
            "card_for": self.card_for,
            "file": _file_view(blob) if blob and self.msg_type in ("file", "audio", "media") else None,
            "image_url": blob_url(blob.key) if blob and blob.kind == "image" else None,
            "parent_id": self.parent_id,
            "created_at": iso(self.created_ms),
            "updated_at": iso(self.updated_ms),
            "recalled": self.recalled,
            "edited": self.edited,
            "updates": self.updates,
            "errors": self.errors,
            "urgent": self.urgent,
            "only_for": self.only_for,
        }


def iso(ms: int) -> str:
    """Milliseconds since 1970 as an instant in the company's zone."""
    return datetime.fromtimestamp(ms / 1000, SHANGHAI).isoformat(timespec="milliseconds")


def blob_url(key: str) -> str:
    """Where the chat page loads an upload from."""
    return f"/sim/files/{key}"


def _file_view(blob: Blob) -> dict[str, Any]:
    return {"name": blob.name, "size": len(blob.data), "url": blob_url(blob.key)}


def plain_text(msg_type: str, content: str) -> str:
    """The readable text of a message sent by the bot; empty for cards and files."""
    data = json.loads(content)
    if msg_type == "text":
        return _AT.sub(lambda m: f"@{m.group(2) or m.group(1)}", str(data.get("text", "")))
    if msg_type == "post":
        return post_text(data)
    return ""


def post_text(data: dict[str, Any]) -> str:
    """Title and rows of a rich text message as lines."""
    body = data if "content" in data else next((v for v in data.values() if isinstance(v, dict)), {})
    lines = [str(body["title"])] if body.get("title") else []
    lines.extend("".join(_run_text(run) for run in row) for row in body.get("content", []))
    return "\n".join(lines)


def _run_text(run: dict[str, Any]) -> str:
    if run.get("tag") == "at":
        return f"@{run.get('user_name') or run.get('user_id', '')}"
    if run.get("tag") == "img":
        return "[图片]"
    return str(run.get("text", ""))
