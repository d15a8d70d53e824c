"""`dealdesk serve`: callbacks, worker, outbox and ticker in one process, or split for scale-out."""

from __future__ import annotations

import asyncio
import gc
import signal

import click

from bot.commands import fail, settings, store
from bot.log import configure
from bot.main import Bot, build, running
from bot.server import PortInUse, admin_app, listen, public_app


@click.command("serve")
@click.option("--only", type=click.Choice(["web", "work"]), default=None, help="only receive, or only work")
def command(only: str | None) -> None:
    """Run the assistant."""
    configure()
    chosen = settings()
    if not chosen.platforms:
        fail("没有配置任何平台。先填一个平台的密钥（如 DEALDESK_FEISHU__APP_ID），步骤在 docs/platforms/。")
    store().close()
    bot = build(chosen, only=only or "")
    try:
        _run(serve(bot))
    except PortInUse as error:
        fail(str(error))


async def serve(bot: Bot) -> None:
    """Serve until SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    public = await listen(public_app(bot), bot.settings.listen, "DEALDESK_LISTEN")
    admin = await listen(admin_app(bot), bot.settings.admin_listen, "DEALDESK_ADMIN_LISTEN")
    async with running(bot):
        gc.freeze()  # what was loaded stays; the collector need not walk it again and again
        click.echo(f"dealdesk 在听 {bot.settings.listen}，管理端口 {bot.settings.admin_listen}")
        await stopped.wait()
        await public.cleanup()
    await admin.cleanup()


def _run(main: object) -> None:
    try:
        import uvloop

        uvloop.run(main)  # type: ignore[arg-type]
    except ImportError:
        asyncio.run(main)  # type: ignore[arg-type]
