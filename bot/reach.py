"""Find members who never wrote to the bot: the platforms' directories know their mobile numbers. R-DEL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import structlog

from bot.platforms.base import Platform, PlatformError
from bot.writer import Writer
from sales.people import Member, bind
from storage import audit, entities
from storage.engine import Connection, Store
from storage.secrets import Unreadable

log = structlog.get_logger()


async def bind_by_mobile(
    members: Sequence[Member], platforms: Mapping[str, Platform], writer: Writer, store: Store, *, now_us: int
) -> bool:
    """Bind the first account found for each member; True when at least one is new. A silent platform finds nobody."""
    wanted = _numbers(members, store)
    bound = False
    for name, platform in platforms.items():
        try:
            found = await platform.directory.accounts_of(list(wanted))
        except PlatformError as error:
            log.warning("directory_silent", platform=name, reason=type(error).__name__)
            continue
        for mobile, account in found.items():
            if member := wanted.pop(mobile, None):
                await writer.run(_write(store, member, name, account, now_us))
                bound = True
    return bound


def _numbers(members: Sequence[Member], store: Store) -> dict[str, Member]:
    """The members by their numbers; one that another key file sealed is left out. R-PRIV."""
    found = {}
    for member in members:
        if not member.mobile:
            continue
        try:
            found[store.secrets.open(member.mobile)] = member
        except Unreadable:
            log.warning("mobile_unreadable", member=member.id)
    return found


def _write(store: Store, member: Member, platform: str, account: str, now_us: int) -> Callable[[Connection], None]:
    decision = bind(member=member, platform=platform, account=account, chat="", why="mobile in directory")

    def write(conn: Connection) -> None:
        for entity in decision.relies:
            entities.check(conn, entity, lock=not store.is_sqlite)
        for entity in decision.saves:
            if entities.get(conn, type(entity), entity.id) is None:
                entities.save(conn, entity)
                audit.write(conn, store, decision.audits, at=now_us, who="system", chat="")

    return write
