"""Results of jobs: one function per kind. A result may come late, twice or never; each looks again. style.md 5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from handlers import evidence
from handlers.events import Event, JobDone, Said, SentFile
from handlers.people import bind_by_mobile, tell_stranger
from sales.decision import Reply
from sales.people import Member
from storage.inbox import Inbound
from storage.tx import Tx

Act = Callable[[Tx, Inbound, Event, Member], Reply | None]


def done(tx: Tx, inbound: Inbound, result: JobDone, act: Act) -> Reply | None:
    """Give the result to the function of its kind."""
    if result.kind == "fetch":
        return evidence.fetched(tx, result)
    return {"lookup": _looked_up}[result.kind](tx, inbound, result, act)


def _looked_up(tx: Tx, inbound: Inbound, result: JobDone, act: Act) -> Reply | None:
    """A member by their mobile: bound, and what they said is handled now. Nobody we know: told once a day. R-PPL-4."""
    said: dict[str, Any] = dict(result.args.get("said") or {})
    member = tx.people.by_account(inbound.platform, inbound.account)
    if member is None:
        chat = inbound.chat if said.get("direct", True) else ""
        member = bind_by_mobile(tx, inbound, str(result.result.get("mobile", "")), chat=chat)
    if member is None:
        return tell_stranger(tx, inbound)
    if not said:
        return None
    said["files"] = tuple(SentFile(**file) for file in said.get("files", ()))
    return act(tx, inbound, Said(**said), member)
