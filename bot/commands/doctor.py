"""`dealdesk doctor`: every check of R-ADM-4 that can be made so far, each with the fix beside it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import click
import orjson

from bot.clock import Clock
from bot.commands import any_store, settings
from bot.housekeeping import HEAD_FILE, read_head
from bot.keys import load_keys
from bot.main import build_platforms
from bot.platforms.base import PlatformError
from bot.platforms.registry import KINDS
from bot.quota import Quota
from bot.writer import Writer
from config.settings import Settings
from handlers.router import ORDER
from sales.calendar import day_of
from sales.policy import Policy
from sales.quota import step_of
from storage import audit, inbox, leads, outbox, quota, schema
from storage.config import Policies
from storage.engine import Store
from storage.secrets import Secrets
from storage.tables import SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `fix` says what to do when it is not ok."""

    name: str
    ok: bool
    found: str
    fix: str = ""


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="one JSON document")
@click.option("--retry", metavar="ID", default="", help="bring a dead event back to its place")
def command(as_json: bool, retry: str) -> None:
    """Check everything; exit 1 when something is not ok."""
    chosen = settings()
    with contextlib.closing(any_store()) as store:
        if retry:
            _retry(store, retry)
            return
        checks = [*_stored(chosen, store), *_platforms(chosen)]
    if as_json:
        click.echo(orjson.dumps({"ok": all(c.ok for c in checks), "checks": [asdict(c) for c in checks]}))
    else:
        for check in checks:
            click.echo(
                f"{'✓' if check.ok else '✗'} {check.name}：{check.found}" + (f"\n    {check.fix}" if check.fix else "")
            )
        click.echo("应答顺序：" + " → ".join(ORDER))
    raise SystemExit(0 if all(c.ok for c in checks) else 1)


def _stored(chosen: Settings, store: Store) -> Iterator[Check]:
    try:
        found = schema.version(store)
    except Exception as error:
        yield Check(
            "数据库", False, f"打不开（{type(error).__name__}）", "看 DEALDESK_DATABASE_URL 对不对、数据库开没开。"
        )
        return
    if found != SCHEMA_VERSION:
        yield Check("数据库", False, f"第 {found} 版，要第 {SCHEMA_VERSION} 版", "运行 dealdesk migrate。")
        return
    yield Check("数据库", True, f"{store.dialect}，第 {found} 版")
    with store.snapshot() as conn:
        waiting, dead_in, dead_out = inbox.count_waiting(conn), inbox.dead(conn), outbox.dead(conn)
        faults = audit.verify(
            conn, store, load_keys(chosen.key_path).sign_audit, kept=read_head(chosen.data_dir / HEAD_FILE)
        )
    yield _phones(chosen, store)
    yield from _quotas(chosen, store)
    yield Check("队列", True, f"{waiting} 件在等")
    yield Check(
        "没办成的事", not dead_in, f"{len(dead_in)} 件" + "".join(f"\n    {i} {k} {e}" for i, k, e in dead_in),
        f"查明原因后运行 dealdesk doctor --retry {dead_in[0][0]}，会排回原位。" if dead_in else "",
    )  # fmt: skip
    yield Check(
        "没发出的消息", not dead_out, f"{len(dead_out)} 条" + "".join(f"\n    {i} {k} {e}" for i, k, e in dead_out),
        "按原因处理：没权限的去平台后台开通，人不在了的换接收人。" if dead_out else "",
    )  # fmt: skip
    yield Check(
        "审计",
        not faults,
        "；".join(faults) or "完整",
        "先备份，再运行 dealdesk audit verify 看详情。" if faults else "",
    )


def _quotas(chosen: Settings, store: Store) -> Iterator[Check]:
    """Calls of this month against what a platform's edition gives. R-QUOTA."""
    with store.snapshot() as conn:
        policy = Policies(Policy(zone=chosen.timezone))(conn)
        used = quota.used(conn, day_of(Clock().business(), policy).isoformat()[:7])
    for name in chosen.platforms:
        allowed = KINDS[name].monthly
        if not allowed:
            continue
        found = "，".join(f"{what} {used.get(name, {}).get(what, 0)}/{most}" for what, most in allowed.items())
        short = step_of(used.get(name, {}), allowed)
        fix = "过 80% 了：没人要点的卡片先不重画。要加额度去平台后台买。" if short else ""
        yield Check(f"{name} 本月额度", not short, found, fix)


async def _no_hooks(hook: str) -> str:
    """Group webhooks are not asked: each question would be a message."""
    return ""


def _phones(chosen: Settings, store: Store) -> Check:
    """Can the numbers of leads, members and customers still be read? R-PRIV."""
    secrets = Secrets(load_keys(chosen.key_path).derived("secrets"))
    with store.snapshot() as conn:
        kept, lost = leads.count_phones(conn, secrets)
    return Check(
        "号码", not lost, f"{lost} 个打不开，共 {kept} 个" if lost else f"{kept} 个，都打得开",
        "密钥文件换过：把原来那份放回 DEALDESK_KEY_FILE。找不回来，就再导入一次线索、成员、客户。" if lost else "",
    )  # fmt: skip


def _platforms(chosen: Settings) -> Iterator[Check]:
    platforms = build_platforms(chosen, Clock(), load_keys(chosen.key_path), Quota({}), _no_hooks)
    if not platforms:
        yield Check(
            "平台", False, "一个都没配", "先填一个平台的密钥（如 DEALDESK_FEISHU__APP_ID），步骤在 docs/platforms/。"
        )
    for name, platform in platforms.items():

        async def ask(platform: object = platform) -> None:
            await platform.start()  # type: ignore[attr-defined]
            try:
                await platform.directory.groups()  # type: ignore[attr-defined]
            finally:
                await platform.stop()  # type: ignore[attr-defined]

        yield _reach(name, ask)


def _reach(name: str, ask: Callable[[], object]) -> Check:
    try:
        asyncio.run(ask())  # type: ignore[arg-type]
    except PlatformError as error:
        return Check(
            f"平台 {name}", False, f"{type(error).__name__} {error.code}", "核对应用的 ID、Secret 和权限范围。"
        )
    except Exception as error:
        return Check(f"平台 {name}", False, type(error).__name__, "看这台机器能不能访问平台的接口地址。")
    return Check(f"平台 {name}", True, "凭证可用")


def _retry(store: Store, event_id: str) -> None:
    async def revive() -> bool:
        writer = Writer(store, Clock())
        writer.start()
        try:
            return await writer.run(lambda conn: inbox.revive(conn, store, event_id))
        finally:
            await asyncio.to_thread(writer.stop)

    if not asyncio.run(revive()):
        click.echo("没有这件事，编号照 doctor 列出的写。")
        raise SystemExit(1)
    click.echo("排回原位了，服务在跑就会接着办。")
